"""A contractor's program posts tests: what it is told, what it is refused, and what happens when it sends again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from facility_monitor.domain.person import Scope
from facility_monitor.store import kept_answers
from facility_monitor.store.tables import contract, elevator_test, kept_answer, ledger, ticket
from tests.api.elevator import a_test, path, register, with_key
from tests.api.world import World
from tests.pictures import a_picture


@pytest.fixture
def lifts(world: World) -> World:
    register(world)
    return world


@pytest.fixture
def same_lifts(same_world: World) -> Iterator[World]:
    """For requests that are refused."""
    register(same_world)
    yield same_world
    register(same_world, attributes={})


def kept(world: World) -> int:
    with world.tx() as tx:
        return tx.execute(select(func.count()).select_from(elevator_test)).scalar_one()


# --- one test -------------------------------------------------------------------------------------------------


def test_a_test_is_answered_value_by_value_with_the_limit_of_its_day(lifts: World) -> None:
    answer = with_key(lifts).post(path(lifts), a_test())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == f"/api/v1/elevator-tests/{body['id']}"
    assert (body["passed"], body["failures"], body["ticket"]) == (True, 0, None)
    assert (body["performed_at"], body["received_at"]) == ("2026-03-02T07:30:00Z", "2026-03-02T08:00:00Z")
    assert body["elevator"]["code"] == "hill-el"
    assert body["submitted_by"]["name"] == "Contractor"
    judged = [(each["floor"], each["field"], each["value"], each["passed"]) for each in body["items"]]
    assert judged == [
        ("1", "leveling_down_mm", -3, True),
        ("1", "door_open_s", 2.6, True),
        ("2", "leveling_up_mm", 4, True),
        ("2", "leveling_down_mm", -2, True),
        ("2", "closing_force_n", 128, True),
    ]
    assert body["items"][1]["limit"]["value"] == 4.0
    assert body["items"][4]["limit"] == {
        "direction": "at_most",
        "value": 150,
        "unit": "N",
        "standard": "GB/T 7588.1-2020",
        "clause": "5.3.6.2.2.1, force to prevent closing",
        "grade": "O",
        "effective_from": "2022-07-01",
    }
    assert with_key(lifts).get(f"/elevator-tests/{body['id']}").json() == body


def test_a_failed_test_says_which_ticket_follows_and_the_contractor_sees_it(lifts: World) -> None:
    contractor = lifts.as_("contractor")
    body = contractor.post(path(lifts), a_test(floors=[{"floor": "2", "leveling_up_mm": 14}])).json()
    assert (body["passed"], body["failures"]) == (False, 1)
    assert (body["ticket"]["state"], body["ticket"]["due_at"]) == ("open", "2026-03-04T08:00:00Z")
    shown = contractor.get(f"/tickets/{body['ticket_id']}").json()
    assert (shown["cause"], shown["title"]["en"]) == ("elevator-test-failed", "Elevator test failed")
    history = contractor.items(f"/tickets/{body['ticket_id']}/ledger")
    assert [each["kind"] for each in history] == ["elevator_test_recorded", "ticket_opened"]


def test_a_late_entry_is_marked_with_both_times(lifts: World) -> None:
    late = a_test(performed_at="2026-03-01T07:59:59Z", reason="No network in the shaft")
    body = with_key(lifts).post(path(lifts), late).json()
    assert body["late_entry"] is True
    assert (body["performed_at"], body["received_at"]) == ("2026-03-01T07:59:59Z", "2026-03-02T08:00:00Z")
    assert body["reason"] == "No network in the shaft"
    assert not with_key(lifts).post(path(lifts), a_test()).json()["late_entry"]


def test_the_elevators_are_listed_with_their_register_and_their_last_test(lifts: World) -> None:
    contractor = with_key(lifts)
    (before,) = contractor.items("/elevators")
    assert (before["floors"], before["rated_speed"], before["maker"]) == (list("123456"), 1.75, "Lifts & Co")
    assert (before["last_test"], before["registration_code"]) == (None, None)
    first = contractor.post(path(lifts), a_test()).json()["id"]
    second = contractor.post(path(lifts), a_test(corrects=first, reason="x", remarks="y")).json()["id"]
    (after,) = contractor.items("/elevators")
    assert after["last_test"]["id"] == second
    shown = contractor.get(f"/elevators/{lifts.ids['hill-el']}").json()
    assert [(each["id"], each["corrected_by"]) for each in shown["latest_tests"]] == [(second, None), (first, second)]


def test_tests_are_listed_in_parts_newest_first(lifts: World) -> None:
    contractor = lifts.as_("contractor")
    moments = ["2026-03-02T07:30:00Z", "2026-02-24T07:30:00Z", "2026-02-24T07:30:00Z", "2026-01-04T07:30:00Z"]
    made = [
        contractor.post(path(lifts), a_test(performed_at=at, remarks=str(n))).json()["id"]
        for n, at in enumerate(moments)
    ]
    listed = [row["id"] for row in contractor.items(path(lifts), limit=1)]
    assert listed == [made[0], made[2], made[1], made[3]]


def test_a_register_with_nonsense_in_it_is_shown_as_far_as_it_can_be(lifts: World) -> None:
    with lifts.tx() as tx:
        tx.exec_driver_sql(
            """UPDATE equipment SET attributes = '{"floors": "many", "rated_speed": [1], "model": {"x": 1}}'"""
        )
    shown = lifts.as_("manager").get(f"/elevators/{lifts.ids['hill-el']}").json()
    assert (shown["floors"], shown["rated_speed"], shown["model"]) == (None, None, None)
    assert lifts.as_("manager").post(path(lifts), a_test()).status_code == 201


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"performed_at": "2026-03-02T09:00:00Z"}, "performed_at"),
        ({"performed_at": "2026-03-02T07:00:00"}, "performed_at"),
        ({"performed_at": "yesterday"}, "performed_at"),
        ({"performed_at": 1772436600}, "performed_at"),
        ({"performed_at": "1970-01-01T00:00:00Z"}, "performed_at"),
        ({"workers": []}, "workers"),
        ({"workers": [{"name": "A", "certificate_no": "1"}]}, "workers"),
        ({"workers": [{"name": "A", "certificate_no": "1"}, {"name": "B", "certificate_no": "1"}]}, "workers"),
        ({"workers": [{"name": "A", "certificate_no": "1"}, {"name": "B"}]}, "workers.1.certificate_no"),
        (
            {"workers": [{"name": "A", "certificate_no": "-"}, {"name": "B", "certificate_no": "1"}]},
            "workers.0.certificate_no",
        ),
        (
            {"floors": [{"floor": n, "leveling_up_mm": 0.4, "leveling_down_mm": -0.3} for n in range(1, 7)]},
            "floors.0.leveling_up_mm",
        ),
        ({"floors": []}, "floors"),
        ({"floors": [{"floor": 1}]}, "floors.0"),
        ({"floors": [{"floor": 7, "leveling_up_mm": 1}]}, "floors.0.floor"),
        ({"floors": [{"floor": 1.5, "leveling_up_mm": 1}]}, "floors.0.floor"),
        ({"floors": [{"leveling_up_mm": 1}]}, "floors.0.floor"),
        ({"floors": [{"floor": 1, "leveling_up_mm": 1}, {"floor": "1", "leveling_up_mm": 1}]}, "floors.1.floor"),
        ({"floors": [{"floor": 1, "leveling_up_mm": 351}]}, "floors.0.leveling_up_mm"),
        ({"floors": [{"floor": 1, "leveling_up_mm": "3"}]}, "floors.0.leveling_up_mm"),
        ({"floors": [{"floor": 1, "leveling_up_mm": True}]}, "floors.0.leveling_up_mm"),
        ({"floors": [{"floor": 1, "leveling": 3}]}, "floors.0.leveling"),
        ({"floors": [{"floor": 1, "door_close_s": 0.4}]}, "floors.0.door_close_s"),
        ({"floors": [{"floor": 1, "door_open_s": 3200}]}, "floors.0.door_open_s"),
        ({"door": None}, "door"),
        ({"door": {"type": "revolving", "clear_width_mm": 900}}, "door.type"),
        ({"door": {"type": "side", "clear_width_mm": 90}}, "door.clear_width_mm"),
        ({"speed": {"rated_m_s": 1.0, "measured_m_s": 1.0}}, "speed.rated_m_s"),
        ({"speed": {"measured_m_s": 105}}, "speed.measured_m_s"),
        ({"vibration": {"vertical_m_s2": 30}}, "vibration.vertical_m_s2"),
        ({"corrects": 99, "reason": "x"}, "corrects"),
        ({"corrects": 2**63, "reason": "x"}, "corrects"),
        ({"remarks": "a\0b"}, "remarks"),
        ({"photo": "x"}, "photo"),
    ],
)
def test_bad_input_is_refused_with_the_path_of_the_field_and_nothing_is_kept(
    same_lifts: World, changes: dict[str, Any], field: str
) -> None:
    answer = with_key(same_lifts).post(path(same_lifts), a_test(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [each["field"] for each in answer.json()["errors"]], answer.text
    with same_lifts.tx() as tx:
        for table in (elevator_test, ledger, ticket, kept_answer):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "-" + "9" * 5000])
def test_a_number_that_is_none_is_refused(same_lifts: World, number: str) -> None:
    written = json.dumps(a_test(floors=[{"floor": 1, "leveling_up_mm": 7777}])).replace("7777", number)
    headers = {"Content-Type": "application/json"}
    one = with_key(same_lifts)("POST", path(same_lifts), content=written, headers=headers)
    assert (
        one.status_code,
        {each["field"] for each in one.json()["errors"]} <= {"body", "floors.0.leveling_up_mm"},
    ) == (422, True)
    many = f'{{"tests": [{written}]}}'
    batch = with_key(same_lifts)("POST", "/elevator-tests:batch", content=many, headers=headers)
    assert batch.status_code == 422 or batch.json()["refused"] == 1, batch.text
    assert kept(same_lifts) == 0


def test_all_that_is_wrong_is_told_at_once(same_lifts: World) -> None:
    wrong = a_test(
        performed_at="2027-01-01T00:00:00Z",
        workers=[],
        floors=[{"floor": 9, "leveling_up_mm": 1200, "door_open_s": 0.1}],
        door={"type": "side", "clear_width_mm": 1.1},
    )
    errors = with_key(same_lifts).post(path(same_lifts), wrong).json()["errors"]
    assert {each["field"] for each in errors} == {
        *("performed_at", "workers", "door.clear_width_mm"),
        *("floors.0.floor", "floors.0.leveling_up_mm", "floors.0.door_open_s"),
    }


# --- sent again -----------------------------------------------------------------------------------------------


def test_the_same_test_twice_is_a_conflict_that_names_the_first(lifts: World) -> None:
    contractor = with_key(lifts)
    first = contractor.post(path(lifts), a_test()).json()["id"]
    other_order = a_test(floors=a_test()["floors"][::-1], performed_at="2026-03-02T07:30:00Z")
    for again in (a_test(), other_order):
        answer = contractor.post(path(lifts), again)
        assert (answer.status_code, answer.json()["existing"]) == (409, first)
    assert contractor.post(path(lifts), a_test(remarks="another")).status_code == 201


def test_under_the_same_key_the_same_request_gets_the_same_answer_and_is_done_once(lifts: World) -> None:
    contractor = with_key(lifts)
    headers = {"Idempotency-Key": "2026-W10/hill-el"}
    first = contractor("POST", path(lifts), json=a_test(), headers=headers)
    again = contractor("POST", path(lifts), json=a_test(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert kept(lifts) == 1


def test_under_the_same_key_another_request_is_refused(lifts: World) -> None:
    register(lifts, "hill-el", "vale-el")
    admin = lifts.as_("admin")
    headers = {"Idempotency-Key": "k"}
    assert admin("POST", path(lifts), json=a_test(), headers=headers).status_code == 201
    for where, body in ((path(lifts), a_test(remarks="x")), (path(lifts, "vale-el"), a_test())):
        answer = admin("POST", where, json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert kept(lifts) == 1


def test_a_key_is_its_owners_own_and_forgotten_after_a_week(lifts: World) -> None:
    headers = {"Idempotency-Key": "k"}
    assert with_key(lifts)("POST", path(lifts), json=a_test(), headers=headers).status_code == 201
    manager = with_key(lifts, "manager")("POST", path(lifts), json=a_test(remarks="x"), headers=headers)
    assert manager.status_code == 201
    lifts.clock.move(days=7)
    assert with_key(lifts)("POST", path(lifts), json=a_test(remarks="y"), headers=headers).status_code == 201
    with lifts.tx() as tx:
        assert kept_answers.prune(tx, lifts.clock.now) == 1


def test_a_refused_request_uses_up_no_key(lifts: World) -> None:
    contractor = with_key(lifts)
    headers = {"Idempotency-Key": "k"}
    assert contractor("POST", path(lifts), json=a_test(workers=[]), headers=headers).status_code == 422
    assert contractor("POST", path(lifts), json=a_test(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "x" * 201])
def test_a_key_is_one_word(lifts: World, key: str) -> None:
    answer = with_key(lifts)("POST", path(lifts), json=a_test(), headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].lower() == "idempotency-key"


def test_sent_from_several_threads_at_once_it_is_done_once(lifts: World) -> None:
    contractor = with_key(lifts)
    headers = {"Idempotency-Key": "k"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: contractor("POST", path(lifts), json=a_test(), headers=headers), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert kept(lifts) == 1


def test_a_correction_names_the_old_one_and_is_made_once(lifts: World) -> None:
    contractor = with_key(lifts)
    old = contractor.post(path(lifts), a_test()).json()["id"]
    correction = a_test(remarks="gauge misread", corrects=old)
    answer = contractor.post(path(lifts), correction)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")
    new = contractor.post(path(lifts), {**correction, "reason": "gauge misread"}).json()
    assert (new["corrects"], new["reason"]) == (old, "gauge misread")
    assert contractor.get(f"/elevator-tests/{old}").json()["corrected_by"] == new["id"]
    again = contractor.post(path(lifts), {**correction, "remarks": "z", "reason": "z"})
    assert (again.status_code, again.json()["existing"]) == (409, new["id"])


# --- who, and how often ---------------------------------------------------------------------------------------


def test_a_contractor_sees_and_tests_only_what_its_contract_covers(lifts: World) -> None:
    contractor, admin = with_key(lifts), lifts.as_("admin")
    there = admin.post(path(lifts, "vale-el"), a_test(door=a_test()["door"])).json()["id"]
    assert contractor.post(path(lifts, "vale-el"), a_test()).status_code == 404
    assert contractor.get(path(lifts, "vale-el")).status_code == 404
    assert contractor.get(f"/elevators/{lifts.ids['vale-el']}").status_code == 404
    assert contractor.get(f"/elevator-tests/{there}").status_code == 404
    assert admin.post(path(lifts, "hill-dr"), a_test()).status_code == 404
    here = contractor.post(path(lifts), a_test()).json()["id"]
    with lifts.tx() as tx:
        tx.execute(update(contract).where(contract.c.id == lifts.ids["lifts@hill"]).values(ends_on=date(2026, 3, 1)))
    assert contractor.get(f"/elevator-tests/{here}").status_code == 404
    assert contractor.post(path(lifts), a_test(remarks="x")).status_code == 404
    assert contractor.items("/elevators") == []


def test_a_key_needs_its_scopes(lifts: World) -> None:
    reader = with_key(lifts, "contractor", Scope.READ_TESTS)
    answer = reader.post(path(lifts), a_test())
    assert answer.status_code == 403
    assert "write:tests" in answer.json()["detail"]
    assert with_key(lifts, "contractor", Scope.WRITE_TESTS).get(path(lifts)).status_code == 403
    assert lifts.as_("inspector").post(path(lifts), a_test()).status_code == 403


def test_posting_is_counted_by_key_and_the_answer_says_how_one_stands(lifts: World) -> None:
    contractor, other = with_key(lifts), with_key(lifts)
    answers = [contractor.post(path(lifts), {}) for _ in range(60)]
    assert {answer.status_code for answer in answers} == {422}
    named = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
    assert [answers[0].headers[name] for name in named] == ["60", "59", "1"]
    assert [answers[-1].headers[name] for name in named] == ["60", "0", "60"]
    refused = contractor.post(path(lifts), a_test())
    assert refused.status_code == 429
    assert (refused.headers["retry-after"], refused.headers["ratelimit-remaining"]) == ("1", "0")
    assert other.post(path(lifts), a_test()).status_code == 201
    assert contractor.get(path(lifts)).status_code == 200
    lifts.clock.move(seconds=1)
    assert contractor.post(path(lifts), a_test(remarks="x")).status_code == 201
    assert contractor.post(path(lifts), a_test(remarks="y")).status_code == 429
    lifts.clock.move(hours=1)
    assert contractor.post(path(lifts), a_test(remarks="y")).headers["ratelimit-remaining"] == "59"


# --- limits ---------------------------------------------------------------------------------------------------


def test_the_limits_of_any_day_can_be_read(lifts: World) -> None:
    contractor = lifts.as_("contractor")

    def standards(**query: Any) -> list[tuple[str, float]]:
        return [(row["standard"], row["value"]) for row in contractor.items("/limits", **query)]

    assert standards(quantity="leveling") == [("GB/T 10058-2009", 10), ("GB/T 10058-2023", 10)]
    assert standards(quantity="leveling", on="2024-03-31") == [("GB/T 10058-2009", 10)]
    assert standards(quantity="leveling", on="2024-04-01") == [("GB/T 10058-2023", 10)]
    doors = contractor.items("/limits", quantity="door_open_time", on="2026-03-02")
    assert {(row["door_type"], row["clear_width_up_to_mm"]): row["value"] for row in doors} == {
        ("centre", 800): 3.2,
        ("centre", 1000): 4.0,
        ("centre", 1100): 4.3,
        ("centre", 1300): 4.9,
        ("side", 800): 3.7,
        ("side", 1000): 4.3,
        ("side", 1100): 4.9,
        ("side", 1300): 5.9,
    }
    everything = contractor.items("/limits")
    assert len({row["code"] for row in everything}) == len(everything) > 40
    assert all(row["grade"] in ("L", "L~", "O", "P") and row["name"]["zh-CN"] for row in everything)
    assert contractor.get("/limits", on="yesterday").status_code == 422


def test_photos_are_evidence_of_a_test(world: World) -> None:
    register(world)
    contractor = with_key(world, "contractor", Scope.READ_TESTS, Scope.WRITE_TESTS, Scope.WRITE_PHOTOS)
    photo = a_picture()
    about = {"equipment_id": str(world.ids["hill-el"])}
    form = {"file": ("sill.jpg", photo, "image/jpeg")}
    sha256 = contractor("POST", "/photos", files=form, data=about).raise_for_status().json()["sha256"]
    unknown = contractor.post(path(world), a_test(photos=[{"sha256": sha256}, {"sha256": "0" * 64}]))
    assert [each["field"] for each in unknown.json()["errors"]] == ["photos.1"]
    assert world.as_("manager").get(path(world)).json()["items"] == []
    answer = contractor.post(path(world), a_test(photos=[{"sha256": sha256, "purpose": "door_sill"}]))
    assert answer.status_code == 201, answer.text
    shown = world.as_("manager").get(f"/elevator-tests/{answer.json()['id']}").json()
    assert [(each["sha256"], each["purpose"]) for each in shown["photos"]] == [(sha256, "door_sill")]
    assert world.as_("manager").get(f"/photos/{sha256}").content == photo
    with world.tx() as tx:
        asked = "SELECT body::jsonb -> 'photos' -> 0 ->> 'sha256' FROM ledger WHERE kind = 'elevator_test_recorded'"
        assert tx.exec_driver_sql(asked).scalar_one() == sha256


def test_a_photo_that_is_none_is_refused_with_its_reason_and_one_that_is_known_is_kept_once(world: World) -> None:
    register(world)
    contractor = with_key(world, "contractor", Scope.READ_TESTS, Scope.WRITE_TESTS, Scope.WRITE_PHOTOS)
    photo, about = a_picture(), {"equipment_id": str(world.ids["hill-el"])}

    def sent(content: bytes, name: str = "sill.jpg", kind: str = "image/jpeg") -> Any:
        return contractor("POST", "/photos", files={"file": (name, content, kind)}, data=about)

    first = sent(photo)
    assert sent(photo).json()["sha256"] == first.json()["sha256"]
    for wrong in (photo[: len(photo) // 2], b"%PDF-1.7 no picture", b"", b"GIF89a" + photo[6:]):
        refused = sent(wrong)
        assert refused.status_code == 422, refused.text
        assert [each["field"] for each in refused.json()["errors"]] == ["file"]
    assert sent(photo + b"\0" * 30_000_000).status_code == 413
    twice = [{"sha256": first.json()["sha256"]}] * 2
    refused = contractor.post(path(world), a_test(photos=twice))
    assert (refused.status_code, kept(world)) == (422, 0), "the same photo is no second one"
    assert [each["field"] for each in refused.json()["errors"]] == ["photos.1"]
