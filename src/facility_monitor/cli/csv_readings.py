"""Readings of a CSV file, row by row, with the line of whatever is wrong."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from facility_monitor.domain.instant import EARLIEST, LATEST, Instant, instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.errors import InvalidInput

WITHOUT_CLOCK: Instant = instant(datetime(2026, 1, 1, tzinfo=UTC))
"""Where a file without times begins."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001 - of times without a zone
_read_time = datetime.fromisoformat
_WORDS: Mapping[str, float] = {"true": 1.0, "false": 0.0}
_NO_NUMBER = frozenset(
    (
        "",
        "nan",
        "inf",
        "infinity",
        "na",
        "n/a",
        "#n/a",
        "null",
        "none",
        "nil",
        "-nan(ind)",
        "1.#qnan",
        "1.#inf",
        "bad",
        "-",
    )
)
"""What programs write where they have no number."""
LATE = "rows are older than one before them: they are late, as if they had come so; sort the file where it is not"
_SCALES = ((1e17, 1e-3), (1e14, 1.0), (1e11, 1e3), (0.0, 1e6))
"""Unix times in ns, us, ms and s, told by their size, and how many microseconds one is."""


def read(
    file: Path,
    delimiter: str,
    time: str | None,
    period: Instant | None,
    columns: Mapping[int, str],
    oddities: Counter[str],
) -> Iterator[Reading]:
    """The readings of ``columns``, by point id, in the order of the file. What is taken otherwise than it may have been
    meant is counted in ``oddities``, each said in words: cells that are empty, or in which a program wrote that it has
    no number, are no readings; rows older than one before them are late, as if they had come so.

    The time is that of the column ``time``, else one row comes each ``period``. Raises InvalidInput naming the file,
    and the line where it is one.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield from _rows(str(file), csv.reader(text, delimiter=delimiter), time, period, columns, oddities)
    except OSError as error:
        raise InvalidInput({str(file): error.strerror or "cannot be read"}) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput({str(file): f"is no CSV in UTF-8: {error}"}) from None


def _rows(
    name: str,
    rows: Iterator[list[str]],
    time: str | None,
    period: Instant | None,
    columns: Mapping[int, str],
    oddities: Counter[str],
) -> Iterator[Reading]:
    header = [each.strip() for each in next(rows, [])]
    if not header:
        raise InvalidInput({name: "is empty"})
    width = len(header)
    wanted = [(point_id, column, _index(name, header, column)) for point_id, column in columns.items()]
    time_at = None if time is None else _index(name, header, time)
    good, at, newest = Quality.GOOD, WITHOUT_CLOCK - (period or 0), 0
    for number, row in enumerate(rows, start=1):
        shift = len(row) - width
        if shift:
            if not row:
                continue
            if shift < 0:
                raise InvalidInput({_line(name, number): f"has {len(row)} of {width} columns"})
            # some programs write the rows' names without a heading of their own
            shift = 1 if shift == 1 else 0
        if time_at is None:
            at += period or 0
            if at >= LATEST:
                raise InvalidInput({_line(name, number): "lies beyond the year 2200, counted by the period"})
        else:
            told = row[time_at + shift]
            try:
                at = _instant(told)
            except (ValueError, OverflowError):
                message = f"{time}: {told!r} is no time (ISO 8601, or Unix seconds)"
                raise InvalidInput({_line(name, number): message}) from None
            if at < newest:
                oddities[LATE] += 1
            else:
                newest = at
        for point_id, column, index in wanted:
            cell = row[index + shift]
            try:
                value = float(cell)
            except ValueError:
                value = _WORDS.get(cell.strip().lower(), math.inf)
            if not -math.inf < value < math.inf:
                if cell.strip().lower().lstrip("+-") not in _NO_NUMBER:
                    raise InvalidInput({_line(name, number): f"{column}: {cell!r} is no number"})
                oddities[f"cells of {column} have no number: they are no readings"] += 1
                continue
            yield Reading(point_id, at, number, value, good, at)


def _line(name: str, row: int) -> str:
    return f"{name}, line {row + 1}"


def _index(name: str, header: Sequence[str], column: str) -> int:
    if column not in header:
        raise InvalidInput({name: f"has no column {column!r}; it has {', '.join(header)}"})
    if header.count(column) > 1:
        raise InvalidInput({name: f"has more than one column {column!r}"})
    return header.index(column)


def _instant(told: str) -> Instant:
    """Raises ValueError, OverflowError. A time without a zone is UTC."""
    if ":" in told or "-" in told or "T" in told:
        try:
            read = _read_time(told)
        except ValueError:
            read = _read_time(told.strip())
        at = (read - _EPOCH) // _MICROSECOND if read.tzinfo is None else instant(read)
    else:
        number = float(told)
        at = round(number * next((scale for size, scale in _SCALES if number >= size), math.nan))
    if not EARLIEST <= at < LATEST:
        raise ValueError("not between 1970 and 2200")
    return at
