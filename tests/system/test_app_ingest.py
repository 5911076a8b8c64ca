"""The manager's view of the data intake in a real browser: the books, what could not be stored, and a new device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from facility_monitor.store.tables import reading
from tests.system.test_app import House, browser, house, signed_in, wait_until

__all__ = ["browser", "house"]


@pytest.fixture
def manager(browser: Browser, house: House) -> Iterator[Page]:
    """The phone of the site's manager, on the data intake."""
    for page in signed_in(browser, house, "wang"):
        page.goto(f"{house.url}/ingest")
        expect(page.get_by_role("heading", name="accounted for", exact=False)).to_be_visible()
        yield page


def stored(house: House) -> int:
    with house.database.transaction() as tx:
        return tx.execute(select(func.count()).select_from(reading)).scalar_one()


def fits(page: Page) -> bool:
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide <= 360


def test_the_books_a_dead_letter_and_a_device_that_nobody_knew(manager: Page, house: House) -> None:
    house.publisher.send("facility/hill/sd-1/telemetry", {"values": {"smoke_alarm": 0}})
    house.publisher.send("facility/hill/sd-1/telemetry", b"{oh")
    house.publisher.send("facility/hill/attic-7/telemetry", {"seq": 1, "values": {"humidity": 61.5}})
    wait_until(lambda: stored(house) == 1)
    expect(manager.locator(".books-total dd").first).to_have_text("3", timeout=15_000)
    expect(manager.get_by_text("1 of 2 stored")).to_be_visible(timeout=15_000)
    assert fits(manager)

    manager.get_by_role("radio", name="Not stored").check()
    manager.get_by_label("Reason").select_option("unreadable")
    manager.get_by_role("button", name="Unreadable").click()
    expect(manager.get_by_text("{oh")).to_be_visible()
    manager.get_by_role("button", name="Try to store it now").click()
    expect(manager.get_by_text("read again, still not stored")).to_be_visible(timeout=15_000)
    assert fits(manager)

    manager.get_by_role("radio", name="Unknown").check()
    manager.get_by_role("button", name="Add this device").click()
    sheet = manager.get_by_role("dialog")
    sheet.get_by_role("button", name="Add this device").click()
    expect(manager.get_by_text("at least one value", exact=False)).to_be_visible()
    manager.get_by_label("Belongs to").select_option(index=1)
    manager.get_by_label("Name").fill("Attic")
    sheet.get_by_role("button", name="Add this device").click()
    expect(manager.get_by_text("1 message is being stored")).to_be_visible()
    wait_until(lambda: stored(house) == 2)
    expect(manager.get_by_text("No unknown device")).to_be_visible(timeout=15_000)
