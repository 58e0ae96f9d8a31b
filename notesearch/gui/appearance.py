"""Which colours and which size of text all windows have: the system's, or what was chosen."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from notesearch.gui.theme import DARK, LIGHT
from notesearch.settings import ZOOMS, Settings

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_FadeMenu, Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip, Qt.UIEffect.UI_FadeTooltip, Qt.UIEffect.UI_AnimateToolBox,
)  # fmt: skip

FLASH_MS = 2_000


def stop_motion() -> None:
    """Turn off what Qt moves of its own: menus and tool tips are there at once.

    The caret goes on to blink, more slowly, unless the system has it still.
    """
    for effect in _EFFECTS:
        QApplication.setEffectEnabled(effect, False)  # noqa: FBT003  # Qt's signature
    if QApplication.cursorFlashTime() > 0:
        # There and gone in turn, a second each: nothing wakes the program more often at rest.
        QApplication.setCursorFlashTime(FLASH_MS)


class Appearance:
    """Applies the settings to the application; remembers what was applied."""

    def __init__(self) -> None:
        self._chosen = False
        """Whether the application's palette is one of ours."""
        self._zoom = 100
        self.contrast = False
        """Whether windows are to take the colours of high contrast."""

    def apply(self, settings: Settings) -> None:
        """Take colours and sizes from the settings; where nothing was chosen, the system's."""
        self.contrast = settings.appearance == "contrast" or (
            settings.appearance == "system" and _system_wants_contrast()
        )
        chosen = {"light": LIGHT, "dark": DARK}.get(settings.appearance)
        if chosen is not None:
            QApplication.setPalette(chosen.palette)
        elif self._chosen:
            QApplication.setPalette(QPalette())
        self._chosen = chosen is not None
        if settings.zoom != self._zoom:
            self._zoom = settings.zoom
            QApplication.setFont(_scaled(settings.zoom))


def stepped(zoom: int, steps: int) -> int:
    """Return the size of text some steps larger or smaller; the usual one for no step."""
    if not steps:
        return 100
    return ZOOMS[min(max(ZOOMS.index(zoom) + steps, 0), len(ZOOMS) - 1)]


def _scaled(zoom: int) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(QFontInfo(font).pointSizeF() * zoom / 100)
    return font


def _system_wants_contrast() -> bool:
    """Say whether the system asks for high contrast: Qt knows that from 6.10 on."""
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)
    if accessibility is None:
        return False
    return bool(accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)
