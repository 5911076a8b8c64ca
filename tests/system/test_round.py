"""The round on a phone, with a network and without one: what is due, a form with its verdicts, photos, two signatures;
and an inspector's link from the matrix down to the photo. In a real browser on the real API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import func, insert, select

from facility_monitor.demo.embedded import free_port
from facility_monitor.domain.person import Role
from facility_monitor.flows.fire import duties, inspection
from facility_monitor.flows.people import people
from facility_monitor.flows.plant.commission import commission
from facility_monitor.service import Part, Service
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import alarm, equipment, equipment_check, evidence_use, ticket, upkeep_task
from tests.documents import LOG
from tests.pictures import a_picture
from tests.system.test_app import FLAGS, PASSWORD, wait_until

DAY = timedelta(days=1)
KEPT = """() => new Promise((done) => {
  indexedDB.open("facility-monitor").onsuccess = (opened) => {
    const asked = opened.target.result.transaction("answers").objectStore("answers").getAllKeys();
    asked.onsuccess = () => done(["check-forms", "session", "sites"].every((name) => asked.result.includes(name)));
  };
})"""
"""Whether the phone has kept what a round needs."""


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": en}


def the_site(since: datetime) -> dict[str, Any]:
    used = {"installed_on": f"{since:%Y-%m-%d}"}
    old = {"subtype": "co2", "place_class": "basement", "made_on": "2013-05-10"}
    pieces: tuple[tuple[str, str, str, str, str, dict[str, str]], ...] = (
        ("ext-1", "extinguisher", "灭火器 1", "Extinguisher 1", "b1", old),
        ("fp-1", "fire_pump", "消防泵 1", "Fire pump 1", "b1", {}),
        ("panel", "fire_panel", "消防主机", "Fire panel", "f1", {}),
        ("hyd-1", "hydrant", "消火栓 1", "Hydrant 1", "f1", {}),
        ("lake", "lake", "景观湖", "Lake", "f1", {}),
    )
    return {
        "code": "hill",
        "name": words("山庄", "Hill"),
        "timezone": "Asia/Shanghai",
        "spaces": [
            {"code": "house", "kind": "building", "name": words("一号楼", "Building 1")},
            {"code": "b1", "kind": "floor", "parent": "house", "name": words("地下一层", "Basement")},
            {"code": "f1", "kind": "floor", "parent": "house", "name": words("一层", "Floor 1")},
        ],
        "equipment": [
            {"code": code, "kind": kind, "name": words(zh, en), "space": space, "attributes": {**used, **more}}
            for code, kind, zh, en, space, more in pieces
        ],
    }


class House:
    def __init__(self, database: Database, url: str, token: str) -> None:
        self.database = database
        self.url = url
        self.token = token

    def checks(self) -> list[Any]:
        with self.database.transaction() as tx:
            rows = tx.execute(select(equipment_check, equipment.c.code).join(equipment).order_by(equipment_check.c.id))
            return list(rows.all())

    def count(self, table: Any) -> int:
        with self.database.transaction() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    now = datetime.now(UTC)
    database, address = Database(database_url, pool=2), f"127.0.0.1:{free_port()}"
    settings = Settings(_env_file=None, database_url=database_url, http=address, data_dir=tmp_path)
    with database.transaction() as tx:
        site_id = commission(tx, the_site(now - 40 * DAY), "test", now)
        manager = people.add_person(tx, "li", "李强", Role.MANAGER, PASSWORD, "en", None, now)
        people.grant_sites(tx, manager, [site_id])
        account = accounts.by_id(tx, manager, now)
        assert account is not None
        first, last = (now - 35 * DAY).date(), (now + 40 * DAY).date()
        key = signing_key.kept(settings.signing_key)
        _, token = inspection.make(tx, site_id, first, last, "yearly", now + DAY, account.person, key, now)
    with Service(settings, [Part.API]):
        yield House(database, f"http://{address}", token)
    database.close()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="en-GB", has_touch=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext, house: House) -> Iterator[Page]:
    """Signed in, at the round; the service worker has what it needs to open without a network."""
    page = phone.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(house.url)
    page.locator("input[name=username]").fill("li")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Round").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("to do today")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(KEPT)
    yield page
    assert faults == []


def answer(page: Page, question: str, answered: str) -> None:
    page.get_by_role("group", name=question).get_by_role("radio", name=answered, exact=True).check()


def sign(page: Page, *certificates: str) -> None:
    for index, certificate in enumerate(certificates):
        name = page.get_by_label("Name", exact=True).nth(-len(certificates) + index)
        if not name.input_value():
            name.fill(f"Person {index}")
        page.get_by_label("Certificate no.").nth(index).fill(certificate)


def photograph(page: Page, colour: tuple[int, int, int]) -> None:
    picture = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_picture(size=(320, 240), colour=colour)}
    page.get_by_label("Take a photo").set_input_files(picture)  # type: ignore[arg-type]
    expect(page.locator(".photos img").last).to_be_visible()


def add_log(page: Page) -> None:
    log = {"name": "记录 log.csv", "mimeType": "text/csv", "buffer": LOG}
    page.get_by_label("Add a file (PDF, CSV)").set_input_files(log)  # type: ignore[arg-type]
    expect(page.get_by_text("记录 log.csv")).to_be_visible()


def test_a_code_opens_the_form_that_is_due_and_each_entry_is_judged_as_one_types(page: Page, house: House) -> None:
    page.get_by_role("button", name="Scan a label").click()
    page.get_by_label("Code of the equipment").fill("no-such")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("There is no equipment “no-such”.")).to_be_visible()
    page.get_by_label("Code of the equipment").fill("EXT-1")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Extinguisher check")
    # carbon dioxide has no gauge: it is weighed, and the form knows
    page.get_by_label("gross weight when filled").fill("10,2")
    page.get_by_label("agent delivered").fill("5")
    page.get_by_label("gross weight now").fill("10.195")
    loss = page.locator(".derived").first
    expect(loss).to_contain_text("Passed")
    page.get_by_label("gross weight now").fill("9.9")
    expect(loss).to_contain_text("Failed")
    expect(loss).to_contain_text("GB 50444-2008")
    page.get_by_role("button", name="Submit (failed: opens a ticket)").click()
    expect(page.locator(".pane-action [role=alert]")).to_have_text("5 entries are missing or wrong")
    assert house.checks() == []
    for question in ("in place, not hidden", "seal and pin in order", "body without rust or dents"):
        answer(page, question, "Yes")
    answer(page, "nozzle and hose in order", "Yes")
    sign(page, "A-1182")
    photograph(page, (200, 40, 40))
    page.get_by_role("button", name="Submit (failed: opens a ticket)").click()
    expect(page.get_by_text("Entered just now")).to_be_visible()
    (check,) = house.checks()
    assert (check.code, check.passed, check.content["values"]["gross_kg"]) == ("ext-1", False, 9.9)
    assert (house.count(ticket), house.count(evidence_use)) == (1, 2)
    page.get_by_role("link", name="Extinguisher check").first.click()
    expect(page.locator(".check-entry img")).to_be_visible()
    expect(page.get_by_role("link", name="Repair ticket")).to_be_visible()


def test_a_piece_says_when_it_is_to_be_serviced_and_scrapped_and_by_which_rule(page: Page, house: House) -> None:
    with house.database.transaction() as tx:
        number = tx.execute(select(equipment.c.id).where(equipment.c.code == "ext-1")).scalar_one()
    page.goto(f"{house.url}/equipment/{number}")
    scrap = page.get_by_role("listitem").filter(has_text="scrap")
    expect(scrap).to_contain_text("was due May 10, 2025")
    expect(scrap).to_contain_text("XF 95 CO2 and stored-pressure cylinders: 12 years (L)")


def test_what_is_entered_without_a_network_waits_on_the_phone_and_is_kept_once(
    page: Page, phone: BrowserContext, house: House
) -> None:
    phone.set_offline(True)
    page.goto(f"{house.url}/round")
    expect(page.get_by_text("No network: these are the tasks kept on this phone", exact=False)).to_be_visible()
    page.get_by_role("link", name="Fire pump linkage test").click()
    answer(page, "occasion", "quarterly")
    for label, value in (("start signal to running", "48"), ("standby pump takes over", "60")):
        page.get_by_label(label).fill(value)
    for label, value in (("supplies switched over", "1.4"), ("pressure", "0.85"), ("flow", "40")):
        page.get_by_label(label).fill(value)
    answer(page, "panel shows that the pump runs", "Yes")
    answer(page, "started by a detector or button", "Yes")
    photograph(page, (20, 160, 60))
    add_log(page)
    sign(page, "A-1182", "a- 1182")
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.locator(".pane-action [role=alert]")).to_be_visible()  # one person is not two
    sign(page, "A-1182", "A-0917")
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_text("Waits to be sent", exact=True)).to_be_visible()
    page.reload()  # the phone was put away, or ran out
    expect(page.get_by_text("Waits to be sent", exact=True)).to_be_visible()
    assert house.checks() == []
    before = datetime.now(UTC)
    phone.set_offline(False)
    wait_until(lambda: len(house.checks()) == 1)
    expect(page.get_by_text("Waits to be sent", exact=True)).to_have_count(0)
    (check,) = house.checks()
    assert (check.form, check.passed, len(check.content["signatures"])) == ("fire-pump-linkage", True, 2)
    assert check.performed_at < before <= check.received_at + DAY
    assert house.count(evidence_use) == 2


def test_an_answer_that_is_lost_is_asked_for_again_and_the_check_is_kept_once(page: Page, house: House) -> None:
    lost = []

    def lose(route: Any) -> None:
        lost.append(route.fetch())  # the server has it; the phone never hears so
        route.abort()

    page.route("**/api/v1/checks", lose, times=1)
    page.get_by_role("link", name="Lake water pH").click()
    page.get_by_label("pH", exact=True).fill("7,1")
    answer(page, "clear, no smell", "Yes")
    sign(page, "A-1182")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/checks")):
        page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_text("Waits to be sent", exact=True)).to_be_visible()
    assert [each.status for each in lost] == [201]
    page.reload()
    expect(page.get_by_text("Entered just now")).to_be_visible()
    assert len(house.checks()) == 1


def test_the_calendar_tells_what_was_missed_and_what_will_be_due(page: Page, house: House) -> None:
    page.get_by_role("link", name="Calendar").click()
    expect(page.get_by_role("heading", name="Daily fire patrol")).to_be_visible()
    page.get_by_role("button", name="Day before").click()
    expect(page.locator(".task-state.missed").first).to_be_visible()
    page.get_by_label("Day", exact=True).fill(f"{datetime.now(UTC) + 90 * DAY:%Y-%m-%d}")
    expect(page.locator(".task-state.planned").first).to_be_visible()


def test_a_manager_waives_what_was_missed_and_an_inspector_reads_why(
    page: Page, browser: Browser, house: House
) -> None:
    last = (datetime.now(UTC) - 20 * DAY).date()
    task = {"plan": "hydrant-monthly", "first": last.replace(day=1), "last": last, "until": last + DAY}
    with house.database.transaction() as tx:
        hydrant = tx.execute(select(equipment.c.id).where(equipment.c.code == "hyd-1")).scalar_one()
        tx.execute(insert(upkeep_task).values(equipment_id=hydrant, **task))
        duties.review(tx, datetime.now(UTC))
        number = tx.execute(
            select(alarm.c.id).where(alarm.c.seen["en"].astext.startswith("Hydrant check"))
        ).scalar_one()
    page.goto(f"{house.url}/alarms/{number}")
    page.get_by_role("button", name="Waive…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("textbox").fill("closed by the water works")
    sheet.get_by_role("button", name="Waive 1").click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_text("All of it was made up for", exact=False)).to_be_visible()
    with house.database.transaction() as tx:
        waived = tx.execute(select(upkeep_task.c.waived_for).where(upkeep_task.c.equipment_id == hydrant)).scalars()
        assert set(waived) == {"closed by the water works"}
    desk = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    seen = desk.new_page()
    seen.goto(f"{house.url}/inspection/{house.token}")
    seen.get_by_role("radio", name="EN").check()
    expect(seen.get_by_role("row", name="Hydrant 1").get_by_text("waived 1")).to_be_visible()
    expect(seen.locator(".waiver").get_by_text("closed by the water works")).to_be_visible()
    desk.close()


def test_an_inspector_goes_from_the_matrix_to_the_entry_and_its_photo(
    page: Page, browser: Browser, house: House
) -> None:
    page.get_by_role("link", name="Hydrant check").click()
    for question in ("has water", "hose, nozzle and button there", "no leak, no rust"):
        answer(page, question, "Yes")
    photograph(page, (40, 40, 200))
    add_log(page)
    sign(page, "A-1182")
    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_text("Entered just now")).to_be_visible()
    desk = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    seen = desk.new_page()
    seen.goto(f"{house.url}/inspection/{house.token}")
    seen.get_by_role("radio", name="EN").check()
    row = seen.get_by_role("row", name="Hydrant 1")
    row.get_by_role("button", name="✓ done 1").click()
    expect(seen.get_by_text("has water")).to_be_visible()
    with seen.expect_download() as log:
        seen.get_by_role("link", name="记录 log.csv").click()
    assert log.value.path().read_bytes() == LOG
    picture = seen.locator(".check-entry img")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()  # it is fetched when it comes into sight
    wait_until(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"))
    with seen.expect_download() as bundle:
        seen.get_by_role("dialog").get_by_role("button", name="Back to the matrix").click()
        seen.get_by_role("link", name="Download everything").click()
    assert bundle.value.path().stat().st_size > 1000
    # the code on a printed page leads here, and what it names is looked up
    seen.goto(f"{house.url}/inspection/{house.token}?head=1-{'0' * 16}")
    expect(seen.get_by_text("names a head (entry 1) that the ledger does not have", exact=False)).to_be_visible()
    seen.goto(f"{house.url}/inspection/{house.token[:-1]}{'x' if house.token[-1] != 'x' else 'y'}")
    expect(seen.get_by_text("The link is unknown, has expired or was revoked")).to_be_visible()
    desk.close()
