"""The style of all parts of the window, made from a theme and the application's font."""

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetrics

from notesearch.gui.theme import (
    BOX_SCALE,
    LIGHT_FROM,
    NAME_SCALE,
    SMALL_SCALE,
    SPACE,
    TITLE_SCALE,
    Theme,
)
from notesearch.paths import RESOURCES


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
    QWidget#quick {{ background: {theme.window.name()}; border: 1px solid {theme.muted.name()}; }}
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
