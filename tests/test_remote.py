"""`notesearch --toggle`, `--show` and `--quit`, as processes, beside a stand-in for the program."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import filelock
import pytest

from notesearch import cli, instance, programs, remote
from notesearch.instance import Call, Instance, Word
from notesearch.paths import UserPaths
from notesearch.remote import RemoteError

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets as elsewhere")

STAND_IN = """
import json, os, sys, threading, time
from pathlib import Path
from notesearch import instance, paths
data = Path(sys.argv[sys.argv.index("--data-dir") + 1])
def note(**what):
    with open(data / "told.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\\n")
note(came=True)
time.sleep(float(os.environ.get("SLOW", 0)))
if "BROKEN" in os.environ:
    sys.exit(7)
# One that looks whether the lock is held may be stopped while it has it.
instance.CLAIM_SECONDS = 30.0
# And one that calls, between being let in and saying what it wants.
instance.channel.SECONDS = 60.0
mine = instance.Instance.claim(paths.user_paths(str(data)))
if mine is None:
    sys.exit(0)
note(started=sys.argv[1:], session=os.getsid(0) == os.getpid(), tty=sys.stdin.isatty(),
     token=os.environ.get("XDG_ACTIVATION_TOKEN"), id=os.environ.get("DESKTOP_STARTUP_ID"))
ended = threading.Event()
def heard(call):
    note(word=call.word, token=call.token)
    if call.word == "quit":
        ended.set()
mine.listen(heard)
ended.wait(100)
time.sleep(float(os.environ.get("LATE", 0)))
note(ended=True)
mine.close()
"""
COMMAND = """
import sys
from notesearch import __main__, instance, programs, remote
# A machine that is busy with other tests may be slower than any that a user waits for.
instance.ANSWER_SECONDS = remote.ANSWER_SECONDS = {seconds}
remote.START_SECONDS = remote.QUIT_SECONDS = {seconds}
programs.from_inside = lambda: [sys.executable, {stand_in!r}]
sys.argv[0] = "notesearch"
sys.exit(__main__.main())
"""


@pytest.fixture
def runtime(monkeypatch):
    # As for those that are started, for what is called in this process.
    for module, name in ((instance, "ANSWER_SECONDS"), (remote, "ANSWER_SECONDS"),
                         (remote, "START_SECONDS")):  # fmt: skip
        monkeypatch.setattr(module, name, SECONDS)
    with tempfile.TemporaryDirectory(prefix="ns", dir="/tmp") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        yield Path(name)


@pytest.fixture
def user(runtime, tmp_path):  # noqa: ARG001  # where its socket is
    data = tmp_path / "data"
    return UserPaths(data, data, data, named=True)


@pytest.fixture
def begin(user, tmp_path):
    """Start the command line with such a flag; where it starts a program, it is the stand-in."""
    stand_in = tmp_path / "stand_in.py"
    stand_in.write_text(STAND_IN, encoding="utf-8")
    code = COMMAND.format(stand_in=str(stand_in), seconds=SECONDS)
    begun = []

    def begin(*arguments, **around):
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, "--data-dir", str(user.data), *arguments]
        begun.append(subprocess.Popen(
            command, env=environment | around, cwd=tmp_path, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ))  # fmt: skip
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()
    instance.call(user, Call(Word.QUIT), 1.0)
    wait_until(lambda: not instance.running(user))


@pytest.fixture
def run(begin):
    def run(*arguments, **around):
        process = begin(*arguments, **around)
        out, err = process.communicate(timeout=SECONDS)
        assert out == ""
        return process.returncode, err

    return run


@pytest.fixture
def mine(user):
    """A notesearch that runs, in this process."""
    with contextlib.closing(Instance.claim(user)) as mine:
        yield mine


@pytest.fixture
def heard(mine):
    calls = []
    mine.listen(calls.append)
    return calls


def wait_until(condition):
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def told(user, what):
    """Return what the stand-in has noted of a kind."""
    file = user.data / "told.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [values for values in map(json.loads, lines) if what in values]


def test_one_that_runs_is_told_with_the_token(run, heard, user):
    assert run("--toggle", XDG_ACTIVATION_TOKEN="kwin-1", DESKTOP_STARTUP_ID="2") == (0, "")
    assert run("--show", DESKTOP_STARTUP_ID="gnome-shell_TIME2") == (0, "")
    assert run("--toggle", XDG_ACTIVATION_TOKEN="not two words") == (0, "")
    wait_until(lambda: len(heard) == 3)
    assert heard == [Call(Word.TOGGLE, "kwin-1"), Call(Word.SHOW, "gnome-shell_TIME2"),
                     Call(Word.TOGGLE)]  # fmt: skip
    assert not told(user, "started")


def test_one_that_is_starting_hears_it_when_it_can(run, mine):
    assert run("--show") == (0, "")
    heard = []
    mine.listen(heard.append)
    wait_until(lambda: heard == [Call(Word.SHOW)])


def test_where_none_runs_one_is_started_apart_and_told(run, user):
    around = {"XDG_ACTIVATION_TOKEN": "one", "DESKTOP_STARTUP_ID": "two", "SLOW": "0.3"}
    assert run("--toggle", **around) == (0, "")
    wait_until(lambda: told(user, "word"))
    assert told(user, "word") == [{"word": "toggle", "token": "one"}]
    (started,) = told(user, "started")
    assert started == {
        "started": ["--data-dir", str(user.data), "--background"], "session": True, "tty": False,
        "token": None, "id": None,
    }  # fmt: skip
    assert run("--show") == (0, "")
    wait_until(lambda: len(told(user, "word")) == 2)
    assert len(told(user, "started")) == 1


def test_calls_at_the_same_time_start_one(begin, user):
    for number in range(1, 4):
        many = [begin("--toggle", SLOW=slow) for slow in ("0.2", "0", "0.1", "0")]
        for process in many:
            assert process.communicate(timeout=SECONDS) == ("", "")
            assert process.returncode == 0
        wait_until(lambda number=number: len(told(user, "word")) == number * 5 - 1)
        # None that was started in vain takes its place later.
        assert len(told(user, "came")) == len(told(user, "started")) == number
        assert begin("--quit").wait(SECONDS) == 0
        assert not instance.running(user)


def test_one_that_was_killed_is_no_hindrance(run, user):
    program = ("import sys, time; from notesearch import instance, paths\n"
               "mine = instance.Instance.claim(paths.user_paths(sys.argv[1]))\n"
               "print('mine', flush=True); time.sleep(100)")  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", program, user.data], cwd=ROOT, stdout=subprocess.PIPE
    ) as killed:
        assert killed.stdout.readline() == b"mine\n"
        killed.kill()
    assert run("--toggle") == (0, "")
    wait_until(lambda: told(user, "word"))


def test_one_that_ends_at_once_is_said_at_once(run, user):
    code, err = run("--toggle", BROKEN="1")
    assert code == remote.FAILURE
    assert "ended as soon as it was started (exit code 7)" in err
    assert str(user.log_file) in err


def test_without_a_screen_nothing_is_started(run, user):
    around = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    for word in ("--toggle", "--show"):
        code, err = run(word, **around)
        assert (code, err) == (remote.FAILURE, f"notesearch: {remote.NO_SCREEN}\n")
    assert run("--quit", **around) == (0, "notesearch: no notesearch is running\n")
    assert not told(user, "started")


def test_a_program_that_is_not_there_is_said(user, monkeypatch):
    monkeypatch.setattr(programs, "from_inside", lambda: ["/none/notesearch"])
    with pytest.raises(RemoteError, match=r"could not be started .*/none/notesearch"):
        remote.carry_out(Word.TOGGLE, user)


def test_a_data_folder_that_cannot_be_written_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert remote.main(["--toggle", "--data-dir", str(tmp_path / "file" / "data")]) == 3
    assert "cannot be written (Not a directory); see that" in capsys.readouterr().err


def test_without_a_data_folder_named_none_is(tmp_path, monkeypatch):
    data = tmp_path / "data"
    script = tmp_path / "program"
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/told\nexit 5\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(programs, "from_inside", lambda: [str(script)])
    with pytest.raises(RemoteError, match="exit code 5"):
        remote.carry_out(Word.TOGGLE, UserPaths(data, data, data))
    assert (tmp_path / "told").read_text(encoding="utf-8") == "--background\n"


def test_to_quit_waits_until_it_has_ended(run, user):
    assert run("--show", LATE="0.5") == (0, "")
    assert run("--quit") == (0, "")
    assert told(user, "ended")
    assert not instance.running(user)
    assert run("--quit") == (0, "notesearch: no notesearch is running\n")


def test_to_quit_says_where_it_does_not_end(user, heard, monkeypatch):
    monkeypatch.setattr(remote, "QUIT_SECONDS", 0.3)
    with pytest.raises(RemoteError, match="has not ended yet"):
        remote.carry_out(Word.QUIT, user)
    wait_until(lambda: heard == [Call(Word.QUIT)])


def test_whoever_else_looks_at_the_same_time_is_not_taken_for_one_that_runs(user, begin):
    user.make()
    looking = filelock.FileLock(user.instance_lock, thread_local=False)
    looking.acquire()
    process = begin("--quit")
    # As long as many may look one after the other.
    releasing = threading.Timer(0.5, looking.release)
    releasing.start()
    assert process.communicate(timeout=SECONDS) == ("", "notesearch: no notesearch is running\n")
    assert process.returncode == 0
    # The process may have ended before the thread that let it go on.
    releasing.join()


@pytest.mark.parametrize("word", Word)
def test_one_that_cannot_be_reached_is_said(user, monkeypatch, word):
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.2)
    user.data.mkdir()
    with (
        filelock.FileLock(user.instance_lock),
        pytest.raises(RemoteError, match="is running and does not answer"),
    ):
        remote.carry_out(word, user)


# The command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [[], ["search", "x"], ["--background"], ["--toggle", "--show"], ["--toggle", "search", "x"],
     ["--toggle", "--data-dir"], ["--toggle=x"], ["--tog"], ["search", "--", "--toggle"],
     ["--toggle", "--help"], ["--version"]],
)  # fmt: skip
def test_all_but_one_such_flag_alone_is_the_command_lines(arguments):
    assert remote.main(arguments) is None


def test_also_the_whole_command_line_calls(user, heard, capsys):
    where = ["--data-dir", str(user.data)]
    assert remote.main(["--toggle", *where]) == 0
    assert cli.main([*where, "--show"]) == cli.FOUND
    assert cli.main([*where, "--tog"]) == cli.FOUND
    wait_until(lambda: len(heard) == 3)
    assert [call.word for call in heard] == [Word.TOGGLE, Word.SHOW, Word.TOGGLE]
    assert capsys.readouterr() == ("", "")


def test_the_whole_command_line_explains_a_failure_in_the_same_words(user, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for main in (remote.main, cli.main):
        assert main(["--toggle", "--data-dir", str(user.data)]) == cli.FAILURE == remote.FAILURE
        assert capsys.readouterr() == ("", f"notesearch: {remote.NO_SCREEN}\n")
