import dataclasses
from pathlib import Path

import pytest

from notesearch.core import notes
from notesearch.core.notes import Hit, Query, Strength


def test_every_value_is_immutable():
    values = [v for v in vars(notes).values() if dataclasses.is_dataclass(v)]
    assert len(values) >= 7
    assert all(value.__dataclass_params__.frozen for value in values)


def test_a_value_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Query("a").text = "b"


def test_a_hit_knows_its_file():
    hit = Hit("a/b.md", "/notes", "B", "", 1, 1, 0.5, 0.5, 0.5, Strength.GOOD, "text", 0.0)
    assert hit.file == Path("/notes/a/b.md")


def test_a_query_asks_for_its_words_and_phrases():
    assert Query("cat", words=("cat",), phrases=("hot dog",)).terms == ("cat", "hot dog")
    assert Query("tag:a").terms == ()
