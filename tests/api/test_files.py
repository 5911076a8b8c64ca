"""Files that are no photos: taken in, refused with nothing left behind, named by records, proved by the ledger."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy.exc import ProgrammingError

from facility_monitor.flows.evidence.proof import prove, prove_file
from facility_monitor.flows.fire import technical_files
from facility_monitor.store.evidence.checkpoints import Checkpoints
from tests.api.test_fire_log import a_check, link, load
from tests.api.test_photos import stored
from tests.api.world import World
from tests.documents import BAD, LOG, a_pdf
from tests.pictures import a_picture

PDF = a_pdf()
SHA = hashlib.sha256(PDF).hexdigest()
NAME = "校准证书 4711.pdf"


def send(world: World, content: bytes = PDF, name: str = NAME, who: str = "engineer", **more: str) -> Response:
    fields = {"site_id": str(world.ids["hill"]), **more}
    return world.as_(who)("POST", "/files", files={"file": (name, content, "application/octet-stream")}, data=fields)


def test_a_file_comes_back_byte_by_byte_to_be_saved_under_its_name(world: World) -> None:
    assert send(world).status_code == 201
    again = send(world)
    assert (again.status_code, again.headers["location"]) == (200, f"/api/v1/files/{SHA}")
    assert again.json()["uploads"][0]["file_name"] == NAME
    given = world.as_("manager").get(f"/files/{SHA}")
    assert (given.content, given.headers["content-type"]) == (PDF, "application/pdf")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"].startswith("sandbox;")
    assert given.headers["content-disposition"].startswith(f'attachment; filename="{SHA[:16]}.pdf"; filename*=UTF-8')
    table = send(world, LOG, "log.exe").json()
    shown = world.as_("manager").get(f"/files/{table['sha256']}")
    assert shown.headers["content-disposition"].endswith("log.exe.csv")
    for path in (f"/photos/{SHA}", f"/photos/{SHA}/preview", f"/photos/{SHA}/record", f"/files/{'0' * 64}"):
        assert world.as_("manager").get(path).status_code == 404, path


@pytest.mark.parametrize("what", sorted(set(BAD) - {"a bomb"}))
def test_what_is_no_document_is_refused_and_nothing_is_stored(same_world: World, what: str) -> None:
    before = stored(same_world)
    answer = send(same_world, BAD[what], "a.pdf")
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, ["file"])
    assert stored(same_world) == before


def test_a_name_with_a_path_a_picture_and_fifty_megabytes_are_refused(world: World) -> None:
    for name in ("../../etc/passwd", "C:a.pdf", ".."):
        assert [each["field"] for each in send(world, name=name).json()["errors"]] == ["file_name"]
    assert send(world, a_picture(), "a.pdf").status_code == 422
    assert send(world, bytes(50_000_000)).status_code == 413
    assert send(world, who="inspector").status_code == 403
    assert stored(world) == (0, 0, [])


def test_a_file_goes_with_the_check_into_ledger_link_and_bundle(world: World, tmp_path: Path) -> None:
    load(world)
    engineer = world.as_("engineer")
    send(world)
    photo = engineer("POST", f"/photos?site_id={world.ids['hill']}", content=a_picture()).json()["sha256"]
    named: dict[str, Any] = {"photos": [{"sha256": photo, "purpose": "check"}], "files": [{"sha256": SHA}]}
    crossed = engineer.post("/checks", a_check(world, **{**named, "files": [{"sha256": photo}]}))
    assert [each["field"] for each in crossed.json()["errors"]] == ["files.0"]
    bad = {"water": False, "complete": True, "no_leak": True, "dynamic_mpa": 0.1, "static_mpa": 0.62}
    check = engineer.post("/checks", a_check(world, values=bad, **named)).json()
    assert [(each["name"], each["size_bytes"]) for each in check["files"]] == [(NAME, len(PDF))]
    assert engineer.get(f"/tickets/{check['ticket_id']}").json()["files"][0]["sha256"] == SHA
    table = send(world, LOG, "log.csv").json()["sha256"]
    body = {"files": [{"sha256": table, "purpose": "log"}]}
    ticket = engineer.post(f"/tickets/{check['ticket_id']}/files", body).json()
    for step, said in (("accept", {}), ("repaired", {"note": "new valve"})):
        engineer.post(f"/tickets/{check['ticket_id']}/{step}", said)
    assert [each["name"] for each in ticket["files"]] == [NAME, "log.csv"]
    kinds = [each["kind"] for each in engineer.items(f"/tickets/{check['ticket_id']}/ledger")]
    assert "ticket_documented" in kinds

    visitor, path = world.anonymous(), f"/api/v1/inspection/{link(world)['token']}"
    assert visitor.get(f"{path}/checks/{check['id']}/files/{SHA}").content == PDF
    assert visitor.get(f"{path}/checks/{check['id']}/files/{table}").status_code == 404
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(visitor.get(f"{path}/bundle.zip").content)
    with zipfile.ZipFile(bundle) as parts:
        assert parts.read(f"files/{SHA}.pdf") == PDF
        sheets = "".join(_words(parts.read("sheets.zh-CN.xlsx")))
    assert all(each in sheets for each in (NAME, SHA[:12], table[:12], "new valve"))
    assert prove_file(bundle).broken is None
    _proved(world)
    (kept,) = [each for each in stored(world)[2] if each.name == SHA[2:]]
    kept.chmod(0o600)
    kept.write_bytes(PDF + b" ")
    assert SHA in _proved(world, holds=False)


def a_paper(world: World, **changes: Any) -> dict[str, Any]:
    paper = {"equipment_id": world.ids["hill-el"], "kind": "calibration", "title": "试验器校准证书"}
    days = {"valid_from": "2025-03-20", "valid_until": "2026-03-19"}
    return {**paper, **days, "files": [{"sha256": SHA, "purpose": "certificate"}], **changes}


def test_a_technical_file_is_replaced_and_never_changed_and_its_end_is_told_once(world: World, tmp_path: Path) -> None:
    engineer = world.as_("engineer")
    send(world)
    first = engineer.post("/technical-files", a_paper(world))
    assert first.status_code == 201, first.text
    old = first.json()
    assert (old["equipment"]["code"], old["files"][0]["name"]) == (world_code(world), NAME)
    for wrong, field in (
        ({"files": []}, "files"),
        ({"files": [{"sha256": "0" * 64}]}, "files.0"),
        ({"valid_until": "2025-03-19"}, "valid_until"),
        ({"kind": "poem"}, "kind"),
        ({"equipment_id": 9999}, "equipment_id"),
        ({"replaces": old["id"]}, "reason"),
        ({"replaces": old["id"], "reason": "x", "kind": "manual"}, "replaces"),
    ):
        refused = engineer.post("/technical-files", a_paper(world, **wrong))
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, [field])
    assert world.as_("inspector").post("/technical-files", a_paper(world)).status_code == 403

    with world.tx() as tx:
        assert technical_files.remind(tx, world.clock.now) == 1
        assert technical_files.remind(tx, world.clock.now) == 0
    new = a_paper(world, valid_until="2027-03-19", replaces=old["id"], reason="calibrated anew")
    made = engineer.post("/technical-files", new).json()
    again = engineer.post("/technical-files", new)
    assert (again.status_code, again.json()["existing"]) == (409, made["id"])
    assert [each["id"] for each in engineer.items("/technical-files")] == [made["id"]]
    assert [each["replaced_by"] for each in engineer.items("/technical-files?replaced=true")] == [None, made["id"]]
    for statement in ("UPDATE technical_file SET reason = 'x'", "DELETE FROM technical_file"):
        with pytest.raises(ProgrammingError), world.tx() as tx:
            tx.exec_driver_sql(statement)

    visitor, path = world.anonymous(), f"/api/v1/inspection/{link(world)['token']}"
    (shown,) = visitor.get(f"{path}/technical-files").json()["items"]
    assert visitor.get(f"{path}/technical-files/{shown['id']}/files/{SHA}").content == PDF
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(visitor.get(f"{path}/bundle.zip").content)
    with zipfile.ZipFile(bundle) as parts:
        assert parts.read(f"files/{SHA}.pdf") == PDF
        assert "试验器校准证书" in parts.read("technical_files.json").decode()
    assert prove_file(bundle).broken is None
    _proved(world)
    with world.tx() as tx:
        tx.exec_driver_sql("ALTER TABLE technical_file DISABLE TRIGGER USER")
        tx.exec_driver_sql(
            """UPDATE technical_file SET content = jsonb_set(content, '{valid_until}', '"2030-01-01"')"""
        )
        tx.exec_driver_sql("ALTER TABLE technical_file ENABLE TRIGGER USER")
    assert "technical_file" in _proved(world, holds=False)


def test_a_photo_is_a_technical_file_down_to_link_bundle_and_proof(world: World, tmp_path: Path) -> None:
    engineer, content = world.as_("engineer"), a_picture()
    photo = engineer("POST", f"/photos?site_id={world.ids['hill']}", content=content).json()["sha256"]
    named = [{"sha256": photo, "purpose": "document"}]
    for wrong, field in (({"files": named}, "files.0"), ({"photos": [], "files": []}, "files")):
        refused = engineer.post("/technical-files", a_paper(world, **wrong))
        assert (refused.status_code, [each["field"] for each in refused.json()["errors"]]) == (422, [field])
    made = engineer.post("/technical-files", a_paper(world, photos=named, files=[]))
    assert made.status_code == 201, made.text
    visitor, path = world.anonymous(), f"/api/v1/inspection/{link(world)['token']}"
    (shown,) = visitor.get(f"{path}/technical-files").json()["items"]
    assert ([each["sha256"] for each in shown["photos"]], shown["files"]) == ([photo], [])
    at = f"{path}/technical-files/{shown['id']}/photos/{photo}"
    assert visitor.get(at).content == content
    assert visitor.get(f"{at}/preview").headers["content-type"] == "image/jpeg"
    assert visitor.get(f"{path}/technical-files/{shown['id']}/files/{photo}").status_code == 404
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(visitor.get(f"{path}/bundle.zip").content)
    with zipfile.ZipFile(bundle) as parts:
        assert parts.read(f"photos/{photo}.bin") == content
    assert prove_file(bundle).broken is None
    _proved(world)
    (kept,) = [each for each in stored(world)[2] if each.name == photo[2:]]
    kept.chmod(0o600)
    kept.write_bytes(content + b" ")
    assert photo in _proved(world, holds=False)


def world_code(world: World) -> str:
    code: str = world.as_("engineer").get(f"/equipment/{world.ids['hill-el']}").json()["code"]
    return code


def _words(workbook: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return [parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml")]


def _proved(world: World, *, holds: bool = True) -> str:
    parts = world.app.state.parts
    with world.tx() as tx:
        broken = prove(tx, Checkpoints(parts.settings.checkpoints), files=parts.files).broken
    assert (broken is None) is holds, broken
    return str(broken)
