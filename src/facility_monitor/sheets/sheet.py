"""What a sheet is, before it is a file: a title, a few lines about it, columns and rows.

::

    sheet = Sheet(
        title={"zh-CN": "工单", "en": "Tickets"},
        columns=(Column({"zh-CN": "编号", "en": "No."}, width=8), Column({"zh-CN": "开单", "en": "Opened"}, width=18)),
        rows=[(31, opened_at)],
        facts=(({"zh-CN": "项目", "en": "Site"}, site_name),),
    )
    xlsx.workbook([sheet], "zh-CN", zone)
    pdf.document([sheet], "zh-CN", zone, Footer(...))

A cell is a Text (shown in the reader's language), str, int, float, bool, date, aware datetime (shown in ``zone``),
timedelta (shown as hours and minutes) or None (empty).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from facility_monitor.domain.text import Text, said

Cell = Text | str | int | float | bool | date | datetime | timedelta | None

_YES_NO = {"zh-CN": ("是", "否"), "en": ("yes", "no")}
_LEGIBLE = {ord(each): " " for each in map(chr, [*range(9), 11, 12, *range(14, 32), 0x7F, 0xFFFE, 0xFFFF])}
"""Control characters, which neither XML nor a page can show."""


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` is in characters of ordinary size, and a share of the page on paper; ``decimals`` of its numbers."""

    title: Text
    width: float = 12
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """``facts`` are lines of name and value above the table; ``notes`` are said below it."""

    title: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    facts: Sequence[tuple[Text, Cell]] = ()
    notes: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands on every page: ``lines`` at the left, page numbers at the right, a QR code of ``address`` if any.
    ``to_sign`` leaves a line for who reviews the page by hand. In a workbook the lines of a sheet's facts stand above
    its table, and of these lines only the last."""

    lines: Sequence[str]
    address: str | None = None
    to_sign: bool = False


def legible(words: str) -> str:
    """``words`` without what cannot be shown: control characters, halves of surrogate pairs."""
    return words.translate(_LEGIBLE).encode("utf-8", "replace").decode()


def shown(cell: Cell, locale: str, zone: tzinfo, decimals: int | None = None) -> str:
    """A cell in words."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _YES_NO[locale][not cell]
    if isinstance(cell, str):
        return legible(cell)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return ""
        return f"{cell:.{decimals}f}" if decimals is not None else f"{cell:g}"
    return legible(said(cell, locale))
