"""The demo site: Jade Garden, a residential compound, with its people; a document as ``flows.commission`` takes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

CODE = "jade-garden"
ZONE = "Asia/Shanghai"

_ROOM = ("humidity", "temperature", "surface_temperature", "water_leak", "dehumidifier_running")
_PUMPS = ("pressure", "suction_pressure", "flow", "pump_running", "pump_starts", "water_level")
_CAR = (
    *("service_mode", "car_status", "car_direction", "door_zone", "car_position", "door_status", "passenger_status"),
    *("fault_code", "total_running_time", "present_counter_value", "door_count", "rope_bend_count"),
    *("level_trigger_count", "run_distance", "leveling_error", "door_open_time", "door_close_time"),
    "motor_temperature",
)
_SMOKE = (
    *("smoke_obscuration", "smoke_alarm", "contamination", "battery", "chamber_temperature", "rssi", "self_test"),
)
_FIRE_PUMP = ("pressure", "pump_running", "pump_starts")


def _register(n: int) -> dict[str, Any]:
    """What the register holds of an elevator; speed in m/s, load in kg."""
    return {
        "registration_code": f"3110-DEMO-{n:04}",
        "use_cert_no": f"TS-DEMO-{n:04}",
        "maker": "Demo Lifts",
        "model": "DL-1000/1.75",
        "factory_no": f"DL-18-{n:04}",
        "install_date": "2018-06-01",
        "maintenance_unit": "迅达维保有限公司 Swift Lift Maintenance",
        "use_unit": "翡翠花园 Jade Garden",
        "internal_no": f"{n}#",
        "emergency_phone": "+86 10 5555 0199",
        "floors": 18,
        "stations": 18,
        "doors": 18,
        "rated_speed": 1.75,
        "rated_load": 1000,
    }


_SUPPLY = {"pressure_set_point": 450_000}
"""Pa: the pressure that the pumps of a pump room hold."""

BUILDINGS = 4
FLOORS = 5
"""Each with two smoke detectors."""


def document(since: date) -> dict[str, Any]:
    """The site with its spaces, equipment and devices; what is checked by the calendar is in use ``since`` that day."""
    machines = list(_equipment({"installed_on": since.isoformat()}))
    return {
        "code": CODE,
        "name": _text("翡翠花园", "Jade Garden"),
        "timezone": ZONE,
        "spaces": list(_spaces()),
        "equipment": [machine for machine, _ in machines],
        "devices": [_device(machine, *device) for machine, device in machines if device],
        "organisations": [
            {
                "code": "swift-lifts",
                "name": _text("迅达维保有限公司", "Swift Lift Maintenance"),
                "phone": "+86 10 5555 0199",
            }
        ],
    }


PEOPLE = (
    # user name, name, role, organisation, sees the site by site_access
    ("admin", "系统管理员 Admin", "admin", None),
    ("manager", "王经理 Wang", "manager", None),
    ("engineer", "李工 Li", "engineer", None),
    ("contractor", "赵师傅 Zhao", "contractor", "swift-lifts"),
    ("inspector", "陈检查员 Chen", "inspector", None),
)
ON_DUTY = "engineer"


def _text(chinese: str, english: str) -> dict[str, str]:
    return {"zh-CN": chinese, "en": english}


def _spaces() -> Iterator[dict[str, Any]]:
    yield {"code": "centre", "kind": "building", "name": _text("设备中心", "Plant building")}
    yield {"code": "centre-b1", "kind": "floor", "parent": "centre", "name": _text("地下一层", "Basement")}
    for number in range(1, BUILDINGS + 1):
        building = f"b{number}"
        yield {"code": building, "kind": "building", "name": _text(f"{number} 号楼", f"Building {number}")}
        yield {"code": f"{building}-lift", "kind": "shaft", "parent": building, "name": _text("电梯井道", "Lift shaft")}
        for floor in range(1, FLOORS + 1):
            name = _text(f"{floor} 层", f"Floor {floor}")
            yield {"code": f"{building}-{floor}", "kind": "floor", "parent": building, "name": name}


def _equipment(used: dict[str, Any]) -> Iterator[tuple[dict[str, Any], tuple[str, tuple[str, ...], int] | None]]:
    """Each machine, and its device: code, keys, report period in seconds; ``used`` stands at what is checked."""
    for n in (1, 2):
        name = _text(f"{n} 号配电房", f"Distribution room {n}")
        yield _machine(f"dr-{n}", "distribution_room", name, "centre-b1"), (f"dr-{n}-env", _ROOM, 10)
        name = _text(f"{n} 号生活泵房", f"Pump room {n}")
        yield _machine(f"pr-{n}", "pump_room", name, "centre-b1", _SUPPLY), (f"pr-{n}-plc", _PUMPS, 5)
    for n in range(1, BUILDINGS + 1):
        name = _text(f"{n} 号楼电梯", f"Elevator {n}")
        yield _machine(f"el-{n}", "elevator", name, f"b{n}-lift", _register(n)), (f"el-{n}-gw", _CAR, 5)
    for n in range(1, BUILDINGS * FLOORS * 2 + 1):
        building, rest = divmod(n - 1, FLOORS * 2)
        space = f"b{building + 1}-{rest // 2 + 1}"
        name = _text(f"烟感 {n:03d}", f"Smoke detector {n:03d}")
        yield _machine(f"sd-{n:03d}", "smoke_detector", name, space, used), (f"sd-{n:03d}", _SMOKE, 60)
    for n in range(1, 13):
        building, rest = divmod(n - 1, 3)
        name = _text(f"灭火器 {n:03d}", f"Extinguisher {n:03d}")
        filled = {"subtype": "powder", "rated_pressure_mpa": 1.2, "made_on": "2022-05-10"}
        yield _machine(f"fe-{n:03d}", "extinguisher", name, f"b{building + 1}-{rest + 1}", {**filled, **used}), None
    name = _text("1 号消防泵", "Fire pump 1")
    yield _machine("fp-1", "fire_pump", name, "centre-b1", used), ("fp-1-plc", _FIRE_PUMP, 10)
    for code, kind, chinese, english, space in (
        ("hy-1", "hydrant", "1 号楼消火栓", "Hydrant, building 1", "b1-1"),
        ("panel-1", "fire_panel", "消防控制主机", "Fire panel", "centre"),
        ("lake-1", "lake", "景观湖", "Lake", "centre"),
        ("grounds-1", "grounds", "园区", "Grounds", "centre"),
    ):
        yield _machine(code, kind, _text(chinese, english), space, used), None


def _machine(
    code: str, kind: str, name: dict[str, str], space: str, attributes: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"code": code, "kind": kind, "name": name, "space": space, "attributes": attributes or {}}


def _device(machine: dict[str, Any], code: str, keys: tuple[str, ...], period_s: int) -> dict[str, Any]:
    points = [{"key": key, "report_period_s": period_s} for key in keys]
    return {"code": code, "name": machine["name"], "equipment": machine["code"], "points": points}
