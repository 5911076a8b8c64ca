"""Dead letters go by the policy, but for those that somebody waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.telemetry import Packet, Reason, Reject
from facility_monitor.store.database import Database
from facility_monitor.store.reading import letters, rejects, retention, retention_policies
from facility_monitor.store.tables import reject

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_what_is_older_than_the_policy_goes_and_what_waits_for_its_replay_stays(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("facility_monitor.store.reading.retention.LETTERS", 1)
    database = Database(database_url, pool=2)
    ages = [40, 30, 20, 10]
    with database.transaction() as tx:
        packets = [Packet(f"t/{age}", b"{", instant(NOW - age * DAY)) for age in ages]
        rejects.put(tx, [Reject(packet, Reason.UNREADABLE, "no JSON") for packet in packets])
        letters.request(tx, [reject.c.topic == "t/30"], "zhang", NOW)
        retention_policies.change(tx, {"reject_days": 15}, NOW, "zhang", "less to look through", NOW)
    retention.apply(database, NOW)
    with database.transaction() as tx:
        left = tx.execute(select(reject.c.topic).order_by(reject.c.id)).scalars().all()
    assert left == ["t/30", "t/10"]
    database.close()
