"""How fast the list of alarms and their ledger answer over a long history.

Asked over HTTP, by people who see all, two sites, or one kind of equipment.

The history is of ten sites, two years long. What is asked for is drawn at random, of each kind of question as often.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import insert, select, text

from facility_monitor.api.app import create_app
from facility_monitor.api.server import Server
from facility_monitor.bench.report import Cell, Report, percentile
from facility_monitor.bench.servers import connect, servers
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.person import Role
from facility_monitor.errors import Unavailable
from facility_monitor.flows.people import passwords, people, sign_in
from facility_monitor.settings import Settings
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import contract, ledger, organisation, person, site

TARGET_MS = 50.0
SITES, ROOMS = 10, 20
"""Sites, and pieces of equipment at each: half of them pump rooms, half elevators."""
LIVE = 300
"""Alarms that are not cleared."""
SPAN = timedelta(days=730)
START_S = 30.0

_PLANT = """
INSERT INTO site (code, name, timezone)
SELECT 'bench-' || n, jsonb_build_object('en', 'Bench ' || n), 'Asia/Shanghai' FROM generate_series(1, :sites) AS n;
INSERT INTO equipment (site_id, kind, code, name)
SELECT site.id, CASE n % 2 WHEN 0 THEN 'pump_room' ELSE 'elevator' END, site.code || '-' || n,
       jsonb_build_object('en', 'Equipment ' || n)
FROM site, generate_series(1, :rooms) AS n;
INSERT INTO device (site_id, equipment_id, code, name) SELECT site_id, id, code, name FROM equipment;
INSERT INTO point (device_id, equipment_id, key, metric, report_period_s)
SELECT device.id, device.equipment_id, key, key, 60 FROM device, unnest(ARRAY['pressure', 'temperature']) AS key
"""
_ALARMS = """
INSERT INTO alarm (site_id, equipment_id, point_id, rule_id, rule_version, severity, active, acknowledged, value,
                   raised_at, last_raised_at, raise_count, acknowledged_at, acknowledged_by, returned_at, cleared_at)
SELECT site_id, equipment_id, point_id, rule_id, 1, severity, live, NOT live, 1.0, raised, raised, 1,
       CASE WHEN live THEN NULL ELSE raised + interval '5 min' END,
       CASE WHEN live THEN NULL ELSE (SELECT min(id) FROM person) END,
       CASE WHEN live THEN NULL ELSE raised + interval '1 h' END,
       CASE WHEN live THEN NULL ELSE raised + interval '1 h' END
FROM (
    SELECT pair.*, n > :count - :live AS live,
           CAST(:since AS timestamptz) + (CAST(:until AS timestamptz) - CAST(:since AS timestamptz)) * n / :count
               AS raised
    FROM generate_series(1, :count) AS n JOIN (
        SELECT row_number() OVER (ORDER BY md5(point.id || rule.code)) - 1 AS number, count(*) OVER () AS pairs,
               equipment.site_id, equipment.id AS equipment_id, point.id AS point_id, rule.id AS rule_id,
               rule.definition ->> 'severity' AS severity
        FROM point JOIN equipment ON equipment.id = point.equipment_id JOIN rule ON rule.code LIKE 'bench-%'
        WHERE rule.definition -> 'scope' ->> 'metric' = point.metric
    ) AS pair ON pair.number = (n + n / pairs) % pairs
) AS made
"""
_LEDGER = """
INSERT INTO ledger (at, occurred_at, kind, site_id, equipment_id, alarm_id, actor_id, body, position, prev, hash)
SELECT step.at, step.at, step.kind, alarm.site_id, alarm.equipment_id, alarm.id, step.actor,
       json_build_object('point_id', alarm.point_id, 'rule', rule.code, 'severity', alarm.severity,
                         'state', step.state, 'value', alarm.value, 'raise_count', 1),
       3 * alarm.id + step.number, sha256(''), sha256('')
FROM alarm JOIN rule ON rule.id = alarm.rule_id CROSS JOIN LATERAL (VALUES
    (0, 'alarm_raised', alarm.raised_at, NULL, 'active_unacknowledged'),
    (1, 'alarm_acknowledged', alarm.acknowledged_at, alarm.acknowledged_by, 'active_acknowledged'),
    (2, 'alarm_cleared', alarm.cleared_at, NULL, 'cleared')
) AS step (number, kind, at, actor, state) WHERE step.at IS NOT NULL ORDER BY step.at
"""
"""As alarms write it, but for the chain, which nobody asks for here."""


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--alarms", type=int, default=1_000_000, help="in the history (default: %(default)s)")
    command.add_argument("--requests", type=int, default=300, help="of each kind (default: %(default)s)")
    command.add_argument("--database-url", metavar="URL", help="a PostgreSQL to take instead of one of our own")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing."""
    now, password = datetime.now(UTC), secrets.token_urlsafe()
    with servers(options.database_url) as running, running.database() as url:
        database = Database(url, pool=5)
        try:
            report.say(f"making {options.alarms:,} alarms ...")
            with database.transaction() as tx:
                _fill(tx, options.alarms, password, now)
                known = list(tx.execute(select(person.c.id).order_by(person.c.id)).scalars())
            with connect(url) as connection:
                connection.execute("VACUUM ANALYZE")
            tokens = {name: _token(database, name, password, now) for name in PEOPLE}
            with _serving(database, running.folder) as port:
                _measure(report, port, tokens, known, options.requests, now)
        finally:
            database.close()


PEOPLE: Mapping[str, tuple[Role, int]] = {
    "admin": (Role.ADMIN, 0),
    "engineer": (Role.ENGINEER, 2),
    "contractor": (Role.CONTRACTOR, 0),
}
"""By role, and how many sites they see; the contractor sees the elevators of one."""


def _fill(tx: Tx, count: int, password: str, now: datetime) -> None:
    tx.execute(text("UPDATE rule SET enabled = false"))
    for statement in _PLANT.split(";"):
        tx.execute(text(statement), {"sites": SITES, "rooms": ROOMS})
    for severity in Severity:
        for metric, unit in (("pressure", "Pa"), ("temperature", "Cel")):
            document = {
                "name": {"zh-CN": f"{metric} {severity}", "en": f"{metric} {severity}"},
                "kind": "limit",
                "severity": severity.value,
                "scope": {"metric": metric},
                "limit": {"level": "high", "value": 50, "unit": unit, "deadband": 5},
                "response": {"zh-CN": "查看", "en": "Go and look"},
            }
            code = f"bench-{metric}-{severity}"
            rules.add(tx, code, document, enabled=True, changed_by="bench", reason="bench", now=now)
    sites = list(tx.execute(select(site.c.id).order_by(site.c.id)).scalars())
    firm = tx.execute(insert(organisation).values(code="lifts", name={"en": "Lifts"}).returning(organisation.c.id))
    firm_id = firm.scalar_one()
    covered = {"organisation_id": firm_id, "site_id": sites[0], "equipment_kind": "elevator"}
    tx.execute(insert(contract).values(**covered, starts_on=(now - SPAN).date()))
    for username, (role, seen) in PEOPLE.items():
        account = {
            "username": username,
            "name": username.title(),
            "role": role,
            "password_hash": passwords.hashed(password),
            "locale": "en",
            "organisation_id": firm_id if role is Role.CONTRACTOR else None,
        }
        people.grant_sites(tx, accounts.add(tx, account), sites[:seen])
    since = {"since": now - SPAN, "until": now - timedelta(minutes=1)}
    tx.execute(text(_ALARMS), {**since, "count": count, "live": LIVE})
    indexes = [each for each in ledger.indexes if each.name is not None and each.name.startswith("ledger_alarms_")]
    for index in indexes:
        index.drop(tx)
    tx.execute(text(_LEDGER))
    for index in indexes:
        index.create(tx)


def _token(database: Database, username: str, password: str, now: datetime) -> str:
    return sign_in.sign_in(database, username, password, "127.0.0.1", timedelta(hours=12), now).token


@contextmanager
def _serving(database: Database, folder: Path) -> Iterator[int]:
    """The API on a port of this machine. Raises Unavailable where it does not start."""
    app = create_app(Settings(_env_file=None, data_dir=folder / "data"), database)
    # of TCP by name: asyncio sends small answers at once only on such sockets
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        server = Server(app, "127.0.0.1", port)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + START_S
        while not server.started:
            if time.monotonic() > until or not thread.is_alive():
                raise Unavailable("the API does not start")
            time.sleep(0.01)
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(START_S)


def _questions(
    rng: random.Random, now: datetime, people: list[int], sites: list[int], equipment: list[int]
) -> dict[str, dict[str, dict[str, Any]]]:
    """One of each kind, by the path that answers it."""
    start = now - SPAN * rng.random()
    span = {"from": start.isoformat(), "to": (start + timedelta(days=rng.choice((1, 7, 30)))).isoformat()}
    severity, site, piece = rng.choice(list(Severity)).value, rng.choice(sites), rng.choice(equipment)
    both: dict[str, dict[str, Any]] = {
        "newest": {},
        "live": {"state": "live"},
        "returned, not acknowledged": {"state": "returned_unacknowledged"},
        "cleared": {"state": "cleared"},
        "severity": {"severity": severity},
        "site": {"site": site},
        "equipment": {"equipment": piece},
        "time": span,
        "time, site, severity, state": {
            **span,
            "site": site,
            "severity": severity,
            "state": rng.choice(("live", "cleared")),
        },
        "equipment, severity": {"equipment": piece, "severity": severity},
    }
    of_ledger: dict[str, dict[str, Any]] = {
        "event": {"event": rng.choice(("alarm_raised", "alarm_acknowledged", "alarm_shelved"))},
        "person": {"actor": rng.choice(people)},
        "site, person, event": {"site": site, "actor": rng.choice(people), "event": "alarm_acknowledged"},
        "equipment, state": {"equipment": piece, "state": "active_acknowledged"},
        "site, state": {"site": site, "state": rng.choice(("active_acknowledged", "latched"))},
    }
    return {"/alarms": both, "/alarms/transitions": {**both, **of_ledger}}


def _measure(
    report: Report, port: int, tokens: Mapping[str, str], known: list[int], requests: int, now: datetime
) -> None:
    rng = random.Random(1)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took: dict[str, dict[str, list[float]]] = {}
    answered = 0

    def ask(who: str, path: str, query: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        began = time.perf_counter()
        client.request("GET", f"/api/v1{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {tokens[who]}"})
        answer = client.getresponse()
        body = answer.read()
        length = (time.perf_counter() - began) * 1e3
        if answer.status != 200:
            raise Unavailable(f"{path} {dict(query)} answers {answer.status}: {body[:200]!r}")
        return json.loads(body), length

    seen = {
        who: [[each["id"] for each in ask(who, path, {"limit": 500})[0]["items"]] for path in ("/sites", "/equipment")]
        for who in tokens
    }
    for number in range(-20, requests):  # the first ones warm up
        who = rng.choice(list(tokens))
        for path, questions in _questions(rng, now, known, *seen[who]).items():
            for kind, query in questions.items():
                page, length = ask(who, path, query)
                lengths = {kind: length}
                if kind in ("newest", "site") and page["next_cursor"] is not None:
                    _, lengths[f"{kind}, next part"] = ask(who, path, {**query, "cursor": page["next_cursor"]})
                for asked, length in lengths.items() if number >= 0 else ():
                    took.setdefault(path, {}).setdefault(asked, []).append(length)
                answered += len(page["items"])
    for path, kinds in took.items():
        whole = [length for lengths in kinds.values() for length in lengths]
        rows: list[dict[str, Cell]] = [
            {
                "asked": kind,
                "requests": len(lengths),
                **{f"p{share} ms": round(percentile(lengths, share / 100), 1) for share in (50, 95, 99)},
            }
            for kind, lengths in {**kinds, "all": whole}.items()
        ]
        report.table(f"{path}, 50 rows", rows)
        report.target(f"p99 in ms of {path}", round(percentile(whole, 0.99), 1), at_most=TARGET_MS)
    report.check("lists that are not empty", answered > 0, True)
