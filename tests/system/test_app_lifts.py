"""What a contractor's worker does with a phone in the lift shaft: what is due, a weekly test judged floor by floor, a
draft without a network that is sent once. In a real browser on the real API."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import create_engine, func, select

from facility_monitor.store.tables import elevator_test
from tests.pictures import a_picture
from tests.system.test_app import wait_until
from tests.system.test_app_parts import browser, fits, house

__all__ = ["browser", "house"]

KEPT = """() => new Promise((done) => {
  indexedDB.open("facility-monitor").onsuccess = (opened) => {
    const asked = opened.target.result.transaction("answers").objectStore("answers").getAllKeys();
    const needed = ["elevators", "test-form", "lift-due", "session"];
    asked.onsuccess = () => done(needed.every((name) => asked.result.includes(name)));
  };
})"""
"""Whether the phone has kept what a test needs."""
DRAFTED = """() => new Promise((done) => {
  indexedDB.open("facility-monitor").onsuccess = (opened) => {
    const asked = opened.target.result.transaction("drafts").objectStore("drafts").getAll();
    asked.onsuccess = () => done(asked.result.some((each) => each.remarks === "Shaft lamp out"));
  };
})"""


def worker(browser: Browser, house: dict[str, Any], faults: list[str]) -> tuple[BrowserContext, Page]:
    phone = browser.new_context(viewport={"width": 360, "height": 640}, locale="en-GB", has_touch=True)
    phone.set_default_timeout(20_000)
    page = phone.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(house["url"])
    page.locator("input[name=username]").fill("contractor")
    page.locator("input[type=password]").fill(house["logins"]["contractor"])
    page.keyboard.press("Enter")
    return phone, page


def measure(page: Page, floor: str, **values: str) -> None:
    page.get_by_role("button", name=f"Floor {floor},").click()
    for name, value in values.items():
        page.locator(f".floor input[name={name}]").fill(value)


def certify(page: Page) -> None:
    for number, certificate in enumerate(("T5301-0417", "T5301-0522")):
        page.get_by_label("Name", exact=True).nth(number).fill(f"Worker {number}")
        page.get_by_label("Certificate no.").nth(number).fill(certificate)


def stored(database_url: str, elevator_id: int) -> list[Any]:
    """The tests of an elevator that did not come with the demo."""
    with create_engine(database_url).connect() as connection:
        asked = select(elevator_test).where(elevator_test.c.equipment_id == elevator_id)
        asked = asked.where(func.coalesce(elevator_test.c.reason, "") != "demo history")
        return list(connection.execute(asked.order_by(elevator_test.c.id)))


def test_a_weekly_test_on_the_phone_is_judged_as_one_types_and_answered_floor_by_floor(
    browser: Browser, house: dict[str, Any], database_url: str
) -> None:
    faults: list[str] = []
    _, page = worker(browser, house, faults)
    expect(page).to_have_url(f"{house['url']}/lifts")  # what is due comes first
    due = page.locator("section", has=page.get_by_role("heading", name="Due"))
    expect(page.locator("section", has=page.get_by_role("heading", name="Missed"))).to_contain_text("Missed")
    assert fits(page)
    due.get_by_role("link", name="Elevator 1 · Elevator test, weekly").click()
    expect(page.locator("input[name='door.clear_width_mm']")).to_have_value("900")  # as in the last test

    measure(page, "1", leveling_down_mm="3", door_open_s="2600")
    expect(page.locator(".floor")).to_contain_text("must lie between 0.5 and 60 s, looks like ms")
    page.locator(".floor input[name=door_open_s]").fill("2,6")
    expect(page.locator(".floor")).to_contain_text("≤ 4 s")
    page.locator(".floor input[name=door_open_s]").press("Enter")  # the keyboard's own key leads on
    expect(page.locator(".floor input[name=door_close_s]")).to_be_focused()
    page.get_by_role("button", name="Next: floor 2").click()
    page.locator(".floor input[name=leveling_up_mm]").fill("14")
    page.get_by_role("button", name="Change sign: Level, coming up").click()
    expect(page.locator(".floor input[name=leveling_up_mm]")).to_have_value("-14")
    expect(page.locator(".floor")).to_contain_text("Failed")
    photo = {"name": "sill.jpg", "mimeType": "image/jpeg", "buffer": a_picture(size=(320, 240), colour=(90, 60, 20))}
    page.locator("input[type=file]").first.set_input_files(photo)  # type: ignore[arg-type]
    certify(page)
    assert fits(page)
    page.get_by_role("button", name="Send (failed: opens a ticket)").click()

    expect(page.locator(".test-verdict")).to_contain_text("1 failed")
    floor = page.locator(".test-floors > li").first
    expect(floor).to_contain_text("Floor 2")
    expect(floor).to_contain_text("-14 mm")
    expect(floor).to_contain_text("GB/T 10058-2023")
    expect(page.get_by_role("link", name="Repair ticket")).to_be_visible()
    expect(page.locator(".photos img")).to_be_visible()
    (kept,) = stored(database_url, house["el-1"])
    assert kept.passed is False
    assert kept.content["floors"][0] == {"floor": "1", "leveling_down_mm": 3, "door_open_s": 2.6}

    page.get_by_role("button", name="Correct").click()
    measure(page, "2", leveling_up_mm="-4")
    page.get_by_role("button", name="Send the test").click()
    expect(page.locator(".pane-action [role=alert]")).to_have_text("Say why it is corrected")
    page.get_by_label("Why it is corrected").fill("Ruler misread")
    page.get_by_role("button", name="Send the test").click()
    expect(page.locator(".test-verdict")).to_contain_text("Passed")
    page.goto(f"{house['url']}/elevators/{house['el-1']}/tests")
    expect(page.locator("li.is-replaced")).to_contain_text("Corrected by test")
    assert fits(page)
    assert faults == []


def test_a_spreadsheet_that_is_refused_says_in_the_readers_language_which_cell_is_wrong(
    browser: Browser, house: dict[str, Any]
) -> None:
    faults: list[str] = []
    _, page = worker(browser, house, faults)
    page.locator("details.upload summary").click()
    lines = f"elevator_id,performed_at,floor,leveling_up_mm\n{house['el-1']},2026/3/2 15:30,1,1.2 cm\n"
    chosen = page.locator("details.upload input[type=file]")
    for locale, said in (("en", "Input should be a valid number"), ("zh-CN", "应为数字")):
        kept = json.dumps({"locale": locale, "theme": "system"})
        page.evaluate("kept => localStorage.setItem('facility-monitor.preferences', kept)", kept)
        page.reload()
        page.locator("details.upload summary").click()
        chosen.set_input_files({"name": "tests.csv", "mimeType": "text/csv", "buffer": lines.encode()})
        expect(page.locator(".upload-answer")).to_contain_text(said)
        expect(page.locator(".upload-answer")).to_contain_text("leveling_up_mm")
        chosen.set_input_files({"name": "tests.csv", "mimeType": "text/csv", "buffer": "电梯,时间".encode()})
        expect(page.locator("details.upload .fault")).to_contain_text(
            "Line 1" if locale == "en" else "第 1 行：应为表头"
        )
    chosen.focus()
    # the hidden control scrolls with its pane, and makes the page no longer than the screen
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert fits(page)
    assert faults == []


def test_a_test_without_a_network_is_a_draft_then_waits_and_is_kept_once(
    browser: Browser, house: dict[str, Any], database_url: str
) -> None:
    faults: list[str] = []
    phone, page = worker(browser, house, faults)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_role("heading", name="Due")).to_be_visible()
    wait_until(lambda: page.evaluate(KEPT))
    phone.set_offline(True)
    form = f"{house['url']}/elevators/{house['el-2']}/test"
    page.goto(form)
    measure(page, "1", leveling_down_mm="2")
    page.get_by_label("Remarks").fill("Shaft lamp out")
    wait_until(lambda: page.evaluate(DRAFTED))
    page.goto(form)  # the browser was closed in between
    expect(page.get_by_label("Remarks")).to_have_value("Shaft lamp out")
    expect(page.get_by_role("button", name="Floor 1, measured")).to_be_visible()
    page.locator(".door-fields").get_by_role("radio", name="centre").check()
    page.locator("input[name='door.clear_width_mm']").fill("900")
    certify(page)
    page.get_by_role("button", name="Send the test").click()
    waiting = page.locator("section", has=page.get_by_role("heading", name="Tests that wait to be sent"))
    expect(waiting).to_contain_text("el-2")
    assert stored(database_url, house["el-2"]) == []

    # the answer of the first sending is lost on its way: what is sent again is the same test
    lost: list[Any] = []

    def lose(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route("**/tests", lose)
    with page.expect_event("requestfailed", lambda request: request.method == "POST"):
        phone.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    page.goto(f"{house['url']}/lifts")
    expect(waiting).to_have_count(0)
    assert [each.status for each in lost] == [201]
    (kept,) = stored(database_url, house["el-2"])
    assert kept.content["remarks"] == "Shaft lamp out"
    assert faults == []
