"""What software centres show of the program: its AppStream metainfo.

    python packaging/linux/metainfo.py [VERSION] > FILE

Software centres take pictures by their address only (the specification allows nothing else), so
that there are some as soon as identity.SCREENSHOTS names the folder on the web where the files of
resources/screenshots lie.
"""

import struct
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from changelog import CHANGELOG, ROOT, Release, releases, source_date

from notesearch import __version__, identity
from notesearch.paths import APP_ID

PICTURES = ROOT / "resources" / "screenshots"
SCREENSHOTS = (
    ("results-light.png", "Found by meaning and by words, with the note beside the list"),
    ("passages-dark.png", "More passages of a note, in dark colours"),
    ("quick-results-light.png", "The quick search, over any other program"),
    ("first-run-light.png", "The first start, which finds the notes of other programs"),
)
DESCRIPTION = (
    (
        "Type what a note is about, in your own words, and it is found even if it says it "
        "otherwise; type words that stand in it, and the notes that have them are found. What is "
        "not close is not shown as if it were."
    ),
    "Works with the folders of Obsidian, Logseq and Zettlr, and with any folder of Markdown files.",
)
FEATURES = (
    "Results as you type, with the passage that matches and the reason why",
    "The quick search: one key, from any program",
    "Phrases, exclusions, tags, folders, dates, front matter and tasks in the query",
    "Opens notes at the match in the editor of your choice",
    "Notes that change on the disk are found as they are a second later",
    "Everything by keyboard; light, dark and high contrast",
)
PRIVATE = (
    "Notes are read, never changed, and nothing about them leaves the machine: no account, no "
    "telemetry, no network. The language model, for English, is part of the program."
)
CATEGORIES = ("Utility", "TextTools")
KEYWORDS = ("notes", "Markdown", "search", "semantic search", "Obsidian", "Logseq", "Zettlr")
COLOURS = (("light", "#e3ecfc"), ("dark", "#2f3d58"))
"""Behind the name in a software centre: as what is selected is in the window."""
MOST_CHANGES = 10
"""So many of a release are shown: it is no place to read for long."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the program is on the web; what is not known is empty."""

    homepage: str = identity.HOMEPAGE
    issues: str = identity.ISSUES
    screenshots: str = identity.SCREENSHOTS


def document(said: list[Release], addresses: Addresses) -> str:
    """Return the metainfo; the first release is the version it is for."""
    root = ET.Element("component", type="desktop-application")
    _text(root, "id", APP_ID)
    _text(root, "name", identity.NAME)
    _text(root, "summary", identity.SUMMARY)
    _text(ET.SubElement(root, "developer", id=APP_ID.rpartition(".")[0]), "name",
          identity.MAINTAINER)  # fmt: skip
    _text(root, "metadata_license", identity.LICENCE)
    _text(root, "project_license", identity.LICENCE)
    _describe(ET.SubElement(root, "description"))
    _text(root, "launchable", f"{APP_ID}.desktop", type="desktop-id")
    _text(root, "icon", APP_ID, type="stock")
    for kind, address in (("homepage", addresses.homepage), ("bugtracker", addresses.issues)):
        if address:
            _text(root, "url", address, type=kind)
    _text(ET.SubElement(root, "provides"), "binary", identity.NAME)
    _list(root, "categories", "category", CATEGORIES)
    _list(root, "keywords", "keyword", KEYWORDS)
    # Without anything in it: nothing here is for adults only, and nothing goes over the network.
    ET.SubElement(root, "content_rating", type="oars-1.1")
    _add_needs(root)
    _add_colours(root)
    if addresses.screenshots:
        _add_screenshots(root, addresses.screenshots)
    _add_releases(root, said)
    ET.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ET.tostring(root, 'unicode')}\n"


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _list(parent: ET.Element, tag: str, item: str, texts: tuple[str, ...]) -> None:
    listed = ET.SubElement(parent, tag)
    for text in texts:
        _text(listed, item, text)


def _describe(description: ET.Element) -> None:
    for paragraph in DESCRIPTION:
        _text(description, "p", paragraph)
    _list(description, "ul", "li", FEATURES)
    _text(description, "p", PRIVATE)


def _add_needs(root: ET.Element) -> None:
    """Say what it takes: a screen of the size of a small window, a keyboard, no network."""
    needed = ET.SubElement(root, "recommends")
    for control in ("keyboard", "pointing"):
        _text(needed, "control", control)
    _text(ET.SubElement(root, "requires"), "display_length", "480", compare="ge")
    _text(ET.SubElement(root, "supports"), "internet", "offline-only")


def _add_colours(root: ET.Element) -> None:
    branding = ET.SubElement(root, "branding")
    for scheme, colour in COLOURS:
        _text(branding, "color", colour, type="primary", scheme_preference=scheme)


def _add_screenshots(root: ET.Element, address: str) -> None:
    """Add pictures, the first as the one to show."""
    shown = ET.SubElement(root, "screenshots")
    for name, caption in SCREENSHOTS:
        screenshot = ET.SubElement(shown, "screenshot", {} if len(shown) else {"type": "default"})
        _text(screenshot, "caption", caption)
        image = f"{address.rstrip('/')}/{name}"
        _text(screenshot, "image", image, type="source", **_size(PICTURES / name))


def _size(picture: Path) -> dict[str, str]:
    """Return the width and height that the head of a PNG says.

    They may be left out: the source archive has no pictures.
    """
    if not picture.is_file():
        return {}
    width, height = struct.unpack(">8x4x4xII", picture.read_bytes()[:24])
    return {"width": str(width), "height": str(height)}


def _add_releases(root: ET.Element, said: list[Release]) -> None:
    listed = ET.SubElement(root, "releases")
    for release in said:
        one = ET.SubElement(
            listed, "release", version=release.version, date=f"{release.date:%Y-%m-%d}"
        )
        if release.changes:
            changes = tuple(change.replace("`", "") for change in release.changes[:MOST_CHANGES])
            _list(ET.SubElement(one, "description"), "ul", "li", changes)


def main(arguments: list[str]) -> None:
    """Print the metainfo."""
    version = arguments[0] if arguments else __version__
    said = releases(CHANGELOG.read_text(encoding="utf-8"), version, source_date())
    print(document(said, Addresses()), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
