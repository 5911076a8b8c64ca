"""Readings of a CSV file, row by row, with the line of whatever is wrong."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

from facility_monitor.domain.instant import EARLIEST, LATEST, Instant, instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.errors import InvalidInput

WITHOUT_CLOCK: Instant = instant(datetime(2026, 1, 1, tzinfo=UTC))
"""Where a file without times begins."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001 - of times without a zone
_read_time = datetime.fromisoformat
_LOOSE = re.compile(r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})[ T]+([0-9]{1,2})(?=:)")
"""A date as spreadsheets show it, the year first: 2026/3/2 8:05."""
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+(e[+-]?[0-9]+)?")
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
SORTED = "rows older than one before them, put in the order of time"
EMPTY = "cells of {} without a number, which are no readings"
AGAIN = "cells of {} that say the same of the same instant again, which count once"
COMMAS = "cells of {} with a comma, read as the decimal point"


class OutOfOrder(Exception):
    """A row is older than one before it: the file has to be read anew, and sorted."""


_SCALES = ((1e17, 1e-3), (1e14, 1.0), (1e11, 1e3), (0.0, 1e6))
"""Unix times in ns, us, ms and s, told by their size, and how many microseconds one is."""


def read(
    file: Path,
    delimiter: str,
    time: str | None,
    period: Instant | None,
    columns: Mapping[int, str],
    oddities: Counter[str],
    *,
    sort: bool = False,
) -> Iterator[Reading]:
    """The readings of ``columns``, by point id, in the order of time. What is taken otherwise than it may have been
    meant is counted in ``oddities``, each said in words: cells that are empty, or in which a program wrote that it has
    no number, are no readings, nor is what says the same of the same instant again.

    The time is that of the column ``time``, else one row comes each ``period``. Raises InvalidInput naming the file,
    and the line where it is one; also where there is no reading in it at all. Raises OutOfOrder where rows go back in
    time, unless ``sort``, which takes the whole file into memory.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield from _rows(str(file), csv.reader(text, delimiter=delimiter), time, period, columns, oddities, sort)
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
    sort: bool,
) -> Iterator[Reading]:
    header = [each.strip() for each in next(rows, [])]
    if not header:
        raise InvalidInput({name: "is empty"})
    width = len(header)
    wanted = [(point_id, column, _index(name, header, column)) for point_id, column in columns.items()]
    time_at = None if time is None else _index(name, header, time)
    good, at, newest, read = Quality.GOOD, WITHOUT_CLOCK - (period or 0), 0, False
    numbered = _numbered(name, rows, width)
    if sort and time_at is not None:
        numbered = _by_time(numbered, time_at, oddities)
    told_now: set[tuple[int, float]] = set()
    for number, row in numbered:
        if time_at is None:
            at += period or 0
            if at >= LATEST:
                raise InvalidInput({_line(name, number): "lies beyond the year 2200, counted by the period"})
        else:
            told = row[time_at]
            try:
                at = _instant(told)
            except (ValueError, OverflowError):
                message = f"{time}: {told!r} is no time (ISO 8601, or Unix seconds)"
                raise InvalidInput({_line(name, number): message}) from None
            if at < newest:
                raise OutOfOrder
            if at > newest:
                newest = at
                told_now.clear()
        for point_id, column, index in wanted:
            cell = row[index]
            try:
                value = float(cell)
                if "_" in cell:  # Python's own spelling: 7_5 is no 75 to anybody else
                    value = math.inf
            except ValueError:
                value = _otherwise(cell, column, oddities)
            if not -math.inf < value < math.inf:
                if cell.strip().lower().lstrip("+-") not in _NO_NUMBER:
                    raise InvalidInput({_line(name, number): f"{column}: {cell!r} is no number"})
                oddities[EMPTY.format(column)] += 1
                continue
            if time_at is not None and at == newest:
                if (point_id, value) in told_now:
                    oddities[AGAIN.format(column)] += 1
                    continue
                told_now.add((point_id, value))
            yield Reading(point_id, at, number, value, good, at)
            read = True
    if not read:
        raise InvalidInput({name: f"has no reading in {', '.join(columns.values())}"})


def _numbered(name: str, rows: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows below the head that are not empty, each as wide as that, with its number."""
    names = _RowNames(width)
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            if not row:
                continue
            if not names.before(row):
                raise InvalidInput({_line(name, number): f"has {len(row)} of {width} columns"})
            row = row[names.shift :]
        yield number, row


def _by_time(
    numbered: Iterator[tuple[int, list[str]]], time_at: int, oddities: Counter[str]
) -> Iterator[tuple[int, list[str]]]:
    """The same in the order of time; those of one instant as they came."""
    timed, newest = [], 0
    for number, row in numbered:
        try:
            at = _instant(row[time_at])
        except (ValueError, OverflowError):
            at = newest  # what is wrong with it is told where it is read
        if at < newest:
            oddities[SORTED] += 1
        newest = max(at, newest)
        timed.append((at, number, row))
    timed.sort(key=itemgetter(0, 1))
    return ((number, row) for _, number, row in timed)


class _RowNames:
    """Some programs number the rows without a heading for it: then each has a cell more, in front."""

    def __init__(self, width: int) -> None:
        self._width, self._last = width, -1
        self.shift = 0

    def before(self, row: list[str]) -> bool:
        """Whether ``row``, which is not as wide as the head, is read all the same, from the cell ``shift`` on. A
        decimal comma makes a cell more, too, but does not count up; a comma at the end makes an empty one."""
        self.shift = 0
        if len(row) < self._width:
            return False
        if not any(row[self._width :]):
            return True
        if len(row) != self._width + 1 or not row[0].isdecimal() or self._last not in (-1, int(row[0]) - 1):
            return False
        self._last, self.shift = int(row[0]), 1
        return True


def _otherwise(cell: str, column: str, oddities: Counter[str]) -> float:
    """The value of what Python does not read as a number; infinite where it is none."""
    word = cell.strip().lower()
    if _DECIMAL_COMMA.fullmatch(word):  # it parts no cells, or the cell is quoted
        oddities[COMMAS.format(column)] += 1
        return float(word.replace(",", "."))
    return _WORDS.get(word, math.inf)


def _line(name: str, row: int) -> str:
    return f"{name}, line {row + 1}"


def _index(name: str, header: Sequence[str], column: str) -> int:
    if column not in header:
        raise InvalidInput({name: f"has no column {column!r}; it has {', '.join(header)}"})
    if header.count(column) > 1:
        raise InvalidInput({name: f"has more than one column {column!r}"})
    return header.index(column)


def _iso(found: re.Match[str]) -> str:
    year, month, day, hour = found.groups()
    return f"{year}-{int(month):02}-{int(day):02}T{int(hour):02}"


def _instant(told: str) -> Instant:
    """Raises ValueError, OverflowError. A time without a zone is UTC."""
    if ":" in told or "-" in told or "T" in told or "/" in told:
        try:
            read = _read_time(told)
        except ValueError:
            read = _read_time(_LOOSE.sub(_iso, told.strip()))
        at = (read - _EPOCH) // _MICROSECOND if read.tzinfo is None else instant(read)
    else:
        if "_" in told:
            raise ValueError("no number")
        number = float(told)
        at = round(number * next((scale for size, scale in _SCALES if number >= size), math.nan))
    if not EARLIEST <= at < LATEST:
        raise ValueError("not between 1970 and 2200")
    return at
