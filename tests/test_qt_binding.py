"""The installed Python and PySide6 get along: some pairs lose references and abort."""

import sys

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLabel


def references():
    true = True
    return sys.getrefcount(true), sys.getrefcount(None)


class Counter(QObject):
    fired = Signal(object)

    def __init__(self):
        super().__init__()
        self.count = 0

    @Slot(object)
    def take(self, _value):
        self.count += 1


def test_ten_thousand_signals_and_twenty_thousand_void_calls_survive(qtbot):
    counter, label = Counter(), QLabel()
    qtbot.addWidget(label)
    counter.fired.connect(counter.take)
    before = references()
    for number in range(10_000):
        counter.fired.emit(number)
    for _ in range(20_000):
        label.setText("x")
    after = references()
    assert counter.count == 10_000
    assert after[0] > before[0] - 100
    assert after[1] > before[1] - 100
