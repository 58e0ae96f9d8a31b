"""Why a hit is where it is, where a missing note stands, and which notes are near one."""

from dataclasses import replace
from pathlib import Path

import pytest

from notesearch.core import query
from notesearch.core.explain import Explainer
from notesearch.core.notes import Standing, Strength
from notesearch.core.patterns import Rules
from notesearch.paths import MODEL

NOTES = {
    "bread.md": "# Sourdough bread\n\nKneading makes a loaf rise.\n\nSee [[Oven]].\n",
    "kitchen/oven.md": "# Oven\n\nA hot oven bakes bread; steam makes the crust shine.\n",
    "kitchen/copy of oven.md": "# Oven\n\nA hot oven bakes bread; steam makes the crust shine.\n",
    "tax.md": "---\ntags: [money]\n---\n# Tax return\n\nForms and receipts, due in spring.\n",
    "drafts/plan.md": "# Plan\n\nNothing yet.\n",
    ".hidden/secret.md": "# Secret\n\nIn a folder that is never looked into.\n",
    "table.csv": "a,b\n",
}


@pytest.fixture
def folder(vault):
    return vault(NOTES)


@pytest.fixture
def explainer(folder, indexed, encoder):
    one = indexed(folder)
    return Explainer(one.searcher._library, one.searcher, encoder)


def hits(explainer, text):
    results = explainer._searcher.search(query.parse(text), limit=10)
    return {hit.path: hit for hit in (*results.hits, *results.weak)}


def find_out(explainer, folder, name, text="bread", ignored=()):
    return explainer.find_out(query.parse(text), name, 10, [folder], Rules(ignored))


def test_a_hit_is_explained_by_its_words_and_its_meaning(explainer):
    hit = next(iter(hits(explainer, "crust oven zebra").values()))
    assert hit.title == "Oven"
    why = explainer.explain(query.parse("crust oven zebra"), hit, 10)
    assert why.rank == why.meaning_rank == why.words_rank == 1
    assert {word.text: (word.in_passage, word.in_note) for word in why.words} == {
        "crust": (True, True), "oven": (True, True), "zebra": (False, False),
    }  # fmt: skip
    assert sum(word.share for word in why.words) == pytest.approx(1)
    assert why.passage_cosine == pytest.approx(hit.cosine, abs=1e-3)
    assert not why.pinned


def test_what_the_words_of_a_passage_carry_adds_up_to_its_cosine(explainer):
    text = "loaf"
    hit = hits(explainer, text)["bread.md"]
    why = explainer.explain(query.parse(text), hit, 10)
    total = sum(carrier.share for carrier in why.carriers) + why.context
    assert total == pytest.approx(why.passage_cosine, abs=2e-3)
    best = max(why.carriers, key=lambda carrier: carrier.share)
    assert hit.passage[best.start : best.end] == "loaf"


def test_an_exact_title_says_why_it_is_first(explainer):
    hit = hits(explainer, "tax return")["tax.md"]
    assert "title" in explainer.explain(query.parse("tax return"), hit, 10).pinned


def test_there_is_nothing_to_explain_where_nothing_was_asked(explainer):
    hit = hits(explainer, "bread")["bread.md"]
    assert explainer.explain(query.parse("tag:money"), hit, 10) is None
    never_read = replace(hit, path="none.md")
    assert explainer.explain(query.parse("bread"), never_read, 10) is None


@pytest.mark.parametrize("name", ["bread.md", "Sourdough bread", "sourdough", "SOURDOUGH BREAD"])
def test_a_note_is_known_by_its_path_its_title_or_a_part(explainer, folder, name):
    where = find_out(explainer, folder, name)
    assert where.standing is Standing.SHOWN
    assert where.file == folder / "bread.md"
    assert where.rank in {1, 2}
    assert where.hit.path == "bread.md"


def test_a_weak_match_is_told_what_it_lacks(explainer, folder):
    where = find_out(explainer, folder, "tax.md", "bread loaf")
    assert where.standing is Standing.WEAK
    assert where.hit.strength is Strength.WEAK
    assert "similarity" in where.reason
    assert where.rank > 1


def test_a_note_that_a_filter_leaves_out_is_told_which(explainer, folder):
    where = find_out(explainer, folder, "bread.md", "loaf tag:money -plan")
    assert where.standing is Standing.FILTERED
    assert "tag:money" in where.reason


def test_a_copy_stands_where_the_row_is_that_it_shares(explainer, folder):
    assert find_out(explainer, folder, "kitchen/oven.md", "oven").rank == 1


@pytest.mark.parametrize(
    ("name", "standing", "said"),
    [
        ("secret", Standing.IGNORED, "“.hidden”"),
        ("table.csv", Standing.NO_NOTE, ".md"),
        ("no such note at all", Standing.MISSING, "no such note at all"),
    ],
)
def test_a_file_that_is_no_note_of_the_library_is_told_why(explainer, folder, name, standing, said):
    where = find_out(explainer, folder, name)
    assert (where.standing, said in where.reason) == (standing, True)


def test_a_note_that_a_rule_leaves_out_is_told_which(vault, indexed, encoder):
    folder = vault({"kept.md": "# Kept\n"})
    one = indexed(folder)
    explainer = Explainer(one.searcher._library, one.searcher, encoder)
    vault({"drafts/later.md": "# Later\n", "old-1.md": "# Old\n"})
    ignored = ["drafts/", "old-*"]
    assert "“drafts/”" in find_out(explainer, folder, "later", ignored=ignored).reason
    where = find_out(explainer, folder, "old-1.md", ignored=ignored)
    assert (where.standing, "“old-*”" in where.reason) == (Standing.IGNORED, True)
    assert find_out(explainer, folder, "later").standing is Standing.UNREAD


def test_a_file_elsewhere_and_one_that_could_not_be_read(vault, indexed, encoder, tmp_path):
    folder = vault({"a.md": "# A\n", "bad.md": b"\x89PNG\0\0\0\x0d" + bytes(300)})
    one = indexed(folder)
    explainer = Explainer(one.searcher._library, one.searcher, encoder)
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_text("# Elsewhere\n")
    assert find_out(explainer, folder, str(elsewhere)).standing is Standing.OUTSIDE
    where = find_out(explainer, folder, "bad.md")
    assert where.standing is Standing.FAILED


def test_others_of_the_same_name_are_named(vault, indexed, encoder):
    folder = vault({f"{year}/index.md": f"# Year {year}\n" for year in range(2020, 2024)})
    one = indexed(folder)
    explainer = Explainer(one.searcher._library, one.searcher, encoder)
    where = find_out(explainer, folder, "index", "year")
    assert len({where.file, *where.others}) == 4


def test_related_notes_are_near_once_each_and_say_if_they_are_linked(explainer, folder):
    related = explainer.related(folder / "bread.md")
    assert [one.path for one in related.neighbours] == ["kitchen/copy of oven.md"]
    oven = related.neighbours[0]
    assert oven.linked
    assert [Path(copy).name for copy in oven.copies] == ["oven.md"]
    assert 0.4 <= oven.cosine <= 1
    assert related.ready
    assert not explainer.related(folder / "tax.md").neighbours


def test_a_note_is_not_related_to_itself_or_its_copy(explainer, folder):
    related = explainer.related(folder / "kitchen/oven.md")
    assert [one.path for one in related.neighbours] == ["bread.md"]
    assert related.neighbours[0].linked


def test_a_note_that_is_not_there_has_no_neighbours(explainer, folder):
    with pytest.raises(FileNotFoundError):
        explainer.related(folder / "none.md")


def test_with_the_shipped_model_the_words_that_mean_the_same_carry_most():
    from notesearch.core.embedder import Embedder  # noqa: PLC0415  # slow to load

    model = Embedder(MODEL, checked=None)
    text = "Kitchen\nThe cat slept. My automobile would not start in the cold this morning."
    asked = model.embed_query("car trouble")
    shares = model.attribute(text, asked)
    cosine = float(model.embed_passage(text) @ asked)
    assert sum(share for _, share in shares) == pytest.approx(cosine, abs=1e-4)
    start = max(shares, key=lambda pair: pair[1])[0]
    assert text[start:].startswith("automobile")


def test_where_a_phrase_is_nowhere_its_weak_matches_are_explained_as_such(explainer, folder):
    text = '"oven bread" loaf'
    hit = hits(explainer, text)["bread.md"]
    assert hit.strength is Strength.WEAK
    why = explainer.explain(query.parse(text), hit, 10)
    assert why.rank == why.meaning_rank == 1
    assert why.share < 0.7
    where = find_out(explainer, folder, "bread.md", text)
    assert where.standing is Standing.WEAK
    assert "“oven bread”" in where.reason.replace('"oven bread"', "“oven bread”")


def test_words_are_named_as_they_were_typed(vault, indexed, encoder):
    folder = vault({"a.md": "A notebook, a note, C++ and getElementById.\n"})
    one = indexed(folder)
    explainer = Explainer(one.searcher._library, one.searcher, encoder)
    text = "notebook note C++ getElementById get 日本語"
    hit = hits(explainer, text)["a.md"]
    why = explainer.explain(query.parse(text), hit, 10)
    assert [word.text for word in why.words] == text.split()


@pytest.mark.parametrize("name", ["~nosuch", "Dr. Smith", "/", "", "\ud800", "x" * 5_000, "a\0b"])
def test_a_name_that_means_no_note_is_said_so(explainer, folder, name):
    assert find_out(explainer, folder, name).standing is Standing.MISSING


def test_a_note_is_known_by_a_path_through_a_link(explainer, folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder)
    where = explainer.find_out(query.parse("bread"), str(link / "bread.md"), 10, [link], Rules())
    assert (where.standing, where.file, where.others) == (
        Standing.SHOWN, folder / "bread.md", (),
    )  # fmt: skip


def test_a_note_beyond_all_that_is_looked_at_still_has_its_words(vault, indexed, encoder):
    folder = vault({f"n{number:03}.md": "apple\n" for number in range(150)} | {
        f"m{number:03}.md": f"apple {number}\n" for number in range(150)})  # fmt: skip
    one = indexed(folder)
    one.index.clear()
    explainer = Explainer(one.searcher._library, one.searcher, encoder)
    where = find_out(explainer, folder, "m149.md", "apple")
    assert where.standing is Standing.SHOWN
    assert where.hit.words > 0
