"""Recordings as ``bench detect`` takes them: found by the layout of a folder, read by what their columns are called."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from facility_monitor.domain.instant import EARLIEST, LATEST, SECOND, Instant, instant, moment

NO_CLOCK: Instant = instant(datetime(2026, 1, 1, tzinfo=UTC))
"""Where the time of a recording without a clock begins."""


class Unsuitable(Exception):
    """A file that is none of its set; the message says why."""


class Told(NamedTuple):
    """A value, the point it is of (its place in ``Recording.points``) and the row that told it."""

    row: int
    point: int
    at: Instant
    value: float


class PointOf(NamedTuple):
    """``name`` is unique in the recording; points of the same ``equipment`` belong together."""

    name: str
    metric: str
    equipment: int


@dataclass
class Recording:
    """One file. ``file`` is its path below the folder, ``signals`` names the rules that suit it."""

    file: str
    signals: str
    points: list[PointOf] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    rows: list[Instant] = field(default_factory=list)
    """the instant of each row"""
    labels: list[bool] | None = None
    """of each row, where the file has them"""
    unreadable: int = 0
    """rows without a time or a number where one belongs"""

    def point(self, name: str, metric: str, equipment: int) -> int:
        """The place of a point, new or known."""
        for place, known in enumerate(self.points):
            if known.name == name:
                return place
        self.points.append(PointOf(name, metric, equipment))
        return len(self.points) - 1

    def row(self, at: Instant, values: Iterable[tuple[int, object]]) -> None:
        """Append a row with the values of some points; what is no number is left out and counted."""
        said = [(point, _number(value)) for point, value in values]
        if any(value is None for _, value in said):
            self.unreadable += 1
        self.told += [Told(len(self.rows), point, at, value) for point, value in said if value is not None]
        self.rows.append(at)


Reader = Callable[[Path, str], Recording]


def skab(path: Path, file: str) -> Recording:
    """A pump loop: flow and accelerometers are the points of one equipment; ``;`` or ``,`` separated."""
    found = Recording(file, "pump")
    table = _Table(path)
    stamp = table.column("datetime", "timestamp", "time")
    columns = [("flow", "flow", table.find("flow"))]
    names = ["vibration", "vibration_2"]
    accelerometers = sorted(name for name in table.header if name.startswith("accelerometer"))
    columns += [(name, name, table.find(each)) for name, each in zip(names, accelerometers, strict=False)]
    places = [(found.point(name, metric, 1), at) for name, metric, at in columns if at is not None]
    if not places:
        raise Unsuitable("neither a flow nor an accelerometer among its columns")
    label = table.find("anomaly")
    found.labels = None if label is None else []
    for at, row in table.in_time(stamp, found):
        found.row(at, [(point, _cell(row, column)) for point, column in places])
        if found.labels is not None:
            found.labels.append(bool(_number(_cell(row, label))))
    return found


def lwsndr(path: Path, file: str) -> Recording:
    """Room motes without a clock, a reading every 5 s; several motes in a file are several rooms."""
    found = Recording(file, "room")
    table = _Table(path)
    columns = [(metric, table.find(metric)) for metric in ("humidity", "temperature")]
    if all(at is None for _, at in columns):
        raise Unsuitable("neither humidity nor temperature among its columns")
    mote_at, label = table.find("mote"), table.find("label")
    found.labels = None if label is None else []
    counts: dict[str, int] = {}
    for row in table.rows(found):
        mote = "" if mote_at is None else _cell(row, mote_at).strip()
        count = counts[mote] = counts.get(mote, -1) + 1
        room = list(counts).index(mote)
        prefix = f"{mote}/" if room else ""
        found.row(
            NO_CLOCK + count * 5 * SECOND,
            [(found.point(prefix + metric, metric, room), _cell(row, at)) for metric, at in columns if at is not None],
        )
        if found.labels is not None:
            found.labels.append(bool(_number(_cell(row, label))))
    return found


def nab(path: Path, file: str) -> Recording:
    """One value with a time; a room's temperature is known by the name of its file."""
    building = "ambient" in path.stem and "temperature" in path.stem
    found = Recording(file, "building" if building else "machine")
    table = _Table(path)
    stamp, value = table.column("timestamp", "datetime", "time"), table.column("value")
    name = "temperature" if building else "value"
    for at, row in table.in_time(stamp, found):
        found.row(at, [(found.point(name, name, 1), _cell(row, value))])
    return found


def occupancy(path: Path, file: str) -> Recording:
    """A room, once a minute."""
    found = Recording(file, "room")
    table = _Table(path, numbered=True)
    stamp = table.column("date", "datetime", "timestamp")
    columns = [(metric, table.column(metric)) for metric in ("humidity", "temperature")]
    for at, row in table.in_time(stamp, found):
        found.row(at, [(found.point(metric, metric, 1), _cell(row, column)) for metric, column in columns])
    return found


def stafford(path: Path, file: str) -> Recording:
    """MQTT messages of several devices, a JSON document a line, each device a room."""
    found = Recording(file, "room")
    devices: dict[str, int] = {}
    names = {"humidity": "humidity", "temp": "temperature", "temperature": "temperature"}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                message = json.loads(line)
                at, device, data = stamped(message["ts"]), str(message["device_id"]), dict(message["data"])
            except (ValueError, TypeError, KeyError, RecursionError):
                found.unreadable += bool(line.strip())
                continue
            if at is None:
                found.unreadable += 1
                continue
            room = devices.setdefault(device, len(devices))
            found.row(
                at,
                [
                    (found.point(f"{device}/{metric}", metric, room), data[name])
                    for name, metric in names.items()
                    if name in data
                ],
            )
    if not found.rows:
        raise Unsuitable("no message in it")
    return found


LAYOUT: Mapping[str, tuple[str, Reader]] = {
    "skab": ("skab/*/*.csv", skab),
    "lwsndr": ("lwsndr/*.csv", lwsndr),
    "nab": ("nab/*/*.csv", nab),
    "occupancy": ("occupancy/*.txt", occupancy),
    "stafford_mqtt": ("stafford_mqtt/messages.jsonl", stafford),
}
"""Where the files of each set are, below the folder, and how they are read."""


def stamped(told: object) -> Instant | None:
    """The instant that a stamp tells: seconds since 1970, or ISO 8601, in UTC where it names no zone."""
    try:
        if isinstance(told, int | float) and not isinstance(told, bool):
            at = round(told * SECOND)
        else:
            when = datetime.fromisoformat(str(told).strip())
            at = instant(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def told_at(at: Instant) -> str:
    """``2026-01-01T00:00:00Z``, with a fraction only where there is one."""
    return moment(at).isoformat().replace("+00:00", "Z")


class _Table:
    """A CSV file with a header; names count without case, spaces and punctuation."""

    def __init__(self, path: Path, *, numbered: bool = False) -> None:
        """``numbered``: rows may begin with a number of their own that has no name in the header."""
        self._numbered = numbered
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise Unsuitable("cannot be read as text") from error
        self._lines = text.splitlines()
        if not any(self._lines):
            raise Unsuitable("an empty file")
        head = self._lines[0]
        self._delimiter = max(";,\t", key=head.count)
        self.header = [_plain(name) for name in next(csv.reader([head], delimiter=self._delimiter), [])]

    def find(self, name: str) -> int | None:
        """The first column whose name begins with or else contains ``name``."""
        for suits in (str.startswith, str.__contains__):
            for at, each in enumerate(self.header):
                if suits(each, name):
                    return at
        return None

    def column(self, *names: str) -> int:
        """The column with one of these very names. Raises Unsuitable."""
        for name in names:
            if name in self.header:
                return self.header.index(name)
        raise Unsuitable(f"no column {names[0]}")

    def rows(self, found: Recording) -> Iterator[Sequence[str]]:
        """The cells under the header. A row that has not one for each name is counted as unreadable."""
        for row in csv.reader(self._lines[1:], delimiter=self._delimiter):
            cells = row[1:] if self._numbered and len(row) > len(self.header) else row
            if len(cells) == len(self.header):
                # where no comma parts the cells, it parts a number
                yield cells if self._delimiter == "," else [cell.replace(",", ".") for cell in cells]
            else:
                found.unreadable += bool(row)

    def in_time(self, stamp: int, found: Recording) -> Iterator[tuple[Instant, Sequence[str]]]:
        """The rows by time, as they came while it was recorded, whichever way round the file has them.

        What has no time in the column ``stamp`` is counted as unreadable.
        """
        timed = []
        for row in self.rows(found):
            at = stamped(_cell(row, stamp))
            if at is None:
                found.unreadable += 1
            else:
                timed.append((at, row))
        yield from sorted(timed, key=lambda each: each[0])


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def _cell(row: Sequence[str], at: int | None) -> str:
    return "" if at is None else row[at]


def _number(value: object) -> float | None:
    try:
        number = math.nan if "_" in str(value) else float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
