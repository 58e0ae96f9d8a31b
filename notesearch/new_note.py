"""Making a note. One that is there is never written."""

import contextlib
import re
import unicodedata
from pathlib import Path

from notesearch.translation import tr

MAX_BYTES = 200
"""Of a file's name. Most disks take 255, encrypted ones fewer, and what syncs them adds to it."""

# Windows takes these for devices, whatever follows the first dot.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?= *(\.|$))", re.IGNORECASE
)
_REFUSED = frozenset('<>:"/\\|?*')
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters, halves of characters, ends of lines."""


class NewNoteError(Exception):
    """A note that could not be made; says why and what to do."""


def create_note(folder: Path, title: str) -> Path:
    """Make a note of that title and return its file; the one that is there, if one is.

    Raises NewNoteError.
    """
    name = safe_name(title)
    file = folder / f"{name}.md"
    heading = " ".join(_only_text(title).split()) or name
    try:
        note = file.open("x", encoding="utf-8", newline="\n")
    except FileExistsError:
        if file.is_file():
            return file
        taken = tr("{path} is there already and is no note. Choose another title.")
        raise NewNoteError(taken.format(path=file)) from None
    except OSError as error:
        raise NewNoteError(_reason(folder, error)) from error
    try:
        with note:
            note.write(f"# {heading}\n\n")
    except OSError as error:
        with contextlib.suppress(OSError):
            file.unlink()
        raise NewNoteError(_reason(folder, error)) from error
    return file


def safe_name(title: str) -> str:
    """Return a file name, without its ending, that every system takes; near to the title."""
    text = "".join(" " if c in _REFUSED else c for c in _only_text(title))
    # What begins with a dot or a tilde is a hidden or a temporary file somewhere.
    name = _DEVICE.sub(r"\1_", " ".join(text.split()).lstrip(". ~"), count=1)
    limit = MAX_BYTES - len(".md")
    # A character that the end goes through is left out.
    name = name.encode()[:limit].decode(errors="ignore").rstrip(". ")
    return name or tr("Untitled")


def _only_text(title: str) -> str:
    return "".join(" " if unicodedata.category(c) in _NO_TEXT else c for c in title)


def _reason(folder: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        text = tr("{folder} is not there. Choose another folder for new notes in the settings.")
        return text.format(folder=folder)
    text = tr(
        "No note could be made in {folder}: {error}. "
        "Choose another folder for new notes in the settings."
    )
    return text.format(folder=folder, error=error.strerror or error)
