"""Keys that the service makes for itself: made once, the same for all of its processes from then on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from facility_monitor.store.database import Tx
from facility_monitor.store.tables import service_key


def get(tx: Tx, name: str, make: Callable[[], bytes], now: datetime) -> bytes:
    """The key of that name; ``make`` makes it where there is none yet. Of two that do so at once, one's is kept."""
    asked = select(service_key.c.value).where(service_key.c.name == name)
    value: bytes | None = tx.execute(asked).scalar_one_or_none()
    if value is None:
        new = {"name": name, "value": make(), "made_at": now}
        tx.execute(insert(service_key).values(new).on_conflict_do_nothing())
        value = tx.execute(asked).scalar_one()
    return value
