"""How similar unrelated text gets in a library -> the floor below which meaning is no match.

Unrelated is not zero: the best of N unrelated passages grows with N and with how much the notes
cover. Probe queries that have nothing to do with most people's notes show how far.
"""

import numpy as np
import numpy.typing as npt

SPREAD = 1.6
LOWEST, HIGHEST = 0.32, 0.45
STRONG = 0.65
"""Score from which a match is called strong: two in five to two in three of those are right on
five sets of questions, of the good ones one in fifty; tests/evaluation/README.md."""
SHIFT = {"strict": 0.05, "normal": 0.0, "loose": -0.08}
ENOUGH_WORDS = {"strict": 0.85, "normal": 0.7, "loose": 0.5}


def floor(best: npt.NDArray[np.float32]) -> float:
    """Return the cosine from which a match by meaning is believed.

    best: the best cosine that each probe reaches in the library, [probes].

    The median plus a multiple of the median absolute deviation (scaled to a standard deviation):
    neither is moved by the probes that somebody's notes do happen to be about.
    """
    if not len(best):
        return LOWEST
    median = float(np.median(best))
    deviation = 1.4826 * float(np.median(np.abs(best - median)))
    return round(min(max(median + SPREAD * deviation, LOWEST), HIGHEST), 4)


def shifted(floor_: float, strictness: str) -> float:
    """Return the floor of a library as the user wants it: "strict", "normal" or "loose"."""
    return floor_ + SHIFT[strictness]


def enough_words(strictness: str) -> float:
    """Return the share of a query's word weight from which a note is a match whatever it means."""
    return ENOUGH_WORDS[strictness]
