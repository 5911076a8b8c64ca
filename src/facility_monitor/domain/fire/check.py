"""A check of a piece of equipment: its form as data, whether what was entered can be true, and how it is judged."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from facility_monitor.domain.limit import DatedLimit, applicable
from facility_monitor.domain.text import Text

LATE_AFTER = timedelta(hours=24)
"""What arrives later than so after the act is a late entry (补录): it needs a reason, and is shown as one."""
AHEAD = timedelta(minutes=5)
"""How far a phone's clock may run ahead of ours."""

Values = Mapping[str, Any]
"""Field of the form to what was entered."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    ``type``: number (in ``unit``, between ``least`` and ``most``), choice (one of ``options``, of which ``good`` are
    in order), flag (in order where true), date, text. A number with a ``quantity`` is judged by the dated limits of it.
    ``when`` names another field and the entries at which this one is asked for; ``not_at`` the options that there are
    not at equipment of a subtype, as carbon dioxide has no gauge.
    """

    name: str
    label: Text
    type: str
    required: bool = True
    unit: str = ""
    least: float = -math.inf
    most: float = math.inf
    quantity: str | None = None
    options: Mapping[str, Text] | None = None
    good: tuple[str, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None
    not_at: Mapping[str, tuple[str, ...]] | None = None

    def asked(self, values: Values) -> bool:
        return self.when is None or values.get(self.when[0]) in self.when[1]

    def refusal(self, value: object) -> str | None:
        """Why ``value`` cannot be true; None where it can."""
        if self.type == "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                return "must be a number"
            if not self.least <= value <= self.most:
                return f"must be between {self.least:g} and {self.most:g} {self.unit}".rstrip()
        elif self.type == "choice":
            if not isinstance(value, str) or value not in (self.options or {}):
                return f"must be one of {', '.join(self.options or {})}"
        elif self.type == "flag":
            if not isinstance(value, bool):
                return "must be true or false"
        elif self.type == "date":
            return _no_date(value)
        elif not isinstance(value, str) or not 0 < len(value) <= 2000 or "\0" in value:
            return "must be a text of at most 2000 characters"
        return None


def _no_date(value: object) -> str | None:
    try:
        date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return "must be a date, such as 2026-03-02"
    return None


class Derived(NamedTuple):
    """A value made of others: ``ratio`` (the larger by the smaller), ``loss`` (first less second, times ``factor``),
    ``loss_percent`` (the same of the field ``by``), ``db_m`` (what is in %/m, or dB/m already, by its unit field)."""

    name: str
    label: Text
    of: tuple[str, str]
    how: str
    unit: str
    quantity: str
    factor: float = 1.0
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a check, in force from a day on. ``sheet`` is patrol, test, upkeep: which of the customary sheets.
    ``instrument`` names a field and the entries at which it must be said what was measured with."""

    code: str
    name: Text
    sheet: str
    kinds: tuple[str, ...]
    signatures: int
    standard: str
    clause: str
    grade: str
    effective_from: date
    fields: tuple[Field, ...]
    derived: tuple[Derived, ...] = ()
    effective_to: date | None = None
    instrument: tuple[str, tuple[str, ...]] | None = None

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Signature(NamedTuple):
    name: str
    certificate_no: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """What it was measured with. ``calibrated_until`` is the last day on which its calibration holds."""

    name: str
    serial_no: str
    calibrated_until: date

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "serial_no": self.serial_no,
            "calibrated_until": self.calibrated_until.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A check as it was entered. ``alarm_ids`` are alarms of the equipment that were part of the proof."""

    form: str
    performed_at: datetime
    values: Values
    signatures: tuple[Signature, ...]
    instrument: Instrument | None = None
    remarks: str | None = None
    alarm_ids: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All of it, for keeping."""
        return {
            "form": self.form,
            "performed_at": self.performed_at.astimezone(UTC).isoformat(),
            "values": dict(self.values),
            "signatures": [each._asdict() for each in self.signatures],
            "instrument": None if self.instrument is None else self.instrument.as_json(),
            "remarks": self.remarks,
            "alarm_ids": list(self.alarm_ids),
        }

    def late(self, now: datetime) -> bool:
        return now - self.performed_at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class Verdict:
    """One entry, judged. ``limit`` is the dated limit, else ``requirement`` says what the form asks for."""

    field: str
    label: Text
    value: Any
    unit: str
    passed: bool | None
    limit: DatedLimit | None = None
    requirement: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "label": dict(self.label),
            "value": self.value,
            "unit": self.unit,
            "passed": self.passed,
            "limit": None if self.limit is None else self.limit.as_json(),
            "requirement": None if self.requirement is None else dict(self.requirement),
        }


def check(form: Form, entered: Check, now: datetime, reason: str | None, subtype: str | None = None) -> dict[str, str]:
    """What is wrong with what was entered of equipment of a ``subtype``, by the path of each field; empty where nothing
    is."""
    wrong: dict[str, str] = {}
    if entered.performed_at > now + AHEAD:
        wrong["performed_at"] = f"lies in the future; it is {now:%Y-%m-%dT%H:%M:%SZ} now"
    if entered.late(now) and reason is None:
        wrong["reason"] = "say why it is entered more than 24 hours after the act"
    known = {field.name: field for field in form.fields}
    for name in entered.values:
        if name not in known:
            wrong[f"values.{name}"] = f"no such field of the form {form.code}"
    for name, field in known.items():
        value = entered.values.get(name)
        asked = field.asked(entered.values)
        if value is None:
            if field.required and asked:
                wrong[f"values.{name}"] = "is missing"
        elif not asked:
            wrong[f"values.{name}"] = f"does not belong here: {field.when[0] if field.when else name} says otherwise"
        elif (refusal := field.refusal(value)) is not None:
            wrong[f"values.{name}"] = refusal
        elif field.not_at is not None and value in field.not_at.get(subtype or "", ()):
            wrong[f"values.{name}"] = f"is none of {subtype}"
    needed = form.instrument
    if needed is not None and entered.values.get(needed[0]) in needed[1] and entered.instrument is None:
        wrong["instrument"] = "say what it was measured with, and until when its calibration holds"
    _check_signatures(form, entered.signatures, wrong)
    return wrong


def _check_signatures(form: Form, signatures: Sequence[Signature], wrong: dict[str, str]) -> None:
    first: dict[str, int] = {}
    for index, each in enumerate(signatures):
        plain = "".join(unicodedata.normalize("NFKC", each.certificate_no).casefold().split())
        if first.setdefault(plain, index) != index:
            wrong[f"signatures.{index}.certificate_no"] = f"is also that of signatures.{first[plain]}"
    if len(first) < form.signatures:
        wrong.setdefault("signatures", f"{form.signatures} different people must sign this form")


def judge(form: Form, entered: Check, limits: Iterable[DatedLimit], on: date) -> list[Verdict]:
    """Every entry that can be judged, by each limit in force on the day ``on``, in the order of the form."""
    rows = list(limits)
    verdicts: list[Verdict] = []
    asked = {"standard": form.standard, "clause": form.clause, "grade": form.grade}
    for field in form.fields:
        value = entered.values.get(field.name)
        if value is None:
            continue
        if field.type == "number" and field.quantity is not None:
            verdicts += _measured(field.name, field.label, value, field.unit, field.quantity, rows, on)
        elif field.type == "flag":
            verdicts.append(Verdict(field.name, field.label, value, "", value, None, asked))
        elif field.type == "choice" and field.good:
            wanted = {**asked, "one_of": list(field.good)}
            verdicts.append(Verdict(field.name, field.label, value, "", value in field.good, None, wanted))
    for derived in form.derived:
        found = _derive(derived, entered.values)
        if found is not None:
            verdicts += _measured(derived.name, derived.label, found, derived.unit, derived.quantity, rows, on)
    if entered.instrument is not None:
        until = entered.instrument.calibrated_until
        label = {"zh-CN": "仪器校准有效期", "en": "instrument calibrated until"}
        wanted = {"standard": "own rule", "clause": "measured with a calibrated instrument", "grade": "P"}
        verdicts.append(Verdict("instrument", label, until.isoformat(), "", on <= until, None, wanted))
    return verdicts


def _measured(
    name: str, label: Text, value: float, unit: str, quantity: str, rows: Sequence[DatedLimit], on: date
) -> list[Verdict]:
    found = applicable(rows, quantity, on, None, None)
    if not found:
        return [Verdict(name, label, value, unit, None)]
    return [Verdict(name, label, value, unit, limit.met_by(value), limit) for limit in found]


def _derive(derived: Derived, values: Values) -> float | None:
    if values.get(derived.of[0]) is None or values.get(derived.of[1]) is None:
        return None
    first: float = values[derived.of[0]]
    second = values[derived.of[1]]
    if derived.how == "db_m":
        return round(_db_m(first), 4) if second == "%/m" else first
    if derived.how == "ratio":
        # an obscuration is compared by its attenuation: in %/m the same step means more the darker it is
        a, b = (_db_m(each) if values.get(f"{derived.of[0]}_unit") == "%/m" else each for each in (first, second))
        return round(max(a, b) / min(a, b), 3) if min(a, b) > 0 else None
    lost: float = (first - second) * derived.factor
    if derived.how == "loss":
        return round(lost, 3)
    whole = values.get(derived.by or derived.of[0])
    return round(lost / whole * 100, 2) if whole else None


def _db_m(percent: float) -> float:
    """Attenuation in dB/m of an obscuration in %/m (EN 54-7: m = 10 lg(P0/P) for 1 m)."""
    return -10 * math.log10(1 - percent / 100)
