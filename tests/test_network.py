"""Nothing leaves the machine: the whole program, looked at by the system it runs on.

A hook in Python (test_cli.py) does not see what libraries in C and Qt do; the system does.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from confined import without_network
from hostile_notes import HOST, WORD, references

WHOLE_PROGRAM = Path(__file__).with_name("whole_program.py")
SECONDS = 300

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks by means of Linux"),
    pytest.mark.timeout(2 * SECONDS),
]


@pytest.fixture
def notes(tmp_path):
    """Two notes, of which one refers to what is elsewhere: on the network, and in a folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for ending in ("png", "css", "md"):
        (outside / f"secret.{ending}").write_text("secret", encoding="utf-8")
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "Hostile.md").write_text(references(outside), encoding="utf-8")
    quiet = f"# Quiet\n\nThe {WORD} sleeps. [Hostile](Hostile.md)\n"
    (folder / "Quiet.md").write_text(quiet, encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path):
    """Run a program of Python behind a prefix, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "QT_QPA_PLATFORM": "offscreen",
           "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip

    def run(prefix, *arguments):
        return subprocess.run(
            [*prefix, sys.executable, *map(str, arguments)], env=env, cwd=tmp_path,
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def traced(run, tmp_path):
    """Run a program of Python and return its calls of the system about networks and files."""
    if shutil.which("strace") is None:
        pytest.skip("this machine has no strace (package strace)")
    log = tmp_path / "calls"
    prefix = ["strace", "-f", "-qq", "-s", "4096", "-e", "trace=%network,%file",
              "-e", "signal=none", "-o", str(log)]  # fmt: skip
    probe = run(prefix, "-c", "import socket; socket.socket(socket.AF_INET6); open('x.txt', 'w')")
    calls = log.read_text(encoding="utf-8") if log.exists() else ""
    if not calls:
        pytest.skip(f"this machine does not let strace look: {probe.stderr.strip()}")
    # Else nothing would be found because nothing was seen.
    assert networks(calls) == ["AF_INET6"]
    assert '"x.txt"' in calls

    def traced(*arguments):
        return run(prefix, *arguments), log.read_text(encoding="utf-8", errors="replace")

    return traced


def networks(calls):
    """Return the kinds of sockets and addresses in calls of the system, but those of the machine.

    AF_UNIX are other programs of the same machine, such as the one that draws windows.
    """
    calling = re.compile(r"^\d+ +\w+\(.*?\b([AP]F_\w+)", re.MULTILINE)
    return sorted({kind for kind in calling.findall(calls) if kind not in {"AF_UNIX", "PF_UNIX"}})


def test_without_any_network_everything_works(run, notes):
    done = run(without_network(), WHOLE_PROGRAM, notes, WORD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_no_socket_to_a_network_is_opened_and_no_file_that_a_note_names_elsewhere(traced, notes):
    done, calls = traced(WHOLE_PROGRAM, notes, WORD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
    assert networks(calls) == []
    assert str(notes / "Hostile.md") in calls
    elsewhere = (f"{notes.parent}/outside", HOST, "/etc/resolv.conf", "/etc/hosts")
    assert [line for line in calls.splitlines() if any(one in line for one in elsewhere)] == []
