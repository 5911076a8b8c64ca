"""An inspector's visit: a link to a site and a period that ends by itself, can be revoked, and reads only."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from facility_monitor.domain.fire.upkeep import Done, State
from facility_monitor.domain.person import Person
from facility_monitor.domain.text import Text
from facility_monitor.errors import Conflict, InvalidInput, NotSignedIn
from facility_monitor.flows.fire.upkeep import Shown, calendar
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.fire import upkeep as kept
from facility_monitor.store.people import accounts
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, equipment_check, inspection_link, site, technical_file
from facility_monitor.store.views import checks
from facility_monitor.store.views import technical_files as views

LONGEST = timedelta(days=800)
"""Of a period: two years and what lies around them."""
MOST_FILES = 2000
MADE_EVENT = "inspection_link_made"
REVOKED_EVENT = "inspection_link_revoked"


class Visit(NamedTuple):
    """What a link opens: the site from ``first`` to ``last``, seen with the eyes of who made the link."""

    link_id: int
    site_id: int
    code: str
    name: Text
    zone: ZoneInfo
    first: date
    last: date
    sight: Sight


def make(
    tx: Tx,
    site_id: int,
    first: date,
    last: date,
    purpose: str,
    expires_at: datetime,
    person: Person,
    key: SigningKey,
    now: datetime,
) -> tuple[int, str]:
    """Make a link; returns its id and its token, which is shown once. Raises InvalidInput."""
    if not first <= last <= first + LONGEST:
        raise InvalidInput({"last": f"must lie within {LONGEST.days} days after first"})
    if expires_at <= now:
        raise InvalidInput({"expires_at": "must lie in the future"})
    values = {"site_id": site_id, "first": first, "last": last, "purpose": purpose, "expires_at": expires_at}
    number: int = tx.execute(
        insert(inspection_link).values(**values, submitted_by=person.id, created_at=now).returning(inspection_link.c.id)
    ).scalar_one()
    body = {
        "link_id": number,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "expires_at": expires_at.isoformat(),
    }
    ledger.append(tx, [Entry(MADE_EVENT, now, now, site_id, None, None, None, person.id, purpose, body)])
    return number, f"{number}-{_mark(key, number, site_id, first, last, expires_at)}"


def revoke(tx: Tx, link_id: int, person: Person, now: datetime) -> None:
    """End a link at once, which the caller sees. Raises Conflict where it has ended already."""
    revoked = update(inspection_link).where(inspection_link.c.id == link_id, inspection_link.c.revoked_at.is_(None))
    site_id = tx.execute(revoked.values(revoked_at=now).returning(inspection_link.c.site_id)).scalar_one_or_none()
    if site_id is None:
        raise Conflict(f"link {link_id} was revoked before")
    entry = Entry(REVOKED_EVENT, now, now, site_id, None, None, None, person.id, None, {"link_id": link_id})
    ledger.append(tx, [entry])


def _mark(key: SigningKey, number: int, site_id: int, first: date, last: date, expires_at: datetime) -> str:
    """What only the service can make of a link: of all that it opens, so that no row can be widened afterwards."""
    said = f"{number}:{site_id}:{first}:{last}:{expires_at.timestamp():.0f}"
    return key.mark("inspection link", said)


def open_link(tx: Tx, token: str, key: SigningKey, now: datetime) -> Visit:
    """What a token opens. Raises NotSignedIn where it is unknown, has expired, was revoked, or its maker is gone."""
    refusal = NotSignedIn("the link is unknown, has expired or was revoked")
    number, _, mark = token.partition("-")
    if not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise refusal
    row = tx.execute(
        select(inspection_link, site.c.code, site.c.name, site.c.timezone)
        .join(site, site.c.id == inspection_link.c.site_id)
        .where(inspection_link.c.id == int(number))
    ).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise refusal
    wanted = _mark(key, row.id, row.site_id, row.first, row.last, row.expires_at)
    account = accounts.by_id(tx, row.submitted_by, now)
    if not hmac.compare_digest(wanted.encode(), mark.encode()) or account is None or account.disabled:
        raise refusal
    zone = ZoneInfo(row.timezone)
    return Visit(row.id, row.site_id, row.code, row.name, zone, row.first, row.last, Sight(account.person, now))


def matrix(tx: Tx, visit: Visit, now: datetime) -> dict[str, Any]:
    """Whether everything was done: equipment by month, how many tasks were done, late, missed, and by which checks."""
    inside = _inside(tx, visit, now)
    tasks: dict[tuple[int, str], list[Shown]] = defaultdict(list)
    for each in inside:
        tasks[each.task.equipment_id, f"{each.task.last:%Y-%m}"].append(each)
    besides = _besides(tx, visit, inside)
    cells = {key: _cell(tasks.get(key, ()), besides.get(key, ())) for key in tasks.keys() | besides.keys()}
    by_piece: dict[int, dict[str, Any]] = defaultdict(dict)
    for number, month in sorted(cells):
        by_piece[number][month] = cells[number, month]
    places = plant.places(tx, by_piece)
    kinds = {
        row.id: (row.code, row.kind, row.name)
        for row in tx.execute(select(equipment).where(equipment.c.id.in_(list(by_piece))))
    }
    rows = [
        {
            "equipment": dict(zip(("id", "code", "kind", "name"), (number, *kinds[number]), strict=True)),
            "place": places[number].path,
            "cells": of_piece,
        }
        for number, of_piece in by_piece.items()
    ]
    total = _cell(inside, [each for found in besides.values() for each in found])
    return {
        "months": sorted({month for _, month in cells}),
        "rows": rows,
        "total": {**total, "checks": []},
        "waivers": _waivers(inside),
    }


def _besides(tx: Tx, visit: Visit, inside: Sequence[Shown]) -> dict[tuple[int, str], list[Done]]:
    """By equipment and month what failed in the period and is not the verdict of a task of it: out of turn, or after
    its last day. A fault must not be missing here because nobody had to look for it."""
    ids = tx.execute(
        select(equipment.c.id).where(
            equipment.c.site_id == visit.site_id, visit.sight.thing(equipment.c.site_id, equipment.c.id)
        )
    ).scalars()
    judged = {(each.standing.check_id, each.standing.test_id) for each in inside}
    found: dict[tuple[int, str], list[Done]] = defaultdict(list)
    for (number, _), done in kept.done(tx, list(ids), visit.first, visit.last).items():
        for each in done:
            if each.passed is False and (each.check_id, each.test_id) not in judged:
                found[number, f"{each.on:%Y-%m}"].append(each)
    return found


def check(tx: Tx, visit: Visit, check_id: int, now: datetime) -> dict[str, Any] | None:
    """A check of the period, or one by which a duty of the period was made up for later."""
    asked = (equipment_check.c.site_id == visit.site_id, equipment_check.c.id == check_id)
    for row in checks.seen(tx, visit.sight, *asked):
        day = row["performed_at"].astimezone(visit.zone).date()
        if visit.first <= day <= visit.last:
            return row
        # only the calendar of its own piece is asked: each photo of the check comes this way
        if check_id in _cell(_inside(tx, visit, now, row["equipment"]["id"]))["checks"]:
            return row
    return None


def _inside(tx: Tx, visit: Visit, now: datetime, equipment_id: int | None = None) -> list[Shown]:
    """The tasks, of one piece or all, that were to be done by a day of the period."""
    today = now.astimezone(visit.zone).date()
    shown = calendar(tx, visit.sight, visit.site_id, visit.first, visit.last, today, equipment_id)
    return [each for each in shown if visit.first <= each.task.last <= visit.last]


def _waivers(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """What was missed and need not be made up for, as it was waived: together what was waived at once."""
    found: dict[Any, list[Shown]] = defaultdict(list)
    for each in shown:
        if each.rests:
            found[each.waiver, each.task.plan, each.task.last].append(each)
    return [
        {
            **waiver._asdict(),
            "duty": together[0].plan.name,
            "last": last,
            "equipment": [each.piece.code for each in together],
        }
        for (waiver, _, last), together in found.items()
    ]


def technical_files(tx: Tx, visit: Visit) -> list[dict[str, Any]]:
    """The standing technical files of the site and its equipment: no period bounds what is kept for ever."""
    return views.seen(tx, visit.sight, technical_file.c.site_id == visit.site_id, limit=MOST_FILES)


def _cell(shown: Sequence[Shown], besides: Sequence[Done] = ()) -> dict[str, Any]:
    standing = [each for each in shown if not each.rests]
    cell: dict[str, Any] = {state.value: sum(each.standing.state is state for each in standing) for state in State}
    cell["waived"] = len(shown) - len(standing)
    cell["failed"] = sum(each.standing.passed is False for each in shown) + len(besides)
    told = {number for each in shown for number in (each.standing.settled_by, each.standing.check_id)}
    told |= {each.check_id for each in besides}
    cell["checks"] = sorted(number for number in told if number is not None)
    return cell
