"""A message on a phone's screen: shown, opened by a tap, acknowledged by its button, with and without a network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from facility_monitor.domain.message.message_token import made
from facility_monitor.domain.message.notice import Notice
from facility_monitor.flows.people import service_keys
from facility_monitor.push.channel import Message
from facility_monitor.push.web_push import PLAIN_BYTES, payload
from facility_monitor.store.tables import ledger, outbox, person, ticket
from tests.system.test_app import House, browser, house, page, wait_until

__all__ = ["browser", "house", "page"]


def newest(house: House) -> Any:
    with house.database.transaction() as tx:
        return tx.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).one()


def acknowledgements(house: House) -> list[Any]:
    with house.database.transaction() as tx:
        entries = select(ledger, person.c.username).join(person, person.c.id == ledger.c.actor_id)
        return list(tx.execute(entries.where(ledger.c.kind == "alarm_acknowledged")))


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

    def reaches_nothing(self) -> None:
        """Cut the service worker off: what a browser is told of being offline holds for its pages only."""
        (worker,) = self._page.context.service_workers
        cut = "self.connected = self.fetch; self.fetch = () => Promise.reject(new TypeError('no network'))"
        worker.evaluate(f"() => {{ {cut} }}")

    def is_back(self) -> None:
        """The line is back, and the browser wakes the worker for what it had asked to do then."""
        (worker,) = self._page.context.service_workers
        worker.evaluate("() => { self.fetch = self.connected }")
        to = {"origin": self._origin, "registrationId": self._registrations[0], "tag": "acknowledgements"}
        self._devtools.send("ServiceWorker.dispatchSyncEvent", {**to, "lastChance": False})

    def taps(self, action: str = "") -> None:
        """Tap the one notification that is shown, or its button: no browser can be told to do so from outside, so the
        event that it would send comes from within, with the notification itself."""
        (worker,) = self._page.context.service_workers
        worker.evaluate(
            "action => self.registration.getNotifications().then(([notification]) => {"
            "  const event = new NotificationEvent('notificationclick', {notification, action});"
            "  return new Promise((done) => {"
            "    Object.defineProperty(event, 'waitUntil', {value: done});"
            "    self.dispatchEvent(event);"
            "  });"
            "})",
            action,
        )


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


def test_a_tap_opens_the_alarm_and_the_button_takes_it_in_the_person_s_name(
    page: Page, house: House, phone: Phone
) -> None:
    house.smoke(1)
    expect(page.get_by_text("Fire alarm").first).to_be_visible()
    wait_until(lambda: newest(house).state == "sent")
    told, number = sent(house), newest(house).alarm_id
    phone.receives(told)
    wait_until(lambda: len(phone.shown()) == 1)
    phone.taps()
    expect(page).to_have_url(f"{house.url}/alarms/{number}")
    expect(page.get_by_text("Go and verify at once", exact=False).first).to_be_visible()
    wait_until(lambda: newest(house).state == "opened")
    assert phone.shown() == []
    page.context.clear_cookies()  # signed out long ago; the message itself says whose it is
    phone.receives(told)
    wait_until(lambda: len(phone.shown()) == 1)
    phone.taps("acknowledge")
    assert [(each["body"], each["actions"]) for each in phone.shown()] == [("Acknowledged", [])]
    (entry,) = acknowledgements(house)
    assert (entry.username, entry.reason) == ("li", f"console #{newest(house).id}")


def test_the_button_pressed_without_a_network_is_kept_and_sent_once_it_is_back(
    page: Page, house: House, phone: Phone
) -> None:
    house.smoke(1)
    wait_until(lambda: bool(house.alarms()) and newest(house).state == "sent")
    phone.receives(sent(house))
    wait_until(lambda: len(phone.shown()) == 1)
    phone.reaches_nothing()
    phone.taps("acknowledge")
    assert [each["body"] for each in phone.shown()] == ["Acknowledged, waits for the network"]
    assert house.alarms() == [(True, False)]
    phone.is_back()
    wait_until(lambda: house.alarms() == [(True, True)])
    wait_until(lambda: [each["body"] for each in phone.shown()] == ["Acknowledged"])
    assert len(acknowledgements(house)) == 1


def test_what_is_acknowledged_without_a_network_is_kept_and_arrives_with_the_time_of_the_act(
    page: Page, house: House, phone: Phone
) -> None:
    house.smoke(1)
    expect(page.get_by_text("Fire alarm").first).to_be_visible()
    wait_until(lambda: bool(page.evaluate("navigator.serviceWorker.controller !== null")))
    page.context.set_offline(True)
    phone.reaches_nothing()
    page.get_by_role("button", name="Acknowledge").first.click()
    acted_at = datetime.now(UTC)
    expect(page.get_by_text("waits for the network").first).to_be_visible(timeout=20_000)
    page.reload()  # the app was closed meanwhile
    expect(page.get_by_text("1 acknowledgement waits to be sent")).to_be_visible()
    assert house.alarms() == [(True, False)]
    page.context.set_offline(False)
    phone.is_back()
    wait_until(lambda: house.alarms() == [(True, True)])
    expect(page.get_by_text("acknowledgement waits")).to_have_count(0)
    (entry,) = acknowledgements(house)
    assert abs((entry.occurred_at - acted_at).total_seconds()) < 3 < (entry.at - acted_at).total_seconds()


def test_what_was_read_stays_readable_without_a_network_and_in_the_time_of_the_site(
    page: Page, house: House, phone: Phone
) -> None:
    far = page.context.new_cdp_session(page)
    far.send("Emulation.setTimezoneOverride", {"timezoneId": "America/New_York"})
    house.smoke(1)
    expect(page.get_by_text("Fire alarm").first).to_be_visible()
    page.goto(f"{house.url}/tickets/1")  # the alarm has opened it
    due = page.locator(".ticket-deadline")
    with house.database.transaction() as tx:
        expected = tx.execute(select(ticket.c.due_at)).scalar_one().astimezone(ZoneInfo("Asia/Shanghai"))
    expect(due).to_contain_text(f"{expected:%H:%M}")
    page.goto(f"{house.url}/tickets")
    expect(page.locator(".ticket-row")).to_have_count(1)
    wait_until(lambda: bool(page.evaluate("navigator.serviceWorker.controller !== null")))
    page.context.set_offline(True)
    phone.reaches_nothing()
    page.reload()
    expect(page.get_by_text("What follows is from")).to_be_visible()
    page.locator(".ticket-row a").click()
    expect(due).to_contain_text(f"{expected:%H:%M}")
