"""Duty and channels on the phone: duty is planned, a shift changes hands; a robot is added, tried and switched off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from facility_monitor.store.tables import duty, service_window
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


def test_a_manager_plans_duty_by_the_week_once_and_around_a_holiday(browser: Browser, house: House) -> None:
    for chief in signed_in(browser, house, "wang", zone="America/New_York"):
        chief.goto(f"{house.url}/duty")
        chief.get_by_role("button", name="Plan duty").click()
        sheet = chief.get_by_role("dialog")
        sheet.get_by_label("Who is on duty").select_option(label="Li")
        for day in ("Sat", "Sun"):
            sheet.get_by_label(day).check()
        sheet.get_by_label("Begins").fill("20:00")
        sheet.get_by_label("Ends").fill("08:00")
        for width in (1280, 360):  # a tablet that is turned keeps what was typed
            chief.set_viewport_size({"width": width, "height": 640})
            expect(sheet.get_by_label("Begins")).to_have_value("20:00")
        expect(sheet.get_by_text("Ends on the next day")).to_be_visible()
        sheet.get_by_role("radio", name="Off").check()
        sheet.get_by_role("button", name="Save").click()
        expect(sheet).to_have_count(0)
        rotas = chief.locator("section", has=chief.get_by_role("heading", name="Rotas"))
        expect(rotas).to_contain_text("Mon, Tue, Wed, Thu, Fri, Sat, Sun · 20:00 – 08:00")
        ahead = chief.locator("section", has=chief.get_by_role("heading", name="The next two weeks"))
        expect(ahead.get_by_text("20:00", exact=False).first).to_be_visible()
        nights = ahead.get_by_role("listitem").count()

        # A holiday of next week: the rota is off on it, and the shift that stood there goes.
        off = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=5)
        chief.get_by_role("button", name="Add a holiday").click()
        sheet.get_by_label("Day", exact=True).fill(off.isoformat())
        sheet.get_by_label("Name", exact=True).fill("停产日")
        sheet.get_by_label("Name in English").fill("Shutdown")
        sheet.get_by_role("button", name="Add", exact=True).click()
        expect(chief.get_by_text("Shutdown", exact=False)).to_be_visible()
        expect(ahead.get_by_role("listitem")).to_have_count(nights - 1)

        # One shift by hand, by the clock of the site.
        chief.get_by_role("button", name="Plan duty").click()
        sheet.get_by_role("radio", name="Once").check()
        sheet.get_by_label("Who is on duty").select_option(label="Wang")
        sheet.get_by_label("Day", exact=True).fill(off.isoformat())
        sheet.get_by_role("button", name="Save").click()
        expect(ahead.get_by_role("listitem").filter(has_text="Wang")).to_contain_text("08:00")
        with house.database.transaction() as tx:
            starts = tx.execute(select(duty.c.starts_at).where(duty.c.starts_at >= off)).scalars().all()
        assert datetime.combine(off, time(8), ZoneInfo("Asia/Shanghai")) in starts

        chief.get_by_role("button", name="End", exact=True).click()
        sheet.get_by_role("button", name="End", exact=True).click()
        expect(chief.get_by_text("There is no rota yet.")).to_be_visible()
        expect(ahead.get_by_role("listitem")).to_have_count(1)
        assert chief.evaluate("document.documentElement.scrollWidth") <= 360
