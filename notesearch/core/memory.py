"""Memory that is free again, given back to the system."""

import ctypes
import linecache
import sys


def give_back() -> None:
    """Give back memory that was freed, and that the C library keeps for the next time.

    After many notes were read that is tens of megabytes. Only glibc can be asked, and has to be.
    """
    # PySide reads the source of each module that is imported, and Python keeps it: 17 MB.
    linecache.clearcache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
