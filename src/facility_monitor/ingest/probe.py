"""Is the broker there, and does it let the service in?"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from facility_monitor.errors import Unavailable
from facility_monitor.ingest.subscriber import Subscriber

PROBE_S = 5.0


def probe(mqtt_url: str) -> str:
    """Connect once under a name of its own and subscribe to nothing that matters. Raises Unavailable."""
    where = urlsplit(mqtt_url)
    subscriber = Subscriber(mqtt_url, "facility-monitor-check", ["facility/check"], time.time_ns, lasting=False)
    until = time.monotonic() + PROBE_S
    try:
        while not subscriber.connected:
            if subscriber.refusal or time.monotonic() > until:
                raise Unavailable(f"{where.hostname}:{where.port}: {subscriber.refusal or 'does not answer'}")
            subscriber.poll(0.1, 1)
    finally:
        subscriber.close()
    return f"{where.hostname}:{where.port or 1883} lets us in"
