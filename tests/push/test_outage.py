"""A channel that is down loses nothing, floods nobody when it is back, and another one takes over meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row, select, update

from facility_monitor.domain.message.robot import Vendor
from facility_monitor.domain.message.summary import SummaryKind
from facility_monitor.flows.alarm.alarms import acknowledge
from facility_monitor.flows.message import messages
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.plant.commission import commission
from facility_monitor.push.chat import Chat
from facility_monitor.push.webhook import Webhook
from facility_monitor.store.database import Database
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import alarm, escalation, outbox
from tests.flows.conftest import SITE
from tests.people import NOW, a_notice, new_channel, new_duty, new_entry, new_person
from tests.push.conftest import Answer, House, Receiver, eventually

HOUR = timedelta(hours=1)


class Desk:
    """A site with an engineer on duty and two alarms, on a database of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as tx:
            self.site = commission(tx, SITE, "test", NOW)
            self.person = new_person(tx, sees=self.site)
            new_duty(tx, self.site, self.person)
            rows = tx.exec_driver_sql(
                "INSERT INTO alarm (site_id, equipment_id, point_id, rule_id, rule_version, severity, active,"
                " acknowledged, value, raised_at, last_raised_at, raise_count)"
                " SELECT equipment.site_id, equipment.id, point.id, 1, 1,"
                " 'high', true, false, 1, now(), now(), 1 FROM point JOIN equipment ON equipment.id = equipment_id"
                " ORDER BY point.id RETURNING id"
            )
            self.alarms = list(rows.scalars())

    def tell(self, alarm_id: int, now: datetime, **notice: object) -> None:
        with self.database.transaction() as tx:
            told = a_notice(**notice)  # type: ignore[arg-type]
            announce(tx, [Matter(new_entry(tx, self.site, now), self.site, alarm_id, told)], now)

    def sweep(self, now: datetime) -> None:
        with self.database.transaction() as tx:
            messages.sweep(tx, now)

    def rows(self) -> list[Row[tuple[object, ...]]]:
        with self.database.transaction() as tx:
            return list(tx.execute(select(outbox).order_by(outbox.c.id)))

    def channel(self, preference: int = 1, **columns: object) -> int:
        with self.database.transaction() as tx:
            return new_channel(tx, self.person, preference=preference, **columns)  # type: ignore[arg-type]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url, pool=2)
    yield Desk(database)
    database.close()


def test_the_preferred_channel_is_used_and_where_life_is_at_stake_all_at_once(desk: Desk) -> None:
    phone, mail = desk.channel(), desk.channel(2)
    desk.tell(desk.alarms[0], NOW)
    assert [row.channel_id for row in desk.rows()] == [phone]
    desk.tell(desk.alarms[1], NOW, life_safety=True)
    assert {row.channel_id for row in desk.rows()[1:]} == {phone, mail}


def test_the_next_channel_takes_over_where_the_first_has_failed_or_keeps_silent(desk: Desk) -> None:
    phone, mail, call = desk.channel(), desk.channel(2), desk.channel(3)
    desk.tell(desk.alarms[0], NOW)
    desk.sweep(NOW + timedelta(seconds=59))
    assert [row.channel_id for row in desk.rows()] == [phone]
    desk.sweep(NOW + timedelta(seconds=61))
    assert [(row.channel_id, row.handed_on) for row in desk.rows()] == [(phone, True), (mail, False)]
    desk.sweep(NOW + timedelta(seconds=62))
    assert len(desk.rows()) == 2
    desk.sweep(NOW + timedelta(seconds=200))
    assert [row.channel_id for row in desk.rows()] == [phone, mail, call]
    desk.sweep(NOW + HOUR)
    assert len(desk.rows()) == 3


def test_nobody_takes_over_what_another_channel_has_told_or_somebody_has_taken(desk: Desk) -> None:
    phone, tablet, mail = desk.channel(), desk.channel(), desk.channel(2)
    desk.tell(desk.alarms[0], NOW)
    with desk.database.transaction() as tx:
        tx.execute(update(outbox).where(outbox.c.channel_id == tablet).values(state="sent"))
    desk.sweep(NOW + HOUR)
    assert {row.channel_id for row in desk.rows()} == {phone, tablet}
    desk.tell(desk.alarms[1], NOW)
    with desk.database.transaction() as tx:
        tx.execute(update(alarm).where(alarm.c.id == desk.alarms[1]).values(acknowledged=True))
    desk.sweep(NOW + timedelta(seconds=61))
    assert mail not in {row.channel_id for row in desk.rows()}


@pytest.mark.parametrize("another", [False, True])
def test_where_a_call_reached_nobody_the_next_step_comes_at_once(
    desk: Desk, receiver: Receiver, patient_webhook: Webhook, another: bool
) -> None:
    now = datetime.now(UTC)
    dead = desk.channel(kind="webhook", address=receiver.answer("/dead", Answer(403)))
    if another:
        desk.channel(kind="webhook", address=receiver.answer("/busy", Answer(503)))
    desk.tell(desk.alarms[0], now, severity="high")
    house = House(desk.database.url, patient_webhook)
    house.worker()
    house.settled(next(row.id for row in desk.rows() if row.channel_id == dead), "failed")
    with desk.database.transaction() as tx:
        due = tx.execute(select(escalation.c.due_at).where(escalation.c.done_at.is_(None))).scalar_one()
    house.close()
    assert (due > now + timedelta(minutes=14)) is another


def test_after_an_outage_one_summary_tells_what_is_over_and_only_what_stands_calls(desk: Desk) -> None:
    phone = desk.channel()
    first, second, *_ = desk.alarms
    for minute in range(12):
        desk.tell(first, NOW + timedelta(minutes=minute))
        desk.tell(second, NOW + timedelta(minutes=minute))
        desk.sweep(NOW + timedelta(minutes=minute, seconds=30))
    with desk.database.transaction() as tx:
        account = accounts.by_id(tx, desk.person, NOW)
        assert account is not None
        acknowledge(tx, first, account.person, None, NOW + HOUR)
    desk.sweep(NOW + HOUR)
    waiting = [row for row in desk.rows() if row.state == "queued"]
    assert [(row.alarm_id, row.notice["kind"]) for row in waiting if row.alarm_id] == [(second, "alarm_raised")]
    (summary,) = [row for row in waiting if row.alarm_id is None]
    assert (summary.channel_id, summary.notice["kind"]) == (phone, SummaryKind.OVER)
    assert len(desk.rows()) == 25  # nothing is gone
    with desk.database.transaction() as tx:
        tx.execute(update(alarm).where(alarm.c.id == second).values(acknowledged=True))
    desk.sweep(NOW + 2 * HOUR)
    assert [row.id for row in desk.rows() if row.state == "queued"] == [summary.id]


def test_systems_get_everything_also_what_is_over(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        hook = new_channel(tx, kind="webhook")
        tx.execute(update(alarm).values(acknowledged=True))
    desk.tell(desk.alarms[0], NOW)
    desk.sweep(NOW + HOUR)
    assert [(row.channel_id, row.state) for row in desk.rows()] == [(hook, "queued")]


def test_a_robot_s_limit_holds_across_workers_and_restarts(house: House, receiver: Receiver) -> None:
    receiver.answer("/cgi-bin/webhook/send?key=k", Answer(200, body=b'{"errcode": 0}'))
    with house.database.transaction() as tx:
        robots = [new_channel(tx, kind="apprise", address="wecombot://k") for _ in range(2)]
        tx.exec_driver_sql("DELETE FROM robot_allowance")
    house.message(*robots * 15)
    (urgent,) = house.message(robots[0], urgency=0)
    for _ in range(2):
        chat = Chat(hosts=dict.fromkeys(Vendor, receiver.url))
        worker = house.worker(channels={"apprise": chat})
        eventually(lambda: house.row(urgent).state == "sent" and len(receiver.requests) >= 6)
        worker.stop()
        chat.close()
    assert len(receiver.requests) <= 8 + 2  # and one or two that came back meanwhile
    assert datetime.now(UTC) - receiver.requests[0].at < timedelta(seconds=10)
