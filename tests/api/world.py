"""A small world for the API: two sites with the same kinds of equipment, and somebody of every role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert, select

from facility_monitor.api.feed import Feed
from facility_monitor.api.parts import Parts
from facility_monitor.domain.alarm.judge import Change, Verdict
from facility_monitor.domain.instant import SECOND, instant
from facility_monitor.domain.person import Role
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.domain.reading.telemetry import Packet, Reason, Reject, Telemetry
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.alarm.alarms import Judgement
from facility_monitor.flows.people import passwords, people, sign_in
from facility_monitor.flows.plant.commission import commission
from facility_monitor.settings import Settings
from facility_monitor.store import plant
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.people import accounts, sessions
from facility_monitor.store.reading import readings, rejects, unknown_devices
from facility_monitor.store.tables import channel, contract, duty, organisation

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"  # long enough, and known to everybody here


class Clock:
    """The app's clock; it stands until somebody moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


def _rule(code: str, metric: str, value: float, unit: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": {"zh-CN": f"{code} 报警", "en": f"{code} alarm"},
        "kind": "limit",
        "severity": "high",
        "scope": {"metric": metric},
        "limit": {
            "level": "high",
            "value": value,
            "unit": unit,
            "deadband": 0,
            "basis": {"source": "house", "grade": "P"},
        },
        "opens_ticket": True,
        "response": {"en": "Go and look"},
        "cause": {"en": "Who knows"},
        "respond_within_s": 600,
    }


def _site(code: str, zone: str) -> dict[str, Any]:
    room = {"code": f"{code}-dr", "kind": "distribution_room", "name": {"zh-CN": "配电房", "en": "Room"}}
    lift = {"code": f"{code}-el", "kind": "elevator", "name": {"zh-CN": "电梯", "en": "Lift"}}
    return {
        "code": code,
        "name": {"zh-CN": code, "en": code.title()},
        "timezone": zone,
        "spaces": [
            {"code": "b1", "kind": "building", "name": {"zh-CN": "一号楼", "en": "Building 1"}},
            {"code": "b1-1", "kind": "floor", "parent": "b1", "name": {"zh-CN": "一层", "en": "Floor 1"}},
            {"code": "shaft", "kind": "shaft", "parent": "b1", "name": {"zh-CN": "井道", "en": "Shaft"}},
        ],
        "equipment": [{**room, "space": "b1-1"}, {**lift, "space": "shaft"}],
        "devices": [
            {
                "code": f"{code}-env",
                "name": {"en": "Climate"},
                "equipment": f"{code}-dr",
                "points": [{"key": "humidity", "report_period_s": 10}],
            },
            {
                "code": f"{code}-gw",
                "name": {"en": "Gateway"},
                "equipment": f"{code}-el",
                "points": [{"key": "motor_temperature", "report_period_s": 5}],
            },
        ],
        "rules": [
            _rule(f"{code}-humid", "humidity", 80, "%RH"),
            _rule(f"{code}-hot", "motor_temperature", 70, "Cel"),
        ],
    }


@dataclass
class World:
    """Ids of everything by name: ``hill-dr`` equipment, ``hill-env`` device, ``hill-dr.humidity`` point, ..."""

    database: Database
    app: FastAPI
    clock: Clock
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        with self.database.transaction() as tx:
            yield tx

    def as_(self, username: str) -> Caller:
        """Somebody who is signed in, with a session's token as Bearer."""
        return Caller(TestClient(self.app, raise_server_exceptions=False), self.tokens[username])

    def anonymous(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)

    def raise_alarm(self, equipment: str, after_s: float = 0, value: float = 99.0, rule: str = "") -> int:
        """Raise an alarm of the equipment's own rule, or of ``rule``, as the ingest would; returns its id."""
        return self.judge(equipment, Change.RAISED, after_s, value, rule)

    def end_alarm(self, equipment: str, after_s: float = 0, rule: str = "") -> int:
        return self.judge(equipment, Change.RETURNED, after_s, 1.0, rule)

    def judge(self, equipment: str, change: Change, after_s: float, value: float, code: str = "") -> int:
        at = self.clock.now + timedelta(seconds=after_s)
        with self.tx() as tx:
            known = plant.load(tx, plant.revision(tx))
            point = next(each for each in known.points().values() if each.equipment_id == self.ids[equipment])
            code = code or equipment.partition("-")[0]
            rule = next(each for each in point.rules if each.code.startswith(code))
            alarms.record(
                tx,
                [Judgement(rule, point, Verdict(change, instant(at), value), rule.condition.sentence(value))],
                self.clock.now,
            )
            asked = "SELECT max(id) FROM alarm WHERE point_id = %s AND rule_id = %s"
            return int(tx.exec_driver_sql(asked, (point.id, rule.id)).scalar_one())


class Caller:
    """A client that sends one token with every request."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client = client
        self.token = token

    def __call__(self, method: str, path: str, **more: Any) -> Response:
        headers: Mapping[str, str] = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        answer: Response = self.client.request(method, f"/api/v1{path}", headers=headers, **more)
        return answer

    def get(self, path: str, **query: Any) -> Response:
        return self("GET", path, params=query or None)

    def post(self, path: str, body: Any = None) -> Response:
        return self("POST", path, json=body)

    def change(self, method: str, path: str, version: int, body: Any) -> Response:
        return self(method, path, json=body, headers={"If-Match": f'"{version}"'})

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All parts of a list."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **query)
            assert page.status_code == 200, page.text
            found += page.json()["items"]
            if page.json()["next_cursor"] is None:
                return found
            query["cursor"] = page.json()["next_cursor"]


PEOPLE = {
    "admin": (Role.ADMIN, None, ()),
    "manager": (Role.MANAGER, None, ("hill",)),
    "engineer": (Role.ENGINEER, None, ("hill",)),
    "inspector": (Role.INSPECTOR, None, ("hill",)),
    "contractor": (Role.CONTRACTOR, "lifts", ()),
    "chief": (Role.MANAGER, None, ("hill", "vale")),
}
"""The contractor's contract covers the elevators of hill; vale has elevators too, but another firm's."""


def open_world(app: FastAPI, database: Database, ids: Mapping[str, int], dist: Path) -> World:
    """Have an app answer from a database that holds the world; ``ids`` are those that ``fill`` returned."""
    clock = Clock()
    settings = Settings(_env_file=None, data_dir=dist.parent / "data")
    app.state.parts = Parts(settings, database, clock, Feed(database), None, Files(settings.evidence_dir))
    app.state.web = dist
    return World(database, app, clock, dict(ids), {username: f"fms_{username}" for username in PEOPLE})


def fill(database: Database) -> dict[str, int]:
    """Bring the world into a database; returns the ids of everything by name."""
    ids: dict[str, int] = {}
    with database.transaction() as tx:
        for code in ("hill", "vale"):
            ids[code] = commission(tx, _site(code, "Asia/Shanghai"), "test", START)
        _name_the_plant(tx, ids)
        for code in ("lifts", "rooms"):
            values = {"code": code, "name": {"en": code.title()}, "phone": "12345"}
            ids[code] = tx.execute(insert(organisation).values(values).returning(organisation.c.id)).scalar_one()
        _contract(tx, ids, "lifts", "hill", "elevator")
        _contract(tx, ids, "rooms", "vale", None)
        password_hash = passwords.hashed(PASSWORD)
        for username, (role, firm, sites) in PEOPLE.items():
            account: dict[str, Any] = {
                "username": username,
                "name": username.title(),
                "role": role,
                "password_hash": password_hash,
                "locale": "en",
                "organisation_id": ids[firm] if firm else None,
            }
            ids[username] = accounts.add(tx, account)
            people.grant_sites(tx, ids[username], [ids[code] for code in sites])
            token_hash = sign_in.token_hash(f"fms_{username}")
            sessions.add(tx, token_hash, ids[username], START, START + timedelta(days=3650))
        shift = {"site_id": ids["hill"], "person_id": ids["engineer"], "starts_at": START}
        ids["shift"] = tx.execute(insert(duty).values(shift).returning(duty.c.id)).scalar_one()
        to = {"person_id": ids["engineer"], "kind": "console", "address": "-"}
        ids["channel"] = tx.execute(insert(channel).values(to).returning(channel.c.id)).scalar_one()
        _fill(tx, ids)
    return ids


def _name_the_plant(tx: Tx, ids: dict[str, int]) -> None:
    for table, name in (("equipment", "code"), ("device", "code"), ("rule", "code")):
        ids |= {row[1]: row[0] for row in tx.exec_driver_sql(f"SELECT id, {name} FROM {table}")}  # noqa: S608
    ids |= {
        f"{row[1]}.{row[2]}": row[0]
        for row in tx.exec_driver_sql(
            "SELECT point.id, equipment.code, key FROM point JOIN equipment ON equipment.id = equipment_id"
        )
    }
    ids |= {
        f"{row[1]}:{row[2]}": row[0]
        for row in tx.exec_driver_sql(
            "SELECT space.id, site.code, space.code FROM space JOIN site ON site.id = site_id"
        )
    }


def _contract(tx: Tx, ids: dict[str, int], firm: str, site: str, kind: str | None) -> None:
    values = {
        "organisation_id": ids[firm],
        "site_id": ids[site],
        "equipment_kind": kind,
        "starts_on": date(2026, 1, 1),
    }
    number = tx.execute(insert(contract).values(values).returning(contract.c.id)).scalar_one()
    ids[f"{firm}@{site}"] = number


def _fill(tx: Tx, ids: dict[str, int]) -> None:
    """Thirty readings at each point, and a reject at each site and at none."""
    for point in ("hill-dr.humidity", "hill-el.motor_temperature", "vale-dr.humidity", "vale-el.motor_temperature"):
        at = instant(START) - 300 * SECOND
        readings.insert(
            tx,
            [
                Reading(ids[point], at + n * SECOND, unnumbered(50.0 + n), 50.0 + n, Quality.GOOD, at + n * SECOND)
                for n in range(30)
            ],
        )
    heard = Packet("facility/hill/new-1/telemetry", b"{}", instant(START))
    told = Telemetry("hill", "new-1", None, None, {"hum": 61.0, "temp": 20.5}, heard, {"temp": "Cel"})
    unknown_devices.note(tx, [Reject(heard, Reason.UNKNOWN_DEVICE, "new-1", 2, (told,))])
    rejects.put(
        tx,
        [
            Reject(Packet(topic, payload, instant(START)), Reason.UNREADABLE, "no JSON", site=site)
            for site, topic, payload in (
                ("hill", "facility/hill/hill-env/telemetry", b"{"),
                ("vale", "facility/vale/vale-env/telemetry", b"\xff\x00"),
                (None, "elsewhere/hill", b"?"),
            )
        ],
    )


_COPIES = """
INSERT INTO alarm (site_id, equipment_id, point_id, rule_id, rule_version, severity, active, acknowledged, value,
    raised_at, raise_count, acknowledged_at, acknowledged_by, returned_at, cleared_at, last_raised_at)
SELECT site_id, equipment_id, point_id, rule_id, rule_version, severity, false, true, value,
    at, raise_count, at, %(person)s, at, at, at
FROM (SELECT *, raised_at - n * interval '1 second' * %(apart)s AS at FROM alarm, generate_series(1, %(count)s) AS n
    WHERE id = %(alarm)s ORDER BY n DESC) AS copied
"""


def copy_alarm(tx: Tx, alarm_id: int, person_id: int, count: int, apart_s: float = 1) -> None:
    """Add ``count`` alarms like one that there is, all cleared, each raised ``apart_s`` before the last."""
    tx.exec_driver_sql(_COPIES, {"alarm": alarm_id, "person": person_id, "count": count, "apart": apart_s})


def version_of(tx: Tx, table: Any, number: int) -> int:
    """The version at which a row stands."""
    return int(tx.execute(select(table.c.version).where(table.c.id == number)).scalar_one())
