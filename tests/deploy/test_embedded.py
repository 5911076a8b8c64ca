"""The embedded PostgreSQL and broker: shared by programs, left by the killed, refused by nobody's mistake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from facility_monitor.demo.account import server_account
from facility_monitor.demo.amqtt_access import access_rules, allowed, covers
from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres, delivered_file, lets_in, rewritten
from facility_monitor.errors import Unavailable
from facility_monitor.ingest.broker_accounts import set_password
from tests.deploy.mqtt_peer import Peer, Refused

TELEMETRY = "facility/jade-garden/dr-1-env/telemetry"


def answer(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT 42").fetchone()
    assert row is not None
    number: int = row[0]
    return number


def recorded_pid(folder: Path) -> int:
    pid: int = json.loads((folder / "process.json").read_text())["pid"]
    return pid


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], subprocess.Popen[str]]:
    """Starts a program that opens the server named by an expression, prints a line, and waits to be ended."""

    def start(server: str) -> subprocess.Popen[str]:
        text = f"""
            import pathlib, time
            from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres
            with {server} as server:
                print(server.url, flush=True)
                time.sleep(60)
        """
        started = subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], stdout=subprocess.PIPE, text=True)
        assert started.stdout is not None
        assert started.stdout.readline().startswith(("postgresql://", "mqtt://"))
        return started

    return start


class TestPostgres:
    def test_it_is_what_the_service_expects(self, tmp_path: Path) -> None:
        with EmbeddedPostgres(tmp_path, durable=True) as server, psycopg.connect(server.url) as connection:
            said = {
                name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
                for name in ("server_encoding", "timezone", "fsync", "synchronous_commit", "listen_addresses")
            }
            assert said == {
                "server_encoding": ("UTF8",),
                "timezone": ("UTC",),
                "fsync": ("on",),
                "synchronous_commit": ("on",),
                "listen_addresses": ("",),
            }
            assert connection.execute("SELECT upper('ä'), lower('Ж')").fetchone() == ("Ä", "ж")

    def test_it_keeps_its_data_and_stops_at_the_end(self, tmp_path: Path) -> None:
        with EmbeddedPostgres(tmp_path, durable=False) as server:
            with psycopg.connect(server.url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
            pid = recorded_pid(tmp_path / "postgres")
        assert not is_alive(pid)
        with EmbeddedPostgres(tmp_path, durable=False) as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (42,)

    def test_the_last_user_stops_it(self, tmp_path: Path) -> None:
        second = EmbeddedPostgres(tmp_path, durable=False)
        with ExitStack() as stack:
            with EmbeddedPostgres(tmp_path, durable=False):
                stack.enter_context(second)
                pid = recorded_pid(tmp_path / "postgres")
            assert answer(second.url) == 42  # who started it has gone
        assert not is_alive(pid)

    def test_another_program_shares_it(self, tmp_path: Path, program: Callable[[str], subprocess.Popen[str]]) -> None:
        with EmbeddedPostgres(tmp_path, durable=False) as server:
            other = program(f"EmbeddedPostgres(pathlib.Path({str(tmp_path)!r}))")
            other.send_signal(signal.SIGTERM)
            assert other.wait(10) == 128 + signal.SIGTERM
            assert answer(server.url) == 42

    def test_sigterm_stops_it_with_the_program(
        self, tmp_path: Path, program: Callable[[str], subprocess.Popen[str]]
    ) -> None:
        other = program(f"EmbeddedPostgres(pathlib.Path({str(tmp_path)!r}), durable=False)")
        pid = recorded_pid(tmp_path / "postgres")
        other.send_signal(signal.SIGTERM)
        other.wait(10)
        assert not is_alive(pid)

    def test_what_a_killed_program_left_is_ended_and_its_data_are_there(
        self, tmp_path: Path, program: Callable[[str], subprocess.Popen[str]]
    ) -> None:
        other = program(f"EmbeddedPostgres(pathlib.Path({str(tmp_path)!r}), durable=False)")
        left = recorded_pid(tmp_path / "postgres")
        other.kill()
        other.wait(10)
        assert is_alive(left)
        with EmbeddedPostgres(tmp_path, durable=False) as server:
            assert not is_alive(left)
            assert answer(server.url) == 42

    def test_it_recovers_from_a_kill_of_everything(self, tmp_path: Path) -> None:
        with EmbeddedPostgres(tmp_path, durable=False) as server:
            with psycopg.connect(server.url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
            os.kill(recorded_pid(tmp_path / "postgres"), signal.SIGKILL)
        with EmbeddedPostgres(tmp_path, durable=False) as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (42,)

    def test_a_pid_that_belongs_to_somebody_else_now_is_left_alone(self, tmp_path: Path) -> None:
        with EmbeddedPostgres(tmp_path, durable=False):
            pass
        stranger = subprocess.Popen(["sleep", "60"])
        try:
            began = psutil.Process(stranger.pid).create_time()
            folder = tmp_path / "postgres"
            (folder / "process.json").write_text(json.dumps({"pid": stranger.pid, "began": began, "facts": {}}))
            cluster = folder / "cluster"
            (cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster}\n1700000000\n5432\n\n\n0 0\nready\n")
            with EmbeddedPostgres(tmp_path, durable=False) as server:
                assert answer(server.url) == 42
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    def test_a_cluster_that_was_half_made_is_made_anew(self, tmp_path: Path) -> None:
        half = tmp_path / "postgres" / "cluster.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        with EmbeddedPostgres(tmp_path, durable=False) as server:
            assert answer(server.url) == 42

    def test_data_of_another_major_version_are_refused_and_kept(self, tmp_path: Path) -> None:
        cluster = tmp_path / "postgres" / "cluster"
        cluster.mkdir(parents=True)
        (cluster / "PG_VERSION").write_text("16\n")
        with pytest.raises(Unavailable, match="PostgreSQL 16"), EmbeddedPostgres(tmp_path):
            pass
        assert (cluster / "PG_VERSION").read_text() == "16\n"

    def test_a_path_too_long_for_a_socket_is_no_obstacle(self, tmp_path: Path) -> None:
        folder = tmp_path / ("deep-" * 20) / ("deeper-" * 20)
        with EmbeddedPostgres(folder, durable=False) as server:
            assert answer(server.url) == 42

    def test_nobody_else_may_open_its_socket_or_its_data(self, tmp_path: Path) -> None:
        with EmbeddedPostgres(tmp_path, durable=False):
            for name in ("socket", "cluster"):
                assert (tmp_path / "postgres" / name).stat().st_mode & 0o077 == 0
            assert server_account() is None or psutil.Process(recorded_pid(tmp_path / "postgres")).uids().real != 0


@pytest.fixture(params=["mosquitto", "amqtt"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "mosquitto":
        request.getfixturevalue("mosquitto")
    name: str = request.param
    return name


class TestBroker:
    def open(self, folder: Path, kind: str) -> EmbeddedBroker:
        return EmbeddedBroker(folder, kind="mosquitto" if kind == "mosquitto" else "amqtt")

    def test_it_passes_on_what_the_simulators_say(self, tmp_path: Path, kind: str) -> None:
        with self.open(tmp_path, kind) as broker:
            assert broker.kind == kind
            with Peer(broker.url, "service") as service, Peer(broker.simulators_url, "dr-1-env") as device:
                service.subscribe("facility/#")
                device.publish(TELEMETRY, b"{}")
                assert service.next() == (TELEMETRY, b"{}")

    def test_it_keeps_the_rules_of_production(self, tmp_path: Path, kind: str) -> None:
        with self.open(tmp_path, kind) as broker:
            set_password(broker.password_file, "dr-1-env", "secret")
            broker.reload_accounts()
            url = f"mqtt://dr-1-env:secret@127.0.0.1:{broker.device_port}"
            deadline = time.monotonic() + 5
            while not lets_in(broker.device_port, "dr-1-env", "secret"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            with Peer(broker.url, "service") as service, Peer(url, "dr-1-env") as device:
                service.subscribe("facility/#")
                device.subscribe("facility/#")
                device.publish("facility/jade-garden/dr-2-env/telemetry", b"forbidden")
                device.publish(TELEMETRY, b"allowed")
                assert service.next() == (TELEMETRY, b"allowed")
                assert device.next(0.2) is None
            with pytest.raises(Refused), Peer(f"mqtt://127.0.0.1:{broker.port}", "stranger"):
                pass
            with pytest.raises(Refused), Peer(f"mqtt://dr-1-env:wrong@127.0.0.1:{broker.port}", "dr-1-env"):
                pass

    def test_what_a_killed_program_left_is_ended(
        self, tmp_path: Path, kind: str, program: Callable[[str], subprocess.Popen[str]]
    ) -> None:
        other = program(f"EmbeddedBroker(pathlib.Path({str(tmp_path)!r}), kind={kind!r})")
        left = recorded_pid(tmp_path / "broker")
        other.kill()
        other.wait(10)
        assert is_alive(left)
        with self.open(tmp_path, kind) as broker:
            assert not is_alive(left)
            assert lets_in(broker.port, "facility-monitor", broker.url.split(":")[2].partition("@")[0])

    def test_another_program_shares_it(self, tmp_path: Path, kind: str) -> None:
        with self.open(tmp_path, kind) as first, self.open(tmp_path, kind) as second:
            assert second.url == first.url
            assert second.simulators_url == first.simulators_url

    def test_a_taken_port_is_named(self, tmp_path: Path, kind: str) -> None:
        with self.open(tmp_path / "first", kind) as first:
            second = EmbeddedBroker(
                tmp_path / "second", port=first.port, kind="amqtt" if kind == "amqtt" else "mosquitto"
            )
            with pytest.raises(Unavailable, match=str(first.port)), second:
                pass


def test_mosquitto_keeps_the_queue_of_the_service_over_a_restart(tmp_path: Path, mosquitto: Path) -> None:
    with EmbeddedBroker(tmp_path) as broker:
        with Peer(broker.url, "service", clean_session=False) as service:
            service.subscribe("facility/#")
        with Peer(broker.simulators_url, "dr-1-env") as device:
            device.publish(TELEMETRY, b"while away")
    with EmbeddedBroker(tmp_path) as broker, Peer(broker.url, "service", clean_session=False) as service:
        assert service.next() == (TELEMETRY, b"while away")


def test_a_configuration_that_cannot_be_rewritten_is_refused() -> None:
    text = delivered_file("mosquitto.conf").read_text()
    with pytest.raises(KeyError, match="pid_file"):
        rewritten(text, {"pid_file": "x"}, {1883: 1, 1884: 2})
    with pytest.raises(KeyError, match="1884"):
        rewritten(text, {}, {1883: 1})


class TestRulesForAmqtt:
    @pytest.mark.parametrize(
        ("topics", "topic", "expected"),
        [
            ("facility/#", "facility/a/b/telemetry", True),
            ("facility/#", "facility", True),
            ("facility/+/b/telemetry", "facility/a/b/telemetry", True),
            ("facility/+/b/telemetry", "facility/a/c/telemetry", False),
            ("facility/+", "facility", False),
            ("facility/+", "facility/a/b", False),
            ("#", "$SYS/broker/uptime", False),
            ("+/broker/uptime", "$SYS/broker/uptime", False),
            ("$SYS/#", "$SYS/broker/uptime", True),
        ],
    )
    def test_filters_match_as_mqtt_says(self, topics: str, topic: str, expected: bool) -> None:
        assert covers(topics, topic) is expected

    def test_the_delivered_rules_are_understood(self) -> None:
        rules = access_rules(delivered_file("mosquitto.acl").read_text())
        assert allowed(rules, "dr-1-env", "write", TELEMETRY)
        assert not allowed(rules, "dr-2-env", "write", TELEMETRY)
        assert not allowed(rules, "dr-1-env", "read", TELEMETRY)
        assert allowed(rules, "facility-monitor", "read", TELEMETRY)
        assert not allowed(rules, "facility-monitor", "write", TELEMETRY)

    def test_a_line_that_is_not_understood_is_no_rule(self) -> None:
        with pytest.raises(ValueError, match="readwrite"):
            access_rules("topic readwrite #")
