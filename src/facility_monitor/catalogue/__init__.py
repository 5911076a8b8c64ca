"""The reference data that comes with the product, as files: each a list, explained at its head."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read(name: str) -> Any:
    """One file of the catalogue, parsed."""
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))
