"""The application's icon, and what the packages for Windows and macOS are made of."""

import ast
import importlib.util
import os
import plistlib
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from notesearch import __version__, autostart, cli, identity, paths

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
DRAWINGS = sorted((ROOT / "resources" / "icons").glob("notesearch*.svg"))
SCRIPT = PACKAGING / "windows" / "notesearch.nsi"


def load(name: str):
    """Load one of the scripts, which are no package."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, PACKAGING / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


icons, info, version_info = map(load, ("icons.py", "macos/info.py", "windows/version_info.py"))


# The icon -----------------------------------------------------------------------------------


def test_the_drawings_are_there():
    names = ["notesearch-small.svg", "notesearch-symbolic.svg", "notesearch.svg"]
    assert [one.name for one in DRAWINGS] == names


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda one: one.stem)
def test_a_drawing_holds_only_what_qt_draws(drawing):
    tree = ElementTree.parse(drawing)
    elements = {one.tag.removeprefix("{http://www.w3.org/2000/svg}") for one in tree.iter()}
    assert elements <= {"svg", "g", "rect", "circle", "path", "linearGradient", "stop"}
    attributes = {name for one in tree.iter() for name in one.attrib}
    assert not attributes & {"style", "class", "filter", "mask", "clip-path", "transform"}


@pytest.mark.parametrize("size", [16, 256])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda one: one.stem)
def test_a_drawing_is_painted(drawing, size):
    renderer = QSvgRenderer(str(drawing))
    assert renderer.isValid()
    assert renderer.viewBoxF().width() == renderer.viewBoxF().height()
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    assert 0.2 < share(image) < 1
    assert image.pixelColor(0, 0).alpha() < 255


def share(image):
    """Return how much of a picture is painted."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return sum(one.alphaF() for one in pixels) / len(pixels)


@pytest.mark.parametrize("paint", ["linux", "windows", "mac"])
def test_what_is_seen_of_the_icon_is_seen_on_light_and_dark(paint):
    image = getattr(icons, paint)(32)
    shades = {
        round(image.pixelColor(x, y).lightnessF() * 4)
        for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255
    }  # fmt: skip
    assert {1, 4} <= shades


def test_on_macos_a_margin_is_left():
    image = icons.mac(1024)
    middle = [x for x in range(1024) if image.pixelColor(x, 512).alpha() == 255]
    assert middle[0] == pytest.approx(100, abs=1)
    assert middle[-1] == pytest.approx(923, abs=1)


def test_all_files_are_written_and_the_same_each_time(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    icons.main(first)
    icons.main(first)
    second.mkdir()
    icons.main(second)
    files = {one.relative_to(first).as_posix(): one for one in first.rglob("*") if one.is_file()}
    name = paths.APP_ID
    wanted = {f"hicolor/{size}x{size}/apps/{name}.png" for size in icons.HICOLOR}
    wanted |= {f"hicolor/scalable/apps/{name}.svg", f"hicolor/symbolic/apps/{name}-symbolic.svg"}
    assert files.keys() == wanted | {"notesearch.ico", "notesearch.icns"}
    assert all(one.read_bytes() == (second / path).read_bytes() for path, one in files.items())
    for size in icons.HICOLOR:
        image = QImage(str(files[f"hicolor/{size}x{size}/apps/{name}.png"]))
        assert (image.width(), image.height()) == (size, size)


def test_the_icon_file_of_windows_is_whole():
    content = icons.ico([icons.windows(size) for size in icons.ICO])
    assert struct.unpack_from("<HHH", content) == (0, 1, len(icons.ICO))
    end = 6 + 16 * len(icons.ICO)
    for number, size in enumerate(icons.ICO):
        entry = struct.unpack_from("<BBBBHHII", content, 6 + 16 * number)
        assert entry[:2] == (size % 256, size % 256)
        assert entry[7] == end
        one = content[end : end + entry[6]]
        if size < icons.PNG_FROM:
            assert struct.unpack_from("<Iii", one) == (40, size, 2 * size)
            mask = -(-size // 32) * 4 * size
            assert len(one) == 40 + 4 * size * size + mask
        else:
            assert QImage.fromData(one, "PNG").width() == size
        end += entry[6]
    assert end == len(content)


def test_the_icon_file_of_macos_is_whole():
    content = icons.icns(icons.mac)
    assert content[:4] == b"icns"
    assert struct.unpack_from(">I", content, 4)[0] == len(content)
    place, found = 8, []
    while place < len(content):
        kind, length = struct.unpack_from(">4sI", content, place)
        one = content[place + 8 : place + length]
        size = dict(icons.ICNS)[kind]
        if one[:4] == b"ARGB":
            assert unpacked(one[4:]) == channels(icons.mac(size))
        else:
            assert QImage.fromData(one, "PNG").width() == size
        found.append(kind)
        place += length
    assert found == [kind for kind, _ in icons.ICNS]


def unpacked(content):
    """Return what stands in runs; a first byte above 127 would repeat the next one."""
    place, found = 0, b""
    while place < len(content):
        length = content[place] + 1
        assert length <= 128
        found += content[place + 1 : place + 1 + length]
        place += 1 + length
    return found


def channels(image):
    # Stored premultiplied, a colour could be rounded in more than one way.
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = [plain.pixelColor(x, y) for y in range(plain.height()) for x in range(plain.width())]
    return b"".join(
        bytes(getattr(one, channel)() for one in pixels)
        for channel in ("alpha", "red", "green", "blue")
    )


# Names and numbers --------------------------------------------------------------------------


def test_the_scripts_have_the_names_that_the_program_has():
    assert icons.APP_ID == info.APP_ID == paths.APP_ID


def test_the_version_resource_is_python_that_names_the_version():
    tree = ast.parse(version_info.text(), mode="eval")
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    fixed = next(one for one in calls if one.func.id == "FixedFileInfo")
    numbers = {one.arg: ast.literal_eval(one.value) for one in fixed.keywords}
    wanted = tuple(int(one) for one in re.match(r"[\d.]+\d", __version__)[0].split("."))
    assert numbers["filevers"] == numbers["prodvers"] == (*wanted, 0)
    strings = dict(
        tuple(map(ast.literal_eval, one.args)) for one in calls if one.func.id == "StringStruct"
    )
    assert strings["FileVersion"] == strings["ProductVersion"] == __version__
    assert strings["CompanyName"] == identity.MAINTAINER
    assert all(strings.values())


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("1.2.3", (1, 2, 3, 0)), ("10.0.12rc1", (10, 0, 12, 0)), ("1.2.3b1", (1, 2, 3, 0))],
)
def test_numbers_of_a_version(version, numbers):
    assert version_info.numbers(version) == numbers


def test_what_macos_is_told_is_a_property_list_with_the_version():
    values = plistlib.loads(plistlib.dumps(info.INFO))
    assert values == info.INFO
    assert values["CFBundleIdentifier"] == paths.APP_ID
    assert re.fullmatch(r"\d+\.\d+\.\d+", values["CFBundleVersion"])
    assert __version__.startswith(values["CFBundleShortVersionString"])
    assert (values["LSUIElement"], values["LSBackgroundOnly"]) == (False, False)


def test_the_signed_program_may_do_little():
    content = (PACKAGING / "macos" / "entitlements.plist").read_bytes()
    # What reads it when signing refuses comments that others accept.
    assert b"<!--" not in content
    names = plistlib.loads(content)
    assert names
    assert not [name for name in names if "network" in name or "library-validation" in name]


# The installer ------------------------------------------------------------------------------


def script():
    """Return the script with its names filled in, lines joined and comments left out."""
    text = SCRIPT.read_text(encoding="utf-8").replace("\\\n", "")
    lines = (line.strip() for line in text.splitlines())
    text = "\n".join(line for line in lines if not line.startswith(";"))
    for name, value in re.findall(r'^!define (\w+) "(.*)"$', text, re.M):
        text = text.replace(f"${{{name}}}", value)
    return text


def parts(text, kind):
    """Return sections or functions by name."""
    return dict(
        re.findall(rf'^{kind} (?:/o )?"?([^"\n]*)"?[^\n]*\n(.*?)^{kind}End', text, re.M | re.S)
    )


def done(text, *, uninstalling):
    """Return what sections do, with the functions that they call."""
    functions = {name.removeprefix("${UN}"): body for name, body in parts(text, "Function").items()}
    sections = parts(text, "Section")
    bodies = [body for name, body in sections.items() if name.startswith("un.") is uninstalling]
    waiting, seen = re.findall(r"Call (?:un\.)?(?:\$\{UN\})?(\w+)", "\n".join(bodies)), set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            bodies.append(functions[name])
            waiting += re.findall(r"Call (?:un\.)?(?:\$\{UN\})?(\w+)", functions[name])
    return "\n".join(bodies)


def test_the_uninstaller_removes_every_key_that_the_installer_writes():
    text = script()
    installing, uninstalling = (done(text, uninstalling=one) for one in (False, True))
    written = re.findall(r'WriteReg\w+ (HK\w+) "([^"]*)" "([^"]*)"', installing)
    keys = set(re.findall(r'DeleteRegKey HKCU "([^"]*)"', uninstalling))
    values = set(re.findall(r'DeleteRegValue HKCU "([^"]*)" "([^"]*)"', uninstalling))
    assert len(written) > 10
    # What other programs have their part in must not be removed as a whole.
    assert all("notesearch" in key.rpartition("\\")[2] for key in keys)
    for hive, key, value in written:
        assert hive == "HKCU"
        assert (key, value) in values or any(f"{key}\\".startswith(f"{one}\\") for one in keys)


def test_the_uninstaller_removes_every_file_that_the_installer_makes():
    text = script()
    installing, uninstalling = (done(text, uninstalling=one) for one in (False, True))
    made = set(re.findall(r'CreateShortcut "([^"]*)"', installing))
    made |= set(re.findall(r'WriteUninstaller "([^"]*)"', installing))
    made |= {rf"$INSTDIR\{one}" for one in re.findall(r'File "/oname=([^"]*)"', installing)}
    made |= set(re.findall(r'SetOutPath "([^"]*)"\nFile /r', installing))
    assert len(made) == 6
    removed = set(re.findall(r'^Delete "([^"]*)"', uninstalling, re.M))
    whole = set(re.findall(r'^RMDir /r "([^"]*)"', uninstalling, re.M))
    moved = dict(re.findall(r'^Rename "([^"]*)" "([^"]*)"', uninstalling, re.M))
    assert all(one in removed or moved.get(one) in whole for one in made)
    # Never the folder as a whole: the user may have chosen one that holds other things.
    assert not [one for one in whole if not one.startswith(r"$INSTDIR\_internal")]
    assert re.search(r'^RMDir "\$INSTDIR"', uninstalling, re.M)


def test_the_installer_starts_it_at_login_as_the_program_does():
    text = script()
    run, approved = autostart._RUN, autostart._APPROVED
    values = re.findall(r'WriteRegStr HKCU "([^"]*)" "([^"]*)" (.*--background.*)', text)
    assert values == [
        (run, "notesearch", f"'\"$INSTDIR\\notesearch.exe\" {autostart.OPTION}'"),
        (run, "notesearch", f'"$INSTDIR\\notesearch.exe {autostart.OPTION}"'),
    ]
    assert text.count(f'DeleteRegValue HKCU "{approved}" "{autostart._VALUE}"') == 2
    assert autostart._VALUE == "notesearch"


def test_what_the_installer_asks_of_the_program_is_understood():
    asked = re.findall(r'notesearch(?:-cli)?\.exe" ([^\'\n]+)\'', script())
    asked = {one.replace('"', "") for one in asked if one.strip()}
    assert asked == {"--quit", "--remove-data --yes", "open %V", "--background"}
    for one in asked:
        cli._parser().parse_args(one.split())


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")
def test_the_installer_compiles_and_refuses_what_is_no_program_of_windows(tmp_path):
    (tmp_path / "_internal").mkdir()
    for name in ("notesearch", "_internal/part"):
        (tmp_path / name).write_bytes(b"stand-in")
    out = tmp_path / "notesearch-setup.exe"
    command = [
        "makensis", "-NOCD", "-V2", "-WX", f"-DVERSION={__version__}", "-DNUMBERS=1.2.3.0",
        f"-DDIST={tmp_path}", f"-DOUT={out}",
    ]  # fmt: skip
    refused = subprocess.run([*command, SCRIPT], capture_output=True, text=True, check=False)
    assert refused.returncode
    assert "notesearch.exe is missing" in refused.stdout + refused.stderr
    subprocess.run([*command, "-DSTANDIN", SCRIPT], capture_output=True, check=True)
    assert out.read_bytes()[:2] == b"MZ"


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")
@pytest.mark.parametrize("version", ["1.2.3", "1.2.3a1", "1.2.3b2", "1.2.3rc1"])
def test_an_installer_is_made_of_every_form_of_version(tmp_path, version):
    (tmp_path / "_internal").mkdir()
    for name in ("notesearch", "_internal/part"):
        (tmp_path / name).write_bytes(b"stand-in")
    script = PACKAGING / "windows" / "build_installer.py"
    done = subprocess.run(
        [sys.executable, script, tmp_path, tmp_path / "out", "--version", version, "--stand-in"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / f"notesearch-{version}-x64-setup.exe").is_file()


def test_an_installation_that_was_interrupted_can_be_repeated():
    text = script()
    section = parts(text, "Section")["notesearch"]
    refuses = section.index("holds another program")
    assert section.index(r'${If} ${FileExists} "$INSTDIR\notesearch-unfinished"') < refuses
    written = section.index(r'FileOpen $0 "$INSTDIR\notesearch-unfinished" w')
    files, last = section.index("File /r"), section.rindex('File "/oname')
    assert refuses < written < files < last
    assert last < section.index(r'Delete "$INSTDIR\notesearch-unfinished"')
    failed = parts(text, "Function")[".onInstFailed"]
    assert r'RMDir /r "$INSTDIR\_internal"' in failed.partition("${ElseIf}")[2]
