"""Tests of permissions, where they hold: root reads and writes everything, and CI is root."""

import re
import subprocess
import sys
from pathlib import Path

import confined
import pytest

TESTS = Path(__file__).parent
MARKED = "@confined.needs_permissions"


@pytest.mark.timeout(600)
def test_what_needs_permissions_is_run_where_they_hold():
    prefix = confined.without_privileges()
    files = [file for file in sorted(TESTS.glob("test_*.py")) if file != Path(__file__)]
    named = [
        f"{file}::{name}"
        for file in files
        for name in re.findall(rf"{MARKED}\ndef (test_\w+)", file.read_text(encoding="utf-8"))
    ]
    assert named
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named],
        cwd=TESTS.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=500,
        check=False,
    )  # fmt: skip
    assert f"{len(named)} passed" in done.stdout, done.stdout[-3000:] + done.stderr[-1000:]
