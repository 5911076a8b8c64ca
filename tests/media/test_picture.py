"""Only whole pictures get in, and only pictures; what the camera wrote is read as far as it makes sense."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facility_monitor.domain.fire.evidence import ALIKE_BITS, Exif, GeoPoint
from facility_monitor.media import picture
from facility_monitor.media.container import NoPicture
from tests.pictures import a_picture, a_scene, archive, bomb, with_chunk, with_segment

JPEG, PNG, WEBP = a_picture(), a_picture("PNG"), a_picture("WEBP")
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (a_picture(progressive=True), "image/jpeg"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
        (a_picture("WEBP", lossless=True), "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_content(content: bytes, media_type: str) -> None:
    read = picture.read(content)
    assert (read.media_type, read.width, read.height) == (media_type, 64, 48)


def test_a_phone_s_picture_may_be_followed_by_its_gain_map() -> None:
    assert picture.read(JPEG + a_picture(size=(16, 12)) + bytes(100)).width == 64


def _frames(kind: str) -> bytes:
    made = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (n, 0, 0)) for n in (0, 200)]
    frames[0].save(made, kind, save_all=True, append_images=frames[1:])
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no picture"),
        (b"just words", "no picture"),
        (SVG, "SVG"),
        (b"\xef\xbb\xbf \n" + SVG, "SVG"),
        (gzip.compress(SVG), "gzip"),
        (b"%PDF-1.7\n%%EOF", "PDF"),
        (archive(), "ZIP"),
        (_frames("GIF"), "GIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "video"),
        (JPEG[: len(JPEG) // 2], "not all"),
        (JPEG[:-2], "not all"),
        (PNG[:-4], "broken"),
        (PNG[:-12], "not all"),
        (WEBP[:-2], "not all"),
        (JPEG[:4], "not all"),
        (JPEG + archive(), "after its end"),
        (JPEG + b"\0\0\0\x18ftypmp42", "after its end"),
        (PNG + archive(), "after its end"),
        (PNG + PNG, "after its end"),
        (WEBP + b"<script>", "after its end"),
        (with_segment(JPEG, 0xFE, b"*/=alert(1)/*<ScRiPt>alert(1)</sCrIpT>"), "markup"),
        (with_segment(JPEG, 0xE1, b"<?php system($_GET[0]); ?>"), "markup"),
        (with_segment(JPEG, 0xFE, b"%PDF-1.4\n1 0 obj"), "document"),
        (with_segment(JPEG, 0xFE, archive()), "archive"),
        (with_chunk(PNG, b"tEXt", b"Comment\0<svg onload=alert(1)>"), "markup"),
        (with_chunk(PNG, b"zzZz", archive()), "archive"),
        (with_chunk(PNG, b"acTL", bytes(8)), "moves"),
        (_frames("WEBP"), "moves"),
        (bomb(), "pixels"),
        (bomb(2**31 - 1, 1), "pixels"),
        (bomb(0, 10), "no size"),
        (bomb(8000, 8000), "decode"),
        (JPEG[:2] + b"\xff\xd9", "without a picture"),
    ],
)
def test_what_is_no_picture_or_more_than_one_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(NoPicture, match=why):
        picture.read(content)


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded() -> None:
    content = a_picture(progressive=True)
    scan = content.index(b"\xff\xda")
    with pytest.raises(NoPicture, match="scans"):
        picture.read(content[:scan] + (b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + b"\0") * 101 + content[scan:])


def test_a_compressed_comment_that_unpacks_to_very_much_is_refused() -> None:
    inflated = with_chunk(PNG, b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    with pytest.raises(NoPicture):
        picture.read(inflated)


@given(st.sampled_from([JPEG, PNG, WEBP]), st.integers(0, 2000), st.binary(min_size=1, max_size=8))
def test_whatever_the_bytes_the_answer_is_a_picture_or_a_refusal(content: bytes, at: int, new: bytes) -> None:
    at %= len(content)
    changed = content[:at] + new + content[at + len(new) :]
    with suppress(NoPicture):
        assert picture.read(changed).width > 0


def test_the_camera_s_time_and_place_are_read() -> None:
    local = datetime(2026, 3, 2, 15, 59, 30)  # noqa: DTZ001 - as a camera writes it
    read = picture.read(a_picture(taken=local, offset="+08:00", place=(31.25, 121.5))).exif
    assert (read.local, read.offset) == (local, timedelta(hours=8))
    assert read.place == GeoPoint(pytest.approx(31.25), pytest.approx(121.5))  # type: ignore[arg-type]
    south = picture.read(a_picture(place=(-33.5, -70.25))).exif
    assert south.local is None
    assert south.place == GeoPoint(pytest.approx(-33.5), pytest.approx(-70.25))  # type: ignore[arg-type]
    assert picture.read(JPEG).exif == Exif()


def test_what_a_camera_wrote_wrongly_is_as_if_it_were_not_there() -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8769).update({0x9003: "0000:00:00 00:00:00", 0x9011: "nonsense"})
    tags.get_ifd(0x8825).update({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)})
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "JPEG", exif=tags)
    assert picture.read(made.getvalue()).exif == Exif()


def test_a_preview_is_small_upright_and_tells_nothing_of_the_camera() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6  # the camera was held on its side
    tags.get_ifd(0x8825).update({1: "N", 2: (31.0, 0.0, 0.0), 3: "E", 4: (121.0, 0.0, 0.0)})
    made = io.BytesIO()
    Image.new("RGB", (1200, 800)).save(made, "JPEG", exif=tags)
    with Image.open(io.BytesIO(picture.preview(made.getvalue()))) as small:
        assert (small.format, small.size) == ("JPEG", (320, 480))
        assert not small.getexif()


def test_a_preview_shows_what_is_transparent_as_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(made, "PNG")
    with Image.open(io.BytesIO(picture.preview(made.getvalue()))) as small:
        assert small.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "kind",
    [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0, "optimize": True}],
    ids=["baseline", "progressive", "restarts", "optimized"],
)
def test_a_jpeg_whose_scan_ends_too_soon_is_refused_though_it_has_an_end(kind: dict[str, Any]) -> None:
    content = a_scene(**kind)
    assert picture.read(content).width == 640
    scan = content.index(b"\xff\xda")
    restart = content.rfind(b"\xff\xd6")
    for cut in (
        scan + 200,
        len(content) // 2,
        len(content) - 40,
        *([restart] if "restart_marker_rows" in kind else []),
    ):
        with pytest.raises(NoPicture, match="not all has come"):
            picture.read(content[:cut].rstrip(b"\xff") + b"\xff\xd9")


def test_a_progressive_jpeg_without_its_last_scan_is_refused() -> None:
    content = a_scene(progressive=True)
    with pytest.raises(NoPicture, match="not all has come"):
        picture.read(content[: content.rindex(b"\xff\xda")] + b"\xff\xd9")


def test_a_picture_that_was_written_anew_is_known_by_what_it_shows() -> None:
    scene = picture.read(a_scene()).fingerprint
    assert scene is not None

    def bits(content: bytes) -> int:
        other = picture.read(content).fingerprint
        assert other is not None
        return ((scene ^ other) & (1 << 64) - 1).bit_count()

    assert bits(a_scene(quality=50)) <= ALIKE_BITS
    with Image.open(io.BytesIO(a_scene())) as image:
        for changed in (image.resize((320, 240)), image.crop((6, 5, 634, 475))):
            made = io.BytesIO()
            changed.save(made, "WEBP")
            assert bits(made.getvalue()) <= ALIKE_BITS
        turned = io.BytesIO()
        tags = Image.Exif()
        tags[0x0112] = 6
        image.transpose(Image.Transpose.ROTATE_90).save(turned, "JPEG", exif=tags)
        assert bits(turned.getvalue()) <= ALIKE_BITS
    assert min(bits(a_scene(seed)) for seed in range(2, 12)) > 3 * ALIKE_BITS
    assert picture.read(JPEG).fingerprint is None
