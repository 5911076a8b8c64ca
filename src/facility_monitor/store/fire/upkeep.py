"""Upkeep as rows: the dated plans, rules and forms, the calendar that was made of them, and what was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Row, Table, and_, cast, func, insert, or_, select, text

from facility_monitor.domain.elevator import elevator
from facility_monitor.domain.fire.check import Derived, Field, Form
from facility_monitor.domain.fire.service_life import Dates, ServiceRule, Step, dates_of
from facility_monitor.domain.fire.upkeep import Basis, Cycle, Done, Item, Plan, Task, UpkeepEvent
from facility_monitor.domain.text import Text
from facility_monitor.store.database import Tx
from facility_monitor.store.repair.ticket_clock import calendar
from facility_monitor.store.sight import Condition, Sight
from facility_monitor.store.tables import (
    check_form,
    elevator_test,
    equipment,
    equipment_check,
    impairment,
    ledger,
    service_rule,
    site,
    upkeep_plan,
    upkeep_task,
)

BEGINNING = date(1970, 1, 1)


def plans(tx: Tx) -> list[Plan]:
    """All plans, also those that stand no longer."""
    rows = tx.execute(select(upkeep_plan).order_by(upkeep_plan.c.code)).mappings()
    return [Plan(**{**row, "cycle": Cycle(row["cycle"]), "places": tuple(row["places"])}) for row in rows]


def bases(tx: Tx, site_ids: Iterable[int]) -> dict[int, Basis]:
    """Of what the calendar of each site is made now."""
    rows = tx.execute(select(upkeep_plan)).mappings()
    made = {
        row["code"]: {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in rows
    }
    return {
        site_id: Basis(made, {day.isoformat(): works for day, works in calendar(tx, site_id).items()})
        for site_id in site_ids
    }


def told_bases(tx: Tx) -> dict[int, Basis]:
    """Of what the ledger says that the calendar of each site is made."""
    asked = select(ledger.c.site_id, ledger.c.body).where(ledger.c.kind == UpkeepEvent.CALENDAR_CHANGED)
    found: dict[int, Basis] = {}
    for site_id, body in tx.execute(asked.order_by(ledger.c.id)):
        found[site_id] = found.get(site_id, Basis()).changed(body)
    return found


def service_rules(tx: Tx) -> list[ServiceRule]:
    rows = tx.execute(select(service_rule)).mappings()
    return [ServiceRule(**{**row, "step": Step(row["step"])}) for row in rows]


def form(tx: Tx, code: str, on: date) -> Form | None:
    """The form of that code in force on a day."""
    return next((each for each in forms(tx, code) if each.in_force(on)), None)


def forms(tx: Tx, code: str | None = None) -> list[Form]:
    """All forms there are and were, or those of one code."""
    asked = select(check_form).order_by(check_form.c.code, check_form.c.effective_from.desc())
    if code is not None:
        asked = asked.where(check_form.c.code == code)
    return [read_form(row.code, row.effective_from, row.effective_to, row.definition) for row in tx.execute(asked)]


def read_form(code: str, effective_from: date, effective_to: date | None, document: Mapping[str, Any]) -> Form:
    """A form of its definition: what the row holds, and the catalogue."""
    return Form(
        code=code,
        effective_from=effective_from,
        effective_to=effective_to,
        fields=tuple(_field(each) for each in document["fields"]),
        derived=tuple(Derived(**{**each, "of": tuple(each["of"])}) for each in document.get("derived", ())),
        kinds=tuple(document["kinds"]),
        instrument=_entries(document.get("instrument")),
        **{name: document[name] for name in ("name", "sheet", "signatures", "standard", "clause", "grade")},
    )


def _field(document: Mapping[str, Any]) -> Field:
    not_at = document.get("not_at")
    return Field(
        **{
            **document,
            "good": tuple(document.get("good", ())),
            "when": _entries(document.get("when")),
            "not_at": None if not_at is None else {subtype: tuple(options) for subtype, options in not_at.items()},
        }
    )


def _entries(document: Sequence[Any] | None) -> tuple[str, tuple[str, ...]] | None:
    """A field, and some of the entries that it may have."""
    return None if document is None else (document[0], tuple(document[1]))


def holidays(tx: Tx, site_id: int) -> set[date]:
    """The holidays, as a site keeps them: closed days of its own are ones, and days that it works are none."""
    return {day for day, working in calendar(tx, site_id).items() if not working}


class Registered(NamedTuple):
    """A piece of equipment of the register."""

    item: Item
    site_id: int
    code: str
    name: Text
    subtype: str | None
    dates: Dates


def registered(tx: Tx, *conditions: Condition) -> list[Registered]:
    """Equipment in the order of its ids."""
    rows = tx.execute(select(equipment).where(*conditions).order_by(equipment.c.id))
    return [_registered(row.id, row.site_id, row.code, row.name, row.kind, row.attributes) for row in rows]


def _registered(
    number: int, site_id: int, code: str, name: Text, kind: str, attributes: Mapping[str, Any]
) -> Registered:
    # of an elevator it stands under the name that GB/T 24476 has for it
    known = dates_of({"installed_on": attributes.get("install_date"), **attributes})
    place, subtype = attributes.get("place_class"), attributes.get("subtype")
    return Registered(
        Item(number, kind, known.installed_on or BEGINNING, place if isinstance(place, str) else None),
        site_id,
        code,
        name,
        subtype if isinstance(subtype, str) else None,
        known,
    )


def done(tx: Tx, ids: Collection[int], first: date, last: date) -> dict[tuple[int, str], list[Done]]:
    """By equipment and form what was done from ``first`` to ``last``, days at the site, without what was corrected:
    checks, and the tests of elevators."""
    found: dict[tuple[int, str], list[Done]] = defaultdict(list)
    for row in _made(tx, equipment_check, ids, first, last, equipment_check.c.form):
        found[row.equipment_id, row.form].append(Done(row.on, row.id, row.late_entry, row.passed))
    for row in _made(tx, elevator_test, ids, first, last):
        found[row.equipment_id, elevator.FORM].append(Done(row.on, None, row.late_entry, row.passed, row.id))
    return found


def _made(
    tx: Tx, table: Table, ids: Collection[int], first: date, last: date, *more: ColumnElement[Any]
) -> Iterable[Row[Any]]:
    newer = table.alias("newer")
    on = cast(func.timezone(site.c.timezone, table.c.performed_at), Date)
    return tx.execute(
        select(*(table.c[name] for name in ("equipment_id", "id", "late_entry", "passed")), *more, on.label("on"))
        .join(site, site.c.id == table.c.site_id)
        .where(table.c.equipment_id == func.any(list(ids)), on.between(first, last))
        .where(~select(newer.c.id).where(newer.c.corrects == table.c.id).exists())
        .order_by(table.c.performed_at, table.c.id)
    )


def out_of_service(tx: Tx, ids: Collection[int]) -> dict[int, list[tuple[date, date | None]]]:
    """When equipment was or is impaired, by its id."""
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    asked = select(impairment.c.equipment_id, impairment.c.starts_on, impairment.c.ends_on)
    for row in tx.execute(asked.where(impairment.c.equipment_id == func.any(list(ids)))):
        found[row[0]].append((row[1], row[2]))
    return found


_KEEP = """
WITH made AS (
    SELECT * FROM unnest(CAST(:plan AS text[]), CAST(:equipment_id AS integer[]), CAST(:first AS date[]),
        CAST(:last AS date[]), CAST(:until AS date[])) AS made (plan, equipment_id, first, last, until)
), moved AS (
    UPDATE upkeep_task AS kept SET last = made.last, until = made.until FROM made
    WHERE (kept.plan, kept.equipment_id, kept.first) = (made.plan, made.equipment_id, made.first)
        AND (kept.last, kept.until) <> (made.last, made.until)
)
INSERT INTO upkeep_task (plan, equipment_id, first, last, until) SELECT * FROM made ON CONFLICT DO NOTHING
"""


def keep_tasks(tx: Tx, tasks: Sequence[Task]) -> None:
    """Note tasks; of those that are noted already the due day moves where holidays have changed since."""
    if tasks:
        columns = {name: [getattr(task, name) for task in tasks] for name in Task._fields}
        tx.execute(text(_KEEP), columns)


def kept_tasks(tx: Tx, ids: Collection[int], first: date, last: date) -> list[Task]:
    """Noted tasks with a day in ``first`` to ``last``: they stay, whatever became of their plan."""
    columns = [upkeep_task.c[name] for name in Task._fields]
    asked = select(*columns).where(
        upkeep_task.c.equipment_id == func.any(list(ids)), upkeep_task.c.first <= last, upkeep_task.c.last >= first
    )
    return [Task(*row) for row in tx.execute(asked)]


class Open(NamedTuple):
    """A noted task of which somebody may have to be told."""

    task: Task
    site_id: int
    reminded: bool


def unsettled(tx: Tx, today_at: Mapping[int, date], horizon: date) -> list[Open]:
    """Tasks that may need a word: not yet missed, due before ``horizon``."""
    columns = [upkeep_task.c[name] for name in Task._fields]
    rows = tx.execute(
        select(*columns, equipment.c.site_id, upkeep_task.c.reminded_at)
        .join(equipment, equipment.c.id == upkeep_task.c.equipment_id)
        .where(upkeep_task.c.missed_at.is_(None), upkeep_task.c.last < horizon)
        .where(equipment.c.site_id == func.any(list(today_at)))
        .where(or_(upkeep_task.c.reminded_at.is_(None), upkeep_task.c.last < max(today_at.values())))
        .order_by(upkeep_task.c.last, upkeep_task.c.plan, upkeep_task.c.equipment_id)
    )
    return [Open(Task(*row[:5]), row[5], row[6] is not None) for row in rows]


_NOTE = """
UPDATE upkeep_task SET {column} = :now FROM unnest(CAST(:plans AS text[]), CAST(:ids AS integer[]),
    CAST(:firsts AS date[])) AS done (plan, equipment_id, first)
WHERE upkeep_task.plan = done.plan AND upkeep_task.equipment_id = done.equipment_id AND upkeep_task.first = done.first
"""


def _note(tx: Tx, column: str, tasks: Sequence[Task], now: datetime) -> None:
    if tasks:
        values = {
            "plans": [each.plan for each in tasks],
            "ids": [each.equipment_id for each in tasks],
            "firsts": [each.first for each in tasks],
        }
        tx.execute(text(_NOTE.format(column=column)), {**values, "now": now})


def note_reminded(tx: Tx, tasks: Sequence[Task], now: datetime) -> None:
    _note(tx, "reminded_at", tasks, now)


def note_missed(tx: Tx, tasks: Sequence[Task], now: datetime) -> None:
    _note(tx, "missed_at", tasks, now)


def add_impairment(tx: Tx, values: Mapping[str, Any]) -> int:
    number: int = tx.execute(insert(impairment).values(**values).returning(impairment.c.id)).scalar_one()
    return number


def impairments(tx: Tx, sight: Sight, *conditions: Condition) -> list[dict[str, Any]]:
    """Impairments as people read them, the newest first."""
    seen = and_(sight.thing(impairment.c.site_id, impairment.c.equipment_id), *conditions)
    rows = tx.execute(select(impairment).where(seen).order_by(impairment.c.starts_on.desc(), impairment.c.id.desc()))
    return [dict(row) for row in rows.mappings()]
