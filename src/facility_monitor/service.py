"""The service: its parts built in one straight line, stopped in reverse.

Each part is loaded only where it is wanted: an ingest that has to be back at once does not wait for the API.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO
from zoneinfo import ZoneInfo

from facility_monitor.errors import Unavailable
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from facility_monitor.ingest.workers import Workers as Ingest
    from facility_monitor.jobs import Jobs
    from facility_monitor.push.channel import Channel
    from facility_monitor.push.worker import Worker as Push

log = logging.getLogger(__name__)


class Part(StrEnum):
    INGEST = "ingest"
    """the MQTT ingest: a worker for each slot"""
    WORKER = "worker"
    """the outbox and the jobs"""
    API = "api"


class Service:
    """The chosen parts in this process. Used as a context manager: started inside, stopped on leaving."""

    def __init__(
        self, settings: Settings, parts: Collection[Part] = tuple(Part), console: TextIO | None = None
    ) -> None:
        """``console`` is where messages to the console channel are printed; None for standard output."""
        self._database = Database(settings.database_url)
        self._channels: dict[str, Channel] = {}
        self._ingest = self._build_ingest(settings) if Part.INGEST in parts else None
        self._jobs = self._build_jobs(settings) if Part.WORKER in parts else None
        self._push = self._build_push(settings, console or sys.stdout) if Part.WORKER in parts else None
        self._api = _Server(settings, self._database, self._ingest) if Part.API in parts else None

    def _build_ingest(self, settings: Settings) -> Ingest:
        from facility_monitor.ingest.workers import Workers

        gather_s = settings.gather_ms / 1000
        return Workers(self._database, settings.mqtt_url, settings.batch, gather_s, only=settings.chosen_slots())

    def _build_jobs(self, settings: Settings) -> Jobs:
        from facility_monitor.jobs import JOBS, Jobs, sealing, sweep_evidence
        from facility_monitor.store.evidence.files import Files

        return Jobs(self._database, [*JOBS, sweep_evidence(Files(settings.evidence_dir)), *sealing(settings)])

    def _build_push(self, settings: Settings, console: TextIO) -> Push:
        from facility_monitor.push.chat import Chat
        from facility_monitor.push.console import Console
        from facility_monitor.push.web_push import WebPush, contact
        from facility_monitor.push.webhook import Webhook
        from facility_monitor.push.worker import Worker

        self._channels = {
            "console": Console(console, ZoneInfo(settings.timezone)),
            "webhook": Webhook(settings.public_url),
            "apprise": Chat(settings.public_url),
            "web_push": WebPush(self._vapid_key, contact(settings.public_url), loopback=settings.push_loopback),
        }
        return Worker(self._database, self._channels, locale=settings.locale)

    def _vapid_key(self) -> EllipticCurvePrivateKey:
        from facility_monitor.flows.people import service_keys

        with self._database.transaction() as tx:
            return service_keys.vapid_key(tx, datetime.now(UTC))

    def __enter__(self) -> Self:
        try:
            for part in (self._ingest, self._jobs, self._push, self._api):
                if part is not None:
                    part.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the parts, the last one first; each finishes what it has in hand."""
        for part in (self._api, self._push, self._jobs, self._ingest):
            if part is not None:
                part.stop()
        for channel in self._channels.values():
            channel.close()
        self._database.close()


class _Server:
    """The API's HTTP server in a thread of its own; signals stay with the main thread."""

    def __init__(self, settings: Settings, database: Database, ingest: Ingest | None) -> None:
        from facility_monitor.api.app import create_app
        from facility_monitor.api.server import Server

        host, _, port = settings.http.rpartition(":")
        app = create_app(settings, database, ingest.tally if ingest else None)
        self._address = settings.http
        self._server = Server(app, host.strip("[]"), int(port))
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve())
        except SystemExit:  # uvicorn's word for an address that it cannot have; it has logged why
            log.error("the API has ended")

    def start(self) -> None:
        """Returns when the port is open. Raises Unavailable where it cannot be."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.02)
            if not self._thread.is_alive():
                raise Unavailable(f"FM_HTTP {self._address}: cannot listen there")

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
