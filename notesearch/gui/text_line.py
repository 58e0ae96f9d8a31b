"""A line to type into, with a button that clears it."""

from PySide6.QtWidgets import QLineEdit, QToolButton

from notesearch.translation import tr


class TextLine(QLineEdit):
    """Says what is to be typed while it is empty; its button has a name for screen readers."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholderText=placeholder, clearButtonEnabled=True)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear"))
