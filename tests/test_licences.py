"""What a bundle is made of: every file is of something, and every notice is kept."""

import importlib.util
import json
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
SHIPPED = ("numpy", "py3langid", "PyYAML", "tokenizers")
FILES = (
    "base_library.zip", "libpython3.12.so.1.0", "python3.12/lib-dynload/_json.so",
    "numpy/_core/_multiarray_umath.so", "numpy.libs/libscipy_openblas64_-1.so",
    "py3langid/data/model.npz.xz", "tokenizers/tokenizers.abi3.so", "yaml/_yaml.so",
    "models/all-MiniLM-L6-v2/model.onnx", "models/all-MiniLM-L6-v2/tokenizer.json",
    "resources/icons/notesearch.svg", "resources/sample-notes/Work/Git cheat sheet.md",
)  # fmt: skip
ELSEWHERE = (
    # As PyInstaller lays out a bundle for Windows.
    "python3.dll", "python312.dll", "_ctypes.pyd", "sqlite3.dll", "libffi-8.dll", "ucrtbase.dll",
    "api-ms-win-crt-heap-l1-1-0.dll", "VCRUNTIME140_1.dll", "shiboken6/MSVCP140.dll",
    "PySide6/Qt6Core.dll", "PySide6/plugins/platforms/qwindows.dll",
    "numpy.libs/libscipy_openblas64_-1.dll",
    # And for macOS.
    "Python.framework/Versions/3.12/Python", "python3.12/lib-dynload/_json.so",
    "PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
    "PySide6/Qt/plugins/styles/libqmacstyle.dylib",
    "numkong/.dylibs/libomp.dylib", "numpy/.dylibs/libgfortran.5.dylib",
    "numpy/__dot__dylibs/libquadmath.0.dylib", "numpy/.dylibs/libscipy_openblas64_.dylib",
)  # fmt: skip


def script(name, monkeypatch):
    """Import a script of packaging/, and what it imports from beside it."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    for other in ("elf", "tree"):
        monkeypatch.delitem(sys.modules, other, raising=False)
    spec = importlib.util.spec_from_file_location(Path(name).name, PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def collect(monkeypatch):
    return script("licences/collect", monkeypatch)


@pytest.fixture
def contents(monkeypatch):
    return script("contents", monkeypatch)


def write(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x7fELF OpenBLAS 0.3.30 \x000.2.5\x00")


@pytest.fixture
def bundle(tmp_path, collect):
    """A small bundle, whose distributions are those that the tests run with."""
    content = tmp_path / "bundle" / "_internal"
    write(content, *FILES)
    write(tmp_path / "bundle", "notesearch")
    shutil.copy(ROOT / "models" / "all-MiniLM-L6-v2" / "LICENSE",
                content / "models" / "all-MiniLM-L6-v2")  # fmt: skip
    for name in SHIPPED:
        about = next(file for file in metadata.files(name) if file.match("*.dist-info/METADATA"))
        (content / about).parent.mkdir()
        shutil.copy(about.locate(), content / about)
    collect.main(content, content / "licences")
    return tmp_path / "bundle"


def listed(bundle):
    told = (bundle / "_internal" / "licences" / "components.json").read_text(encoding="utf-8")
    return {one["name"]: one for one in json.loads(told)}


def text(bundle):
    return (bundle / "_internal" / "licences" / "THIRD-PARTY.txt").read_text(encoding="utf-8")


# Every file is of something -------------------------------------------------------------------


def test_every_file_is_of_something(bundle, contents):
    assert contents.unknown(bundle) == []
    assert "notesearch" in contents.unclaimed(bundle)
    assert "resources/icons/notesearch.svg" in contents.unclaimed(bundle)


def test_a_library_that_nobody_knows_is_found(bundle, contents):
    write(bundle / "_internal", "libstrange.so.1", "other/data.bin")
    assert contents.unknown(bundle) == ["libstrange.so.1", "other/data.bin"]


def test_each_file_is_of_one_part(bundle):
    names = [name for one in listed(bundle).values() for name in one.get("files", ())]
    assert len(names) == len(set(names))
    parts = listed(bundle)
    assert parts["OpenBLAS"]["files"] == ["numpy.libs/libscipy_openblas64_-1.so"]
    assert "py3langid/data/model.npz.xz" in parts["py3langid"]["files"]
    assert "models/all-MiniLM-L6-v2/model.onnx" in parts["all-MiniLM-L6-v2"]["files"]


def test_files_that_only_windows_and_macos_have_are_known(collect, tmp_path):
    write(tmp_path, *ELSEWHERE)
    # Names tell capitals apart here, and not on Windows.
    for name in ELSEWHERE:
        if name.endswith(".dll"):
            write(tmp_path, str(Path(name).with_name(Path(name).name.lower())))
    said = collect.tomllib.loads((PACKAGING / "licences" / "components.toml").read_text("utf-8"))
    known = {name.lower() for part in said["parts"]
             for name in collect._files(part.get("files", ()), tmp_path)}  # fmt: skip
    assert {name.lower() for name in ELSEWHERE} <= known


def test_libraries_of_macos_are_in_a_folder_of_their_own(collect, contents, tmp_path):
    app = tmp_path / "notesearch.app" / "Contents"
    write(app / "Resources", "base_library.zip", "licences/components.json")
    write(app / "Frameworks", "Python.framework/Versions/3.12/Python")
    write(app, "MacOS/notesearch", "Info.plist", "_CodeSignature/CodeResources")
    names = collect._files(("*.zip", "Python.framework/**/*"), app / "Resources")
    assert names == {"base_library.zip", "Python.framework/Versions/3.12/Python"}
    told = json.dumps([{"name": "CPython", "files": sorted(names)}])
    (app / "Resources" / "licences" / "components.json").write_text(told, encoding="utf-8")
    assert contents.unknown(app.parent) == []


# Libraries in libraries -----------------------------------------------------------------------


def test_libraries_in_libraries_are_named(bundle):
    parts = listed(bundle)
    assert parts["libyaml"]["version"] == "0.2.5"
    assert parts["OpenBLAS"]["purl"] == "pkg:generic/openblas@0.3.30"
    assert parts["Oniguruma"]["licence"] == "BSD-2-Clause"
    crates = {one["name"]: one for one in parts["tokenizers"]["crates"]}
    assert re.fullmatch(r"pkg:cargo/onig@[\d.]+", crates["onig"]["purl"])
    assert re.fullmatch("[0-9a-f]{64}", crates["onig"]["sha256"])
    assert not any("?" in one["purl"] for one in crates.values())
    for holder in ("K.Kosako", "Kirill Simonov", "Stephen M. Coakley"):
        assert holder in text(bundle)


def test_a_crate_without_its_notice_is_refused(collect):
    crates = tuple({"name": name, "licence": licence} for name, licence in (
        ("kept", "MIT"), ("free", "MIT OR Apache-2.0"), ("lost", "BSD-2-Clause")))  # fmt: skip
    component = collect.Component("x", "1", "MIT", "", "", "", crates=crates)
    collect._check_crates(component, [("text", "---- other, kept ----\n\n---- lost ----\n")])
    with pytest.raises(collect.LicenceError, match=r"\['lost'\]"):
        collect._check_crates(component, [("text", "---- other, kept ----\nlost\n")])


@pytest.mark.parametrize(("licence", "free"), [
    ("MIT OR Apache-2.0", True), ("Unlicense OR MIT", True), ("CC0-1.0", True),
    ("Apache-2.0 WITH LLVM-exception", True), ("MIT", False), ("?", False), ("MIT OR Zlib", False),
    ("(MIT OR Apache-2.0) AND Unicode-3.0", False), ("Apache-2.0 OR MIT AND BSD-2-Clause", False),
])  # fmt: skip
def test_which_licences_want_no_notice(collect, licence, free):
    assert collect._is_free(licence) is free


# Who has the copyright ------------------------------------------------------------------------


@pytest.mark.parametrize(("head", "holders"), [
    ("Copyright (c) 20xx The x developers", "The x developers"),
    ("Copyright (c) 2017-2021 A\nCopyright (c) 2006, 2016 B.", "A, B"),
    ("MIT License\n\nCopyright © 2020-present C", "C"), ("Copyright holders", ""),
])  # fmt: skip
def test_holders_are_read_from_the_head_of_a_text(collect, head, holders):
    assert collect._holders(head) == holders


def test_a_part_that_nobody_has_the_copyright_of_is_refused(collect):
    component = collect.Component("x", "1", "MIT", "", "", "")
    with pytest.raises(collect.LicenceError, match="copyright of x"):
        collect._complete(component, [("LICENSE", "Do as you like.")])


def test_the_same_bundle_is_described_the_same_way(bundle, collect, tmp_path):
    collect.main(bundle / "_internal", tmp_path / "again")
    for file in (tmp_path / "again").iterdir():
        assert file.read_bytes() == (bundle / "_internal" / "licences" / file.name).read_bytes()


def test_the_bill_of_materials_says_all_that_is_known(bundle, monkeypatch):
    pytest.importorskip("cyclonedx")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    sbom = script("sbom", monkeypatch)
    written = sbom.document(bundle)
    assert written == sbom.document(bundle)
    parts = {one["name"]: one for one in json.loads(written)["components"]}
    inside = {one["name"]: one for one in parts["tokenizers"]["components"]}
    assert inside["tokio"]["purl"].startswith("pkg:cargo/tokio@")
    assert inside["tokenizers/tokenizers.abi3.so"]["hashes"][0]["alg"] == "SHA-256"
    assert parts["libyaml"]["cpe"].startswith("cpe:2.3:a:pyyaml:libyaml:0.2.5:")
