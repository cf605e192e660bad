"""What is odd about a plan's numbers and formulas, each with the levers it concerns. Findings, never refusals.

One function a rule; `RULES` lists them, the most important first. A false alarm costs more trust than a miss, so each
rule is silent where it is not sure. Source: the product's domain notes 2.2 and its worked examples.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

from funnel.formulas.formula import Key, Number, Operation, Part, read_formula
from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused
from funnel.formulas.measures import is_near, lever_measure, measure_goal, period_of
from funnel.formulas.twins import Figure, meaning_of, twins_among
from funnel.formulas.what_if import goal_if

TARGETS = ("challenge", "must_hit")
COLUMNS = (CURRENT, "must_hit", "challenge")
APART = 0.05
# What moves the goal by less is nobody's intention.
HARDLY = 1e-3
MOST_RATE_WITHOUT_PERCENT = 2.0

# Shares that may well be more than the whole, or less than nothing.
_OPEN_RATE = re.compile(
    r"達成|前年|前期|昨年|対比|倍率|比率?\Z|成長|伸び|伸長|増加|増減|変化|売上継続|稼働|利益|マージン|収益|充足|回転"
    r"|リピート|購入回数|attainment|growth|increase|change|versus|\bvs\b|of last year|nrr|net revenue|net dollar"
    r"|margin|profit|roi|roas|return|utili[sz]ation|repeat|per first",
    re.IGNORECASE,
)
_NPS = re.compile(r"(?<![a-z])nps(?![a-z])|ネット・?プロモーター|推奨者?スコア|net promoter", re.IGNORECASE)
_A_MONTH = re.compile(r"月商|月間|月次|月額|(?<![a-z])(?:mrr|monthly)(?![a-z])|(?:a|per) month\b", re.IGNORECASE)
_A_YEAR = re.compile(r"年商|年間|年次|年額|(?<![a-z])(?:arr|yearly|annual)(?![a-z])|(?:a|per) year\b", re.IGNORECASE)


@dataclass(frozen=True)
class Node:
    """A node as it is looked at: `values` by column as they stand, None where there is none; rates 0–1."""

    key: str
    name: str
    formula: str = ""
    unit: str = ""
    is_rate: bool = False
    period: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A tree with what its nodes are called, and the KGI above it.

    `nodes` by key, `beside` those that lead to no goal; `kgi_values` by column; `kgi_months` how long the KGI's period
    is, None where it has none.
    """

    tree: Tree
    nodes: Mapping[str, Node]
    beside: tuple[Node, ...] = ()
    kgi_name: str = ""
    kgi_unit: str = ""
    kgi_values: Mapping[str, float | None] = field(default_factory=dict)
    kgi_months: float | None = None

    @property
    def levers(self) -> list[Node]:
        return [self.nodes[key] for key in self.tree.levers if key in self.nodes]

    @cached_property
    def columns(self) -> Mapping[str, Mapping[str, float]]:
        """Every node's value in each column that can be calculated."""
        found = {}
        for column in COLUMNS:
            try:
                found[column] = self.tree.evaluate(column)
            except TreeRefused:
                continue
        return found

    @cached_property
    def months(self) -> float | None:
        """Over how many months the KGI is counted: as its unit or its name says, or its period."""
        per = {"week": 12 / 52, "month": 1.0, "quarter": 3.0, "year": 12.0}.get(period_of("", self.kgi_unit))
        if per is not None:
            return per
        if _A_MONTH.search(self.kgi_name):
            return 1.0
        return 12.0 if _A_YEAR.search(self.kgi_name) else self.kgi_months


@dataclass(frozen=True)
class Finding:
    """One thing worth saying: `code` which, `keys` the nodes it concerns, `values` what the sentence names."""

    code: str
    keys: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


Rule = Callable[[Plan], Iterator[Finding]]


def find(plan: Plan) -> list[Finding]:
    """All findings on a plan, the most important first.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("revenue", [Formula("revenue", "visits * price"), Lever("visits", {"current": 10}),
    ...     Lever("price", {"current": 100})])
    >>> visits = Node("visits", "来店", unit="人", period="month", values={"current": 10})
    >>> plan = Plan(tree, {"visits": visits, "price": Node("price", "単価", unit="円", values={"current": 100})},
    ...     kgi_values={"current": 12_000}, kgi_months=12)
    >>> [(finding.code, finding.keys, dict(finding.values)) for finding in find(plan)]
    [('goal_period', ('visits',), {'made': 1.0, 'wanted': 12, 'factor': 12.0}),
    ('current_apart', (), {'tree': 1000.0, 'kgi': 12000})]
    """
    return [finding for rule in RULES for finding in rule(plan)]


def same_thing_twice(plan: Plan) -> Iterator[Finding]:
    """Levers one of which implies the other; `from` and `to` are what the first makes of the second."""
    figures = [Figure(node.key, node.name, node.is_rate, node.values) for node in plan.levers]
    for twins in twins_among(figures):
        first = plan.nodes[twins.first]
        ends = _ends(first)
        implied = [_implied(value, first, twins.says) for value in ends]
        shown: dict[str, object] = {"says": twins.says, "unit": plan.nodes[twins.second].unit}
        if all(value is not None for value in (*ends, *implied)):
            shown |= {"first_from": ends[0], "first_to": ends[1], "from": implied[0], "to": implied[1]}
        yield Finding("same_thing_twice", (twins.first, twins.second), shown)


def _ends(node: Node) -> tuple[float | None, float | None]:
    """From where to where a lever goes: to its highest target that is set."""
    target = next((node.values[name] for name in TARGETS if node.values.get(name) is not None), None)
    now = node.values.get(CURRENT)
    return now, now if target is None else target


def _implied(value: float | None, node: Node, says: str) -> float | None:
    if value is None or says == "complement":
        return None if value is None else 1 - value
    leaving = 1 - value if meaning_of(node.name, node.key) == "retention" else value
    return 1 / leaving if 0 < leaving <= 1 else None


def rates_outside(plan: Plan) -> Iterator[Finding]:
    """Rates above 100% or below 0 in any column, and those that were typed in per cent."""
    for node in plan.nodes.values():
        if not node.is_rate or _OPEN_RATE.search(unicodedata.normalize("NFKC", f"{node.name} {node.key}")):
            continue
        values = _values_of(plan, node)
        outside = {name: value for name, value in values.items() if not 0 <= value <= 1}
        if not outside:
            continue
        column, value = max(outside.items(), key=lambda item: abs(item[1]))
        code = "rate_below_zero" if value < 0 else "rate_above_one"
        if not node.formula and MOST_RATE_WITHOUT_PERCENT <= value <= 100:
            code = "rate_in_per_cent"
        yield Finding(code, (node.key,), {"column": column, "value": value})


def _values_of(plan: Plan, node: Node) -> dict[str, float]:
    if node.formula:
        return {column: values[node.key] for column, values in plan.columns.items() if node.key in values}
    return {column: float(value) for column, value in node.values.items() if value is not None}


def mixed_measures(plan: Plan) -> Iterator[Finding]:
    """Periods and units that formulas mix, and the goal's period against the KGI's."""
    told = measure_goal(
        plan.tree,
        {
            node.key: lever_measure(
                node.key,
                name=node.name,
                unit=node.unit,
                is_rate=node.is_rate,
                period=node.period,
                whole_months=plan.kgi_months,
            )
            for node in plan.levers
        },
        plan.months,
    )
    for mix in told.mixes:
        values = {"left": mix.left_months, "right": mix.right_months, "left_of": mix.left, "right_of": mix.right}
        yield Finding(mix.clash, (mix.node, *dict.fromkeys((*mix.left, *mix.right))), values)
    goal, wanted = told.goal, plan.months
    if wanted is None or not goal.known or not goal.months or any(is_near(made, wanted) for made in goal.months):
        return
    # Numbers in the formulas make several periods possible; only where they do not is the missing factor sure.
    made = min(goal.months)
    factor = wanted / made if len(goal.months) == 1 else None
    yield Finding("goal_period", goal.levers, {"made": made, "wanted": wanted, "factor": factor})


def scale_of_nps(plan: Plan) -> Iterator[Finding]:
    """NPS goes from −100 to 100; an average answer from 0 to 10 is none."""
    for node in plan.levers:
        if node.is_rate or not _NPS.search(unicodedata.normalize("NFKC", f"{node.name} {node.key.replace('_', ' ')}")):
            continue
        values = list(_values_of(plan, node).values())
        if any(abs(value) > 100 for value in values):
            yield Finding("nps_outside", (node.key,), {"value": max(values, key=abs)})
        elif values and min(values) >= 5 and max(values) <= 10:
            yield Finding("nps_average", (node.key,), {"value": max(values)})


def averages_of_rates(plan: Plan) -> Iterator[Finding]:
    """(a + b) ÷ 2 of two rates: without their volumes the small one counts as much as the large one."""
    for key, formula in plan.tree.formulas.items():
        for keys in _halved_sums(read_formula(formula.text)):
            if all(name in plan.nodes and plan.nodes[name].is_rate for name in keys):
                yield Finding("average_of_rates", (key, *keys))


def _halved_sums(part: Part) -> Iterator[tuple[str, ...]]:
    """The keys of every sum in a formula that is divided by how many they are."""
    waiting = [part]
    while waiting:
        match waiting.pop():
            case Operation(sign="/", left=left, right=Number(value=value)) if _is_share(1 / (value or 1), left):
                yield _sum_of(left)
            case Operation(sign="*", left=Number(value=value), right=right) if _is_share(value, right):
                yield _sum_of(right)
            case Operation(sign="*", left=left, right=Number(value=value)) if _is_share(value, left):
                yield _sum_of(left)
            case Operation(left=left, right=right):
                waiting += (right, left)


def _is_share(share: float, part: Part) -> bool:
    keys = _sum_of(part)
    return bool(keys) and abs(share * len(keys) - 1) < HARDLY


def _sum_of(part: Part) -> tuple[str, ...]:
    """The keys of a plain sum of two or more; none where it is anything else."""
    keys: list[str] = []
    waiting = [part]
    while waiting:
        match waiting.pop():
            case Operation(sign="+", left=left, right=right):
                waiting += (right, left)
            case Key(key=key):
                keys.append(key)
            case _:
                return ()
    return tuple(keys) if len(keys) > 1 else ()


def current_apart(plan: Plan) -> Iterator[Finding]:
    """The levers as they are now come to something else than the KGI says."""
    said = plan.kgi_values.get(CURRENT)
    made = plan.columns.get(CURRENT, {}).get(plan.tree.goal)
    if said is None or made is None or abs(made - said) <= APART * abs(said):
        return
    yield Finding("current_apart", (), {"tree": made, "kgi": said})


@dataclass(frozen=True)
class _Effect:
    """What the goal is with one lever at one target."""

    column: str
    value: float
    goal: float


def moves_that_contradict(plan: Plan) -> Iterator[Finding]:
    """A lever whose target takes the goal the wrong way, and one whose must-hit target is harder than the challenge."""
    now = plan.columns.get(CURRENT)
    if now is None:
        return
    goal = now[plan.tree.goal]
    levers = {key: now[key] for key in plan.tree.levers}
    needs = {column: _way(plan, column, goal) for column in TARGETS}
    for node in plan.levers:
        effects = {
            column: _Effect(column, value, made)
            for column in TARGETS
            if (value := node.values.get(column)) is not None
            and needs[column]
            and (made := goal_if(plan.tree, levers, {node.key: value})) is not None
            and isfinite(made)
        }
        against = next(
            (
                effect
                for effect in effects.values()
                if needs[effect.column] * (effect.goal - goal) < -HARDLY * abs(goal)
            ),
            None,
        )
        if against is not None:
            values = {
                "column": against.column,
                "from": levers[node.key],
                "to": against.value,
                "rises": needs[against.column] > 0,
            }
            yield Finding("against_its_sign", (node.key,), values)
        elif len(effects) == 2:
            challenge, must_hit = (effects[column] for column in TARGETS)
            if needs["challenge"] * (must_hit.goal - challenge.goal) > HARDLY * abs(goal):
                values = {"must_hit": must_hit.value, "challenge": challenge.value}
                yield Finding("must_hit_harder", (node.key,), values)


def _way(plan: Plan, column: str, goal: float) -> int:
    """1 where the KGI's target lies above the goal of today, −1 below, 0 where there is none."""
    target = plan.kgi_values.get(column)
    said = plan.kgi_values.get(CURRENT)
    today = goal if said is None else said
    return 0 if target is None or target == today else 1 if target > today else -1


def orphans(plan: Plan) -> Iterator[Finding]:
    """What stands beside the tree leads to no KGI."""
    if plan.beside:
        yield Finding("orphan", tuple(node.key for node in plan.beside))


RULES: tuple[Rule, ...] = (
    same_thing_twice,
    rates_outside,
    mixed_measures,
    current_apart,
    moves_that_contradict,
    scale_of_nps,
    averages_of_rates,
    orphans,
)
