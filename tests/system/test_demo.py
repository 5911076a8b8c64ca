"""The demo as a newcomer runs it: one story, with ids that the API then returns; stopped, and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from facility_monitor.demo.embedded import free_port

COMMAND = [sys.executable, "-m", "facility_monitor.cli", "demo"]


class Demo:
    """A demo with its data in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "var"
        self.url = f"http://127.0.0.1:{free_port()}"
        self._folder = folder

    def start(self, *words: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FM_")}
        here = {"FM_DATA_DIR": str(self.data), "FM_HTTP": self.url.removeprefix("http://"), "FM_LOCALE": "en"}
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self._folder,
            env=kept | here,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def api(self, username: str) -> httpx.Client:
        """The API, signed in as one of the demo's people."""
        password = json.loads((self.data / "demo-logins.json").read_text())[username]
        api = httpx.Client(base_url=f"{self.url}/api/v1", timeout=10)
        answer = api.post("/session", json={"username": username, "password": password})
        assert answer.status_code == 201, answer.text
        api.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return api


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(process.info["cmdline"] or [])
    ]
    assert left == []


def wait_for_line(process: subprocess.Popen[str], pattern: str, seconds: float = 60) -> str:
    assert process.stdout is not None
    until = time.monotonic() + seconds
    for line in process.stdout:
        if re.search(pattern, line):
            return line
        assert time.monotonic() < until, f"no line like {pattern}"
    raise AssertionError(f"ended without a line like {pattern}")


def test_one_story_then_its_ids_from_the_api(demo: Demo) -> None:
    once = demo.start("--once")
    told, wrong = once.communicate(timeout=150)
    assert once.returncode == 0, wrong
    steps = re.findall(r"^\d\d:\d\d:\d\d  (reading|alarm|push|acknowledgement|ticket) ", told, re.MULTILINE)
    assert steps == ["reading", "alarm", "push", "acknowledgement", "ticket"]
    point = int(re.findall(r"\[point=(\d+)\]", told)[0])
    alarm = int(re.findall(r"\[alarm=(\d+)\]", told)[0])
    notice = int(re.findall(r"\[notice=(\d+) alarm=", told)[0])
    ticket = int(re.findall(r"\[ticket=(\d+)\]", told)[0])

    going = demo.start()
    try:
        wait_for_line(going, "starting the simulators")
        api = demo.api("manager")
        assert api.get(f"/points/{point}").json()["latest"] is not None
        found = api.get(f"/alarms/{alarm}").json()
        assert (found["ticket_id"], found["acknowledged_by"]["name"]) == (ticket, "李工 Li")
        assert notice in [each["id"] for each in api.get(f"/alarms/{alarm}/notices").json()["items"]]
        assert api.get(f"/tickets/{ticket}").json()["alarm_ids"][0] == alarm
        kinds = [each["kind"] for each in api.get(f"/alarms/{alarm}/ledger").json()["items"]]
        assert {"alarm_raised", "alarm_acknowledged"} <= set(kinds)
        # the devices were not away, the demo was
        rules = {each["rule"]["code"] for each in api.get("/alarms").json()["items"]}
        assert rules
        assert not [code for code in rules if code.endswith("-silent")]

        lift = demo.api("contractor")
        assert {each["kind"] for each in lift.get("/equipment").json()["items"]} == {"elevator"}
        assert lift.get(f"/alarms/{alarm}").status_code == 404
    finally:
        going.send_signal(signal.SIGINT)
        told, wrong = going.communicate(timeout=30)
    assert (going.returncode, wrong) == (0, "")
    assert told.rstrip().endswith("stopped")


def test_a_story_that_stops_says_at_which_step(demo: Demo, tmp_path: Path) -> None:
    script = (
        "import sys; from facility_monitor.demo import site, stage; stage.ONCE_S = 6.0;"
        "stage._simulators = lambda *_: __import__('contextlib').nullcontext();"
        "from facility_monitor.cli import main; sys.exit(main(['demo', '--once']))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FM_")}
    here = {"FM_DATA_DIR": str(demo.data), "FM_HTTP": demo.url.removeprefix("http://")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=kept | here,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "the story stopped before its step 'reading': no reading arrived\n"
