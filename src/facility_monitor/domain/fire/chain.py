"""The ledger's chain: what an entry hashes, and how a chain is walked to find the first link that does not hold.

The hash of an entry is the SHA-256 of its canonical JSON (RFC 8785), in which ``prev`` is the hash of the entry before
it at the same site. Times are texts with microseconds, so that nothing of an entry depends on how a database or a
library keeps numbers and times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple

GENESIS = bytes(32)
"""What stands before the first entry of a site."""

_quoted: Callable[[str], str] = encode_basestring
"""A JSON string as RFC 8785 (3.2.2.2) writes it: escaped is only what must be."""


class Link(NamedTuple):
    """An entry as it is hashed. ``body`` is canonical JSON itself, times are as ``written``, positions count from 1."""

    site_id: int
    position: int
    prev: bytes
    id: int
    kind: str
    at: str
    occurred_at: str
    equipment_id: int | None
    alarm_id: int | None
    ticket_id: int | None
    actor_id: int | None
    reason: str | None
    body: str

    def canonical(self) -> bytes:
        """The entry as canonical JSON: the names in order, nothing between the tokens, UTF-8."""
        return (
            f'{{"actor_id":{_number(self.actor_id)},"alarm_id":{_number(self.alarm_id)},"at":{_quoted(self.at)},'
            f'"body":{self.body},"equipment_id":{_number(self.equipment_id)},"id":{self.id},'
            f'"kind":{_quoted(self.kind)},"occurred_at":{_quoted(self.occurred_at)},"position":{self.position},'
            f'"prev":"{self.prev.hex()}","reason":{"null" if self.reason is None else _quoted(self.reason)},'
            f'"site_id":{self.site_id},"ticket_id":{_number(self.ticket_id)}}}'
        ).encode()


FIELDS = frozenset(Link._fields)


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def written(at: datetime) -> str:
    """``2026-03-02T08:00:00.000000Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def digest(canonical: bytes) -> bytes:
    return hashlib.sha256(canonical).digest()


class Head(NamedTuple):
    """Where a site's chain stands: the position and the hash of its newest entry."""

    position: int = 0
    hash: bytes = GENESIS


class Broken(NamedTuple):
    """The first thing that does not hold. ``site_id`` and ``position`` are None where it is no entry."""

    site_id: int | None
    position: int | None
    what: str


class Span(NamedTuple):
    """What a checkpoint says of a site: the entries ``first`` to ``last``, the last one's hash, their Merkle root."""

    checkpoint: int
    first: int
    last: int
    head: bytes
    root: bytes


class Tree:
    """The root of a Merkle tree as in RFC 6962, 2.1, over leaves that come one by one."""

    def __init__(self) -> None:
        self._full: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        size, node = 1, hashlib.sha256(b"\0" + leaf).digest()
        while self._full and self._full[-1][0] == size:
            node = hashlib.sha256(b"\1" + self._full.pop()[1] + node).digest()
            size *= 2
        self._full.append((size, node))

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256(b"").digest()
        node = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node


class Walk:
    """Follows the chain of one site, entry by entry from ``start`` on, and the checkpoints that have seen it.

    ``take`` and ``end`` return what is wrong first, or None. After that the walk is of no more use.
    """

    def __init__(self, site_id: int, start: Head, spans: Sequence[Span]) -> None:
        self.head = start
        self._site_id = site_id
        later = (span for span in spans if span.first <= span.last and span.last > start.position)
        self._spans = sorted(later, key=lambda span: span.first)
        self._from = start.position + 1
        self._tree = Tree()
        self._id = 0

    def take(self, position: int, prev: bytes, number: int, canonical: bytes, stored: bytes) -> Broken | None:
        """The next entry: what it says of its place and its id, its bytes, and the hash that is kept beside it."""
        before = self.head
        if position > before.position + 1:
            gone = f"{before.position + 1}" + (f" to {position - 1}" if position > before.position + 2 else "")
            return self._broken(before.position + 1, f"is missing: after {before.position} comes {position} ({gone})")
        if position <= before.position:
            return self._broken(position, f"stands again after position {before.position}")
        found = digest(canonical)
        if found != stored:
            return self._broken(position, f"has been altered: it hashes to {found.hex()}, not {stored.hex()}")
        if prev != before.hash:
            return self._broken(position, f"does not follow the entry before it, whose hash is {before.hash.hex()}")
        if number <= self._id:
            return self._broken(position, f"has the id {number}, but stands after the id {self._id}")
        self.head, self._id = Head(position, found), number
        return self._sealed(found)

    def _sealed(self, found: bytes) -> Broken | None:
        if not self._spans:
            return None
        span = self._spans[0]
        self._tree.add(found)
        if self.head.position < span.last:
            return None
        if span.head != found:
            return self._broken(
                self.head.position,
                f"is not what checkpoint {span.checkpoint} has seen: its hash was {span.head.hex()}; "
                f"it or an entry before it has been rewritten",
            )
        # of a span that began before the tree only the last hash can be compared
        if span.first == self._from and self._tree.root() != span.root:
            return self._broken(span.last, f"is not under the Merkle root of checkpoint {span.checkpoint}")
        self._spans.pop(0)
        self._from, self._tree = span.last + 1, Tree()
        return None

    def end(self, head: Head | None = None) -> Broken | None:
        """The chain ends here; ``head`` is where it is said to end."""
        if head is not None and head.position > self.head.position:
            return self._broken(self.head.position + 1, f"is missing: the chain has reached {head.position}")
        if self._spans:
            span = self._spans[0]
            return self._broken(
                self.head.position + 1, f"is missing: checkpoint {span.checkpoint} has seen {span.last} entries"
            )
        if head is not None and head != self.head:
            return self._broken(self.head.position, f"is not the head that is noted: {head.position} {head.hash.hex()}")
        return None

    def _broken(self, position: int, what: str) -> Broken:
        return Broken(self._site_id, position, what)


class Place(NamedTuple):
    """What an entry says of its place in the chain."""

    site_id: int
    position: int
    prev: bytes
    id: int


def place_of(entry: Mapping[str, Any]) -> Place:
    """The place of an entry that was read from JSON. Raises ValueError where it is no entry."""
    if not isinstance(entry, dict) or set(entry) != FIELDS or not isinstance(entry["prev"], str):
        raise ValueError("is no entry of a ledger")
    place = Place(entry["site_id"], entry["position"], bytes.fromhex(entry["prev"]), entry["id"])
    if not all(type(each) is int and each > 0 for each in (place.site_id, place.position, place.id)):
        raise ValueError("is no entry of a ledger")
    return place
