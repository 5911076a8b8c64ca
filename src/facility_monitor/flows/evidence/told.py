"""What the ledger tells of: whether rows, photos and files are as entries say, and whether all are told of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import orjson

from facility_monitor.domain.fire.chain import Broken
from facility_monitor.domain.fire.upkeep import Basis, UpkeepEvent
from facility_monitor.domain.repair.ticket import Ticket, replay
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import evidence, records
from facility_monitor.store.evidence.archive import Vault
from facility_monitor.store.evidence.chain import Line
from facility_monitor.store.evidence.files import Damaged, Files
from facility_monitor.store.evidence.records import TELLING, Key, Told
from facility_monitor.store.fire.upkeep import bases
from facility_monitor.store.repair import tickets

_AT_ONCE = 1000
_TELLS = re.compile(
    "|".join(
        [
            *(f'"kind":"{kind}"' for kind in (*TELLING, UpkeepEvent.CALENDAR_CHANGED)),
            '"kind":"ticket_',
            '"(?:photos|files)":\\[{',
        ]
    ).encode()
)
"""What stands in the canonical JSON of an entry that tells of something."""


class Place(NamedTuple):
    site_id: int
    position: int


class Tellings:
    """Takes entries in the order of the chains; ``broken`` says in the end what they tell otherwise.

    ``count`` is of how many records, photos and files they told.
    """

    def __init__(self, tx: Tx, files: Files | None, vault: Vault | None = None) -> None:
        widest = sorted(TELLING.values(), key=lambda told: len(told.columns))
        self._rows = {told.rows: _Rows(tx, told) for told in widest}
        self._calendars = _Calendars(tx)
        self._tickets = _Tickets(tx)
        self._exhibits = _Exhibits(tx, files, vault)

    @property
    def count(self) -> int:
        return self._exhibits.count + sum(each.count for each in self._rows.values())

    def take(self, line: Line) -> None:
        if not _TELLS.search(line.canonical):
            return
        try:
            entry = orjson.loads(line.canonical)
            body = entry["body"]
            known = TELLING.get(entry["kind"])
            place = Place(line.place.site_id, line.place.position)
            if known is not None:
                self._rows[known.rows].take(place, records.said(known, entry))
            if entry["kind"] == UpkeepEvent.CALENDAR_CHANGED:
                self._calendars.take(place, body)
            if entry["kind"].startswith("ticket_") and entry["ticket_id"] is not None:
                self._tickets.take(place, entry["ticket_id"], body.get("changes", {}))
            if body.get("photos") or body.get("files"):
                self._exhibits.take(place, entry)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # it was altered, which is found by its hash

    def broken(self) -> Broken | None:
        """The first entry that does not say what is kept; after these what no entry tells of."""
        found = [*self._calendars.broken(), *self._tickets.broken(), *self._exhibits.broken()]
        for rows in self._rows.values():
            found += rows.broken()
        return min(found, key=lambda each: (each.position is None, each.site_id, each.position or 0), default=None)


def _holds(place: Place, what: str) -> Broken:
    return Broken(*place, f"holds, but {what}")


def _altered(place: Place, name: str, columns: list[str]) -> Broken:
    return _holds(place, f"its record {name} has been altered: {', '.join(columns)}")


def _changed(place: Place, name: str) -> Broken:
    return _holds(place, f"its record {name} has been altered")


def _gone(place: Place, name: str) -> Broken:
    return _holds(place, f"its record {name} has been deleted")


def _slipped_in(site_id: int, name: str) -> Broken:
    return Broken(site_id, None, f"{name} was slipped in: no entry tells of it")


class _Rows:
    """The rows of one table."""

    def __init__(self, tx: Tx, told: Told) -> None:
        self.count = 0
        self._tx = tx
        self._told = told
        self._named: set[Key] = set()
        self._waiting: dict[Key, tuple[Place, Mapping[str, Any]]] = {}
        self._broken: list[Broken] = []

    def take(self, place: Place, said: tuple[Key, Mapping[str, Any]] | None) -> None:
        if said is None:
            return
        key, columns = said
        self.count += key not in self._named
        self._named.add(key)
        before = self._waiting[key][1] if key in self._waiting else {}
        self._waiting[key] = (place, {**before, **columns})
        if self._told.once and len(self._waiting) >= _AT_ONCE:
            self._look()

    def broken(self) -> Iterator[Broken]:
        self._look()
        yield from self._broken
        for key, site_id in records.keys(self._tx, self._told):
            if key not in self._named:
                yield _slipped_in(site_id, self._name(key))

    def _look(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        for row in records.kept(self._tx, self._told, waiting if self._told.once else None):
            if row.key not in waiting:
                continue
            place, said = waiting.pop(row.key)
            if other := [name for name, value in said.items() if row.values[name] != value]:
                self._broken.append(_altered(place, self._name(row.key), other))
        self._broken += [_gone(place, self._name(key)) for key, (place, _) in waiting.items()]

    def _name(self, key: Key) -> str:
        return " ".join(map(str, (self._told.rows, *key)))


class _Calendars:
    """The plans and days by which each site's calendar is made."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._places: dict[int, Place] = {}
        self._told: dict[int, Basis] = {}

    def take(self, place: Place, body: Mapping[str, Any]) -> None:
        self._places[place.site_id] = place
        self._told[place.site_id] = self._told.get(place.site_id, Basis()).changed(body)

    def broken(self) -> Iterator[Broken]:
        kept = bases(self._tx, self._places)
        for site_id, place in self._places.items():
            for name, before, now in self._told[site_id].differences(kept[site_id]):
                if before is None:
                    yield _slipped_in(site_id, name)
                else:
                    yield (_gone if now is None else _changed)(place, name)


class _Tickets:
    """Tickets as the steps of each of them lead to it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._steps: dict[int, dict[str, Any]] = {}
        self._places: dict[int, Place] = {}

    def take(self, place: Place, number: int, changes: Mapping[str, Any]) -> None:
        self._steps.setdefault(number, {}).update(changes)
        self._places[number] = place

    def broken(self) -> Iterator[Broken]:
        waiting = dict(self._places)
        for row in tickets.every(self._tx):
            place = waiting.pop(row.id, None)
            if place is None:
                yield _slipped_in(row.site_id, f"ticket {row.id}")
                continue
            try:
                told = replay(row.id, [self._steps[row.id]])
            except KeyError:
                continue  # its opening was entered before entries told of all of a ticket
            if other := [each.name for each in fields(Ticket) if getattr(told, each.name) != getattr(row, each.name)]:
                yield _altered(place, f"ticket {row.id}", other)
        for number, place in waiting.items():
            yield _gone(place, f"ticket {number}")


class _Exhibits:
    """Photos and files by what they are evidence of, and their bytes."""

    def __init__(self, tx: Tx, files: Files | None, vault: Vault | None) -> None:
        self._tx = tx
        self._files = files
        self._vault = vault
        self._archived = set() if vault is None else set(vault.exhibits())
        self._seen: set[str] = set()
        self._named: dict[tuple[str, int, str, str], tuple[Place, Mapping[str, Any]]] = {}
        self._broken: list[Broken] = []

    @property
    def count(self) -> int:
        return len(self._seen)

    def take(self, place: Place, entry: Mapping[str, Any]) -> None:
        named = [each for field in ("photos", "files") for each in entry["body"].get(field, ())]
        for sha256 in sorted({each["sha256"] for each in named} - self._seen):
            self._look(place, sha256)
        record = _record_of(entry)
        if record is None:
            return
        for each in named:
            use = (each["sha256"], each["purpose"])
            self._named[*record, *use] = (place, each)
            # what made the ticket of a check that failed is evidence of the ticket too
            if record[0] == "check" and entry["ticket_id"] is not None:
                self._named.setdefault(("ticket", entry["ticket_id"], *use), (place, {}))

    def _look(self, place: Place, sha256: str) -> None:
        self._seen.add(sha256)
        if self._files is None:
            return
        digest = bytes.fromhex(sha256)
        try:
            if self._vault is not None and digest in self._archived and not self._files.holds(digest):
                self._vault.exhibit(digest)
            else:
                self._files.read(digest)
        except Damaged as error:
            self._broken.append(_holds(place, f"of its photos and files {error}"))

    def broken(self) -> Iterator[Broken]:
        yield from self._broken
        kinds = {key[0] for key in self._named}
        waiting = dict(self._named)
        for use in evidence.every_use(self._tx):
            name = f"{_word(use.said)} {use.sha256[:12]} of {use.record_kind} {use.record_id}"
            found = waiting.pop((use.record_kind, use.record_id, use.sha256, use.purpose), None)
            if found is None:
                if use.record_kind in kinds:
                    yield _slipped_in(use.site_id, name)
                continue
            place, told = found
            if other := [column for column, value in use.said.items() if told.get(column, value) != value]:
                yield _altered(place, f"of the {name}", other)
        for (kind, number, sha256, _), (place, told) in waiting.items():
            # a ticket that a failed check has joined may have had the photo before
            if told:
                yield _holds(place, f"{_word(told)} {sha256[:12]} of {kind} {number} has been taken away")


def _word(told: Mapping[str, Any]) -> str:
    return "file" if "media_type" in told else "photo"


def _record_of(entry: Mapping[str, Any]) -> tuple[str, int] | None:
    """Of which record an entry's photos and files are evidence."""
    for kind, name in (("check", "check_id"), ("elevator_test", "test_id"), ("technical_file", "file_id")):
        if name in entry["body"]:
            return kind, entry["body"][name]
    number = entry["ticket_id"]
    return None if number is None else ("ticket", number)
