"""What the parts of elevators will cost by quarter and year, and that as sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from facility_monitor.catalogue import said_basis
from facility_monitor.domain.elevator import budget as budgets
from facility_monitor.domain.elevator.budget import Budget, Item, Money, WhatIf
from facility_monitor.domain.elevator.part_life import Expectation
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.flows.elevator.elevator_parts import Forecast
from facility_monitor.sheets.sheet import Cell, Column, Sheet


class Made(NamedTuple):
    """A budget with the parts that it is of."""

    budget: Budget
    parts: Sequence[Forecast]

    def part(self, item: Item) -> Forecast:
        """The part that an item replaces."""
        return next(each for each in self.parts if each.part.id == item.planned.part_id)

    @property
    def unknown(self) -> Sequence[Forecast]:
        """The parts of which nothing says when they end."""
        return [each for each in self.parts if each.nearest is None]


def changed(parts: Sequence[Forecast], now: datetime, timezone: str, what_if: WhatIf) -> Made:
    """The budget of ``parts`` as it would be: a function of its arguments."""
    planned = [each for part in parts if (each := part.planned()) is not None]
    return Made(budgets.budget(planned, now.astimezone(ZoneInfo(timezone)).date(), what_if), parts)


MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "TND": 3}
"""How many digits the minor unit has (ISO 4217), where it is not two."""


def amount(minor: int, currency: str) -> str:
    """An amount as people write it: ``12,345.00 CNY``."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-digits):,.{digits}f} {currency}"


def amounts(money: Money) -> str:
    return ", ".join(amount(minor, currency) for currency, minor in money.items())


_MONEY = Column({"zh-CN": "金额", "en": "Amount"}, 18)
_ITEMS = (
    Column({"zh-CN": "季度", "en": "Quarter"}, 9),
    Column({"zh-CN": "电梯", "en": "Elevator"}, 14),
    Column({"zh-CN": "配件", "en": "Part"}, 14),
    Column({"zh-CN": "数量", "en": "Pieces"}, 9),
    Column({"zh-CN": "单价", "en": "Unit price"}, 15),
    Column({"zh-CN": "金额", "en": "Cost"}, 16),
    Column({"zh-CN": "预计到期", "en": "Expected end"}, 12),
    Column({"zh-CN": "最早 – 最晚", "en": "Earliest – latest"}, 22),
    Column({"zh-CN": "订货期限", "en": "Order by"}, 12),
    Column({"zh-CN": "供应商", "en": "Supplier"}, 14),
    Column({"zh-CN": "依据", "en": "Basis"}, 30),
    Column({"zh-CN": "状态", "en": "State"}, 9),
)
_OVER: Text = {"zh-CN": "已超龄", "en": "over age"}
_RISKY: Text = {"zh-CN": "超出寿命", "en": "beyond its life"}


def sheets(made: Made, now: datetime) -> list[Sheet]:
    """The budget as tables: by quarter and year, then each replacement with its basis."""
    budget = made.budget
    facts: Sequence[tuple[Text, Cell]] = (
        ({"zh-CN": "三年合计", "en": "Three years"}, amounts(budget.total) or "0"),
        ({"zh-CN": "统计时间", "en": "As of"}, now),
    )
    notes: Sequence[Text] = (
        {
            "zh-CN": "到期日取年限、次数、实测状态三者中最早者；已超龄的配件列入本季度。订货期限为到期日减去供货周期。"
            "依据等级：L 已查证，L~ 来源较弱，O 行业常识，P 自定。",
            "en": "A part ends by its age, its counts or its measured condition, whichever comes first; what is over "
            "age stands in this quarter. Order by = expected end - lead time. Grades of a basis: L looked up, L~ weak "
            "source, O common knowledge, P own proposal.",
        },
    )
    rows: list[Sequence[Cell]] = []
    for year, total in budget.years.items():
        rows += [
            (f"{quarter.year} Q{quarter.number}", len(quarter.items), amounts(quarter.total))
            for quarter in budget.quarters
            if quarter.year == year
        ]
        count = sum(len(quarter.items) for quarter in budget.quarters if quarter.year == year)
        rows.append(({"zh-CN": f"{year} 年合计", "en": f"{year} total"}, count, amounts(total) or "0"))
    summary = Sheet(
        {"zh-CN": "电梯配件预算", "en": "Budget of elevator parts"},
        (_ITEMS[0], Column({"zh-CN": "更换次数", "en": "Replacements"}, 10), _MONEY),
        rows,
        facts,
        notes,
    )
    items = [_item(made, item, f"{each.year} Q{each.number}") for each in budget.quarters for item in each.items]
    return [summary, Sheet({"zh-CN": "更换明细", "en": "Replacements"}, _ITEMS, items, facts[:1])]


def _item(made: Made, item: Item, quarter: str) -> Sequence[Cell]:
    part, planned = made.part(item), item.planned
    latest = "" if planned.latest is None else str(planned.latest)
    price = item.cost // planned.quantity
    return (
        quarter,
        part.part.elevator["name"],
        part.part.kind_name,
        planned.quantity,
        amount(price, planned.currency),
        amount(item.cost, planned.currency),
        item.due_on,
        f"{planned.earliest} – {latest}" if item.nth == 1 else None,
        item.order_by,
        part.part.content.get("supplier"),
        basis(part.nearest),
        _OVER if item.overdue else _RISKY if item.risky else None,
    )


def basis(ends: Expectation | None) -> Text | None:
    """By what a part ends, in words: what, and the rule with its grade."""
    if ends is None:
        return None
    rule = ends.rule
    found = {}
    for locale in LOCALES:
        standard, clause = (said_basis(words, locale) for words in (rule.standard, rule.clause))
        found[locale] = f"{said(rule.name, locale)}: {standard}, {clause} ({rule.grade})"
    return found
