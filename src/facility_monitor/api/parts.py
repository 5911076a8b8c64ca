"""What an app is made of. It hangs on the app itself: two apps in one process have nothing in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from starlette.requests import HTTPConnection

from facility_monitor.api.feed import Feed
from facility_monitor.api.quota import Quota
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.evidence.files import Files

PAGES_A_MINUTE = 20
"""For residents behind one address: whoever reads and writes needs fewer."""


class IngestTally(Protocol):
    """What an ingest worker in the same process has done since it started, and how it stands."""

    @property
    def messages(self) -> int: ...
    @property
    def received(self) -> int: ...
    @property
    def stored(self) -> int: ...
    @property
    def duplicate(self) -> int: ...
    @property
    def rejected(self) -> Mapping[str, int]: ...
    @property
    def transitions(self) -> int: ...
    @property
    def batches(self) -> int: ...
    @property
    def arrived(self) -> int: ...
    @property
    def abandoned(self) -> int: ...
    @property
    def connections(self) -> int: ...
    @property
    def stuck(self) -> int: ...
    @property
    def contested(self) -> int: ...
    @property
    def effort(self) -> Mapping[str, float]: ...
    @property
    def broker(self) -> Mapping[str, int]: ...
    @property
    def connected(self) -> bool: ...
    @property
    def holding_slot(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """``now`` is the clock, aware UTC. ``ingest`` is None where the ingest runs in another process."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    feed: Feed
    ingest: IngestTally | None
    files: Files
    quota: Quota = field(default_factory=Quota)
    resident_quota: Quota = field(default_factory=lambda: Quota(PAGES_A_MINUTE))
    """of those who have not signed in, by their address"""
    trying: Lock = field(default_factory=Lock)
    """held while rules are tried on what is stored: it takes a processor for seconds"""


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the app that answers this request."""
    parts: Parts = connection.app.state.parts
    return parts
