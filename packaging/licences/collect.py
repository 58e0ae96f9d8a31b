"""Writes down what a bundle is made of and under which licences it may be used.

Usage: python packaging/licences/collect.py CONTENT_FOLDER OUT_FOLDER

CONTENT_FOLDER is that of the bundle with the libraries (_internal). Run it with the Python of the
environment that the bundle was built in: its distributions are asked. Writes THIRD-PARTY.txt, every
text, and components.json: name, version, licence (SPDX), homepage, source, copyright and, of what
comes from PyPI, purl. Fails when a licence or a text is not known.
"""

import json
import platform
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TEXTS = HERE / "texts"
SITE = Path(str(metadata.distribution("numpy").locate_file(""))).resolve()
_TEXT_NAME = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
RULE = "=" * 80

HEAD = """\
notesearch is made of the parts that are listed here. Their licences follow, each with the parts
that it is of.

Qt, PySide and Shiboken are used under the GNU Lesser General Public License, version 3. They are
libraries of their own in this folder's neighbours PySide6 and shiboken6: you may replace each by a
version of yours that has the same interface, and may examine notesearch for that purpose. Their
sources, and those of all other parts, are where the list says.
"""


class LicenceError(Exception):
    """What a part may be used under is not known; says what is missing."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the bundle."""

    name: str
    version: str
    licence: str
    homepage: str
    source: str
    copyright: str
    purl: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    """Name and content of each text."""


def main(content: Path, out: Path) -> None:
    """Write both files."""
    components = collect(content)
    out.mkdir(exist_ok=True)
    (out / "THIRD-PARTY.txt").write_text(text(components), encoding="utf-8", newline="\n")
    listed = [
        {name: value for name in ("name", "version", "licence", "homepage", "source", "copyright",
                                  "purl") if (value := getattr(one, name))}
        for one in components
    ]  # fmt: skip
    told = json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
    (out / "components.json").write_text(told, encoding="utf-8", newline="\n")


def collect(content: Path) -> list[Component]:
    """Return all parts of a bundle, by name. Raises LicenceError."""
    said = tomllib.loads((HERE / "components.toml").read_text(encoding="utf-8"))
    shipped = [
        metadata.Distribution.at(folder).metadata["Name"] for folder in content.glob("*.dist-info")
    ]
    if not shipped:
        raise LicenceError(f"no distribution is named in {content}")
    found = [_distribution(name, said["distributions"]) for name in shipped]
    found += [
        _part(part, content) for part in said["parts"]
        if any(True for pattern in part["files"] for _ in content.glob(pattern))
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.name.lower())


def text(components: list[Component]) -> str:
    """Return the list and every text once, with the parts that it is of."""
    said = (f"{one.name} {one.version}\n    {one.licence}\n    {one.source}" for one in components)
    lines = [HEAD, *said]
    uses: dict[str, list[str]] = {}
    for one in components:
        for name, content in one.texts:
            uses.setdefault(content, []).append(f"{one.name} {one.version}: {name}")
    for content, users in uses.items():
        lines.append("\n".join(("", RULE, *users, RULE, "", content.strip())))
    return "\n".join(lines) + "\n"


# Distributions from PyPI ----------------------------------------------------------------------


def _distribution(name: str, said: dict[str, dict[str, Any]]) -> Component:
    there = metadata.distribution(name)
    key = re.sub(r"[-_.]+", "-", name).lower()
    own, about = said.get(key, {}), there.metadata
    licence = own.get("licence") or about.get("License-Expression") or about.get("License")
    # An expression and not a whole text, which stood in that place for long.
    if not licence or not re.fullmatch(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*", licence):
        raise LicenceError(f"components.toml must say the licence of {key}: {licence}")
    pages = _pages(about)
    labels = ("homepage", "home", "source", "source code", "repository")
    homepage = next(filter(None, map(pages.get, labels)), about.get("Home-page"))
    component = Component(
        about["Name"], there.version, licence, homepage or f"https://pypi.org/project/{key}/",
        _filled(own.get("source", f"https://pypi.org/project/{key}/{there.version}/#files"),
                there.version),
        own.get("copyright", ""), f"pkg:pypi/{key}@{there.version}",
    )  # fmt: skip
    texts = (*_own_texts(there), *(_text(one, SITE) for one in own.get("texts", ())))
    return _complete(component, texts)


def _pages(about: Any) -> dict[str, str]:  # noqa: ANN401  # importlib's own type differs by version
    """Return what the metadata says of web pages, by label."""
    entries = (entry.partition(", ") for entry in about.get_all("Project-URL") or ())
    return {label.lower(): page for label, _, page in entries}


def _own_texts(there: metadata.Distribution) -> Iterator[tuple[str, str]]:
    for file in sorted(there.files or (), key=str):
        inside = any(part.endswith(".dist-info") for part in file.parts)
        if inside and (_TEXT_NAME.match(file.name) or "licenses" in file.parts):
            yield file.name, _content(Path(str(there.locate_file(file))))
    for file in there.files or ():
        if file.match("*.dist-info/sboms/*.cyclonedx.json"):
            yield "libraries in it", _sbom(json.loads(there.locate_file(file).read_text()))


def _sbom(listed: dict[str, Any]) -> str:
    """Return what a library written in Rust lists of the libraries that are part of it."""
    lines = set()
    for one in listed.get("components", ()):
        licences = (entry.get("expression") or entry.get("license", {}).get("id", "?")
                    for entry in one.get("licenses", ()))  # fmt: skip
        lines.add(f"{one['name']} {one.get('version', '')}: {', '.join(licences) or '?'}")
    return "\n".join(sorted(lines))


# Everything else ------------------------------------------------------------------------------


def _part(part: dict[str, Any], content: Path) -> Component:
    version = _version(part, content)
    component = Component(
        part["name"], version, part["licence"], part["homepage"],
        _filled(part["source"], version), part.get("copyright", ""),
    )  # fmt: skip
    return _complete(component, [_text(one, content) for one in part["texts"]])


def _version(part: dict[str, Any], content: Path) -> str:
    """Return a version, from where components.toml says that it is."""
    told = str(part["version"])
    if told == "python":
        return platform.python_version()
    if told.startswith("like "):
        return metadata.version(told.removeprefix("like "))
    if told.startswith("in "):
        within = told.removeprefix("in ")
        return f"as in {within} {metadata.version(within)}"
    if told == "of the file":
        file = next(file for pattern in part["files"] for file in sorted(content.glob(pattern)))
        return file.name.partition(".so.")[2]
    return told


def _text(named: str, bundle: Path) -> tuple[str, str]:
    """Return name and content of a text that components.toml names. Raises LicenceError."""
    kind, _, place = named.rpartition(":")
    if kind == "dist":
        return next(iter(_own_texts(metadata.distribution(place))))
    file = {"site": SITE, "bundle": bundle}.get(kind, TEXTS) / place
    if not file.is_file():
        raise LicenceError(f"the text {file} is missing")
    return file.name, _content(file)


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _filled(address: str, version: str) -> str:
    return address.format(version=version, minor=".".join(version.split(".")[:2]))


def _complete(component: Component, texts: Any) -> Component:  # noqa: ANN401  # any iterable
    """Return a component with its texts and who has the copyright. Raises LicenceError."""
    found = tuple(texts)
    if not found or not all(content.strip() for _, content in found):
        raise LicenceError(f"components.toml must name a text for {component.name}")
    holders = component.copyright or _holders(found[0][1])
    return replace(component, texts=found, copyright=holders)


def _holders(content: str) -> str:
    """Return who the head of a text says has the copyright; nothing where it does not say."""
    head = "\n".join(content.splitlines()[:10])
    found = re.search(r"^Copyright (?:\(c\)|©)[ ,\d\u2013-]+(?:present )?(\w.*?)\.?$", head,
                      re.IGNORECASE | re.MULTILINE)  # fmt: skip
    return found[1] if found else ""


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004  # the two folders
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except LicenceError as error:
        sys.exit(f"collect.py: {error}")
