"""Words that have to be taken apart to be found, from the text to the marks in it."""

import contextlib
import re
import tempfile
from pathlib import Path

import pytest
from fake_embedder import FakeEmbedder
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.filters import Filters
from notesearch.core.notes import Mode
from notesearch.core.query import parse
from notesearch.core.tokens import (
    BREAK,
    TAIL,
    expression,
    fold,
    is_exact,
    is_searchable,
    parts,
    tail,
    tail_spans,
)

# Notes by name; no word of one is in another unless a test is about that.
TEXTS = {
    "chinese": "我们今天去图书馆学习机器学习的基础知识。",
    "japanese": "新しいラーメンを食べる。プログラミング入門、第三章",
    "korean": "나는 학교에서 친구를 만났다. 데이터베이스를 설계한다",
    "thai": "ฉันชอบกินข้าวผัดที่ร้านอาหาร",
    "mixed": "Python入門 と iPhone15を買う",
    "camel": "Call document.getElementById or parseHTTPResponse, e.g. in iOSApp.",
    "snake": "set max_retry_count, see os.path.join and read-write locks",
    "cpp": "The compiler for C++ is slow.",
    "csharp": "Written in C# last year.",
    "plainc": "Written in C long ago.",
    "fsharp": "Some prefer F# here.",
    "party": "Party tonight 🎉🎂 and then ✈ home → sleep",
    "wide": "ＦＵＬＬ ｗｉｄｔｈ letters ２０２４",
    "accents": "Ångström, naïve, Ελλάδα and Žižek",
    "halfwidth": "ｶﾀｶﾅ text",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory, open_indexed):
    folder = tmp_path_factory.mktemp("tokens")
    for name, text in TEXTS.items():
        (folder / f"{name}.md").write_text(f"# Note about {name}\n\n{text}\n", encoding="utf-8")
    with open_indexed(folder / "library", [folder], FakeEmbedder()) as opened:
        yield opened


@pytest.fixture(scope="module")
def by_words(found):
    """Return for a query, by the name of the note, the parts of its text that are marked."""

    def ask(text, *, typing=False):
        query = parse(text, typing=typing)
        results = found.searcher.search(query, limit=50, mode=Mode.WORDS)
        return {
            Path(hit.path).stem: [hit.passage[start:end] for start, end in hit.matches]
            for hit in (*results.hits, *results.weak)
        }

    return ask


def windows(text):
    """Return all substrings without a break of a text."""
    runs = re.findall(r"\w+", text)
    return {
        run[start:end] for run in runs for start in range(len(run))
        for end in range(start + 1, len(run) + 1)
    }  # fmt: skip


@pytest.mark.parametrize("name", ["chinese", "japanese"])
def test_any_part_of_an_unspaced_text_is_found_and_marked(by_words, name):
    for part in sorted(windows(TEXTS[name])):
        marks = by_words(part).get(name)
        assert marks, part
        assert all(mark == part or set(mark) <= set(part) for mark in marks), part


@pytest.mark.parametrize(
    ("text", "name", "marks"),
    [
        ("机", "chinese", ["机"]),
        ("学习", "chinese", ["学习", "学习"]),
        ("图书馆学习机器", "chinese", ["图书馆学习机器"]),
        ("図書", "chinese", None),
        ("习学", "chinese", None),
        ("今天 知识", "chinese", ["今天", "知识"]),
        ("ラーメン", "japanese", ["ラーメン"]),
        ("ー", "japanese", ["ー"]),
        ("グラミング入", "japanese", ["グラミング入"]),
        ("食べる", "japanese", ["食べる"]),
        ("학교", "korean", ["학교"]),
        ("학교에서", "korean", ["학교에서"]),
        ("친구", "korean", ["친구"]),
        ("베이스", "korean", ["베이스"]),
        ("데이터", "korean", ["데이터"]),
        ("교학", "korean", None),
        ("ข้าวผัด", "thai", ["ข้าวผัด"]),
        ("ข้าว", "thai", ["ข้าว"]),
        ("อาหาร", "thai", ["อาหาร"]),
        ("ข่าว", "thai", None),
        ("Python", "mixed", ["Python"]),
        ("python入門", "mixed", ["Python入門"]),
        ("入門", "mixed", ["入門"]),
        ("入門", "japanese", ["入門"]),
        ("門", "mixed", ["門"]),
        ("iphone15", "mixed", ["iPhone15"]),
        ("getElementById", "camel", ["getElementById"]),
        ("GETELEMENTBYID", "camel", ["getElementById"]),
        ("element", "camel", ["Element"]),
        ("elementById", "camel", ["ElementById"]),
        ("getElement", "camel", ["getElement"]),
        ("http", "camel", ["HTTP"]),
        ("HTTPResponse", "camel", ["HTTPResponse"]),
        ("parse response", "camel", ["parse", "Response"]),
        ("document.getElementById", "camel", ["document.getElementById"]),
        ("byElement", "camel", None),
        ("max_retry_count", "snake", ["max_retry_count"]),
        ("retry", "snake", ["retry"]),
        ("retry_count", "snake", ["retry_count"]),
        ("os.path.join", "snake", ["os.path.join"]),
        ("path.join", "snake", ["path.join"]),
        ("path", "snake", ["path"]),
        ("read-write", "snake", ["read-write"]),
        ("write", "snake", ["write"]),
        ("count_max", "snake", None),
        ("C++", "cpp", ["C++"]),
        ("c++", "cpp", ["C++"]),
        ("C++", "plainc", None),
        ("C++", "csharp", None),
        ("C#", "csharp", ["C#"]),
        ("C#", "cpp", None),
        ("C#", "plainc", None),
        ("F#", "fsharp", ["F#"]),
        ("C", "plainc", ["C"]),
        ("🎉", "party", ["🎉"]),
        ("🎂", "party", ["🎂"]),
        ("🎉🎂", "party", ["🎉🎂"]),
        ("✈", "party", ["✈"]),
        ("→", "party", ["→"]),
        ("👍", "party", None),
        ("full", "wide", ["ＦＵＬＬ"]),
        ("width", "wide", ["ｗｉｄｔｈ"]),
        ("2024", "wide", ["２０２４"]),
        ("ｌｅｔｔｅｒｓ", "wide", ["letters"]),
        ("カタカナ", "halfwidth", ["ｶﾀｶﾅ"]),
        ("angstrom", "accents", ["Ångström"]),
        ("NAÏVE", "accents", ["naïve"]),
        ("naïve", "accents", ["naïve"]),
        ("zizek", "accents", ["Žižek"]),
        ("ΕΛΛΆΔΑ", "accents", ["Ελλάδα"]),
    ],
)
def test_a_word_is_found_and_marked_in_the_text(by_words, text, name, marks):
    assert by_words(text).get(name) == marks


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ('"C++"', ["cpp"]),
        ('"C#"', ["csharp"]),
        ('"in C#"', ["csharp"]),
        ('"for C++ is"', ["cpp"]),
        ('"学习机器"', ["chinese"]),
        ('"入門"', ["japanese", "mixed"]),
        ('"Python入門"', ["mixed"]),
        ('"プログラミング入門、第三章"', ["japanese"]),
        ('"학교에서 친구"', ["korean"]),
        ('"getElementById"', ["camel"]),
        ('"get element by id"', ["camel"]),
        ('"element id"', []),
        ('"🎉"', ["party"]),
        ('"Party tonight 🎉"', ["party"]),
        ('"ＦＵＬＬ ｗｉｄｔｈ letters"', ["wide"]),
        ('"２０２４"', ["wide"]),
        ('"カタカナ"', ["halfwidth"]),
        ('"ｶﾀｶﾅ"', ["halfwidth"]),
        # Neither from the text into its tail, nor from one word of the tail to the next.
        ('"home → sleep 🎉"', []),
        ('"slow C++"', []),
        ('"slow cplusplus"', []),
        ('"year csharp"', []),
        ('"iOSApp get"', []),
        ('"Id parse"', []),
        ('"id HTTP"', []),
    ],
)
def test_phrases_and_exclusions_of_words_that_are_taken_apart(found, phrase, names):
    filters = Filters(found.library)
    paths = dict(found.library.db.execute("SELECT id, path FROM notes"))

    def stems(text):
        return sorted(Path(paths[note]).stem for note in filters.allowed(parse(text)))

    assert stems(phrase) == names
    assert stems(f"-{phrase}") == sorted(set(TEXTS) - set(names))


def test_signs_are_no_words_of_their_neighbours(by_words):
    assert "party" not in by_words("C#")
    assert set(by_words("C")) >= {"plainc"}
    assert set(by_words("🎉🎈")) == set()


@pytest.mark.parametrize("text", ["ele", "getElem", "elementBy", "max_re", "os.pa"])
def test_a_name_is_found_while_it_is_typed(by_words, text):
    assert by_words(text, typing=True).keys() & {"camel", "snake"}


@pytest.mark.parametrize("text", ["日", "ラー", "학", "Python入", "C+", "C#", "🎉", "ข้"])
def test_typing_of_what_is_taken_apart_is_no_error(by_words, text):
    by_words(text, typing=True)
    by_words(f"word {text}", typing=True)


def test_ordinary_text_has_no_tail():
    for text in (
        "",
        "The cat sat.",
        "Ça va? Привет! 2024-05-31",
        "A HTML v2 Mac",
        "“x” – …",
    ):
        assert tail(text) == ""
        assert tail_spans(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getElementById", "get Element By Id"),
        ("parseHTTPResponse2", "parse HTTP Response 2"),
        ("C++ or C#", f"Cplusplus {BREAK} Csharp"),
        ("日本", "日 本"),
        ("Python入門", "Python 入 門"),
        ("ＡＢ１", "AB1"),
        ("C++11 a#b C+++", ""),
    ],
)
def test_a_tail_holds_what_is_taken_apart(text, expected):
    assert tail(text) == (TAIL + expected if expected else "")


texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="aBcD1 _-.+#日本ラーｶﾞ가ข้าว🎉👍🏽❤\ufe0f\u0301Ａｂé\n", max_size=80),
)


@given(texts)
def test_the_places_of_a_tail_agree_with_it(text):
    whole = text + tail(text)
    tokens = [part for word in parts(text) for part in word.parts]
    spans = tail_spans(text)
    assert len(spans) == len(tokens)
    for (offset, start, end), part in zip(spans, tokens, strict=True):
        assert whole[len(text) + offset :].startswith(part.token)
        assert (start, end) == (part.start, part.end)
        assert 0 <= start < end <= len(text)
    assert [part.start for part in tokens] == sorted(part.start for part in tokens)


@given(texts)
def test_whatever_is_taken_apart_can_be_asked_for(found, text):
    if is_searchable(text):
        found.library.db.execute(
            "SELECT count(*) FROM words WHERE words MATCH ?", (expression(text),)
        ).fetchone()
    assert isinstance(is_exact(text), bool)
    assert fold(fold(text)) == fold(text)


words_of_any_kind = st.lists(
    st.sampled_from(
        ["日本語", "本", "ラーメン", "학교에서", "ข้าว", "getElementById", "HTTPServer", "C++", "C#",
         "C", "🎉", "✈", "ＡＢＣ", "snake_case", "café", "plain", "Python入門", "a-b", "v2.8.3"]
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def test_every_word_of_a_note_finds_it_and_is_marked(open_indexed):
    """One library of many notes, each of random words of all kinds; asked for each of them."""
    notes = []

    @given(words_of_any_kind)
    def collect(words):
        notes.append(words)

    collect()
    with tempfile.TemporaryDirectory() as where, contextlib.ExitStack() as stack:
        folder = Path(where)
        for number, words in enumerate(notes):
            text = f"---\nid: {number}\n---\n" + " ".join(words)
            (folder / f"n{number}.md").write_text(text, encoding="utf-8")
        library = folder / "library"
        found = stack.enter_context(open_indexed(library, [folder], FakeEmbedder()))
        for word in sorted({word for words in notes for word in words}):
            query = parse(word)
            results = found.searcher.search(query, limit=len(notes), mode=Mode.WORDS, weak=False)
            hits = {hit.path: hit for hit in results.hits}
            for number, words in enumerate(notes):
                if word in words:
                    marked = hits[f"n{number}.md"]
                    spans = [marked.passage[start:end] for start, end in marked.matches]
                    assert any(word in span for span in spans), (word, marked)


@pytest.mark.parametrize("before", ["", "my iPhone ", "→ "])
@pytest.mark.parametrize("run", ["ab12" * 50_000, "λ" * 100_000, "_" * 100_000, "é" * 100_000])
def test_an_endless_word_takes_no_endless_time(before, run):
    # Quadratic time would be hours.
    tail(before + run)
    list(parts(before + run + "語"))
