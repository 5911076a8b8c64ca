"""The reference data that comes with the product, as files: each a list, explained at its head."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


def read(name: str) -> Any:
    """One file of the catalogue, parsed."""
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


def said_basis(words: str, locale: str) -> str:
    """A standard or clause in the reader's language. One that the catalogue does not know, as users write their own,
    stays as it is. The web app is built with the same list."""
    return _basis().get(words, words) if locale == "zh-CN" else words


def said_problem(words: str, locale: str) -> str:
    """What is wrong with something, in the reader's language. Words that the catalogue does not know stay English."""
    if locale != "zh-CN" or not words:
        return words
    exact, patterns = _problems()
    if words in exact:
        return exact[words]
    for pattern, template in patterns:
        found = pattern.fullmatch(words)
        if found is not None:
            return template.format_map({name: exact.get(value, value) for name, value in found.groupdict().items()})
    english = words.split("; ")
    parts = [said_problem(part, locale) for part in english] if len(english) > 1 else english
    return words if parts == english else "；".join(parts)


@cache
def _problems() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Sentences that stand for themselves, and those with places for values, the first that fits counts."""
    found: dict[str, str] = json.loads(files(__name__).joinpath("problems.zh-CN.json").read_text("utf-8"))
    patterns = []
    for english, template in found.items():
        if "{" in english:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english))
            patterns.append((re.compile(pattern, re.DOTALL), template))
    return {english: template for english, template in found.items() if "{" not in english}, patterns


@cache
def _basis() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__name__).joinpath("basis.zh-CN.json").read_text("utf-8"))
    return found
