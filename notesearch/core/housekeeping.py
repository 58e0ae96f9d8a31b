"""What is done with a library when all is quiet: it is put in order, measured and looked over."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from notesearch.core import calibration, language
from notesearch.core.embedder import Encoder
from notesearch.core.inspection import Inspection
from notesearch.core.library import Library
from notesearch.core.vectors import VectorIndex

logger = logging.getLogger(__name__)

BUILD_STEPS = 32
"""Embeddings added to the HNSW index in one step: some tens of milliseconds."""
RECALIBRATE_GROWTH = 1.25
"""The floor is measured anew when there are so many times the embeddings of the last time."""
LANGUAGE_NOTES, LANGUAGE_DRIFT = 20, 1.5
"""Notes from which a library's language is looked at, and by how much they grow until the next."""
INSPECT_SECONDS = 86_400.0
"""So often it is looked whether the library is as it was stored."""
MIN_RECALL = 0.95
"""Share of near neighbours that an HNSW index must find."""
SAMPLE, SAMPLE_CHARACTERS = 300, 4_000
"""Notes whose language is looked at, and how much of each."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """How far an inspection of the library is."""

    more: bool
    found: tuple[str, ...] = ()
    """What was damaged and is mended, in words for the user; what is missing is read again."""


class Housekeeping:
    """Keeps one library in order. To be used in one thread; every step is short."""

    def __init__(self, library: Library, index: VectorIndex, encoder: Encoder) -> None:
        self._library = library
        self._index = index
        self._encoder = encoder
        self._recall_checked = self._rebuilt = False
        self._inspection: Inspection | None = None
        up_to = library.meta("exact_up_to")
        if isinstance(up_to, int):
            index.be_exact(up_to)

    def settle(self) -> bool:
        """Drop what is not needed any more, and measure; say whether there is more to do."""
        if self._index.build(BUILD_STEPS):
            return True
        gone = self._library.purge()
        for key in gone:
            self._index.remove(key)
        if gone:
            # Many removals make the index be built anew, which is the next steps' work.
            return True
        if self._library.merge_words() or self._check_recall():
            return True
        self.calibrate(grown=1.0)
        self._recognise_language()
        self._library.set_meta(current_at=time.time())
        return False

    def inspect_some(self, urgent: Callable[[], bool]) -> Inspected:
        """Look whether a piece of the library is as it was stored; mend it at the end.

        Once a day, and after an end that was none, as when the power fails. urgent: asked during
        the long checks; where it says so, they are left off and come again.

        Raises DamagedError where the library has to be made anew.
        """
        if self._inspection is None:
            if not self._is_inspection_due():
                return Inspected(more=False)
            self._inspection = Inspection(self._library, self._encoder.dimension)
        self._inspection.urgent = urgent
        if self._inspection.step():
            return Inspected(more=True)
        inspection, self._inspection = self._inspection, None
        return self._mend(inspection)

    def inspect(self, stopping: Callable[[], bool]) -> Inspected:
        """Look at all of the library at once and mend it; say what was damaged.

        Raises DamagedError where it has to be made anew, InterruptedError when it is to stop.
        """
        self._inspection = None
        inspection = Inspection(self._library, self._encoder.dimension)
        while inspection.step():
            if stopping():
                raise InterruptedError
        return self._mend(inspection)

    def _mend(self, inspection: Inspection) -> Inspected:
        found = inspection.report()
        if found:
            for key in inspection.mend():
                self._index.remove(key)
        self._library.set_meta(inspected_at=time.time())
        return Inspected(more=False, found=tuple(found))

    def _is_inspection_due(self) -> bool:
        last = self._library.meta("inspected_at")
        return not isinstance(last, float) or not 0 <= time.time() - last < INSPECT_SECONDS

    def _check_recall(self) -> bool:
        """Look whether the HNSW index finds what is near; say whether it has to be built anew.

        Before that it is searched more widely. Where neither helps, as with many vectors that are
        almost the same, there is none until the library has grown by a quarter.
        """
        if self._recall_checked or not self._index.approximate:
            return False
        recall = self._index.recall()
        while recall < MIN_RECALL and self._index.widen():
            recall = self._index.recall()
        if recall >= MIN_RECALL:
            self._recall_checked = True
            return False
        logger.warning("The index finds %.0f %% of what is near", 100 * recall)
        if not self._rebuilt:
            self._rebuilt = True
            self._index.rebuild()
            return True
        up_to = len(self._index) * 5 // 4
        self._library.set_meta(exact_up_to=up_to)
        self._index.be_exact(up_to)
        return False

    def calibrate(self, grown: float = RECALIBRATE_GROWTH) -> None:
        """Measure the floor anew if the library has grown so much since the last time."""
        count, last = len(self._index), self._library.meta("floor_count")
        generation = self._library.meta("generation") or 0
        if not count or self._library.meta("floor_generation") == generation:
            return
        if isinstance(last, int) and last <= count < last * grown:
            return
        probes = self._library.meta("probes")
        if isinstance(probes, bytes):
            vectors = np.frombuffer(probes, np.float32).reshape(-1, self._encoder.dimension)
        else:
            vectors = np.stack([self._encoder.embed_query(p) for p in self._encoder.probes])
            self._library.set_meta(probes=vectors.tobytes())
        floor = calibration.floor(self._index.best_of(vectors))
        self._library.set_meta(floor=floor, floor_count=count, floor_generation=generation)

    def _recognise_language(self) -> None:
        """Find out whether most notes are in a language that the model does not know.

        That takes a second, so it is done again only when there are many more notes, or fewer.
        """
        count, last = self._library.count_notes()[0], self._library.meta("language_notes")
        known = last if isinstance(last, int) else 0
        if count < LANGUAGE_NOTES or known / LANGUAGE_DRIFT <= count <= known * LANGUAGE_DRIFT:
            return
        sample = self._library.sample(SAMPLE, SAMPLE_CHARACTERS)
        try:
            found = language.foreign(sample, self._encoder.languages)
        except OSError as error:
            # Only a notice depends on it, and the next time there may be room.
            logger.warning("The language is not recognised: %s", error.strerror)
            return
        self._library.set_meta(language=found.name if found.mostly else "", language_notes=count)
