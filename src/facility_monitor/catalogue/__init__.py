"""The reference data that comes with the product, as files: each a list, explained at its head."""

from __future__ import annotations

import json
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


@cache
def _basis() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__name__).joinpath("basis.zh-CN.json").read_text("utf-8"))
    return found
