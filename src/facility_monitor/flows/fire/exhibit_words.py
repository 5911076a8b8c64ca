"""Photos and files as a printed sheet names them: by the beginning of their hash, with what speaks against a photo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facility_monitor.domain.text import Text, said

_DOUBTS: Mapping[str, Text] = {
    "gallery": {"zh-CN": "非现场拍摄", "en": "not taken on the spot"},
    "time_gap": {"zh-CN": "时间不符", "en": "time gap"},
    "far": {"zh-CN": "地点不符", "en": "far from the site"},
    "reused": {"zh-CN": "照片重复使用", "en": "the same photo as in another record"},
    "alike": {"zh-CN": "与其他记录的照片雷同", "en": "looks like the photo of another record"},
}


def exhibit_lines(of: Mapping[str, Any], locale: str) -> list[str]:
    """The photos and files of a record, a line each."""
    photos = [_photo(number, photo, locale) for number, photo in enumerate(of["photos"], 1)]
    return [*photos, *(f"{'附件' if locale == 'zh-CN' else 'file'}: {_file(each)}" for each in of["files"])]


def _photo(number: int, photo: Mapping[str, Any], locale: str) -> str:
    """A photo by the beginning of its hash, and whatever speaks against it."""
    doubts = [_doubt(each, locale) for each in photo["doubts"]]
    against = "" if not doubts else f" [{('；' if locale == 'zh-CN' else '; ').join(dict.fromkeys(doubts))}]"
    return f"{'照片' if locale == 'zh-CN' else 'photo'} {number}: {photo['sha256'][:12]}{against}"


def _file(file: Mapping[str, Any]) -> str:
    """A file by its name and the beginning of its hash."""
    return f"{file['name'] or file['purpose']} ({file['sha256'][:12]})"


def _doubt(finding: Mapping[str, Any], locale: str) -> str:
    measured = finding["measured"]
    words = said(_DOUBTS[finding["doubt"]], locale)
    if measured is None:
        return words
    if finding["unit"] == "s":
        minutes = round(measured / 60)
        return f"{words} {minutes // 60}:{minutes % 60:02} h"
    return f"{words} {measured / 1000:.1f} km" if finding["unit"] == "m" else words
