"""Which metric an unknown device's key may mean: proposed by name and unit, decided by people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from facility_monitor.domain.reading.unit import conversion

SYNONYMS: Mapping[str, str] = {
    "temp": "temperature",
    "t": "temperature",
    "tem": "temperature",
    "hum": "humidity",
    "rh": "humidity",
    "h": "humidity",
    "press": "pressure",
    "p": "pressure",
    "level": "water_level",
    "leak": "water_leak",
    "water": "water_leak",
    "smoke": "smoke_alarm",
    "batt": "battery",
    "battery_voltage": "battery",
    "linkquality": "rssi",
    "uptimesec": "uptime",
    "occupancy": "motion",
    "illuminance": "light",
}
"""Other words for metrics of the catalogue."""


def propose(key: str, unit: str | None, metrics: Mapping[str, str]) -> str | None:
    """The code out of ``metrics`` (code to unit) that ``key`` may mean; None where nothing suggests itself.

    The key's last part counts (``SI7021.Temperature``, ``room/temperature_1``). A unit that cannot become the metric's
    speaks against it; where the name tells nothing, a unit that only one metric has speaks for that.
    """
    for word in _words(key):
        code = word if word in metrics else SYNONYMS.get(word)
        if code is not None and code in metrics and _fits(unit, metrics[code]):
            return code
    if unit is None:
        return None
    alike = [code for code, own in metrics.items() if own == unit]
    return alike[0] if len(alike) == 1 else None


def _words(key: str) -> Iterable[str]:
    last = re.split(r"[./:]", key)[-1]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower().replace("-", "_").replace(" ", "_")
    yield snake
    bare = re.sub(r"_?\d+$", "", snake)
    yield bare
    yield bare.rsplit("_", 1)[-1]
    yield bare.split("_", 1)[0]


def _fits(unit: str | None, own: str) -> bool:
    return unit is None or unit == own or conversion(unit, own) is not None
