"""Memory that is free goes back to the system."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

FRAGMENTED = """
import os
from notesearch.core import memory

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

blocks = [bytes(2_000) for _ in range(50_000)]
# What is in use at the end keeps the C library from giving back what is free before it.
last = bytes(2_000)
del blocks
before = resident()
memory.give_back()
memory.give_back()
print(before - resident())
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only glibc keeps memory that it has to be asked for",
)
def test_freed_memory_goes_back_to_the_system():
    # A program of its own: what others have freed before would go back too.
    done = subprocess.run(
        [sys.executable, "-c", FRAGMENTED], cwd=Path(__file__).parents[1],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 50
