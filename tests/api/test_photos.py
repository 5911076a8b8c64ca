"""Photos through the API: as a form or as they are, refused by field with nothing left behind, given out harmlessly."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import Response
from PIL import Image
from sqlalchemy import func, select

from facility_monitor.store.evidence.files import Files
from facility_monitor.store.tables import evidence, evidence_file
from tests.api.served import Served
from tests.api.world import World
from tests.pictures import a_picture, archive, bomb

PHOTO = a_picture()
SHA = hashlib.sha256(PHOTO).hexdigest()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def send(
    world: World, content: bytes = PHOTO, *, name: str = "photo.jpg", who: str = "engineer", **more: Any
) -> Response:
    fields = {"equipment_id": str(world.ids["hill-el"]), **more}
    return world.as_(who)("POST", "/photos", files={"file": (name, content, "image/jpeg")}, data=fields)


def stored(world: World) -> tuple[int, int, list[Path]]:
    with world.tx() as tx:
        rows = [tx.execute(select(func.count()).select_from(each)).scalar_one() for each in (evidence_file, evidence)]
    folder: Path = world.app.state.parts.settings.evidence_dir
    return rows[0], rows[1], [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_sent_as_a_form_comes_back_byte_by_byte(world: World) -> None:
    answer = send(world, device_at="2026-03-02T15:59:00+08:00", source="camera", latitude="31.2", longitude="121.4")
    assert answer.status_code == 201, answer.text
    photo = answer.json()
    assert answer.headers["location"] == f"/api/v1/photos/{SHA}"
    assert (photo["sha256"], photo["size_bytes"], photo["media_type"]) == (SHA, len(PHOTO), "image/jpeg")
    assert (photo["width"], photo["height"], photo["uses"]) == (64, 48, [])
    (upload,) = photo["uploads"]
    assert upload["site_id"] == world.ids["hill"]
    assert upload["device_at"] == "2026-03-02T07:59:00Z"
    assert upload["place"] == {"latitude": 31.2, "longitude": 121.4}
    assert (upload["file_name"], upload["uploaded_by"]["name"]) == ("photo.jpg", "Engineer")
    assert [each["doubt"] for each in upload["doubts"]] == ["gallery"]
    original = world.as_("manager").get(f"/photos/{SHA}")
    assert original.content == PHOTO
    again = send(world)
    assert again.status_code == 200
    assert again.json() == photo


def test_a_photo_sent_as_it_is_is_told_of_in_the_query(world: World) -> None:
    path = f"/photos?equipment_id={world.ids['hill-el']}&file_name=door.png"
    content = a_picture("PNG")
    answer = world.as_("contractor")("POST", path, content=content, headers={"Content-Type": "image/png"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["media_type"] == "image/png"
    assert answer.json()["uploads"][0]["file_name"] == "door.png"
    assert world.as_("manager").get(f"/photos/{answer.json()['sha256']}").content == content


def test_what_is_given_out_runs_nothing_wherever_it_is_opened(world: World) -> None:
    send(world)
    answer = world.as_("engineer").get(f"/photos/{SHA}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["content-disposition"] == f'inline; filename="{SHA[:16]}.jpeg"'
    assert answer.headers["cache-control"] == "no-store"
    preview = world.as_("engineer").get(f"/photos/{SHA}/preview")
    assert preview.headers["content-security-policy"].startswith("sandbox;")
    with Image.open(io.BytesIO(preview.content)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


@pytest.mark.parametrize(
    ("content", "name", "more", "field"),
    [
        (b"", "a.jpg", {}, "file"),
        (SVG, "a.svg", {}, "file"),
        (SVG, "a.jpg", {}, "file"),
        (archive(), "a.jpg", {}, "file"),
        (PHOTO + archive(), "a.jpg", {}, "file"),
        (PHOTO[:300], "a.jpg", {}, "file"),
        (bomb(), "a.png", {}, "file"),
        (PHOTO, "../../etc/passwd", {}, "file_name"),
        (PHOTO, "..\\..\\boot.ini", {}, "file_name"),
        (PHOTO, "/etc/passwd", {}, "file_name"),
        (PHOTO, "C:a.jpg", {}, "file_name"),
        (PHOTO, "..", {}, "file_name"),
        (PHOTO, "a.jpg", {"file_name": "a/b.jpg"}, "file_name"),
        (PHOTO, "a" * 300, {}, "file_name"),
        (PHOTO, "a.jpg", {"equipment_id": "999999"}, "equipment_id"),
        (PHOTO, "a.jpg", {"equipment_id": "x"}, "equipment_id"),
        (PHOTO, "a.jpg", {"site_id": "2"}, "site_id"),
        (PHOTO, "a.jpg", {"device_at": "yesterday"}, "device_at"),
        (PHOTO, "a.jpg", {"device_at": "2026-03-02T15:59:00"}, "device_at"),
        (PHOTO, "a.jpg", {"latitude": "91", "longitude": "0"}, "latitude"),
        (PHOTO, "a.jpg", {"latitude": "nan", "longitude": "0"}, "latitude"),
        (PHOTO, "a.jpg", {"source": "moon"}, "source"),
        (PHOTO, "a.jpg", {"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    world: World, content: bytes, name: str, more: dict[str, str], field: str
) -> None:
    answer = send(world, content, name=name, **more)
    assert answer.status_code == 422, answer.text
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert stored(world) == (0, 0, [])


def test_a_photo_without_a_place_or_a_file_is_refused(world: World) -> None:
    engineer = world.as_("engineer")
    for request in (
        {"content": PHOTO, "headers": {"Content-Type": "image/jpeg"}},
        {"files": {"file": ("a.jpg", PHOTO)}},
        {"files": {"other": ("a.jpg", PHOTO)}, "data": {"equipment_id": "1"}},
        {"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data"}},
        {"data": {"file": "words", "equipment_id": "1"}},
    ):
        answer = engineer("POST", "/photos", **request)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert stored(world) == (0, 0, [])


def test_fifty_megabytes_are_refused_while_they_come(world: World) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield bytes(1_000_000)

    path = f"/photos?equipment_id={world.ids['hill-el']}"
    whole = world.as_("engineer")("POST", path, content=PHOTO + bytes(50_000_000))
    assert whole.status_code == 413
    streamed = world.as_("engineer")("POST", path, content=endless(), headers={"Content-Type": "image/jpeg"})
    assert streamed.status_code == 413
    assert streamed.headers["content-type"] == "application/problem+json"
    form = send(world, PHOTO + bytes(21_000_000))
    assert form.status_code == 413
    assert stored(world) == (0, 0, [])
    assert world.as_("engineer").post("/tickets", {"x": "y" * 2_000_000}).status_code == 413


def test_who_sends_too_much_is_told_so_and_not_cut_off(world: World, served: Served) -> None:
    headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {world.tokens['engineer']}"}
    path = f"/api/v1/photos?equipment_id={world.ids['hill-el']}"
    for content in (bytes(50_000_000), iter([bytes(1_000_000)] * 50)):
        line = HTTPConnection(urlsplit(served.url).netloc, timeout=30)  # as a browser, it first sends, then listens
        line.request("POST", path, content, headers)
        answer = line.getresponse()
        assert (answer.status, json.load(answer)["detail"]) == (413, "at most 20020000 bytes")
        line.close()


def test_nothing_is_read_from_who_has_not_signed_in(world: World) -> None:
    for who in (world.anonymous().post("/api/v1/photos", content=PHOTO), send(world, who="inspector")):
        assert who.status_code in (401, 403)
    assert stored(world) == (0, 0, [])


def test_a_photo_is_seen_by_those_who_see_what_it_shows(world: World) -> None:
    send(world, who="manager")
    room = a_picture(colour=(9, 9, 9))
    at_room = send(world, room, who="manager", equipment_id=str(world.ids["hill-dr"])).json()["sha256"]
    whole = a_picture(colour=(8, 8, 8))
    fields = {"site_id": str(world.ids["hill"])}
    of_site = world.as_("manager")("POST", "/photos", files={"file": ("a.jpg", whole)}, data=fields).json()["sha256"]
    sees = {
        "admin": {SHA, at_room, of_site},
        "chief": {SHA, at_room, of_site},
        "inspector": {SHA, at_room, of_site},
        "contractor": {SHA},
    }
    for username, expected in sees.items():
        for sha256 in (SHA, at_room, of_site):
            for below in ("", "/preview", "/record"):
                answer = world.as_(username).get(f"/photos/{sha256}{below}")
                assert answer.status_code == (200 if sha256 in expected else 404), (username, below)
    assert send(world, who="contractor", equipment_id=str(world.ids["vale-el"])).status_code == 422
    assert world.as_("contractor").get(f"/photos/{'0' * 64}").status_code == 404


def test_bytes_that_were_altered_on_the_disk_are_not_given_out(world: World) -> None:
    send(world)
    (path,) = stored(world)[2]
    path.chmod(0o600)
    path.write_bytes(a_picture(colour=(1, 1, 1)))
    answer = world.as_("engineer").get(f"/photos/{SHA}")
    assert answer.status_code == 500
    assert "altered" not in answer.text
    path.unlink()
    for below in ("", "/preview"):
        moved = world.as_("engineer").get(f"/photos/{SHA}{below}")
        assert (moved.status_code, "archive" in moved.json()["detail"]) == (404, True)
    assert Files(path.parents[1]).put(PHOTO).hex() == SHA
    assert world.as_("engineer").get(f"/photos/{SHA}").content == PHOTO
