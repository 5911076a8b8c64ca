"""Residents' reports: a label's QR code opens a form, the form opens a ticket, a link tells how it goes on.

Nobody signs in, so whatever comes here is bounded: by the label, by the telephone, by the address, by the hour.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain.person import Person
from facility_monitor.domain.repair.resident import (
    CALLED,
    FORGOTTEN_AFTER,
    MOST_AT_A_PLACE,
    ONE_IN,
    TICKET_CLASS,
    Trouble,
)
from facility_monitor.domain.text import LOCALES, Text
from facility_monitor.errors import Conflict, NotFound, TooMany
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.evidence.evidence import About, Exhibits, Use
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Report
from facility_monitor.media.picture import Picture
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.files import Files
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.repair import residents as kept
from facility_monitor.store.repair.residents import Place, Recent, Told

MADE_EVENT = "report_place_made"
REVOKED_EVENT = "report_place_revoked"
_PLACE, _REPORT = "report place", "resident report"


class Photo(NamedTuple):
    """A picture that was read, and its bytes."""

    content: bytes
    read: Picture


class Said(NamedTuple):
    """What a resident says. ``where`` is in their own words; ``phone`` is whom to call afterwards, without blanks."""

    trouble: Trouble
    words: str
    where: str
    phone: str | None = None
    photo: Photo | None = None


def make_place(tx: Tx, site_id: int, equipment_id: int, name: Text, person: Person, now: datetime) -> int:
    """Make a label, at which reports are about that piece of equipment of the site; returns its id."""
    number = kept.add_place(
        tx,
        {
            "site_id": site_id,
            "equipment_id": equipment_id,
            "name": dict(name),
            "submitted_by": person.id,
            "created_at": now,
        },
    )
    body = {"report_place_id": number, "name": dict(name)}
    ledger.append(tx, [Entry(MADE_EVENT, now, now, site_id, equipment_id, None, None, person.id, None, body)])
    return number


def revoke_place(tx: Tx, place_id: int, person: Person, now: datetime) -> None:
    """End a label, which the caller sees: its code opens nothing any more. Raises Conflict where it has ended."""
    site_id = kept.revoke_place(tx, place_id, now)
    if site_id is None:
        raise Conflict(f"label {place_id} was revoked before")
    body = {"report_place_id": place_id}
    ledger.append(tx, [Entry(REVOKED_EVENT, now, now, site_id, None, None, None, person.id, None, body)])


def place_token(key: SigningKey, place_id: int) -> str:
    """What stands in a label's code: the same each time it is printed."""
    return _token(key, _PLACE, place_id)


def open_place(tx: Tx, token: str, key: SigningKey) -> Place:
    """The label of a code. Raises NotFound where it is none of ours or was revoked."""
    found = kept.place(tx, _number(token, key, _PLACE))
    if found is None:
        raise NotFound("label")
    return found


def report(tx: Tx, token: str, said: Said, address: str, files: Files, key: SigningKey, now: datetime) -> str:
    """Open a ticket for what a resident says at a label; returns the token of its status.

    The same said again is the same report. Raises NotFound, and TooMany for another one from the same telephone or
    the same ``address`` within the hour, and where there are too many at this label.
    """
    place = kept.place(tx, _number(token, key, _PLACE), lock=True)
    if place is None:
        raise NotFound("label")
    sender = key.mac("sender", address.encode())
    digest = hashlib.sha256(f"{said.trouble}\0{said.words}\0{said.where}".encode()).digest()
    lately = kept.recent(tx, place.id, said.phone, now - ONE_IN)
    own = [each for each in lately if _same(each, place, sender, said.phone)]
    for each in own:
        if each.place_id == place.id and each.digest == digest:
            return _token(key, _REPORT, each.id)
    if own:
        raise TooMany("a report came from here within the hour", _wait(own[0], now))
    at_place = [each for each in lately if each.place_id == place.id]
    if len(at_place) >= MOST_AT_A_PLACE:
        raise TooMany("too many reports at this label", _wait(at_place[-1], now))
    ticket = tickets.open_for_resident(tx, _report(tx, place, said, files, now), place.id, now)
    number = kept.add(
        tx,
        {
            "report_place_id": place.id,
            "ticket_id": ticket.id,
            "received_at": now,
            "digest": digest,
            "sender": sender,
            "phone": said.phone,
        },
    )
    return _token(key, _REPORT, number)


def status(tx: Tx, token: str, key: SigningKey) -> Told:
    """How the report of a token stands. Raises NotFound."""
    found = kept.told(tx, _number(token, key, _REPORT))
    if found is None:
        raise NotFound("report")
    return found


def forget(tx: Tx, now: datetime) -> int:
    """Forget who reported, in time; returns of how many reports something was forgotten."""
    return kept.forget(tx, now - 2 * ONE_IN, FORGOTTEN_AFTER, now)


def _report(tx: Tx, place: Place, said: Said, files: Files, now: datetime) -> Report:
    exhibits = Exhibits()
    if said.photo is not None:
        about = About(place.site_id, place.equipment_id)
        sent = evidence.keep(tx, files, said.photo.content, said.photo.read, about, None, now)
        exhibits = Exhibits([Use(sent.sha256, "before")])
    called = CALLED[said.trouble]
    title = {locale: f"{_RESIDENT[locale]}{called[locale]}" for locale in LOCALES}
    words = f"{said.where}: {said.words}" if said.where else said.words
    return Report(place.equipment_id, title, words, TICKET_CLASS[said.trouble], None, exhibits)


_RESIDENT: Text = {"zh-CN": "居民报告｜", "en": "Resident's report: "}


def _same(each: Recent, place: Place, sender: bytes, phone: str | None) -> bool:
    """Neighbours may share an address (one network, one carrier), so it counts at the same label only."""
    return (each.place_id == place.id and each.sender == sender) or (phone is not None and each.phone == phone)


def _wait(since: Recent, now: datetime) -> int:
    return max(1, math.ceil((since.received_at + ONE_IN - now).total_seconds()))


def _token(key: SigningKey, purpose: str, number: int) -> str:
    return f"{number}-{key.mark(purpose, str(number))}"


def _number(token: str, key: SigningKey, purpose: str) -> int:
    """Raises NotFound for a token that is none of ours."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound(purpose)
    if not hmac.compare_digest(_token(key, purpose, int(number)).encode(), token.encode()):
        raise NotFound(purpose)
    return int(number)
