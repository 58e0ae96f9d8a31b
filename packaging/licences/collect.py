"""Writes down what a bundle is made of and under which licences it may be used.

Usage: python packaging/licences/collect.py CONTENT_FOLDER OUT_FOLDER

CONTENT_FOLDER is that of the bundle with the libraries (_internal). Run it with the Python of the
environment that the bundle was built in: its distributions are asked. Writes THIRD-PARTY.txt, every
text, and components.json: name, version, licence (SPDX), homepage, source, copyright, purl, cpe,
its files in the bundle and, of libraries written in Rust, the crates in it. Fails when a licence, a
text or who has the copyright is not known.
"""

import json
import platform
import re
import sqlite3
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TEXTS = HERE / "texts"
SITE = Path(str(metadata.distribution("numpy").locate_file(""))).resolve()
_TEXT_NAME = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
RULE = "=" * 80
FREE = {"Apache-2.0", "Unlicense", "CC0-1.0"}
TOLD = ("name", "version", "licence", "homepage", "source", "copyright", "purl", "cpe", "files",
        "crates")  # fmt: skip

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
    cpe: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    """Name and content of each text."""
    files: tuple[str, ...] = ()
    """Patterns, then the names, of what it has in the bundle."""
    crates: tuple[dict[str, str], ...] = ()


def main(content: Path, out: Path) -> None:
    """Write both files."""
    components = collect(content)
    out.mkdir(exist_ok=True)
    (out / "THIRD-PARTY.txt").write_text(text(components), encoding="utf-8", newline="\n")
    listed = [{name: value for name in TOLD if (value := getattr(one, name))} for one in components]
    told = json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
    (out / "components.json").write_text(told, encoding="utf-8", newline="\n")


def collect(content: Path) -> list[Component]:
    """Return all parts of a bundle, by name. Raises LicenceError."""
    said = tomllib.loads((HERE / "components.toml").read_text(encoding="utf-8"))
    shipped = [metadata.Distribution.at(folder) for folder in content.glob("*.dist-info")]
    if not shipped:
        raise LicenceError(f"no distribution is named in {content}")
    parts = [
        _part(part, content) for part in said["parts"]
        if _files((*part.get("files", ()), *part.get("inside", ())), content)
    ]  # fmt: skip
    names = [one.metadata["Name"] for one in shipped]
    distributions = [_distribution(name, said["distributions"]) for name in names]
    found = _owning([*parts, *distributions], content)
    return sorted(found, key=lambda one: one.name.lower())


def _owning(components: list[Component], content: Path) -> Iterator[Component]:
    """Yield components with the names of their files; each file is of the first that claims it."""
    taken: set[str] = set()
    for one in components:
        own = _files(one.files, content) - taken
        taken |= own
        yield replace(one, files=tuple(sorted(own)))


def _files(patterns: Iterable[str], content: Path) -> set[str]:
    """Return the names of the files that a pattern matches."""
    # On macOS libraries have a folder of their own, and links lead from each to the other.
    folders = [content, *content.parent.glob("Frameworks")]
    found = ((folder, file) for folder in folders for one in patterns for file in folder.glob(one))
    return {file.relative_to(folder).as_posix() for folder, file in found
            if file.is_file() and not file.is_symlink()}  # fmt: skip


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
        files=tuple(_patterns(there)), crates=tuple(_crates(there)),
    )  # fmt: skip
    added = [_text(one, SITE) for one in own.get("texts", ())]
    _check_crates(component, added)
    return _complete(component, (*_own_texts(there), *added))


def _patterns(there: metadata.Distribution) -> Iterator[str]:
    """Yield what its files are called; those above are programs, elsewhere than the libraries."""
    tops = {(file.parts[0], len(file.parts) > 1) for file in there.files or ()}
    for name, is_folder in sorted(tops):
        if name != "..":
            yield f"{name}/**/*" if is_folder else name


def _pages(about: Any) -> dict[str, str]:  # noqa: ANN401  # importlib's own type differs by version
    """Return what the metadata says of web pages, by label."""
    entries = (entry.partition(", ") for entry in about.get_all("Project-URL") or ())
    return {label.lower(): page for label, _, page in entries}


def _own_texts(there: metadata.Distribution) -> Iterator[tuple[str, str]]:
    for file in sorted(there.files or (), key=str):
        inside = any(part.endswith(".dist-info") for part in file.parts)
        if inside and (_TEXT_NAME.match(file.name) or "licenses" in file.parts):
            yield file.name, _content(Path(str(there.locate_file(file))))
    crates = sorted(f"{one['name']} {one['version']}: {one['licence']}" for one in _crates(there))
    if crates:
        yield "libraries in it", "\n".join(crates)


# Libraries in libraries that are written in Rust ----------------------------------------------


def _crates(there: metadata.Distribution) -> Iterator[dict[str, str]]:
    """Yield what a wheel lists of the crates in it, but not of those that only built it."""
    for file in there.files or ():
        if file.match("*.dist-info/sboms/*.json"):
            listed = json.loads(_content(Path(str(there.locate_file(file)))))
            crates = (one for one in listed.get("components", ())
                      if one.get("purl", "").startswith("pkg:cargo/"))  # fmt: skip
            yield from (_crate(one) for one in crates if one.get("scope") != "excluded")


def _crate(one: dict[str, Any]) -> dict[str, str]:
    licences = (entry.get("expression") or entry.get("license", {}).get("id", "")
                for entry in one.get("licenses", ()))  # fmt: skip
    licence = " ".join(" AND ".join(licences).split()) or "?"
    # What follows a question mark names the folder of the machine that built it.
    purl = one["purl"].partition("?")[0]
    sums = {each["alg"]: each["content"] for each in one.get("hashes", ())}
    crate = {"name": one["name"], "version": one["version"], "licence": licence, "purl": purl,
             "sha256": sums.get("SHA-256", "")}  # fmt: skip
    return {key: value for key, value in crate.items() if value}


def _check_crates(component: Component, added: Iterable[tuple[str, str]]) -> None:
    """Raise LicenceError for a crate whose notice must be kept and is in none of these texts."""
    headings = re.findall(r"^---- (.+) ----$", "\n".join(text for _, text in added), re.MULTILINE)
    told = {name for heading in headings for name in heading.split(", ")}
    lacking = sorted({one["name"] for one in component.crates if not _is_free(one["licence"])}
                     - told)  # fmt: skip
    if lacking:
        raise LicenceError(f"a text of {component.name} must have what {lacking} want to be kept")


def _is_free(licence: str) -> bool:
    """Say whether all parts of a licence may be had without a notice, or with Apache's text."""
    parts = re.sub("[()]", "", licence).split(" AND ")
    return all(FREE & {one.partition(" WITH ")[0] for one in part.split(" OR ")} for part in parts)


# Everything else ------------------------------------------------------------------------------


def _part(part: dict[str, Any], content: Path) -> Component:
    version = _version(part, content)
    purl, cpe = part.get("purl", ""), part.get("cpe", "")
    if " " in version:
        # Known only to others: no scanner would find it by that.
        purl, cpe = purl.partition("@")[0], ""
    component = Component(
        part["name"], version, part["licence"], part["homepage"],
        _filled(part["source"], version), part.get("copyright", ""),
        _filled(purl, version), _filled(cpe, version), files=tuple(part.get("files", ())),
    )  # fmt: skip
    return _complete(component, [_text(one, content) for one in part["texts"]])


def _version(part: dict[str, Any], content: Path) -> str:
    """Return a version, from where components.toml says that it is."""
    patterns = (*part.get("files", ()), *part.get("inside", ()))
    files = [file for pattern in patterns for file in sorted(content.glob(pattern))]
    if "version_in" in part:
        for file in filter(Path.is_file, files):
            found = re.search(part["version_in"].encode(), file.read_bytes())
            if found:
                return found[1].decode()
    told = str(part["version"])
    kind, _, place = told.partition(" ")
    if kind == "like":
        return metadata.version(place)
    if kind == "in":
        own = platform.python_version() if place == "CPython" else metadata.version(place)
        return f"as in {place} {own}"
    python = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return files[0].name.partition(".so.")[2] if told == "of the file" else python.get(told, told)


def _text(named: str, bundle: Path) -> tuple[str, str]:
    """Return name and content of a text that components.toml names. Raises LicenceError."""
    kind, _, place = named.rpartition(":")
    if kind == "dist":
        return next(iter(_own_texts(metadata.distribution(place))))
    folders = {"site": SITE, "bundle": bundle, "python": Path(sys.base_prefix)}
    file = folders.get(kind, TEXTS) / place
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
    if not holders:
        raise LicenceError(f"components.toml must say who has the copyright of {component.name}")
    return replace(component, texts=found, copyright=holders)


def _holders(content: str) -> str:
    """Return who the head of a text says has the copyright; nothing where it does not say."""
    head = "\n".join(content.splitlines()[:10])
    found = re.findall(r"^Copyright (?:\(c\)|©)(?:[ ,\u2013-]|\d[\dx]*)+(?:present )?(\w.*?)\.?$",
                       head, re.IGNORECASE | re.MULTILINE)  # fmt: skip
    return ", ".join(dict.fromkeys(found))


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004  # the two folders
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except LicenceError as error:
        sys.exit(f"collect.py: {error}")
