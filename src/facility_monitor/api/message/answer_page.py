"""The page behind the link in a chat message: asks once more, then acknowledges in the name of whom it was sent to.

To open it changes nothing, since chats fetch links to show a preview; the button does.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from facility_monitor.api.parts import parts_of
from facility_monitor.domain.text import Text, said
from facility_monitor.errors import FacilityMonitorError
from facility_monitor.flows.message import messages

router = APIRouter(include_in_schema=False)

_STYLE = """
:root { color-scheme: light dark }
body { font: 18px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 15vh auto 0; padding: 0 1.25rem }
button { font: inherit; font-weight: 650; width: 100%; min-height: 52px; border-radius: .4rem; border: 1px solid }
"""
_POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY.format(base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_ASK: Text = {"zh-CN": "{}，确认这条报警由您处理？", "en": "{}, do you take this alarm?"}
_BUTTON: Text = {"zh-CN": "确认报警", "en": "Acknowledge"}
_DONE: Text = {"zh-CN": "已确认。", "en": "Acknowledged."}
_NOT: Text = {"zh-CN": "此链接已失效或已用过，请在应用中查看。", "en": "This link is over or was used: see the app."}
_OPEN: Text = {"zh-CN": "打开报警", "en": "Open the alarm"}

Token = Annotated[str, Path(max_length=100)]


@router.api_route("/m/{token}", methods=["GET", "HEAD"])
def ask(token: Token, request: Request) -> HTMLResponse:
    parts = parts_of(request)
    try:
        with parts.database.transaction() as tx:
            message, person = messages.of_token(tx, token, parts.now())
    except FacilityMonitorError as error:
        return _refused(error, parts.settings.locale)
    if message.acknowledged_at is not None or message.outdated or message.alarm_id is None:
        return _page(person.locale, escape(said(_NOT, person.locale)), message.alarm_id)
    words = escape(said(_ASK, person.locale).format(person.name))
    button = escape(said(_BUTTON, person.locale))
    return _page(person.locale, f'{words}</p><form method="post"><button>{button}</button></form><p>', message.alarm_id)


@router.post("/m/{token}")
def take(token: Token, request: Request) -> HTMLResponse:
    parts = parts_of(request)
    try:
        with parts.database.transaction() as tx:
            message, person = messages.acknowledge(tx, token, parts.now())
    except FacilityMonitorError as error:
        return _refused(error, parts.settings.locale)
    return _page(person.locale, escape(said(_DONE, person.locale)), message.alarm_id)


def _refused(error: FacilityMonitorError, locale: str) -> HTMLResponse:
    return _page(locale, f"{escape(said(_NOT, locale))}</p><p><small>{escape(str(error))}</small>", None, status=409)


def _page(locale: str, body: str, alarm_id: int | None, *, status: int = 200) -> HTMLResponse:
    link = "" if alarm_id is None else f'<p><a href="/alarms/{alarm_id}">{escape(said(_OPEN, locale))}</a></p>'
    return HTMLResponse(
        f'<!doctype html><html lang="{escape(locale)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>facility_monitor</title><style>{_STYLE}</style><p>{body}</p>{link}",
        status,
        _HEADERS,
    )
