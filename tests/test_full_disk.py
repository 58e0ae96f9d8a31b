"""On a disk that is full or read-only: the real program, started there, with a library it has read.

Each test has a small disk of its own, which only the commands that it runs can see.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import confined
import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 400
pytestmark = pytest.mark.timeout(SECONDS + 40)
MAKE_ROOM = "the disk is full: make room"
CONFINED = """
cd "$0" || exit
mount -t tmpfs -o size=6m none disk || exit
program() { "$PYTHON" -m notesearch --data-dir "$PWD/disk/data" "$@"; }
try() { name=$1; shift; program "$@" > "$name.out" 2> "$name.err"; echo $? > "$name.code"; }
program index notes || exit
full() { cat /dev/zero > disk/ballast; }
read_only() { mount -o remount,ro disk; }
"""
WINDOW = """
try window open more &
until ls run/notesearch/*.sock; do sleep 0.1; done
try show --show
try open open more
try quit --quit
wait
ls disk/data > left
"""


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def on_disk():
    """Run a script for a shell; return what its commands said, by the names it gives them."""
    with tempfile.TemporaryDirectory(prefix="ns", dir="/tmp") as name:
        folder = Path(name)
        for made in ("disk", "notes", "more"):
            (folder / made).mkdir()
        (folder / "run").mkdir(mode=0o700)
        (folder / "notes" / "a.md").write_text("# A\n\nAn apricot.\n", encoding="utf-8")

        def run(script):
            around = {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "HOME": name,
                      "XDG_RUNTIME_DIR": f"{name}/run", "QT_QPA_PLATFORM": "offscreen"}  # fmt: skip
            done = subprocess.run(
                [*confined.with_mounts(), "sh", "-c", CONFINED + script, name], check=False,
                env=os.environ | around, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=SECONDS,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-4000:]
            return {
                one.stem: Said(int(one.read_text()), *(
                    one.with_suffix(ending).read_text(encoding="utf-8")
                    for ending in (".out", ".err")
                )) for one in folder.glob("*.code")
            } | {"left": (folder / "left").read_text().split()}  # fmt: skip

        yield run


def test_on_a_full_disk_what_was_read_is_searched_and_it_is_said(on_disk):
    said = on_disk(
        "full; try search search apricot --json; try status status; try doctor doctor;"
        'try picture --screenshot "$PWD/disk/x.png"; try index index notes;'
        "rm disk/ballast; try after search apricot; ls disk > left"
    )
    assert json.loads(said["search"].out)["hits"][0]["title"] == "A"
    assert (said["search"].code, said["status"].code, said["doctor"].code) == (0, 0, 3)
    assert MAKE_ROOM in said["search"].err
    assert MAKE_ROOM in said["status"].out
    assert "Library: sound" in said["doctor"].out
    assert "cannot be written: the disk is full, make room" in said["doctor"].out
    assert (said["picture"].code, said["index"].code) == (3, 3)
    for failed in ("picture", "index"):
        assert "the disk is full, make room" in said[failed].err
    assert said["left"] == ["data"]
    assert (said["after"].code, said["after"].err) == (0, "")


@pytest.mark.parametrize(
    ("state", "told"),
    [("full", "the disk is full, make room; no folder is added"),
     ("read_only", "give yourself the right to write in that folder; no folder is added")],
)  # fmt: skip
def test_the_window_opens_there_and_can_be_reached(on_disk, state, told):
    said = on_disk(state + WINDOW)
    assert [said[name].code for name in ("window", "show", "open", "quit")] == [0, 0, 3, 0]
    for name in ("window", "open"):
        assert told in said[name].err
    assert "no notesearch is running" not in said["quit"].err
    for text in ("Traceback", "Logging error", "Errno"):
        assert not any(text in one.err for name, one in said.items() if name != "left")
    assert "settings.new" not in said["left"]
