"""The story of the demo, told from what the API says: nothing here looks behind it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TextIO

import httpx

from facility_monitor.domain.limit import tells_states_apart
from facility_monitor.domain.text import said
from facility_monitor.errors import FacilityMonitorError

STEPS = ("reading", "alarm", "push", "acknowledgement", "ticket")
REPAIR = timedelta(hours=48)
QUIET_S = 60.0
"""The stream sends a sign of life every 15 s; one that is silent for so long is dead."""


class StepMissing(FacilityMonitorError):
    """A step of the story did not happen in time."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"the story stopped before its step '{step}': {why}")


class Story:
    """Signed in as the engineer on duty at the API under ``base_url``; tells on ``out`` in ``locale`` and ``zone``."""

    def __init__(self, base_url: str, username: str, password: str, locale: str, zone: tzinfo, out: TextIO) -> None:
        self._locale = locale
        self._zone = zone
        self._out = out
        self._api = httpx.Client(base_url=f"{base_url}/api/v1", timeout=10.0)
        answer = self._post("/session", {"username": username, "password": password})
        self._api.headers["authorization"] = f"Bearer {answer['token']}"

    def close(self) -> None:
        self._api.close()

    def follow(self, begin: Callable[[], None]) -> None:
        """Tell what happens from ``begin`` on, for ever; the stream is taken up again where it broke."""
        events = self._events(None, QUIET_S)
        begin()
        last = None
        while True:
            try:
                for event in events:
                    self._tell(event)
                    last = event["id"]
                events = self._events(last, QUIET_S)
            except httpx.HTTPError:
                time.sleep(0.5)
                events = iter(())

    def once(self, seconds: float, begin: Callable[[], None]) -> None:
        """Tell one whole story from ``begin`` on, acknowledging the alarm as the engineer.

        Raises StepMissing where it is not complete after ``seconds``.
        """
        until = time.monotonic() + seconds
        events = self._events(None, seconds)
        began = datetime.now(UTC)
        begin()
        point = self._wait(until, "reading", lambda: self._first_reading(began), "no reading arrived")
        words = f"{said(point['name'], self._locale)} {_shown(point, point['latest']['value'])}"
        self._say("reading", words, point=point["id"])

        alarm = self._alarm_with_ticket(events, until)
        self._say_alarm(alarm)
        notices = f"/alarms/{alarm['id']}/notices"
        sent = self._wait(until, "push", lambda: self._sent(notices), f"no notice of alarm {alarm['id']} was sent")
        self._say_push(alarm, sent)

        taken = self._post(f"/alarms/{alarm['id']}/acknowledge", {"comment": "on my way"})
        if not taken["acknowledged"]:
            raise StepMissing("acknowledgement", f"alarm {alarm['id']} is {taken['state']}")
        self._say("acknowledgement", taken["acknowledged_by"]["name"], alarm=alarm["id"])

        ticket = self._get(f"/tickets/{alarm['ticket_id']}")
        if _moment(ticket["due_at"]) - _moment(ticket["opened_at"]) != REPAIR:
            raise StepMissing("ticket", f"ticket {ticket['id']}: opened {ticket['opened_at']}, due {ticket['due_at']}")
        self._say_ticket(ticket)

    def _tell(self, event: dict[str, Any]) -> None:
        kind = event["kind"]
        if kind in ("alarm_raised", "alarm_reraised"):
            self._say_alarm(self._get(f"/alarms/{event['alarm_id']}"))
        elif kind == "ticket_opened":
            self._say_ticket(self._get(f"/tickets/{event['ticket_id']}"))
        elif event["alarm_id"] is not None:
            alarm = self._get(f"/alarms/{event['alarm_id']}")
            self._say(kind.removeprefix("alarm_"), said(alarm["title"], self._locale), alarm=alarm["id"])
        elif event["ticket_id"] is not None:
            self._say(kind.removeprefix("ticket_"), "", ticket=event["ticket_id"])
        else:
            self._say(kind, "", ledger=event["id"])

    def _alarm_with_ticket(self, events: Iterator[dict[str, Any]], until: float) -> dict[str, Any]:
        try:
            for event in events:
                if time.monotonic() > until:
                    break
                if event["kind"] in ("alarm_raised", "alarm_reraised"):
                    alarm = self._get(f"/alarms/{event['alarm_id']}")
                    if alarm["ticket_id"] is not None:
                        return dict(alarm)
        except httpx.HTTPError as error:
            raise StepMissing("alarm", f"the stream of events broke: {error}") from error
        raise StepMissing("alarm", "none that opens a ticket was raised")

    def _first_reading(self, began: datetime) -> dict[str, Any] | None:
        for point in self._get("/points", limit=500)["items"]:
            if point["latest"] is not None and _moment(point["latest"]["received_at"]) >= began:
                return dict(point)
        return None

    def _sent(self, notices: str) -> dict[str, Any] | None:
        return next((dict(each) for each in self._get(notices)["items"] if each["state"] == "sent"), None)

    def _wait(self, until: float, step: str, look: Callable[[], dict[str, Any] | None], why: str) -> dict[str, Any]:
        while (found := look()) is None:
            if time.monotonic() > until:
                raise StepMissing(step, why)
            time.sleep(0.1)
        return found

    def _say_alarm(self, alarm: dict[str, Any]) -> None:
        place = f"{said(alarm['place'], self._locale)} / {said(alarm['equipment']['name'], self._locale)}"
        words = [f"{place}: {said(alarm['title'], self._locale)}"]
        if alarm["limit"] is None:
            words.append(said(alarm["seen"], self._locale))
        elif not tells_states_apart(alarm["limit"]["value"], alarm["point"]["display_unit"]):
            words.append(
                f"{_shown(alarm['point'], alarm['value'])} ({_shown(alarm['point'], alarm['limit']['value'])})"
            )
        self._say("alarm", ", ".join(words), alarm=alarm["id"])

    def _say_push(self, alarm: dict[str, Any], notice: dict[str, Any]) -> None:
        delay = _moment(notice["sent_at"]) - _moment(notice["created_at"])
        person = notice["person"]["name"] if notice["person"] else "-"
        words = f"{person}, {notice['channel']}, {delay / timedelta(milliseconds=1):.0f} ms"
        self._say("push", words, notice=notice["id"], alarm=alarm["id"])

    def _say_ticket(self, ticket: dict[str, Any]) -> None:
        due = _moment(ticket["due_at"]).astimezone(self._zone)
        words = f"{said(ticket['title'], self._locale)}, due {due:%Y-%m-%d %H:%M} (48 h)"
        self._say("ticket", words, ticket=ticket["id"])

    def _say(self, step: str, words: str, **ids: int) -> None:
        named = " ".join(f"{name}={number}" for name, number in ids.items())
        print(f"{datetime.now(self._zone):%H:%M:%S}  {step:<16}{words}  [{named}]", file=self._out, flush=True)

    def _events(self, last: int | None, seconds: float) -> Iterator[dict[str, Any]]:
        """The ledger's events as they come: the stream is open on return, and read as they are asked for."""
        headers = {} if last is None else {"last-event-id": str(last)}
        request = self._api.build_request("GET", "/events", headers=headers, timeout=httpx.Timeout(10.0, read=seconds))
        response = self._api.send(request, stream=True)
        response.raise_for_status()
        return _parsed(response)

    def _get(self, path: str, **query: Any) -> Any:
        return _answer(self._api.get(path, params=query))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return _answer(self._api.post(path, json=body))


def _parsed(response: httpx.Response) -> Iterator[dict[str, Any]]:
    with closing(response):
        for line in response.iter_lines():
            if line.startswith("data:"):
                event = json.loads(line[5:])
                if "kind" in event:
                    yield event


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        raise FacilityMonitorError(f"{response.request.method} {response.request.url.path}: {response.text}")
    return response.json()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _shown(point: dict[str, Any], value: float) -> str:
    number = value * point["display_scale"]
    rounded = f"{number:.{point['decimals']}f}"
    # a limit of 2.5 among whole numbers must not be shown as 2
    words = rounded if math.isclose(float(rounded), number, rel_tol=0.02) else f"{number:g}"
    return f"{words} {point['display_unit']}".rstrip()
