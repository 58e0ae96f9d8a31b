"""What makes the Debian package, without the bundle: a small program stands in for it."""

import argparse
import datetime
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from notesearch import __version__, cli, identity, paths

ROOT = Path(__file__).parents[1]
LINUX = ROOT / "packaging" / "linux"
sys.path.insert(0, str(LINUX))
import build_deb  # noqa: E402
import changelog  # noqa: E402
import check_depends  # noqa: E402
import copyright_file  # noqa: E402
import man  # noqa: E402
import metainfo  # noqa: E402
import moment  # noqa: E402

sys.path.remove(str(LINUX))

DAY = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
COMPONENTS = [
    {"name": "Cutter", "version": "6.1", "licence": "LGPL-3.0-only OR GPL-2.0-only",
     "copyright": "Cutter people", "source": "https://cutter.invalid/6.1"},
    {"name": "knives", "version": "2", "licence": "MIT AND (Apache-2.0 OR Zlib)"},
]  # fmt: skip
HISTORY = """# Changelog

## [Unreleased]

### Added

- Something that is said
  in two lines.

## [1.1.0] - 2026-01-01

- Older.

## [1.0.0] - 2025-12-31

- Oldest.
"""


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is missing")


@pytest.fixture(autouse=True)
def date(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(DAY.timestamp())))


@pytest.fixture
def bundle(tmp_path):
    """The layout of a bundle, with a program that every system has."""
    folder = tmp_path / "bundle"
    licences = folder / "_internal" / "licences"
    licences.mkdir(parents=True)
    shutil.copy(Path("/bin/true").resolve(), folder / "notesearch")
    (licences / "components.json").write_text(json.dumps(COMPONENTS), encoding="utf-8")
    (licences / "THIRD-PARTY.txt").write_text("All texts.\n", encoding="utf-8")
    return folder


# The manual page --------------------------------------------------------------------------


def read_as_text(page):
    """Return a page without the signs of man(7)."""
    return re.sub(r"\\f[BIR]", "", page).replace(r"\-", "-").replace(r"\(aq", "'")


def test_the_manual_page_names_every_command_and_option():
    said = read_as_text(man.page("1.2.3", DAY))
    parser = cli._parser()
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        assert f"\n.SS {name}\n" in said
        for action in command._actions:
            assert all(
                re.search(rf"(^|[\s\[]){option}\b", said) for option in action.option_strings
            )
    for action in parser._actions:
        for option in action.option_strings:
            assert re.search(rf"^(.*, )?{option}\b", said, re.MULTILINE), option
    assert "2026-01-02" in said
    assert "1.2.3" in said


def test_no_part_of_the_manual_page_is_empty():
    lines = man.page(__version__, DAY).splitlines()
    for line, following in zip(lines, [*lines[1:], ".SH"], strict=True):
        if line.startswith((".SH", ".SS", ".TP")):
            assert not following.startswith(".SH"), line
            assert line.startswith(".SH") or not following.startswith((".SS", ".TP")), line
        # Nothing that is said is taken for a request.
        assert not line.startswith("'")
        assert not line.startswith(".") or re.match(
            r"\.(TH|SH|SS|TP|PP|HP|B|EX|EE|in|nh|ad)\b", line
        )


def test_the_manual_page_knows_where_files_are():
    said = read_as_text(man.page(__version__, DAY))
    user = paths.user_paths()
    assert f"/{user.settings.name}" in said
    assert f"/{user.log_file.name}" in said
    assert paths.DATA_DIR_VARIABLE in said


@needs("man")
def test_man_has_nothing_to_say_against_the_page(tmp_path):
    page = tmp_path / "notesearch.1"
    page.write_text(man.page(__version__, DAY), encoding="utf-8")
    done = subprocess.run(
        ["man", "--warnings", "-l", page], capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "NOTESEARCH(1)" in done.stdout


# The time of all files ---------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository with a commit of that day."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "checkout"
    named = ["-c", "user.name=A", "-c", "user.email=a@b.invalid"]
    around = {**os.environ, "GIT_COMMITTER_DATE": DAY.isoformat(), "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "init", "--quiet", folder], check=True, env=around)
    subprocess.run(["git", "-C", folder, *named, "commit", "--quiet", "--allow-empty", "-m", "a"],
                   check=True, env=around)  # fmt: skip
    return folder


@needs("git")
def test_the_time_is_that_of_the_commit_unless_another_is_told(checkout, monkeypatch):
    assert moment.of_source(checkout) == DAY.timestamp()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    assert moment.of_source(checkout) == 5
    assert changelog.source_date().year == 1970


@needs("git")
def test_a_checkout_around_the_source_does_not_tell_the_time(checkout):
    inside = checkout / "notesearch-1.0"
    inside.mkdir()
    with pytest.raises(SystemExit, match="no git checkout of its own: set SOURCE_DATE_EPOCH"):
        moment.of_source(inside)


@needs("git")
def test_where_nothing_tells_the_time_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    with pytest.raises(SystemExit, match=r"not a git repository.*: set SOURCE_DATE_EPOCH"):
        moment.of_source(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="git is missing: install it, or set SOURCE_DATE_EPOCH"):
        moment.of_source(tmp_path)


def test_a_time_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(SystemExit, match="no number of seconds: 'yesterday'"):
        moment.of_source()


# Changelog and metainfo -------------------------------------------------------------------


def test_what_is_not_released_is_what_is_built():
    said = changelog.releases(HISTORY, "1.2.0", DAY)
    assert [(one.version, one.changes) for one in said] == [
        ("1.2.0", ("Something that is said in two lines.",)),
        ("1.1.0", ("Older.",)),
        ("1.0.0", ("Oldest.",)),
    ]
    assert said[0].date == DAY


def test_a_release_has_its_own_section_and_day():
    newest, *_ = changelog.releases(HISTORY, "1.1.0", DAY)
    assert (newest.changes, f"{newest.date:%Y-%m-%d}") == (("Older.",), "2026-01-01")


def test_the_changelog_of_this_version_is_in_debian_form():
    said = changelog.debian(changelog.releases(changelog.CHANGELOG.read_text(encoding="utf-8"),
                                               __version__, DAY))  # fmt: skip
    assert said.startswith(f"notesearch ({__version__}) stable; urgency=medium\n\n  * ")
    assert re.search(r"\n\n -- .+ <\S+@\S+>  \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\n", said)
    assert all(len(line) <= 80 for line in said.splitlines() if not line.startswith(" -- "))


@pytest.mark.parametrize(
    ("version", "sorted_as"), [("1.0.0", "1.0.0"), ("1.0.0rc1", "1.0.0~rc1"), ("1.0b2", "1.0~b2")]
)
def test_a_candidate_sorts_before_the_release(version, sorted_as):
    assert changelog.debian_version(version) == sorted_as


def test_metainfo_names_the_version_and_nothing_that_is_not_known():
    said = changelog.releases(HISTORY, "1.2.0", DAY)
    root = ET.fromstring(metainfo.document(said, metainfo.Addresses("", "", "")).encode())
    assert root.findtext("id") == paths.APP_ID
    assert root.findtext("launchable") == f"{paths.APP_ID}.desktop"
    assert root.findtext("summary") == identity.SUMMARY
    newest, *others = root.findall("releases/release")
    assert (newest.get("version"), newest.get("date")) == ("1.2.0", "2026-01-02")
    assert [one.get("version") for one in others] == ["1.1.0", "1.0.0"]
    assert root.find("url") is None
    assert root.find("screenshots") is None


def test_metainfo_has_addresses_and_screenshots_as_soon_as_they_are_known():
    known = metainfo.Addresses("https://a.invalid", "https://a.invalid/b", "https://a.invalid/c/")
    root = ET.fromstring(metainfo.document([], known).encode())
    assert {url.get("type"): url.text for url in root.findall("url")} == {
        "homepage": "https://a.invalid", "bugtracker": "https://a.invalid/b",
    }  # fmt: skip
    images = root.findall("screenshots/screenshot/image")
    assert [image.text.rpartition("/")[0] for image in images] == ["https://a.invalid/c"] * 4
    # Of pictures that are not in the repository nobody knows the size.
    assert all(int(image.get("width")) > 400 for image in images)
    assert [one.get("type") for one in root.findall("screenshots/screenshot")].count("default") == 1


@needs("appstreamcli")
@pytest.mark.parametrize("address", ["", "https://notesearch.example.org/screenshots"])
def test_software_centres_accept_the_metainfo(tmp_path, address):
    file = tmp_path / f"{paths.APP_ID}.metainfo.xml"
    said = changelog.releases(HISTORY, "1.2.0", DAY)
    file.write_text(metainfo.document(said, metainfo.Addresses(address, address, address)), "utf-8")
    done = subprocess.run(
        ["appstreamcli", "validate", "--no-net", "--pedantic", "--no-color", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert not re.search(r"^[EW]:", done.stdout, re.MULTILINE), done.stdout


def test_without_the_pictures_their_sizes_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(metainfo, "PICTURES", tmp_path)
    root = ET.fromstring(metainfo.document([], metainfo.Addresses("", "", "https://a.invalid")))
    assert [image.keys() for image in root.findall("screenshots/screenshot/image")] == [
        ["type"]
    ] * 4


def test_copyright_names_each_part_and_says_where_each_text_is():
    said = copyright_file.text(COMPONENTS)
    for each in COMPONENTS:
        assert f"\n {each['name']} {each['version']}: " in said
    assert "\n Cutter people\n" in said
    stanzas = dict(re.findall(r"^License: (\S+)\n (.*(?:\n .*)*)", said, re.MULTILINE))
    assert stanzas.keys() == {"MIT", "LGPL-3.0-only", "GPL-2.0-only", "Apache-2.0", "Zlib"}
    assert "Permission is hereby granted" in stanzas["MIT"]
    assert "/usr/share/common-licenses/LGPL-3" in stanzas["LGPL-3.0-only"]
    assert "common-licenses" not in stanzas["Zlib"]


# What it depends on -----------------------------------------------------------------------


def test_every_library_and_package_is_listed_once():
    entries = check_depends.read()
    sonames = [soname for entry in entries for soname in entry.sonames]
    assert len(set(sonames)) == len(sonames)
    assert len({entry.package for entry in entries}) == len(entries)
    assert set(check_depends.loaded()) <= set(sonames)


@pytest.mark.parametrize(
    "line",
    ["libx.so.1  libx1", "libx.so.1  # why", "libc.so.6  libc7  # again", "libd.so  libc6  # 2"],
)
def test_a_line_that_is_not_complete_or_there_already_is_refused(tmp_path, line):
    file = tmp_path / "depends.txt"
    file.write_text(f"# Libraries\n\nlibc.so.6  libc6  # everything\n{line}\n", encoding="utf-8")
    with pytest.raises(check_depends.DependsError, match=r"depends\.txt:4: "):
        check_depends.read(file)


@needs("readelf")
def test_what_is_missing_and_what_is_too_much_is_found(tmp_path, bundle, capsys, monkeypatch):
    monkeypatch.setattr(check_depends, "loaded", lambda: {"libkeys.so.3": "keys.py"})
    file = tmp_path / "depends.txt"

    def check(*lines):
        file.write_text("".join(f"{line}  # why\n" for line in lines), encoding="utf-8")
        code = check_depends.main([str(bundle), str(file)])
        return code, capsys.readouterr().out

    least = check_depends.examine(bundle).glibc
    assert least
    whole = f"libc.so.6  libc6 (>= {'.'.join(map(str, least))})"
    assert check(whole, "libkeys.so.3  libkeys3")[0] == 0
    assert check(whole, "libkeys.so.3  libkeys3", "libold.so.1?  libold1")[0] == 0
    code, said = check("libold.so.1  libold1", "libkeys.so.3  libkeys3")
    assert code == 1
    assert "missing: libc.so.6, for notesearch" in said
    assert "too much: libold.so.1" in said
    code, said = check("libc.so.6  libc6 (>= 1.0)", "libkeys.so.3  libkeys3")
    assert code == 1
    assert said.startswith("version: libc6 (>= 1.0) must be")


@needs("readelf")
def test_what_the_bundle_brings_is_not_asked_of_the_system(bundle):
    (bundle / "_internal" / "libc.so.6").symlink_to("elsewhere")
    wanted = check_depends.examine(bundle)
    assert "libc.so.6" in wanted.needed
    assert not list(check_depends.problems([], wanted, {}))
    assert check_depends.depends([], wanted, {}) == []


@needs("readelf")
def test_a_library_that_nobody_knows_makes_no_package(bundle):
    with pytest.raises(check_depends.DependsError, match="libnew"):
        check_depends.depends([], check_depends.examine(bundle), {"libnew.so.1": "x.py"})


# The package ------------------------------------------------------------------------------


def test_control_says_nothing_that_is_not_known(monkeypatch):
    monkeypatch.setattr(identity, "HOMEPAGE", "")
    said = build_deb.control("1.0.0rc1", 5, ["libc6 (>= 2.35)", "libx1 | libx1t64"])
    assert "\nVersion: 1.0.0~rc1\n" in said
    assert "\nDepends: libc6 (>= 2.35), libx1 | libx1t64\n" in said
    assert "Homepage" not in said
    summary, *long = said.partition("\nDescription: ")[2].splitlines()
    assert 0 < len(summary) <= 80
    assert all(line.startswith(" ") and line.strip() for line in long)
    monkeypatch.setattr(identity, "HOMEPAGE", "https://a.invalid")
    assert "\nHomepage: https://a.invalid\n" in build_deb.control("1", 5, [])


@needs("readelf")
@needs("dpkg-deb")
def test_the_same_bundle_gives_the_same_package(tmp_path, bundle, monkeypatch):
    packages = []
    for mask, out in ((0o022, "one"), (0o077, "two")):
        before = os.umask(mask)
        try:
            monkeypatch.setenv("TZ", "UTC" if out == "one" else "Asia/Tokyo")
            made = build_deb.Build(bundle, "1.2.3", DAY)
            packages.append(build_deb.build(made, tmp_path / out, "none-fast"))
        finally:
            os.umask(before)
    one, two = packages
    assert one.name == "notesearch_1.2.3_amd64.deb"
    assert one.read_bytes() == two.read_bytes()
    assert [file.name for file in one.parent.iterdir()] == [one.name]
    examine_package(tmp_path, one)


def examine_package(folder, package):
    """Hold a package to what Debian expects of one."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    assert sorted(file.name for file in (tree / "DEBIAN").iterdir()) == ["control", "md5sums"]
    listed = subprocess.run(
        ["dpkg-deb", "--contents", package], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert all(line.split()[1] == "root/root" for line in listed)
    assert [line.split()[-1] for line in listed if line.startswith("-rwx")] == [
        "./usr/lib/notesearch/notesearch"
    ]
    assert (tree / "usr/bin/notesearch").resolve() == tree / "usr/lib/notesearch/notesearch"
    share = tree / "usr" / "share"
    assert "Exec=notesearch " in (share / f"applications/{paths.APP_ID}.desktop").read_text("utf-8")
    assert (share / f"icons/hicolor/48x48/apps/{paths.APP_ID}.png").is_file()
    assert (share / f"metainfo/{paths.APP_ID}.metainfo.xml").is_file()
    assert b".TH NOTESEARCH" in gzip.decompress((share / "man/man1/notesearch.1.gz").read_bytes())
    assert b"1.2.3" in gzip.decompress((share / "doc/notesearch/changelog.gz").read_bytes())
    assert (share / "doc/notesearch/THIRD-PARTY.txt").read_text("utf-8") == "All texts.\n"
    subprocess.run(["md5sum", "--quiet", "--check", "DEBIAN/md5sums"], cwd=tree, check=True)


@needs("readelf")
def test_without_a_bundle_it_says_what_to_run(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["build_deb.py", str(tmp_path / "none"), str(tmp_path)])
    assert build_deb.main() == 1
    assert "run packaging/bundle.py first" in capsys.readouterr().err


def test_every_override_says_why():
    reason = ""
    for line in (LINUX / "lintian-overrides").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = line
        elif line:
            assert reason, line
            assert re.match(r"notesearch: [\w-]+ .*\[\S+\]$", line), line
        else:
            reason = ""
