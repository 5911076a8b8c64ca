"""What the demo's contractor has repaired before the first start: faults of which two came back within 30 days, one did
after a longer while, each repaired in time.

A story of the simulated site like its readings: each repair is closed as demo history, and its photo is
a drawn one that says so.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import func, select

from facility_monitor.catalogue import read
from facility_monitor.domain.elevator.elevator import KIND
from facility_monitor.domain.person import Person
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Fault
from facility_monitor.media import picture
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import equipment, ticket

FAULTS = (
    ("el-2", "elevator-door-close-slow", 45),
    ("el-3", "elevator-leveling-high", 80),
    ("el-2", "elevator-door-close-slow", 24),
    ("el-3", "elevator-leveling-high", 17),
    ("el-4", "elevator-fault", 15),
    ("el-4", "elevator-fault", 6),
)
"""Elevator, rule, and how many days ago it was; the second at el-3 is a new one, not a repetition."""
_NOTE = "演示数据 demo history"  # in both languages, as the names of the demo are
_THERE, _DONE, _SEEN = (timedelta(hours=hours) for hours in (1, 5, 7))


def enter(tx: Tx, site_id: int, contractor: Person, manager: Person, files: Files, now: datetime) -> None:
    """Enter the history of the site's elevators, from the oldest on, where the site has no ticket yet."""
    if tx.execute(select(func.count()).where(ticket.c.site_id == site_id)).scalar_one():
        return
    asked = select(equipment.c.code, equipment.c.id).where(equipment.c.site_id == site_id, equipment.c.kind == KIND)
    elevators = {row.code: row.id for row in tx.execute(asked)}
    names = {each["code"]: each["name"] for each in read("rules")}
    for code, rule, days in FAULTS:
        elevator_id, at = elevators[code], now - timedelta(days=days)
        opened = tickets.open_or_join(tx, {(elevator_id, rule): Fault(names[rule], at)}, at)
        ledger.append(tx, opened.entries)
        (number,) = opened.by_cause.values()
        tickets.accept(tx, number, contractor, at + _THERE / 2)
        tickets.arrive(tx, number, contractor, at + _THERE)
        done, drawn = at + _DONE, _drawn(f"demo history: {code}, ticket {number}")
        about = About(site_id, elevator_id)
        kept = evidence.keep(tx, files, drawn, picture.read(drawn), about, contractor, done)
        shown = Exhibits(photos=[Use(kept.sha256, "after")])
        tickets.repaired(tx, number, _NOTE, shown, Sight(contractor, done), done)
        tickets.verify(tx, number, _NOTE, manager, at + _SEEN)
        tickets.close(tx, number, _NOTE, manager, at + _SEEN)


def _drawn(words: str) -> bytes:
    """A grey picture with words in it, as PNG."""
    image, content = Image.new("RGB", (480, 360), (224, 224, 224)), io.BytesIO()
    ImageDraw.Draw(image).text((24, 168), words, (64, 64, 64))
    image.save(content, "PNG")
    return content.getvalue()
