"""The web app in a real browser on the whole service: a reading becomes an alarm on the screen, a tap takes it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import insert, select

from facility_monitor.demo.embedded import EmbeddedBroker, free_port
from facility_monitor.domain.person import Role
from facility_monitor.flows.people import people
from facility_monitor.service import Service
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.tables import alarm, channel, duty, equipment, rule
from tests.flows.conftest import small_site
from tests.ingest.conftest import Publisher

PASSWORD = "correct-horse-7"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


class House:
    """The service on a port of its own, with an engineer on duty and a publisher of readings."""

    def __init__(self, database: Database, url: str, publisher: Publisher) -> None:
        self.database = database
        self.url = url
        self.publisher = publisher

    def smoke(self, value: int) -> None:
        self.publisher.send("facility/hill/sd-1/telemetry", {"values": {"smoke_alarm": value}})

    def alarms(self) -> list[tuple[bool, bool]]:
        with self.database.transaction() as tx:
            return [(row[0], row[1]) for row in tx.execute(select(alarm.c.active, alarm.c.acknowledged))]


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    now = datetime.now(UTC)
    database = Database(database_url, pool=2)
    with database.transaction() as tx:
        site_id = small_site(tx)
        person_id = people.add_person(tx, "li", "Li", Role.ENGINEER, PASSWORD, "en", None, now)
        people.grant_sites(tx, person_id, [site_id])
        chief_id = people.add_person(tx, "wang", "Wang", Role.MANAGER, PASSWORD, "en", None, now)
        people.grant_sites(tx, chief_id, [site_id])
        tx.execute(insert(duty).values(site_id=site_id, person_id=person_id, starts_at=now))
        tx.execute(insert(channel).values(person_id=person_id, kind="console", address="test"))
    with (
        tempfile.TemporaryDirectory(prefix="fm-", ignore_cleanup_errors=True) as folder,
        EmbeddedBroker(Path(folder)) as broker,
    ):
        address = f"127.0.0.1:{free_port()}"
        given: dict[str, Any] = {"database_url": database_url, "mqtt_url": broker.url, "http": address}
        publisher = Publisher(broker.simulators_url)
        with Service(Settings(_env_file=None, **given)):
            yield House(database, f"http://{address}", publisher)
        publisher.close()
    database.close()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, house: House) -> Iterator[Page]:
    """The phone of the engineer on duty, signed in."""
    yield from signed_in(browser, house, "li")


def signed_in(browser: Browser, house: House, username: str, zone: str | None = None) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, locale="en-GB", has_touch=True, timezone_id=zone
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(house.url)
    page.locator("input[name=username]").fill(username)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("input[type=password]")).to_have_count(0)
    yield page
    context.close()
    assert faults == []


def wait_until(done: Any, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_an_alarm_comes_up_by_itself_and_a_tap_acknowledges_it(page: Page, house: House) -> None:
    house.smoke(1)
    row = page.get_by_text("Fire alarm").first
    expect(row).to_be_visible()
    page.get_by_role("button", name="Acknowledge").first.click()
    wait_until(lambda: house.alarms() == [(True, True)])


def test_the_alarm_says_where_what_and_what_to_do(page: Page, house: House) -> None:
    house.smoke(1)
    page.get_by_text("Fire alarm").first.click()
    expect(page.get_by_text("Go and verify at once", exact=False).first).to_be_visible()
    expect(page.get_by_text("Detector").first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    small = [each.bounding_box() for each in page.locator(".moment, .pane-under a").all()]
    assert small
    assert all(box is not None and min(box["height"], box["width"]) >= 44 for box in small)  # for a thumb


def test_a_wrong_password_is_said_and_lets_nobody_in(browser: Browser, house: House) -> None:
    page = browser.new_page()
    page.goto(house.url)
    page.locator("input[name=username]").fill("li")
    page.locator("input[type=password]").fill("wrong-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).not_to_be_empty()
    expect(page.locator("input[type=password]")).to_have_count(1)
    page.close()


def test_an_alarm_of_life_safety_is_shelved_by_two(page: Page, browser: Browser, house: House) -> None:
    house.smoke(1)
    page.get_by_text("Fire alarm").first.click()
    page.get_by_role("button", name="Shelve").click()
    page.get_by_label("Reason").fill("Welding in the room")
    page.get_by_role("button", name="Ask to shelve").click()
    expect(page.get_by_text("a second person", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Confirm as second person")).to_have_count(0)
    for other in signed_in(browser, house, "wang"):
        other.get_by_text("Fire alarm").first.click()
        expect(other.get_by_text("Welding in the room").first).to_be_visible()
        other.get_by_role("button", name="Confirm as second person").click()
        expect(other.get_by_text("Shelved: nobody is called.")).to_be_visible()


def test_a_label_for_residents_is_ended_only_by_a_second_deliberate_step(browser: Browser, house: House) -> None:
    with house.database.transaction() as tx:
        number = tx.execute(select(equipment.c.id).limit(1)).scalar_one()
    for page in signed_in(browser, house, "wang"):
        page.goto(f"{house.url}/equipment/{number}")
        page.get_by_role("button", name="Make a code for this place").click()
        end = page.get_by_role("button", name="End this code")
        address = page.locator("a[href*='/report/']").get_attribute("href")
        assert address is not None
        end.click()
        page.get_by_role("button", name="Cancel").click()
        assert page.request.get(address).ok
        end.click()
        page.get_by_role("dialog").get_by_role("button", name="End this code").click()
        expect(page.get_by_role("button", name="Make a code for this place")).to_be_visible()
        assert not page.request.get(address).ok


def test_a_rule_is_tried_on_last_week_before_it_is_changed(browser: Browser, house: House) -> None:
    with house.database.transaction() as tx:
        number = tx.execute(select(rule.c.id).where(rule.c.code == "smoke-alarm")).scalar_one()
    for page in signed_in(browser, house, "wang"):
        house.smoke(1)
        expect(page.get_by_text("Fire alarm").first).to_be_visible()
        page.goto(f"{house.url}/rules/{number}")
        page.get_by_label("In force").uncheck()
        page.get_by_role("button", name="Try it on last week").click()
        expect(page.locator(".preview-figures dd")).to_have_text(["1", "0"])
        expect(page.get_by_text("Alarms that would no longer come")).to_be_visible()
        expect(page.locator(".preview canvas").first).to_be_visible()


def test_a_page_that_is_not_there_says_so_and_has_a_way_back(page: Page, house: House) -> None:
    page.goto(f"{house.url}/nonsense")
    expect(page.get_by_text("Not found.", exact=False)).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page).to_have_url(f"{house.url}/")


def test_by_keyboard_an_alarm_is_opened_and_taken_and_the_place_is_never_lost(page: Page, house: House) -> None:
    house.smoke(1)
    page.locator(".alarm-row .row-link").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    button = page.locator(".pane-action").get_by_role("button", name="Acknowledge alarm")
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    wait_until(lambda: house.alarms() == [(True, True)])
