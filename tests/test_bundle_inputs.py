"""What bundles are made with, as far as it can be tried without building one."""

import ast
import importlib.util
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

PACKAGING = Path(__file__).resolve().parents[1] / "packaging"
LICENCES = PACKAGING / "licences"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="of bundles for Linux")


def script(name, monkeypatch):
    """Import a script of packaging/, and what it imports from beside it."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    for other in ("elf", "tree"):
        monkeypatch.delitem(sys.modules, other, raising=False)
    spec = importlib.util.spec_from_file_location(f"bundle_{name}", PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Pins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-dev.txt"])
def test_pins_name_no_place_of_a_machine(file):
    text = (PACKAGING / file).read_text(encoding="utf-8")
    assert "uv pip compile pyproject.toml" in text.splitlines()[1]
    assert not re.search(r"file://|--index-url|find-links| /\w", text)


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-dev.txt"])
def test_pins_hold_no_pyside_that_ends_an_older_python(file):
    text = (PACKAGING / file).read_text(encoding="utf-8")
    pins = dict(re.findall(r"^pyside6-essentials==(\S+) ; (.*?) \\$", text, re.MULTILINE))
    older = [version for version, marker in pins.items() if "< '3.12'" in marker]
    assert len(older) == 1
    assert older[0].startswith("6.11.")


@on_linux
def test_a_python_for_bundles_is_new_enough():
    done = subprocess.run([PACKAGING / "python.sh"], capture_output=True, text=True, check=False)
    if done.returncode:
        assert "3.12 or later" in done.stderr
        pytest.skip("no Python here that can build bundles")
    asked = "import sys; print(sys.version_info >= (3, 12))"
    python = done.stdout.strip()
    assert subprocess.check_output([python, "-c", asked], text=True) == "True\n"


@on_linux
def test_a_python_that_is_named_comes_first():
    environment = os.environ | {"PYTHON": "/no/such/python", "PATH": "/usr/bin:/bin"}
    environment |= {"PYENV_ROOT": "/no/such/folder"}
    done = subprocess.run(
        ["/bin/sh", PACKAGING / "python.sh"], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    # Another is taken, or it is said what is needed.
    assert done.stdout.strip() or "Name one" in done.stderr
    assert "/no/such/python" not in done.stdout


# The start -----------------------------------------------------------------------------------


@pytest.fixture
def launch(monkeypatch):
    return script("launch", monkeypatch)


@pytest.mark.parametrize(
    ("before", "left"),
    [({}, {}), ({"LD_LIBRARY_PATH_ORIG": "/mine"}, {"LD_LIBRARY_PATH": "/mine"})],
)
def test_programs_that_are_opened_do_not_get_the_bundles_libraries(launch, before, left):
    bootloader = {"LD_LIBRARY_PATH": "/bundle/_internal", "_PYI_ARCHIVE_FILE": "/bundle/notesearch",
                  "QT_PLUGIN_PATH": "/usr/lib/qt6/plugins"}  # fmt: skip
    environment = {"HOME": "/home/someone"} | bootloader | before
    launch.restore(environment)
    assert environment == {"HOME": "/home/someone"} | left


@on_linux
@pytest.mark.parametrize(
    ("before", "set_to"),
    [({}, "C.UTF-8"), ({"LANG": "C"}, "C.UTF-8"), ({"LANG": "de_DE.UTF-8"}, None),
     ({"LC_ALL": "C"}, None)],
)  # fmt: skip
def test_without_a_language_texts_are_in_utf8(launch, before, set_to):
    environment = dict(before)
    launch.use_utf8(environment)
    assert environment.get("LC_CTYPE") == set_to


def test_what_is_printed_is_in_utf8_whatever_the_code_page(launch):
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="cp1252", errors="backslashreplace")
    launch.speak_utf8(stream, None, launch._Nowhere())
    print("Łódź 東京", file=stream, flush=True)
    assert written.getvalue().decode("utf-8").rstrip() == "Łódź 東京"
    assert stream.errors == "backslashreplace"


def test_without_a_console_printing_does_no_harm(launch, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["notesearch", "--version"])
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(launch, "restore", lambda _: None)
    monkeypatch.setattr(launch, "use_utf8", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        launch.main()
    assert ended.value.code == 0


# What is taken -------------------------------------------------------------------------------


@pytest.fixture
def is_wanted():
    """Return that function of the spec, which PyInstaller runs as a whole."""
    source = ast.parse((PACKAGING / "notesearch.spec").read_text(encoding="utf-8"))
    kept = {"PLUGINS", "LIBRARIES", "_bare", "_qt_library", "is_wanted"}
    source.body = [
        one for one in source.body
        if getattr(one, "name", None) in kept
        or (isinstance(one, ast.Assign) and getattr(one.targets[0], "id", None) in kept)
    ]  # fmt: skip
    names = {"LINUX": True, "PurePath": PurePosixPath, "re": re}
    exec(compile(source, "notesearch.spec", "exec"), names)
    return names["is_wanted"]


FRAMEWORK = "PySide6/Qt/lib/{0}.framework/"
OF_FRAMEWORKS = (
    "{0}", FRAMEWORK + "{0}", FRAMEWORK + "Resources", FRAMEWORK + "Versions/Current",
    FRAMEWORK + "Versions/A/{0}", FRAMEWORK + "Versions/A/Resources/Info.plist",
)  # fmt: skip


@pytest.mark.parametrize("place", OF_FRAMEWORKS)
def test_of_qt_on_macos_only_what_is_used_is_taken(is_wanted, place):
    for name in ("QtCore", "QtGui", "QtWidgets", "QtDBus", "QtSvg"):
        assert is_wanted(place.format(name), "/site-packages")
    for name in ("QtNetwork", "QtQml", "QtQuick", "QtOpenGL", "QtPdf", "QtVirtualKeyboard"):
        assert not is_wanted(place.format(name), "/site-packages")


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", True),
        ("PySide6/Qt/plugins/styles/libqmacstyle.dylib", True),
        ("PySide6/Qt/plugins/generic/libqtuiotouchplugin.dylib", False),
        ("PySide6/Qt/plugins/tls/libqsecuretransportbackend.dylib", False),
        ("PySide6/QtCore.abi3.so", True),
        ("PySide6/libpyside6.abi3.6.11.dylib", True),
        ("Python", True),
        ("Python.framework/Versions/3.12/Python", True),
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/Qt6Core.dll", True),
        ("PySide6/Qt6Network.dll", False),
        ("PySide6/opengl32sw.dll", False),
    ],
)
def test_what_belongs_into_a_bundle(is_wanted, place, wanted):
    assert is_wanted(place, "/site-packages/x") is wanted


def test_what_the_system_has_is_not_taken(is_wanted):
    assert not is_wanted("libX11.so.6", "/usr/lib/x86_64-linux-gnu/libX11.so.6")
    assert is_wanted("libpython3.12.so.1.0", "/usr/lib/libpython3.12.so.1.0")


# The folder ----------------------------------------------------------------------------------


@pytest.fixture
def tree(monkeypatch):
    return script("tree", monkeypatch)


def _bundle(folder, order):
    for name in order:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return folder


FILES = "notesearch", "_internal/a.so", "_internal/models/b"


def test_the_same_files_give_the_same_digest(tree, tmp_path):
    one = _bundle(tmp_path / "one", FILES)
    other = _bundle(tmp_path / "elsewhere" / "other", FILES[::-1])
    (other / "notesearch").chmod(0o600)
    for folder, moment in ((one, 1), (other, 1_700_000_000)):
        tree.normalise(folder, moment)
    assert tree.digest(one) == tree.digest(other)
    assert (one / "notesearch").stat().st_mtime == 1


@pytest.mark.parametrize("change", ["content", "name", "mode", "folder"])
def test_any_difference_gives_another_digest(tree, tmp_path, change):
    folder = _bundle(tmp_path / "one", FILES)
    before = tree.digest(folder)
    file = folder / "_internal" / "a.so"
    match change:
        case "content":
            file.write_text("b", encoding="utf-8")
        case "name":
            file.rename(file.with_name("c.so"))
        case "mode" if sys.platform != "win32":
            file.chmod(0o755)
        case _:
            (folder / "empty").mkdir()
    assert tree.digest(folder) != before


def test_what_does_not_belong_into_a_bundle_is_named(tree, tmp_path):
    folder = _bundle(tmp_path / "one", (*FILES, "_internal/libssl.so.3", "_internal/where"))
    (folder / "_internal" / "where").write_text("/checkout/of/somebody/x", encoding="utf-8")
    found = "\n".join(tree.problems(folder, [Path("/checkout/of/somebody")]))
    assert "models/all-MiniLM-L6-v2/model.onnx is missing" in found
    assert "libssl.so.3 does not belong into it" in found
    assert "where names the folder" in found
    if sys.platform == "linux":
        assert "a.so was taken from the system" in found


def _library(*run_paths):
    """Return the least of a library that has search paths, and a name that it needs."""
    strings, places = b"\0libm.so.6\0", []
    for path in run_paths:
        places.append(len(strings))
        strings += path.encode() + b"\0"
    entries = [(1, 1), *((29, place) for place in places), (5, 0x1000 + 64 + 112)]
    entries += (10, len(strings)), (0, 0)
    table = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    at = 64 + 112 + len(strings)
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0
    )  # fmt: skip
    whole = at + len(table)
    loaded = struct.pack("<IIQQQQQQ", 1, 4, 0, 0x1000, 0x1000, whole, whole, 1)
    dynamic = struct.pack("<IIQQQQQQ", 2, 4, at, 0x1000 + at, 0, len(table), len(table), 8)
    return head + loaded + dynamic + strings + table


@on_linux
def test_libraries_forget_folders_of_the_machine_they_were_built_on(tmp_path, monkeypatch):
    elf = script("elf", monkeypatch)
    file = tmp_path / "libx.so"
    file.write_bytes(_library("/home/builder/lib", "$ORIGIN/../lib"))
    assert elf.is_elf(file)
    elf.forget_folders(file)
    expected = _library("/home/builder/lib", "$ORIGIN/../lib")
    assert len(file.read_bytes()) == len(expected)
    if not shutil.which("readelf"):
        pytest.skip("no readelf here")
    said = subprocess.run(["readelf", "-d", file], capture_output=True, text=True, check=False)
    assert "$ORIGIN/../lib" in said.stdout
    assert "/home/builder" not in said.stdout
    assert "libm.so.6" in said.stdout


# The application of macOS --------------------------------------------------------------------

MACHO = b"\xcf\xfa\xed\xfe"


@pytest.fixture
def app(tmp_path):
    """Make an application as PyInstaller does, of files that begin as libraries do."""
    app = tmp_path / "notesearch.app"
    contents = app / "Contents"
    qt = "Frameworks/PySide6/Qt/lib/QtCore.framework"
    for name in (
        "MacOS/notesearch", "Frameworks/libz.dylib", "Frameworks/numpy/core.so",
        "Frameworks/Python.framework/Versions/3.12/Python", f"{qt}/Versions/A/QtCore",
        f"{qt}/Versions/A/Resources/Info.plist", "Resources/base_library.zip",
    ):  # fmt: skip
        file = contents / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"data" if "Resources" in name else MACHO)
    for name, target in (
        (f"{qt}/Versions/Current", "A"), (f"{qt}/QtCore", "Versions/Current/QtCore"),
        ("Frameworks/Python", "Python.framework/Versions/3.12/Python"),
        ("Resources/numpy", "../Frameworks/numpy"),
    ):  # fmt: skip
        (contents / name).symlink_to(target)
    return app


has_links = pytest.mark.skipif(sys.platform == "win32", reason="of bundles with links")


@has_links
def test_each_part_is_signed_once_and_before_what_it_is_in(tree, app):
    signed = [one.relative_to(app / "Contents").as_posix() for one in tree.signed_parts(app)]
    assert signed == [
        "Frameworks/libz.dylib", "Frameworks/numpy/core.so",
        "Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A",
        "Frameworks/Python.framework/Versions/3.12",
    ]  # fmt: skip


@has_links
@pytest.mark.parametrize("identity", [None, "Developer ID Application: Somebody (TEAM)"])
def test_only_the_program_itself_may_do_more_than_others(monkeypatch, app, identity):
    bundle, ran = script("bundle", monkeypatch), []
    monkeypatch.setattr(bundle, "run", ran.append)
    monkeypatch.delenv("MACOS_IDENTITY", raising=False)
    if identity:
        monkeypatch.setenv("MACOS_IDENTITY", identity)
    bundle.sign(app)
    parts, whole, checked = ran
    for command in (parts, whole):
        assert command[command.index("--sign") + 1] == (identity or "-")
        assert ("runtime" in command) is ("--timestamp" in command) is bool(identity)
        assert "--deep" not in command
    assert "--entitlements" not in parts
    assert ("--entitlements" in whole) is bool(identity)
    assert whole[-1] == str(app)
    assert "--verify" in checked


@has_links
def test_the_program_finds_the_licences_that_come_later(tree, app):
    licences = tree.content_folder(app) / "licences"
    licences.mkdir()
    (licences / "THIRD-PARTY.txt").write_text("all", encoding="utf-8")
    tree.link_licences(app)
    assert (app / "Contents/Frameworks/licences/THIRD-PARTY.txt").read_text("utf-8") == "all"


# The place of a bundle -----------------------------------------------------------------------


@pytest.fixture
def bundle(monkeypatch):
    return script("bundle", monkeypatch)


def test_a_bundle_takes_the_place_of_the_one_before(bundle, tmp_path):
    place = _bundle(tmp_path / "dist" / "notesearch", ("old",))
    built = _bundle(tmp_path / "work" / "notesearch", ("new",))
    bundle.put(built, place)
    assert [file.name for file in place.iterdir()] == ["new"]
    assert [folder.name for folder in (tmp_path / "work").iterdir()] == ["before"]


def test_a_bundle_that_cannot_be_replaced_stays_as_it_is(bundle, tmp_path):
    place = _bundle(tmp_path / "dist" / "notesearch", ("old",))
    (tmp_path / "work").mkdir()
    with pytest.raises(bundle.BuildError, match="cannot be replaced"):
        bundle.put(tmp_path / "work" / "missing", place)
    assert [file.name for file in place.iterdir()] == ["old"]


# Licences ------------------------------------------------------------------------------------


def test_every_text_that_is_named_is_there():
    said = tomllib.loads((LICENCES / "components.toml").read_text(encoding="utf-8"))
    named = [text for one in (*said["distributions"].values(), *said["parts"])
             for text in one.get("texts", ()) if ":" not in text]  # fmt: skip
    assert named
    for text in named:
        assert (LICENCES / "texts" / text).stat().st_size > 1000, text


@pytest.fixture
def collect(monkeypatch):
    return script("licences/collect", monkeypatch)


def test_licences_of_what_is_shipped_are_collected(collect, tmp_path):
    content = tmp_path / "_internal"
    for name, version in (("numpy", "2.0"), ("PyYAML", "6.0")):
        folder = content / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n", encoding="utf-8")
    collect.main(content, tmp_path / "out")
    listed = json.loads((tmp_path / "out" / "components.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in listed] == ["numpy", "PyYAML"]
    assert listed[1]["licence"] == "MIT"
    assert "Permission is hereby granted" in (tmp_path / "out" / "THIRD-PARTY.txt").read_text(
        encoding="utf-8"
    )


def test_a_bundle_that_names_nothing_is_refused(collect, tmp_path):
    with pytest.raises(collect.LicenceError, match="no distribution"):
        collect.collect(tmp_path)
