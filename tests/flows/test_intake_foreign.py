"""What only foreign devices do: send units, tell history, die as a gateway with all that stands behind it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from facility_monitor.domain.instant import SECOND, Instant
from facility_monitor.domain.reading.telemetry import Packet, Reason, Reject, Status, Telemetry
from facility_monitor.store.database import Database
from facility_monitor.store.tables import device, reading
from facility_monitor.store.tables import reject as rejected
from tests.flows.test_intake import T0, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def telemetry(
    values: dict[str, float],
    units: dict[str, str] | None = None,
    *,
    code: str = "plc-1",
    at: Instant = T0,
    historical: bool = False,
) -> Telemetry:
    return Telemetry(None, code, at, None, values, Packet("t", b"{}", T0 + 60 * SECOND), units, historical)


def values(desk: Desk) -> list[float]:
    return [value for (value,) in desk.rows(select(reading.c.value).order_by(reading.c.point_id))]


def test_a_value_is_stored_in_its_points_unit(desk: Desk) -> None:
    receipt = desk.take(telemetry({"pressure": 0.45, "water_level": 250}, {"pressure": "MPa", "water_level": "cm"}))
    assert (receipt.stored, receipt.rejects) == (2, [])
    assert values(desk) == [450_000.0, 2.5]


def test_a_value_without_a_unit_beside_one_with_a_unit_is_in_its_points_own(desk: Desk) -> None:
    desk.take(telemetry({"pressure": 450_000.0, "water_level": 250}, {"water_level": "cm"}))
    assert values(desk) == [450_000.0, 2.5]


@pytest.mark.parametrize("unit", ["furlong", "Cel", "", "mpa"])
def test_an_unknown_unit_is_a_reject_and_never_a_guess(desk: Desk, unit: str) -> None:
    receipt = desk.take(telemetry({"pressure": 1.0, "water_level": 2.0}, {"pressure": unit}))
    assert (receipt.received, receipt.stored) == (2, 1)
    assert [each.reason for each in receipt.rejects] == [Reason.UNKNOWN_UNIT]


def test_a_value_that_its_unit_makes_infinite_is_a_reject(desk: Desk) -> None:
    receipt = desk.take(telemetry({"pressure": 1e308}, {"pressure": "MPa"}))
    assert [each.reason for each in receipt.rejects] == [Reason.BAD_VALUE]


def test_a_message_costs_one_reject_for_each_reason_however_many_values_are_wrong(desk: Desk) -> None:
    message = telemetry({f"nonsense-{n}": 1.0 for n in range(1000)} | {"pressure": 1.0}, {"pressure": "furlong"})
    wrong = [Reject(message.packet, Reason.BAD_VALUE, f"value {n}") for n in range(3)]
    receipt = desk.take(message, *wrong, telemetry({"more": 1.0})._replace(packet=Packet("t", b"[]", T0)))
    assert receipt.received == 1005
    assert [(each.reason, each.stands_for) for each in receipt.rejects] == [
        (Reason.UNKNOWN_POINT, 1000),
        (Reason.UNKNOWN_UNIT, 1),
        (Reason.BAD_VALUE, 3),
        (Reason.UNKNOWN_POINT, 1),
    ]
    details = [detail for (detail,) in desk.rows(select(rejected.c.detail).order_by(rejected.c.id))]
    assert details[0] == "plc-1: nonsense-0 (and 999 more)"


LOW, FINE = 300_000.0, 450_000.0


def test_history_moves_no_delay_and_hides_no_later_value(desk: Desk) -> None:
    history = [telemetry({"pressure": LOW}, at=T0 + n * SECOND, historical=True) for n in range(40, 60)]
    assert desk.take(telemetry({"pressure": FINE}), *history).stored == 21
    assert not desk.due(200)
    assert desk.tick(200).transitions == 0
    assert desk.events() == []
    # what is told now is judged against the last value that was told live
    desk.take(*(telemetry({"pressure": LOW - 1}, at=T0 + n * SECOND) for n in (50, 55, 85)))
    assert desk.events()[0] == ("alarm_raised", 80.0)


def test_history_raises_no_alarm_and_ends_none(desk: Desk) -> None:
    assert desk.take(telemetry({"smoke_alarm": 1.0}, code="sd-1", at=T0 - 30 * SECOND, historical=True)).stored == 1
    assert desk.events() == []
    desk.take(telemetry({"smoke_alarm": 1.0}, code="sd-1"))
    desk.take(telemetry({"smoke_alarm": 0.0}, code="sd-1", at=T0 + 30 * SECOND, historical=True))
    assert [kind for kind, _ in desk.events() if kind.startswith("alarm")] == ["alarm_raised"]


def test_when_a_gateway_dies_all_behind_it_is_offline(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        tx.execute(text("UPDATE device SET address = 'Plant/edge-1/' || code WHERE code IN ('plc-1', 'foreign-1')"))
        tx.execute(text("UPDATE device SET address = 'Plant/edge-10/sd' WHERE code = 'sd-1'"))
    receipt = desk.take(Status(None, "Plant/edge-1", False, Packet("t", b"", T0), behind=True))
    assert receipt.rejects == []
    states = dict(desk.rows(select(device.c.code, device.c.state)))
    assert states == {"plc-1": "offline", "foreign-1": "offline", "sd-1": "unknown"}


def test_the_death_of_a_gateway_that_nobody_knows_is_a_reject(desk: Desk) -> None:
    receipt = desk.take(Status(None, "Plant/edge-1", False, Packet("t", b"", T0), behind=True))
    assert [each.reason for each in receipt.rejects] == [Reason.UNKNOWN_DEVICE]
