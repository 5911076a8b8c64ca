"""The demo's channel: one line a message, in the person's language, on a terminal."""

from __future__ import annotations

import threading
from datetime import tzinfo
from typing import TextIO

from facility_monitor.domain.text import said
from facility_monitor.push.channel import Delivered, Message, TryLater
from facility_monitor.push.wording import one_line, sentence

FOR = {"zh-CN": "发给", "en": "to"}


class Console:
    """Prints to ``stream``, with the time of day in ``zone``. Every address is the same stream."""

    def __init__(self, stream: TextIO, zone: tzinfo) -> None:
        self._stream = stream
        self._zone = zone
        self._lock = threading.Lock()

    def send(self, message: Message) -> Delivered:
        line = f"{message.created_at.astimezone(self._zone):%H:%M:%S} {sentence(message.notice, message.locale)}"
        if message.person is not None:
            line += f" → {said(FOR, message.locale)} {one_line(message.person)}"
        # a terminal that cannot show Chinese shows question marks rather than nothing
        encoding = self._stream.encoding or "utf-8"
        line = line.encode(encoding, "replace").decode(encoding)
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise TryLater(f"console: {type(error).__name__}") from None
        return Delivered()

    def close(self) -> None:
        """The stream belongs to whoever gave it."""
