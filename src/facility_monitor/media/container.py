"""Pictures as containers of bytes: kind, size and descriptive parts, read without decoding anything.

What a picture has no need of is refused, so that a file which is a picture and something else at once (a page, an
archive, a program) does not get in: bytes after its end, an archive's directory, markup among its descriptive parts.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

MOST_PIXELS = 64_000_000
"""Width times height: more than a 50 megapixel phone camera makes, and 192 MB when it is decoded."""
MOST_SCANS = 100
"""Of a progressive JPEG; a usual one has 10. Each costs a pass over the whole picture."""

_MARKUP = re.compile(rb"<script|<\?php|<\?=|<!doctype|<!entity|<html[\s>]|<svg[\s>]|<iframe|javascript:", re.IGNORECASE)
_SCRIPT = re.compile(rb"<script[\s>]|<!doctype\s|<\?php\s", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"
_NAMES = {
    b"%PDF-": "a PDF",
    b"GIF8": "a GIF",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BM": "a BMP",
    b"II*\x00": "a TIFF",
    b"MM\x00*": "a TIFF",
    b"MZ": "a program",
    b"\x7fELF": "a program",
}


class NoPicture(ValueError):
    """The bytes are no picture that is taken. The message says why, and follows on "the file"."""


class Frame(NamedTuple):
    """What a container says of its picture. Width and height in pixels."""

    media_type: str
    width: int
    height: int


def read(content: bytes) -> Frame:
    """The picture that ``content`` is: JPEG, PNG or WebP, and nothing else besides. Raises NoPicture."""
    if content.startswith(b"\xff\xd8\xff"):
        frame = _jpeg(content)
    elif content.startswith(_PNG):
        frame = _png(content)
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        frame = _webp(content)
    else:
        raise NoPicture(_what(content))
    if not (frame.width > 0 and frame.height > 0):
        raise NoPicture("has no size")
    if frame.width * frame.height > MOST_PIXELS:
        raise NoPicture(f"has {frame.width} x {frame.height} pixels, of at most {MOST_PIXELS}")
    if found := something_else(content):
        raise NoPicture(found)
    return frame


def something_else(content: bytes) -> str | None:
    """What speaks against ``content``, whatever it is, being that alone: it follows on "the file". None: nothing."""
    if _SCRIPT.search(content):
        return "contains a script"
    if zipfile.is_zipfile(io.BytesIO(content)) or content[257:262] == b"ustar":
        return "is an archive too"
    return None


def _what(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        if content[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"):
            return 'is HEIC: let the camera make JPEG ("most compatible")'
        return "is a video or an AVIF picture; JPEG, PNG and WebP are taken"
    known = next((name for start, name in _NAMES.items() if content.startswith(start)), None)
    if known is None and re.match(rb"\s*(\xef\xbb\xbf)?\s*<", content[:200]):
        known = "SVG, HTML or XML"
    return f"is {known or 'no picture'}; JPEG, PNG and WebP are taken"


def _described(part: bytes) -> None:
    """Raises NoPicture for a descriptive part that a browser or an interpreter could run."""
    if _MARKUP.search(part) or b"%PDF-" in part:
        raise NoPicture("contains markup or another document")


class _Jpeg(NamedTuple):
    """One picture of a JPEG: where the entropy-coded data of its scans end, and where it does itself."""

    frame: Frame
    scans: list[int]
    end: int


def _jpeg(content: bytes) -> Frame:
    """One JPEG; others that follow it are its own (gain map, preview: CIPA DC-007 multi-picture format)."""
    first = _jpeg_stream(content, 0)
    end = first.end
    while end < len(content):
        if content.startswith(b"\xff\xd8\xff", end):
            end = _jpeg_stream(content, end).end
        elif not content[end:].strip(b"\0"):
            break
        else:
            raise NoPicture("has other data after its end (a motion photo?)")
    return first.frame


def probed(jpeg: bytes) -> bytes:
    """A JPEG that was read before with something senseless after each scan: a decoder reads it as part of the picture
    where the scan has ended too soon, and passes it over otherwise."""
    parts, begin = [], 0
    for end in _jpeg_stream(jpeg, 0).scans:
        # a scan that ended at a restart goes on only after the restart that is next
        restart = len(_RESTART.findall(jpeg, begin, end)) % 8
        parts += [jpeg[begin:end], _SENSELESS, bytes([0xFF, 0xD0 + restart]), _SENSELESS]
        begin = end
    return b"".join([*parts, jpeg[begin:]])


def _jpeg_stream(content: bytes, start: int) -> _Jpeg:
    """Walks the markers (ITU-T T.81 annex B) of the picture that begins at ``start``."""
    at = start + 2
    size: tuple[int, int] | None = None
    scans: list[int] = []
    wanted: dict[int, set[int]] = {}
    """by component the coefficients that are not there to their last bit"""
    while True:
        if content[at : at + 1] != b"\xff":
            raise NoPicture("is a broken JPEG")
        while content[at : at + 1] == b"\xff":
            at += 1
        code = content[at] if at < len(content) else 0
        at += 1
        if code == 0xD9:
            if size is None or not scans:
                raise NoPicture("is a JPEG without a picture")
            if any(wanted.values()):
                raise NoPicture("is a JPEG of which not all has come")
            return _Jpeg(Frame("image/jpeg", *size), scans, at)
        if code in (0x00, 0x01, 0xD8, *range(0xD0, 0xD8)) or at + 2 > len(content):
            raise NoPicture("is a broken JPEG, or not all of it has come")
        length = int.from_bytes(content[at : at + 2])
        part = content[at + 2 : at + length]
        if length < 2 or len(part) != length - 2:
            raise NoPicture("is a broken JPEG, or not all of it has come")
        at += length
        if code in range(0xC0, 0xD0) and code not in (0xC4, 0xC8, 0xCC):
            if size is not None or len(part) < 6 or len(part) < 6 + 3 * part[5]:
                raise NoPicture("is a broken JPEG")
            if code not in _USUAL:
                raise NoPicture("is a JPEG of a kind that no camera makes and no browser shows")
            height, width = struct.unpack(">HH", part[1:5])
            size = (width, height)
            wanted = {part[6 + 3 * number]: set(range(64)) for number in range(part[5])}
        elif code in range(0xE0, 0xF0) or code == 0xFE:
            _described(part)
        elif code == 0xDA:
            if len(scans) == MOST_SCANS:
                raise NoPicture(f"is a JPEG of more than {MOST_SCANS} scans")
            _take_scan(part, wanted)
            at = _end_of_scan(content, at)
            scans.append(at)


_USUAL = (0xC0, 0xC1, 0xC2)
"""Sequential and progressive DCT with Huffman coding."""
_SENSELESS = bytes(range(1, 255, 4))
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)


def _take_scan(header: bytes, wanted: dict[int, set[int]]) -> None:
    """Takes from ``wanted`` what a scan brings to its last bit (T.81, B.2.3)."""
    count = header[0] if header else 0
    if len(header) != 4 + 2 * count:
        raise NoPicture("is a broken JPEG")
    first, last, approximation = header[1 + 2 * count :]
    if approximation & 0x0F == 0:
        for number in range(count):
            wanted.get(header[1 + 2 * number], set()).difference_update(range(first, last + 1))


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the entropy-coded data that begin at ``at`` end: at a marker other than a restart."""
    found = _MARKER.search(content, at)
    if found is None:
        raise NoPicture("is a JPEG of which not all has come")
    return found.start()


def _png(content: bytes) -> Frame:
    """Chunks up to IEND (ISO/IEC 15948 chapter 5), and nothing after it."""
    size = None
    ended = False
    for name, part in _chunks(content):
        if ended:
            raise NoPicture("has other data after its end")
        if name == b"IHDR" and len(part) == 13:
            size = struct.unpack(">II", part[:8])
        elif name == b"acTL":
            raise NoPicture("moves: an animated PNG")
        elif name == b"IEND":
            ended = True
        elif name not in (b"IDAT", b"PLTE"):
            _described(part)
    if size is None or not ended:
        raise NoPicture("is a PNG of which not all has come")
    return Frame("image/png", *size)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at < len(content):
        if at + 12 > len(content):
            raise NoPicture("is a broken PNG, or has other data after its end")
        length = int.from_bytes(content[at : at + 4])
        name, part = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length
        if at > len(content) or not name.isalpha():
            raise NoPicture("is a broken PNG, or has other data after its end")
        yield name, part


def _webp(content: bytes) -> Frame:
    """RIFF chunks (RFC 9649); the first names the size, and the file ends where RIFF says."""
    if int.from_bytes(content[4:8], "little") + 8 != len(content):
        raise NoPicture("is a WebP with other data after its end, or not all of it has come")
    size: tuple[int, int] | None = None
    at = 12
    while at + 8 <= len(content):
        name = content[at : at + 4]
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        part = content[at + 8 : at + 8 + length]
        if len(part) != length:
            raise NoPicture("is a broken WebP")
        at += 8 + length + length % 2
        if name in (b"ANIM", b"ANMF"):
            raise NoPicture("moves: an animated WebP")
        if name == b"VP8X" and length >= 10:
            size = (int.from_bytes(part[4:7], "little") + 1, int.from_bytes(part[7:10], "little") + 1)
        elif name == b"VP8 " and length >= 10:
            size = size or (int.from_bytes(part[6:8], "little") & 0x3FFF, int.from_bytes(part[8:10], "little") & 0x3FFF)
        elif name == b"VP8L" and length >= 5:
            bits = int.from_bytes(part[1:5], "little")
            size = size or ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif name != b"ALPH":
            _described(part)
    if size is None or at != len(content):
        raise NoPicture("is a broken WebP")
    return Frame("image/webp", *size)
