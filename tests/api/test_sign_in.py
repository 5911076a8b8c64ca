"""Signing in and out, sessions, API keys, and what stops them."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from httpx import Response

from facility_monitor.api.app import create_app
from facility_monitor.domain.person import SCOPES, Role, Scope
from facility_monitor.flows.people import passwords
from facility_monitor.settings import Settings
from tests.api.world import PASSWORD, Caller, World


def _sign_in(client: TestClient, username: str = "engineer", password: str = PASSWORD, **headers: str) -> Response:
    answer: Response = client.post(
        "/api/v1/session", json={"username": username, "password": password}, headers=headers
    )
    return answer


def test_a_log_in_gives_a_cookie_and_a_token_that_both_work(world: World) -> None:
    browser = world.anonymous()
    answer = _sign_in(browser)
    assert answer.status_code == 201
    body = answer.json()
    assert body["person"]["username"] == "engineer"
    assert body["person"]["on_duty"] is True
    assert body["expires_at"] == "2026-03-02T20:00:00Z"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie

    me = browser.get("/api/v1/session")
    assert me.json()["person"] == body["person"]
    assert me.json()["scopes"] == sorted(SCOPES[Role.ENGINEER])
    assert Caller(world.anonymous(), body["token"]).get("/session").json() == me.json()


def test_the_cookie_is_secure_behind_https(world: World, tmp_path: Path) -> None:
    https = TestClient(world.app, base_url="https://testserver")
    assert "Secure" in _sign_in(https).headers["set-cookie"]
    settings = Settings(_env_file=None, public_url="https://watch.example")
    proxied = TestClient(create_app(settings, world.database, now=world.clock), base_url="http://watch.example")
    assert "Secure" in _sign_in(proxied).headers["set-cookie"]


def test_only_a_hash_of_a_token_is_kept(world: World) -> None:
    token = _sign_in(world.anonymous()).json()["token"]
    key = world.as_("engineer").post("/keys", {"name": "k", "scopes": ["read:plant"]}).json()["secret"]
    with world.tx() as tx:
        kept = [str(tuple(row)) for table in ("session", "api_key") for row in tx.exec_driver_sql(f"TABLE {table}")]
    for secret in (token, token.removeprefix("fms_"), key, key.split("_", 2)[2]):
        assert not any(secret in row for row in kept)


@pytest.mark.parametrize(
    ("username", "password"), [("engineer", "not the password"), ("nobody", PASSWORD), ("engineer", PASSWORD + " ")]
)
def test_a_wrong_log_in_does_not_tell_what_is_wrong(world: World, username: str, password: str) -> None:
    answer = _sign_in(world.anonymous(), username, password)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "user name or password is wrong"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("username", ["engineer", "nobody"])
def test_a_wrong_log_in_costs_one_hash_whether_the_name_is_known_or_not(
    world: World, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []

    class Spy(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its own name
            costs.append(str(hash).split("$")[2:4])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_ARGON2", Spy())
    assert _sign_in(world.anonymous(), username, "wrong").status_code == 401
    assert costs == [["v=19", "m=19456,t=2,p=1"]]


def test_user_names_are_not_case_sensitive_and_passwords_are(world: World) -> None:
    assert _sign_in(world.anonymous(), " Engineer ").status_code == 201
    assert _sign_in(world.anonymous(), password=PASSWORD.upper()).status_code == 401


def test_a_disabled_person_cannot_sign_in_and_is_signed_out_at_once(world: World) -> None:
    engineer = world.as_("engineer")
    key = engineer.post("/keys", {"name": "k", "scopes": ["read:plant"]}).json()["secret"]
    by_key = Caller(world.anonymous(), key)
    assert by_key.get("/sites").status_code == 200
    path = f"/people/{world.ids['engineer']}"
    assert world.as_("admin").change("PATCH", path, 1, {"disabled": True}).status_code == 200
    assert engineer.get("/session").status_code == 401
    assert by_key.get("/sites").status_code == 401
    assert _sign_in(world.anonymous()).status_code == 401
    assert world.as_("admin").change("PATCH", path, 2, {"disabled": False}).status_code == 200
    assert engineer.get("/session").status_code == 401
    assert _sign_in(world.anonymous()).status_code == 201


def test_a_session_ends_after_its_hours_and_when_it_is_told_to(world: World) -> None:
    browser = world.anonymous()
    _sign_in(browser)
    world.clock.move(hours=11, minutes=59)
    assert browser.get("/api/v1/session").status_code == 200
    world.clock.move(minutes=1)
    assert browser.get("/api/v1/session").status_code == 401

    _sign_in(browser)
    token = browser.cookies["fm_session"]
    assert browser.delete("/api/v1/session", headers={"Origin": "http://testserver"}).status_code == 204
    assert "fm_session" not in browser.cookies
    assert Caller(world.anonymous(), token).get("/session").status_code == 401


@pytest.mark.parametrize(
    "credential",
    ["", "x", "fms_x", "fm_", "fm_x", "fm_0123456789abcdef_x", "fm__", "Bearer", "fms_engineer\u00e9", "a" * 5000],
)
def test_a_false_credential_is_refused(same_world: World, credential: str) -> None:
    headers = {"Authorization": f"Bearer {credential}".encode()}
    answer = same_world.anonymous().get("/api/v1/session", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/docs#not-signed-in"


def test_a_false_authorization_is_not_mended_by_a_good_cookie(world: World) -> None:
    browser = world.anonymous()
    _sign_in(browser)
    for header in ("Bearer wrong", "Basic eDp5", "Bearer"):
        assert browser.get("/api/v1/session", headers={"Authorization": header}).status_code == 401, header


# --- cross-site requests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://elsewhere.example"}, 200),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
    ],
)
def test_a_change_by_cookie_must_come_from_our_own_pages(world: World, headers: dict[str, str], status: int) -> None:
    browser = world.anonymous()
    _sign_in(browser)
    assert browser.patch("/api/v1/session", json={"locale": "zh-CN"}, headers=headers).status_code == status
    assert browser.get("/api/v1/session", headers=headers).status_code == 200


def test_another_site_cannot_sign_somebody_in(world: World) -> None:
    assert _sign_in(world.anonymous(), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert _sign_in(world.anonymous(), Origin="http://elsewhere.example").status_code == 403


# --- throttling ---------------------------------------------------------------------------------------------------


def test_after_five_failures_a_name_rests_until_the_oldest_is_a_quarter_of_an_hour_old(world: World) -> None:
    client = world.anonymous()
    for _ in range(5):
        assert _sign_in(client, password="wrong").status_code == 401
        world.clock.move(minutes=1)
    refused = _sign_in(client)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == str(10 * 60)
    assert _sign_in(client, "manager").status_code == 201
    world.clock.move(minutes=10)
    assert _sign_in(client).status_code == 201


def test_a_success_forgives_the_failures_before_it(world: World) -> None:
    client = world.anonymous()
    for _ in range(3):
        for _ in range(4):
            assert _sign_in(client, password="wrong").status_code == 401
        assert _sign_in(client).status_code == 201


def test_after_twenty_failures_an_address_rests_whatever_the_name(world: World) -> None:
    client = world.anonymous()
    for number in range(20):
        assert _sign_in(client, f"guess{number}", "wrong").status_code == 401
    assert _sign_in(client).status_code == 429
    elsewhere = TestClient(world.app, client=("10.0.0.9", 5))
    assert _sign_in(elsewhere).status_code == 201


def test_addresses_of_one_ipv6_network_count_as_one(world: World) -> None:
    for number in range(20):
        client = TestClient(world.app, client=(f"2001:db8:0:1::{number:x}", 5))
        assert _sign_in(client, f"guess{number}", "wrong").status_code == 401
    assert _sign_in(TestClient(world.app, client=("2001:db8:0:1:ffff::1", 5))).status_code == 429
    assert _sign_in(TestClient(world.app, client=("2001:db8:0:2::1", 5))).status_code == 201


def test_guesses_at_the_same_time_do_not_slip_through(world: World) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: _sign_in(world.anonymous(), password="wrong").status_code, range(12)))
    assert sorted(answers) == [401] * 5 + [429] * 7


def test_the_log_tells_of_failures_and_never_of_passwords(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _sign_in(world.anonymous(), password="wrong horse")
    _sign_in(world.anonymous(), "my secret passphrase", "wrong horse")
    _sign_in(world.anonymous())
    assert "log-in failed: engineer from testclient" in caplog.text
    assert "log-in failed: unknown name from testclient" in caplog.text
    for secret in ("wrong horse", PASSWORD, "my secret passphrase"):
        assert secret not in caplog.text


# --- passwords ----------------------------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions_and_not_this_one(world: World) -> None:
    here, there = world.anonymous(), world.anonymous()
    _sign_in(here)
    _sign_in(there)
    change = {"current_password": PASSWORD, "new_password": "wrong zebra capacitor"}
    origin = {"Origin": "http://testserver"}
    assert here.put("/api/v1/session/password", json=change, headers=origin).status_code == 204
    assert here.get("/api/v1/session").status_code == 200
    assert there.get("/api/v1/session").status_code == 401
    assert _sign_in(world.anonymous()).status_code == 401
    assert _sign_in(world.anonymous(), password="wrong zebra capacitor").status_code == 201


def test_a_password_given_by_the_admin_ends_all_sessions(world: World) -> None:
    path = f"/people/{world.ids['engineer']}/password"
    assert world.as_("admin")("PUT", path, json={"password": "wrong zebra capacitor"}).status_code == 204
    assert world.as_("engineer").get("/session").status_code == 401
    assert _sign_in(world.anonymous(), password="wrong zebra capacitor").status_code == 201
    mine = f"/people/{world.ids['admin']}/password"
    assert world.as_("admin")("PUT", mine, json={"password": "wrong zebra capacitor"}).status_code == 204
    assert world.as_("admin").get("/session").status_code == 200


def test_ones_own_password_is_not_changed_without_it(world: World) -> None:
    change = {"current_password": "wrong horse", "new_password": "wrong zebra capacitor"}
    caller = world.as_("engineer")
    for _ in range(5):
        answer = caller("PUT", "/session/password", json=change)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "current_password"
    assert caller("PUT", "/session/password", json={**change, "current_password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("password", ["short", "engineer.of.duty", "x" * 257, ""])
def test_a_poor_password_is_refused(world: World, password: str) -> None:
    new = {"username": "engineer.of.duty", "name": "E", "role": "engineer", "password": password}
    answer = world.as_("admin").post("/people", new)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"


def test_the_same_letters_are_the_same_password_however_they_are_composed(world: World) -> None:
    new = {"username": "rene", "name": "R", "role": "engineer", "password": "caf\u00e9 au lait"}
    assert world.as_("admin").post("/people", new).status_code == 201
    assert _sign_in(world.anonymous(), "rene", "cafe\u0301 au lait").status_code == 201


def test_blanks_around_a_password_are_part_of_it(world: World) -> None:
    new = {"username": "rene", "name": "R", "role": "engineer", "password": " blanks around "}
    assert world.as_("admin").post("/people", new).status_code == 201
    assert _sign_in(world.anonymous(), "rene", "blanks around").status_code == 401
    assert _sign_in(world.anonymous(), "rene", " blanks around ").status_code == 201


# --- keys ---------------------------------------------------------------------------------------------------------


def _key(world: World, username: str, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = world.as_(username).post("/keys", {"name": "test", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_key_is_shown_once_and_does_what_its_scopes_say(world: World) -> None:
    made = _key(world, "contractor", "read:plant", "read:tickets")
    assert made["secret"].startswith(f"fm_{made['id']}_")
    by_key = Caller(world.anonymous(), made["secret"])
    assert by_key.get("/sites").status_code == 200
    assert [row["code"] for row in by_key.items("/equipment")] == ["hill-el"]
    refused = by_key.get("/alarms")
    assert refused.status_code == 403
    assert "read:alarms" in refused.json()["detail"]
    assert by_key.get("/session").json()["scopes"] == ["read:plant", "read:tickets"]
    (listed,) = world.as_("contractor").items("/keys")
    assert listed == {name: value for name, value in made.items() if name != "secret"} | {
        "last_used_at": "2026-03-02T08:00:00Z"
    }


def test_a_key_never_does_more_than_its_owner_may(world: World) -> None:
    refused = world.as_("contractor").post("/keys", {"name": "x", "scopes": ["read:plant", "write:rules"]})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "scopes", "message": "beyond the role contractor: write:rules"}]

    by_key = Caller(world.anonymous(), _key(world, "manager", "read:plant", "write:rules")["secret"])
    rule = {"reason": "x"}
    assert by_key.post("/rules", rule).status_code == 422
    path = f"/people/{world.ids['manager']}"
    assert world.as_("admin").change("PATCH", path, 1, {"role": "inspector"}).status_code == 200
    assert by_key.post("/rules", rule).status_code == 403
    assert by_key.get("/sites").status_code == 200


def test_a_key_cannot_make_or_see_keys_or_change_the_account(world: World) -> None:
    by_key = Caller(world.anonymous(), _key(world, "admin", *Scope)["secret"])
    for method, path in (
        ("GET", "/keys"),
        ("POST", "/keys"),
        ("DELETE", "/keys/0a"),
        ("PATCH", "/session"),
        ("DELETE", "/session"),
        ("PUT", "/session/password"),
    ):
        bodies: dict[str, Any] = {
            "POST": {"name": "x", "scopes": ["read:plant"]},
            "PATCH": {},
            "PUT": {"current_password": "x", "new_password": "x"},
        }
        assert by_key(method, path, json=bodies.get(method)).status_code == 403, (method, path)


def test_a_key_stops_when_it_is_revoked_and_when_it_expires(world: World) -> None:
    ends = (world.clock.now + timedelta(days=1)).isoformat()
    short, lasting = _key(world, "engineer", "read:plant", expires_at=ends), _key(world, "engineer", "read:plant")
    callers = [Caller(world.anonymous(), made["secret"]) for made in (short, lasting)]
    assert [caller.get("/sites").status_code for caller in callers] == [200, 200]
    world.clock.move(days=1)
    assert [caller.get("/sites").status_code for caller in callers] == [401, 200]
    for _ in range(2):
        assert world.as_("engineer")("DELETE", f"/keys/{lasting['id']}").status_code == 204
        world.clock.move(minutes=1)
    assert callers[1].get("/sites").status_code == 401
    revoked = {row["id"]: row["revoked_at"] for row in world.as_("engineer").items("/keys")}
    assert revoked == {short["id"]: None, lasting["id"]: "2026-03-03T08:00:00Z"}


def test_a_key_that_has_expired_cannot_be_made(world: World) -> None:
    body = {"name": "x", "scopes": ["read:plant"], "expires_at": world.clock.now.isoformat()}
    assert world.as_("engineer").post("/keys", body).status_code == 422


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(world: World) -> None:
    by_key = Caller(world.anonymous(), _key(world, "engineer", "read:plant")["secret"])
    noted = []
    for seconds in (0, 30, 29, 1, 59):
        world.clock.move(seconds=seconds)
        assert by_key.get("/sites").status_code == 200
        noted.append(world.as_("engineer").items("/keys")[0]["last_used_at"])
    assert noted == ["2026-03-02T08:00:00Z"] * 3 + ["2026-03-02T08:01:00Z"] * 2


def test_keys_are_seen_and_revoked_by_their_owner_and_the_admin_only(world: World) -> None:
    made = _key(world, "engineer", "read:plant")
    owner = world.ids["engineer"]
    assert world.as_("manager").get("/keys", person=owner).status_code == 404
    assert world.as_("manager")("DELETE", f"/keys/{made['id']}").status_code == 404
    assert [row["id"] for row in world.as_("admin").items("/keys", person=owner)] == [made["id"]]
    assert world.as_("admin").items("/keys") == []
    assert world.as_("admin")("DELETE", f"/keys/{made['id']}").status_code == 204
    assert Caller(world.anonymous(), made["secret"]).get("/sites").status_code == 401


def test_half_a_key_opens_nothing(world: World) -> None:
    secret = _key(world, "engineer", "read:plant")["secret"]
    for wrong in (secret[:-1], secret + "x", secret.rpartition("_")[0], secret.upper()):
        assert Caller(world.anonymous(), wrong).get("/sites").status_code == 401
