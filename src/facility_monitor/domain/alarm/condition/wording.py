"""Numbers and spans of time as people write them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.text import Text

SHOWN: Mapping[str, tuple[str, float]] = {
    "1": ("", 1.0),
    "Cel": ("°C", 1.0),
    "l/s": ("L/s", 1.0),
    "m/s2": ("m/s²", 1.0),
    "Pa": ("MPa", 1e-6),
}
"""SenML units that people write otherwise: how, and the factor, as the catalogue's metrics show them."""


def quantity(value: float, unit: str) -> str:
    """``0.45 MPa`` of 450,000 and ``Pa``."""
    symbol, factor = SHOWN.get(unit, (unit, 1.0))
    return f"{value * factor:.7g} {symbol}".rstrip()


def beside_usual(value: float, centre: float, allowed: float, unit: str) -> Text:
    """``71 %RH, usually 52 to 58 %RH``, with as many digits as what is ``allowed`` to either side is worth."""
    symbol, factor = SHOWN.get(unit, (unit, 1.0))
    width = abs(allowed * factor)
    digits = 1 - math.floor(math.log10(width)) if width else 6
    seen, low, high = (f"{round(each * factor, digits):.7g}" for each in (value, centre - allowed, centre + allowed))
    symbol = f" {symbol}" if symbol else ""
    usual = low if low == high else None
    return {
        "zh-CN": f"{seen}{symbol}，通常为 {usual or f'{low} 至 {high}'}{symbol}",
        "en": f"{seen}{symbol}, usually {usual or f'{low} to {high}'}{symbol}",
    }


_SPANS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))


def span(length: Instant) -> Text:
    """``10 min`` of 600,000,000 microseconds: in the largest unit in which it is whole."""
    seconds = length / SECOND
    whole = (each for each in _SPANS if seconds >= each[0] and seconds % each[0] == 0)
    size, chinese, english = next(whole, _SPANS[-1])
    return {"zh-CN": f"{seconds / size:.4g} {chinese}", "en": f"{seconds / size:.4g} {english}"}
