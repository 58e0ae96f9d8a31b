"""Random queries against the plainest way to answer them.

Whether a note fulfils the conditions is decided here in Python, from what was written into the
files; what it scores is worked out from the vectors of the model and the bare BM25 of FTS5.
"""

import contextlib
import dataclasses
import datetime
import itertools
import math
import os
import random
import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from fake_embedder import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from notesearch.core.fusion import UNKNOWN, Ranking
from notesearch.core.notes import Mode
from notesearch.core.passages import embedded_text
from notesearch.core.query import parse
from notesearch.core.searcher import Searcher

UNSPACED = "日本語"
WORDS = ["apple", "pear", "running", "run", "Café", "snow", "river", "stone", "c3po", "vehicle",
         "automobile", UNSPACED]  # fmt: skip
NOWHERE = ["zebra", "xylophone"]
TAGS = ["fruit", "fruit/Red", "fruits", "Ärger", "work/x/y"]
FOLDERS = ["", "work", "work/Deep", "workshop", "home/Café"]
DAYS = [datetime.datetime(2022, 12, 31), datetime.datetime(2023, 1, 1),
        datetime.datetime(2023, 5, 9), datetime.datetime(2024, 2, 29)]  # fmt: skip
NOTES = 60
# The score alone: no names that come first, nor anything off for words that many notes repeat.
RANKING = Ranking(
    pins=False, **{one.name: 0.0 for one in dataclasses.fields(Ranking) if one.name == "repeated"}
)


@dataclasses.dataclass
class Written:
    """A note as it was written."""

    path: str
    title: str
    alias: str
    tags: list
    status: str
    said: datetime.datetime | None
    """When it was made, if its front matter says so."""
    created: datetime.datetime
    modified: datetime.datetime
    task: bool
    sections: list = dataclasses.field(default_factory=list)
    """Heading and text of each passage."""

    @property
    def text(self):
        front = [f"title: {self.title}", f"tags: [{', '.join(self.tags)}]"]
        front += [f"aliases: [{self.alias}]"] * bool(self.alias)
        front += [f"status: {self.status}"] * bool(self.status)
        front += [f"created: {self.said:%Y-%m-%d}"] if self.said else []
        parts = [f"## {heading}\n\n{text}" for heading, text in self.sections]
        return "\n".join(["---", *front, "---", *parts])

    @property
    def stem(self):
        return Path(self.path).stem

    def holds(self, phrase):
        """Say whether the words of a phrase stand side by side somewhere in the note."""
        wanted = tokens(phrase)
        texts = [
            self.title,
            self.alias,
            self.stem,
            *(text for pair in self.sections for text in pair),
        ]
        if not wanted[0].isascii():
            return any(wanted[0] in plain(text) for text in texts)
        return any(
            said[i : i + len(wanted)] == wanted
            for said in map(tokens, texts) for i in range(len(said))
        )  # fmt: skip


def plain(text):
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def tokens(text):
    return re.findall(r"[^\W_]+", plain(text))


def write(chance, number):
    """Make up a note. Texts begin and end with a name, so that no phrase reaches out of them."""

    def some(least, most):
        return " ".join(chance.choices(WORDS, k=chance.randint(least, most)))

    day = chance.choice(DAYS)
    dated = chance.random() < 0.2
    stem = f"{day:%Y-%m-%d} n{number}" if dated else f"n{number}"
    said = chance.choice(DAYS) if chance.random() < 0.2 else None
    task = chance.random() < 0.2
    note = Written(
        path=(Path(chance.choice(FOLDERS)) / f"{stem}.md").as_posix(),
        title=f"t{number} {some(0, 2)} t{number}",
        alias=f"a{number} {some(1, 2)} a{number}" if chance.random() < 0.3 else "",
        tags=chance.sample(TAGS, chance.randint(0, 2)),
        status=chance.choice(["", "", "open", "half done"]),
        said=said,
        created=said or day,
        modified=chance.choice(DAYS),
        task=task,
    )
    for section in range(chance.randint(1, 8)):
        text = f"p{section} {some(0, 12)} p{section}"
        note.sections.append((f"h{section} {some(0, 1)} h{section}", "- [ ] " * task + text))
    if not said and not dated:
        note.created = note.modified
    return note


@dataclasses.dataclass
class Plain:
    """A library, and everything that is needed to do without its search."""

    db: object
    searcher: Searcher
    notes: dict
    """By their ids."""
    ids: np.ndarray
    owners: np.ndarray
    vectors: np.ndarray
    """NaN where there is none."""
    means: dict
    """Of notes of which all passages are embedded."""
    matches: dict = dataclasses.field(default_factory=dict)
    """What was asked of FTS5 before."""

    def match(self, table, expression):
        if (table, expression) not in self.matches:
            sql = f"SELECT rowid, -rank FROM {table} WHERE {table} MATCH ?"
            self.matches[table, expression] = dict(self.db.execute(sql, (expression,)))
        return self.matches[table, expression]

    def rank(self, asked, terms, allowed, mode):
        """Return note, passage and score of all notes of an answer, best first."""
        weights = RANKING
        rows = np.isin(self.owners, list(allowed))
        ids, owners = self.ids[rows], self.owners[rows]
        vector = FakeEmbedder().embed_query(asked)
        cosines = np.nan_to_num(self.vectors[rows] @ vector, nan=UNKNOWN)
        words, of_notes = np.zeros(len(ids)), {}
        if mode is not Mode.MEANING and len(ids):
            words, of_notes = self.by_words(terms, ids, owners)
        meaning_part = weights.passage_meaning * cosines * (mode is not Mode.WORDS)
        scored = meaning_part + weights.passage_words * words
        most = {Mode.BOTH: 1.0, Mode.MEANING: weights.passage_meaning + weights.note_meaning,
                Mode.WORDS: weights.passage_words + weights.note_words}[mode]  # fmt: skip
        answer = []
        for note in sorted(set(owners.tolist())):
            if mode is Mode.WORDS and note not in of_notes:
                continue
            own = owners == note
            best = scored[own].max()
            score = best + weights.note_words * of_notes.get(note, 0.0)
            if mode is not Mode.WORDS:
                mean = self.means.get(note)
                near = cosines[own].max() if mean is None else float(mean @ vector)
                score += weights.note_meaning * near
            passages = ids[own][scored[own] > best - 1e-6].tolist()
            answer.append((note, passages, score / most))
        return sorted(answer, key=lambda one: (-one[2], one[1]))

    def by_words(self, terms, ids, owners):
        """Return what the words of each passage and of each note are worth, 0 to 1."""
        every = len(self.ids)
        holding = {term: set(self.match("stems", term)) for term in terms}
        weight = {term: math.log(1 + (every - len(keys) + 0.5) / (len(keys) + 0.5))
                  for term, keys in holding.items()}  # fmt: skip
        total = sum(weight.values())
        held = np.array([[weight[t] / total * (key in holding[t]) for t in terms]
                         for key in ids.tolist()])  # fmt: skip
        either = " OR ".join(terms)
        scores = self.match("stems", either)
        words = np.array([scores.get(key, 0.0) for key in ids.tolist()])
        words *= held.sum(axis=1).max() / (words.max() or 1.0)
        allowed = set(owners.tolist())
        of_notes = {key: s for key, s in self.match("note_stems", either).items() if key in allowed}
        together = max(held[owners == note].max(axis=0).sum() for note in allowed)
        best = max(of_notes.values(), default=1.0)
        return words, {note: score / best * together for note, score in of_notes.items()}


def library_of(seed, where, open_indexed):
    """Write notes and index them; every other library has only a part of its vectors."""
    chance = random.Random(seed)
    folder, written = where / "notes", {}
    for number in range(NOTES):
        note = write(chance, number)
        file = folder / note.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(note.text, encoding="utf-8")
        os.utime(file, (note.modified.timestamp(),) * 2)
        written[str(file)] = note
    found = open_indexed(where / "library", [folder], FakeEmbedder())
    return chance, found, written


@pytest.fixture(scope="module")
def libraries(tmp_path_factory, open_indexed):
    with contextlib.ExitStack() as stack:
        made = []
        for seed in range(5):
            where = tmp_path_factory.mktemp("plain")
            chance, context, written = library_of(seed, where, open_indexed)
            found = stack.enter_context(context)
            lost = take_vectors_away(found, chance) if seed % 2 else set()
            made.append(known(found, written, lost))
        yield made


def take_vectors_away(found, chance):
    """Leave a library as it is while its notes are still being embedded."""
    db = found.library.db
    lost = {row for row in db.execute("SELECT id, hash FROM embeddings") if chance.random() < 0.1}
    for key, text_hash in lost:
        found.index.remove(key)
        db.execute("DELETE FROM means WHERE note IN (SELECT note FROM passages WHERE hash = ?)",
                   (text_hash,))  # fmt: skip
        db.execute("DELETE FROM embeddings WHERE id = ?", (key,))
    return {text_hash for _, text_hash in lost}


def known(found, written, lost):
    db, embedder = found.library.db, FakeEmbedder()
    notes = {key: written[path] for key, path in db.execute("SELECT id, path FROM notes")}
    rows = db.execute(
        "SELECT passages.id, note, title, heading, text, passages.hash FROM passages "
        "JOIN notes ON notes.id = note ORDER BY note, passages.id"
    ).fetchall()
    for key, note in notes.items():
        said = [(heading, text) for _, owner, _, heading, text, _ in rows if owner == key]
        assert said == note.sections
    vectors = np.array([
        np.full(64, np.nan) if row[5] in lost else embedder.embed_passage(embedded_text(*row[2:5]))
        for row in rows
    ])  # fmt: skip
    # As they are stored.
    vectors = vectors.astype(np.float16).astype(np.float64)
    owners = np.array([row[1] for row in rows])
    means = {}
    for note in notes:
        mean = vectors[owners == note].mean(axis=0)
        if not np.isnan(mean).any():
            means[note] = (mean / np.linalg.norm(mean)).astype(np.float16).astype(np.float64)
    searcher = Searcher(found.searcher._library, found.index, embedder, RANKING)
    return Plain(db, searcher, notes, np.array([row[0] for row in rows]), owners, vectors, means)


# Queries ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Term:
    """A piece of a query, and what it says of a note."""

    text: str
    fulfilled: object
    word: str = ""
    phrase: str = ""
    """What is asked for by words and meaning besides."""


def word(text):
    return Term(text, lambda note: note.holds(text), word=text)


def phrase(words):
    text = " ".join(words)
    return Term(f'"{text}"', lambda note: note.holds(text), phrase=text)


def tag(name, sign):
    wanted = plain(name)
    return Term(
        sign + name,
        lambda note: any(f"{plain(said)}/".startswith(f"{wanted}/") for said in note.tags),
    )


def path(text):
    return Term(f"path:{text}", lambda note: "/" + plain(text) in plain(f"/notes/{note.path}"))


def title(text):
    def fulfilled(note):
        said = [*tokens(note.title), *tokens(note.alias), *tokens(note.stem)]
        return any(one.startswith(plain(text)) for one in said)

    return Term(f"title:{text}", fulfilled)


def status(text):
    def fulfilled(note):
        return bool(note.status) and (not text or f" {text} " in f" {note.status} ")

    return Term(f"[status:{text}]", fulfilled)


def time(name, text, since, until):
    def fulfilled(note):
        moment = note.created if name == "created" else note.modified
        return since <= moment < until

    return Term(f"{name}:{text}", fulfilled)


EVER, NEVER = datetime.datetime.min, datetime.datetime.max
FILTERS = [
    *(tag(name, sign) for name in (*TAGS, "work/X", "fru") for sign in ("tag:", "#")),
    *map(path, ("work", "work/deep", "notes", "home", "Cafe", "eep", "notes/n1")),
    *map(title, ("t1", "riv", "snow", "a", "a2")),
    *map(status, ("", "open", "done", "half d", "none")),
    Term("has:task", lambda note: note.task),
    Term("file:n1", lambda note: "n1" in note.stem),
    Term("file:2023", lambda note: "2023" in note.stem),
    time("modified", "2023", datetime.datetime(2023, 1, 1), datetime.datetime(2024, 1, 1)),
    time("modified", "2022..2023-01", EVER, datetime.datetime(2023, 2, 1)),
    time("created", "2023-05-09", datetime.datetime(2023, 5, 9), datetime.datetime(2023, 5, 10)),
    time("created", "2024-02", datetime.datetime(2024, 2, 1), datetime.datetime(2024, 3, 1)),
    time("before", "2023", EVER, datetime.datetime(2023, 1, 1)),
    time("after", "2023-05-09", datetime.datetime(2023, 5, 9), NEVER),
]


def negated(term):
    return Term(f"-{term.text}", lambda note: not term.fulfilled(note))


filters = st.sampled_from(FILTERS)
conditions = st.one_of(filters, filters, filters.map(negated))


@st.composite
def queries(draw):
    """Make up groups of terms that are joined by OR; no word comes twice."""
    words = draw(st.permutations([*WORDS, *NOWHERE]))
    wanted = [word(words.pop()) for _ in range(draw(st.integers(0, 3)))]
    if not wanted or draw(st.booleans()):
        length = draw(st.integers(1, 2))
        wanted.append(phrase([one for one in words if one != UNSPACED][:length]))
        words = [one for one in words if one not in wanted[-1].phrase.split()]
    unwanted = [negated(word(words.pop())) for _ in range(draw(st.integers(0, 1)))]
    if draw(st.integers(0, 4)) == 0:
        unwanted.append(negated(phrase([one for one in words if one != UNSPACED][:2])))
    count = draw(st.integers(0 if unwanted else 1, 3))
    terms = [*wanted, *unwanted, *draw(st.lists(conditions, min_size=count, max_size=count))]
    terms = draw(st.permutations(terms))
    groups = [[terms[0]]]
    for term in terms[1:]:
        if draw(st.integers(0, 3)) == 0:
            groups[-1].append(term)
        else:
            groups.append([term])
    return groups


def quoted(words):
    """Ask FTS5 for words side by side, characters of unspaced scripts one by one."""
    return '"' + (words if words != UNSPACED else " ".join(words)) + '"'


def asked_of_fts(groups):
    choices = [group for group in groups if len(group) > 1 and all(term.word for term in group)]
    single = [term for group in groups if group not in choices for term in group]
    return [
        *(quoted(term.word) for term in single if term.word),
        *("(" + " OR ".join(quoted(term.word) for term in group) + ")" for group in choices),
        *(quoted(term.phrase) for term in single if term.phrase),
    ]


def test_an_answer_is_that_of_looking_at_every_note(libraries):
    @settings(max_examples=1_000)
    @given(number=st.integers(0, len(libraries) - 1), groups=queries())
    def compare(number, groups):
        check(libraries[number], groups)

    compare()


def check(library, groups):
    text = " ".join(" OR ".join(term.text for term in group) for group in groups)
    demands = [group for group in groups if not all(term.word for term in group)]
    allowed = {
        key for key, note in library.notes.items()
        if all(any(term.fulfilled(note) for term in group) for group in demands)
    }  # fmt: skip
    # With nothing but words, a condition that all notes fulfil: what is found depends on no limit.
    query = parse(text if demands else f"{text} -nothing")
    searcher = library.searcher
    assert searcher.filters.allowed(query) == allowed
    asked = " ".join(term.word or term.phrase for group in groups for term in group)
    for mode in Mode:
        answer = searcher.rank(query, searcher.words.terms(query), mode, 10)
        expected = library.rank(asked, asked_of_fts(groups), allowed, mode)
        scores = {note: (passages, score) for note, passages, score in expected}
        assert {one.note for one in answer} == set(scores)
        for one in answer:
            passages, score = scores[one.note]
            assert one.score == pytest.approx(score, abs=1e-3)
            assert one.passage in passages
        # In order, up to what rounding does to scores that are equal.
        for better, worse in itertools.pairwise(answer):
            assert scores[better.note][1] > scores[worse.note][1] - 1e-6
            if better.score == worse.score:
                assert better.passage < worse.passage
