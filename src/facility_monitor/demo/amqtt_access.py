"""Mosquitto's password file and access rules for amqtt: the same files decide, whichever broker runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from facility_monitor.ingest.broker_accounts import file_lets_in


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One line of mosquitto.acl. ``user`` is None for a pattern, which holds for everybody with %u as the user name."""

    user: str | None
    access: str
    topics: str


def access_rules(text: str) -> list[AccessRule]:
    """The rules of a mosquitto.acl, as far as ours uses its language. Raises ValueError at a line it does not know."""
    rules, user = [], ""
    for line in text.splitlines():
        words = line.split()
        match words:
            case []:
                continue
            case [word, *_] if word.startswith("#"):
                continue
            case ["user", name]:
                user = name
            case ["topic", ("read" | "write") as access, topics]:
                rules.append(AccessRule(user, access, topics))
            case ["pattern", ("read" | "write") as access, topics]:
                rules.append(AccessRule(None, access, topics))
            case _:
                raise ValueError(f"not understood: {line}")
    return rules


def allowed(rules: list[AccessRule], user: str, access: str, topic: str) -> bool:
    """Whether ``user`` may read or write ``topic``, which is a topic's name and no filter."""
    return any(
        rule.access == access
        and rule.user in (None, user)
        and covers(rule.topics.replace("%u", user) if rule.user is None else rule.topics, topic)
        for rule in rules
    )


def covers(topic_filter: str, topic: str) -> bool:
    """Whether an MQTT topic filter matches a topic (MQTT 3.1.1, 4.7); a wildcard first never matches $ topics."""
    filters, levels = topic_filter.split("/"), topic.split("/")
    if levels[0].startswith("$") and filters[0] in ("#", "+"):
        return False
    for position, level in enumerate(filters):
        if level == "#":
            return True
        if position >= len(levels) or level not in ("+", levels[position]):
            return False
    return len(filters) == len(levels)


class Accounts(BaseAuthPlugin):
    """Lets in who stands in the password file, which is read at each connection."""

    @dataclass
    class Config:
        """``password_file``: the path of a Mosquitto password file."""

        password_file: str

    async def authenticate(self, *, session: Session) -> bool:
        return file_lets_in(
            Path(self._get_config_option("password_file")), session.username or "", session.password or ""
        )


class AccessRules(BaseTopicPlugin):
    """Like Mosquitto: everybody may subscribe, but gets only what the rules let him read."""

    @dataclass
    class Config:
        """``rules``: the text of a mosquitto.acl."""

        rules: str

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        if action == Action.SUBSCRIBE:
            return True
        rules = access_rules(self._get_config_option("rules"))
        user = (session.username if session else None) or ""
        return allowed(rules, user, "write" if action == Action.PUBLISH else "read", topic or "")
