"""README says of keys and queries what the program says of them."""

from pathlib import Path

from notesearch.core.query import SYNTAX, parse
from notesearch.gui.keys import KEYS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_key_is_in_the_readme():
    for key, does in KEYS:
        assert f"| {key} | {does} |" in README


def test_everything_that_can_be_typed_is_in_the_readme():
    for example, finds in SYNTAX:
        written = " or ".join(f"`{one}`" for one in example.split(" or "))
        assert f"| {written} | {finds} |" in README


def test_every_example_is_understood():
    for example, _ in SYNTAX:
        for one in example.split(" or "):
            query = parse(one)
            assert not query.complaints
            assert query.words or query.clauses
