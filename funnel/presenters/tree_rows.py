"""How a KPI tree is laid out to be read: every node once, from the goal down, in people's units.

The rows come one after the other with the depth they stand at, so that a deep tree costs the template no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from funnel.formulas.formula import FormulaRefused, Operation, read_formula
from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.numbers import format_amount, format_percent
from funnel.formulas.unfinished import Unfinished
from funnel.models import KGI, KPI, KPIPeriod
from funnel.presenters.names import name_of
from funnel.presenters.words import language
from funnel.queries.actuals import ACTUAL
from funnel.sentences import sentence_of
from funnel.services import LINKS
from funnel.trees import READ_AS, in_words, named_in, node_of

# Neither money nor per cent, whose signs belong to every number.
WORDS = re.compile(r"[^%¥￥$€£円]*")
WIDE = Context(prec=120)
DEEPEST_DRAWN = 3
"""Levels below the goal that fit beside each other; deeper trees are drawn as an indented list."""
PER = {
    KPIPeriod.WEEK: pgettext_lazy("unit per period", "%(unit)s/week"),
    KPIPeriod.MONTH: pgettext_lazy("unit per period", "%(unit)s/month"),
    KPIPeriod.QUARTER: pgettext_lazy("unit per period", "%(unit)s/quarter"),
    KPIPeriod.YEAR: pgettext_lazy("unit per period", "%(unit)s/year"),
}


@dataclass(frozen=True)
class Row:
    """A node as it is drawn, or a place where one is missing (`kpi` None).

    `kind` is root, branch, leaf, again (drawn elsewhere already) or unknown. `start` and `end` are the two values of
    the columns shown, `actual` what a lever is at the pace so far. `progress` and `must_hit` are places on the way from
    now (0) to the challenge (1).
    """

    kind: str
    name: str
    depth: int
    kpi: KPI | None = None
    unit: str = ""
    start: float | None = None
    end: float | None = None
    ratio: float | None = None
    sign: str = ""
    formula: str = ""
    actual: float | None = None
    progress: float | None = None
    must_hit: float | None = None
    wrong: str = ""
    opens: bool = False
    closes: int = 0

    @property
    def closing(self) -> range:
        return range(self.closes)

    @property
    def from_said(self) -> str:
        """The first number; a unit that is a word is said once, behind the second where there is one."""
        is_word = self.end is not None and bool(WORDS.fullmatch(self.unit))
        return format_amount(self.start, unit="" if is_word else self.unit, language=language())

    @property
    def progress_said(self) -> str:
        """How far the actual has come, in whole per cent."""
        return format_percent(self.progress, figures=1)


class Layout:
    """A KGI's rows, with what each column comes to. `actuals` are the levers' at the pace so far, by key; `show` is the
    column beside today's, or `ACTUAL`.
    """

    def __init__(
        self, kgi: KGI, kpis: list[KPI], actuals: Mapping[str, Decimal | None] | None = None, show: str = "challenge"
    ) -> None:
        self.kgi, self.kpis, self.actuals, self.show = kgi, kpis, actuals or {}, show
        self.by_key = {kpi.key: kpi for kpi in kpis}
        self.names = {kpi.key: name_of(kpi) for kpi in kpis}
        self.goal = next((kpi for kpi in kpis if kpi.is_goal), None)
        self.children = {kpi.key: self._children(kpi) for kpi in kpis}
        unfinished = Unfinished([node_of(kpi, {ACTUAL: self.actuals}) for kpi in kpis])
        planned = {"must_hit", "challenge", ACTUAL} if show == ACTUAL else {show}
        self.columns = {name: unfinished.evaluate(name) for name in sorted(planned | {"current"})}
        self._met: set[str] = set()
        self.rows = list(self._down(self.goal.key)) if self.goal else []
        """From the goal down."""
        self.beside = [self._row(kpi, 0, "leaf") for kpi in kpis if kpi.key not in self._met]
        """What leads to no goal."""

    def _children(self, kpi: KPI) -> list[str]:
        """The keys a formula names, known ones in the order in which they are read."""
        keys = named_in(kpi.formula)
        return sorted(keys, key=lambda key: self.by_key[key].position if key in self.by_key else len(self.kpis))

    @property
    def is_begun(self) -> bool:
        """Whether there is more than a goal: one that actuals were written to stands alone, with a funnel's formula."""
        return any(row.kpi and not row.kpi.is_goal for row in self.rows)

    @property
    def is_deep(self) -> bool:
        return max((row.depth for row in self.rows), default=0) > DEEPEST_DRAWN

    @property
    def levers(self) -> list[KPI]:
        """Those of the tree, in the order of reading."""
        return [row.kpi for row in self.rows if row.kpi and row.kpi.is_lever and row.kind != "again"]

    @property
    def movable(self) -> list[KPI]:
        return [kpi for kpi in self.levers if not kpi.is_locked]

    @property
    def without_numbers(self) -> list[KPI]:
        """The levers of the tree that have no value in the column they are calculated in."""
        now = self.columns["current"].values
        return [kpi for kpi in self.levers if now[kpi.key] is None]

    def refusals(self) -> Mapping[str, TreeRefused]:
        """Which formulas of the tree cannot be calculated, by key."""
        wrong: dict[str, TreeRefused] = {}
        for outcome in self.columns.values():
            wrong |= {key: refused for key, refused in outcome.wrong.items() if key in self._met}
        return wrong

    def _down(self, key: str) -> Iterator[Row]:
        """Depth first without recursion; a row closes as many lists as end with it."""
        waiting = [(key, 0, 0)]
        while waiting:
            here, depth, closes = waiting.pop()
            kpi = self.by_key.get(here)
            if kpi is None:
                yield Row("unknown", here, depth, closes=closes, wrong=_("No node has this key yet."))
                continue
            children = [] if here in self._met else self.children[here]
            again = here in self._met
            self._met.add(here)
            kind = "again" if again else "root" if not depth else "branch" if kpi.formula else "leaf"
            yield self._row(kpi, depth, kind, opens=bool(children), closes=0 if children else closes)
            for number, child in enumerate(reversed(children)):
                waiting.append((child, depth + 1, closes + 1 if not number else 0))

    def _row(self, kpi: KPI, depth: int, kind: str, *, opens: bool = False, closes: int = 0) -> Row:
        scale = 100 if kpi.is_rate else 1
        start, end = self._start_and_end(kpi)
        actual = self.actuals.get(kpi.key)
        progress, must_hit = way(kpi, actual)
        return Row(
            kind=kind,
            name=self.names[kpi.key],
            depth=depth,
            kpi=kpi,
            unit=unit_of(kpi, self.kgi),
            start=None if start is None else readable(start * scale),
            end=None if end is None else readable(end * scale),
            ratio=end / start if start and end is not None else None,
            sign=sign_of(kpi.formula),
            formula=in_words(kpi.formula, self.names),
            actual=None if actual is None else readable(float(actual) * scale),
            progress=progress,
            must_hit=must_hit,
            wrong=self._wrong(kpi),
            opens=opens,
            closes=closes,
        )

    def _start_and_end(self, kpi: KPI) -> tuple[float | None, float | None]:
        if self.show != ACTUAL:
            return self.value(kpi, "current"), self.value(kpi, self.show)
        planned = self.value(kpi, "must_hit")
        return self.value(kpi, "challenge") if planned is None else planned, self.value(kpi, ACTUAL)

    def value(self, kpi: KPI, column: str) -> float | None:
        """A formula's value as the engine has it; a lever's own: what was never planned or read is not shown."""
        if kpi.formula:
            return self.columns[column].values[kpi.key]
        own: Decimal | None = self.actuals.get(kpi.key) if column == ACTUAL else getattr(kpi, column)
        return None if own is None else float(own)

    def _wrong(self, kpi: KPI) -> str:
        for outcome in self.columns.values():
            if kpi.key in outcome.wrong:
                return sentence_of(outcome.wrong[kpi.key], self.names)
        if not kpi.formula and self.columns["current"].values[kpi.key] is None:
            return _("No number yet.")
        return ""


def readable(value: float) -> float:
    """Without decimals nobody reads: one from 100 on, none from 1,000 on. The node's own page has them all."""
    if abs(value) < 100:
        return value
    step = Decimal(1) if abs(value) >= 1000 else Decimal("0.1")
    return float(Decimal(value).quantize(step, ROUND_HALF_UP, WIDE))


def way(kpi: KPI, actual: Decimal | None) -> tuple[float | None, float | None]:
    """How far the actual and the must-hit target lie on the way from now to the challenge; None without one."""
    goal = kpi.challenge if kpi.challenge is not None else kpi.must_hit
    if kpi.formula or goal is None or kpi.current is None or goal == kpi.current:
        return None, None
    whole = goal - kpi.current
    must_hit = (kpi.must_hit - kpi.current) / whole if kpi.must_hit is not None else None
    progress = (actual - kpi.current) / whole if actual is not None else None
    return (None if progress is None else float(progress)), (None if must_hit is None else float(must_hit))


def unit_of(kpi: KPI, kgi: KGI) -> str:
    """What a node is counted in, in the reader's language, with the period it is counted over."""
    if kpi.is_rate:
        return "%"
    unit = kpi.unit
    if kpi.key in LINKS and hasattr(kgi, "funnel"):
        unit = str(LINKS[kpi.key].unit) or kgi.unit
    per = PER.get(KPIPeriod(kpi.period)) if "/" not in unit else None
    return str(per) % {"unit": unit} if per else unit


def sign_of(formula: str) -> str:
    """The one sign by which a formula joins its parts; empty where it mixes several."""
    try:
        part = read_formula(formula)
    except FormulaRefused:
        return ""
    found: set[str] = set()
    family = "*/" if isinstance(part, Operation) and part.sign in "*/" else "+-"
    while isinstance(part, Operation) and part.sign in family:
        found.add(part.sign)
        part = part.left
    return READ_AS[found.pop()] if len(found) == 1 else ""
