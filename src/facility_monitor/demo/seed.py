"""What the demo's database holds before the first reading: the site, its people, who is on duty, their channels."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, insert, select

from facility_monitor.demo import elevator_history, lift_parts, repair_history, site
from facility_monitor.domain.person import Role
from facility_monitor.flows.people import passwords, people
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import channel, contract, duty, organisation, person

Logins = dict[str, str]
"""User name to password."""


def seed(database: Database, data_dir: Path, locale: str, now: datetime) -> Logins:
    """Bring the demo site in where it is not there yet; returns the log-ins, which are the same at every start.

    Its photos go where the service looks for them below ``data_dir``.
    """
    file = data_dir / "demo-logins.json"
    logins: Logins = json.loads(file.read_text()) if file.exists() else {}
    missing = {username: passwords.made() for username, *_ in site.PEOPLE if username not in logins}
    logins |= missing
    file.touch(mode=0o600)
    file.write_text(json.dumps(logins, indent=2))
    with database.transaction() as tx:
        first_start: datetime = tx.execute(select(func.min(duty.c.starts_at))).scalar_one() or now
        site_id = commission(tx, site.document(first_start.date()), "demo", now)
        known = {row.username: row.id for row in tx.execute(select(person.c.username, person.c.id))}
        for username, name, role, firm in site.PEOPLE:
            if username not in known:
                known[username] = _join(tx, username, name, Role(role), firm, logins[username], locale, site_id, now)
            elif username in missing:
                people.set_password(tx, known[username], logins[username], now)
        if not tx.execute(select(func.count()).select_from(duty)).scalar_one():
            on_duty = known[site.ON_DUTY]
            tx.execute(insert(duty).values(site_id=site_id, person_id=on_duty, starts_at=now))
            reached = [
                {"person_id": each, "kind": "console", "address": "demo"} for each in (on_duty, known["manager"])
            ]
            tx.execute(insert(channel).values(reached))
        manager = accounts.by_id(tx, known["manager"], now)
        if manager is not None:
            lift_parts.enter(tx, manager.person, now)
        for username, _, role, _ in site.PEOPLE:
            account = accounts.by_id(tx, known[username], now) if role == Role.CONTRACTOR else None
            if account is not None and manager is not None:
                files = Files(data_dir / "evidence")
                repair_history.enter(tx, site_id, account.person, manager.person, files, now)
                elevator_history.enter(tx, site_id, account.person, now)
    return logins


def _join(
    tx: Tx,
    username: str,
    name: str,
    role: Role,
    firm: str | None,
    password: str,
    locale: str,
    site_id: int,
    now: datetime,
) -> int:
    firm_id = None
    if firm is not None:
        firm_id = tx.execute(select(organisation.c.id).where(organisation.c.code == firm)).scalar_one()
        covered = {"organisation_id": firm_id, "site_id": site_id, "equipment_kind": "elevator"}
        tx.execute(insert(contract).values(**covered, starts_on=date(now.year - 1, 1, 1)))
    number = people.add_person(tx, username, name, role, password, locale, firm_id, now)
    if role in (Role.MANAGER, Role.ENGINEER, Role.INSPECTOR):
        people.grant_sites(tx, number, [site_id])
    return number
