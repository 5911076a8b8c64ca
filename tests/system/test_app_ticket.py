"""A ticket on two phones: taken, repaired with a photo, signed for and closed; opened again where that did not hold."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.pictures import a_picture
from tests.system.test_app import PASSWORD, House, browser, house, page, signed_in

__all__ = ["browser", "house", "page"]


def say(page: Page, note: str, action: str) -> None:
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("textbox").first.fill(note)
    sheet.get_by_role("button", name=action, exact=True).click()
    expect(sheet).to_have_count(0)


def test_a_ticket_goes_its_way_and_what_was_not_repaired_goes_on_by_the_first_clock(
    page: Page, browser: Browser, house: House, tmp_path: Path
) -> None:
    house.smoke(1)
    expect(page.get_by_text("Fire alarm").first).to_be_visible()
    page.goto(f"{house.url}/tickets/1")
    deadline = page.locator(".ticket-deadline p.minor")
    due = deadline.inner_text()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="I am on site").click()
    page.get_by_role("button", name="Report repaired").click()
    say(page, "Detector replaced", "Report repaired")
    picture = tmp_path / "after.jpg"
    picture.write_bytes(a_picture())
    page.get_by_label("Photo after").set_input_files(picture)
    expect(page.get_by_role("img", name="after", exact=False)).to_be_visible()
    chief = signed_in(browser, house, "wang")
    other = next(chief)
    other.goto(f"{house.url}/tickets/1")
    other.get_by_role("button", name="Sign an exception").click()
    other.get_by_label("My password").fill(PASSWORD)
    say(other, "The old detector is in the bag, it reports by itself", "Sign")
    other.get_by_role("button", name="Close…").click()
    other.get_by_role("checkbox").check()
    say(other, "New detector works", "Sign and close")
    expect(page.locator(".steps [aria-current=step]")).to_contain_text("Closed")
    page.get_by_role("button", name="It is back").click()
    say(page, "It beeps again", "Open again")
    expect(page.locator(".steps [aria-current=step]")).to_contain_text("Open")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    expect(deadline).to_have_text(due)
    expect(page.get_by_text("It beeps again")).to_be_visible()
    next(chief, None)
