"""Publishing to a real broker: acknowledged, announced, and nothing lost when the broker goes away."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simulators.cli import main
from simulators.errors import SimulatorError
from simulators.line import Faults, Line
from simulators.message import Message
from simulators.mqtt import Broker, Publisher
from tests.simulators.broker import Listener, RestartableBroker

Listen = Callable[[], Listener]


def test_everything_published_is_acknowledged_recorded_and_arrives(
    own_broker: RestartableBroker, listen: Listen, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listener, record = listen(), tmp_path / "record.jsonl"
    arguments = ["--scenario", "fire", "--count", "7", "--speed", "max", "--duration", "15m", "--duplicates", "0.1"]
    arguments += [
        "--garbage",
        "0.1",
        "--loss",
        "0.1",
        "--late",
        "0.1",
        "--mqtt",
        own_broker.url,
        "--record",
        str(record),
    ]
    assert main(arguments) == 0
    summary = json.loads(capsys.readouterr().out)
    faults = summary["faults"]
    assert summary["published"] == summary["acknowledged"] > 500
    assert summary["published"] == summary["messages"] - faults["lost"] + faults["duplicates"] + faults["garbage"]
    assert len(record.read_text().splitlines()) == summary["acknowledged"]
    listener.wait_for(summary["acknowledged"] + summary["status_acknowledged"])
    arrived = [topic for topic, _, _ in listener.got if topic.endswith("/telemetry")]
    assert len(arrived) == summary["acknowledged"]
    late = listen()
    late.wait_for(7)
    states = {topic: json.loads(payload)["state"] for topic, payload, retained in late.got if retained}
    assert states["facility/jade-garden/sd-0001/status"] == "offline"
    assert set(states.values()) == {"offline"}
    assert len(states) == 7


def test_a_device_of_its_own_connection_has_its_own_name_a_birth_and_a_will(
    own_broker: RestartableBroker, listen: Listen, tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    for device in ("pr-0001-plc", "pr-0002-plc"):
        create = ["-c"] if not passwords.exists() else []
        subprocess.run(["mosquitto_passwd", *create, "-b", str(passwords), device, f"of {device}"], check=True)
    passwords.chmod(0o600)
    acl = tmp_path / "acl"
    acl.write_text("topic read #\npattern write facility/+/%u/#\n")
    acl.chmod(0o600)
    restart(own_broker, [f"password_file {passwords}", f"acl_file {acl}", "allow_anonymous true"])
    own_passwords = tmp_path / "passwords.json"
    own_passwords.write_text(json.dumps({"pr-0001-plc": "of pr-0001-plc", "pr-0002-plc": "of pr-0002-plc"}))
    listener = listen()
    command = [sys.executable, "-m", "simulators", "--scenario", "quiet-day", "--count", "2", "--kind", "pump_room"]
    command += ["--history", "10s"]
    command += ["--mqtt", own_broker.url, "--connections", "device", "--password-file", str(own_passwords)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    status, telemetry = "facility/jade-garden/pr-0002-plc/status", "facility/jade-garden/pr-0002-plc/telemetry"
    wait_until(lambda: bool(listener.payloads(status) and listener.payloads(telemetry)))
    assert json.loads(listener.payloads(status)[0])["state"] == "online"
    child.kill()
    child.wait(5)
    wait_until(lambda: len(listener.payloads(status)) == 2)
    assert json.loads(listener.payloads(status)[-1]) == {"state": "offline"}


def test_nothing_is_lost_when_the_broker_goes_away_for_a_while(own_broker: RestartableBroker) -> None:
    stop = threading.Event()
    publisher = Publisher(Broker.from_url(own_broker.url), "s", stop, window=50)
    publisher.open(["d"])
    line = Line("s", Faults(), seed=1, first_seq=0)
    packets = list(line.through(Message(time.time(), "d", {"humidity": 50.0}) for _ in range(500)))

    def send() -> None:
        for packet in packets:
            publisher.send(packet)
            publisher.wait(0.001)

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.1)
    own_broker.stop()
    time.sleep(0.3)
    assert sender.is_alive(), "the window holds it back"
    own_broker.start()
    sender.join(10)
    counts = publisher.close(5.0)
    assert counts["published"] == counts["acknowledged"] == 500
    assert counts["reconnects"] >= 1


@pytest.mark.parametrize("with_broker", [True, False])
def test_a_stopped_run_ends_within_two_seconds_with_its_summary(
    own_broker: RestartableBroker, with_broker: bool
) -> None:
    command = [sys.executable, "-m", "simulators", "--mqtt", own_broker.url, "--offline", "0.2", "--late", "0.2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("simulators: demo at jade-garden, 49 devices")
        time.sleep(0.8 if with_broker else 0.2)
        if not with_broker:
            own_broker.stop()
        asked = time.monotonic()
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=10)
        took_s = time.monotonic() - asked
    summary = json.loads(out)
    assert summary["stopped"]
    faults = summary["faults"]
    assert summary["published"] + summary["unsent"] == (
        summary["messages"] - faults["lost"] + faults["duplicates"] + faults["garbage"]
    )
    if with_broker:
        assert child.returncode == 0
        assert summary["published"] == summary["acknowledged"] > 0
        assert took_s < 2.5
    else:
        assert took_s < 5


def test_a_refused_password_and_an_absent_broker_are_one_line(
    own_broker: RestartableBroker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "other", "secret"], check=True)
    passwords.chmod(0o600)
    restart(own_broker, [f"password_file {passwords}", "allow_anonymous false"])
    url = f"mqtt://other:wrong%20secret@127.0.0.1:{own_broker.port}"
    assert main(["--mqtt", url]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"simulators: cannot connect to {own_broker.url}: ")
    assert len(error.splitlines()) == 1
    assert "wrong" not in error
    own_broker.stop()
    assert main(["--mqtt", url, "--connect-timeout", "0.3"]) == 2
    assert "no connection within 0.3 s" in capsys.readouterr().err


def test_a_broker_url_is_read_with_its_escapes_and_never_shows_the_password() -> None:
    broker = Broker.from_url("mqtts://dev%2F1:p%40ss@broker.example")
    assert (broker.host, broker.port, broker.tls) == ("broker.example", 8883, True)
    assert (broker.username, broker.password) == ("dev/1", "p@ss")
    assert "p@ss" not in f"{broker!r} {broker}"
    for wrong in ("http://host", "mqtt://", "mqtt://host:port", "mqtt://host/topic"):
        with pytest.raises(SimulatorError, match="--mqtt"):
            Broker.from_url(wrong)


def restart(broker: RestartableBroker, settings: list[str]) -> None:
    broker.stop()
    broker.settings = settings
    broker.start()


def wait_until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
