"""YAML that people write: what looks like a word is one, and what looks like a number is that number and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from facility_monitor.errors import InvalidInput


class _Loader(yaml.SafeLoader):
    """Scalars as in YAML 1.2: the 1.1 of the library takes ``on`` for true, ``7_5`` for 75, ``1:30`` for 90 and ``010``
    for 8. A name that stands twice in a mapping is an error, not silently the last of them."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        names = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value in names:
                raise yaml.MarkedYAMLError(None, None, f"{name.value} stands twice", name.start_mark)
            names.add(name.value if isinstance(name, yaml.ScalarNode) else None)
        return node


_MOST = 200_000
_OTHERWISE = {
    "tag:yaml.org,2002:bool": ("true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": ("[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]+|\.?[0-9]*[eE][-+]?[0-9]+|(?<=[0-9])\.)|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OTHERWISE]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Quotes what either version would take for something else than text."""


for _tag, (_pattern, _first) in _OTHERWISE.items():
    for _each in (_Loader, _Dumper):
        _each.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), list(_first))


def read(file: Path) -> str:
    """The text of a file. Raises InvalidInput."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise InvalidInput({str(file): error.strerror or "cannot be read"}) from None
    except UnicodeDecodeError as error:
        raise InvalidInput({str(file): f"is no text in UTF-8: {error}"}) from None


def load(text: str, name: str) -> Any:
    """What ``text`` says. Raises InvalidInput for ``name`` where it is no YAML, or more than 200,000 values."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None and _values(node, {}) > _MOST:
            raise InvalidInput({name: f"says more than {_MOST:,} values"})
        return None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise InvalidInput({name: " ".join(str(error).split())}) from None
    except RecursionError:
        raise InvalidInput({name: "is nested too deeply"}) from None
    except ValueError as error:  # such as a 30th of February
        raise InvalidInput({name: str(error)}) from None


def _values(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """How many values stand in ``node`` once every alias stands for what it names: a few lines can name billions."""
    if node not in known:
        known[node] = _MOST + 1  # for whatever names itself
        inside: Any = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = (part for each in inside for part in (each if isinstance(each, tuple) else (each,)))
        known[node] = 1 + sum(_values(part, known) for part in parts)
    return known[node]


def dump(document: Any) -> str:
    """``document`` as YAML, in its own order, which ``load`` and any other program read as it was."""
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
