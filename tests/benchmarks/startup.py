"""How soon after its start the program has painted its window, and shown a first answer.

    python tests/benchmarks/startup.py --command "dist/notesearch/notesearch" \\
        --command "build/venv/bin/notesearch" [--data-dir DIR | --notes N] [--times 10]

Starts each command in turn on its own copy of an indexed library, under a server of X with openbox,
and types a query as soon as the window is painted. Measured is from before the process is made to
the times that the program writes into its log, so that all loading counts; then also how long
`COMMAND search QUERY` takes. Each is done warm, and cold: then the files of the command (the
bundle's folder; or the environment's, Python's and notesearch's) and of the library were dropped
from the page cache before. What other processes have mapped stays, so that a machine at rest gives
the truest numbers. --notes: copies of the sample notes, indexed by the first command.
"""

import argparse
import contextlib
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from xserver import (
    ended,
    environment,
    focused_window,
    wait_until,
    window_manager,
    x_server,
    xdotool,
)

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "sample-notes"
QUERY = "history of the steam engine"
FOUND_OR_NOT = (0, 1)
PAINTED, ANSWERED = "The window was painted", "The first answer was shown"
WHERE = (
    "import sys, notesearch; print(sys.prefix, sys.base_prefix, notesearch.__path__[0], sep='\\n')"
)


class Program:
    """A command with a library of its own, and its files."""

    def __init__(self, command, data, scratch, number):
        self.command = shlex.split(command)
        self.name = command
        self.data = scratch / f"data-{number}"
        shutil.copytree(data, self.data)
        self.log = self.data / "notesearch.log"
        self.folders = belonging(self.command)
        self.files = files_in(self.folders)
        self.took = {}

    def add(self, what, seconds):
        self.took.setdefault(what, []).append(1_000 * seconds)

    def cool(self):
        """Let go of all files that belong to it."""
        drop(self.files)
        drop(files_in([self.data]), written=True)

    def logged(self, what):
        """Return when a line was logged, in the clock's seconds; None: not yet."""
        with contextlib.suppress(OSError):
            for line in self.log.read_text(encoding="utf-8").splitlines():
                if what in line:
                    moment, _, milliseconds = line[:23].partition(",")
                    return datetime.fromisoformat(moment).timestamp() + int(milliseconds) / 1_000
        return None


def belonging(command):
    """Return the folders of a command's files."""
    file = Path(shutil.which(command[0]) or command[0]).resolve()
    if (file.parent / "_internal").is_dir():
        return [file.parent]
    first = file.read_bytes().split(b"\n", 1)[0].decode(errors="replace")
    python = first.removeprefix("#!").strip() if first.startswith("#!") else sys.executable
    said = subprocess.run([python, "-c", WHERE], capture_output=True, text=True, check=True)
    prefix, base, package = map(Path, said.stdout.splitlines())
    # In the source tree the model stands beside the package, installed in it.
    beside = [package.parent / "models", package.parent / "resources"]
    return [prefix, base / "lib", package, *(one for one in beside if one.is_dir())]


def files_in(folders):
    """Return all files in some folders."""
    return [
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    ]


def drop(files, *, written=False):
    """Let go of files in the page cache; written: also of what is still to be written."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            if written:
                os.fdatasync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def open_once(program, display, kind):
    """Start the program, type, and end it."""
    program.log.unlink(missing_ok=True)
    began = time.time()
    process = subprocess.Popen(
        [*program.command, "--data-dir", str(program.data)], env=environment(display),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with ended(process):
        painted = wait_until(lambda: program.logged(PAINTED), "the window")
        wait_until(lambda: focused_window(display) not in {"", "1"}, "the keyboard")
        xdotool(display, "type", "--delay", 1, QUERY)
        answered = wait_until(lambda: program.logged(ANSWERED), "the answer")
    program.add(f"{kind}, to the painted window", painted - began)
    program.add(f"{kind}, to the first answer", answered - began)


def search_once(program, _display, kind):
    """Ask on the command line."""
    began = time.monotonic()
    done = subprocess.run(
        [*program.command, "--data-dir", str(program.data), "search", QUERY],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode not in FOUND_OR_NOT:
        sys.exit(f"{program.name}: {done.returncode}")
    program.add(f"{kind}, `search` on the command line", time.monotonic() - began)


def measure(programs, times):
    """Start all programs in turn, so that whatever else the machine does hits them alike."""
    with x_server() as display, window_manager(display):
        for _ in range(times):
            for program in programs:
                for act in (open_once, search_once):
                    program.cool()
                    act(program, display, "cold")
        # The first warm start is only to warm.
        for number in range(times + 1):
            for program in programs:
                for act in (open_once, search_once):
                    act(program, display, "warm" if number else "")
    for program in programs:
        program.took = {what: took for what, took in program.took.items() if what[0] != ","}


def show(programs):
    """Print medians, the 95th percentile and the most, and what the others are of the first."""
    for what in programs[0].took:
        print(f"\n{what}")
        first = statistics.median(programs[0].took[what])
        for program in programs:
            ordered = sorted(program.took[what])
            p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
            median = statistics.median(ordered)
            print(f"  {program.name:40} median {median:6.0f} ms  p95 {p95:6.0f}  "
                  f"most {ordered[-1]:6.0f}  ({len(ordered)} times, {median / first:.2f} of the "
                  "first)")  # fmt: skip


def made(count, command, scratch):
    """Return an indexed library of copies of the sample notes."""
    notes, data = scratch / "notes", scratch / "data"
    samples = sorted(SAMPLES.rglob("*.md"))
    notes.mkdir()
    for number in range(count):
        sample = samples[number % len(samples)]
        # Each is to be another text.
        text = f"{sample.read_text(encoding='utf-8')}\nCopy {number}.\n"
        (notes / f"{number} {sample.name}").write_text(text, encoding="utf-8")
    subprocess.run([*shlex.split(command), "--data-dir", str(data), "index", str(notes)],
                   check=True)  # fmt: skip
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", action="append", required=True, dest="commands")
    library = parser.add_mutually_exclusive_group()
    library.add_argument("--data-dir", type=Path)
    library.add_argument("--notes", type=int, default=100)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        data = options.data_dir or made(options.notes, options.commands[0], scratch)
        programs = [
            Program(command, data, scratch, number)
            for number, command in enumerate(options.commands)
        ]
        for program in programs:
            drop(program.files, written=True)
            size = sum(file.stat().st_size for file in program.files) / 1e6
            print(f"{program.name}: cold is without {size:,.0f} MB of files in "
                  f"{', '.join(map(str, program.folders))}, and without the library")  # fmt: skip
        measure(programs, options.times)
        show(programs)


if __name__ == "__main__":
    main()
