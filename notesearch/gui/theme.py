"""Colours and measures: one spacing, one type scale, one accent, light and dark."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetrics, QPalette

from notesearch.paths import RESOURCES

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


def style_sheet(theme: Theme, font: QFont) -> str:
    """Return the style of all parts of the window; font: the application's, that sizes follow."""
    points = QFontInfo(font).pointSizeF()
    parts = (_texts(theme, points), _fields(theme), _buttons(theme), _lists(theme), _bars(theme))
    # As large as letters, so that they grow with them.
    sign = max(2 * SPACE, QFontMetrics(font).height())
    return "\n".join((*parts, _switches(theme, sign), _choices(theme, sign)))


def _texts(theme: Theme, points: float) -> str:
    """Everything that only says something, and the sizes of all that is not of the usual size."""
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return f"""
    QWidget#window, QWidget#page, QDialog {{ background: {theme.window.name()}; }}
    QLabel {{ color: {theme.text.name()}; background: transparent; }}
    QLabel#muted, QLabel#status, QLabel#small {{ color: {theme.muted.name()}; }}
    QLineEdit#box {{ font-size: {points * BOX_SCALE:.2f}pt; }}
    QLabel#title {{ font-size: {points * TITLE_SCALE:.2f}pt; }}
    QLabel#name {{ font-size: {points * NAME_SCALE:.2f}pt; font-weight: 600; }}
    QPlainTextEdit#fixed {{ font-family: "{fixed}"; font-size: {points:.2f}pt; }}
    QLabel#small, QPushButton#chip, QToolButton#chip {{
        font-size: {points * SMALL_SCALE:.2f}pt;
    }}
    QToolTip {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()};
    }}
    """


def _fields(theme: Theme) -> str:
    """What is typed into."""
    return f"""
    QLineEdit {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; border-radius: {SPACE}px;
        padding: {SPACE}px {SPACE + 4}px; selection-background-color: {theme.accent.name()};
        selection-color: {theme.surface.name()};
        placeholder-text-color: {theme.muted.name()};
    }}
    QLineEdit:focus {{ border-color: {theme.accent.name()}; }}
    QLineEdit#name {{ border-radius: 6px; padding: {SPACE - 3}px {SPACE}px; }}
    QPlainTextEdit {{ padding: 4px; }}
    """


def _buttons(theme: Theme) -> str:
    """What is pressed."""
    return f"""
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
    QPushButton:default:disabled, QPushButton:disabled {{
        color: {theme.muted.name()}; background: transparent;
        border: 1px {theme.disabled_border} {theme.line.name()};
    }}
    QPushButton#link {{
        background: transparent; color: {theme.accent.name()}; padding: 0;
        border: 1px solid transparent; border-radius: 4px; outline: 0;
    }}
    QPushButton#link:hover, QPushButton#link:focus {{ text-decoration: underline; }}
    QPushButton#link:focus {{ border-color: {theme.accent.name()}; }}
    QPushButton#link:disabled {{ color: {theme.muted.name()}; border-color: transparent; }}
    QPushButton#chip, QToolButton#chip {{
        background: transparent; color: {theme.muted.name()};
        border: 1px solid {theme.line.name()}; border-radius: {SPACE}px; outline: 0;
        padding: {SPACE // 4}px {SPACE + 2}px;
    }}
    QPushButton#chip:hover, QToolButton#chip:hover, QPushButton#chip:focus,
    QToolButton#chip:focus {{ border-color: {theme.accent.name()}; color: {theme.text.name()}; }}
    QPushButton#chip:checked, QToolButton#chip:checked {{
        background: {theme.selected.name()}; color: {theme.text.name()};
        border-color: {theme.selected.name()};
    }}
    QPushButton#chip:checked:focus, QToolButton#chip:checked:focus {{
        border-color: {theme.accent.name()};
    }}
    QToolButton#chip::menu-indicator {{ image: none; }}
    """


def _lists(theme: Theme) -> str:
    """Lists, pages to read, and tables."""
    return f"""
    QListView, QTextEdit#reading {{
        background: {theme.surface.name()}; border: 1px solid {theme.line.name()};
        border-radius: {SPACE}px; outline: 0;
    }}
    QTreeView, QPlainTextEdit {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; border-radius: {SPACE}px; outline: 0;
        selection-background-color: {theme.selected.name()};
        selection-color: {theme.text.name()}; placeholder-text-color: {theme.muted.name()};
    }}
    QListView:focus, QTreeView:focus, QPlainTextEdit:focus, QTextEdit#reading:focus {{
        border-color: {theme.accent.name()};
    }}
    QTreeView {{ padding: 3px; }}
    QTreeView::item {{ padding: 5px {SPACE}px; }}
    QTreeView::item:selected {{ background: {theme.selected.name()}; }}
    QHeaderView {{ background: transparent; }}
    QHeaderView::section {{
        background: transparent; color: {theme.muted.name()}; border: 0;
        border-bottom: 1px solid {theme.line.name()}; padding: 5px {SPACE + 3}px;
    }}
    """


def _bars(theme: Theme) -> str:
    """Bars, tabs, menus and what scrolls."""
    return f"""
    QWidget#bar {{
        background: {theme.surface.name()}; border: 1px solid {theme.line.name()};
        border-radius: {SPACE}px;
    }}
    QTabBar {{ background: transparent; outline: 0; }}
    QTabBar::tab {{
        background: transparent; color: {theme.muted.name()}; border: 1px solid transparent;
        border-radius: 6px; padding: {SPACE - 4}px {SPACE + 4}px; margin-right: {SPACE // 2}px;
    }}
    QTabBar::tab:hover {{ color: {theme.text.name()}; }}
    QTabBar::tab:selected {{
        background: {theme.selected.name()}; color: {theme.text.name()};
    }}
    QTabBar::tab:focus {{ border-color: {theme.accent.name()}; }}
    QMenu {{
        background: {theme.surface.name()}; color: {theme.text.name()};
        border: 1px solid {theme.line.name()}; padding: {SPACE // 2}px;
    }}
    QMenu::item {{ padding: {SPACE // 2 + 1}px {3 * SPACE}px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {theme.selected.name()}; }}
    QMenu::item:disabled {{ color: {theme.muted.name()}; }}
    QMenu::separator {{
        height: 1px; background: {theme.line.name()}; margin: {SPACE // 2}px {SPACE}px;
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
    """


def _switches(theme: Theme, sign: int) -> str:
    """What is switched on and off, and lists of things to choose from."""
    surface, text, muted = theme.surface.name(), theme.text.name(), theme.muted.name()
    accent, selected = theme.accent.name(), theme.selected.name()
    return f"""
    QLabel#heading {{ font-weight: 600; }}
    QLabel#warning {{ color: {theme.warning.name()}; }}
    QCheckBox {{
        color: {text}; spacing: {SPACE}px; padding: 3px;
        border: 1px solid transparent; border-radius: 6px; outline: 0;
    }}
    QCheckBox:focus {{ border-color: {accent}; }}
    QCheckBox::indicator {{
        width: {sign}px; height: {sign}px; background: {surface};
        border: 1px solid {muted}; border-radius: 4px;
    }}
    QCheckBox::indicator:hover {{ border-color: {accent}; }}
    QCheckBox::indicator:checked {{
        background: {accent}; border-color: {accent}; image: url("{_icon("tick", accent)}");
    }}
    QCheckBox:disabled {{ color: {muted}; }}
    QListWidget {{ color: {text}; padding: 3px; }}
    QListWidget::item {{ padding: 5px {SPACE}px; border: 1px solid transparent; }}
    QListWidget::item:selected {{ background: {selected}; color: {text}; border-radius: 6px; }}
    QListWidget#pages {{ background: transparent; border: 0; padding: 0; }}
    QListWidget#pages::item {{ padding: {SPACE - 1}px {SPACE}px; }}
    QListWidget::item:selected:focus {{ border-color: {accent}; }}
    QScrollArea#page {{ background: transparent; border: 0; }}
    QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
    """


def _choices(theme: Theme, sign: int) -> str:
    """What one of many is chosen with: a list that comes up, or a number."""
    surface, text, muted = theme.surface.name(), theme.text.name(), theme.muted.name()
    line, accent, selected = theme.line.name(), theme.accent.name(), theme.selected.name()
    return f"""
    QComboBox, QSpinBox {{
        background: {surface}; color: {text}; border: 1px solid {line}; border-radius: 6px;
        padding: {SPACE - 2}px {sign + 2 * SPACE}px {SPACE - 2}px {SPACE + 4}px;
        selection-background-color: {accent}; selection-color: {surface};
    }}
    QComboBox:hover, QComboBox:focus, QSpinBox:hover, QSpinBox:focus {{ border-color: {accent}; }}
    QComboBox:disabled, QSpinBox:disabled {{
        color: {muted}; background: transparent; border: 1px {theme.disabled_border} {line};
    }}
    QSpinBox {{ min-width: {5 * SPACE}px; }}
    QSpinBox QLineEdit {{ background: transparent; border: 0; padding: 0; }}
    QComboBox::drop-down {{
        subcontrol-origin: border; subcontrol-position: center right;
        width: {sign + 2 * SPACE}px; border: 0;
    }}
    QSpinBox::up-button, QSpinBox::down-button {{
        subcontrol-origin: border; width: {sign + SPACE}px; border: 0;
    }}
    QSpinBox::up-button {{ subcontrol-position: top right; }}
    QSpinBox::down-button {{ subcontrol-position: bottom right; }}
    QComboBox::down-arrow, QSpinBox::down-arrow {{
        image: url("{_icon("down", surface)}"); width: {sign}px; height: {sign}px;
    }}
    QSpinBox::up-arrow {{
        image: url("{_icon("up", surface)}"); width: {sign}px; height: {sign}px;
    }}
    QComboBox {{ combobox-popup: 0; }}
    QComboBoxPrivateContainer {{ background: {surface}; border: 0; }}
    QComboBox QAbstractItemView {{
        background: {surface}; color: {text}; border: 1px solid {line}; border-radius: 0;
        padding: {SPACE // 2}px; outline: 0;
        selection-background-color: {selected}; selection-color: {text};
    }}
    QComboBox QAbstractItemView::item {{
        color: {text}; padding: {SPACE // 2 + 1}px {SPACE}px; border: 0; border-radius: 4px;
    }}
    QComboBox QAbstractItemView::item:selected, QComboBox QAbstractItemView::item:hover {{
        background: {selected}; color: {text};
    }}
    """


def _icon(name: str, behind: str) -> str:
    """Return the file of a small sign that can be seen on a colour."""
    kind = "ink" if QColor(behind).lightness() >= LIGHT_FROM else "paper"
    return (RESOURCES / "icons" / f"{name}-{kind}.svg").as_posix()
