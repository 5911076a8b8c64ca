"""Parts of elevators: installed, replaced, inspected; when they must go, and what that costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from facility_monitor.domain.elevator import part
from facility_monitor.domain.elevator import usage as usages
from facility_monitor.domain.elevator.budget import Planned, order_by
from facility_monitor.domain.elevator.part import PartEvent
from facility_monitor.domain.elevator.part_life import (
    Expectation,
    History,
    LifeRule,
    Line,
    applicable,
    expectations,
    nearest,
)
from facility_monitor.domain.elevator.trend import DAY, Sample
from facility_monitor.domain.elevator.usage import Counter, Reading, Usage, usage
from facility_monitor.domain.person import Person
from facility_monitor.errors import Conflict, InvalidInput, NotFound
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_parts as kept
from facility_monitor.store.elevator import part_lives
from facility_monitor.store.elevator.elevator_parts import Installed
from facility_monitor.store.evidence import ledger, records
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import counter_reading, elevator_part, part_inspection

ORDER_SOON_DAYS = 30
"""So long before the last day to order managers are told (P)."""


class Forecast(NamedTuple):
    """A part with what is known of it, and every life it has; ``nearest`` is the one it will end by."""

    part: Installed
    inspections: Sequence[Mapping[str, Any]]
    expectations: Sequence[Expectation]
    today: date

    @property
    def nearest(self) -> Expectation | None:
        return nearest(self.expectations)

    @property
    def over_age(self) -> bool:
        """Whether it should be gone by now."""
        return self.nearest is not None and self.nearest.expected <= self.today

    @property
    def order_by(self) -> date | None:
        """The last day on which to order a new one."""
        found = self.nearest
        return None if found is None else order_by(found.expected, self.part.content["lead_time_days"])

    @property
    def order_soon(self) -> bool:
        return self.order_by is not None and (self.order_by - self.today).days <= ORDER_SOON_DAYS

    def planned(self) -> Planned | None:
        """The part as a budget sees it; None where nothing says when it ends."""
        found, content = self.nearest, self.part.content
        if found is None:
            return None
        lives = [each.life_days for each in self.expectations if each.ends and each.life_days]
        return Planned(
            part_id=self.part.id,
            kind=self.part.kind,
            due_on=found.expected,
            earliest=found.earliest,
            latest=found.latest,
            quantity=content["quantity"],
            unit_price=content["unit_price"],
            currency=content["currency"],
            lead_time_days=content["lead_time_days"],
            life_days=min(lives, default=None),
            discard=found.rule.line is Line.DISCARD,
        )


def forecasts(tx: Tx, now: datetime, *conditions: ColumnElement[bool]) -> list[Forecast]:
    """The standing parts under ``conditions``, each with its lives by the rules of today at its site."""
    parts = kept.installed(tx, kept.STANDING, *conditions)
    if not parts:
        return []
    rules = part_lives.known(tx)
    inspected = kept.inspections(tx, [each.id for each in parts])
    counters = kept.counters(tx, {each.equipment_id for each in parts})
    return [_forecast(each, rules, inspected.get(each.id, []), counters, now) for each in parts]


def _forecast(
    each: Installed,
    rules: Collection[LifeRule],
    inspected: Sequence[Mapping[str, Any]],
    counters: Mapping[tuple[int, Counter], Sequence[Reading]],
    now: datetime,
) -> Forecast:
    today = now.astimezone(ZoneInfo(each.timezone)).date()
    own = applicable(rules, part.nature_of(each.kind, each.content), today)
    measured: dict[str, list[Sample]] = {}
    for one in inspected:
        at = (one["inspected_on"] - date(1970, 1, 1)).days * DAY
        for name, value in part.quantities(each.kind, each.content, one["content"]["measured"]).items():
            measured.setdefault(name, []).append(Sample(at, value))
    history = History(each.installed_on, _usage(each, counters, today), measured)
    return Forecast(each, inspected, expectations(own, history, today), today)


def _usage(each: Installed, counters: Mapping[tuple[int, Counter], Sequence[Reading]], today: date) -> dict[str, Usage]:
    """What the part has done by each counter; rope bends by the trips where the way of the rope is entered."""
    found: dict[str, Usage] = {}
    for counter in Counter:
        known = usage(counters.get((each.equipment_id, counter), ()), each.installed_on, today)
        if known is not None:
            found[counter] = known
    drive = part.drive_of(each.content)
    if drive is not None and Counter.TRIPS in found:
        found[Counter.ROPE_BENDS] = found[Counter.TRIPS].times(drive.bends_per_trip())
    return found


class Draft(NamedTuple):
    """A part as it came in. ``replaces`` is the part whose place it takes, or whose entry it corrects, for a reason."""

    elevator_id: int
    kind: str
    installed_on: date
    content: Mapping[str, Any]
    replaces: int | None = None
    correction: bool = False
    reason: str | None = None


def install(tx: Tx, draft: Draft, sight: Sight, now: datetime) -> int:
    """Enter a part; returns its id.

    Raises NotFound: no elevator that the caller sees; InvalidInput naming each field; Conflict: another has taken the
    place of the part that is named, ``existing`` is its id.
    """
    site_id, today = _elevator(tx, sight, draft.elevator_id, now)
    found = part.wrong(draft.kind, draft.content, draft.installed_on, today)
    if draft.kind not in part_lives.kinds(tx):
        found["kind"] = "no such kind of part"
    found |= _wrong_place(tx, draft)
    if found:
        raise InvalidInput(found)
    number = kept.add(
        tx,
        elevator_part,
        {
            "site_id": site_id,
            "equipment_id": draft.elevator_id,
            "recorded_at": now,
            "submitted_by": sight.person.id,
            **{name: getattr(draft, name) for name in ("kind", "installed_on", "content")},
            **{name: getattr(draft, name) for name in ("replaces", "correction", "reason")},
        },
    )
    kind = PartEvent.INSTALLED
    if draft.replaces is not None:
        kind = PartEvent.CORRECTED if draft.correction else PartEvent.REPLACED
    body = {
        "part_id": number,
        "part_kind": draft.kind,
        "installed_on": draft.installed_on.isoformat(),
        "replaces": draft.replaces,
        records.HASHED: records.digest(draft.content),
    }
    ledger.append(tx, [_entry(kind, site_id, draft.elevator_id, sight.person, draft.reason, body, now)])
    return number


def _wrong_place(tx: Tx, draft: Draft) -> dict[str, str]:
    if draft.replaces is None:
        return {"correction": "say which part's entry is corrected"} if draft.correction else {}
    before = kept.installed(tx, elevator_part.c.id == draft.replaces)
    if not before or before[0].equipment_id != draft.elevator_id or before[0].kind != draft.kind:
        return {"replaces": f"is no {draft.kind} of this elevator"}
    newer = kept.replaced_by(tx, draft.replaces)
    if newer is not None:
        raise Conflict(f"part {draft.replaces} has been replaced by part {newer}", existing=newer)
    if draft.reason is None:
        return {"reason": "say why the part is replaced, or its entry corrected"}
    if not draft.correction and draft.installed_on < before[0].installed_on:
        return {"installed_on": f"must not lie before that of the part it replaces ({before[0].installed_on})"}
    return {}


def inspect(
    tx: Tx,
    part_id: int,
    inspected_on: date,
    content: Mapping[str, Any],
    corrects: int | None,
    reason: str | None,
    sight: Sight,
    now: datetime,
) -> int:
    """Enter what was measured of a standing part, judged by the lines of its day; returns the inspection's id.

    Raises NotFound, InvalidInput naming each field, Conflict where another part or inspection has taken its place.
    """
    found = kept.installed(tx, kept.seen(sight), elevator_part.c.id == part_id)
    if not found:
        raise NotFound(f"part {part_id}")
    (of,) = found
    kept.lock(tx, part_id)
    newer = kept.replaced_by(tx, part_id)
    if newer is not None:
        raise Conflict(f"part {part_id} has been replaced by part {newer}", existing=newer)
    today = now.astimezone(ZoneInfo(of.timezone)).date()
    measured = content["measured"]
    wrong = part.wrong_inspection(of.kind, of.content, measured, inspected_on, of.installed_on, today)
    wrong |= _wrong_correction(tx, part_id, corrects, reason)
    if wrong:
        raise InvalidInput(wrong)
    rules = applicable(part_lives.known(tx), part.nature_of(of.kind, of.content), inspected_on)
    checked = part.judge(rules, part.quantities(of.kind, of.content, measured))
    verdicts = [each.as_json() for each in checked]
    row = {
        "site_id": of.site_id,
        "equipment_id": of.equipment_id,
        "part_id": part_id,
        "inspected_on": inspected_on,
        "recorded_at": now,
        "submitted_by": sight.person.id,
        "content": dict(content),
        "verdicts": verdicts,
        "passed": part.passed(checked),
        "corrects": corrects,
        "reason": reason,
    }
    number = kept.add(tx, part_inspection, row)
    body = {
        "inspection_id": number,
        "part_id": part_id,
        "inspected_on": inspected_on.isoformat(),
        "passed": row["passed"],
        "corrects": corrects,
        records.HASHED: records.digest(content, verdicts),
    }
    entry = _entry(PartEvent.INSPECTED, of.site_id, of.equipment_id, sight.person, reason, body, now)
    ledger.append(tx, [entry])
    return number


def _wrong_correction(tx: Tx, part_id: int, corrects: int | None, reason: str | None) -> dict[str, str]:
    if corrects is None:
        return {}
    if corrects not in {each["id"] for each in kept.inspections(tx, [part_id]).get(part_id, [])}:
        return {"corrects": "is no standing inspection of this part"}
    return {} if reason is not None else {"reason": "say why the inspection is corrected"}


def read_counter(
    tx: Tx, elevator_id: int, counter: Counter, read: Reading, reset: bool, sight: Sight, now: datetime
) -> int:
    """Enter what a counter showed on a day; ``reset``: it was replaced or set back before. Returns the reading's id.

    Raises NotFound, InvalidInput.
    """
    site_id, today = _elevator(tx, sight, elevator_id, now)
    if read.on > today:
        raise InvalidInput({"read_on": f"must not lie after today ({today})"})
    others = kept.counters(tx, [elevator_id]).get((elevator_id, counter), ())
    wrong = usages.wrong(counter, others, read, reset)
    if wrong is not None:
        raise InvalidInput({"value": wrong})
    same = {
        "site_id": site_id,
        "equipment_id": elevator_id,
        "counter": counter,
        "read_on": read.on,
        "value": read.value,
    }
    number = kept.add(tx, counter_reading, {**same, "recorded_at": now, "submitted_by": sight.person.id})
    body = {"reading_id": number, "counter": counter, "read_on": read.on.isoformat(), "value": read.value}
    if reset:
        body["reset"] = True
    ledger.append(tx, [_entry(PartEvent.COUNTER_READ, site_id, elevator_id, sight.person, None, body, now)])
    return number


def _elevator(tx: Tx, sight: Sight, number: int, now: datetime) -> tuple[int, date]:
    """The elevator's site, and what day it is there."""
    found = kept.elevator(tx, sight, number)
    if found is None:
        raise NotFound(f"elevator {number}")
    return found[0], now.astimezone(ZoneInfo(found[1])).date()


def _entry(
    kind: str,
    site_id: int,
    elevator_id: int,
    person: Person | None,
    reason: str | None,
    body: Mapping[str, Any],
    now: datetime,
) -> Entry:
    actor = None if person is None else person.id
    return Entry(kind, now, now, site_id, elevator_id, None, None, actor, reason, body)
