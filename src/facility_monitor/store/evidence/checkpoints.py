"""Checkpoints of the ledger: files outside of the database, signed, each naming the one before it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from facility_monitor.domain.fire.chain import Span, written
from facility_monitor.store.evidence.signing_key import SigningKey, signed

_NAME = re.compile(r"checkpoint-(\d{6,})\.json")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Checkpoint(NamedTuple):
    """What every chain was at ``at``. A span is empty (``first`` > ``last``) where nothing was added since the last.

    ``previous`` is the SHA-256 of the checkpoint before, None for the first.
    """

    number: int
    at: datetime
    previous: str | None
    spans: Mapping[int, Span]

    @property
    def file_name(self) -> str:
        return f"checkpoint-{self.number:06d}.json"

    def canonical(self) -> bytes:
        """What is signed, as canonical JSON."""
        sites: list[Any] = [
            {"site_id": site_id, "first": first, "last": last, "head": head.hex(), "root": root.hex()}
            for site_id, (_, first, last, head, root) in sorted(self.spans.items())
        ]
        return rfc8785.dumps({"number": self.number, "at": written(self.at), "previous": self.previous, "sites": sites})

    def digest(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


class BadCheckpoint(ValueError):
    """The file holds no checkpoint, or not the one that was signed."""


def document(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The file of a checkpoint: ``{"checkpoint": ..., "key": ..., "signature": ...}``."""
    content = checkpoint.canonical()
    return b'{"checkpoint":%s,"key":"%s","signature":"%s"}\n' % (
        content,
        key.public.encode(),
        key.sign(content).encode(),
    )


def read(data: bytes) -> tuple[Checkpoint, str]:
    """The checkpoint in a file, and the public key that has signed it. Raises BadCheckpoint."""
    try:
        outer = json.loads(data)
        checkpoint = _checkpoint(outer["checkpoint"])
        key, signature = outer["key"], outer["signature"]
        good = signed(key, signature, checkpoint.canonical())
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise BadCheckpoint("is no checkpoint") from None
    if not good:
        raise BadCheckpoint("is not as it was signed")
    return checkpoint, key


def _checkpoint(inner: Mapping[str, Any]) -> Checkpoint:
    number = int(inner["number"])
    spans = {
        int(each["site_id"]): Span(
            number, int(each["first"]), int(each["last"]), _bytes(each["head"]), _bytes(each["root"])
        )
        for each in inner["sites"]
    }
    previous = inner["previous"]
    if previous is not None:
        _bytes(previous)
    return Checkpoint(number, datetime.fromisoformat(inner["at"]), previous, spans)


def _bytes(digits: str) -> bytes:
    if not _DIGEST.fullmatch(digits):
        raise ValueError
    return bytes.fromhex(digits)


class Checkpoints:
    """The folder of the checkpoints. Its files are added, never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> Iterator[tuple[str, bytes, bytes | None]]:
        """Name, content and time stamp of each file, the oldest first; None where it has no stamp yet."""
        for number in self._numbers():
            path = self.folder / f"checkpoint-{number:06d}.json"
            stamp = self.folder / f"{path.name}.tsr"
            yield path.name, path.read_bytes(), stamp.read_bytes() if stamp.exists() else None

    def add_stamp(self, name: str, token: bytes) -> None:
        """Keep the time stamp of the checkpoint in the file ``name``."""
        draft = self.folder / f".{name}.tsr.{os.getpid()}"
        draft.write_bytes(token)
        draft.replace(self.folder / f"{name}.tsr")

    def last(self) -> Checkpoint | None:
        """The newest one. Raises BadCheckpoint."""
        numbers = self._numbers()
        if not numbers:
            return None
        path = self.folder / f"checkpoint-{numbers[-1]:06d}.json"
        try:
            return read(path.read_bytes())[0]
        except BadCheckpoint as error:
            raise BadCheckpoint(f"{path}: {error}") from None

    def add(self, checkpoint: Checkpoint, key: SigningKey) -> bool:
        """Write a checkpoint to the disk; False where somebody else has made one of that number meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{checkpoint.file_name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(document(checkpoint, key))
            file.flush()
            os.fsync(file.fileno())
        try:
            (self.folder / checkpoint.file_name).hardlink_to(draft)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True

    def _numbers(self) -> Sequence[int]:
        if not self.folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in found if match)
