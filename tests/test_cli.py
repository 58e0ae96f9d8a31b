"""The command line with the shipped model, as somebody would use it."""

import contextlib
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import confined
import filelock
import pytest

from notesearch import app, cli, doctor, paths, self_test, settings
from notesearch.core.access import load_encoder
from notesearch.core.engine import Engine
from notesearch.core.notes import Progress, State

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def _without_progress():
    """On a machine that is busy with much else, reading may take so long that it is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "PLAIN_PROGRESS_SECONDS", math.inf)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder in which the sample notes have been read."""
    folder = tmp_path_factory.mktemp("data")
    assert cli.main(["--data-dir", str(folder), "index", str(paths.SAMPLE_NOTES)]) == cli.FOUND
    return folder


@pytest.fixture
def run(data, capsys):
    def run(*arguments):
        code = cli.main(["--data-dir", str(data), *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("why is my loaf so dense", "Recipes/Sourdough.md"),
        ("insomnia", "Health/Sleep.md"),
        ("kitten medical history", "Home/Cat vet visits.md"),
        ("smugglers", "Reading/Book about salt.md"),
        ('"shutter speed"', "Travel/Camera settings.md"),
        ("git", "Work/Git cheat sheet.md"),
    ],
)
def test_the_note_meant_comes_first_in_json(run, question, note):
    code, out, err = run("search", question, "--json", "-n", "3")
    answer = json.loads(out)
    assert code == cli.FOUND
    assert err == ""
    assert answer["query"] == question
    assert answer["semantic"] is True
    assert answer["took_ms"] > 0
    assert len(answer["hits"]) <= 3
    hit = answer["hits"][0]
    assert hit["path"] == note
    assert set(hit) == {
        "path", "folder", "title", "heading", "line", "end_line", "score", "cosine", "words",
        "strength", "passage",
    }  # fmt: skip
    lines = (Path(hit["folder"]) / hit["path"]).read_text(encoding="utf-8").split("\n")
    assert "\n".join(lines[hit["line"] - 1 : hit["end_line"]]).strip() == hit["passage"].strip()


def test_nothing_close_is_exit_code_1_and_offers_what_is_weak(run):
    code, out, _ = run("search", "quantum chromodynamics on a lattice")
    assert code == cli.NOTHING
    assert out.startswith("No close match.")
    assert "Weak" in out


def test_an_exclusion_and_a_phrase_are_kept_to(run):
    _, out, _ = run("search", "tomatoes -basil", "--json")
    assert "Home/Balcony garden.md" not in [hit["path"] for hit in json.loads(out)["hits"]]
    _, out, _ = run("search", '"speed shutter"', "--json")
    answer = json.loads(out)
    assert not answer["hits"]
    assert answer["weak"]


@pytest.mark.parametrize(("by", "semantic"), [("words", False), ("meaning", True), ("both", True)])
def test_each_half_can_answer_alone(run, by, semantic):
    code, out, _ = run("search", "sourdough starter", "--by", by, "--json")
    answer = json.loads(out)
    assert code == cli.FOUND
    assert answer["semantic"] is semantic
    assert answer["hits"][0]["path"] == "Recipes/Sourdough.md"


def test_each_line_of_standard_input_gets_a_line_of_json(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO('insomnia\n\nqwpoeiru\n"unclosed\nC++ NEAR(\n'))
    code, out, _ = run("search", "--stdin")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == cli.FOUND
    assert [answer["query"] for answer in answers] == [
        "insomnia", "", "qwpoeiru", '"unclosed', "C++ NEAR(",
    ]  # fmt: skip
    assert answers[1]["hits"] == []


def test_status_tells_what_is_there(run):
    code, out, _ = run("status", "--json")
    status = json.loads(out)
    assert code == cli.FOUND
    assert status["notes"] == 26
    assert status["embedded"] == status["passages"] > 100
    assert status["problems"] == []
    assert status["bytes"]["library.db"] > 0
    assert status["stale"] == 0
    code, out, _ = run("status")
    assert "all by meaning too" in out


def test_doctor_finds_everything_sound(run):
    code, out, _ = run("doctor", "--json")
    report = json.loads(out)
    assert code == cli.FOUND
    assert len(report["pairs"]) == 9
    assert all(abs(pair["value"] - pair["reference"]) <= 0.04 for pair in report["pairs"])
    assert set(report["pairs"][0]) == {"name", "a", "b", "published", "reference", "value"}
    assert report["library"]["state"] == "sound"
    code, out, _ = run("doctor")
    assert "All is well." in out


def test_doctor_names_a_damaged_model(run, monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "MODEL", tmp_path)
    code, out, _ = run("doctor")
    assert code == cli.FAILURE
    assert "ERROR: the model cannot be read" in out


def test_indexing_again_reads_nothing_and_remembers_its_folders(run, data):
    code, out, err = run("index")
    assert (code, err) == (cli.FOUND, "")
    assert out.startswith("26 notes,")
    assert settings.load(data / "settings.json").folders == (str(paths.SAMPLE_NOTES),)


def test_problems_are_named_while_the_rest_goes_on(tmp_path, capsys):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "good.md").write_text("something readable", encoding="utf-8")
    (notes / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4)
    (notes / "header.md").write_text("---\ntitle: a: b\n---\ntext", encoding="utf-8")
    data = str(tmp_path / "data")
    assert cli.main(["--data-dir", data, "index", str(notes)]) == cli.FOUND
    said = capsys.readouterr()
    assert "picture.md: holds binary data, not text" in said.err
    assert "header.md: the front matter cannot be read" in said.err
    assert said.out == "3 notes, 3 passages, 2 problems\n"
    assert cli.main(["--data-dir", data, "status"]) == cli.FOUND
    assert "picture.md: holds binary data" in capsys.readouterr().out


def test_what_cannot_be_done_is_said_on_standard_error(tmp_path, capsys):
    data = str(tmp_path / "data")
    for arguments, reason in [
        (["search", "x"], "nothing has been read yet"),
        (["index"], "no folder is known yet"),
        (["index", str(tmp_path / "missing")], "is not a folder"),
    ]:
        assert cli.main(["--data-dir", data, *arguments]) == cli.FAILURE
        said = capsys.readouterr()
        assert said.out == ""
        assert reason in said.err


@pytest.mark.parametrize(
    "arguments",
    [["search"], ["search", "x", "--stdin"], ["search", "x", "-n", "0"], ["nonsense"],
     ["search", "x", "--by", "magic"], ["evaluate"], ["--toggle", "search", "x"],
     ["--background", "open"], ["--quit", "status"], ["--show", "--background"], ["--yes"],
     ["--yes", "search", "x"], ["--yes", "--quit"], ["--remove-data", "--yes", "status"]],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments, tmp_path):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--data-dir", str(tmp_path), *arguments])
    assert ended.value.code == cli.USAGE


def test_evaluate_measures_judged_queries(tmp_path, capsys):
    queries, judgements = tmp_path / "q.jsonl", tmp_path / "q.tsv"
    questions = {"a": ("insomnia", "Health/Sleep.md"), "b": ("smugglers", "nowhere.md")}
    queries.write_text(
        "".join(json.dumps({"_id": k, "text": t}) + "\n" for k, (t, _) in questions.items()),
        encoding="utf-8",
    )
    rows = "".join(f"{k}\t{path}\t1\n" for k, (_, path) in questions.items())
    judgements.write_text("query-id\tpath\tscore\n" + rows, encoding="utf-8")
    command = ["--data-dir", str(tmp_path / "d"), "evaluate", str(paths.SAMPLE_NOTES),
               "--queries", str(queries), "--qrels", str(judgements), "--json"]  # fmt: skip
    assert cli.main(command) == cli.FOUND
    report = json.loads(capsys.readouterr().out)
    assert report["queries"] == 2
    assert report["ndcg_at_10"] == report["hit_at_1"] == 0.5
    assert not (tmp_path / "d" / "settings.json").exists()


def test_beside_another_writer_index_says_so_and_fails(data, run, monkeypatch):
    monkeypatch.setattr(cli, "HAND_OVER_SECONDS", 0.5)
    with filelock.FileLock(data / "writer.lock"):
        code, out, err = run("index")
        assert (code, out) == (cli.FAILURE, "")
        assert "another notesearch" in err
        assert run("search", "insomnia")[0] == cli.FOUND


_PATIENT = """
import sys
from notesearch import cli
cli.HAND_OVER_SECONDS = 60.0
sys.exit(cli.main(sys.argv[1:]))
"""


def test_index_hands_a_folder_over_to_the_one_that_is_running(tmp_path, vault):
    data, told = tmp_path / "data", []

    def wait_for_notes(count):
        until = time.monotonic() + 60
        while not any(
            isinstance(m, Progress) and (m.state, m.notes) == (State.CURRENT, count) for m in told
        ):
            assert time.monotonic() < until, told[-5:]
            time.sleep(0.05)

    user = paths.UserPaths(data, data, data)
    settings.save(user.settings, settings.Settings().with_folders(vault({"a.md": "alpha"})))
    other = vault({"b.md": "the zebra crossing"}, "other")
    engine = Engine(user, partial(load_encoder, paths.MODEL, user), settings.load(user.settings),
                    told.append)  # fmt: skip
    engine.start()
    command = [sys.executable, "-c", _PATIENT, "--data-dir", str(data), "index", str(other)]
    try:
        # Else the command may be the first to write.
        wait_for_notes(1)
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                engine.apply(settings.load(user.settings))
                time.sleep(0.2)
            assert process.returncode == cli.FOUND
            assert "keeps these folders up to date" in process.stdout.read()
        # That the folder is known is not yet that it is read.
        wait_for_notes(2)
    finally:
        engine.stop()
    assert cli.main(["--data-dir", str(data), "search", "zebra", "--by", "words"]) == cli.FOUND


_WATCHED = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise SystemExit(f"network: {event} {args}")
sys.addaudithook(refuse)
from notesearch import cli
sys.exit(cli.main(sys.argv[1:]))
"""


def test_with_an_empty_home_only_the_programs_own_folders_appear_and_no_network_is_asked(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "ORT_", "NOTESEARCH"))}
    env |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments):
        command = [sys.executable, "-c", _WATCHED, *arguments]
        return subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert run("doctor").returncode == cli.FOUND
    assert run("index", str(paths.SAMPLE_NOTES)).returncode == cli.FOUND
    found = run("search", "insomnia")
    assert (found.returncode, found.stderr) == (cli.FOUND, "")
    files = {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}
    own = (".config/notesearch/", ".local/share/notesearch/", ".local/state/notesearch/")
    assert files
    assert all(name.startswith(own) for name in files), files


def test_the_command_line_does_not_load_qt():
    code = "import sys; from notesearch import cli; print('PySide6' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DELETE FROM stems_data WHERE id > 10", "mended: word indexes"),
        ("UPDATE passages SET text = 'pear'", "mended: notes that are not as they were stored: 1"),
        ("UPDATE embeddings SET vector = zeroblob(768)", "mended: vectors"),
        ("DROP TABLE passages", "made anew"),
    ],
)
def test_doctor_finds_damage_and_repairs_it(tmp_path, capsys, harm, said):
    notes, data = tmp_path / "notes", tmp_path / "data"
    notes.mkdir()
    (notes / "a.md").write_text("apple", encoding="utf-8")
    assert cli.main(["index", str(notes), "--data-dir", str(data)]) == cli.FOUND
    assert cli.main(["doctor", "--data-dir", str(data)]) == cli.FOUND
    (database,) = data.rglob("library.db")
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute(harm)
        db.commit()
    capsys.readouterr()
    assert cli.main(["doctor", "--data-dir", str(data)]) == cli.FAILURE
    told = capsys.readouterr().out
    assert "is damaged" in told
    assert "doctor --repair" in told
    assert cli.main(["doctor", "--repair", "--data-dir", str(data)]) == cli.FOUND
    assert said in capsys.readouterr().err
    assert cli.main(["search", "apple", "--data-dir", str(data)]) == cli.FOUND
    assert cli.main(["doctor", "--repair", "--data-dir", str(data)]) == cli.FOUND
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("arguments", [[], ["open"], ["--background"]])
def test_the_window_is_started_with_or_without_being_shown(tmp_path, monkeypatch, arguments):
    started = []
    monkeypatch.setattr(app, "run", lambda user, **how: started.append((user.data, how)) or 0)
    assert cli.main(["--data-dir", str(tmp_path), *arguments]) == cli.FOUND
    assert started == [(tmp_path, {"background": arguments == ["--background"], "trouble": ""})]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 seconds ago"), (1.2, "1 second ago"), (119, "119 seconds ago"),
     (7_000, "117 minutes ago"), (86_401, "24 hours ago"), (200_000_000, "2,315 days ago")],
)  # fmt: skip
def test_how_long_ago_something_was_is_said_in_words(monkeypatch, seconds, said):
    monkeypatch.setattr(time, "time", lambda: 1e9)
    assert doctor._ago(1e9 - seconds) == said


@confined.needs_permissions
def test_doctor_says_that_nothing_can_be_written(tmp_path, capsys):
    tmp_path.chmod(0o500)
    assert cli.main(["--data-dir", str(tmp_path), "doctor"]) == cli.FAILURE
    assert f"ERROR: the folder {tmp_path} cannot be written" in capsys.readouterr().out


def test_doctor_does_not_repair_beside_a_notesearch_that_runs(tmp_path, capsys):
    data = tmp_path / "data"
    user = paths.user_paths(str(data))
    user.data.mkdir()
    with filelock.FileLock(user.lock):
        assert cli.main(["doctor", "--repair", "--data-dir", str(data)]) == cli.FAILURE
    assert "end it first" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_whatever_the_output_can_write_the_answer_is_given(data, monkeypatch, encoding):
    # As escapes: of four digits, of two, of eight.
    question = "дом é 😀"
    for options in (["--json"], []):
        with io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) as output:
            monkeypatch.setattr(sys, "stdout", output)
            cli.main(["--data-dir", str(data), "search", question, "bread", *options])
            said = output.buffer.getvalue()
        assert b"bread" in said.lower()
        if options:
            # JSON is UTF-8 for all who read it.
            assert json.loads(said.decode("utf-8"))["query"] == f"{question} bread"


@pytest.mark.parametrize("flag", ["--self-test", "--install-desktop-entry"])
@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="with a menu as on Linux")
def test_where_there_is_no_output_at_all_flags_do_what_they_do(tmp_path, monkeypatch, flag):
    for name in ("HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(self_test, "run", lambda write: write("a line\n") is None)
    # As under pythonw.exe.
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main([flag]) == cli.FOUND
    assert (tmp_path / "XDG_DATA_HOME").is_dir() is (flag == "--install-desktop-entry")
