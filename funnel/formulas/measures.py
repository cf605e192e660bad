"""What a number of a tree is counted in and over: a month's visits, a year's yen, a rate; and where formulas mix them.

Only what is certain is told: a product with a duration, a sum of a stock and a volume, a lever that does not say over
what it is counted make the rest of their way unknown, and the unknown is never wrong. Source: the product's domain
notes 2.2 ("a monthly lever in a yearly KGI is a finding with the factor, never a silent conversion").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from funnel.formulas.formula import Key, Negative, Number, Operation, Part, read_formula
from funnel.formulas.kpi_tree import Tree

Kind = Literal["", "money", "rate", "duration", "count"]
Clash = Literal["periods_added", "periods_divided", "volume_times_volume", "units_added"]

MONTHS = {"week": 12 / 52, "month": 1.0, "quarter": 3.0, "year": 12.0}
NEAR = 0.03

_PER = re.compile(r"/\s*(週|月|か月|ヶ月|四半期|年|week|wk|month|mo|quarter|qtr|year|yr)\Z", re.IGNORECASE)
_PERIODS = {
    word: period
    for period, words in {
        "week": "週 week wk",
        "month": "月 か月 ヶ月 month mo",
        "quarter": "四半期 quarter qtr",
        "year": "年 year yr",
    }.items()
    for word in words.split()
}
_MONEY = re.compile(r"(百万|[千万億兆])?(円|yen|jpy|[¥$€£]|usd|eur)", re.IGNORECASE)
_DURATION = re.compile(
    r"日|日間|週|週間|[かヶカケ箇]?月|[かヶカケ箇]月間|年|年間|期|回目|days?|weeks?|months?|quarters?|years?", re.I
)
_CHURN = re.compile(r"解約|離脱|退会|チャーン|\bchurn|cancel|attrition", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is known of a number.

    `months` are the periods it may be counted over, in months, none for a rate, a price or a stock; `kind` and `scale`
    (the power of ten of its money) what it is counted in; `constant` a number that stands in the formula itself;
    `levers` the volumes in it. Where `known` is False, nothing of its period is.
    """

    months: frozenset[float] = frozenset()
    known: bool = True
    kind: Kind = ""
    scale: int = 0
    constant: float | None = None
    levers: tuple[str, ...] = ()
    ends: bool = False
    """Whether its inverse is a duration, as a churn's is."""


@dataclass(frozen=True)
class Mix:
    """A sign in the formula of `node` that joins what does not belong together, with the levers on its two sides."""

    clash: Clash
    node: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    left_months: float | None = None
    right_months: float | None = None


@dataclass
class Told:
    """The goal's measure, and what is mixed on the way to it."""

    goal: Measure
    mixes: list[Mix] = field(default_factory=list)


def period_of(period: str, unit: str) -> str:
    """Over what a number is counted: as it says, or as its unit does.

    >>> period_of("month", "回"), period_of("", "件/月"), period_of("", "visits/wk"), period_of("", "円")
    ('month', 'month', 'week', '')
    """
    if period:
        return period
    found = _PER.search(unicodedata.normalize("NFKC", unit).strip())
    return _PERIODS[found[1].casefold()] if found else ""


def kind_of(unit: str, *, is_rate: bool = False) -> tuple[Kind, int]:
    """What a unit counts, and for money its power of ten.

    >>> [kind_of(unit) for unit in ("円", "万円", "百万円", "件", "か月", "", "%")]
    [('money', 0), ('money', 4), ('money', 6), ('count', 0), ('duration', 0), ('', 0), ('rate', 0)]
    """
    plain = _PER.sub("", unicodedata.normalize("NFKC", unit).strip())
    if is_rate or plain == "%":
        return "rate", 0
    if not plain:
        return "", 0
    if money := _MONEY.fullmatch(plain):
        return "money", {"千": 3, "万": 4, "百万": 6, "億": 8, "兆": 12}.get(money[1] or "", 0)
    return ("duration" if _DURATION.fullmatch(plain) else "count"), 0


def lever_measure(key: str, *, name: str, unit: str, is_rate: bool, period: str, whole_months: float | None) -> Measure:
    """What a lever says of itself."""
    kind, scale = kind_of(unit, is_rate=is_rate)
    over = "" if kind in ("rate", "duration") else period_of(period, unit)
    ends = kind in ("rate", "") and bool(_CHURN.search(name) or _CHURN.search(key.replace("_", " ")))
    if not over:
        return Measure(kind=kind, scale=scale, ends=ends)
    months = whole_months if over == "whole" else MONTHS[over]
    if months is None:
        return Measure(known=False, kind=kind, scale=scale, levers=(key,))
    return Measure(frozenset({months}), kind=kind, scale=scale, levers=(key,))


def measure_goal(tree: Tree, levers: Mapping[str, Measure], whole_months: float | None = None) -> Told:
    """What the goal is counted over, and every sign on the way that mixes what does not belong together.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("revenue", [Formula("revenue", "orders * 12 * price"), Lever("orders"), Lever("price")])
    >>> orders = lever_measure("orders", name="受注", unit="件", is_rate=False, period="month", whole_months=12)
    >>> sorted(measure_goal(tree, {"orders": orders, "price": Measure(kind="money")}).goal.months)
    [1.0, 12.0]
    """
    return _Reader(tree, levers, whole_months).read()


class _Reader:
    def __init__(self, tree: Tree, levers: Mapping[str, Measure], whole_months: float | None) -> None:
        self.tree = tree
        self.measures = dict(levers)
        self.periods = [*MONTHS.values(), *([whole_months] if whole_months else [])]
        self.mixes: list[Mix] = []
        self.node = ""

    def read(self) -> Told:
        for key in self.tree.order:
            self.node = key
            self.measures[key] = self.part(read_formula(self.tree.formulas[key].text))
        return Told(self.measures.get(self.tree.goal, Measure(known=False)), self.mixes)

    def part(self, part: Part) -> Measure:
        """Without recursion: a long sum is as deep as it is long."""
        waiting: list[tuple[Part, bool]] = [(part, False)]
        ready: list[Measure] = []
        while waiting:
            here, parts_ready = waiting.pop()
            match here:
                case Number(value=value):
                    ready.append(Measure(constant=value))
                case Key(key=key):
                    ready.append(self.measures[key])
                case Negative(of=inner):
                    waiting.append((inner, False))
                case Operation(left=left, right=right) if not parts_ready:
                    waiting += ((here, True), (right, False), (left, False))
                case Operation(sign=sign):
                    right_measure = ready.pop()
                    ready.append(self.joined(sign, ready.pop(), right_measure))
        return ready.pop()

    def joined(self, sign: str, left: Measure, right: Measure) -> Measure:
        if left.constant is not None and right.constant is not None:
            return Measure(constant=_calculated(sign, left.constant, right.constant))
        if sign in "+-":
            return self.added(left, right)
        return self.multiplied(left, right) if sign == "*" else self.divided(left, right)

    def added(self, left: Measure, right: Measure) -> Measure:
        if left.constant is not None or right.constant is not None:
            return replace(left if right.constant is not None else right, ends=False)
        if {left.kind, right.kind} == {"money", "count"} or (
            left.kind == right.kind == "money" and left.scale != right.scale
        ):
            self.note("units_added", left, right)
        same = left.kind == right.kind and left.scale == right.scale
        kind, scale = (left.kind, left.scale) if same else ("", 0)
        levers = _both(left, right)
        if not (left.known and right.known) or bool(left.months) != bool(right.months):
            return Measure(known=False, kind=kind, scale=scale, levers=levers)
        common = _common(left.months, right.months)
        if left.months and not common:
            self.note("periods_added", left, right)
            return Measure(known=False, kind=kind, scale=scale, levers=levers)
        return Measure(common, kind=kind, scale=scale, levers=levers)

    def multiplied(self, left: Measure, right: Measure) -> Measure:
        if left.constant is not None:
            return self.times(right, left.constant)
        if right.constant is not None:
            return self.times(left, right.constant)
        levers = _both(left, right)
        if left.known and right.known and left.months and right.months:
            if left.kind == right.kind == "count":
                self.note("volume_times_volume", left, right)
            return Measure(known=False, levers=levers)
        is_stock = "duration" in (left.kind, right.kind) and bool(left.months or right.months)
        if not (left.known and right.known) or is_stock:
            return Measure(known=False, kind=_product(left, right), levers=levers)
        money = left if left.kind == "money" else right
        kind = _product(left, right)
        return Measure(
            left.months | right.months, kind=kind, scale=money.scale if kind == "money" else 0, levers=levers
        )

    def divided(self, left: Measure, right: Measure) -> Measure:
        if right.constant is not None:
            return self.times(left, 1 / right.constant) if right.constant else Measure(known=False)
        levers = _both(left, right)
        is_lifetime = right.ends or right.kind == "duration" or left.constant is not None
        if not (left.known and right.known) or is_lifetime:
            return Measure(known=False, levers=levers)
        if left.months and right.months:
            if not _common(left.months, right.months):
                self.note("periods_divided", left, right)
            return Measure()
        if right.months:
            return Measure(known=False, levers=levers)
        return Measure(left.months, kind=left.kind if right.kind == "rate" else "", scale=left.scale, levers=levers)

    def times(self, measure: Measure, factor: float) -> Measure:
        """A number may turn months into a year, or be a number of shops: both stay possible."""
        turned = {
            period for months in measure.months for period in self.periods if is_near(months * abs(factor), period)
        }
        is_same_money = measure.kind == "money" and (factor < 10 or factor % 10 != 0)
        kind = "" if measure.kind == "money" and not is_same_money else measure.kind
        return replace(measure, months=measure.months | turned, kind=kind, ends=False)

    def note(self, clash: Clash, left: Measure, right: Measure) -> None:
        one = {side: min(side) if side else None for side in (left.months, right.months)}
        self.mixes.append(Mix(clash, self.node, left.levers, right.levers, one.get(left.months), one.get(right.months)))


def is_near(months: float, period: float) -> bool:
    """Four weeks and a third are a month, 52 of them a year.

    >>> is_near(52 * 12 / 52, 12), is_near(4.33 * 12 / 52, 1), is_near(11.99, 12), is_near(3, 12)
    (True, True, True, False)
    """
    return abs(months - period) <= NEAR * period


def _common(left: frozenset[float], right: frozenset[float]) -> frozenset[float]:
    return frozenset(months for months in left if any(is_near(months, other) for other in right))


def _both(left: Measure, right: Measure) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left.levers, *right.levers)))


def _product(left: Measure, right: Measure) -> Kind:
    kinds = {left.kind, right.kind}
    if "rate" in kinds:
        return left.kind if right.kind == "rate" else right.kind
    return "money" if "money" in kinds and left.kind != right.kind else ""


def _calculated(sign: str, left: float, right: float) -> float:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right if right else 0.0
