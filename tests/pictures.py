"""Pictures as cameras make them, small ones, and what people make of them who mean ill."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from datetime import datetime
from typing import Any

from PIL import Image, ImageDraw


def a_picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    *,
    colour: tuple[int, int, int] = (40, 90, 160),
    taken: datetime | None = None,
    offset: str | None = None,
    place: tuple[float, float] | None = None,
    **more: Any,
) -> bytes:
    """A picture in one colour; ``taken`` is the camera's clock, ``place`` latitude and longitude in degrees."""
    image = Image.new("RGB", size, colour)
    tags = Image.Exif()
    if taken is not None:
        shot = tags.get_ifd(0x8769)
        shot[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
        if offset is not None:
            shot[0x9011] = offset
    if place is not None:
        gps = tags.get_ifd(0x8825)
        for tag, value, letters in ((1, place[0], "NS"), (3, place[1], "EW")):
            gps[tag] = letters[value < 0]
            gps[tag + 1] = (float(int(abs(value))), (abs(value) % 1) * 60, 0.0)
    made = io.BytesIO()
    image.save(made, kind, exif=tags.tobytes(), **more)
    return made.getvalue()


def a_scene(seed: int = 1, size: tuple[int, int] = (640, 480), **more: Any) -> bytes:
    """A picture that shows something: blots of all sizes and shades."""
    dice = random.Random(seed)
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, r = dice.randrange(size[0]), dice.randrange(size[1]), dice.randrange(10, 90)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(dice.randbytes(3)))
    made = io.BytesIO()
    image.save(made, "JPEG", **{"quality": 85, **more})
    return made.getvalue()


def archive() -> bytes:
    """A ZIP archive with a program in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("run.sh", "echo harm")
    return made.getvalue()


def with_segment(jpeg: bytes, code: int, content: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return jpeg[:2] + bytes([0xFF, code]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk after its first."""
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return png[:33] + chunk + png[33:]


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that says it is of ``width`` x ``height`` pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(100_000), 9)
    parts = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    )
