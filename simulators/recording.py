"""Reads a recording: CSV or JSON lines, with columns mapped to metrics. Errors name file, line and field."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from simulators.errors import SimulatorError
from simulators.message import Message, Value


@dataclass(frozen=True)
class ColumnMapping:
    """How a row becomes a message. Field names may be dotted paths into nested JSON, such as data.humidity."""

    values: Mapping[str, str]
    """Metric key to field."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """Metric key to the factor that turns the recording's unit into the point's."""
    device: str | None = None
    device_field: str | None = None
    time_field: str | None = None
    time_format: str = "auto"
    """epoch, epoch-ms, iso, a strptime format, or auto: a number is Unix seconds, anything else ISO 8601."""
    zone: tzinfo | None = None
    """Zone of times that name none."""
    step_s: float | None = None
    """Seconds from row to row where the recording has no times; the first is at 0."""
    allow_missing: bool = False


@dataclass(frozen=True)
class Row:
    where: str
    """File and line, for errors."""
    number: int
    """From 0."""
    fields: Mapping[str, Any]
    raw: bytes
    """The line as it stands in a JSON-lines file, without its line end."""


def rows(path: Path, *, form: str, delimiter: str = ",", limit: int | None = None) -> Iterator[Row]:
    """The first `limit` rows of a "csv" or "jsonl" file. Raises SimulatorError for what cannot be read."""
    try:
        reader = _csv_rows(path, delimiter) if form == "csv" else _json_rows(path)
        for row in reader:
            if limit is not None and row.number >= limit:
                return
            yield row
    except OSError as error:
        raise SimulatorError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SimulatorError(f"{path}: not UTF-8 ({error.reason})") from error
    except csv.Error as error:
        raise SimulatorError(f"{path}: {error}") from error


def _csv_rows(path: Path, delimiter: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter=delimiter, strict=True)
        for number, fields in enumerate(reader):
            where = f"{path}:{reader.line_num}"
            if None in fields or None in fields.values():
                raise SimulatorError(f"{where}: not the {len(reader.fieldnames or ())} fields of the header")
            yield Row(where, number, fields, b"")


def _json_rows(path: Path) -> Iterator[Row]:
    number = 0
    with path.open("rb") as file:
        for line, raw in enumerate(file, 1):
            raw = raw.rstrip(b"\r\n")
            if not raw.strip():
                continue
            where = f"{path}:{line}"
            try:
                fields = json.loads(raw)
            except ValueError as error:
                raise SimulatorError(f"{where}: not JSON ({error})") from error
            if not isinstance(fields, dict):
                raise SimulatorError(f"{where}: not a JSON object")
            yield Row(where, number, fields, raw)
            number += 1


def message(row: Row, mapping: ColumnMapping) -> Message:
    """The row's message; values that are empty, null or not a number (NaN) are left out. Raises SimulatorError."""
    values: dict[str, Value] = {}
    for key, name in mapping.values.items():
        value = _value(row, name, mapping.allow_missing)
        if value is not None:
            values[key] = value * mapping.scales[key] if key in mapping.scales else value
    return Message(at(row, mapping), device(row, mapping), values)


def at(row: Row, mapping: ColumnMapping) -> float:
    """The row's time in Unix seconds (in seconds from the first row where the recording has no times)."""
    if mapping.time_field is None:
        return row.number * (mapping.step_s or 0.0)
    raw = _field(row, mapping.time_field)
    form = mapping.time_format
    try:
        if form in ("epoch", "epoch-ms", "auto") and (number := _number(raw)) is not None:
            return number / 1000 if form == "epoch-ms" else number
        if form in ("epoch", "epoch-ms") or not isinstance(raw, str):
            raise ValueError("no number")
        # A time that names no zone gets the recording's on the next line.
        moment = datetime.fromisoformat(raw) if form in ("auto", "iso") else datetime.strptime(raw, form)  # noqa: DTZ007
        return (moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)).timestamp()
    except (ValueError, OverflowError) as error:
        raise SimulatorError(f"{row.where}: field {mapping.time_field!r}: {raw!r} is no time ({form})") from error


def device(row: Row, mapping: ColumnMapping) -> str:
    """The device code; from a field in lower case, with - for what a code cannot contain."""
    if mapping.device_field is None:
        return mapping.device or ""
    code = re.sub(r"[^a-z0-9-]", "-", str(_field(row, mapping.device_field)).lower())
    if not 1 <= len(code) <= 64:
        raise SimulatorError(f"{row.where}: field {mapping.device_field!r}: no device code of 1 to 64 characters")
    return code


def _value(row: Row, name: str, allow_missing: bool) -> Value | None:
    raw = _field(row, name, optional=allow_missing)
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if isinstance(raw, str) and raw.lower() == "nan":
        return None
    number = _number(raw)
    if number is None:
        raise SimulatorError(f"{row.where}: field {name!r}: {raw!r} is no number")
    return number


def _number(raw: Any) -> float | int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        return raw if math.isfinite(raw) else None
    try:
        number = float(raw)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _field(row: Row, name: str, *, optional: bool = False) -> Any:
    if name in row.fields:
        return row.fields[name]
    found: Any = row.fields
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            if optional:
                return None
            raise SimulatorError(f"{row.where}: no field {name!r}")
        found = found[part]
    return found
