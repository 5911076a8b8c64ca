"""Numbers and spans of time as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.text import Text

SHOWN: Mapping[str, tuple[str, float]] = {"1": ("", 1.0), "Cel": ("°C", 1.0), "l/s": ("L/s", 1.0), "Pa": ("MPa", 1e-6)}
"""SenML units that people write otherwise: how, and the factor, as the catalogue's metrics show them."""


def quantity(value: float, unit: str) -> str:
    """``0.45 MPa`` of 450,000 and ``Pa``."""
    symbol, factor = SHOWN.get(unit, (unit, 1.0))
    return f"{value * factor:.7g} {symbol}".rstrip()


_SPANS = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))


def span(length: Instant) -> Text:
    """``10 min`` of 600,000,000 microseconds: in the largest unit in which it is whole."""
    seconds = length / SECOND
    whole = (each for each in _SPANS if seconds >= each[0] and seconds % each[0] == 0)
    size, chinese, english = next(whole, _SPANS[-1])
    return {"zh-CN": f"{seconds / size:.4g} {chinese}", "en": f"{seconds / size:.4g} {english}"}
