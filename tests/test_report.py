"""A report of an error says where and what kind, and quotes nothing."""

import re
import sqlite3
from pathlib import Path

import pytest

from notesearch import __version__, settings
from notesearch.core.report import describe, full_report

SECRET = "secret note text"


def of_value():
    raise ValueError(SECRET)


def of_key():
    return {}[SECRET]


def of_decoding():
    return (SECRET.encode() + b"\xff").decode("utf-8")


def of_a_database():
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f'SELECT [{SECRET}] FROM "sqlite_master"')
    finally:
        connection.close()


def of_a_file():
    Path(f"/nowhere/{SECRET}.md").read_text(encoding="utf-8")


def of_an_attribute():
    return getattr(SECRET, SECRET)


def chained():
    try:
        of_key()
    except KeyError as error:
        raise RuntimeError(SECRET) from error


def on_the_way():
    try:
        of_a_file()
    except OSError:
        of_value()


def hidden():
    try:
        of_key()
    except KeyError:
        raise RuntimeError(SECRET) from None


def in_a_group():
    raise ExceptionGroup(SECRET, [ValueError(SECRET)])


def with_a_note():
    error = ValueError(SECRET)
    error.add_note(SECRET)
    raise error


def caught(function):
    try:
        function()
    except Exception as error:  # noqa: BLE001  # of every kind
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (of_value, "ValueError"),
        (of_key, "KeyError"),
        (of_decoding, "UnicodeDecodeError"),
        (of_a_database, "OperationalError: SQLITE_ERROR"),
        (of_a_file, "FileNotFoundError: No such file or directory"),
        (of_an_attribute, "AttributeError"),
        (chained, "RuntimeError"),
        (on_the_way, "ValueError"),
        (hidden, "RuntimeError"),
        (in_a_group, "ExceptionGroup"),
        (with_a_note, "ValueError"),
    ],
)
def test_kind_and_place_are_said_and_nothing_is_quoted(function, kind):
    error = caught(function)
    for report in (describe(error), full_report(error)):
        assert "secret" not in report
        assert "nowhere" not in report
        assert kind in report.splitlines()
        assert re.search(rf"^  test_report\.py:\d+ in {function.__name__}$", report, re.M)


def test_the_line_is_the_one_that_raised():
    line = of_value.__code__.co_firstlineno + 1
    assert f"  test_report.py:{line} in of_value" in describe(caught(of_value)).splitlines()


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (chained, ["RuntimeError", "KeyError"]),
        (on_the_way, ["ValueError", "FileNotFoundError: No such file or directory"]),
        (hidden, ["RuntimeError"]),
    ],
)
def test_causes_follow_what_they_caused(function, kinds):
    lines = describe(caught(function)).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == kinds
    assert lines.count("  caused by:") == len(kinds) - 1


def test_the_programs_own_files_are_named_by_their_place_in_it(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    error = caught(lambda: settings.save(blocked / SECRET, settings.Settings()))
    report = describe(error)
    assert re.search(r"^  notesearch/settings\.py:\d+ in save$", report, re.M)
    assert "SettingsError" in report.splitlines()
    assert str(tmp_path) not in report
    assert SECRET not in report


def test_an_error_that_was_never_raised_has_a_kind():
    assert describe(OSError(SECRET)) == "OSError"


def test_a_full_report_begins_with_the_versions():
    error = caught(of_value)
    head, _, body = full_report(error).partition("\n\n")
    assert head.startswith(f"notesearch {__version__}, Python 3.")
    for library in ("SQLite", "PySide6_Essentials", "numpy", "onnxruntime", "usearch"):
        assert re.search(rf"\b{library} \d+\.\d+", head)
    assert body == describe(error)
