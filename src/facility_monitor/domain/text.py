"""Words in the languages of the people who read them."""

from __future__ import annotations

from collections.abc import Mapping

Text = Mapping[str, str]
"""Locale to words: ``{"zh-CN": "配电房", "en": "Distribution room"}``."""

LOCALES = ("zh-CN", "en")


def said(text: Text, locale: str) -> str:
    """``text`` in ``locale``, else in any language it has, else empty."""
    return text.get(locale) or next((words for words in text.values() if words), "")
