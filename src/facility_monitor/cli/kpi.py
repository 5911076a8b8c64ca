"""``kpi``: the key figures of alarms, beside the standard's targets."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from facility_monitor import settings
from facility_monitor.domain.alarm import kpi
from facility_monitor.domain.alarm.condition.wording import quantity
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.text import said
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.store.database import Database
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import site
from facility_monitor.store.views import kpi as views


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "the key figures of alarms (ISA-18.2, EEMUA 191) for each site, beside their targets"
    command = commands.add_parser("kpi", help=words, description=words)
    command.add_argument("--from", dest="start", metavar="TIME", help="ISO 8601, UTC where it says nothing else")
    command.add_argument("--to", dest="end", metavar="TIME", help="not included; default: now, and 7 days before it")
    command.add_argument("--site", metavar="CODE", help="only this site")
    command.add_argument("--json", action="store_true", help="everything, as JSON")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises InvalidInput for times that are none, NotFound for a site that there is not."""
    now = datetime.now(UTC)
    end = _time("--to", options.end) or now
    start = _time("--from", options.start) or end - timedelta(days=7)
    if start >= end:
        raise InvalidInput({"--from": "must come before --to"})
    everybody = Person(0, "cli", "cli", Role.ADMIN, "en", None)
    with closing(Database(settings.load().database_url, pool=1)) as database, database.transaction() as tx:
        site_id = None
        if options.site is not None:
            site_id = tx.execute(select(site.c.id).where(site.c.code == options.site)).scalar_one_or_none()
            if site_id is None:
                raise NotFound(f"site {options.site}")
        queues = views.report(tx, Sight(everybody, now), start, end, site_id)
    if options.json:
        report = {"from": start, "to": end, "targets": dict(kpi.TARGETS), "queues": queues}
        print(json.dumps(report, default=_plain, ensure_ascii=False))
    else:
        print(f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")
        for queue in queues:
            print("\n".join(_lines(queue)))
    return 0


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _time(option: str, words: str | None) -> datetime | None:
    if words is None:
        return None
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        raise InvalidInput(
            {option: f"{words!r} is no time, for example 2026-03-02 or 2026-03-02T08:00+08:00"}
        ) from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if not 1970 <= at.year < 2200:
        raise InvalidInput({option: "must lie between 1970 and 2200"})
    return at.astimezone(UTC)


def _lines(queue: dict[str, Any]) -> list[str]:
    target = kpi.TARGETS
    rate, day, floods, top = queue["per_10_min"], queue["per_day"], queue["floods"], queue["top"]
    shares = {each["severity"]: each["share"] for each in queue["priorities"]}
    rows: list[tuple[str, str, str]] = [
        ("alarms", str(queue["alarms"]), ""),
        ("per 10 min, average", f"{rate['average']:.2f}", f"at most {target['per_10_min']:g}"),
        ("per 10 min, peak", str(rate["peak"]), f"at most {target['peak_10_min']:g}"),
        ("spans above 10", f"{rate['over_10_share']:.1%}", f"below {target['over_10_share']:.0%}"),
        ("per day, average", f"{day['average']:.1f}", f"at most {target['per_day']:g}"),
        ("time in flood", f"{floods['share_of_time']:.1%} ({floods['count']})", f"below {target['flood_share']:.0%}"),
        ("top ten's share", f"{top['share']:.1%}", f"at most {target['top_share']:.0%}"),
        ("chattering", str(queue["chattering"]["count"]), "none"),
        ("fleeting", str(queue["fleeting"]["count"]), "none"),
        ("stale over 24 h", str(queue["stale"]["count"]), f"below {target['stale']:g}"),
        (
            "critical / high / rest",
            f"{shares['critical']:.0%} / {shares['high']:.0%} / {shares['medium'] + shares['low']:.0%}",
            "5% / 15% / 80%",
        ),
        ("acknowledged after", _durations(queue["acknowledge_s"]), ""),
        ("returned after", _durations(queue["return_s"]), ""),
        ("not announced", _counted(queue["not_announced"]), ""),
        ("shelved", str(queue["shelved"]["count"]), ""),
    ]
    lines = [f"\n{said(queue['site']['name'], 'en')} ({queue['site']['code']})"]
    lines += [f"  {name:<24}{value:<28}{aim}".rstrip() for name, value, aim in rows]
    for kind in ("chattering", "fleeting"):
        lines += [_nuisance(kind, each) for each in queue[kind]["items"] if each["proposal"]]
    return lines


def _durations(found: dict[str, Any]) -> str:
    if not found["count"]:
        return "-"
    return f"{found['median']:.0f} s median, {found['p90']:.0f} s p90"


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in found.items()) or "0"


def _nuisance(kind: str, found: dict[str, Any]) -> str:
    proposal = found["proposal"]
    ways = [
        f"{name} {quantity(proposal[field], unit or '1')}"
        for name, field, unit in (
            ("deadband", "deadband", proposal["unit"]),
            ("off-delay", "off_delay_s", "s"),
            ("on-delay", "on_delay_s", "s"),
        )
        if proposal[field] is not None
    ]
    where = f"{found['rule']['code']} at {said(found['equipment']['name'], 'en')} ({found['point']['key']})"
    spared = "1 raise" if proposal["spared"] == 1 else f"{proposal['spared']} raises"
    return f"  {kind}: {where}: {' or '.join(ways)} would spare {spared}"
