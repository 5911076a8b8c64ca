"""A part of the ledger as one file that proves itself: entries, checkpoints and whatever they refer to, in a zip.

::

    manifest.json           what the file holds, with the size and SHA-256 of each part, and where each chain begins
    manifest.sig            Ed25519 signature of manifest.json, hexadecimal digits
    key.pem                 the public key
    ledger.jsonl            {"entry": ..., "hash": ...}: a line each, by site and position; ``entry`` is what was hashed
    photos/*, files/*, records/*    named by their SHA-256, as entries refer to them
    checkpoints/*.json      as they stand outside of the database
    ...                     whatever else was put in
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, Self, cast

import orjson
import rfc8785

from facility_monitor.domain.fire.chain import Broken, Head, place_of, written
from facility_monitor.errors import InvalidInput
from facility_monitor.store.evidence.chain import Line
from facility_monitor.store.evidence.signing_key import SigningKey, signed

FORMAT = "facility-monitor-proof-1"
LEDGER = "ledger.jsonl"
BY_HASH = ("photos/", "files/", "records/")
"""Parts that are named by the SHA-256 of their bytes, as entries of the ledger refer to them."""
LARGEST_MANIFEST = 32 << 20
LARGEST_PART = 16 << 30
LONGEST_LINE = 4 << 20
_BLOCK = 1 << 20
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError),
    *(KeyError, ValueError, RuntimeError),
)
"""What zipfile raises for a part that is not there, is damaged, encrypted, or packed in a way that is not known."""
_BEFORE, _BETWEEN, _AFTER = b'{"entry":', b',"hash":"', b'"}\n'
_TAIL = len(_BETWEEN) + 64 + len(_AFTER)


class Chain(NamedTuple):
    """A site's chain in a file: it begins after ``start`` and ends with ``head``."""

    site_id: int
    code: str
    start: Head
    head: Head


class Writer:
    """Writes an proof file. ``close`` adds the signed manifest; without it the file proves nothing."""

    def __init__(self, target: IO[bytes] | Path, key: SigningKey, now: datetime) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._key = key
        self._now = now
        self._files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes) -> None:
        self.add_blocks(name, (data,))

    def add_named(self, folder: str, ending: str, data: bytes) -> None:
        """A part that is named by the SHA-256 of its bytes."""
        self.add(f"{folder}/{hashlib.sha256(data).hexdigest()}.{ending}", data)

    def add_blocks(self, name: str, blocks: Iterable[bytes]) -> None:
        """A part that need not fit into memory."""
        found, size = hashlib.sha256(), 0
        with self._zip.open(_info(name, self._now), "w", force_zip64=True) as part:
            for block in blocks:
                found.update(block)
                size += len(block)
                part.write(block)
        self._files[name] = {"sha256": found.hexdigest(), "bytes": size}

    def add_entries(self, lines: Iterable[Line]) -> None:
        self.add_blocks(
            LEDGER,
            (b"".join((_BEFORE, each.canonical, _BETWEEN, each.hash.hex().encode(), _AFTER)) for each in lines),
        )

    def close(self, chains: Iterable[Chain], about: Mapping[str, Any] | None = None) -> None:
        """Sign and end the file; ``about`` says more of what it is."""
        self.add("key.pem", self._key.public_pem())
        manifest = rfc8785.dumps(
            {
                "format": FORMAT,
                "made_at": written(self._now),
                "key": self._key.public,
                "about": dict(about or {}),
                "chains": [
                    {"site_id": each.site_id, "code": each.code, "start": _head(each.start), "head": _head(each.head)}
                    for each in chains
                ],
                "files": self._files,
            }
        )
        for name, data in (("manifest.json", manifest), ("manifest.sig", self._key.sign(manifest).encode())):
            self._zip.writestr(_info(name, self._now), data)
        self._zip.close()


def _info(name: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _head(head: Head) -> dict[str, Any]:
    return {"position": head.position, "hash": head.hash.hex()}


class Reader:
    """Reads an proof file, without unpacking it: no name in it becomes a path. Used as a context manager."""

    def __init__(self, path: Path | IO[bytes]) -> None:
        """Raises InvalidInput where ``path`` is no proof file."""
        try:
            self._zip = zipfile.ZipFile(path)
            self._manifest = self._read("manifest.json", LARGEST_MANIFEST)
            self._signature = self._read("manifest.sig", 1000).decode("ascii")
            manifest = json.loads(self._manifest)
            if manifest["format"] != FORMAT:
                raise ValueError("another format")
            self.key = str(manifest["key"])
            self.made_at = datetime.fromisoformat(manifest["made_at"])
            self.about: dict[str, Any] = manifest["about"]
            self.chains = [
                Chain(int(each["site_id"]), str(each["code"]), _as_head(each["start"]), _as_head(each["head"]))
                for each in manifest["chains"]
            ]
            self.files: dict[str, tuple[str, int]] = {
                name: (str(each["sha256"]), int(each["bytes"])) for name, each in manifest["files"].items()
            }
        except OSError as error:
            raise InvalidInput({str(path): error.strerror or "cannot be read"}) from None
        except (*_DAMAGED, TypeError, AttributeError, ArithmeticError) as error:
            raise InvalidInput({str(path): f"is no proof file: {type(error).__name__} {error}"}) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _read(self, name: str, most: int) -> bytes:
        if self._zip.getinfo(name).file_size > most:
            raise ValueError(f"{name} is larger than {most} bytes")
        with self._zip.open(name) as part:
            return part.read(most)

    def manifest_signed(self) -> bool:
        return signed(self.key, self._signature, self._manifest)

    def part(self, name: str, most: int = LARGEST_MANIFEST) -> bytes:
        """One part that fits into memory. Raises ValueError."""
        try:
            return self._read(name, most)
        except _DAMAGED as error:
            raise ValueError(f"{name}: {error}") from None

    def lines(self) -> Iterator[Line | Broken]:
        """The entries; a Broken where a line is none, and nothing after it."""
        number = 0
        try:
            with io.BufferedReader(cast("io.RawIOBase", self._zip.open(LEDGER)), _BLOCK) as part:
                while line := part.readline(LONGEST_LINE):
                    number += 1
                    yield _line(line)
        except _DAMAGED as error:
            yield Broken(None, None, f"{LEDGER} line {number}: {error}" if number else f"{LEDGER}: {error}")

    def altered(self) -> Iterator[str]:
        """What is wrong with the parts, by name: those that differ from the manifest, are missing, or not listed."""
        for name, (sha256, size) in self.files.items():
            found, read = hashlib.sha256(), 0
            try:
                with self._zip.open(name) as part:
                    while (block := part.read(_BLOCK)) and read <= min(size, LARGEST_PART):
                        found.update(block)
                        read += len(block)
            except _DAMAGED:
                yield f"{name} is missing or damaged"
                continue
            if found.hexdigest() != sha256 or read != size:
                yield f"{name} is not what the manifest lists"
            if name.startswith(BY_HASH) and Path(name).stem != sha256:
                yield f"{name} is not what its name says"
        for name in self._zip.namelist():
            if name not in self.files and name not in ("manifest.json", "manifest.sig"):
                yield f"{name} is not listed in the manifest"


def _as_head(head: Mapping[str, Any]) -> Head:
    value = bytes.fromhex(head["hash"])
    if len(value) != 32:
        raise ValueError("a hash has 32 bytes")
    return Head(int(head["position"]), value)


def _line(line: bytes) -> Line:
    canonical, tail = line[len(_BEFORE) : -_TAIL], line[-_TAIL:]
    if not (line.startswith(_BEFORE) and tail.startswith(_BETWEEN) and tail.endswith(_AFTER)):
        raise ValueError("is not written as an entry with its hash")
    return Line(
        place_of(orjson.loads(canonical)), canonical, bytes.fromhex(tail[len(_BETWEEN) : -len(_AFTER)].decode())
    )
