"""Colours and sizes: what the system has, or what was chosen, at once and in every window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from notesearch.core.notes import Progress, Query, Results, State
from notesearch.gui import theme
from notesearch.gui.appearance import Appearance, stepped, stop_motion
from notesearch.gui.main_window import MainWindow
from notesearch.gui.painting import bar_height, bar_width
from notesearch.gui.preview import PreviewPane
from notesearch.gui.reading_page import ReadingPage
from notesearch.gui.style import style_sheet
from notesearch.settings import ZOOMS, Settings

DARK_SYSTEM = QPalette(QColor("#303134"), QColor("#202124"))


@pytest.fixture
def appearance(qapp):
    made = Appearance()
    yield made
    made.apply(Settings())
    qapp.setPalette(QPalette())


@pytest.fixture
def window(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    window.set_folders(["/notes"])
    window.show()
    return window


def shows(window, name):
    """Whether the window is painted in the colours of a theme: its ground is."""
    picture = window.grab().toImage()
    return picture.pixelColor(2, picture.height() // 2) == getattr(theme, name).window


@pytest.mark.parametrize(("chosen", "name"), [("light", "LIGHT"), ("dark", "DARK")])
def test_chosen_colours_are_there_at_once(appearance, window, qtbot, chosen, name):
    appearance.apply(Settings(appearance=chosen))
    qtbot.waitUntil(lambda: shows(window, name))


def test_the_systems_colours_come_back_and_are_followed(appearance, window, qtbot, qapp):
    appearance.apply(Settings(appearance="dark"))
    qtbot.waitUntil(lambda: shows(window, "DARK"))
    appearance.apply(Settings())
    qtbot.waitUntil(lambda: shows(window, "LIGHT"))
    # The system switches while the window is open.
    qapp.setPalette(DARK_SYSTEM)
    qtbot.waitUntil(lambda: shows(window, "DARK"))
    qapp.setPalette(QPalette())
    qtbot.waitUntil(lambda: shows(window, "LIGHT"))


def test_high_contrast_goes_with_a_light_and_a_dark_system(appearance, window, qapp):
    appearance.apply(Settings(appearance="contrast"))
    window.set_contrast(wanted=appearance.contrast)
    assert shows(window, "CONTRAST_LIGHT")
    qapp.setPalette(DARK_SYSTEM)
    window.set_contrast(wanted=appearance.contrast)
    assert shows(window, "CONTRAST_DARK")


def contrast(one, other):
    """Return the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour):
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["LIGHT", "DARK", "CONTRAST_LIGHT", "CONTRAST_DARK"])
def test_everything_can_be_read_on_what_it_stands_on(name):
    colours, least = getattr(theme, name), 7.0 if name.startswith("CONTRAST") else 4.5
    for text in (colours.text, colours.muted, colours.warning, colours.accent):
        for ground in (colours.window, colours.surface):
            assert contrast(text, ground) >= least
    for ground in (colours.match, colours.meaning, colours.selected):
        assert contrast(colours.text, ground) >= least
    for line in (colours.accent, colours.underline):
        assert contrast(line, colours.surface) >= 3.0


@pytest.mark.parametrize("name", ["LIGHT", "DARK", "CONTRAST_LIGHT", "CONTRAST_DARK"])
def test_whatever_has_the_keys_has_a_border_in_the_accent(qtbot, name):
    colours = getattr(theme, name)
    parent, line, preview = QWidget(), QLineEdit(), PreviewPane()
    parent.setStyleSheet(style_sheet(colours, parent.font()))
    preview.restyle(colours)
    shown = [line, QListWidget(), ReadingPage("A page"), QPlainTextEdit(), preview]
    layout = QVBoxLayout(parent)
    for widget in shown:
        layout.addWidget(widget)
    qtbot.addWidget(parent)
    with qtbot.waitActive(parent):
        parent.show()
        parent.activateWindow()
    for widget in shown:
        widget.setFocus()
        qtbot.waitUntil(lambda: [one for one in shown if has_border(one, colours.accent)] == [
            QApplication.focusWidget()
        ])  # fmt: skip


def has_border(widget, colour):
    return widget.grab().toImage().pixelColor(widget.width() // 2, 0) == colour


@pytest.mark.parametrize("name", ["CONTRAST_LIGHT", "CONTRAST_DARK"])
def test_with_high_contrast_a_button_that_cannot_be_pressed_has_gaps_in_its_border(qtbot, name):
    button = QPushButton("Press")
    qtbot.addWidget(button)
    button.setStyleSheet(style_sheet(getattr(theme, name), button.font()))
    for usable in (True, False):
        button.setEnabled(usable)
        picture = button.grab().toImage()
        middle = range(12, picture.width() - 12)
        colours = {picture.pixelColor(x, 0).name() for x in middle}
        assert (len(colours) == 1) is usable


@pytest.mark.parametrize(("name", "tick"), [("LIGHT", "#ffffff"), ("DARK", "#1d1d1f")])
@pytest.mark.parametrize("points", [9, 27])
def test_a_tick_can_be_seen_and_grows_with_the_text(qtbot, name, tick, points):
    box = QCheckBox("Tick")
    qtbot.addWidget(box)
    box.setChecked(True)
    font = QFont(box.font())
    font.setPointSizeF(points)
    box.setFont(font)
    box.setStyleSheet(style_sheet(getattr(theme, name), font))
    box.resize(box.sizeHint())
    option = QStyleOptionButton()
    box.initStyleOption(option)
    part = QStyle.SubElement.SE_CheckBoxIndicator
    sign = box.style().subElementRect(part, option, box)
    picture = box.grab(sign).toImage()
    seen = {picture.pixelColor(x, y).name()
            for x in range(picture.width()) for y in range(picture.height())}  # fmt: skip
    assert {tick, getattr(theme, name).accent.name()} <= seen
    assert sign.height() >= max(16, QFontMetrics(font).height())


def test_bars_grow_with_the_text(qapp):
    small, large = QFont(qapp.font()), QFont(qapp.font())
    large.setPointSizeF(3 * small.pointSizeF())
    for size in (bar_width, bar_height):
        assert size(QFontMetrics(large)) >= 2 * size(QFontMetrics(small))


def heights(window):
    return [window.box.height(), window.status.height(), window.results.list.sizeHintForRow(0)]


def test_text_grows_and_shrinks_in_an_open_window(appearance, window, qtbot):
    window.box.setText("x")
    usual = QFontInfo(window.font()).pointSizeF()
    title = window.page.findChild(QLabel, "title")
    before = heights(window)
    appearance.apply(Settings(zoom=200))
    qtbot.waitUntil(lambda: QFontInfo(window.status.font()).pointSizeF() > 1.9 * usual)
    assert QFontInfo(title.font()).pointSizeF() == pytest.approx(2 * usual * theme.TITLE_SCALE, 0.1)
    assert all(now >= then for now, then in zip(heights(window), before, strict=True))
    appearance.apply(Settings(zoom=100))
    qtbot.waitUntil(lambda: heights(window) == before)


@pytest.mark.parametrize("zoom", ZOOMS)
def test_the_window_stays_on_the_screen_at_every_size_of_text(appearance, window, zoom):
    appearance.apply(Settings(zoom=zoom))
    window.take(Progress(State.CURRENT, notes=4812, passages=1, embedded=1))
    window.box.setText("x")
    window.take(Results(Query("x", words=("x",))))
    window.resize(420, 320)
    QApplication.processEvents()
    assert window.width() <= max(420 * zoom / 100, 420)
    screen = window.screen().availableSize()
    assert window.width() <= screen.width()
    assert window.height() <= screen.height()


def test_sizes_go_by_steps_and_back_to_the_usual_one():
    assert stepped(100, 1) == 110
    assert stepped(100, -1) == 90
    assert stepped(ZOOMS[-1], 1) == ZOOMS[-1]
    assert stepped(ZOOMS[0], -1) == ZOOMS[0]
    assert stepped(250, 0) == 100


def test_nothing_moves_by_itself(qapp):
    stop_motion()
    for effect in (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateCombo):
        assert not qapp.isEffectEnabled(effect)
    # The caret is all that wakes a window at rest.
    assert qapp.cursorFlashTime() == 0 or qapp.cursorFlashTime() >= 2_000
