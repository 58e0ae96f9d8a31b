"""Memory that is free again, given back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Give back memory that was freed, and that the C library keeps for the next time.

    After many notes were read that is tens of megabytes. Only glibc can be asked, and has to be.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
