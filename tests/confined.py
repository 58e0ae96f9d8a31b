"""Commands that run confined by Linux: with mounts, limits or rights of their own.

Each function returns what to put before a command, whose process then is that command itself, so
that ending it works as ever. Where the machine refuses, as some containers do, the test is skipped
and the reason names what is missing. Nothing outside of the command is changed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PROBE_SECONDS = 30
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_LIMIT = 'echo "$1" > "/proc/sys/user/$0" && shift && exec "$@"'
_MOUNT = 'exec mount -t tmpfs none "$0"'
_SEES_NO_NETWORK = "exit $(($(tail -n +3 /proc/net/dev | grep -vc '^ *lo:')))"
_IS_REFUSED = """
cat "$0/secret" && echo "reads what it must not read" >&2 && exit 1
touch "$0/closed/new" && echo "writes where it must not write" >&2 && exit 1
exec cat "$0/own"
"""


def with_mounts() -> list[str]:
    """In mounts of its own, which it may change: `mount -t tmpfs none FOLDER`, `umount FOLDER`."""
    prefix = list(_NAMESPACE)
    with tempfile.TemporaryDirectory() as folder:
        _try(prefix, "sh", "-c", _MOUNT, folder)
    return prefix


def with_few_watches(watches: int) -> list[str]:
    """Where at most so many folders and files can be watched at a time; mounts as above."""
    return _limited("max_inotify_watches", watches)


def with_few_watchers(instances: int) -> list[str]:
    """Where inotify can be opened at most so many times; mounts as above."""
    return _limited("max_inotify_instances", instances)


def without_privileges() -> list[str]:
    """With the rights that modes of files give, and no more: as root without capabilities.

    Files of root stay its own. An ordinary user has no more rights anyway: the prefix is empty.
    """
    prefix = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, mode in (("secret", 0o000), ("own", 0o600)):
            (folder / file).write_text(file, encoding="utf-8")
            (folder / file).chmod(mode)
        (folder / "closed").mkdir(mode=0o500)
        _try(prefix, "sh", "-c", _IS_REFUSED, name)
    return prefix


def _permissions_hold() -> bool:
    with tempfile.TemporaryDirectory() as name:
        secret = Path(name) / "secret"
        secret.touch(mode=0)
        return not os.access(secret, os.R_OK)


needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or not _permissions_hold(),
    reason="permissions hold nobody back here; test_unprivileged.py runs it where they do",
)


def without_network() -> list[str]:
    """Without any network but a loopback that is down."""
    prefix = ["unshare", "--user", "--map-root-user", "--net"]
    _try(prefix, "sh", "-c", _SEES_NO_NETWORK)
    return prefix


def _limited(name: str, limit: int) -> list[str]:
    prefix = [*_NAMESPACE, "sh", "-c", _LIMIT, name, str(limit)]
    _try(prefix, "grep", "-qx", str(limit), f"/proc/sys/user/{name}")
    return prefix


def _try(prefix: list[str], *command: str) -> None:
    """Skip the test where such a command does not do what it should, and say why."""
    if sys.platform != "linux":
        pytest.skip("such limits are Linux's")
    if prefix and not shutil.which(prefix[0]):
        pytest.skip(f"this machine has no {prefix[0]} (package util-linux)")
    done = subprocess.run(
        [*prefix, *command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PROBE_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        pytest.skip(f"this machine refuses `{' '.join(prefix[:4])} ...`: {said}")
