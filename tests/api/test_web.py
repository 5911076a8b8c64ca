"""The web app is served with what a browser needs; readiness and counters."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from facility_monitor.api.app import create_app
from facility_monitor.ingest.tally import Tally
from facility_monitor.settings import Settings
from facility_monitor.store import migrate
from facility_monitor.store.database import Database
from tests.api.world import World


@pytest.fixture
def site(same_world: World, tmp_path: Path) -> TestClient:
    """An app with a built web app, next to a file that is nobody's business."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>built</title>")
    (dist / "sw.js").write_text("// worker")
    (dist / "manifest.webmanifest").write_text("{}")
    (dist / "assets" / "app-1a2b.js").write_text("// app")
    (tmp_path / "secret.txt").write_text("secret")
    (dist / "link.txt").symlink_to(tmp_path / "secret.txt")
    return TestClient(create_app(Settings(_env_file=None), same_world.database, dist=dist))


@pytest.mark.parametrize("path", ["/", "/alarms/17", "/tickets", "/equipment/3?tab=points", "/index.html"])
def test_addresses_that_the_app_makes_up_answer_with_its_page(site: TestClient, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 200
    assert "built" in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"]
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert site.head(path).status_code == 200


def test_files_are_kept_by_their_hash_and_no_longer(site: TestClient) -> None:
    kept = {path: site.get(path).headers for path in ("/assets/app-1a2b.js", "/sw.js", "/manifest.webmanifest")}
    assert "immutable" in kept["/assets/app-1a2b.js"]["cache-control"]
    assert kept["/sw.js"]["cache-control"] == "no-cache"
    assert kept["/sw.js"]["content-type"].startswith("text/javascript")
    assert kept["/manifest.webmanifest"]["content-type"].startswith("application/manifest+json")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/app-old.js",
        "/favicon.ico",
        "/link.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2fetc%2fpasswd.txt",
        "/x%00.txt",
        "/api",
        "/api/v1/nothing",
    ],
)
def test_nothing_else_is_served(site: TestClient, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_build_the_page_says_how_to_make_one(same_world: World) -> None:
    answer = same_world.anonymous().get("/alarms/17")
    assert answer.status_code == 503
    assert "make web" in answer.text
    assert same_world.anonymous().get("/assets/x.js").status_code == 404


def _tally() -> Tally:
    """An ingest worker's, as the service hands it over."""
    tally = Tally(messages=3, received=9, stored=7, duplicate=1, transitions=2, batches=1, arrived=5, abandoned=1)
    tally.rejected["unreadable"] = 1
    tally.broker["dropped"] = 4
    tally.effort = {"decode": 0.5}
    tally.connected = tally.holding_slot = True
    return tally


def test_the_service_is_ready_while_its_parts_are(same_world: World) -> None:
    tally = _tally()
    client = TestClient(create_app(Settings(_env_file=None), same_world.database, tally))

    def ready() -> tuple[int, str]:
        answer = client.get("/readyz")
        return answer.status_code, answer.json()["checks"]["broker"]

    assert ready() == (200, "connected")
    tally.connected = False
    assert ready() == (503, "away")
    tally.holding_slot = False
    assert ready() == (200, "standing by")
    assert "broker" not in same_world.anonymous().get("/readyz").json()["checks"]


def test_a_database_behind_the_code_is_not_ready(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url, "0001")
    database = Database(empty_database_url, pool=1)
    answer = TestClient(create_app(Settings(_env_file=None), database)).get("/readyz")
    database.close()
    assert answer.status_code == 503
    assert answer.json()["status"] == "not ready"
    assert "revision 0001" in answer.json()["checks"]["database"]


def test_counters_are_those_of_this_service(same_world: World) -> None:
    client = TestClient(create_app(Settings(_env_file=None), same_world.database, _tally()))
    client.get("/api/v1/sites/1")
    client.get("/api/v1/sites/2")
    client.get("/nowhere.php")
    counted = client.get("/metrics")
    assert counted.headers["content-type"].startswith("text/plain")
    lines = counted.text.splitlines()
    assert 'facility_monitor_http_requests_total{operation="show_site",status="401"} 2.0' in lines
    assert 'facility_monitor_http_requests_total{operation="serve_app",status="404"} 1.0' in lines
    assert "facility_monitor_ingest_values_stored_total 7.0" in lines
    assert 'facility_monitor_ingest_values_rejected_total{reason="unreadable"} 1.0' in lines
    assert 'facility_monitor_ingest_cpu_seconds_total{stage="decode"} 0.5' in lines
    assert "facility_monitor_ingest_connected 1.0" in lines
    assert "facility_monitor_ingest_messages_in_flight 1.0" in lines
    assert 'facility_monitor_broker_messages{what="dropped"} 4.0' in lines
    assert "facility_monitor_event_streams 0.0" in lines
    assert 'facility_monitor_ingest_balance{what="received"} 0.0' in lines
    assert "facility_monitor_ingest_difference 0.0" in lines
