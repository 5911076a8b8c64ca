"""Duty and channels on the phone: a shift changes hands; a robot is added, tried and switched off."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from facility_monitor.store.tables import service_window
from tests.system.test_app import House, browser, house, page, signed_in

__all__ = ["browser", "house", "page"]


def test_a_shift_changes_hands_when_the_colleague_says_yes(page: Page, browser: Browser, house: House) -> None:
    page.goto(f"{house.url}/me")
    page.get_by_role("link", name="See who is on duty").click()
    standing = page.locator("section", has=page.get_by_role("heading", name="On duty now"))
    expect(standing.get_by_text("Li", exact=False)).to_be_visible()
    page.get_by_role("button", name="Ask for a swap").click()
    page.get_by_role("radio", name="Wang").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("You asked Wang; no answer yet")).to_be_visible()
    colleague = signed_in(browser, house, "wang")
    other = next(colleague)
    other.goto(f"{house.url}/duty")
    expect(other.get_by_text("Li asks you to take a shift")).to_be_visible()
    other.get_by_role("button", name="Take it").click()
    expect(other.get_by_text("Li asks you to take a shift")).to_have_count(0)
    expect(standing.get_by_text("Wang", exact=False)).to_be_visible()  # by itself, on the phone of who has asked
    expect(page.get_by_text("no answer yet")).to_have_count(0)
    next(colleague, None)


def test_a_channel_is_added_tried_and_switched_off(page: Page, house: House) -> None:
    page.goto(f"{house.url}/me")
    page.get_by_role("link", name="See the channels").click()
    expect(page.get_by_text("One channel only.", exact=False)).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("The test was sent", exact=False)).to_be_visible()
    page.get_by_role("button", name="Add a channel").click()
    address = page.get_by_role("textbox", name="Address")
    address.fill("json://10.1.2.3/hook")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".sheet").get_by_role("alert")).to_contain_text("an admin enters it")
    address.fill("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b")
    page.get_by_role("button", name="Add", exact=True).click()
    robot = page.locator(".report-row", has_text="WeCom robot")
    expect(robot).to_be_visible()
    expect(page.get_by_text("One channel only.", exact=False)).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    robot.get_by_role("button", name="Switch off").click()
    expect(robot.get_by_role("button", name="Use it again")).to_be_visible()


def test_a_window_begins_by_the_clock_of_the_site_wherever_the_phone_is(browser: Browser, house: House) -> None:
    for abroad in signed_in(browser, house, "wang", zone="America/New_York"):
        abroad.goto(f"{house.url}/windows")
        abroad.get_by_role("button", name="Schedule a window").click()
        starts = abroad.locator("input[type=datetime-local]")
        expect(starts).to_have_value(re.compile(datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT")))
        starts.fill("2027-01-04T09:30")
        abroad.get_by_label("Reason").fill("Valves")
        abroad.locator(".sheet").get_by_role("button", name="Schedule", exact=True).click()
        expect(abroad.get_by_text("Jan 4, 2027 09:30", exact=False)).to_be_visible()
        with house.database.transaction() as tx:
            began = tx.execute(select(service_window.c.starts_at)).scalar_one()
        assert began == datetime(2027, 1, 4, 1, 30, tzinfo=UTC)
