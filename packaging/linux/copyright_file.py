"""Says under which licences all that a package holds may be used: /usr/share/doc/.../copyright.

    python packaging/linux/copyright_file.py BUNDLE

prints it, in the machine-readable form (DEP 5). The parts of a bundle, and the texts of their
licences, are what packaging/licences/collect.py has put into it.
"""

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from changelog import ROOT

from notesearch import identity

LICENCES = Path("_internal", "licences")
TEXTS = LICENCES / "THIRD-PARTY.txt"
INSTALLED = f"/usr/lib/{identity.NAME}"
FORMAT = "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
COMMON = {
    "Apache-2.0": "Apache-2.0", "GPL-2.0": "GPL-2", "GPL-3.0": "GPL-3", "LGPL-2.1": "LGPL-2.1",
    "LGPL-3.0": "LGPL-3", "MPL-2.0": "MPL-2.0", "CC0-1.0": "CC0-1.0",
}  # fmt: skip
"""Licences that every Debian system has, and their files in /usr/share/common-licenses."""
WIDTH = 78


def text(components: list[dict[str, Any]]) -> str:
    """Return the file for these parts."""
    own = (ROOT / "LICENSE").read_text(encoding="utf-8")
    licences = {identity.LICENCE, *(name for one in components for name in _names(one["licence"]))}
    stanzas = (
        _head(),
        f"Files: *\nCopyright: {_holders(own)}\nLicense: {identity.LICENCE}",
        *([_parts(components)] if components else []),
        f"License: {identity.LICENCE}\n{_indented(own)}",
        *(_licence(name) for name in sorted(licences - {identity.LICENCE})),
    )
    return "\n\n".join(stanzas) + "\n"


def components(bundle: Path) -> list[dict[str, Any]]:
    """Return the parts of a bundle, each with name, version and licence. Raises OSError."""
    listed = (bundle / LICENCES / "components.json").read_text(encoding="utf-8")
    return [dict(one) for one in json.loads(listed)]


def _head() -> str:
    comment = (
        f"The program is installed together with what it is made of, each part under a licence of "
        f"its own. All texts, with all notices of copyright, are in {INSTALLED}/{TEXTS}. Qt and "
        "PySide are used under the LGPL, version 3; they are files of their own, which can be "
        "replaced."
    )
    lines = [f"Format: {FORMAT}", f"Upstream-Name: {identity.NAME}"]
    lines += [f"Source: {identity.HOMEPAGE}"] if identity.HOMEPAGE else []
    return "\n".join((*lines, "Comment:", _wrapped(comment)))


def _parts(components: list[dict[str, Any]]) -> str:
    """Return what is said of all parts; what is Python only is inside of the program itself."""
    holders = {one.get("copyright") or f"the authors of {one['name']}": None for one in components}
    licences = {each for one in components for each in _expression(one["licence"]).split(" and ")}
    lines = [f"Files: {INSTALLED.lstrip('/')}/*", "Copyright:", *(f" {one}" for one in holders)]
    lines += [f"License: {', and '.join(sorted(licences))}", "Comment:"]
    for one in components:
        place = one.get("source") or one.get("homepage", "")
        lines.append(f" {one['name']} {one.get('version', '')}: {_expression(one['licence'])}")
        lines += [f"  {place}"] if place else []
    return "\n".join(lines)


def _licence(name: str) -> str:
    """Return where the text of a licence is."""
    common = COMMON.get(re.sub(r"(-only|-or-later|\+)?( with .*)?$", "", name))
    said = f"The complete text is in {INSTALLED}/{TEXTS}."
    if common:
        said += f" On Debian systems it is in /usr/share/common-licenses/{common} as well."
    return f"License: {name}\n{_wrapped(said)}"


def _expression(spdx: str) -> str:
    """Return a licence as DEP 5 writes it, which knows no brackets."""
    return re.sub(r"\b(AND|OR|WITH)\b", lambda found: found[0].lower(), re.sub("[()]", "", spdx))


def _names(spdx: str) -> list[str]:
    """Return the licences in an expression such as `MIT AND (Apache-2.0 OR GPL-3.0-only)`."""
    return re.split(r" (?:and|or) ", _expression(spdx))


def _holders(licence: str) -> str:
    return ", ".join(re.findall(r"^Copyright \(c\) (.*)$", licence, re.MULTILINE))


def _wrapped(said: str) -> str:
    return textwrap.fill(said, WIDTH, initial_indent=" ", subsequent_indent=" ",
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip


def _indented(said: str) -> str:
    return "\n".join(f" {line}" if line.strip() else " ." for line in said.strip().splitlines())


def main(arguments: list[str]) -> int:
    """Print the file."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    print(text(components(Path(arguments[0]))), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
