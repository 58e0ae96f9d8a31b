"""Colours and measures: one spacing, one type scale, one accent, light and dark."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

SPACE = 8
"""Everything is a multiple of it, in device-independent pixels."""
BOX_SCALE = 1.25
"""Of the search box's text to the system's."""
TITLE_SCALE = 1.5
"""Of what stands alone in the window or opens a dialog."""
NAME_SCALE = 1.2
"""Of a note's title above what is said of it."""
SMALL_SCALE = 0.92
LIGHT_FROM = 128
"""Lightness of a window, of 255, from which it is light."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one appearance."""

    window: QColor
    surface: QColor
    text: QColor
    muted: QColor
    accent: QColor
    match: QColor
    """Behind a word that matched."""
    meaning: QColor
    """Behind a word that carried the meaning; such words are underlined too."""
    underline: QColor
    selected: QColor
    line: QColor
    warning: QColor
    """Of words about something that is not as it should be."""
    track: QColor
    """The empty part of a bar."""

    @property
    def disabled_border(self) -> str:
        """Where lines are as dark as text, colour alone does not say what cannot be used."""
        return "dashed" if self.line == self.text else "solid"

    @property
    def palette(self) -> QPalette:
        """The same for the whole application, where they are not the system's own."""
        palette = QPalette()
        role = QPalette.ColorRole
        for roles, colour in (
            ((role.Window, role.AlternateBase), self.window),
            ((role.Base, role.Button, role.ToolTipBase, role.HighlightedText), self.surface),
            ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), self.text),
            ((role.PlaceholderText,), self.muted),
            ((role.Highlight, role.Link, role.LinkVisited, role.Accent), self.accent),
            ((role.Mid, role.Midlight), self.line),
        ):
            for one in roles:
                palette.setColor(one, colour)
        disabled = QPalette.ColorGroup.Disabled
        for one in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(disabled, one, self.muted)
        return palette


LIGHT = Theme(
    window=QColor("#f6f6f4"), surface=QColor("#ffffff"), text=QColor("#1d1d1f"),
    muted=QColor("#62636a"), accent=QColor("#2866d2"), match=QColor("#ffe9a8"),
    selected=QColor("#e3ecfc"), line=QColor("#dddcd8"), track=QColor("#d9dade"),
    warning=QColor("#8a5a00"),
    meaning=QColor("#d8eff1"), underline=QColor("#14808c"),
)  # fmt: skip
DARK = Theme(
    window=QColor("#1e1f22"), surface=QColor("#27282c"), text=QColor("#ececee"),
    muted=QColor("#a3a5ad"), accent=QColor("#7aa7ff"), match=QColor("#5c4b12"),
    selected=QColor("#2f3d58"), line=QColor("#3a3b40"), track=QColor("#45474d"),
    warning=QColor("#e0b050"),
    meaning=QColor("#123f46"), underline=QColor("#52c3cf"),
)  # fmt: skip
CONTRAST_LIGHT = Theme(
    window=QColor("#ffffff"), surface=QColor("#ffffff"), text=QColor("#000000"),
    muted=QColor("#3c3c3c"), accent=QColor("#0000c8"), match=QColor("#ffe14d"),
    selected=QColor("#c8dcff"), line=QColor("#000000"), track=QColor("#b4b4b4"),
    warning=QColor("#8a0000"),
    meaning=QColor("#a8f0f5"), underline=QColor("#004a52"),
)  # fmt: skip
CONTRAST_DARK = Theme(
    window=QColor("#000000"), surface=QColor("#000000"), text=QColor("#ffffff"),
    muted=QColor("#d0d0d0"), accent=QColor("#7fc4ff"), match=QColor("#645000"),
    selected=QColor("#003a75"), line=QColor("#ffffff"), track=QColor("#5a5a5a"),
    warning=QColor("#ffd24d"),
    meaning=QColor("#00525c"), underline=QColor("#7df0fa"),
)  # fmt: skip


def theme_for(palette: QPalette, *, contrast: bool = False) -> Theme:
    """Return the theme that goes with the system's palette, or what was chosen in its place."""
    light = palette.color(QPalette.ColorRole.Window).lightness() >= LIGHT_FROM
    if contrast:
        return CONTRAST_LIGHT if light else CONTRAST_DARK
    return LIGHT if light else DARK
