"""Pictures decoded: whether every pixel is there, what the camera wrote into them, and a small preview."""

from __future__ import annotations

import io
import re
import struct
import threading
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from PIL import Image, ImageOps

from facility_monitor.domain.fire.evidence import Exif, GeoPoint
from facility_monitor.media import container
from facility_monitor.media.container import NoPicture

PREVIEW_PX = 480
"""Longest side of a preview."""
_ROWS = 256
_CONTRAST = 16
"""Grey levels between the darkest and the brightest part of a picture that shows something."""
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MEDIA_TYPES = frozenset(_FORMATS)
_EXIF, _GPS = 0x8769, 0x8825
_TIMES = ((0x9003, 0x9011), (0x9004, 0x9012))
"""DateTimeOriginal and DateTimeDigitized, each with its OffsetTime (Exif 2.31)."""
_UNREADABLE = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, MemoryError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises, by experience, for bytes that are not what they should be."""

# The second line behind the container's own check, for what only the decoder finds out.
Image.MAX_IMAGE_PIXELS = container.MOST_PIXELS
_one_at_a_time = threading.Semaphore(1)
"""A picture of the largest size takes 200 MB while it is decoded."""


class Picture(NamedTuple):
    """A picture that decodes to its last pixel. Width and height in pixels."""

    media_type: str
    width: int
    height: int
    exif: Exif
    fingerprint: int | None = None
    """of what it shows (64 bits, two's complement); None where it shows too little"""


def read(content: bytes) -> Picture:
    """Decode ``content`` as a whole. Raises NoPicture."""
    frame = container.read(content)
    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(content), formats=[_FORMATS[frame.media_type]]) as image:
                if image.size != (frame.width, frame.height):
                    raise NoPicture("is a picture of two sizes")
                image.load()
                exif, fingerprint = _exif(image), _fingerprint(image)
                if frame.media_type == "image/jpeg":
                    _is_whole(content, image)
        except NoPicture:
            raise
        except _UNREADABLE:
            raise NoPicture("does not decode to its end") from None
    return Picture(*frame, exif, fingerprint)


def _is_whole(content: bytes, image: Image.Image) -> None:
    """Raises NoPicture for a JPEG whose scans end before its picture does, which the decoder fills up with grey."""
    found = _checksum(image)
    image.close()  # two of the largest size would be too much
    with Image.open(io.BytesIO(container.probed(content)), formats=["JPEG"]) as probed:
        probed.load()
        if _checksum(probed) != found:
            raise NoPicture("is a JPEG of which not all has come")


def _checksum(image: Image.Image) -> int:
    """Of all pixels, which are never twice in memory."""
    found = 0
    for top in range(0, image.height, _ROWS):
        rows = image.crop((0, top, image.width, min(top + _ROWS, image.height)))
        found = zlib.crc32(rows.tobytes(), found)
    return found


def _fingerprint(image: Image.Image) -> int | None:
    """A difference hash: whether each cell of 8 x 8 is darker than the one at its right (N. Krawetz, "Kind of Like
    That", 2013)."""
    plain = image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")
    small = ImageOps.exif_transpose(plain.resize((72, 72), Image.Resampling.BOX)).convert("L")
    cells = small.resize((9, 8), Image.Resampling.BOX).tobytes()
    if max(cells) - min(cells) < _CONTRAST:
        return None
    bits = "".join("01"[cells[at] < cells[at + 1]] for at in range(72) if at % 9 < 8)
    return int.from_bytes(int(bits, 2).to_bytes(8), signed=True)


def preview(content: bytes) -> bytes:
    """A small upright JPEG of a picture that was read before, without anything the camera wrote into it."""
    with _one_at_a_time, Image.open(io.BytesIO(content)) as image:
        image.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((PREVIEW_PX, PREVIEW_PX))
        flat = Image.new("RGB", small.size, "white")
        flat.paste(small, mask=small.convert("RGBA").getchannel("A") if small.has_transparency_data else None)
        made = io.BytesIO()
        flat.save(made, "JPEG", quality=75, optimize=True)
    return made.getvalue()


def _exif(image: Image.Image) -> Exif:
    """What can be read of it: a part that a camera wrote wrongly is as if it were not there."""
    try:
        tags = image.getexif()
        shot, gps = dict(tags.get_ifd(_EXIF)), dict(tags.get_ifd(_GPS))
    except _UNREADABLE:
        return Exif()
    for time_tag, offset_tag in _TIMES:
        local = _local(shot.get(time_tag))
        if local is not None:
            return Exif(local, _offset(shot.get(offset_tag)), _place(gps))
    return Exif(place=_place(gps))


def _local(words: object) -> datetime | None:
    try:
        taken = datetime.strptime(str(words).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - a camera has no zone
    except ValueError:
        return None
    return taken if 1990 <= taken.year < 2200 else None


def _offset(words: object) -> timedelta | None:
    found = re.fullmatch(r"([+-])(\d\d):(\d\d)", str(words).strip("\0 "))
    if found is None:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return (span if found[1] == "+" else -span) if span <= timedelta(hours=14) else None


def _place(gps: Mapping[int, Any]) -> GeoPoint | None:
    try:
        latitude = _degrees(gps[2]) * (-1 if str(gps[1]).upper().startswith("S") else 1)
        longitude = _degrees(gps[4]) * (-1 if str(gps[3]).upper().startswith("W") else 1)
    except (KeyError, ValueError, TypeError, ZeroDivisionError, IndexError):
        return None
    # Some cameras write zeros where they know nothing.
    real = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)
    return GeoPoint(latitude, longitude) if real else None


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
