"""What the service refuses it says in Chinese as in English, to whoever reads the app in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from facility_monitor.catalogue import said_problem

_TOLD = {"InvalidInput", "Conflict", "Forbidden", "NotSignedIn", "TooMany", "ValueError"}
_FOR_OPERATORS = {
    *("domain/elevator/trend.py", "domain/fire/chain.py"),  # never told: caught where they are asked
    "flows/evidence/archive.py",  # at the command line only, which speaks English
}


def _words(node: ast.expr) -> Iterator[str]:
    """What stands there as text, a value in it as 7."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _words(value)
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)


def refusals(source: Path) -> Iterator[str]:
    """The words with which a module refuses something, also where they have a name there."""
    whole = ast.parse(source.read_text("utf-8"))
    named = {
        target.id: node.value
        for node in whole.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(whole):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TOLD:
            for argument in node.args[:1]:
                for part in argument.values if isinstance(argument, ast.Dict) else (argument,):
                    part = part.value if isinstance(part, ast.Subscript) else part
                    yield from _words(named.get(part.id, part) if isinstance(part, ast.Name) else part)


def test_every_refusal_of_the_api_stands_in_chinese_too(project: Path) -> None:
    top = project / "src" / "facility_monitor"
    sources = [
        each for room in ("api", "flows", "domain", "store/views") for each in sorted((top / room).rglob("*.py"))
    ]
    told = [
        (source.relative_to(top).as_posix(), words)
        for source in sources
        if source.relative_to(top).as_posix() not in _FOR_OPERATORS
        for words in refusals(source)
    ]
    assert len(told) > 150
    # one whose first half is chosen by a word in it stands with each of its halves
    told.remove(("flows/alarm/shelving.py", "alarm 7 7 until 7: unshelve it first"))
    assert [each for each in told if not re.search("[一-鿿]", said_problem(each[1], "zh-CN"))] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("cannot accept ticket 12: it is closed", "工单 12 现为“已关闭”，不能接单"),
        ("verify ticket 12 first: its sensors have fallen silent", "请先验证工单 12：传感器没有读数"),
        ("alarm 4 is latched: it needs no reset", "报警 4 自保持：无需复位"),
        (
            "alarm 4 is shelved until 2026-03-02T08:00:00Z: unshelve it first",
            "报警 4 已搁置至 2026-03-02T08:00:00Z，请先取消搁置",
        ),
        ("leads to a server of its own: an admin enters it", "指向自建服务器：由管理员录入"),
        ("what nobody has foreseen", "what nobody has foreseen"),
    ],
)
def test_a_refusal_with_its_values_reads_as_a_sentence(english: str, chinese: str) -> None:
    assert said_problem(english, "zh-CN") == chinese
    assert said_problem(english, "en") == english
