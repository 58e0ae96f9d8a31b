"""What the bundle starts: the program, in the surroundings that it would have without a bundle."""

import io
import os
import sys

# What tells the loader where libraries are. They are the bundle's: a browser or an editor that
# notesearch opens would load them too, and those that have Qt of another version would crash.
_SEARCHED = ("LD_LIBRARY_PATH", "LIBPATH")
_QT = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QML2_IMPORT_PATH", "QML_IMPORT_PATH")


class _Nowhere(io.TextIOBase):
    """Takes text and forgets it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def restore(environment: "os._Environ[str] | dict[str, str]") -> None:
    """Undo what the bootloader did to the environment, for the programs that are started."""
    for name in _SEARCHED:
        before = environment.pop(f"{name}_ORIG", None)
        environment.pop(name, None)
        if before:
            environment[name] = before
    # One set for the system's Qt would have plugins of another version loaded into this one.
    for name in (*_QT, *(one for one in environment if one.startswith("_PYI_"))):
        environment.pop(name, None)


def use_utf8(environment: "os._Environ[str] | dict[str, str]") -> None:
    """Where no language was chosen, do what Python does when it is not in a bundle (PEP 538)."""
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    chosen = next(filter(None, map(environment.get, names)), "C")
    if sys.platform == "linux" and chosen in {"C", "POSIX"} and not environment.get("LC_ALL"):
        environment["LC_CTYPE"] = "C.UTF-8"


def speak_utf8(*streams: object) -> None:
    """Print in UTF-8: the code page that Windows has for pipes and files lacks most letters."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def main() -> int:
    """Run the program and return its exit code."""
    restore(os.environ)
    use_utf8(os.environ)
    if sys.platform == "win32":
        speak_utf8(sys.stdout, sys.stderr)
    # A program of Windows that has a window has neither.
    sys.stdout = sys.stdout or _Nowhere()
    sys.stderr = sys.stderr or _Nowhere()
    from notesearch.__main__ import main as run  # noqa: PLC0415  # it may print when imported

    return run()


if __name__ == "__main__":
    sys.exit(main())
