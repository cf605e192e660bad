"""The gap between a plan and what was, lever by lever, as it is drawn and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from funnel.formulas.actuals import legible
from funnel.formulas.attribution import attribute, largest
from funnel.models import KPI
from funnel.presenters.names import name_of
from funnel.presenters.plots import Scale
from funnel.presenters.words import amount, split, within
from funnel.queries.actuals import ACTUAL, Book
from funnel.trees import PlannedTree

MOST_PARTS = 13
MOST_NAMED = 2
# Of the width: a bar that can still be seen.
NARROWEST = 0.3
# Where the gap is this much of the plan, the drawing begins at 0; a smaller one would not be seen there.
WIDE_GAP = 0.3
NEAR = 0.005
"""A gap this small beside the plan is none."""


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall: the plan, a lever's part, or what was. Places are in per cent of the width:
    `joint` where the next bar begins, `before` where this one did.
    """

    kind: str
    name: str
    value: float
    x: str
    width: str
    joint: str
    before: str = ""
    kpi: KPI | None = None
    planned: float | None = None
    was: float | None = None
    unit: str = ""
    is_read: bool = True


@dataclass(frozen=True)
class Gap:
    """`value` = what was − what was planned, in the goal's unit; the parts of the steps sum to it."""

    against: str
    planned: float
    was: float
    value: float
    steps: Sequence[Step]
    is_exact: bool
    begins_at_zero: bool
    falls: bool
    aim: float | None = None
    """What the KGI itself aims at in this column."""

    @property
    def size(self) -> float:
        return abs(self.value)

    @property
    def is_short(self) -> bool:
        return self._worse(self.value) and abs(self.value) > NEAR * abs(self.planned)

    @property
    def is_ahead(self) -> bool:
        return self._worse(-self.value) and abs(self.value) > NEAR * abs(self.planned)

    @property
    def is_enough(self) -> bool:
        """Whether it is short of what the levers' plan makes, and yet of nothing that the KGI asks for."""
        return self.is_short and self.aim is not None and not self._worse(self.was - self.aim)

    def _worse(self, value: float) -> bool:
        return value > 0 if self.falls else value < 0

    @property
    def parts(self) -> list[Step]:
        return [step for step in self.steps if step.kind in ("worse", "better", "rest")]

    @property
    def causes(self) -> list[Step]:
        """The levers that cost most."""
        return [step for step in self.parts if step.kind == "worse"][:MOST_NAMED]


def gap_of(planned: PlannedTree, book: Book, against: str) -> Gap:
    """Plan against actual. A lever that was not read counts as today's. Raises TreeRefused."""
    tree = planned.tree
    target = tree.evaluate(against)[tree.goal]
    read = book.column()
    attribution = attribute(tree, start=against, end=ACTUAL)
    now = planned.target("current")
    now = tree.evaluate("current")[tree.goal] if now is None else now
    falls = target < now
    parts = largest(attribution.parts, MOST_PARTS)
    ends = [target]
    for part in parts:
        ends.append(ends[-1] + part.value)
    was = target + attribution.gap
    begins_at_zero = not target or abs(attribution.gap) >= WIDE_GAP * abs(target) or min(ends) < 0
    low, high = (min(0.0, *ends), max(0.0, *ends)) if begins_at_zero else (min(ends), max(ends))
    room = (high - low or 1.0) * (0.0 if begins_at_zero else 0.25)
    low -= room
    scale = Scale(low, high if high > low else low + 1)

    def bar(begin: float, end: float) -> dict[str, Any]:
        width = max(abs(scale.place(end) - scale.place(begin)), NARROWEST)
        return {"x": scale.at(min(begin, end)), "width": f"{width:.2f}%", "joint": scale.at(end)}

    floor = 0.0 if begins_at_zero else low
    steps = [Step("plan", plan_name(against), target, **bar(floor, target))]
    for at, part in enumerate(parts):
        kpi = planned.nodes.get(part.key)
        worse = part.value > 0 if falls else part.value < 0
        row: dict[str, Any] = {} if kpi is None else columns_of(planned, kpi, against, part.key in read)
        kind = "rest" if kpi is None else "worse" if worse else "better"
        name = pgettext("levers", "The others") if kpi is None else name_of(kpi)
        steps.append(
            Step(kind, name, part.value, **bar(ends[at], ends[at + 1]), before=steps[-1].joint, kpi=kpi, **row)
        )
    steps.append(Step("actual", _("At the pace so far"), was, **bar(floor, was), before=steps[-1].joint))
    is_exact = attribution.method == "exact"
    return Gap(against, target, was, attribution.gap, steps, is_exact, begins_at_zero, falls, planned.target(against))


def columns_of(planned: PlannedTree, kpi: KPI, against: str, is_read: bool) -> dict[str, Any]:
    """What was planned of a lever and what it was, in people's units."""
    factor = 100 if kpi.is_rate else 1
    return {
        "planned": legible(planned.tree.value(kpi.key, against) * factor),
        "was": legible(planned.tree.value(kpi.key, ACTUAL) * factor) if is_read else None,
        "unit": "%" if kpi.is_rate else kpi.unit,
        "is_read": is_read,
    }


def plan_name(against: str) -> str:
    return _("Plan: challenge") if against == "challenge" else _("Plan: must-hit")


def finding_of(gap: Gap, unit: str) -> list[str]:
    """The title in clauses: what is missing and through which levers."""

    def size(value: float) -> str:
        return amount(abs(value), unit)

    # Translators: “|” marks where a title may break into two lines.
    if not gap.is_short:
        if gap.is_ahead:
            return split(_("At the pace so far,|the plan is beaten by %(amount)s."), amount=size(gap.value))
        return split(_("At the pace so far,|the plan is kept."))
    causes = [{"amount": size(step.value), "lever": within(step.name)} for step in gap.causes]
    if len(causes) > 1:
        return split(
            _("%(amount)s is missing through %(lever)s,|%(other_amount)s through %(other_lever)s."),
            **causes[0],
            other_amount=causes[1]["amount"],
            other_lever=causes[1]["lever"],
        )
    return split(_("%(amount)s is missing|through %(lever)s."), **causes[0])
