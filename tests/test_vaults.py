"""Which folders of notes are found on a machine; all of them are real folders."""

import json
import os
import threading
import time

import confined
import pytest

from notesearch import vaults
from notesearch.vaults import FOLDER, JOPLIN, LOGSEQ, OBSIDIAN, ZETTLR, Vault, find_vaults, vault_at

HEX = [f"{number:032x}.md" for number in range(5)]


@pytest.fixture(autouse=True)
def _there_is_time():
    """Let a machine that stands still for some seconds find everything all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vaults, "LOOK_SECONDS", 3_600.0)
        patch.setattr(vaults, "COUNT_SECONDS", 3_600.0)
        yield


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home" / "me"
    folder.mkdir(parents=True)
    return folder


def make(folder, *files):
    """Make a folder that holds these files; a name that ends in / is a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("text", encoding="utf-8")
    return folder


def write_json(file, values):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(values if isinstance(values, str) else json.dumps(values), encoding="utf-8")


def found(home, **values):
    return list(find_vaults(home, **({"env": {}, "platform": "linux"} | values)))


def lists_obsidian(home, *folders, file=".config/obsidian/obsidian.json"):
    listed = {str(n): {"path": str(folder), "ts": 1} for n, folder in enumerate(folders)}
    write_json(home / file, {"vaults": listed})


# The programs' own lists --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "file"),
    [
        ("linux", ".config/obsidian/obsidian.json"),
        ("linux", ".var/app/md.obsidian.Obsidian/config/obsidian/obsidian.json"),
        ("linux", "snap/obsidian/current/.config/obsidian/obsidian.json"),
        ("darwin", "Library/Application Support/obsidian/obsidian.json"),
        ("win32", "AppData/Roaming/obsidian/obsidian.json"),
    ],
)
def test_obsidian_is_asked_for_its_vaults(home, tmp_path, platform, file):
    vault = make(tmp_path / "elsewhere", "a.md", "deep/b.markdown", "c.txt", ".obsidian/d.md")
    lists_obsidian(home, vault, file=file)
    assert found(home, platform=platform) == [Vault(vault, OBSIDIAN, 2)]


@pytest.mark.parametrize(
    ("platform", "variable"), [("linux", "XDG_CONFIG_HOME"), ("win32", "APPDATA")]
)
def test_settings_are_looked_for_where_the_system_says_they_are(home, tmp_path, platform, variable):
    vault = make(tmp_path / "elsewhere", "a.md")
    lists_obsidian(tmp_path, vault, file="settings/obsidian/obsidian.json")
    env = {variable: str(tmp_path / "settings")}
    assert found(home, platform=platform, env=env) == [Vault(vault, OBSIDIAN, 1)]


def test_the_names_of_logseqs_caches_are_its_graphs(home, tmp_path):
    graph = make(tmp_path / "my graph", "pages/a.md", "journals/b.md", "logseq/bak/c.md")
    caches = home / ".logseq" / "graphs"
    coded = str(graph).replace("/", "++")
    make(caches, f"logseq_local_{coded}.transit", "logseq_local_++gone.transit", "other.txt")
    make(caches, "logseq_local_not absolute.transit", "logseq_db_x/db.sqlite")
    assert found(home) == [Vault(graph, LOGSEQ, 2)]


def test_a_colon_in_the_name_of_a_cache_is_put_right(home):
    make(home, "logseq_local_C+3A+++my notes++g.transit")
    assert vaults._graphs(home) == ["C:/my notes/g"]


@pytest.mark.parametrize("key", ["openPaths", "openWorkspaces"])
@pytest.mark.parametrize("group", [None, "app", "window"])
def test_zettlr_is_asked_for_its_workspaces(home, tmp_path, key, group):
    space = make(tmp_path / "texts", "a.md")
    values = {key: [str(space), str(space / "a.md"), "/not/there"]}
    write_json(
        home / ".config" / "Zettlr" / "config.json", {group: values, "x": [1]} if group else values
    )
    assert found(home) == [Vault(space, ZETTLR, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "3", '{"vaults": null}', '{"vaults": [1, {"path": 3}]}',
        '{"vaults": {"a": null, "b": {}, "c": {"path": ""}, "d": {"path": "relative"}}}',
        '{"vaults": {"a": {"path": "/\\u0000"}, "b": {"path": "/\\ud800"}}}',
        '{"openPaths": {"a": 1}, "app": {"openWorkspaces": "x"}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_passed_over(home, text):
    write_json(home / ".config" / "obsidian" / "obsidian.json", text)
    write_json(home / ".config" / "Zettlr" / "config.json", text)
    make(home / "notes", ".obsidian/", "a.md")
    assert found(home) == [Vault(home / "notes", OBSIDIAN, 1)]


def test_a_list_that_is_not_utf_8_a_folder_or_a_pipe_is_passed_over(home):
    settings = make(home / ".config" / "obsidian")
    (settings / "obsidian.json").write_bytes(b'{"vaults": "\xff"}')
    make(home / ".config" / "Zettlr" / "config.json")
    other = make(home / ".var/app/md.obsidian.Obsidian/config/obsidian")
    os.mkfifo(other / "obsidian.json")
    assert found(home) == []


# The usual places ---------------------------------------------------------------------------


def test_folders_are_known_by_what_is_in_them(home):
    make(home / "Documents" / "one", ".obsidian/", "a.md")
    make(home / "Dropbox" / "two", "logseq/config.edn", "pages/a.md", "pages/b.md")
    make(home / "three", "_resources/a.png", "Notebook/a.md")
    make(home / "four", "_resources/a.png", "a.md")
    make(home / "five", "resources/a.png", *HEX)
    kinds = {vault.path.name: (vault.kind, vault.notes) for vault in found(home)}
    assert kinds == {
        "one": (OBSIDIAN, 1), "two": (LOGSEQ, 2), "three": (JOPLIN, 1), "four": (JOPLIN, 1),
        "five": (JOPLIN, 5),
    }  # fmt: skip


def test_what_only_looks_similar_is_no_vault(home):
    make(home / "a", ".obsidian")
    make(home / "b", "logseq/other.edn", "a.md")
    make(home / "c", "_resources/a.png", "Notebook/a.txt")
    make(home / "d", "resources/a.png", HEX[0], "readme.md")
    make(home / "e", "a.md")
    assert found(home) == []


def test_icloud_is_looked_into_and_the_programs_own_folders_are_not(home):
    cloud = home / "Library" / "Mobile Documents" / "iCloud~md~obsidian" / "Documents"
    make(cloud / "mine", ".obsidian/", "a.md")
    make(home / "Library" / "x", ".obsidian/", "a.md")
    assert found(home, platform="darwin") == [Vault(cloud / "mine", OBSIDIAN, 1)]


def test_hidden_and_deep_folders_and_links_are_not_looked_into(home, tmp_path):
    for place in (".hidden/a", "node_modules/b", "1/2/3/4", "snap/c"):
        make(home / place, ".obsidian/", "a.md")
    outside = make(tmp_path / "outside", ".obsidian/", "a.md")
    (home / "link").symlink_to(outside)
    (home / "Documents").symlink_to(outside.parent)
    (home / "loop").symlink_to(home)
    deep = make(home / "1" / "2" / "reached", ".obsidian/", "a.md")
    assert found(home) == [Vault(deep, OBSIDIAN, 1)]


def test_another_disk_is_not_looked_into(home, monkeypatch):
    make(home / "mount" / "notes", ".obsidian/", "a.md")
    own = make(home / "notes", ".obsidian/", "a.md")
    real = vaults._disk
    monkeypatch.setattr(vaults, "_disk", lambda path: -1 if "mount" in path else real(path))
    assert [vault.path for vault in found(home)] == [own]


def test_a_folder_that_is_only_in_the_cloud_is_not_looked_into(home, monkeypatch):
    make(home / "cloud" / "notes", ".obsidian/", "a.md")
    cloud = os.lstat(home / "cloud").st_ino
    monkeypatch.setattr(vaults, "is_placeholder", lambda status: status.st_ino == cloud)
    assert found(home) == []


def test_looking_ends_where_it_would_take_too_long(home, monkeypatch):
    make(home / "notes", ".obsidian/", "a.md")
    monkeypatch.setattr(vaults, "LOOK_SECONDS", -1.0)
    assert found(home) == []
    monkeypatch.undo()
    monkeypatch.setattr(vaults._Bounds, "reached", property(lambda bounds: bounds.entries < 40_000))
    assert found(home) == []


# Which are offered --------------------------------------------------------------------------


def test_each_is_offered_once_and_of_nested_ones_the_outermost(home):
    outer = make(home / "Documents" / "all", ".obsidian/", "a.md", "in/.obsidian/", "in/b.md")
    (home / "same").symlink_to(outer)
    lists_obsidian(home, outer / "in", outer, home / "same")
    write_json(home / ".config/Zettlr/config.json", {"openPaths": [str(outer)]})
    assert found(home) == [Vault(outer, OBSIDIAN, 2)]


def test_the_home_folder_would_take_in_all_others(home):
    make(home, ".obsidian/", "a.md")
    own = make(home / "notes", "logseq/config.edn", "a.md")
    lists_obsidian(home, home, home.parent, "/")
    assert found(home) == [Vault(own, LOGSEQ, 1)]


def test_what_a_folder_holds_says_more_than_the_list_that_names_it(home):
    graph = make(home / "notes", "logseq/config.edn", "a.md")
    write_json(home / ".config/Zettlr/config.json", {"openPaths": [str(graph)]})
    assert found(home) == [Vault(graph, LOGSEQ, 1)]


def test_folders_elsewhere_come_last(home, tmp_path):
    far = make(tmp_path / "far", ".obsidian/", "a.md")
    near = make(home / "near", ".obsidian/")
    lists_obsidian(home, far, tmp_path / "not there")
    assert found(home) == [Vault(near, OBSIDIAN, 0), Vault(far, OBSIDIAN, 1)]


def test_a_home_without_anything_has_no_vaults(home):
    assert found(home) == []
    assert found(home / "not there") == []


@confined.needs_permissions
def test_a_folder_without_rights_is_passed_over(home):
    own = make(home / "notes", ".obsidian/", "a.md")
    closed = make(home / "closed", ".obsidian/", "a.md")
    half = make(home / "half", ".obsidian/", "a.md")
    lists_obsidian(home, closed / "in")
    closed.chmod(0)
    half.chmod(0o400)
    try:
        assert found(home) == [Vault(own, OBSIDIAN, 1)]
    finally:
        closed.chmod(0o700)
        half.chmod(0o700)


def test_whoever_stops_it_gets_no_more(home):
    for name in "abc":
        make(home / name, ".obsidian/", "a.md")
    stop = threading.Event()
    finding = find_vaults(home, {}, "linux", stop.is_set)
    assert next(finding).kind == OBSIDIAN
    stop.set()
    assert list(finding) == []


# Counting -----------------------------------------------------------------------------------


def test_a_folder_is_counted_as_it_will_be_read(tmp_path):
    folder = make(tmp_path / "notes", "a.md", "b.MD", ".c.md", "d.md~", ".trash/e.md", "f/g.mkd")
    assert vault_at(folder) == Vault(folder, FOLDER, 3)
    assert vault_at(tmp_path / "not there") == Vault(tmp_path / "not there", FOLDER, 0)


def test_counting_ends_where_it_would_take_too_long(tmp_path, monkeypatch):
    folder = make(tmp_path / "notes", *(f"{number}.md" for number in range(9)))
    monkeypatch.setattr(vaults, "COUNT_SECONDS", -1.0)
    counted = vault_at(folder)
    assert counted.more
    assert counted.notes < 9
    monkeypatch.undo()
    assert vault_at(folder, stopped=lambda: True).more


def test_no_note_is_opened(home):
    note = make(home / "notes", ".obsidian/", "a.md") / "a.md"
    before = time.time() - 1_000_000
    os.utime(note, (before, before))
    note.chmod(0)
    assert [vault.notes for vault in found(home)] == [1]
    assert note.stat().st_atime == pytest.approx(before)
