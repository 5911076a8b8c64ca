"""All routes at once: closed without a sign-in, described completely, with examples that are valid requests."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from facility_monitor import errors
from facility_monitor.api.app import create_app
from facility_monitor.api.problems import KINDS
from facility_monitor.domain.person import SCOPES, Role
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.elevator import elevator_warnings
from tests.api.test_messages import token
from tests.api.world import World
from tests.documents import a_pdf
from tests.pictures import a_picture

_OPEN = {
    *(("POST", "/api/v1/session"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")),
    # the token in the path is what lets in
    *(("POST", f"/api/v1/messages/{{token}}/{verb}") for verb in ("delivered", "opened", "acknowledge")),
}


def _document() -> dict[str, Any]:
    nowhere = Database("postgresql://localhost/nowhere", pool=1)
    return create_app(Settings(_env_file=None), nowhere).openapi()


DOCUMENT = _document()


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


OPERATIONS = list(_operations())
LINKED = "/api/v1/inspection/"
"""Below it a link stands for the sign-in: closed without one, but no role opens it."""
CLOSED = [(method, path) for method, path, _ in OPERATIONS if (method, path) not in _OPEN]


def _fill_in(path: str, number: int = 1) -> str:
    return path.replace("{key_id}", "0a").format_map(_Numbers(number))


class _Numbers(dict[str, int]):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, _name: str) -> int:
        return self._number


def test_every_route_but_few_needs_a_sign_in(same_world: World) -> None:
    client = same_world.anonymous()
    for method, path in CLOSED:
        for headers in ({}, {"Authorization": "Bearer fms_wrong"}, {"Cookie": "fm_session=wrong"}):
            answer = client.request(method, _fill_in(path), headers=headers)
            assert answer.status_code == 401, (method, path, headers, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == 'Bearer realm="facility-monitor"'
    assert len(CLOSED) > 70


@pytest.mark.parametrize("role", list(Role))
def test_a_route_is_open_to_a_role_exactly_if_the_role_has_its_scopes(world: World, role: Role) -> None:
    caller = world.as_(role.value)
    for method, path, operation in OPERATIONS:
        if (method, path) in _OPEN or path.endswith(("/session", "/session/password", "/events")):
            continue
        if path.startswith(LINKED):
            continue
        needed = set(operation["security"][0]["bearer"])
        answer = caller(method, _fill_in(path, 2**31 - 1).removeprefix("/api/v1"), headers={"If-Match": '"1"'})
        missing = needed - SCOPES[role]
        if missing:
            assert answer.status_code == 403, (method, path, answer.text)
            assert all(scope in answer.json()["detail"] for scope in missing)
        elif answer.status_code == 403:  # allowed, but only for who sees all sites
            assert role is Role.MANAGER
            assert "every site" in answer.json()["detail"]
        else:
            assert answer.status_code in (200, 404, 422), (method, path, answer.text)


def test_every_route_is_described() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    for method, path, operation in OPERATIONS:
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["tags"], where
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            if status == "204":
                assert not content, where
            elif int(status) >= 400 and path != "/readyz":
                schema = content["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (where, status)
            else:
                assert content, (where, status)
                assert all(each["schema"] for each in content.values()), (where, status)
        if path.startswith("/api/v1"):
            statuses = {int(status) for status in operation["responses"]}
            asked = {503} if (method, path) in _OPEN else {503, 401}
            asked |= {422} if operation.get("parameters") or operation.get("requestBody") else set()
            asked |= {413} if operation.get("requestBody") else set()
            parameters = str(operation.get("parameters"))
            asked |= {412} if "If-Match" in parameters else set()
            asked |= {428} if "If-Match" in parameters and "optional: the ETag" not in parameters else set()
            asked |= {404} if "{" in path else set()
            assert asked <= statuses, (where, asked - statuses)
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]


def test_every_parameter_and_answer_is_reachable_by_a_known_shape() -> None:
    known = DOCUMENT["components"]["schemas"]

    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"].rpartition("/")[2]
            for each in node.values():
                yield from references(each)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    assert set(references(DOCUMENT)) <= set(known)


def _bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for method, path, operation in OPERATIONS:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            names = [each["$ref"].rpartition("/")[2] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
            yield method, path, DOCUMENT["components"]["schemas"][names[0]]


def test_every_body_has_an_example_and_refuses_unknown_fields() -> None:
    for method, path, schema in _bodies():
        assert schema.get("examples"), (method, path)
        assert schema.get("additionalProperties") is False, (method, path)


def test_every_example_is_a_valid_request(world: World) -> None:
    """Each is sent as it stands in the document, to things that exist."""
    message = token(world, world.raise_alarm("hill-dr"))
    world.as_("admin").post("/mappings", _example("POST", "/api/v1/mappings"))
    things = {
        "/people/{person_id}": "inspector",
        "/people/{person_id}/password": "inspector",
        "/duty/{shift_id}": "shift",
        "/channels/{channel_id}": "channel",
        "/rules/{rule_id}": "hill-humid",
        "/elevators/{elevator_id}/tests": "hill-el",
        "/elevators/{elevator_id}/parts": "hill-el",
        "/elevators/{elevator_id}/counters": "hill-el",
        "/alarms/{alarm_id}/reset": "latched",
    }
    world.ids["latched"] = world.raise_alarm("hill-el")
    with world.tx() as tx:
        tx.exec_driver_sql(
            "UPDATE alarm SET active = false, acknowledged = true, latched = true WHERE id = %s",
            (world.ids["latched"],),
        )
        tx.exec_driver_sql(
            "INSERT INTO upkeep_task (plan, equipment_id, first, last, until) VALUES (%s, %s, %s, %s, %s)",
            ("extinguisher-monthly", world.ids["hill-dr"], "2026-02-01", "2026-02-28", "2026-03-01"),
        )
    refused = {}
    for method, path, schema in _bodies():
        if path.startswith("/api/v1/tickets/{ticket_id}/"):
            _prepare_ticket(world, path.rpartition("/")[2])
        if path.startswith("/api/v1/elevator-warnings/{warning_id}/"):
            world.ids["warning"] = _new_warning(world)
            things[path.removeprefix("/api/v1")] = "warning"
        name = things.get(path.removeprefix("/api/v1"))
        target = _fill_in(path.replace("{token}", message), world.ids[name] if name else 1).removeprefix("/api/v1")
        (body,) = schema["examples"]
        if path.endswith("/session/password"):
            body = {**body, "current_password": "correct horse battery"}
        if path.endswith("/technical-files"):
            sent = world.as_("admin")("POST", f"/files?equipment_id={body['equipment_id']}", content=a_pdf()).json()
            body = {**body, "files": [{"sha256": sent["sha256"]}]}
        if path.endswith("/upkeep-waivers"):
            body = {**body, "equipment_ids": [world.ids["hill-dr"]]}
        if path.endswith("/duty/{shift_id}/swaps"):
            body = {**body, "person_id": world.ids["engineer"]}
        if path.endswith("/mappings"):
            body = {**body, "topic_filter": "another/+"}
        if (method, path) == ("POST", "/api/v1/session"):
            answer = world.anonymous().post(path, json=body)
        else:
            who, more = ("chief", {}) if path.endswith(_BY_ANOTHER) else ("admin", {"If-Match": '"1"'})
            who = "manager" if path.endswith("/duty/{shift_id}/swaps") else who  # who has the shift since it was given
            answer = world.as_(who)(method, target, json=body, headers=more if "/tickets/" not in path else {})
        if not answer.is_success:
            refused[method, path] = answer.text
    assert refused == {}


def _new_warning(world: World) -> int:
    """Of a measurement of its own, since only one of each is live."""
    limit = {"direction": "within", "value": 10, "unit": "mm", "standard": "x", "clause": "x", "grade": "P"}
    forecast = {
        "unit": "mm",
        "level": 7.0,
        "slope_per_day": 0.1,
        "slope_error_per_day": 0.01,
        "tests": 8,
        "crosses": 10,
        "limit": {**limit, "effective_from": "2024-04-01"},
        "earliest_at": "2026-03-20T00:00:00Z",
        "latest_at": None,
    }
    of = {"site_id": world.ids["hill"], "equipment_id": world.ids["hill-el"], "quantity": "leveling"}
    times = dict.fromkeys(("opened_at", "looked_at", "expected_at"), world.clock.now)
    with world.tx() as tx:
        floor = str(tx.exec_driver_sql("SELECT count(*) FROM elevator_warning").scalar_one())
        return elevator_warnings.add(tx, [{**of, **times, "floor": floor, "state": "open", "forecast": forecast}])[0]


_BY_ANOTHER = ("/approve", "/refuse", "/verify", "/exception", "/assign")
"""What another person does than who works on the ticket."""


def _prepare_ticket(world: World, verb: str) -> None:
    """Bring ticket 1 to where ``verb`` is in place, whatever came before."""
    admin = world.as_("admin")
    with world.tx() as tx:
        tx.exec_driver_sql("DELETE FROM ticket_hold")
        tx.exec_driver_sql(
            "UPDATE ticket SET state = 'open', closed_at = NULL, closing_note = NULL, held_since = NULL,"
            " held_until = NULL WHERE id = 1"
        )
        if verb == "follow-up":
            tx.exec_driver_sql("INSERT INTO follow_up (ticket_id, due_at) VALUES (1, now())")
        if verb == "reasons":
            tx.exec_driver_sql(
                "UPDATE ticket SET opened_at = opened_at - interval '9 days', due_at = due_at - interval '9 days'"
                " WHERE id = 1"
            )
        if verb in ("approve", "refuse"):
            tx.exec_driver_sql("ALTER TABLE ticket_hold ALTER id RESTART")
        if verb == "reopen":
            closed = "UPDATE ticket SET state = 'closed', closed_at = %s WHERE id = 1"
            tx.exec_driver_sql(closed, (world.clock.now,))
    if verb in ("assign", "reopen"):
        return
    admin.post("/tickets/1/accept")
    hold = {"note": "x", "substitute": "x", "until": "2026-03-04T00:00:00Z"}
    if verb in ("approve", "refuse", "resume"):
        number = admin.post("/tickets/1/holds", hold).json()["holds"][-1]["id"]
        if verb == "resume":
            world.as_("chief").post(f"/tickets/1/holds/{number}/approve", {})
    if verb in ("verify", "exception", "close"):
        fields = {"equipment_id": str(world.ids["hill-dr"])}
        sent = admin("POST", "/photos", files={"file": ("a.jpg", a_picture())}, data=fields).json()
        photo = {"sha256": sent["sha256"], "purpose": "after"}
        assert admin.post("/tickets/1/repaired", {"note": "x", "photos": [photo]}).is_success
    with world.tx() as tx:
        tx.exec_driver_sql("UPDATE point SET report_period_s = NULL")
        tx.exec_driver_sql(
            "UPDATE alarm SET active = %s, acknowledged = false, cleared_at = NULL,"
            " returned_at = raised_at - interval '1 day'",
            (verb == "exception",),
        )


def _example(method: str, path: str) -> Any:
    return next(schema["examples"][0] for *where, schema in _bodies() if where == [method, path])


def test_every_error_of_the_tree_has_a_status_of_its_own() -> None:
    tree = {
        each
        for each in vars(errors).values()
        if inspect.isclass(each) and issubclass(each, errors.FacilityMonitorError)
    }
    assert set(KINDS) == tree - {errors.FacilityMonitorError, errors.BadSettings}
    statuses = [kind.status for kind in KINDS.values()]
    assert len(set(statuses)) == len(statuses)


def test_the_page_for_people_names_every_route_and_needs_nothing_from_elsewhere(same_world: World) -> None:
    answer = same_world.anonymous().get("/docs")
    assert answer.status_code == 200
    for method, path, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in answer.text, (method, path)
    for kind in KINDS.values():
        assert f'id="{kind.name}"' in answer.text
    assert "http://" not in answer.text.replace("http(s)://", "")
    assert "<script" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert same_world.anonymous().get("/openapi.json").json() == DOCUMENT


def test_two_apps_in_one_process_have_nothing_in_common(world: World, tmp_path: Path) -> None:
    other = create_app(Settings(_env_file=None, session_hours=1), world.database, now=world.clock, dist=tmp_path)
    assert other.state.parts is not world.app.state.parts
    world.as_("admin").get("/sites")
    assert 'operation="list_sites"' in world.anonymous().get("/metrics").text
    there = TestClient(other)
    assert 'operation="list_sites"' not in there.get("/metrics").text
    body = {"username": "engineer", "password": "correct horse battery"}
    assert there.post("/api/v1/session", json=body).json()["expires_at"] == "2026-03-02T09:00:00Z"
    with TestClient(world.app), TestClient(other):
        assert world.app.state.parts.feed is not other.state.parts.feed
