"""Why alarms are quiet, as people read it: which bit, by whom, for what, until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from facility_monitor.domain.alarm.alarm import Quiet, Suppression
from facility_monitor.domain.alarm.shelving import longest
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import device, person, service_window, shelving, suppression_rule
from facility_monitor.store.views.shapes import named

Row = Mapping[str, Any]


def why(tx: Tx, rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """For rows of ``alarm``, by id: its quieting bits, the reason that counts, and the particulars of each.

    A statement for each kind of particulars that there are; none where nothing is quiet.
    """
    shelvings = _shelvings(tx, [row for row in rows if row["cleared_at"] is None])
    windows = _windows(tx, {row["window_id"] for row in rows if row["window_id"] is not None})
    sources = _sources(tx, [row for row in rows if row["suppressor_id"] is not None])
    return {
        row["id"]: {
            "shelved": row["shelving_id"] is not None,
            "suppressed": row["suppressed_by"] is not None,
            "out_of_service": row["window_id"] is not None,
            "quiet": reason(row),
            "shelving": shelvings.get((row["point_id"], row["rule_id"])),
            "shelve_longest_s": int(longest(row["life_safety"]).total_seconds()),
            "suppression": None
            if row["suppressed_by"] is None
            else {"cause": row["suppressed_by"], "source": sources.get((row["suppressed_by"], row["suppressor_id"]))},
            "window": windows.get(row["window_id"]),
        }
        for row in rows
    }


def reason(row: Row) -> Quiet | None:
    """Why nobody is called for a row of ``alarm`` (see ``Alarm.quiet``)."""
    if row["shadow"]:
        return Quiet.SHADOW
    if row["window_id"] is not None:
        return Quiet.OUT_OF_SERVICE
    if row["shelving_id"] is not None:
        return Quiet.SHELVED
    if row["suppressed_by"] is not None:
        return Quiet(row["suppressed_by"])
    return Quiet.FLOOD if row["folded"] else None


def _shelvings(tx: Tx, live: Sequence[Row]) -> dict[tuple[int, int], dict[str, Any]]:
    """The open ones, those that only wait for a second person too."""
    asked = [row for row in live if row["shelving_id"] is not None or row["life_safety"]]
    if not asked:
        return {}
    requester, confirmer = person.alias("requester"), person.alias("confirmer")
    rows = tx.execute(
        select(shelving, requester.c.name.label("requester"), confirmer.c.name.label("confirmer"))
        .join(requester, requester.c.id == shelving.c.requested_by)
        .join(confirmer, confirmer.c.id == shelving.c.confirmed_by, isouter=True)
        .where(shelving.c.ended_at.is_(None), shelving.c.point_id == func.any([row["point_id"] for row in asked]))
    )
    return {
        (row["point_id"], row["rule_id"]): {
            **{name: row[name] for name in ("id", "kind", "reason", "requested_at", "expires_at", "confirmed_at")},
            "requested_by": named(row["requested_by"], row["requester"]),
            "confirmed_by": named(row["confirmed_by"], row["confirmer"]),
            "in_force": not row["life_safety"] or row["confirmed_by"] is not None,
        }
        for row in rows.mappings()
    }


def _windows(tx: Tx, numbers: set[int]) -> dict[int, dict[str, Any]]:
    if not numbers:
        return {}
    window = service_window
    rows = tx.execute(
        select(window, person.c.name.label("author"))
        .join(person, person.c.id == window.c.author_id)
        .where(window.c.id == func.any(list(numbers)))
    )
    return {
        row["id"]: {
            **{name: row[name] for name in ("id", "purpose", "reason", "starts_at", "ends_at")},
            "author": named(row["author_id"], row["author"]),
        }
        for row in rows.mappings()
    }


def _sources(tx: Tx, rows: Sequence[Row]) -> dict[tuple[str, int], dict[str, Any]]:
    """Devices that are offline, and suppression rules that hold, by cause and id."""
    found = {}
    for table, causes in ((device, {Suppression.PARENT_DOWN}), (suppression_rule, _BY_RULE)):
        numbers = {row["suppressor_id"]: row["suppressed_by"] for row in rows if row["suppressed_by"] in causes}
        if numbers:
            asked = select(table.c.id, table.c.name).where(table.c.id == func.any(list(numbers)))
            for number, name in tx.execute(asked):
                found[numbers[number], number] = {"id": number, "name": name}
    return found


_BY_RULE = {Suppression.POWER_OFF, Suppression.EQUIPMENT_OFF}
