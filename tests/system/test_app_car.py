"""The page of an elevator on a phone: the car in its shaft as the readings come, and what it has been through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select

from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading.reading import Quality, Reading, unnumbered
from facility_monitor.store.database import Database
from facility_monitor.store.reading import readings
from facility_monitor.store.tables import point
from simulators.elevator import Elevator
from simulators.incidents import Incident, Incidents
from tests.system.test_app import FLAGS
from tests.system.test_app_parts import entered, fits, house  # noqa: F401


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


def heard(database_url: str, elevator_id: int, values: dict[str, Any], at: datetime) -> None:
    """What a gateway tells of an elevator, as if it had come in."""
    database = Database(database_url, pool=1)
    with database.transaction() as tx:
        ids = {
            row.key: row.id
            for row in tx.execute(select(point.c.key, point.c.id).where(point.c.equipment_id == elevator_id))
        }
        when = instant(at)
        rows = [
            Reading(ids[key], when, unnumbered(float(value)), float(value), Quality.GOOD, when)
            for key, value in values.items()
        ]
        readings.insert(tx, rows)
    database.close()


def test_the_car_moves_on_the_page_as_the_readings_come(
    browser: Browser,
    house: dict[str, Any],  # noqa: F811
    database_url: str,
) -> None:
    faults: list[str] = []
    lift, now = house["el-1"], datetime.now(UTC)
    car = Elevator("el-1-gw", 7, Incidents(now.timestamp(), [Incident("door_fault", -600, 300)]))
    told: dict[str, Any] = {}
    for message in car.run(now.timestamp() - 700):
        if message.at > now.timestamp() - 20:
            break
        heard(database_url, lift, {**message.values}, datetime.fromtimestamp(message.at, UTC))
        told |= message.values
    page = entered(browser, house, "engineer", 360, faults)
    page.goto(f"{house['url']}/equipment/{lift}")
    place = page.locator(".car-floor")
    expect(place).to_contain_text(str(told["car_position"]))
    counters = page.locator(".car-counters")
    expect(counters).to_contain_text(f"{told['present_counter_value']:,}")
    expect(page.locator("section", has=page.get_by_role("heading", name="Last faults"))).to_contain_text(
        "Door does not close"
    )
    expect(page.locator("section", has=page.get_by_role("heading", name="Weekly tests"))).to_contain_text("Passed")
    assert fits(page)

    where = 3 if told["car_position"] != 3 else 5
    heard(database_url, lift, {"car_position": where, "car_status": 1, "car_direction": 1}, datetime.now(UTC))
    expect(place).to_contain_text(f"Floor{where}▲")
    expect(page.get_by_role("img", name=f"The car is at floor {where} of 18")).to_be_visible()
    heard(database_url, lift, {"fault_code": 11, "car_status": 0}, datetime.now(UTC) + timedelta(seconds=1))
    expect(page.get_by_role("alert").filter(has_text="People are trapped")).to_be_visible()
    assert faults == []
