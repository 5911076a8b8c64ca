"""The calendar kept going: tasks made ahead, people reminded, and a ticket where something was missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.fire.upkeep import Cycle, Plan, Standing, State, Task, UpkeepEvent, standing, tasks
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.rota import Position
from facility_monitor.domain.person import Person
from facility_monitor.domain.text import Text, said
from facility_monitor.errors import Conflict, InvalidInput
from facility_monitor.flows.fire import duty_points
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Fault
from facility_monitor.store import plant, versioned
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import duties
from facility_monitor.store.fire import upkeep as kept
from facility_monitor.store.fire.duties import Waiver
from facility_monitor.store.fire.upkeep import Registered
from facility_monitor.store.plant import Place
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, impairment, site

AHEAD = timedelta(days=40)
"""So far ahead the calendar is made: a month and what its reminders need."""

MISSED = "upkeep-missed"
"""The cause of the ticket that a missed task opens or joins."""
FOLDS = 3
"""Where more pieces miss the same duty at once there is one ticket for all of them (P)."""


class Shown(NamedTuple):
    """A task as it stands on a day."""

    task: Task
    piece: Registered
    plan: Plan
    standing: Standing
    waiver: Waiver | None = None

    @property
    def rests(self) -> bool:
        """Whether it was not done, and need not be made up for."""
        return self.waiver is not None and self.standing.state in (State.OVERDUE, State.MISSED)


def calendar(
    tx: Tx, sight: Sight, site_id: int, first: date, last: date, on: date, equipment_id: int | None = None
) -> list[Shown]:
    """The tasks of a site with a day in ``first`` to ``last`` as they stood or will stand on the day ``on``.

    What was made of plans and equipment that there were then stays, whatever became of them.
    """
    conditions = [equipment.c.site_id == site_id, sight.thing(equipment.c.site_id, equipment.c.id)]
    if equipment_id is not None:
        conditions.append(equipment.c.id == equipment_id)
    pieces = {each.item.id: each for each in kept.registered(tx, *conditions)}
    plans = {each.code: each for each in kept.plans(tx)}
    made = tasks(plans.values(), [each.item for each in pieces.values()], first, last, kept.holidays(tx, site_id))
    by_key = {(each.plan, each.equipment_id, each.first): each for each in made}
    by_key |= {
        (each.plan, each.equipment_id, each.first): each for each in kept.kept_tasks(tx, list(pieces), first, last)
    }
    found = sorted(by_key.values(), key=lambda each: (each.last, each.plan, each.equipment_id))
    if not found:
        return []
    ways = standings(tx, found, plans, on)
    waived = duties.waived(tx, list(pieces), first, last)
    return [
        Shown(
            each,
            pieces[each.equipment_id],
            plans[each.plan],
            how,
            waived.get((each.plan, each.equipment_id, each.first)),
        )
        for each, how in zip(found, ways, strict=True)
    ]


def to_do(tx: Tx, sight: Sight, site_id: int, on: date) -> list[Shown]:
    """The tasks of a site that are due or overdue on the day ``on``, the most urgent first."""
    # what is late still counts until the piece's next turn, which comes within a year
    found = calendar(tx, sight, site_id, on - timedelta(days=366), on, on)
    return [each for each in found if each.standing.state in (State.DUE, State.OVERDUE)]


def standings(tx: Tx, found: Sequence[Task], plans: Mapping[str, Plan], on: date) -> list[Standing]:
    """How each of some tasks stands on a day, in their order; there is one at least."""
    ids = {each.equipment_id for each in found}
    done = kept.done(tx, ids, min(each.first for each in found), max(each.until for each in found))
    away = kept.out_of_service(tx, ids)
    return [
        standing(each, done.get((each.equipment_id, plans[each.plan].form), ()), away.get(each.equipment_id, ()), on)
        for each in found
    ]


def keep_going(tx: Tx, now: datetime) -> None:
    """Make the calendar ahead, remind of what comes to be due, and open a ticket for what was missed.

    Safe to run at any time and again: what was done is noted with the task in the same transaction.
    """
    today = {row.id: now.astimezone(ZoneInfo(row.timezone)).date() for row in tx.execute(select(site))}
    if not today:
        return
    plans = {each.code: each for each in kept.plans(tx)}
    for site_id, day in today.items():
        items = [each.item for each in kept.registered(tx, equipment.c.site_id == site_id)]
        kept.keep_tasks(tx, tasks(plans.values(), items, day, day + AHEAD, kept.holidays(tx, site_id)))
    waiting = kept.unsettled(tx, today, max(today.values()) + AHEAD)
    if not waiting:
        return
    how = standings(tx, [each.task for each in waiting], plans, max(today.values()))
    remind: dict[tuple[int, str], list[Task]] = defaultdict(list)
    missed: list[tuple[int, Task]] = []
    settled: list[Task] = []
    for each, how_now in zip(waiting, how, strict=True):
        day, plan = today[each.site_id], plans[each.task.plan]
        if how_now.state in (State.DONE, State.LATE, State.IMPAIRED) and each.task.last < day:
            settled.append(each.task)
        elif how_now.state in (State.OVERDUE, State.MISSED) and each.task.last < day:
            missed.append((each.site_id, each.task))
        elif how_now.state is State.DUE and not each.reminded and _soon(plan, each.task, day):
            remind[each.site_id, plan.code].append(each.task)
    _tell(tx, plans, remind, missed, now)
    kept.note_reminded(tx, [task for each in remind.values() for task in each], now)
    kept.note_missed(tx, [*settled, *(task for _, task in missed)], now)


def _soon(plan: Plan, task: Task, day: date) -> bool:
    """Whether it is time to remind; a plan without days for that reminds of nothing."""
    return plan.remind_days > 0 and task.last - timedelta(days=plan.remind_days) <= day


def _tell(
    tx: Tx,
    plans: Mapping[str, Plan],
    remind: Mapping[tuple[int, str], Sequence[Task]],
    missed: Sequence[tuple[int, Task]],
    now: datetime,
) -> None:
    at = _where(tx, missed, now)
    titles: dict[tuple[int, str], Text] = {}
    for site_id, task in missed:
        name = plans[task.plan].name
        titles[at[site_id, task], f"{MISSED}-{task.plan}"] = {
            "zh-CN": f"未按期完成：{said(name, 'zh-CN')}",
            "en": f"Not done in time: {said(name, 'en')}",
        }
    faults = {key: Fault(title, now) for key, title in titles.items()}
    opened = tickets.open_or_join(tx, faults, now, tickets.DUTY_OVERDUE)
    entries = [
        _entry(
            UpkeepEvent.MISSED,
            site_id,
            task.equipment_id,
            opened.by_cause[at[site_id, task], f"{MISSED}-{task.plan}"],
            {"plan": task.plan, "first": task.first.isoformat(), "last": task.last.isoformat()},
            now,
        )
        for site_id, task in missed
    ]
    reminders = [
        _entry(
            UpkeepEvent.REMINDED,
            site_id,
            None,
            None,
            {"plan": code, "tasks": len(due), "last": max(each.last for each in due).isoformat()},
            now,
        )
        for (site_id, code), due in remind.items()
    ]
    written = ledger.append(tx, [*entries, *opened.entries, *reminders])
    places = plant.places(tx, {equipment_id for equipment_id, _ in titles})
    matters = list(_to_managers(written, missed, entries, plans, titles, at, places))
    called = _alarmed(tx)
    for number, entry in zip(written[len(entries) :], [*opened.entries, *reminders], strict=True):
        if entry.ticket_id is not None and called:
            continue  # one who is on duty is called by the alarm of the duty, from which the ticket is found
        if entry.ticket_id is not None and entry.equipment_id is not None:
            title = titles[entry.equipment_id, entry.body["cause"]]
            where, path = places[entry.equipment_id].full, f"/tickets/{entry.ticket_id}"
            matters.append(Matter(number, entry.site_id, None, _notice(entry, title, where, path)))
        else:
            matters.append(Matter(number, entry.site_id, None, _reminder(entry, plans[entry.body["plan"]])))
    announce(tx, matters, now)


def _alarmed(tx: Tx) -> bool:
    """Whether a duty that was not done is an alarm that calls people."""
    return any(rule.scope.metric == duties.METRIC and not rule.shadow for rule in rules.enabled(tx))


def _where(tx: Tx, missed: Sequence[tuple[int, Task]], now: datetime) -> dict[tuple[int, Task], int]:
    """The equipment at which the ticket of each missed task stands: its own, or where many were missed at once the
    calendar of its site, which has one for all of them."""
    count = Counter((site_id, task.plan) for site_id, task in missed)
    many = {duty for duty, pieces in count.items() if pieces > FOLDS}
    calendars = duty_points.points(tx, many, now) if many else {}
    return {
        (site_id, task): calendars[site_id, task.plan].equipment_id
        if (site_id, task.plan) in many
        else task.equipment_id
        for site_id, task in missed
    }


def _entry(
    kind: str, site_id: int, equipment_id: int | None, ticket_id: int | None, body: dict[str, Any], now: datetime
) -> Entry:
    return Entry(kind, now, now, site_id, equipment_id, None, ticket_id, None, None, body)


def _notice(entry: Entry, title: Text, place: Text, path: str) -> Notice:
    response = {"zh-CN": "今天补做，并说明原因", "en": "Do it today, and say why it is late"}
    return Notice(entry.kind, f"ticket-{entry.ticket_id}", Severity.MEDIUM, False, title, place, response, path)


def _to_managers(
    written: Sequence[int],
    missed: Sequence[tuple[int, Task]],
    entries: Sequence[Entry],
    plans: Mapping[str, Plan],
    titles: Mapping[tuple[int, str], Text],
    at: Mapping[tuple[int, Task], int],
    places: Mapping[int, Place],
) -> Iterator[Matter]:
    """A week or more without its duty is the manager's matter, also where a ticket is open already: told once of each
    ticket."""
    told: set[int | None] = set()
    for number, (site_id, task), entry in zip(written, missed, entries, strict=False):
        if plans[task.plan].cycle is Cycle.DAILY or entry.ticket_id in told:
            continue
        told.add(entry.ticket_id)
        where = at[site_id, task]
        title, place = titles[where, f"{MISSED}-{task.plan}"], places[where].full
        notice = _notice(entry, title, place, f"/tickets/{entry.ticket_id}")
        yield Matter(number, site_id, None, notice, position=Position.MANAGER)


def _reminder(entry: Entry, plan: Plan) -> Notice:
    count, last = entry.body["tasks"], entry.body["last"]
    return Notice(
        kind=UpkeepEvent.REMINDED,
        tag=f"upkeep-{entry.site_id}-{plan.code}",
        severity=Severity.LOW,
        life_safety=False,
        title=plan.name,
        place={"zh-CN": f"{count} 处", "en": f"{count} to do"},
        response={"zh-CN": f"请于 {last} 前完成", "en": f"To be done by {last}"},
        path="/upkeep",
    )


def impair(tx: Tx, values: Mapping[str, Any], person: Person, now: datetime) -> int:
    """Note that equipment, which the caller sees, is out of service; returns the impairment's id.

    Raises InvalidInput where it begins in the past, since what was missed then must stay missed, or ends before it
    begins.
    """
    site_id = plant.places(tx, [values["equipment_id"]])[values["equipment_id"]].site_id
    today = plant.today(tx, site_id, now)
    if values["starts_on"] < today:
        raise InvalidInput({"starts_on": f"must not lie before today ({today}): what was missed stays missed"})
    _check_end(values["starts_on"], values["ends_on"])
    number = kept.add_impairment(tx, {**values, "site_id": site_id, "submitted_by": person.id})
    ledger.append(tx, [_impaired(UpkeepEvent.IMPAIRED, {**values, "id": number, "site_id": site_id}, person, now)])
    return number


def change_impairment(
    tx: Tx, number: int, version: int, changes: Mapping[str, Any], person: Person, now: datetime
) -> None:
    """Let an impairment, which the caller sees, end on another day: its equipment works again, or still does not.

    Raises NotFound, Stale; Conflict where it has ended; InvalidInput where its new end lies before yesterday.
    """
    before = versioned.lock(tx, impairment, number, version)
    row = {**before, **changes}
    today = plant.today(tx, row["site_id"], now)
    if before["ends_on"] is not None and before["ends_on"] < today:
        raise Conflict(f"impairment {number} has ended: note another one")
    _check_end(row["starts_on"], row["ends_on"])
    if row["ends_on"] is not None and row["ends_on"] < today - timedelta(days=1):
        raise InvalidInput({"ends_on": f"must not lie before yesterday ({today - timedelta(days=1)})"})
    versioned.change(tx, impairment, number, version, {"ends_on": row["ends_on"]})
    ledger.append(tx, [_impaired(UpkeepEvent.IMPAIRMENT_CHANGED, row, person, now)])


def _check_end(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput({"ends_on": "must not lie before starts_on"})


def _impaired(kind: str, row: Mapping[str, Any], person: Person, now: datetime) -> Entry:
    body = {
        "impairment_id": row["id"],
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": None if row["ends_on"] is None else row["ends_on"].isoformat(),
        "measure": row["measure"],
    }
    return Entry(kind, now, now, row["site_id"], row["equipment_id"], None, None, person.id, row["reason"], body)
