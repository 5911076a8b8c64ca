"""Counters for Prometheus. Each app has a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from facility_monitor.api.feed import Feed
from facility_monitor.api.parts import IngestTally
from facility_monitor.errors import Unavailable
from facility_monitor.store.database import Database
from facility_monitor.store.message import outbox, recipients
from facility_monitor.store.views import balances

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class HttpMetrics:
    """Requests by operation, as the OpenAPI document names it, never by path: ids must not become labels."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "facility_monitor_http_requests", "Requests answered", ("operation", "status"), registry=registry
        )
        self._seconds = Histogram(
            "facility_monitor_http_request_seconds",
            "From the request's first byte to the answer's last, event streams apart",
            ("operation",),
            registry=registry,
            buckets=_SECONDS,
        )

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request; status 0 where the connection broke before there was an answer."""
        operation = getattr(scope.get("route"), "name", "none")
        self._requests.labels(operation, str(status)).inc()
        if operation not in _ENDLESS:
            self._seconds.labels(operation).observe(seconds)


_ENDLESS = ("stream_events",)


class Standing(Collector):
    """How the parts in this process stand, read at the moment of the scrape."""

    def __init__(self, feed: Feed, ingest: IngestTally | None) -> None:
        self._feed = feed
        self._ingest = ingest

    def collect(self) -> Iterable[Metric]:
        yield _gauge("event_streams", "Open event streams", self._feed.streams)
        yield _gauge("feed_listening", "Whether the ledger's feed hears the database", self._feed.listening)
        if (ingest := self._ingest) is None:
            return
        for name, what, value in (
            ("messages", "MQTT messages committed", ingest.messages),
            ("values_received", "Values that arrived", ingest.received),
            ("values_stored", "Values stored as new readings", ingest.stored),
            ("values_duplicate", "Values that were stored before", ingest.duplicate),
            ("transitions", "Transitions of alarms", ingest.transitions),
            ("batches", "Transactions committed", ingest.batches),
            ("messages_arrived", "MQTT messages that came, those sent again too", ingest.arrived),
            ("messages_abandoned", "MQTT messages given back uncommitted when a connection ended", ingest.abandoned),
            ("connections", "Connections to the broker", ingest.connections),
            ("connections_stuck", "Connections given up for want of an acknowledgement", ingest.stuck),
            ("connections_contested", "Times that somebody else used the slot's client id", ingest.contested),
        ):
            yield CounterMetricFamily(f"facility_monitor_ingest_{name}", what, value=value)
        rejected = CounterMetricFamily(
            "facility_monitor_ingest_values_rejected", "What arrived and became no reading", labels=("reason",)
        )
        for reason, count in sorted(ingest.rejected.items()):
            rejected.add_metric((str(reason),), count)
        yield rejected
        spent = CounterMetricFamily(
            "facility_monitor_ingest_cpu_seconds", "Processor time by stage since the slot was taken", labels=("stage",)
        )
        for stage, seconds in ingest.effort.items():
            spent.add_metric((stage,), seconds)
        yield spent
        in_flight = max(0, ingest.arrived - ingest.abandoned - ingest.messages)
        yield _gauge("ingest_messages_in_flight", "MQTT messages that arrived and are not committed", in_flight)
        broker = GaugeMetricFamily(
            "facility_monitor_broker_messages", "What the broker says of itself ($SYS)", labels=("what",)
        )
        for what, value in sorted(ingest.broker.items()):
            broker.add_metric((what,), value)
        yield broker
        yield _gauge("ingest_connected", "Whether the broker is connected", ingest.connected)
        yield _gauge("ingest_holding_slot", "Whether this worker holds its slot", ingest.holding_slot)


class Books(Collector):
    """The ingest's balance, of all processes together and across their ends: read from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        try:
            with self._database.transaction() as tx:
                account, standing = balances.total(tx), balances.slots(tx)
        except Unavailable:
            return
        balance = GaugeMetricFamily(
            "facility_monitor_ingest_balance", "Values by what became of them, since the beginning", labels=("what",)
        )
        for what, count in account._asdict().items():
            balance.add_metric((what,), count)
        yield balance
        difference = abs(account.difference) + sum(slot.get("difference", 0) for slot in standing)
        what = (
            "Values and messages that are neither stored, duplicate, rejected nor in flight: anything but 0 is a fault"
        )
        yield _gauge("ingest_difference", what, difference)


class Messages(Collector):
    """How the outbox stands, of all processes together: read from the database, nothing where it does not answer."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def collect(self) -> Iterable[Metric]:
        try:
            with self._database.transaction() as tx:
                waiting, counted = outbox.waiting(tx), outbox.counted(tx)
                oldest = outbox.oldest_due(tx, self._now())
                unattended = recipients.unattended(tx, self._now())
        except Unavailable:
            return
        queued = GaugeMetricFamily("facility_monitor_outbox_queued", "Messages that wait", labels=("channel",))
        for kind, count in sorted(waiting.items()):
            queued.add_metric((kind,), count)
        yield queued
        yield _gauge("outbox_oldest_due_seconds", "For how long the oldest has been due", oldest.total_seconds())
        tries = CounterMetricFamily(
            "facility_monitor_outbox_tries", "Tries to send, by what became of them", labels=("channel", "outcome")
        )
        for kind, outcome, count in counted:
            tries.add_metric((kind, outcome), count)
        yield tries
        yield _gauge("sites_unattended", "Sites at which nobody on duty can be reached", len(unattended))


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"facility_monitor_{name}", what, value=float(value))
