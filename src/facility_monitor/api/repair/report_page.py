"""The pages behind a label's QR code: a resident writes what is wrong, and sees how it goes on. Nobody signs in.

Plain HTML without a script, so that it works in whatever opens the code, and weighs nothing on a bad network.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile

from facility_monitor.api.auth import client_address
from facility_monitor.api.parts import Parts, parts_of
from facility_monitor.api.repair import report_words as words
from facility_monitor.domain.repair.resident import CALLED, PHONE_LENGTH, Trouble, phone_of
from facility_monitor.domain.repair.ticket import TicketState
from facility_monitor.domain.text import Text, said
from facility_monitor.errors import NotFound, TooMany
from facility_monitor.flows.repair import residents
from facility_monitor.flows.repair.residents import Photo, Said
from facility_monitor.media import picture
from facility_monitor.media.container import NoPicture
from facility_monitor.store.evidence import signing_key
from facility_monitor.store.evidence.signing_key import SigningKey
from facility_monitor.store.repair.residents import Place, Told

router = APIRouter(include_in_schema=False)

WORDS_LENGTH, WHERE_LENGTH = 1000, 100
PHOTO_BYTES = 10_000_000
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --mark: #b3261e }
@media (prefers-color-scheme: dark) { :root { --mark: #ffb4ab } }
* { box-sizing: border-box }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 0 auto; padding: .75rem 1rem 2rem;
  overflow-wrap: anywhere }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem }
header a { padding: .75rem 0 }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .25rem 0 }
p { margin: .5rem 0 }
.place { opacity: .8 }
.danger { border-left: 4px solid var(--mark); padding: .25rem .75rem; margin: 1rem 0 }
fieldset { border: 0; padding: 0; margin: 1.25rem 0 0 } legend, .name { font-weight: 650; padding: 0; display: block }
.choice { display: flex; gap: .75rem; align-items: center; min-height: 48px; padding: .4rem 0;
  border-bottom: 1px solid var(--line) }
input[type=radio] { width: 1.25rem; height: 1.25rem; flex: none; margin: 0 }
label.field { display: block; margin-top: 1.25rem }
a { color: inherit }
textarea, input[type=text], input[type=tel], input[type=file] { font: inherit; width: 100%; min-height: 48px;
  padding: .6rem; border: 1px solid #888; border-radius: .4rem; margin-top: .35rem }
small { display: block; opacity: .8; line-height: 1.4; margin-top: .3rem } .wrong { color: var(--mark); opacity: 1 }
button { font: inherit; font-weight: 650; width: 100%; min-height: 52px; border-radius: .4rem; border: 0;
  margin: 1.5rem 0 .5rem; background: #0b57d0; color: #fff }
.number { font-size: 2rem; font-weight: 700; margin: 0 } .state { font-size: 1.2rem; font-weight: 650 }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; border-top: 1px solid var(--line);
  padding-top: .75rem } dt { opacity: .8 } dd { margin: 0 }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
Language = Literal["zh-CN", "en"]
Token = Annotated[str, Path(max_length=60)]


class Desk(NamedTuple):
    """One request for a page. ``locale`` is the language of the answer."""

    parts: Parts
    locale: Language
    address: str
    now: datetime

    @property
    def key(self) -> SigningKey:
        return signing_key.kept(self.parts.settings.signing_key)

    def say(self, words: Text) -> str:
        """``words`` in the page's language, safe within HTML."""
        return escape(said(words, self.locale))


class Form(NamedTuple):
    """What was typed, to be shown again where something is wrong."""

    trouble: str = ""
    words: str = ""
    where: str = ""
    phone: str = ""
    photo: bytes = b""


def _desk(request: Request, lang: Annotated[Language | None, Query()] = None) -> Desk:
    """Raises TooMany where one address asks for more pages than anybody reads."""
    parts = parts_of(request)
    now, address = parts.now(), client_address(request)
    standing = parts.resident_quota.take(address, now)
    if standing.wait_s:
        raise TooMany("too many pages from this address", standing.wait_s)
    english = request.headers.get("accept-language", "").lower().startswith("en")
    return Desk(parts, lang or ("en" if english else "zh-CN"), address, now)


AtDesk = Annotated[Desk, Depends(_desk)]


async def _form(request: Request, _desk: AtDesk) -> Form:
    """Read only of who has not asked too often."""
    async with request.form(max_files=1, max_fields=10, max_part_size=16_384) as sent:
        photo = sent.get("photo")
        content = await photo.read() if isinstance(photo, UploadFile) else b""
        typed = {
            name: value for name in ("trouble", "words", "where", "phone") if isinstance(value := sent.get(name), str)
        }
        return Form(**{name: _clean(value).strip() for name, value in typed.items()}, photo=content)


@router.api_route("/report/{token}", methods=["GET", "HEAD"])
def show_form(token: Token, desk: AtDesk) -> HTMLResponse:
    """The form of a label."""
    try:
        with desk.parts.database.transaction() as tx:
            place = residents.open_place(tx, token, desk.key)
    except NotFound:
        return _page(desk, f"<p>{desk.say(words.GONE)}</p>", 404)
    return _asking(desk, place, Form(), {})


@router.post("/report/{token}")
def take_report(token: Token, desk: AtDesk, form: Annotated[Form, Depends(_form)]) -> Response:
    """Opens the ticket and leads to its status, which a reload does not send again."""
    meant, wrong = _read(form)
    try:
        with desk.parts.database.transaction() as tx:
            place = residents.open_place(tx, token, desk.key)
            if meant is None:
                return _asking(desk, place, form, wrong, 422)
            status = residents.report(tx, token, meant, desk.address, desk.parts.files, desk.key, desk.now)
    except NotFound:
        return _page(desk, f"<p>{desk.say(words.GONE)}</p>", 404)
    except TooMany as error:
        minutes = math.ceil(error.retry_after / 60)
        answer = _page(desk, f"<p>{desk.say(words.TOO_OFTEN).format(minutes)}</p>", 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return RedirectResponse(f"/report/status/{status}?lang={desk.locale}", 303)


@router.api_route("/report/status/{token}", methods=["GET", "HEAD"])
def show_status(token: Token, desk: AtDesk) -> HTMLResponse:
    """How far a report is: states and times, nothing of what staff write."""
    try:
        with desk.parts.database.transaction() as tx:
            told = residents.status(tx, token, desk.key)
    except NotFound:
        return _page(desk, f"<p>{desk.say(words.NO_STATUS)}</p>", 404)
    return _page(desk, _standing(desk, told))


def _read(form: Form) -> tuple[Said | None, dict[str, Text]]:
    """What was meant, or what is wrong with it, by field."""
    wrong: dict[str, Text] = {}
    if form.trouble not in list(Trouble):
        wrong["trouble"] = words.MISSING
    if not form.words:
        wrong["words"] = words.TOO_SHORT
    for name, most in (("words", WORDS_LENGTH), ("where", WHERE_LENGTH)):
        if len(getattr(form, name)) > most:
            wrong[name] = {locale: text.format(most) for locale, text in words.TOO_LONG.items()}
    phone = phone_of(form.phone)
    if form.phone and phone is None:
        wrong["phone"] = words.NO_PHONE
    photo = None
    if len(form.photo) > PHOTO_BYTES:
        wrong["photo"] = words.PHOTO_TOO_LARGE
    elif form.photo:
        try:
            photo = Photo(form.photo, picture.read(form.photo))
        except NoPicture:
            wrong["photo"] = words.NO_PHOTO
    if wrong:
        return None, wrong
    return Said(Trouble(form.trouble), form.words, form.where, phone, photo), {}


def _clean(typed: str) -> str:
    """Without what PostgreSQL cannot hold and nobody can see."""
    return "".join(each for each in typed if each == "\n" or each.isprintable())


def _asking(desk: Desk, place: Place, form: Form, wrong: Mapping[str, Text], status: int = 200) -> HTMLResponse:
    say = desk.say

    def hint(field: str, words: Text | None = None) -> str:
        below = "" if words is None else f"<small>{say(words)}</small>"
        return below + (f'<small class="wrong" role="alert">{say(wrong[field])}</small>' if field in wrong else "")

    choices = "".join(
        f'<label class="choice"><input type="radio" name="trouble" value="{each}" required'
        f"{' checked' if form.trouble == each else ''}>{say(CALLED[each])}</label>"
        for each in Trouble
    )
    failed = ""
    if wrong:
        again = f" {say(words.PHOTO_AGAIN)}" if form.photo and "photo" not in wrong else ""
        failed = f'<p class="wrong" role="alert"><b>{say(words.WRONG)}</b>{again}</p>'
    return _page(
        desk,
        f'<p class="place">{say(place.site_name)} · {say(place.name)}</p>'
        f'<p class="danger">{say(words.DANGER)}</p>{failed}'
        f'<form method="post" action="?lang={desk.locale}" enctype="multipart/form-data">'
        f"<fieldset><legend>{say(words.WHAT)}</legend>{choices}{hint('trouble')}</fieldset>"
        f'<label class="field"><span class="name">{say(words.WORDS)}</span><textarea name="words" rows="4" required '
        f'maxlength="{WORDS_LENGTH}">{escape(form.words)}</textarea>{hint("words", words.WORDS_HINT)}</label>'
        f'<label class="field"><span class="name">{say(words.WHERE)}</span><input type="text" name="where" '
        f'maxlength="{WHERE_LENGTH}" placeholder="{say(words.WHERE_EXAMPLE)}" value="{escape(form.where)}">'
        f"{hint('where')}</label>"
        f'<label class="field"><span class="name">{say(words.PHOTO)}</span><input type="file" name="photo" '
        f'accept="image/*">{hint("photo", words.PHOTO_HINT)}</label>'
        f'<label class="field"><span class="name">{say(words.PHONE)}</span><input type="tel" name="phone" '
        f'maxlength="{PHONE_LENGTH}" autocomplete="tel" value="{escape(form.phone)}">'
        f"{hint('phone', words.PHONE_HINT)}</label>"
        f"<button>{say(words.SEND)}</button><small>{say(words.ADDRESS_HINT)}</small></form>",
        status,
    )


def _standing(desk: Desk, told: Told) -> str:
    say = desk.say
    state = TicketState(told.state)
    soon = told.answer_due_at is not None and state is TicketState.OPEN
    rows = [(words.RECEIVED, told.opened_at), (words.DUE, told.due_at)]
    if told.closed_at is not None:
        rows[1] = (words.ENDED, told.closed_at)
    listed = "".join(
        f"<dt>{say(name)}</dt><dd>{at.astimezone(told.place.zone):%Y-%m-%d %H:%M}</dd>" for name, at in rows
    )
    return (
        f'<p class="place">{say(told.place.site_name)} · {say(told.place.name)}</p>'
        f'<p>{say(words.NUMBER)}</p><p class="number">{told.ticket_id}</p>'
        f'<p class="state">{say(words.STATES[state])}</p>{f"<p>{say(words.SOONER)}</p>" if soon else ""}'
        f"<dl>{listed}</dl><p><small>{say(words.KEEP)}</small></p>"
    )


def _page(desk: Desk, body: str, status: int = 200) -> HTMLResponse:
    other = "en" if desk.locale == "zh-CN" else "zh-CN"
    return HTMLResponse(
        f'<!doctype html><html lang="{desk.locale}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{desk.say(words.TITLE)}</title><style>{_STYLE}</style>"
        f'<header><h1>{desk.say(words.TITLE)}</h1><a href="?lang={other}" lang="{other}">{desk.say(words.ANOTHER)}</a>'
        f"</header><main>{body}</main></html>",
        status,
        _HEADERS,
    )
