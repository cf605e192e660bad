"""What the nodes of a KGI's tree would be as key results of a cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from funnel.forms.funnels import FunnelForm, shown_up, suffix_of, unit_of
from funnel.formulas.back_calculation import RATES, VOLUMES
from funnel.formulas.kpi_tree import Tree, TreeRefused
from funnel.formulas.planning import divide_to_cycle
from funnel.models import KGI, KPI
from funnel.sentences import sentence_of
from funnel.services import CHAIN, LINKS
from funnel.trees import in_words, kpis_of, node_of, reachable
from objectives.formulas.periods import MONTH, WEEK, WHOLE, CycleMonths, periods_of
from objectives.models import KeyResult, Kind, MeasureType
from objectives.queries.worth import Aim, Movable, Worth

# What one does oneself, and what comes of it.
PROCESS = {"visits", "cvs", "deals"}
QUOTIENTS = {
    "unit_price": ("revenue", "orders"),
    "win_rate": ("orders", "deals"),
    "deal_rate": ("deals", "cvs"),
    "cv_rate": ("cvs", "visits"),
}
COLUMNS = ("current", "must_hit", "challenge")
LONGEST_MEASURED_HOW = 300
# Above this a volume is whole in any unit; below it a hundredth may matter.
WHOLE_FROM = 10
MOST_PICKED = 3


@dataclass(frozen=True)
class Proposal:
    """One lever or volume as a key result of the cycle, in people's units.

    `obstacle` says why it cannot be one, `missing` what a person still has to say. `whole_period` is what the lever
    itself is to become over its own period, `period`.
    """

    kpi: KPI
    kind: str
    unit: str
    name: str
    start: Decimal | None
    must_hit: Decimal | None
    target: Decimal | None
    whole_period: Decimal | None
    obstacle: str
    period: str = WHOLE
    measured_how: str = ""
    measure_type: str = MeasureType.RESULT
    missing: str = ""
    worth: Worth | None = None

    @property
    def suffix(self) -> str:
        return suffix_of(self.unit)

    @property
    def is_cumulative(self) -> bool:
        return self.kind == Kind.CUMULATIVE

    @property
    def needs_measuring(self) -> bool:
        """Whether the baseline has to be found first."""
        return not self.is_cumulative and self.start is None

    @property
    def aim(self) -> Aim:
        return Aim(self.kpi.key, self.kind, self.start, self.target, self.must_hit)


# The funnel's chain


def propose(kgi: KGI, share: Fraction) -> list[Proposal]:
    """What each link of the KGI's funnel would be as a key result of a cycle with this share of the period.

    Volumes are divided from their exact values and then rounded up; rates and the price are the same all year.
    """
    form = FunnelForm(kgi=kgi).calculate_initial()
    kpis = {kpi.key: kpi for kpi in kgi.kpis.standing().filter(key__in=LINKS)}
    proposals = []
    for link in CHAIN:
        if link.key not in kpis:
            continue
        exact = {
            column: getattr(answer, link.key) if answer is not None else None for column, answer in form.answers.items()
        }
        if link.key in VOLUMES or link.key == "revenue":
            proposals.append(volume(kpis[link.key], str(link.name), exact, share, kgi))
        else:
            proposals.append(level(kpis[link.key], str(link.name), exact, kgi))
    return proposals


def quotient(key: str) -> str:
    """How a rate or a price is worked out from the stages of the funnel, in words; nothing for a volume."""
    parts = QUOTIENTS.get(key)
    if parts is None:
        return ""
    part, whole = (LINKS[name].name for name in parts)
    return _("%(part)s ÷ %(whole)s") % {"part": part, "whole": whole}


def volume(kpi: KPI, name: str, exact: Mapping[str, Fraction | None], share: Fraction, kgi: KGI) -> Proposal:
    def divided(value: Fraction | None) -> Decimal | None:
        return None if value is None else Decimal(divide_to_cycle(value, share))

    must_hit, target = divided(exact["must_hit"]), divided(exact["challenge"])
    if target is None:
        must_hit, target = None, must_hit
    obstacle = "" if target else _("The funnel gives no target for it.")
    highest = exact["challenge"] if exact["challenge"] is not None else exact["must_hit"]
    whole = None if highest is None else shown_up(kpi.key, highest)
    unit = unit_of(kpi.key, kgi.unit)
    return Proposal(
        kpi,
        Kind.CUMULATIVE,
        unit,
        name,
        Decimal(0),
        must_hit,
        target,
        whole,
        obstacle,
        measured_how=said_of(kpi),
        measure_type=MeasureType.PROCESS if kpi.key in PROCESS else MeasureType.RESULT,
    )


def level(kpi: KPI, name: str, exact: Mapping[str, Fraction | None], kgi: KGI) -> Proposal:
    def said(value: Fraction | None) -> Decimal | None:
        if value is None:
            return None
        shown = shown_up(kpi.key, value) if value.denominator != 1 or kpi.key in RATES else Decimal(value.numerator)
        return shown * 100 if kpi.key in RATES else shown

    now = exact["current"]
    if now is None and kpi.current is not None:
        now = Fraction(kpi.current)
    start, must_hit, target = said(now), said(exact["must_hit"]), said(exact["challenge"])
    if target is None:
        must_hit, target = None, must_hit
    obstacle = ""
    if target is None:
        obstacle = _("The funnel gives no target for it.")
    elif start is not None and start == target:
        obstacle = stays()
    unit = "%" if kpi.key in RATES else kgi.unit
    measured = said_of(kpi) or quotient(kpi.key)
    return Proposal(kpi, Kind.REACH, unit, name, start, must_hit, target, None, obstacle, measured_how=measured)


def stays() -> str:
    return _("It stays where it is, so there is nothing to reach.")


# Any tree


@dataclass(frozen=True)
class Branches:
    """The nodes of a tree as they stand, whether or not all of it can be calculated yet."""

    goal: KPI
    nodes: Sequence[KPI]
    values: Mapping[str, Mapping[str, float | None]]
    periods: Mapping[str, str]
    wrong: Mapping[str, TreeRefused]
    near: frozenset[str]
    """The goal and what its formula names: results, not work."""

    @classmethod
    def of(cls, kgi: KGI) -> Branches | None:
        """A KGI's tree; None without one, or where its formulas make none.

        The goal aims at what the KGI says, whatever its levers would make of it.
        """
        rows = kpis_of(kgi)
        goal = next((kpi for kpi in rows if kpi.is_goal), None)
        if goal is None:
            return None
        nodes = reachable(rows, goal.key)
        try:
            tree = Tree(goal.key, [node_of(kpi, {}) for kpi in nodes])
        except TreeRefused:
            return None
        periods = periods_of(tree, {kpi.key: kpi.period for kpi in nodes})
        values, wrong = calculated(tree, nodes)
        values[goal.key] |= said_of_goal(kgi, values[goal.key]["current"])
        near = frozenset({goal.key, *tree.children.get(goal.key, ())})
        periods |= {goal.key: WHOLE if periods[goal.key] else ""}
        return cls(goal, nodes, values, periods, wrong, near)


def said_of_goal(kgi: KGI, now: float | None) -> dict[str, float | None]:
    """What the KGI itself is to become, in the columns where it says so; where it stands only where no lever tells."""
    said = {"must_hit": number_of(kgi.must_hit_value), "challenge": number_of(kgi.challenge_value)}
    if now is None:
        said["current"] = number_of(kgi.current_value)
    return {column: value for column, value in said.items() if value is not None}


def calculated(tree: Tree, nodes: Sequence[KPI]) -> tuple[dict[str, dict[str, float | None]], dict[str, TreeRefused]]:
    """Every node's value by column, None where there is none; and why today's values of formulas are not known.

    A formula has a target where something below it has one.
    """
    values: dict[str, dict[str, float | None]] = {}
    wrong: dict[str, TreeRefused] = {}
    for kpi in nodes:
        if kpi.is_lever:
            values[kpi.key] = {name: number_of(getattr(kpi, name)) for name in COLUMNS}
    aimed = {column: {key for key, found in values.items() if found[column] is not None} for column in COLUMNS}
    found: dict[str, dict[str, float]] = {}
    for column in COLUMNS:
        try:
            found[column] = tree.evaluate(column)
        except TreeRefused as refused:
            found[column] = {}
            wrong[column] = refused
    for key in tree.order:
        for column in COLUMNS:
            if aimed[column].intersection(tree.children[key]):
                aimed[column].add(key)
        values[key] = {
            column: found[column].get(key) if column == "current" or key in aimed[column] else None
            for column in COLUMNS
        }
    return values, {key: wrong["current"] for key in tree.order if "current" in wrong}


def propose_nodes(kgi: KGI, months: CycleMonths, leave_out: Iterable[str] = ()) -> list[Proposal]:
    """What each node of the KGI's tree would be as a key result of the cycle, from the goal down as it is read.

    Volumes are brought down to the cycle and added up there; rates are said in per cent. A volume that is to fall is
    watched by what a month (or week) brings instead: a sum cannot fall.
    """
    branches = Branches.of(kgi)
    if branches is None:
        return []
    skipped = set(leave_out)
    names = {kpi.key: kpi.name for kpi in branches.nodes}
    return [proposal_of(kpi, branches, months, names) for kpi in branches.nodes if kpi.key not in skipped]


def proposal_of(kpi: KPI, branches: Branches, months: CycleMonths, names: Mapping[str, str]) -> Proposal:
    values = branches.values[kpi.key]
    now, must_hit, target = (exactly(kpi, column, values[column]) for column in COLUMNS)
    if target is None:
        must_hit, target = None, must_hit
    period = branches.periods[kpi.key]
    is_falling = now is not None and target is not None and target < now
    proposal = Proposal(
        kpi,
        Kind.REACH,
        "%" if kpi.is_rate else kpi.unit,
        kpi.name,
        None,
        None,
        None,
        None,
        "",
        period=period,
        measured_how=said_of(kpi) or in_words(kpi.formula, names)[:LONGEST_MEASURED_HOW],
        measure_type=MeasureType.PROCESS if period and kpi.key not in branches.near else MeasureType.RESULT,
    )
    if period and not is_falling:
        proposal = replace(
            proposal,
            kind=Kind.CUMULATIVE,
            start=Decimal(0),
            must_hit=brought_down(must_hit, months.times(period)),
            target=brought_down(target, months.times(period)),
            whole_period=None if target is None else people_say(kpi, target),
        )
    else:
        factor = Fraction(1)
        if kpi.period not in {"", WEEK}:
            factor = 1 / months.months_of(kpi.period)
            proposal = replace(proposal, name=_("%(lever)s a month") % {"lever": kpi.name}, period=MONTH)
        start, low, high = (None if v is None else people_say(kpi, v * factor) for v in (now, must_hit, target))
        proposal = replace(proposal, start=start, must_hit=low, target=high)
    if target is not None and now is not None and target == now:
        return replace(proposal, obstacle=stays())
    if target is None and not kpi.is_lever:
        refused = branches.wrong.get(kpi.key)
        return replace(
            proposal, obstacle=sentence_of(refused, names) if refused else _("Nothing below it has a target.")
        )
    return replace(proposal, missing=missing_of(proposal))


def missing_of(proposal: Proposal) -> str:
    """What one still has to say before the key result can be scored."""
    if proposal.target is None and proposal.needs_measuring:
        return _("Neither baseline nor target is known yet: measure first, then set the target.")
    if proposal.target is None:
        return _("No target is set yet: type the one for this cycle.")
    if proposal.needs_measuring:
        return _("Where it stands today is not known yet: measure first.")
    return ""


def exactly(kpi: KPI, column: str, value: float | None) -> Fraction | None:
    """A lever's number as it is stored; a calculated one without the dust of its last digits."""
    if value is None:
        return None
    if kpi.is_lever:
        stored: Decimal = getattr(kpi, column)
        return Fraction(stored)
    return Fraction(f"{value:.12g}")


def brought_down(value: Fraction | None, times: Fraction) -> Decimal | None:
    """A volume's part in the cycle, rounded up: to a whole number, or to hundredths where it is small and not whole."""
    if value is None or value < 0:
        return None
    part = value * times
    if part >= WHOLE_FROM or value.denominator == 1:
        return Decimal(ceil(part))
    return Decimal(ceil(part * 100)) / 100


def people_say(kpi: KPI, value: Fraction) -> Decimal:
    """A number as it stands in a key result: rates in per cent, whole from a thousand on, else four places."""
    shown = value * 100 if kpi.is_rate else value
    if shown.denominator == 1:
        return Decimal(shown.numerator)
    places = 0 if abs(shown) >= 1000 else 4
    rounded = Decimal(round(shown * 10**places)).scaleb(-places)
    return Decimal(f"{rounded.normalize():f}")


def number_of(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def said_of(kpi: KPI) -> str:
    """The measuring method as the tree states it: source, then definition."""
    parts = [part for part in (kpi.source, kpi.definition) if part]
    return pgettext("between source and definition", ": ").join(parts)[:LONGEST_MEASURED_HOW]


# Choosing among them


def with_worth(proposals: Iterable[Proposal], tree: Movable | None, months: CycleMonths) -> list[Proposal]:
    """The proposals with what each is worth in the KGI's unit."""
    if tree is None:
        return list(proposals)
    return [
        row if row.obstacle or row.target is None else replace(row, worth=tree.worth([row.aim], months))
        for row in proposals
    ]


def first_picks(proposals: Sequence[Proposal], taken: Mapping[int, KeyResult]) -> set[str]:
    """What is ticked at first in a funnel: levers that are to change and the deals, from two to four in all."""
    free = [row for row in proposals if not row.obstacle and row.kpi.pk not in taken]
    order = [row.kpi.key for row in free if not row.is_cumulative]
    wanted = ["deals", *order, "cvs", "orders", "visits"]
    there = {row.kpi.key for row in free}
    picks: list[str] = []
    for key in wanted:
        if key in there and key not in picks and len(picks) < (4 if key in order else 3):
            picks.append(key)
    return set(picks)


def worthiest(proposals: Sequence[Proposal], taken: Mapping[int, KeyResult]) -> set[str]:
    """What is ticked at first in a tree: the levers whose targets are worth most, three at most."""
    free = [
        row
        for row in proposals
        if row.kpi.is_lever and not row.obstacle and not row.missing and row.kpi.pk not in taken
    ]
    free.sort(key=lambda row: -(value_of(row.worth)))
    return {row.kpi.key for row in free[:MOST_PICKED]}


def value_of(worth: Any) -> float:
    return 0.0 if worth is None or worth.best is None else float(worth.best)
