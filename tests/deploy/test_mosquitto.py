"""mosquitto.conf and mosquitto.acl as they are delivered: what they say, and what a real Mosquitto makes of them."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facility_monitor.demo.embedded import free_port, lets_in, rewritten
from facility_monitor.ingest.broker_accounts import set_password
from facility_monitor.settings import Settings
from tests.deploy.mqtt_peer import Peer, Refused

PASSWORDS = {user: f"{user}-password" for user in ("facility-monitor", "simulators", "dr-1-env", "dr-2-env")}
TELEMETRY = "facility/jade-garden/dr-1-env/telemetry"
READING = b'{"values": {"humidity": 61.2}}'


def directives(project: Path) -> dict[str, str]:
    lines = (project / "mosquitto.conf").read_text().splitlines()
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return {key: value for key, _, value in pairs if key != "listener"}


def test_the_window_holds_two_batches(project: Path) -> None:
    assert int(directives(project)["max_inflight_messages"]) >= 2 * Settings().batch


def test_the_queue_is_as_long_as_the_stated_load_and_outage_need(project: Path) -> None:
    text = (project / "mosquitto.conf").read_text()
    stated = re.search(r"Stated load: ([\d,]+) messages a second for an outage of (\d+) s,\n# (\d+) bytes", text)
    assert stated is not None
    rate, outage, payload = (int(each.replace(",", "")) for each in stated.groups())
    said = directives(project)
    assert int(said["max_queued_messages"]) == rate * outage
    assert int(said["max_queued_bytes"]) == rate * outage * payload


def test_sessions_survive_a_restart(project: Path) -> None:
    said = directives(project)
    assert said["persistence"] == "true"
    assert 1 <= int(said["autosave_interval"]) <= 30
    assert said["autosave_on_changes"] == "false"
    # With true, Mosquitto 2.0.12 and newer does not queue for a persistent session that is away.
    assert said["per_listener_settings"] == "false"


class ProductionBroker:
    """Mosquitto under the delivered configuration; paths and ports are others, and it saves every second."""

    def __init__(self, program: Path, project: Path, folder: Path) -> None:
        self._program = program
        self.device_port, self.service_port = free_port(), free_port()
        passwords = folder / "passwords"
        for user, password in PASSWORDS.items():
            set_password(passwords, user, password)
        values = {
            "password_file": str(passwords),
            "acl_file": str(project / "mosquitto.acl"),
            "persistence_location": f"{folder}/",
            "autosave_interval": "1",
        }
        self._configuration = folder / "mosquitto.conf"
        text = rewritten(
            (project / "mosquitto.conf").read_text(), values, {1883: self.device_port, 1884: self.service_port}
        )
        self._configuration.write_text(text + "user root\n")
        self.saved = folder / "mosquitto.db"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [str(self._program), "-c", str(self._configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while not lets_in(self.service_port, "facility-monitor", PASSWORDS["facility-monitor"]):
            assert time.monotonic() < deadline
            assert self._process.poll() is None
            time.sleep(0.02)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        self._process.wait(10)

    def device(self, code: str, *, port: int | None = None, client_id: str = "") -> Peer:
        return Peer(f"mqtt://{code}:{PASSWORDS[code]}@127.0.0.1:{port or self.device_port}", client_id)

    def service(self, *, clean_session: bool = True) -> Peer:
        url = f"mqtt://facility-monitor:{PASSWORDS['facility-monitor']}@127.0.0.1:{self.service_port}"
        return Peer(url, "ingest-0", clean_session=clean_session)


@pytest.fixture(scope="module")
def running(mosquitto: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProductionBroker]:
    broker = ProductionBroker(mosquitto, project, tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.end()


@pytest.fixture(params=["device_port", "service_port"])
def port(running: ProductionBroker, request: pytest.FixtureRequest) -> int:
    number: int = getattr(running, request.param)
    return number


def test_nobody_comes_in_without_an_account(port: int) -> None:
    with pytest.raises(Refused), Peer(f"mqtt://127.0.0.1:{port}", "stranger"):
        pass


def test_nobody_comes_in_with_a_wrong_password(port: int) -> None:
    with pytest.raises(Refused), Peer(f"mqtt://dr-1-env:{PASSWORDS['dr-2-env']}@127.0.0.1:{port}"):
        pass


def test_a_device_reaches_the_service(running: ProductionBroker) -> None:
    with running.service() as service, running.device("dr-1-env") as device:
        service.subscribe("facility/#")
        device.publish(TELEMETRY, READING)
        assert service.next() == (TELEMETRY, READING)


def test_a_device_has_its_state_and_its_will(running: ProductionBroker) -> None:
    topic = "facility/jade-garden/dr-1-env/status"
    lost = running.device("dr-1-env")
    lost.client.will_set(topic, b"offline", qos=1, retain=True)
    with running.service() as service, lost:
        service.subscribe("facility/#")
        lost.publish(topic, b"online", retain=True)
        assert service.next() == (topic, b"online")
        lost.client.loop_stop()
        with running.device("dr-1-env") as again:  # the same client id: the broker cuts the first connection off
            assert service.next() == (topic, b"offline")
            again.publish(topic, b"", retain=True)  # nothing is kept for the tests after this one


@pytest.mark.parametrize(
    "topic",
    [
        "facility/jade-garden/dr-2-env/telemetry",
        "facility/jade-garden/dr-2-env/status",
        "facility/jade-garden/dr-1-env/command",
        "facility/jade-garden/dr-1-env/telemetry/more",
        "facility/dr-1-env/telemetry",
        "elsewhere/dr-1-env/telemetry",
    ],
)
def test_a_device_speaks_only_under_its_own_name(running: ProductionBroker, topic: str) -> None:
    with running.service() as service, running.device("dr-1-env") as device:
        service.subscribe("facility/#")
        device.publish(topic, READING)
        device.publish(TELEMETRY, b"after")
        assert service.next() == (TELEMETRY, b"after")


def test_a_device_hears_nothing_of_others(running: ProductionBroker) -> None:
    with (
        running.service() as service,
        running.device("dr-1-env") as curious,
        running.device("dr-2-env") as device,
    ):
        service.subscribe("facility/#")
        curious.subscribe("facility/#")
        curious.subscribe("$SYS/#")
        device.publish("facility/jade-garden/dr-2-env/telemetry", READING)
        assert service.next() is not None
        assert curious.next(0.3) is None


def test_the_service_writes_nothing(running: ProductionBroker) -> None:
    with running.service() as service, running.device("dr-1-env") as device:
        service.subscribe("facility/#")
        service.publish(TELEMETRY, b"made up")
        device.publish(TELEMETRY, READING)
        assert service.next() == (TELEMETRY, READING)


def test_the_simulators_speak_for_every_device_and_hear_nothing(running: ProductionBroker) -> None:
    with running.service() as service, running.device("simulators", port=running.service_port) as simulators:
        service.subscribe("facility/#")
        simulators.subscribe("facility/#")
        simulators.publish(TELEMETRY, READING)
        assert service.next() == (TELEMETRY, READING)
        assert simulators.next(0.3) is None


def test_a_device_cannot_take_over_the_session_of_the_service(running: ProductionBroker) -> None:
    with running.service() as service, running.device("dr-1-env", client_id="ingest-0") as device:
        service.subscribe("facility/#")
        device.publish(TELEMETRY, READING)
        assert service.next() == (TELEMETRY, READING)
        assert not service.disconnected.is_set()


def test_the_queue_of_the_service_survives_a_crash_of_the_broker(
    mosquitto: Path, project: Path, tmp_path: Path
) -> None:
    broker = ProductionBroker(mosquitto, project, tmp_path)
    broker.start()
    with broker.service(clean_session=False) as service:
        service.subscribe("facility/#")
    before = [f"before {number}".encode() for number in range(20)]
    with broker.device("dr-1-env") as device:
        for payload in before:
            device.publish(TELEMETRY, payload)
    deadline = time.monotonic() + 15
    while not broker.saved.exists() or before[-1] not in broker.saved.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    broker.end(signal.SIGKILL)

    broker.start()
    with broker.device("dr-1-env") as device:
        # Access rules must hold for a session that was read from disk and is still away.
        device.publish(TELEMETRY, b"while the service is still away")
    with broker.service(clean_session=False) as service:
        assert service.session_present
        arrived = [service.next() for _ in range(21)]
    assert arrived == [(TELEMETRY, payload) for payload in [*before, b"while the service is still away"]]
    broker.end()
