"""Imports Qt, and undoes what that does to Python's own `import`."""

import builtins


def import_qt() -> None:
    """Import Qt before anything else of this program does.

    PySide puts an `import` in the place of Python's that reads the source of every module that is
    imported later, and Python keeps that: 16 MB, for a feature (`__feature__`) that is not used.
    """
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: PLC0415, F401

    builtins.__import__ = plain
