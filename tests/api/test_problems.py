"""What is answered when something is wrong: always a problem, which names the field and nothing of our inside."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from facility_monitor.api.app import create_app
from facility_monitor.api.guard import LARGEST_BODY
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.tables import rule_state
from facility_monitor.store.views import sites
from tests.api.world import World


def _problem(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    assert set(body) <= {"type", "title", "status", "detail", "instance", "errors"}
    assert body["status"] == status
    assert body["type"].startswith("/docs#")
    assert body["title"]
    assert body["detail"]
    return body


def _fields(answer: Response) -> list[str]:
    return [each["field"] for each in _problem(answer, 422)["errors"]]


def _send(world: World, path: str, body: bytes, content_type: str = "application/json") -> Response:
    return world.as_("admin")("POST", path, content=body, headers={"Content-Type": content_type})


def test_bad_json_says_where_it_breaks(same_world: World) -> None:
    answer = _send(same_world, "/sites", b'{"code": "x",')
    assert _fields(answer) == ["body"]
    assert "not JSON" in answer.json()["errors"][0]["message"]
    assert "character 13" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b"\x00", b"[" * 100_000])
def test_bytes_that_are_no_json_are_refused(same_world: World, body: bytes) -> None:
    answer = _send(same_world, "/sites", body)
    _problem(answer, answer.status_code)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"1", b'"x"'])
def test_a_body_must_be_an_object(same_world: World, body: bytes) -> None:
    assert _fields(_send(same_world, "/sites", body)) == ["body"]


def test_a_body_must_say_that_it_is_json(world: World) -> None:
    body = b'{"code": "x", "name": {"en": "x"}}'
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert _fields(_send(world, "/sites", body, content_type)) == ["body"]
    assert _send(world, "/sites", body).status_code == 201


SITE = {"code": "dale", "name": {"en": "Dale"}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": None}, "code"),
        ({"code": 5}, "code"),
        ({"code": "Dale"}, "code"),
        ({"code": "d" * 65}, "code"),
        ({"code": "da/le"}, "code"),
        ({"name": "Dale"}, "name"),
        ({"name": {}}, "name"),
        ({"name": {"fr": "Val"}}, "name.fr"),
        ({"name": {"en": ""}}, "name.en"),
        ({"name": {"en": "  "}}, "name.en"),
        ({"name": {"en": "x" * 201}}, "name.en"),
        ({"name": {"en": "a\u0000b"}}, "name.en"),
        ({"name": {"en": "a\nb"}}, "name.en"),
        ({"name": {"en": ["x"]}}, "name.en"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"colour": "blue"}, "colour"),
        ({"version": 7}, "version"),
    ],
)
def test_a_wrong_field_is_named(same_world: World, change: dict[str, Any], field: str) -> None:
    assert _fields(same_world.as_("admin").post("/sites", {**SITE, **change})) == [field]


def test_blanks_around_a_line_are_nobodys_wish(world: World) -> None:
    answer = world.as_("admin").post("/sites", {"code": "dale\n", "name": {"en": " Dale  "}})
    assert answer.status_code == 201
    assert (answer.json()["code"], answer.json()["name"]) == ("dale", {"en": "Dale"})


def test_half_a_surrogate_pair_is_refused(same_world: World) -> None:
    assert _fields(_send(same_world, "/sites", b'{"code": "dale", "name": {"en": "\\ud800"}}')) == ["name.en"]
    equipment = b'{"site_id": 1, "kind": "pump", "code": "p", "name": {"en": "P"}, "attributes": {"x": "\\udfff"}}'
    assert _fields(_send(same_world, "/equipment", equipment)) == ["attributes"]


def test_all_wrong_fields_are_named_at_once(same_world: World) -> None:
    answer = same_world.as_("admin").post("/equipment", {"site_id": "1", "kind": "X", "code": "", "attributes": []})
    assert _fields(answer) == ["site_id", "kind", "code", "name", "attributes"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, '"80"', "true", "null"])
def test_numbers_are_finite_numbers(world: World, number: str) -> None:
    rule = {
        "code": "r",
        "name": {"en": "x"},
        "severity": "low",
        "scope": {"metric": "humidity"},
        "limit": {"level": "high", "value": "@", "unit": "%RH"},
        "response": {"en": "x"},
        "basis": {"source": "x", "grade": "P"},
        "reason": "x",
    }
    body = json.dumps(rule).replace('"@"', number).encode()
    assert _fields(_send(world, "/rules", body)) == ["limit.value"]
    equipment = '{"site_id": 1, "kind": "pump", "code": "p", "name": {"en": "P"}, "attributes": {"x": [@]}}'
    answer = _send(world, "/equipment", equipment.replace("@", number).encode())
    assert answer.status_code == (201 if number in ('"80"', "true", "null") else 422), answer.text


def test_free_attributes_have_a_size_and_a_depth(world: World) -> None:
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    base = {"site_id": world.ids["hill"], "kind": "pump", "code": "p", "name": {"en": "P"}}
    for attributes in ({"x": deep}, {"x": "y" * 30_000}, {f"x{n}": n for n in range(30_000)}, {"a\u0000": 1}):
        assert _fields(world.as_("admin").post("/equipment", {**base, "attributes": attributes})) == ["attributes"]
    assert world.as_("admin").post("/equipment", {**base, "attributes": {"x": [1, {"y": None}]}}).status_code == 201


def test_a_huge_body_is_refused_with_and_without_a_length(same_world: World) -> None:
    huge = json.dumps({**SITE, "name": {"en": "x" * LARGEST_BODY}}).encode()

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(huge), 65_536):
            yield huge[start : start + 65_536]

    for body in (huge, in_pieces()):
        headers = {"Content-Type": "application/json"}
        answer = same_world.as_("admin")("POST", "/sites", content=body, headers=headers)
        assert _problem(answer, 413)["detail"] == "at most 1000000 bytes"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sites?limit=0", "limit"),
        ("/sites?limit=501", "limit"),
        ("/sites?limit=x", "limit"),
        ("/sites/x", "site_id"),
        ("/sites/0", "site_id"),
        ("/sites/99999999999999999999", "site_id"),
        ("/alarms/9999999999999999999", "alarm_id"),
        ("/alarms?state=on", "state.0"),
        ("/alarms?severity=high&severity=bad", "severity.1"),
        ("/alarms?from=yesterday", "from"),
        ("/alarms?from=2026-03-02T08:00:00", "from"),
        ("/alarms?from=0001-01-01T00:00:00%2B14:00", "from"),
        ("/alarms?to=9999-12-31T23:59:59-14:00", "to"),
        ("/equipment?q=%00", "q"),
        ("/equipment?q=", "q"),
        ("/equipment?site=x", "site"),
        ("/tickets?assignee=you", "assignee"),
        ("/points/1/readings?order=up", "order"),
        ("/rejects?reason=none", "reason"),
    ],
)
def test_a_wrong_parameter_is_named(same_world: World, path: str, field: str) -> None:
    answer = same_world.as_("admin").get(path)
    assert {each.partition(".")[0] for each in _fields(answer)} == {field.partition(".")[0]}


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/api/v2/sites", "/api/v1/", "/api/v1/sites/", "/x.php"])
def test_an_unknown_route_is_a_problem_too(same_world: World, path: str) -> None:
    _problem(same_world.anonymous().get(path, follow_redirects=False), 404)


def test_a_method_that_a_route_has_not_is_a_problem_that_names_those_it_has(same_world: World) -> None:
    answer = same_world.anonymous().delete("/api/v1/sites")
    _problem(answer, 405)
    assert answer.headers["allow"]
    _problem(same_world.anonymous().post("/now"), 405)


def test_a_change_without_a_version_and_from_an_old_one(world: World) -> None:
    admin, path = world.as_("admin"), f"/sites/{world.ids['hill']}"
    changes = {"timezone": "UTC"}
    _problem(admin("PATCH", path, json=changes), 428)
    for tag in ("1", "*", 'W/"1"', '"1", "2"', '"x"', '"0"', '"-1"', '""', ""):
        answer = admin("PATCH", path, json=changes, headers={"If-Match": tag})
        assert _fields(answer) == ["If-Match"], tag
    assert admin.change("PATCH", path, 1, changes).status_code == 200
    _problem(admin.change("PATCH", path, 1, changes), 412)


def test_an_unexpected_error_tells_a_number_that_stands_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of the service")

    monkeypatch.setattr(sites, "sites", fail)
    with caplog.at_level(logging.ERROR):
        answer = world.as_("admin").get("/sites")
    body = _problem(answer, 500)
    assert "inside" not in answer.text
    assert body["instance"].rpartition(":")[2] in caplog.text
    assert "the inside of the service" in caplog.text


def test_what_the_database_refuses_for_our_own_fault_is_no_fault_of_the_caller(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        with world.tx() as tx:
            tx.execute(insert(rule_state).values(rule_id=1, point_id=1, phase="no such phase", since=world.clock.now))

    with pytest.raises(IntegrityError):
        fail()
    monkeypatch.setattr(sites, "sites", fail)
    assert "phase" not in str(_problem(world.as_("admin").get("/sites"), 500))


def test_a_database_that_is_away_is_503_and_soon_again(tmp_path: Path) -> None:
    database = Database("postgresql://127.0.0.1:1/nowhere?connect_timeout=1", pool=1)
    client = TestClient(create_app(Settings(_env_file=None), database, dist=tmp_path))
    answer = client.get("/api/v1/sites", headers={"Authorization": "Bearer fms_x"})
    _problem(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "127.0.0.1" not in answer.text
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "not ready", "checks": {"database": "away"}}
    assert client.get("/healthz").json() == {"status": "ok"}
    database.close()


def test_every_answer_forbids_sniffing_framing_and_caching(same_world: World) -> None:
    for path in ("/api/v1/nothing", "/healthz", "/docs", "/"):
        headers = same_world.anonymous().get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] in ("no-store", "no-cache")
        assert "strict-transport-security" not in headers
    https = TestClient(same_world.app, base_url="https://testserver")
    assert "strict-transport-security" in https.get("/healthz").headers


def test_a_day_at_the_ends_of_the_calendar_is_refused_wherever_one_is_asked_for(same_world: World) -> None:
    """Counting weeks from it would leave the calendar."""
    asked = 0
    for path, operations in same_world.app.openapi()["paths"].items():
        query = [each for each in operations.get("get", {}).get("parameters", ()) if each["in"] == "query"]
        days = [each["name"] for each in query if '"format": "date"' in json.dumps(each["schema"])]
        for name in days if "{" not in path else ():
            for day in ("0001-01-01", "9999-12-31"):
                needed = dict.fromkeys(days, "2026-03-02") | {name: day, "site": same_world.ids["hill"]}
                answer = same_world.as_("manager").get(path.removeprefix("/api/v1"), **needed)
                assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [name]), path
                asked += 1
    assert asked >= 20
