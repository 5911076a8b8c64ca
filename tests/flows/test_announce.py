"""Each one who has to know gets one message for each matter, and there is always somebody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from facility_monitor.domain.alarm.alarm import AlarmEvent
from facility_monitor.domain.alarm.annunciation import CALLING
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.repair.ticket import TicketEvent
from facility_monitor.errors import Conflict, NotFound
from facility_monitor.flows.message import announce as flow
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.message import recipients
from facility_monitor.store.tables import outbox, site
from tests.people import NOW, a_notice, new_channel, new_duty, new_entry, new_person, new_site


@pytest.fixture
def tx(module_database_url: str) -> Iterator[Tx]:
    database = Database(module_database_url, pool=1)
    with database.engine.connect() as tx:
        yield tx
        tx.rollback()
    database.close()


def queued(tx: Tx) -> list[tuple[int | None, int]]:
    """(ledger entry, channel) of all messages."""
    rows = tx.execute(select(outbox.c.ledger_id, outbox.c.channel_id).order_by(outbox.c.id))
    return [(row.ledger_id, row.channel_id) for row in rows]


def matter(tx: Tx, site_id: int, **notice: Any) -> Matter:
    return Matter(new_entry(tx, site_id), site_id, None, a_notice(**notice))


def told(tx: Tx, site_id: int, **notice: Any) -> set[int]:
    """The channels that are told of a matter at a site."""
    each = matter(tx, site_id, **notice)
    announce(tx, [each], NOW)
    return {channel_id for ledger_id, channel_id in queued(tx) if ledger_id == each.ledger_id}


def test_whoever_is_on_duty_at_the_site_is_told_through_each_enabled_channel(tx: Tx) -> None:
    here, elsewhere = new_site(tx), new_site(tx)
    on_duty, other, off_duty = new_person(tx), new_person(tx), new_person(tx, sees=here)
    new_duty(tx, here, on_duty)
    new_duty(tx, here, on_duty, NOW - timedelta(minutes=5))  # a shift that overlaps tells nobody twice
    new_duty(tx, elsewhere, other)
    new_duty(tx, here, off_duty, NOW - timedelta(hours=9), NOW)
    new_duty(tx, here, off_duty, NOW + timedelta(seconds=1))
    first, second = new_channel(tx, on_duty), new_channel(tx, on_duty)
    new_channel(tx, on_duty, enabled=False)
    new_channel(tx, other)
    new_channel(tx, off_duty)
    assert told(tx, here) == {first, second}


def test_a_matter_is_queued_once_for_each_channel_however_often_it_is_announced(tx: Tx) -> None:
    here = new_site(tx)
    person = new_person(tx)
    new_duty(tx, here, person)
    channel = new_channel(tx, person)
    each = matter(tx, here)
    assert announce(tx, [each], NOW) == 1
    assert announce(tx, [each], NOW) == 0
    assert announce(tx, [], NOW) == 0
    assert queued(tx) == [(each.ledger_id, channel)]


def test_the_message_holds_the_notice_the_person_and_the_urgency(tx: Tx) -> None:
    here = new_site(tx)
    person = new_person(tx)
    new_duty(tx, here, person)
    channel = new_channel(tx, person)
    announce(tx, [matter(tx, here)], NOW)
    row = tx.execute(select(outbox)).one()
    assert (row.person_id, row.channel_id, row.state, row.attempts) == (person, channel, "queued", 0)
    assert (row.created_at, row.due_at, row.leased_until, row.sent_at) == (NOW, NOW, None, None)
    assert row.notice == a_notice().as_json()
    assert row.urgency == 2


@pytest.mark.parametrize(
    ("severity", "life_safety", "urgency"),
    [("critical", False, 1), ("high", False, 2), ("medium", False, 3), ("low", False, 4), ("low", True, 0)],
)
def test_urgency_follows_severity_and_life_safety_is_before_all(severity: str, life_safety: bool, urgency: int) -> None:
    assert flow.urgency(a_notice(severity=severity, life_safety=life_safety)) == urgency


def test_people_are_called_only_where_somebody_has_to_act_and_systems_are_told_everything(tx: Tx) -> None:
    here = new_site(tx)
    person = new_person(tx)
    new_duty(tx, here, person)
    phone, system = new_channel(tx, person), new_channel(tx, kind="webhook")
    asking = {
        *("alarm_shelving_requested", "ticket_opened", "ticket_assigned", "ticket_hold_asked", "ticket_warned"),
        *("ticket_breached", "ticket_resumed", "ticket_call_missed"),
    }
    for kind in (*AlarmEvent, *TicketEvent):
        calls = kind in CALLING or kind in asking
        assert told(tx, here, kind=kind) == ({phone, system} if calls else {system}), kind


def test_of_a_ticket_that_an_alarm_opened_people_are_not_told_again() -> None:
    ticket = a_notice(TicketEvent.OPENED)
    assert flow.CALLS_PEOPLE[TicketEvent.OPENED](Matter(1, 1, None, ticket))
    assert not flow.CALLS_PEOPLE[TicketEvent.OPENED](Matter(1, 1, 5, ticket))


def test_a_system_is_told_of_its_own_site_or_of_all(tx: Tx) -> None:
    here, elsewhere = new_site(tx), new_site(tx)
    everywhere, only_here = new_channel(tx, kind="webhook"), new_channel(tx, site_id=here, kind="webhook")
    new_channel(tx, kind="webhook", enabled=False)
    assert told(tx, here) == {everywhere, only_here}
    assert told(tx, elsewhere) == {everywhere}


def test_where_nobody_is_on_duty_the_managers_of_the_site_stand_in(tx: Tx, caplog: pytest.LogCaptureFixture) -> None:
    here, elsewhere = new_site(tx), new_site(tx)
    manager = new_channel(tx, new_person(tx, "manager", sees=here))
    new_channel(tx, new_person(tx, "manager", sees=elsewhere))
    new_channel(tx, new_person(tx, "engineer", sees=here))
    new_channel(tx, new_person(tx, "manager", sees=here, disabled=True))
    new_channel(tx, new_person(tx, "admin"))
    assert told(tx, here) == {manager}
    assert "nobody on duty can be reached, its managers are told of alarm-7" in caplog.text


def test_where_there_is_no_manager_either_the_admins_stand_in(tx: Tx, caplog: pytest.LogCaptureFixture) -> None:
    here = new_site(tx)
    admin = new_channel(tx, new_person(tx, "admin"))
    assert told(tx, here) == {admin}
    assert "the admins are told" in caplog.text


@pytest.mark.parametrize("why", ["no channel", "channel off", "disabled"])
def test_somebody_on_duty_who_cannot_be_reached_counts_as_nobody(tx: Tx, why: str) -> None:
    here = new_site(tx)
    mute = new_person(tx, disabled=why == "disabled")
    new_duty(tx, here, mute)
    if why != "no channel":
        new_channel(tx, mute, enabled=why != "channel off")
    manager = new_channel(tx, new_person(tx, "manager", sees=here))
    assert told(tx, here) == {manager}


def test_where_life_is_at_stake_one_channel_is_not_enough(tx: Tx) -> None:
    here = new_site(tx)
    on_duty, manager = new_person(tx), new_person(tx, "manager", sees=here)
    new_duty(tx, here, on_duty)
    only, managers = new_channel(tx, on_duty), {new_channel(tx, manager), new_channel(tx, manager)}
    new_channel(tx, new_person(tx, "admin"))
    assert told(tx, here, life_safety=False) == {only}
    assert told(tx, here, life_safety=True) == {only, *managers}
    second = new_channel(tx, on_duty)
    assert told(tx, here, life_safety=True) == {only, second}


def test_that_nobody_at_all_can_be_told_is_an_error_in_the_log(tx: Tx, caplog: pytest.LogCaptureFixture) -> None:
    here = new_site(tx)
    assert told(tx, here) == set()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "no person can be reached" in record.message


def test_sites_without_anybody_on_duty_are_known_before_it_matters(tx: Tx) -> None:
    attended, unattended = new_site(tx), new_site(tx)
    person = new_person(tx)
    new_channel(tx, person)
    new_duty(tx, attended, person)
    code = tx.execute(select(site.c.code).where(site.c.id == unattended)).scalar_one()
    assert recipients.unattended(tx, NOW) == [code]
    assert len(recipients.unattended(tx, NOW - timedelta(days=1))) == 2


@pytest.mark.parametrize("matters", [1, 40])
def test_as_many_statements_whatever_the_number_of_matters(tx: Tx, matters: int) -> None:
    sites = [new_site(tx) for _ in range(2)]
    for site_id in sites:
        person = new_person(tx)
        new_duty(tx, site_id, person)
        new_channel(tx, person)
    new_channel(tx, kind="webhook")
    batch = [matter(tx, sites[n % 2]) for n in range(matters)]
    statements: list[str] = []
    event.listen(tx, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert announce(tx, batch, NOW) == 2 * matters
    assert len(statements) == 3


ASKING = Person(1, "wang", "王经理", Role.MANAGER, "zh-CN", None)


def test_a_channel_can_be_tried_out(tx: Tx) -> None:
    person = new_person(tx)
    channel = new_channel(tx, person)
    made = flow.test_notice(tx, channel, ASKING, NOW)
    row = tx.execute(select(outbox)).one()
    assert (row.id, row.channel_id, row.person_id, row.ledger_id) == (made, channel, person, None)
    assert row.notice["kind"] == "test"
    assert "王经理" in row.notice["response"]["zh-CN"]
    assert flow.test_notice(tx, channel, ASKING, NOW) != made  # and once more


def test_what_is_no_channel_or_switched_off_cannot_be_tried(tx: Tx) -> None:
    off = new_channel(tx, enabled=False)
    with pytest.raises(NotFound):
        flow.test_notice(tx, off + 1, ASKING, NOW)
    with pytest.raises(Conflict):
        flow.test_notice(tx, off, ASKING, NOW)


def test_what_is_announced_in_a_transaction_that_is_rolled_back_is_never_told(database_url: str) -> None:
    database = Database(database_url, pool=1)
    with database.transaction() as tx:
        here = new_site(tx)
        new_channel(tx, kind="webhook")
    with database.engine.connect() as tx:
        assert announce(tx, [matter(tx, here)], NOW) == 1
        tx.rollback()
    with database.transaction() as tx:
        assert queued(tx) == []
    database.close()
