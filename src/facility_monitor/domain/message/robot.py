"""Group robots of WeCom, DingTalk and Feishu: where they take messages, in which form, and what their answers mean.

They answer 200 also where they refuse: what counts is the code in the answer's body. An address is the robot's own, as
the chat shows it, or Apprise's short form:

    https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY        wecombot://KEY
    https://oapi.dingtalk.com/robot/send?access_token=TOKEN         dingtalk://[SECRET@]TOKEN
    https://open.feishu.cn/open-apis/bot/v2/hook/TOKEN              feishu://TOKEN

A DingTalk robot that asks for signatures has its ``&secret=SEC...`` appended.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote, urlsplit


class Vendor(StrEnum):
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


HOSTS = {
    Vendor.WECOM: "https://qyapi.weixin.qq.com",
    Vendor.DINGTALK: "https://oapi.dingtalk.com",
    Vendor.FEISHU: "https://open.feishu.cn",
}
_PATHS = {
    Vendor.WECOM: "/cgi-bin/webhook/send?key={}",
    Vendor.DINGTALK: "/robot/send?access_token={}",
    Vendor.FEISHU: "/open-apis/bot/v2/hook/{}",
}
_SCHEMES = {"wecombot": Vendor.WECOM, "dingtalk": Vendor.DINGTALK, "feishu": Vendor.FEISHU}
_TOO_OFTEN = {Vendor.WECOM: {45009}, Vendor.DINGTALK: {130101, 410100}, Vendor.FEISHU: {9499, 11232}}
_BUSY = {Vendor.WECOM: {-1}, Vendor.DINGTALK: {-1}, Vendor.FEISHU: {1, 1500, 1000004}}


class Verdict(StrEnum):
    TAKEN = "taken"
    TOO_OFTEN = "too often"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Robot:
    """``secret`` signs what DingTalk gets, where it asks for it."""

    vendor: Vendor
    token: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)

    @property
    def scheme(self) -> str:
        """Of the short form of its address."""
        return next(scheme for scheme, vendor in _SCHEMES.items() if vendor is self.vendor)

    @property
    def key(self) -> bytes:
        """The same for all addresses of the same robot."""
        return hashlib.sha256(f"{self.vendor} {self.token}".encode()).digest()

    def url(self, host: str, now: datetime) -> str:
        """Where to post at ``now``, at ``host`` (scheme and name)."""
        url = host + _PATHS[self.vendor].format(quote(self.token, safe=""))
        if self.vendor is not Vendor.DINGTALK or self.secret is None:
            return url
        timestamp = str(int(now.timestamp() * 1000))
        mac = hmac.new(self.secret.encode(), f"{timestamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        return f"{url}&timestamp={timestamp}&sign={quote(base64.b64encode(mac).decode(), safe='')}"

    def body(self, text: str) -> bytes:
        """A text message."""
        document: dict[str, object] = (
            {"msg_type": "text", "content": {"text": text}}
            if self.vendor is Vendor.FEISHU
            else {"msgtype": "text", "text": {"content": text}}
        )
        return json.dumps(document, ensure_ascii=False).encode()

    def verdict(self, body: bytes) -> tuple[Verdict, str]:
        """What an answer with status 200 says, and its code in words."""
        try:
            answer = json.loads(body)
            code = int(answer["code"] if "code" in answer else answer["errcode"])
        except (ValueError, KeyError, TypeError):
            return Verdict.LATER, "answered what is no answer of a robot"
        if code == 0:
            return Verdict.TAKEN, "taken"
        for verdict, codes in ((Verdict.TOO_OFTEN, _TOO_OFTEN), (Verdict.LATER, _BUSY)):
            if code in codes[self.vendor]:
                return verdict, f"answered with code {code}"
        return Verdict.REFUSED, f"refused with code {code}"


def robot(address: str) -> Robot | None:
    """The robot of an address; None for any other address. Raises ValueError for one that is incomplete."""
    parts = urlsplit(address)
    if parts.scheme in _SCHEMES:
        token, secret = unquote(parts.netloc.rpartition("@")[2]), unquote(parts.netloc.rpartition("@")[0])
        return _checked(_SCHEMES[parts.scheme], token, secret)
    query = parse_qs(parts.query)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin == HOSTS[Vendor.WECOM]:
        return _checked(Vendor.WECOM, query.get("key", [""])[0])
    if origin == HOSTS[Vendor.DINGTALK]:
        return _checked(Vendor.DINGTALK, query.get("access_token", [""])[0], query.get("secret", [""])[0])
    if origin == HOSTS[Vendor.FEISHU]:
        return _checked(Vendor.FEISHU, unquote(parts.path.rpartition("/hook/")[2]))
    return None


def _checked(vendor: Vendor, token: str, secret: str = "") -> Robot:
    if not token or "/" in token:
        raise ValueError(f"holds no robot of {vendor}")
    return Robot(vendor, token, secret or None)
