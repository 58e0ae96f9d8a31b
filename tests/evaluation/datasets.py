"""The data of the evaluations: vaults, unpacked and indexed, and their questions; tables.

DATA, which is not part of the project, is a folder of

    vaults/NAME.tar.xz           a folder NAME of notes
    queries/SET/queries.jsonl    {"_id", "text", "metadata"}; metadata.overlap is the share of the
    queries/SET/qrels.tsv        question's words that are in the note: query-id, path, score
    ir/scifact/                  the same for SciFact, with corpus.jsonl: {"_id", "title", "text"}
    sts/*.tsv                    sentence1, sentence2, score
"""

import argparse
import contextlib
import json
import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from notesearch.core import evaluation
from notesearch.core.access import Writer
from notesearch.core.embedder import Encoder
from notesearch.core.evaluation import Judgements, Question
from notesearch.paths import UserPaths

VAULTS: Mapping[str, str] = {
    "feedbackqa-pages": "feedbackqa-pages",
    "til-titles": "til-untitled",
    "tldr-desc-en": "tldr-untitled",
    "eb1911-lead": "eb1911-lead",
    "scifact": "scifact",
}
"""Set of questions -> vault in which the answers are."""
SCIFACT = "scifact"
THREADS = os.cpu_count() or 1
LOW_OVERLAP = 0.34
"""Below, at most a third of a question's words are in the note: it has to be found by meaning."""
PROGRESS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Judged questions; the ones without a relevant note are left out."""

    name: str
    questions: Sequence[Question]
    judgements: Judgements
    low: Sequence[Question]
    """Those whose words are hardly in the note, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Data:
    """The folder of data, and the one where vaults and libraries are made and kept."""

    source: Path
    made: Path

    def load(self, name: str) -> QuestionSet:
        """Read a set of questions. Raises OSError, EvaluationError."""
        folder = self.source / ("ir" if name == SCIFACT else "queries") / name
        judgements = evaluation.read_judgements(folder / "qrels.tsv")
        if name == SCIFACT:
            judgements = {
                question: {f"{key}.md": score for key, score in relevant.items()}
                for question, relevant in judgements.items()
            }
        path = folder / "queries.jsonl"
        questions = [
            question
            for question in evaluation.read_queries(path)
            if any(judgements.get(question.id, {}).values())
        ]
        overlaps = _overlaps(path)
        low = [q for q in questions if overlaps.get(q.id, 1.0) < LOW_OVERLAP]
        return QuestionSet(name, questions, judgements, low)

    def abstracts(self) -> Iterator[tuple[str, str, str]]:
        """Yield the id, title and text of each of SciFact's abstracts."""
        with (self.source / "ir" / SCIFACT / "corpus.jsonl").open(encoding="utf-8") as file:
            for line in file:
                value = json.loads(line)
                yield value["_id"], value["title"], value["text"]

    def vault(self, name: str) -> Path:
        """Return the folder with the notes of a vault, unpacked when it is not there yet."""
        folder = self.made / "vaults" / name
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Moved when complete, so that what was interrupted is not taken for the whole.
            with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                unpacked = Path(temporary) / name
                if name == SCIFACT:
                    self._write_abstracts(unpacked)
                else:
                    with tarfile.open(self.source / "vaults" / f"{name}.tar.xz") as archive:
                        archive.extractall(temporary, filter="data")
                unpacked.rename(folder)
        return folder

    @contextlib.contextmanager
    def indexed(self, vault: str, encoder: Encoder) -> Iterator[Writer]:
        """Open the library of a vault, everything read and embedded; soon done where it was."""
        place = self.made / "libraries" / vault
        notes = self.vault(vault).resolve()
        with Writer(UserPaths(place, place, place), encoder, [notes], threads=THREADS) as writer:
            _bring_up_to_date(writer, vault)
            yield writer

    def _write_abstracts(self, folder: Path) -> None:
        folder.mkdir()
        for key, title, text in self.abstracts():
            (folder / f"{key}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")


def options_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of what every evaluation takes: `data`, `libraries` and `sets`."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--libraries", type=Path, metavar="FOLDER",
                        help="keeps vaults and libraries for the next run")  # fmt: skip
    parser.add_argument("--sets", type=_set_names, metavar="A,B",
                        help=f"only these of {', '.join(VAULTS)}")  # fmt: skip
    return parser


@contextlib.contextmanager
def working_folder(chosen: Path | None) -> Iterator[Path]:
    """Return the folder that was chosen, which is kept, or a temporary one."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen
    else:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)


def say(text: str) -> None:
    """Say how far it is, where it does not mix with the results."""
    print(text, file=sys.stderr, flush=True)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Set a table with aligned columns: text of the first to the left, the others to the right."""
    widths = [max(3, *(len(row[i]) for row in (header, *rows))) for i in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = []
    for row in (header, rule, *rows):
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def share(value: float) -> str:
    """Write a share or a metric from 0 to 1 with three digits, without the leading zero."""
    return f"{value:.3f}".removeprefix("0")


def _set_names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - VAULTS.keys():
        raise argparse.ArgumentTypeError(f"no such set: {', '.join(sorted(unknown))}")
    return names


def _overlaps(path: Path) -> dict[str, float]:
    """Return the overlap of each question, where it is known."""
    found = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        value = json.loads(line) if line.strip() else {}
        overlap = value.get("metadata", {}).get("overlap")
        if overlap is not None:
            found[str(value["_id"])] = float(overlap)
    return found


def _bring_up_to_date(writer: Writer, vault: str) -> None:
    indexer = writer.indexer
    indexer.scan()
    said = time.monotonic()
    while indexer.read_some() or indexer.embed_some() or indexer.settle():
        if time.monotonic() - said > PROGRESS_SECONDS:
            said = time.monotonic()
            progress = indexer.progress()
            say(f"{vault}: {progress.unread:,} notes to read, "
                f"{progress.embedded:,} of {progress.passages:,} passages embedded")  # fmt: skip
