"""A resident's report: a label's code, a form without a log-in, a ticket, a status; bounded, and with nobody's name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from facility_monitor.api.guard import LARGEST_REPORT
from facility_monitor.api.repair.report_page import PHOTO_BYTES
from facility_monitor.domain.repair.resident import FORGOTTEN_AFTER, MOST_AT_A_PLACE
from facility_monitor.flows.repair import residents
from facility_monitor.store.tables import ledger, resident_report
from facility_monitor.store.tables import ticket as tickets
from tests.api.world import World
from tests.pictures import a_picture

TYPED = {
    "trouble": "urgent",
    "words": "Water comes through the ceiling",
    "where": "3rd floor",
    "phone": "138 0000 0000",
}


def a_label(world: World, equipment: str = "hill-dr") -> dict[str, Any]:
    name = {"zh-CN": "大堂", "en": "Lobby"}
    made = world.as_("manager").post("/report-places", {"equipment_id": world.ids[equipment], "name": name})
    assert made.status_code == 201, made.text
    label: dict[str, Any] = made.json()
    return label


def path_of(label: dict[str, Any]) -> str:
    return urlsplit(str(label["url"])).path


def resident(world: World, address: str = "203.0.113.7") -> TestClient:
    return TestClient(world.app, client=(address, 50_000), headers={"accept-language": "en-GB"}, follow_redirects=False)


def send(who: TestClient, path: str, photo: bytes | None = None, **changed: str) -> Response:
    file = ("", b"", "application/octet-stream") if photo is None else ("IMG_1.jpg", photo, "image/jpeg")
    answer: Response = who.post(path, data=TYPED | changed, files={"photo": file})
    return answer


def the_ticket(world: World) -> dict[str, Any]:
    (found,) = [each for each in world.as_("engineer").items("/tickets") if each["by_resident"]]
    shown: dict[str, Any] = world.as_("engineer").get(f"/tickets/{found['id']}").json()
    return shown


def test_a_report_becomes_an_urgent_ticket_with_a_photo_of_nobody_and_a_status_page(world: World) -> None:
    who, path = resident(world), path_of(a_label(world))
    asked = who.get(path)
    assert asked.status_code == 200
    assert "Lobby" in asked.text
    assert "script" not in asked.headers["content-security-policy"].replace("'none'", "")
    sent = send(who, path, a_picture())
    assert sent.status_code == 303, sent.text
    ticket = the_ticket(world)
    assert (ticket["class"], ticket["answer_due_at"]) == ("urgent", "2026-03-02T10:00:00Z")
    assert (ticket["opened_by"], ticket["contact"], ticket["resident_phone"]) == (None, None, "13800000000")
    (photo,) = ticket["photos"]
    assert (photo["purpose"], photo["used_by"]) == ("before", None)
    assert world.as_("engineer").get(f"/photos/{photo['sha256']}").content == a_picture()
    (upload,) = world.as_("engineer").get(f"/photos/{photo['sha256']}/record").json()["uploads"]
    assert upload["uploaded_by"] is None
    status = who.get(sent.headers["location"])
    assert str(ticket["id"]) in status.text
    assert "within 2 hours" in status.text
    world.as_("engineer").post(f"/tickets/{ticket['id']}/accept")
    assert "taken it on" in who.get(sent.headers["location"]).text
    first, _, mark = sent.headers["location"].partition("?")[0].rpartition("/")[2].partition("-")
    assert who.get(f"/report/status/{int(first) + 1}-{mark}").status_code == 404


def test_the_telephone_number_is_in_no_ledger_for_no_reader_and_forgotten_in_time(world: World) -> None:
    send(resident(world), path_of(a_label(world)))
    ticket = the_ticket(world)
    with world.tx() as tx:
        written = [str(row) for row in tx.execute(ledger.select())]
    assert any("3rd floor" in row for row in written)
    assert not any("13800000000" in row for row in written)
    assert world.as_("inspector").get(f"/tickets/{ticket['id']}").json()["resident_phone"] is None
    with world.tx() as tx:
        closed = world.clock.now
        tx.execute(tickets.update().values(closed_at=closed, state="closed"))
        assert residents.forget(tx, closed + FORGOTTEN_AFTER) == 1  # the address alone: the number has one day left
        assert the_number(tx) == "13800000000"
        residents.forget(tx, closed + FORGOTTEN_AFTER * 1.1)
        assert the_number(tx) is None


def the_number(tx: Any) -> str | None:
    phone: str | None = tx.execute(resident_report.select()).one().phone
    return phone


def test_the_same_again_is_the_same_report_and_another_within_the_hour_is_refused(world: World) -> None:
    who, path, elsewhere = resident(world), path_of(a_label(world)), path_of(a_label(world, "hill-el"))
    first = send(who, path)
    assert send(who, path).headers["location"] == first.headers["location"]
    again = send(who, path, words="The lamp is dark", phone="")
    assert again.status_code == 429
    assert int(again.headers["retry-after"]) == 3600
    by_phone = send(resident(world, "198.51.100.9"), elsewhere, words="The lamp is dark")
    assert by_phone.status_code == 429, "the same telephone at another label"
    neighbour = send(who, elsewhere, words="The lamp is dark", phone="")
    assert neighbour.status_code == 303, "one address may be a whole house"
    world.clock.move(hours=1, seconds=1)
    assert send(who, path, words="The lamp is dark").status_code == 303


def test_a_label_takes_so_many_an_hour_whoever_they_come_from(world: World) -> None:
    path = path_of(a_label(world))
    for number in range(MOST_AT_A_PLACE):
        assert send(resident(world, f"203.0.113.{number}"), path, phone="").status_code == 303
    assert send(resident(world, "203.0.113.99"), path, phone="").status_code == 429
    assert len([each for each in world.as_("engineer").items("/tickets") if each["by_resident"]]) == MOST_AT_A_PLACE


@pytest.mark.parametrize(
    ("changed", "photo", "said"),
    [
        ({"trouble": "free beer"}, None, "Please choose one."),
        ({"words": " \x00\u202e "}, None, "Please write what happened."),
        ({"words": "x" * 1001}, None, "at most 1000"),
        ({"phone": "me"}, None, "does not look like a telephone number"),
        ({}, b"<svg onload=alert(1)>", "does not open as a photo"),
        ({}, b"\xff" * (PHOTO_BYTES + 1), "more than 10 MB"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(
    world: World, changed: dict[str, str], photo: bytes | None, said: str
) -> None:
    where = '"><script>alert(1)</script>'
    answer = send(resident(world), path_of(a_label(world)), photo, **{"where": where, **changed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "&quot;&gt;&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert not any(each["by_resident"] for each in world.as_("engineer").items("/tickets"))


def test_too_much_and_too_often_are_refused_before_they_cost_anything(world: World) -> None:
    who, path = resident(world), path_of(a_label(world))
    assert send(who, path, b"\xff" * (LARGEST_REPORT + 30_000)).status_code == 413
    assert [who.get(path).status_code for _ in range(25)][-1] == 429
    assert resident(world, "203.0.113.8").get(path).status_code == 200


def test_a_revoked_or_invented_label_opens_nothing(world: World) -> None:
    label, who = a_label(world), resident(world)
    assert who.get(path_of(label)[:-1] + "0").status_code == 404
    assert world.as_("engineer").post(f"/report-places/{label['id']}/revoke").status_code == 403
    assert world.as_("manager").post(f"/report-places/{label['id']}/revoke").json()["url"] is None
    assert who.get(path_of(label)).status_code == 404
    assert send(who, path_of(label)).status_code == 404


def test_labels_are_printed_with_the_code_that_opens_the_form(world: World) -> None:
    label = a_label(world)
    printed = world.as_("engineer").get("/report-places/labels.pdf", site=world.ids["hill"])
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    (listed,) = world.as_("engineer").items("/report-places")
    assert listed["url"] == label["url"]
