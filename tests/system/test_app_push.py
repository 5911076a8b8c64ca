"""A message on a phone's screen: shown by the service worker, opened by a tap, acknowledged by its button."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from facility_monitor.domain.message_token import made
from facility_monitor.domain.notice import Notice
from facility_monitor.flows import service_keys
from facility_monitor.push.channel import Message
from facility_monitor.push.web_push import PLAIN_BYTES, payload
from facility_monitor.store.tables import outbox
from tests.system.test_app import House, browser, house, page, wait_until

__all__ = ["browser", "house", "page"]


def newest(house: House) -> Any:
    with house.database.transaction() as tx:
        return tx.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).one()


def sent(house: House) -> str:
    """The newest message as this service's sender writes it for the phone."""
    row = newest(house)
    with house.database.transaction() as tx:
        token = made(service_keys.token_key(tx, datetime.now(UTC)), row.id, row.created_at)
    message = Message(
        id=f"m-{row.id}",
        notice=Notice.from_json(row.notice),
        locale="en",
        person="Li",
        created_at=row.created_at,
        ledger_id=row.ledger_id,
        alarm_id=row.alarm_id,
        urgency=row.urgency,
        token=token,
        address="",
        secret=None,
    )
    return payload(message, PLAIN_BYTES).decode()


class Phone:
    """The browser's own side of a push, at which it hands the opened message to the service worker."""

    def __init__(self, page: Page, house: House) -> None:
        self._page = page
        self._origin = house.url
        context: BrowserContext = page.context
        context.grant_permissions(["notifications"], origin=house.url)
        self._devtools = context.new_cdp_session(page)
        self._registrations: list[str] = []
        self._devtools.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self._devtools.send("ServiceWorker.enable")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        wait_until(lambda: page.evaluate("1") and self._registrations)

    def _registered(self, event: dict[str, Any]) -> None:
        self._registrations += [each["registrationId"] for each in event["registrations"]]

    def receives(self, data: str) -> None:
        to = {"origin": self._origin, "registrationId": self._registrations[0], "data": data}
        self._devtools.send("ServiceWorker.deliverPushMessage", to)

    def shown(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._page.evaluate(
            "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map((one) => "
            "({title: one.title, body: one.body, tag: one.tag, actions: one.actions.map((each) => each.action)})))"
        )
        return found


@pytest.fixture
def phone(page: Page, house: House) -> Phone:
    return Phone(page, house)


def test_a_message_is_shown_and_the_alarm_knows_that_it_arrived(page: Page, house: House, phone: Phone) -> None:
    house.smoke(1)
    expect(page.get_by_text("Fire alarm").first).to_be_visible()
    wait_until(lambda: newest(house).state == "sent")
    told = sent(house)
    phone.receives(told)
    wait_until(lambda: len(phone.shown()) == 1)
    (notification,) = phone.shown()
    assert notification["title"].startswith("[life safety] Alarm: Fire alarm")
    assert "Go and verify at once" in notification["body"]
    assert notification["actions"] == ["acknowledge"]
    wait_until(lambda: newest(house).state == "delivered")
    phone.receives(told)  # a second copy replaces the first
    page.wait_for_timeout(300)
    assert len(phone.shown()) == 1
