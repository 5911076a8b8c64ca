"""Files by the SHA-256 of their bytes: written once, never changed, read only if they are still the same."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

_INCOMING = "incoming"


class Damaged(Exception):
    """A file is gone, or is not what its name says: its disk, or somebody's hand."""


def digest_of(content: bytes) -> bytes:
    """The SHA-256 under which ``content`` is kept."""
    return hashlib.sha256(content).digest()


class Files:
    """The files under ``folder``, in 256 folders by the first byte of their hash. Any number of processes may write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> bytes:
        """Keep ``content``; returns its SHA-256. When this returns, it is on the disk and under its name.

        A file of that name that holds anything else is replaced.
        """
        digest = digest_of(content)
        path = self._path(digest)
        if path.exists() and path.read_bytes() == content:
            return digest
        incoming = self._folder / _INCOMING / secrets.token_hex(16)
        for folder in (incoming.parent, path.parent):
            _make(folder)
        try:
            with incoming.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            incoming.chmod(0o440)
            incoming.replace(path)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return digest

    def read(self, digest: bytes) -> bytes:
        """The bytes with this SHA-256. Raises Damaged."""
        try:
            content = self._path(digest).read_bytes()
        except OSError as error:
            raise Damaged(f"file {digest.hex()}: {error.strerror}") from error
        if digest_of(content) != digest:
            raise Damaged(f"file {digest.hex()} has been altered")
        return content

    def holds(self, digest: bytes) -> bool:
        """Whether there is a file of this SHA-256, whatever it holds."""
        return self._path(digest).exists()

    def older_than(self, moment: datetime) -> Iterator[list[bytes]]:
        """The hashes of the files written before ``moment``, folder by folder.

        What was begun before then and never got its name is removed on the way.
        """
        before = moment.timestamp()
        for path in _old(self._folder / _INCOMING, before):
            path.unlink(missing_ok=True)
        for folder in sorted(self._folder.glob("??")):
            yield [bytes.fromhex(folder.name + path.name) for path in _old(folder, before)]

    def remove(self, digest: bytes) -> None:
        """Remove a file that no row names any more, or that lies in the archive."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name[2:]


def _old(folder: Path, before: float) -> list[Path]:
    return [path for path in folder.glob("*") if path.stat().st_mtime < before]


def _make(folder: Path) -> None:
    """Make a folder with those above it, each one's name safe on the disk."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Let what the folder names be on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
