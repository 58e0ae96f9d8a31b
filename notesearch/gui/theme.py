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
LIGHT_BELOW = 128


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


LIGHT = Theme(
    window=QColor("#f6f6f4"), surface=QColor("#ffffff"), text=QColor("#1d1d1f"),
    muted=QColor("#62636a"), accent=QColor("#2f6fde"), match=QColor("#ffe9a8"),
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


def theme_for(palette: QPalette) -> Theme:
    """Return the theme that goes with the system's palette."""
    return LIGHT if palette.color(QPalette.ColorRole.Window).lightness() >= LIGHT_BELOW else DARK


def style_sheet(theme: Theme) -> str:
    """Return the style of the window's parts."""
    return f"""
    QWidget#window, QWidget#page {{ background: {theme.window.name()}; }}
    QLabel {{ color: {theme.text.name()}; background: transparent; }}
    QLabel#muted, QLabel#status {{ color: {theme.muted.name()}; }}
    QLineEdit {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; border-radius: {SPACE}px;
        padding: {SPACE}px {SPACE + 4}px; selection-background-color: {theme.accent.name()};
        selection-color: {theme.surface.name()};
        placeholder-text-color: {theme.muted.name()};
    }}
    QLineEdit:focus {{ border-color: {theme.accent.name()}; }}
    QLineEdit#name {{ border-radius: 6px; padding: {SPACE - 3}px {SPACE}px; }}
    QListView, QTextEdit#reading {{
        background: {theme.surface.name()}; border: 1px solid {theme.line.name()};
        border-radius: {SPACE}px; outline: 0;
    }}
    QPushButton {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; border-radius: 6px;
        padding: {SPACE - 1}px {2 * SPACE}px;
    }}
    QPushButton:hover, QPushButton:focus {{ border-color: {theme.accent.name()}; }}
    QPushButton:default {{
        background: {theme.accent.name()}; color: {theme.surface.name()};
        border-color: {theme.accent.name()};
    }}
    QPushButton#link {{
        background: transparent; border: 0; padding: 0; color: {theme.accent.name()};
    }}
    QPushButton#link:hover, QPushButton#link:focus {{ text-decoration: underline; }}
    QWidget#bar {{
        background: {theme.surface.name()}; border: 1px solid {theme.line.name()};
        border-radius: {SPACE}px;
    }}
    QTabBar {{ background: transparent; }}
    QTabBar::tab {{
        background: transparent; color: {theme.muted.name()}; border: 1px solid transparent;
        border-radius: 6px; padding: {SPACE - 4}px {SPACE + 4}px; margin-right: {SPACE // 2}px;
    }}
    QTabBar::tab:hover {{ color: {theme.text.name()}; }}
    QTabBar::tab:selected {{
        background: {theme.selected.name()}; color: {theme.text.name()};
    }}
    QTabBar::tab:focus {{ border-color: {theme.accent.name()}; }}
    QPushButton:disabled {{
        color: {theme.muted.name()}; background: transparent; border-color: {theme.line.name()};
    }}
    QDialog {{ background: {theme.window.name()}; }}
    QTreeView, QPlainTextEdit {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; border-radius: {SPACE}px; outline: 0;
        selection-background-color: {theme.selected.name()};
        selection-color: {theme.text.name()}; placeholder-text-color: {theme.muted.name()};
    }}
    QTreeView {{ padding: 3px; }}
    QTreeView::item {{ padding: 5px {SPACE}px; }}
    QTreeView::item:selected {{ background: {theme.selected.name()}; }}
    QPlainTextEdit {{ padding: 4px; }}
    QTreeView:focus, QPlainTextEdit:focus {{ border-color: {theme.accent.name()}; }}
    QHeaderView {{ background: transparent; }}
    QHeaderView::section {{
        background: transparent; color: {theme.muted.name()}; border: 0;
        border-bottom: 1px solid {theme.line.name()}; padding: 5px {SPACE + 3}px;
    }}
    QSplitter::handle {{ background: transparent; }}
    QScrollBar {{ background: transparent; border: 0; margin: 2px; }}
    QScrollBar:vertical {{ width: {SPACE + 4}px; }}
    QScrollBar:horizontal {{ height: {SPACE + 4}px; }}
    QScrollBar::handle {{ background: {theme.track.name()}; border-radius: 4px; }}
    QScrollBar::handle:hover {{ background: {theme.muted.name()}; }}
    QScrollBar::handle:vertical {{ min-height: {4 * SPACE}px; }}
    QScrollBar::handle:horizontal {{ min-width: {4 * SPACE}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QToolTip {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()};
    }}
    """
