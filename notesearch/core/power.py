"""Where the machine has its power from."""

import logging

import psutil

logger = logging.getLogger(__name__)


def on_battery() -> bool:
    """Say whether the machine runs on battery; not where there is none, or it cannot be told."""
    try:
        battery = psutil.sensors_battery()
    except Exception as error:  # noqa: BLE001  # what drivers say of batteries is of all kinds
        logger.debug("The battery cannot be asked: %s", type(error).__name__)
        return False
    # None where it cannot be told.
    return battery is not None and battery.power_plugged is False
