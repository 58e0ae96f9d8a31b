"""Writes the bill of materials of a bundle, as CycloneDX 1.6 in JSON.

Usage: python packaging/sbom.py BUNDLE FILE [LICENCES]
       python packaging/sbom.py --check BUNDLE

Lists what the bundle says of itself (licences/components.json), with the SHA-256 of each file;
LICENCES is where the texts of all licences are put beside it. The same bundle gives the same file:
its number and time come from the contents, the commit or SOURCE_DATE_EPOCH. --check only says
whether every part has its licence and its text, and every file is of a part. Needs cyclonedx-bom,
one of the build's dependencies.
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import tree
import version
from bundle import commit_time
from contents import Part, files, folder, parts, unclaimed, unknown
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

NAME = "notesearch"


def problems(bundle: Path) -> Iterator[str]:
    """Yield which parts lack something, and which distributions and files are not in the list."""
    texts = (folder(bundle) / "THIRD-PARTY.txt").read_text("utf-8")
    listed = parts(bundle)
    for part in listed:
        for key in ("name", "version", "licence", "source"):
            if not part.get(key):
                yield f"{part.get('name')}: components.json does not say its {key}"
        # Once in the list at the top, and once before each of its texts.
        if texts.count(f"{part.get('name')} {part.get('version')}") < 2:  # noqa: PLR2004
            yield f"{part.get('name')}: THIRD-PARTY.txt has no text of its licence"
    names = {_plain(part.get("name", "")) for part in listed}
    for metadata in tree.content_folder(bundle).glob("*.dist-info"):
        if _plain(metadata.name.split("-")[0]) not in names:
            yield f"{metadata.name}: is in the bundle, but not in components.json"
    for name in unknown(bundle):
        yield f"{name}: components.toml does not say what it is of"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def document(bundle: Path) -> str:
    """Return the bill of materials."""
    own, listed = version.version(version.ROOT), parts(bundle)
    sums = {name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in files(bundle).items()}  # fmt: skip
    there = {name: _file(name, sha256) for name, sha256 in sums.items()}
    contents = json.dumps([NAME, own, sys.platform, listed, sums], sort_keys=True)
    moment = datetime.fromtimestamp(commit_time(), UTC)
    whole = Component(
        name=NAME, version=own, type=ComponentType.APPLICATION, bom_ref=NAME,
        licenses=[LicenseFactory().make_from_string("MIT")],
        components=[there[name] for name in unclaimed(bundle)],
    )  # fmt: skip
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, contents),
        metadata=BomMetaData(component=whole, timestamp=moment, tools=[]),
    )
    for part in listed:
        crates = [_crate(one) for one in part.get("crates", ())]
        known = [there[name] for name in part.get("files", ()) if name in there]
        component = _component(part, [*known, *crates])
        bom.components.add(component)
        bom.register_dependency(whole, [component])
        bom.register_dependency(component, crates)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(part: Part, inside: Iterable[Component]) -> Component:
    places = ((ExternalReferenceType.WEBSITE, "homepage"),
              (ExternalReferenceType.SOURCE_DISTRIBUTION, "source"))  # fmt: skip
    purl = PackageURL.from_string(part["purl"]) if part.get("purl") else None
    return Component(
        name=part["name"], version=part["version"], type=ComponentType.LIBRARY, purl=purl,
        bom_ref=f"{part['name']} {part['version']}", cpe=part.get("cpe"),
        copyright=part.get("copyright"), components=inside,
        licenses=[LicenseFactory().make_from_string(part["licence"])],
        external_references=[ExternalReference(type=kind, url=XsUri(part[key]))
                             for kind, key in places if part.get(key)],
    )  # fmt: skip


def _crate(part: Part) -> Component:
    """Return a library in Rust that is in another; its hash is that of its source."""
    return Component(
        name=part["name"], version=part["version"], type=ComponentType.LIBRARY,
        purl=PackageURL.from_string(part["purl"]), bom_ref=part["purl"],
        licenses=[LicenseFactory().make_from_string(part["licence"])],
        hashes=_hashes(part["sha256"]) if "sha256" in part else None,
    )  # fmt: skip


def _file(name: str, sha256: str) -> Component:
    return Component(name=name, type=ComponentType.FILE, bom_ref=f"file:{name}",
                     hashes=_hashes(sha256))  # fmt: skip


def _hashes(sha256: str) -> list[HashType]:
    return [HashType(alg=HashAlgorithm.SHA_256, content=sha256)]


def validate(written: str) -> Iterator[str]:
    """Yield what the schema objects to."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(written)
    if error:
        yield f"not valid CycloneDX: {error}"


def main() -> int:
    """Write the file, or check what is written from."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("licences", type=Path, nargs="?")
    options = parser.parse_args()
    if options.check == bool(options.file):
        parser.error("give either --check or a FILE")
    said = list(problems(options.bundle))
    if options.file:
        written = document(options.bundle)
        said += validate(written)
        options.file.write_text(written, encoding="utf-8", newline="\n")
    if options.licences:
        shutil.copyfile(folder(options.bundle) / "THIRD-PARTY.txt", options.licences)
    for problem in said:
        print(problem, file=sys.stderr)
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
