"""Keys as text, and which of them can be heard everywhere."""

import pytest
from PySide6.QtGui import QKeySequence

from notesearch.gui.hotkey.chord import NAMED, Chord, Modifier, complaint, parse, written
from notesearch.settings import HOTKEY

CTRL, ALT, SHIFT, META = Modifier.CTRL, Modifier.ALT, Modifier.SHIFT, Modifier.META


def as_qt_writes(text):
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.PortableText)


@pytest.mark.parametrize(("text", "modifiers", "key"), [
    ("Ctrl+Alt+Space", CTRL | ALT, "Space"),
    ("Meta+K", META, "K"),
    ("Ctrl++", CTRL, "+"),
    ("+", Modifier(0), "+"),
    ("Ctrl+,", CTRL, ","),
    ("Ctrl+Shift+F12", CTRL | SHIFT, "F12"),
    ("Meta+Ctrl+Alt+Shift+Del", META | CTRL | ALT | SHIFT, "Del"),
    ("Ctrl+Ä", CTRL, "Ä"),
    ("Alt+Ж", ALT, "Ж"),
    ("F1", Modifier(0), "F1"),
])  # fmt: skip
def test_a_key_is_what_qt_writes(text, modifiers, key):
    chord = Chord(modifiers, key)
    assert parse(text) == chord
    assert written(chord) == text == as_qt_writes(text)


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_one_of_qt(name):
    assert as_qt_writes(f"Ctrl+{name}") == f"Ctrl+{name}"
    assert written(parse(f"Ctrl+{name}")) == f"Ctrl+{name}"


def test_a_small_letter_is_the_same_key():
    assert parse("Ctrl+k") == parse("Ctrl+K")
    assert parse("Ctrl+ß") == Chord(CTRL, "ß")


def test_tab_has_another_name_where_shift_is_held():
    assert parse("Ctrl+Shift+Backtab") == Chord(CTRL | SHIFT, "Tab")
    assert parse("Backtab") == Chord(SHIFT, "Tab")


@pytest.mark.parametrize("text", [
    "", "Ctrl", "Ctrl+", "Ctrl+Alt+", "Ctrl+Shift", "Ctrl+K, Ctrl+C", "Ctrl+Volume Up", "Num+5",
    "Hyper+K", "Ctrl+ ", "Ctrl+\n", "+++", "Ctrl+F36",
])  # fmt: skip
def test_what_is_no_single_key_is_none_and_complained_about(text):
    assert parse(text) is None
    assert complaint(text)


@pytest.mark.parametrize("text", ["", "Ctrl", "Ctrl+", "Ctrl+Shift", "Meta+"])
def test_modifiers_alone_are_told_apart(text):
    assert "Modifiers alone" in complaint(text)


@pytest.mark.parametrize("text", ["K", "5", "Shift+K", "Space", "Return", "Shift+Del", ",", "Esc"])
def test_what_is_written_with_is_refused_without_modifiers(text):
    said = "You could no longer type this key in other programs. Hold Ctrl, Alt or Super with it."
    assert complaint(text) == said


@pytest.mark.parametrize("text", [
    HOTKEY, "Ctrl+K", "Alt+5", "Meta+Space", "F1", "F24", "Shift+F5", "Pause", "Print", "Ctrl+Esc",
])  # fmt: skip
def test_what_nobody_writes_with_can_be_used(text):
    assert complaint(text) == ""
