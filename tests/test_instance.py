"""The one that has the window, and the calls it hears: real processes and real sockets."""

import contextlib
import os
import pickle
import random
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import confined
import filelock
import pytest

from notesearch import instance, local_socket, named_pipe
from notesearch.instance import Call, Instance, InstanceError, Word
from notesearch.paths import UserPaths

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 30.0
TOGGLE = Call(Word.TOGGLE)

resource = pytest.importorskip("resource", reason="Windows has no such limits, nor such sockets")

DRIVER = """
import sys
from notesearch import instance, paths
user, mine = paths.user_paths(sys.argv[1]), None
for line in sys.stdin:
    word = line.strip()
    if word == "claim":
        mine = instance.Instance.claim(user)
        print("mine" if mine else "other", flush=True)
    elif word == "listen":
        mine.listen(lambda call: print("heard", call.word, call.token, flush=True))
    elif word == "close":
        if mine is not None:
            mine.close()
        print("closed", flush=True)
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch):
    """An empty folder with a short name, and all places for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="ns", dir="/tmp") as name:
        folder = Path(name)
        (folder / "run").mkdir(mode=0o700)
        (folder / "tmp").mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
        monkeypatch.setattr(local_socket, "_SYSTEM", folder / "none")
        monkeypatch.setattr(local_socket, "_TEMPORARY", folder / "tmp")
        yield folder


@pytest.fixture
def user(tmp_path):
    return at(tmp_path / "data")


def at(folder):
    return UserPaths(folder, folder, folder, named=True)


@pytest.fixture
def claim():
    """Become the one with the window; ended after the test."""
    with contextlib.ExitStack() as stack:

        def claim(user):
            mine = Instance.claim(user)
            if mine is not None:
                stack.callback(mine.close)
            return mine

        yield claim


@pytest.fixture
def mine(claim, user):
    """The one with the window, and what it has heard."""
    return claim(user)


@pytest.fixture
def heard(mine):
    calls = []
    mine.listen(calls.append)
    return calls


@pytest.fixture
def unhurried(monkeypatch):
    """Let whoever connects take as long as a busy machine makes him."""
    monkeypatch.setattr(local_socket, "SECONDS", SECONDS)
    monkeypatch.setattr(instance, "ANSWER_SECONDS", SECONDS)


class Driver:
    """A process that claims, listens and closes as it is told."""

    def __init__(self, user, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", DRIVER, str(user.data)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def tell(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def answer(self):
        return self.process.stdout.readline().strip()

    def ask(self, word):
        self.tell(word)
        return self.answer()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def drive():
    drivers = []

    def drive(user):
        drivers.append(Driver(user))
        return drivers[-1]

    yield drive
    for driver in drivers:
        with contextlib.suppress(BrokenPipeError):
            driver.kill()


def wait_until(condition):
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


def connected(mine):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(SECONDS)
    peer.connect(str(mine._listener.place))
    return peer


def answered(peer):
    """Return what is answered until the end; b'' also where the end came first."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while received := peer.recv(1000):
            said += received
    return said


def said_to(mine, sent, *, half=False):
    with connected(mine) as peer:
        with contextlib.suppress(OSError):
            peer.sendall(sent)
            if half:
                peer.shutdown(socket.SHUT_WR)
        return answered(peer)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


# Who it is ----------------------------------------------------------------------------------


def test_there_is_one_at_a_time_and_the_next_one_may_come_at_once(user, claim):
    assert not instance.running(user)
    for _ in range(3):
        mine = claim(user)
        assert not mine.unreachable
        assert instance.running(user)
        assert claim(user) is None
        mine.close()
        mine.close()
        assert not instance.running(user)
        assert not mine._listener.place.exists()


def test_to_look_whether_one_runs_makes_nothing(user):
    assert not instance.running(user)
    assert not instance.call(user, TOGGLE, 0.5)
    assert not user.data.exists()


def test_after_kill_9_the_next_one_claims_and_answers_at_once_twenty_times(user, drive):
    place = None
    for number in range(20):
        driver = drive(user)
        assert driver.ask("claim") == "mine"
        # Before it listens, a call is kept.
        assert instance.call(user, Call(Word.SHOW, f"a{number}"), SECONDS)
        driver.tell("listen")
        assert driver.answer() == f"heard show a{number}"
        assert instance.call(user, Call(Word.TOGGLE, f"b{number}"), SECONDS)
        assert driver.answer() == f"heard toggle b{number}"
        assert Instance.claim(user) is None
        driver.kill()
        place = next(local_socket.places(user.data))
        assert place.is_socket()
        assert user.instance_lock.exists()
        assert not instance.running(user)
        assert not instance.call(user, TOGGLE, 0.2)
    assert len(list(place.parent.iterdir())) == 1


def test_of_two_that_claim_at_the_same_time_one_wins_twenty_times(user, drive):
    pair = drive(user), drive(user)
    for _ in range(20):
        for driver in pair:
            driver.tell("claim")
        assert sorted(driver.answer() for driver in pair) == ["mine", "other"]
        assert instance.call(user, TOGGLE, SECONDS)
        for driver in pair:
            assert driver.ask("close") == "closed"


def test_whoever_looks_whether_one_runs_is_in_nobodys_way(user, claim, monkeypatch):
    monkeypatch.setattr(instance, "CLAIM_SECONDS", SECONDS)
    claim(user).close()
    ended = threading.Event()

    def look():
        while not ended.is_set():
            instance.running(user)

    looking = [threading.Thread(target=look) for _ in range(2)]
    for thread in looking:
        thread.start()
    try:
        for _ in range(20):
            mine = claim(user)
            assert mine is not None
            mine.close()
    finally:
        ended.set()
        for thread in looking:
            thread.join()


def test_two_data_folders_are_two_programs(tmp_path, claim):
    first, second = at(tmp_path / "one"), at(tmp_path / "two")
    calls = {first: [], second: []}
    for user, heard in calls.items():
        claim(user).listen(heard.append)
    assert instance.call(second, TOGGLE, SECONDS)
    assert instance.call(first, Call(Word.SHOW), SECONDS)
    wait_until(lambda: all(calls.values()))
    assert calls == {first: [Call(Word.SHOW)], second: [TOGGLE]}


def test_a_data_folder_has_one_program_under_all_of_its_names(tmp_path, user, heard):
    (tmp_path / "link").symlink_to(user.data)
    link = at(tmp_path / "link")
    assert instance.call(link, TOGGLE, SECONDS)
    assert Instance.claim(link) is None
    wait_until(lambda: heard == [TOGGLE])
    assert instance.running(link)


def test_a_claim_waits_for_whoever_only_looks(user, claim, monkeypatch):
    monkeypatch.setattr(instance, "CLAIM_SECONDS", SECONDS)
    claim(user).close()
    looking = filelock.FileLock(user.instance_lock, thread_local=False)
    looking.acquire()
    late = threading.Timer(0.2, looking.release)
    late.start()
    try:
        assert claim(user) is not None
    finally:
        # It may still be about to end.
        late.join()


# Where nothing can be written ---------------------------------------------------------------


def test_a_data_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    user = at(tmp_path / "file" / "data")
    with pytest.raises(InstanceError, match=r"cannot be written \(Not a directory\)"):
        Instance.claim(user)
    assert not instance.running(user)


@confined.needs_permissions
def test_a_data_folder_that_is_read_only_is_said(user):
    user.data.mkdir()
    user.data.chmod(0o500)
    try:
        with pytest.raises(InstanceError, match=r"cannot be written \(Permission denied\)"):
            Instance.claim(user)
        assert not instance.running(user)
    finally:
        user.data.chmod(0o700)


@confined.needs_permissions
def test_a_lock_that_may_not_be_written_is_said_and_nobody_holds_it(user):
    user.data.mkdir()
    user.instance_lock.touch(mode=0o400)
    user.instance_lock.chmod(0o400)
    user.libraries.mkdir()
    assert not instance.running(user)


def test_without_a_lock_it_is_reached_all_the_same_and_is_the_only_one(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    user = at(tmp_path / "file" / "data")
    mine, heard = Instance.without_lock(user), []
    with contextlib.closing(mine):
        mine.listen(heard.append)
        assert instance.running(user)
        assert Instance.without_lock(user) is None
        assert instance.call(user, Call(Word.QUIT), SECONDS)
        wait_until(lambda: heard == [Call(Word.QUIT)])
    assert not instance.running(user)
    assert not instance.call(user, Call(Word.QUIT), SECONDS)


@confined.needs_permissions
def test_a_lock_that_may_not_be_looked_at_is_no_hindrance_to_see_who_runs(user, claim):
    claim(user)
    user.instance_lock.chmod(0o400)
    assert instance.running(user)
    assert Instance.without_lock(user) is None


def test_a_full_disk_is_said(tmp_path):
    prefix = confined.with_mounts()
    claim = ("from notesearch import instance, paths; import sys\n"
             "try: instance.Instance.claim(paths.user_paths(sys.argv[1]))\n"
             "except instance.InstanceError as error: print(error)")  # fmt: skip
    full = 'mount -t tmpfs -o nr_inodes=1 none "$0" && exec "$@"'
    command = [*prefix, "sh", "-c", full, tmp_path, sys.executable, "-c", claim, tmp_path / "data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "cannot be written (No space left on device)" in done.stdout, done.stderr


# Where the socket is ------------------------------------------------------------------------


def test_the_socket_is_for_this_user_alone(folder, mine):
    place = mine._listener.place
    assert place.parent == folder / "run" / "notesearch"
    assert (mode(place.parent), mode(place)) == (0o700, 0o600)


def test_a_folder_that_another_takes_away_meanwhile_is_made_again(tmp_path, monkeypatch):
    usable, taken = local_socket._usable, []

    def until_it_is_taken(place):
        trouble = usable(place)
        if len(taken) < local_socket.TRIES - 1:
            place.parent.rmdir()
            taken.append(place)
        return trouble

    monkeypatch.setattr(local_socket, "_usable", until_it_is_taken)
    with contextlib.closing(local_socket.Listener(tmp_path, lambda _: b"heard\n")):
        assert len(taken) == local_socket.TRIES - 1
        assert local_socket.ask(tmp_path, b"x\n", SECONDS) == b"heard\n"


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        listener = local_socket.Listener(tmp_path, lambda _: b"")
    finally:
        os.umask(before)
    with contextlib.closing(listener):
        assert (mode(listener.place.parent), mode(listener.place)) == (0o700, 0o600)


@pytest.mark.parametrize("what", ["unset", "relative", "missing", "open", "file", "link", "long"])
def test_without_a_proper_runtime_folder_there_is_one_of_our_own(
    folder, user, claim, monkeypatch, what
):
    run = folder / "run"
    long = run / ("x" * 60)
    monkeypatch.chdir(folder)
    (folder / "link").symlink_to(run)
    named = {"relative": "run", "missing": folder / "gone", "file": folder / "file",
             "link": folder / "link", "long": long}  # fmt: skip
    long.mkdir(mode=0o700)
    (folder / "file").touch(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(named.get(what, run)))
    if what == "unset":
        monkeypatch.delenv("XDG_RUNTIME_DIR")
    if what == "open":
        run.chmod(0o755)
    mine = claim(user)
    assert not mine.unreachable
    assert mine._listener.place.parent == folder / "tmp" / f"notesearch-{os.getuid()}"
    assert mode(mine._listener.place.parent) == 0o700
    heard = []
    mine.listen(heard.append)
    assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: heard == [TOGGLE])


def test_a_process_that_is_not_told_of_the_runtime_folder_finds_the_systems(
    folder, user, claim, monkeypatch
):
    system = folder / "none" / str(os.getuid())
    system.mkdir(mode=0o700, parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(system))
    claim(user)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert instance.call(user, TOGGLE, SECONDS)


def spoil(own, how):
    elsewhere = own.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    if how == "link":
        own.symlink_to(elsewhere)
    elif how == "file":
        own.touch(mode=0o700)
    else:
        own.mkdir()
        own.chmod(0o755 if how == "open" else 0o700)


REASONS = {"open": "other users may enter it", "link": "it is not a folder",
           "file": "it is not a folder", "foreign": "it belongs to another user"}  # fmt: skip


@pytest.mark.parametrize("how", REASONS)
def test_a_folder_that_may_be_somebody_elses_is_refused_and_the_window_opens_all_the_same(
    user, claim, monkeypatch, caplog, how
):
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(instance, "CLAIM_SECONDS", 0.1)
    if how == "foreign":
        # As if somebody else had made it: only root can give a folder away.
        monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    own = local_socket._TEMPORARY / f"notesearch-{os.getuid()}"
    spoil(own, how)
    mine = claim(user)
    assert f"{own} cannot be used: {REASONS[how]}" in mine.unreachable
    assert not instance.call(user, TOGGLE, 0.2)
    assert claim(user) is None
    mine.listen(print)
    assert mine.unreachable in caplog.text
    mine.close()
    assert not instance.running(user)


def test_something_else_in_the_sockets_place_is_no_hindrance(user, claim):
    place = next(local_socket.places(user.data))
    place.parent.mkdir(mode=0o700)
    place.write_text("x", encoding="utf-8")
    assert not claim(user).unreachable
    assert place.is_socket()


# What is said -------------------------------------------------------------------------------


def test_every_call_comes_with_its_token_in_order(user, mine):
    token = "gnome-shell/Konsole/1-2-host_TIME123"
    calls = [Call(Word.SHOW, token), TOGGLE, Call(Word.QUIT, "!" + "x" * 400 + "~")]
    for wanted in calls:
        assert instance.call(user, wanted, SECONDS)
    heard = []
    mine.listen(heard.append)
    wait_until(lambda: len(heard) == 3)
    calls.append(Call(Word.SHOW))
    assert instance.call(user, calls[-1], SECONDS)
    wait_until(lambda: len(heard) == 4)
    assert heard == calls


@pytest.mark.parametrize("token", ["a b", "a\nnotesearch 1 quit", "é", "\ud800", "x" * 500, "\0"])
def test_a_token_that_cannot_be_is_left_out(user, heard, token):
    assert instance.call(user, Call(Word.TOGGLE, token), SECONDS)
    wait_until(lambda: heard == [TOGGLE])


def test_a_call_that_cannot_be_carried_out_does_not_keep_the_next_one_from_it(user, mine, caplog):
    heard = []

    def take(wanted):
        heard.append(wanted)
        raise RuntimeError("broken")

    mine.listen(take)
    for _ in range(2):
        assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: len(heard) == 2)
    assert "A call was not taken" in caplog.text


@pytest.mark.usefixtures("unhurried")
def test_one_that_takes_no_calls_keeps_only_so_many(user, mine):
    taken = [instance.call(user, TOGGLE, 0) for _ in range(instance.MOST_WAITING + 3)]
    assert taken == [True] * instance.MOST_WAITING + [False] * 3
    heard = []
    mine.listen(heard.append)
    assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: len(heard) == instance.MOST_WAITING + 1)


def test_after_the_end_nothing_is_handed_over(user, mine):
    assert instance.call(user, TOGGLE, SECONDS)
    mine.close()
    heard = []
    mine.listen(heard.append)
    mine._handing.join()
    assert not heard


def test_one_that_holds_the_lock_and_is_not_heard_yet_is_waited_for(user, claim):
    claim(user).close()
    lock = filelock.FileLock(user.instance_lock, thread_local=False)
    lock.acquire()
    listeners = []
    late = threading.Timer(
        0.3, lambda: listeners.append(local_socket.Listener(user.data, lambda _: b"ok\n"))
    )
    late.start()
    try:
        assert instance.call(user, TOGGLE, SECONDS)
    finally:
        late.join()
        lock.release()
        listeners[0].close()


def test_one_that_does_not_answer_is_not_waited_for_longer_than_the_patience(user, claim):
    claim(user).close()
    with filelock.FileLock(user.instance_lock):
        began = time.monotonic()
        assert not instance.call(user, TOGGLE, 0.3)
        assert 0.3 <= time.monotonic() - began < SECONDS


@pytest.mark.parametrize(("word", "lines"), [(Word.TOGGLE, 1), (Word.SHOW, 2), (Word.QUIT, 2)])
def test_only_a_word_that_undoes_itself_is_not_said_again_where_no_answer_came(user, word, lines):
    answers, said = [b"", b"ok\n"], []

    def answer(line):
        said.append(line)
        return answers[len(said) - 1]

    user.make()
    with (
        filelock.FileLock(user.instance_lock),
        contextlib.closing(local_socket.Listener(user.data, answer)),
    ):
        assert instance.call(user, Call(word), SECONDS) is (lines == 2)
    assert said == [f"notesearch 1 {word}\n".encode()] * lines


# What is refused ----------------------------------------------------------------------------


def malformed():
    """Return 240 messages that are none: of all kinds that came to mind, and random ones."""
    good = b"notesearch 1 toggle"
    wrong = [
        b"", b"\n", b"\n\n", good, good + b"\r\n", good + b" \n", good + b"  a\n", good + b" a b\n",
        good + b" a \n", b" " + good + b"\n", good + b"\n\n", good + b"\n" + good + b"\n",
        good + b"\0\n", good + b" \xc3\xa9\n", good + b" \x7f\n", good + b"\ta\n",
        good.upper() + b"\n", b"notesearch 2 toggle\n", b"notesearch 1 open\n", b"toggle\n",
        b"notesearch 1 toggleshow\n", b"notesearch  1 toggle\n", b"notesearch 1\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xef\xbb\xbf" + good + b"\n",
        good + b" " + b"x" * 512 + b"\n", good + b" " + b"x" * (512 - len(good) - 1) + b"\n",
        b"x" * 513, b"x" * 100_000, b"\0" * 600, b"\xff" * 600 + b"\n", b"1" * 511 + b"\n",
        *(pickle.dumps(value, protocol) for value in (TOGGLE, print, {"word": "toggle"})
          for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
        b"cos\nsystem\n(S'touch pwned'\ntR.",
    ]  # fmt: skip
    chance = random.Random(7)
    while len(wrong) < 240:
        noise = chance.randbytes(chance.choice((1, 3, 10, 100, 511, 512, 513, 2000)))
        # Some are nearly right: one byte of a good line is another.
        nearly = bytearray(good + b" token\n")
        nearly[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        wrong.append(chance.choice((noise, noise + b"\n", bytes(nearly), good + b" " + noise)))
    return wrong


def test_of_more_than_two_hundred_malformed_messages_each_is_refused(user, mine, heard):
    messages = malformed()
    assert len(messages) == 240
    for number, message in enumerate(messages):
        answer = said_to(mine, message, half=b"\n" not in message or number % 2 == 0)
        # Where more came than was read, the system may drop the answer.
        assert answer in {b"refused\n", b""}, message
        if number % 40 == 0:
            assert instance.call(user, Call(Word.SHOW, str(number)), SECONDS)
    assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: len(heard) == 7)
    assert heard[:-1] == [Call(Word.SHOW, str(number)) for number in range(0, 240, 40)]
    # The last one is let go in another thread, after its answer has been sent.
    wait_until(lambda: not mine._listener._conversations)


@pytest.mark.usefixtures("unhurried")
def test_whoever_ends_only_his_half_is_answered(mine, heard):
    assert said_to(mine, b"notesearch 1 toggle token\n", half=True) == b"ok\n"
    wait_until(lambda: heard == [Call(Word.TOGGLE, "token")])


def test_whoever_goes_at_once_disturbs_nobody(user, mine, heard):
    for message in (b"", b"notesearch 1 to", b"\0" * 5000):
        for _ in range(20):
            with connected(mine) as peer, contextlib.suppress(ConnectionError):
                peer.sendall(message)
    assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: heard == [TOGGLE])


def test_one_that_sends_nothing_or_a_byte_at_a_time_has_a_second_in_all(user, mine, heard):
    began = time.monotonic()
    with connected(mine) as silent, connected(mine) as slow:
        slow.settimeout(0.2)
        said = None
        for byte in b"notesearch 1 toggle " + b"x" * 100:
            with contextlib.suppress(ConnectionError):
                slow.sendall(bytes([byte]))
            with contextlib.suppress(TimeoutError):
                said = answered(slow)
                break
        assert said in {b"refused\n", b""}
        assert answered(silent) == b"refused\n"
        # Were it a second for each byte, nothing would have been said to the slow one.
        assert local_socket.SECONDS * 0.9 <= time.monotonic() - began < SECONDS
    assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: heard == [TOGGLE])


def test_many_that_are_stuck_hold_up_nobody(user, mine, heard):
    with contextlib.ExitStack() as stack:
        stuck = [stack.enter_context(connected(mine)) for _ in range(60)]
        for peer in stuck[::2]:
            # Some had to make room already.
            with contextlib.suppress(ConnectionError):
                peer.send(b"notesearch 1 ")
        assert instance.call(user, TOGGLE, SECONDS)
        assert len(mine._listener._conversations) <= local_socket.MOST
        assert answered(stuck[0]) in {b"refused\n", b""}
    wait_until(lambda: heard == [TOGGLE])


class Late(socket.socket):
    """Speaks some time after it has connected, as on a machine that stood still."""

    def sendall(self, data):
        time.sleep(0.5)
        super().sendall(data)


def test_whoever_speaks_too_late_is_told_and_tries_again(user, heard, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(local_socket, "SECONDS", 0.1)
        patch.setattr(local_socket.socket, "socket", Late)
        assert local_socket.ask(user.data, b"notesearch 1 toggle\n", SECONDS) == b"refused\n"
        # He comes back as long as his patience lasts, and is in time in the end.
        threading.Timer(1.0, patch.undo).start()
        assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: heard == [TOGGLE])


def test_many_good_calls_at_once_are_all_heard(user, heard):
    taken = []
    callers = [
        threading.Thread(target=lambda: taken.append(instance.call(user, TOGGLE, SECONDS)))
        for _ in range(instance.MOST_WAITING)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    wait_until(lambda: len(heard) >= len(callers))
    assert taken == [True] * len(callers)


def test_a_client_that_is_killed_in_the_middle_disturbs_nobody(user, mine, heard):
    program = ("import socket, sys, time\n"
               "peer = socket.socket(socket.AF_UNIX)\n"
               "peer.connect(sys.argv[1])\n"
               "peer.send(b'notesearch 1 tog')\n"
               "print('sent', flush=True)\n"
               "time.sleep(100)")  # fmt: skip
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, mine._listener.place], stdout=subprocess.PIPE
        ) as client:
            assert client.stdout.readline() == b"sent\n"
            client.kill()
        assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: heard == [TOGGLE] * 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who has connected")
@pytest.mark.usefixtures("unhurried")
def test_another_user_is_refused(mine, heard, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(os, "getuid", lambda: os.geteuid() + 1)
        assert said_to(mine, b"notesearch 1 toggle\n") == b""
    assert said_to(mine, b"notesearch 1 toggle\n") == b"ok\n"
    wait_until(lambda: heard == [TOGGLE])


def test_while_no_more_files_can_be_opened_calls_wait(mine, heard, caplog, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with peer:
        peer.settimeout(SECONDS)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (peer.fileno() + 1, hard))
            fill = []
            with contextlib.suppress(OSError):
                while True:
                    fill.append(os.dup(peer.fileno()))
            peer.connect(str(mine._listener.place))
            wait_until(lambda: "Nobody can connect" in caplog.text)
            # From now on he may be heard, and has so long to say it.
            monkeypatch.setattr(local_socket, "SECONDS", SECONDS)
        finally:
            for number in fill:
                os.close(number)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        peer.sendall(b"notesearch 1 toggle\n")
        assert answered(peer) == b"ok\n"
    wait_until(lambda: heard == [TOGGLE])


@pytest.mark.usefixtures("unhurried")
def test_it_rests_while_nobody_calls(mine):
    assert mine._listener._patience() is None
    with connected(mine):
        wait_until(lambda: mine._listener._patience() is not None)
    wait_until(lambda: mine._listener._patience() is None)


# Windows' way -------------------------------------------------------------------------------


@pytest.fixture
def piped(folder, monkeypatch):
    """Talk as on Windows, by means of what multiprocessing has on Linux for the same."""
    monkeypatch.setattr(named_pipe, "address", lambda data: str(folder / f"{data.name}.pipe"))
    monkeypatch.setattr(instance, "channel", named_pipe)
    # Whoever connects is to say it in so long, also on a busy machine.
    monkeypatch.setattr(named_pipe, "SECONDS", SECONDS)


@pytest.fixture
def pipe_heard(piped, user, claim):  # noqa: ARG001  # what it changes
    calls = []
    mine = claim(user)
    assert not mine.unreachable
    mine.listen(calls.append)
    return calls


def test_by_pipe_every_call_comes_with_its_token(user, pipe_heard, claim, tmp_path):
    assert instance.call(user, Call(Word.TOGGLE, "token"), SECONDS)
    wait_until(lambda: pipe_heard == [Call(Word.TOGGLE, "token")])
    assert claim(user) is None
    assert not instance.call(at(tmp_path / "other"), TOGGLE, 0.1)


def test_by_pipe_what_is_malformed_is_refused(user, pipe_heard, monkeypatch):
    monkeypatch.setattr(named_pipe, "SECONDS", 0.1)
    address = named_pipe.address(user.data)
    for message in malformed():
        with named_pipe.connection.Client(address) as peer:
            answer = b""
            with contextlib.suppress(OSError, EOFError):
                peer.send_bytes(message)
                answer = peer.recv_bytes(100)
            assert answer in {b"refused\n", b""}
    # A tenth of a second may be too short for the call itself on a busy machine.
    monkeypatch.setattr(named_pipe, "SECONDS", 3.0)
    # One goes at once, one says nothing.
    named_pipe.connection.Client(address).close()
    with named_pipe.connection.Client(address):
        assert instance.call(user, TOGGLE, SECONDS)
    wait_until(lambda: pipe_heard == [TOGGLE])


@pytest.mark.usefixtures("piped")
def test_by_pipe_the_next_one_may_come_at_once(user, claim):
    for _ in range(3):
        mine = claim(user)
        assert instance.call(user, TOGGLE, SECONDS)
        mine.close()
        assert not instance.call(user, TOGGLE, 0.1)


@pytest.mark.usefixtures("piped")
def test_a_pipe_that_cannot_be_made_is_said(user, claim, folder, monkeypatch):
    monkeypatch.setattr(named_pipe, "address", lambda _: str(folder / "none" / "pipe"))
    assert claim(user).unreachable


def test_the_name_of_a_pipe_is_one_for_a_user_and_a_folder(tmp_path, monkeypatch):
    name = named_pipe.address(tmp_path)
    assert name.startswith("\\\\.\\pipe\\notesearch-")
    assert named_pipe.address(tmp_path / "x") != name
    monkeypatch.setattr("getpass.getuser", lambda: "somebody else")
    assert named_pipe.address(tmp_path) != name
