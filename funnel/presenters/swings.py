"""Which lever moves the goal most: a drawing, a table, and what one point of each is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.sensitivity import Sensitivity, Swing, sensitivity, worth_of_point
from funnel.models import TargetColumn
from funnel.presenters.planned import Planned
from funnel.presenters.tornado import Swung, Tornado
from funnel.presenters.words import amount, split
from funnel.sentences import sentence_of

CHANGES = (5, 10, 20)
SAME = 1e-6
POINT = 0.01
MOST_POINTS = 10


@dataclass(frozen=True)
class Row:
    """A lever in the table; `point` is what one point of a rate, or one per cent of a volume, is worth."""

    name: str
    value: str
    elasticity: str
    low: str
    high: str
    swing: str
    step: str
    point: str
    unit_step: str
    unit_worth: str
    owner: str
    has_range: bool


@dataclass(frozen=True)
class Point:
    """What one small step of a lever is worth in the KGI's unit."""

    name: str
    step: str
    worth: str
    amount: float
    is_rate: bool


@dataclass(frozen=True)
class Swings:
    """The levers ranked. `change` is by how many per cent each moves, None for its own range."""

    planned: Planned
    column: str
    change: int | None

    @cached_property
    def found(self) -> Sensitivity | None:
        share = None if self.change is None else self.change / 100
        try:
            return sensitivity(self.planned.tree, column=self.column, change=share)
        except TreeRefused:
            return None

    @property
    def refused(self) -> str:
        """Why nothing can be ranked; empty where it can."""
        if self.found is not None:
            return ""
        try:
            sensitivity(
                self.planned.tree, column=self.column, change=None if self.change is None else self.change / 100
            )
        except TreeRefused as refused:
            return sentence_of(refused, self.planned.names)
        return ""

    @property
    def ranked(self) -> tuple[Swing, ...]:
        return self.found.levers if self.found else ()

    @property
    def moved(self) -> list[Swing]:
        return [lever for lever in self.ranked if lever.swing > 0]

    @property
    def without_range(self) -> list[str]:
        """Levers that have no range of their own, where ranges are asked for."""
        if self.change is not None:
            return []
        levers = self.planned.tree.levers
        return [key for key, lever in levers.items() if lever.low is None and lever.high is None]

    # In words

    @property
    def finding(self) -> list[str]:
        # Translators: “|” marks where a title may break into two lines.
        if self.found is None:
            return [self.refused]
        if not self.moved:
            if self.change is None:
                return split(_("No lever has a range yet.|Say how low and how high each may land."))
            return [_("No lever moves the goal.")]
        first = self.moved[0]
        if self.change is None:
            return self._title_of_ranges(first)
        return self._title_of_change(first, self.change)

    def _title_of_change(self, first: Swing, change: int) -> list[str]:
        goal = self.found.goal if self.found else 0.0
        alike = [lever for lever in self.moved if abs(lever.swing - first.swing) <= SAME * first.swing]
        gain = max(first.low, first.high) - goal
        values = {
            "name": self.planned.names[first.key],
            "change": f"{change}%",
            "amount": self.planned.goal(gain),
            "count": len(alike),
            "goal": self.planned.kgi.name,
        }
        if len(alike) > 1:
            sentence = ngettext(
                "%(count)s lever moves it most:|%(change)s better adds %(amount)s.",
                "%(count)s levers move it most, all alike:|%(change)s better on any of them adds %(amount)s.",
                len(alike),
            )
            return split(sentence, **values)
        if first.high >= first.low:
            return split(_("%(name)s moves it most:|%(change)s more adds %(amount)s."), **values)
        return split(_("%(name)s moves it most:|%(change)s less adds %(amount)s."), **values)

    def _title_of_ranges(self, first: Swing) -> list[str]:
        goal = self.found.goal if self.found else 0.0
        worst, best = min(first.low, first.high), max(first.low, first.high)
        values = {
            "name": self.planned.names[first.key],
            "low": self.planned.goal(worst),
            "high": self.planned.goal(best),
        }
        must = self.planned.target("must_hit")
        if must is not None and worst < must <= goal:
            values["gap"] = self.planned.goal(must - worst)
            return split(_("If %(name)s alone lands badly,|must-hit is missed by %(gap)s."), **values)
        return split(_("The range of %(name)s moves it most:|from %(low)s to %(high)s."), **values)

    # The drawing

    @property
    def tornado(self) -> Tornado | None:
        if self.found is None or not self.moved:
            return None
        rows = tuple(
            Swung(self.planned.names[lever.key], self._span(lever.key), lever.low, lever.high) for lever in self.moved
        )
        words = {
            "current": pgettext("column of a plan", "Now"),
            "must_hit": _("Must-hit"),
            "challenge": _("Challenge"),
        }[self.column]
        must = self.planned.target("must_hit")
        return Tornado(rows, self.found.goal, words, must, self.planned.kgi.unit, " ".join(self.finding))

    def _span(self, key: str) -> str:
        """From where to where a lever goes."""
        lever, value = self.planned.tree.levers[key], self.planned.tree.value(key, self.column)
        if self.change is not None:
            return f"±{self.change}%"
        low = value if lever.low is None else lever.low
        high = value if lever.high is None else lever.high
        return _("%(low)s–%(high)s") % {"low": self._bare(key, low), "high": self.planned.said(key, high)}

    def _bare(self, key: str, value: float) -> str:
        """A number whose unit stands behind the next one."""
        if self.planned.nodes[key].is_rate:
            return self.planned.said(key, value).removesuffix("%")
        return amount(value, "")

    @property
    def names_must_hit(self) -> bool:
        return self.tornado is not None and self.tornado.has_must_hit

    # The table

    @property
    def rows(self) -> list[Row]:
        return [self._row(lever) for lever in self.ranked]

    def _row(self, lever: Swing) -> Row:
        planned, key = self.planned, lever.key
        kpi = planned.nodes[key]
        value = planned.tree.value(key, self.column)
        step = POINT if kpi.is_rate else abs(value) * 0.01
        return Row(
            planned.names[key],
            planned.said(key, value),
            "–" if lever.elasticity is None else signed(lever.elasticity),
            planned.goal(lever.low),
            planned.goal(lever.high),
            planned.goal(lever.swing),
            _("+1 point") if kpi.is_rate else "+1%",
            self._worth(key, step),
            "" if kpi.is_rate else _("+1 %(unit)s") % {"unit": kpi.unit},
            "" if kpi.is_rate else self._worth(key, 1.0),
            kpi.owner.user.name if kpi.owner else "",
            self.change is not None or key not in self.without_range,
        )

    def _worth(self, key: str, step: float) -> str:
        try:
            return more_or_less(worth_of_point(self.planned.tree, column=self.column, key=key, step=step), self.planned)
        except TreeRefused:
            return "–"

    @cached_property
    def points(self) -> list[Point]:
        """What one point, or one per cent, of each lever is worth: the most first."""
        found = [point for key in self.planned.tree.levers if (point := self._point(key)) is not None]
        return sorted(found, key=lambda point: -abs(point.amount))[:MOST_POINTS]

    def _point(self, key: str) -> Point | None:
        value, kpi = self.planned.tree.value(key, self.column), self.planned.nodes[key]
        step = POINT if kpi.is_rate else abs(value) * 0.01
        try:
            amount = worth_of_point(self.planned.tree, column=self.column, key=key, step=step)
        except TreeRefused:
            return None
        named = _("+1 point") if kpi.is_rate else "+1%"
        return Point(self.planned.names[key], named, more_or_less(amount, self.planned), amount, kpi.is_rate)

    @property
    def dearest(self) -> str:
        """What one point of the rate that is worth most brings, in one sentence."""
        rate = next((point for point in self.points if point.is_rate and point.amount), None)
        return (
            "" if rate is None else _("+1 point of %(name)s = %(amount)s") % {"name": rate.name, "amount": rate.worth}
        )

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The levers as a file has them."""
        header = [
            _("Lever"),
            TargetColumn(self.column).label,
            _("Elasticity"),
            _("KGI at the low end"),
            _("KGI at the high end"),
            _("Swing"),
            pgettext("of a lever", "Step"),
            _("Worth of the step"),
            _("Worth of one unit"),
            _("Owner"),
        ]
        return [str(name) for name in header], [
            [
                row.name,
                row.value,
                row.elasticity,
                row.low,
                row.high,
                row.swing,
                row.step,
                row.point,
                row.unit_worth,
                row.owner,
            ]
            for row in self.rows
        ]


def signed(value: float) -> str:
    """A number with its sign, two decimals: +1.00, −0.18."""
    return f"{value:+.2f}".replace("-", "−")


def more_or_less(value: float, planned: Planned) -> str:
    """An amount with its sign; nothing is added to 0."""
    said = planned.goal(value)
    return f"+{said}" if value > 0 else said
