"""Tries out an installed or frozen notesearch, in an empty home; any unexpected output fails.

Usage: python packaging/smoke.py EXECUTABLE [--version V] [--platform offscreen]

Needs nothing but Python's standard library. Prints a line for each check and counts them at the
end; the exit code is 1 if one failed.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SECONDS = 600
NOTES = {
    "Bread.md": "# Bread that would not rise\n\nThe dough stayed flat: the yeast was too old.\n",
    "Bicycle.md": "# Bicycle\n\nThe chain slips on the small sprocket; order a new one.\n",
    # Signs that few code pages have, and none of the West.
    "Tokyo.md": "# 東京\n\n東京 in spring: the trains are on time.\n",
}
PASSED_ON = (
    "PATH", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SYSTEMROOT", "WINDIR", "COMSPEC",
    "PATHEXT", "SYSTEMDRIVE", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    "APPIMAGE_EXTRACT_AND_RUN",
)  # fmt: skip
# What each line of an answer looks like, and one that must be among them.
VERSION = r"notesearch \d+\.\d+\.\d+\S*"
INDEXED = rf"{len(NOTES)} notes, \d+ passages, 0 problems"
FOUND = r" *\d+  (Strong|Good|Weak) .*|             .*"
STATUS = r"(Folders|Notes|Passages|Size|Current|Stale|Problems) {2,}\S.*"
DOCTOR = (
    r"notesearch \d\S*, Python 3\.\S*, \S.*|SQLite \S*, numpy \S*, .*|Data in .*|Model .*"
    r"|Known pairs: .*|\s+-?\d\.\d+ +-?\d\.\d+ .* / .*|Library: sound|All is well\."
)
# No "note ...": where it is tried out, all is known, and nothing is to be remarked.
SELF_TEST = r"ok   \w.*|all \d+ checks passed"
# Beside its own files: fonts and shaders, kept by the libraries below Qt.
CACHES = {"fontconfig", "mesa_shader_cache", "mesa_shader_cache_db", "radv_builtin_shaders"}


class Trial:
    """Runs one program in one empty home, and counts what went well."""

    def __init__(self, executable: Path, home: Path, platform: str) -> None:
        self.executable, self.home = executable, home
        self.passed = self.done = 0
        (home / "run").mkdir(mode=0o700)
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
            "HOME": str(home), "USERPROFILE": str(home), "XDG_RUNTIME_DIR": str(home / "run"),
            "APPDATA": str(home / "AppData" / "Roaming"), "TEMP": str(home / "run"),
            "LOCALAPPDATA": str(home / "AppData" / "Local"), "TMP": str(home / "run"),
            "QT_QPA_PLATFORM": platform, "LANG": "C.UTF-8",
        }  # fmt: skip

    def ask(self, arguments: list[str], form: str, within: str) -> None:
        """Run a command; its lines must have a form, and one must hold a text."""
        self.count(" ".join(arguments), list(self._objections(arguments, form, within)))

    def count(self, name: str, objections: list[str]) -> None:
        """Say how a check went."""
        self.done += 1
        self.passed += not objections
        print("FAILED" if objections else "ok    ", name)
        for objection in objections:
            print("      ", objection)

    def _objections(self, arguments: list[str], form: str, within: str) -> Iterator[str]:
        try:
            done = subprocess.run(
                [self.executable, *arguments], env=self.environment, cwd=self.home,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            yield str(error)
            return
        said, complained = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        if done.returncode:
            yield f"exit code {done.returncode}"
        for line in complained.splitlines():
            yield f"on standard error: {line}"
        for line in said.splitlines():
            if not re.fullmatch(form, line):
                yield f"unexpected: {line}"
        if within not in said:
            yield f"nowhere is said: {within}"

    def strange_files(self) -> list[str]:
        """Return the files in the home that the program is not known to write."""
        return [
            f"left in the home: {file.relative_to(self.home)}"
            for file in sorted(self.home.rglob("*"))
            if file.is_file() and self._is_strange(file.relative_to(self.home))
        ]

    def _is_strange(self, file: Path) -> bool:
        # Windows and macOS keep things of their own for every program.
        if "DeveloperTools" in file.parts or not sys.platform.startswith("linux"):
            return "DeveloperTools" in file.parts
        return file.parts[0] not in {"notes", "run"} and not {"notesearch", *CACHES} & {*file.parts}


def try_out(trial: Trial, version: str | None) -> None:
    """Ask the program for all that it can do without a user."""
    notes = trial.home / "notes"
    notes.mkdir()
    for name, text in NOTES.items():
        (notes / name).write_text(text, encoding="utf-8")
    trial.ask(["--version"], VERSION, f"notesearch {version}" if version else "notesearch")
    trial.ask(["--self-test"], SELF_TEST, "checks passed")
    trial.ask(["index", str(notes)], INDEXED, "notes")
    trial.ask(["search", "flat loaf"], FOUND, "Bread.md")
    trial.ask(["search", "sprocket"], FOUND, "Bicycle.md")
    trial.ask(["search", "東京"], FOUND, "東京")
    trial.ask(["status"], STATUS, f"Notes      {len(NOTES)}")
    trial.ask(["doctor"], DOCTOR, "All is well.")
    trial.count("writes nothing but its own files", trial.strange_files())


def main() -> int:
    """Try out the program that was named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("executable", type=Path)
    parser.add_argument("--version", help="what it must say of itself")
    parser.add_argument("--platform", default="offscreen", help="Qt's platform (offscreen)")
    options = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    with tempfile.TemporaryDirectory(prefix="notesearch-", ignore_cleanup_errors=True) as home:
        trial = Trial(options.executable.absolute(), Path(home).resolve(), options.platform)
        try_out(trial, options.version)
    print(f"{trial.passed} of {trial.done} checks passed")
    return int(trial.passed < trial.done)


if __name__ == "__main__":
    sys.exit(main())
