"""How similar unrelated text gets in a library -> the floor below which meaning is no match.

Unrelated is not zero: the best of N unrelated passages grows with N and with how much the notes
cover. Probe queries that have nothing to do with most people's notes show how far.
"""

import numpy as np
import numpy.typing as npt

SPREAD = 1.6
LOWEST, HIGHEST = 0.32, 0.45
STRONG_COSINE = 0.80


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


def strong(floor_: float) -> float:
    """Return the cosine from which a match is called strong."""
    return (floor_ + STRONG_COSINE) / 2
