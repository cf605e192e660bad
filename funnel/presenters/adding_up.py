"""Whether a column's levers make the KGI's target: in words, as a drawing, in tables, and how they could be made to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from funnel.formulas.consistency import Consistency, LeverEffect
from funnel.formulas.fitting import Branch, Fit, Way, fit, ways
from funnel.formulas.kpi_tree import CURRENT, TreeRefused
from funnel.formulas.likelihood import reached_unawares
from funnel.formulas.numbers import format_percent
from funnel.presenters.log_bar import LogBar, Segment
from funnel.presenters.planned import Planned
from funnel.presenters.proposals import offer
from funnel.presenters.words import already_there, split, times
from funnel.sentences import sentence_of

FIGURES_IN_FULL = 4
MOST_SHARES = 6
LARGEST = 1e15


@dataclass(frozen=True)
class Row:
    """A lever in the table."""

    name: str
    now: str
    target: str
    ratio: str
    alone: str
    share: str
    owner: str
    is_told: bool
    moves: bool


@dataclass(frozen=True)
class BranchRow:
    name: str
    count: int
    made: str
    even: str
    is_enough: bool


@dataclass(frozen=True)
class WayRow:
    """One way to fit, in words."""

    code: str
    name: str
    details: str


@dataclass(frozen=True)
class Report:
    """What the page says of a tree in one column. Without `told` there is nothing to compare: `finding` says why."""

    planned: Planned
    column: str
    target: float | None
    fitted: Fit | None = None
    refused: str = ""

    @classmethod
    def of(cls, planned: Planned, column: str) -> Report:
        target = planned.target(column)
        try:
            fitted = fit(planned.bounded, column=column, goal_target=target or 0.0)
        except TreeRefused as refused:
            return cls(planned, column, target, refused=sentence_of(refused, planned.names))
        return cls(planned, column, target, fitted)

    @property
    def told(self) -> Consistency | None:
        """What is compared: the branch that suffices alone, or the whole tree."""
        return self.fitted.told if self.fitted and self.fitted.moving and self.target is not None else None

    @property
    def state(self) -> str:
        """refused, no_target, still (no lever moves), amounts (no ratio can be said) or a verdict."""
        if self.fitted is None:
            return "refused"
        if self.target is None:
            return "no_target"
        if not self.fitted.moving:
            return "still"
        if self.required is None or self.implied is None or self.required <= 0:
            return "amounts"
        return self.fitted.told.verdict

    @property
    def required(self) -> float | None:
        return self.told.required_ratio if self.told else None

    @property
    def implied(self) -> float | None:
        return self.told.implied_ratio if self.told else None

    @property
    def even(self) -> float | None:
        return self.told.even_ratio if self.told else None

    @property
    def is_there(self) -> bool:
        """Whether the levers come to the target without moving, though the KGI says it is not there."""
        if self.told is None or self.target is None:
            return False
        return reached_unawares(self.told.goal_current, self.target, self.planned.target(CURRENT))

    @property
    def count(self) -> int:
        return len(self.fitted.levers) if self.fitted else 0

    # In words

    @property
    def finding(self) -> list[str]:
        """The page's title, in clauses."""
        # Translators: “|” marks where a title may break into two lines.
        match self.state:
            case "refused":
                return [self.refused]
            case "no_target":
                return split(_("The KGI has no target here yet,|so nothing can be compared with it."))
            case "still":
                return split(_("No lever has a target yet.|Say how far each is to go, and this page does the sum."))
            case "amounts":
                amounts = {
                    "implied": self.planned.goal(self.told.goal_implied if self.told else None),
                    "target": self.planned.goal(self.target),
                }
                return split(_("The levers' targets make %(implied)s.|You need %(target)s."), **amounts)
        values: dict[str, Any] = {
            "count": self.count,
            "name": self.planned.names[self._levers[0]],
            "implied": times(self.implied),
            "required": times(self.required),
        }
        if self.state == "consistent":
            return split(_("The levers' targets fit the KGI's:|%(implied)s, and you need %(required)s."), **values)
        if self.count == 1:
            if self.state == "undershoot":
                sentence = _("The target of %(name)s makes %(implied)s.|That is short of the %(required)s you need.")
            else:
                sentence = _("The target of %(name)s alone makes %(implied)s.|You need %(required)s.")
            return split(sentence, **values)
        if self.state == "undershoot":
            sentence = npgettext(
                "levers that fall short",
                "The target of this lever makes %(implied)s.|That is short of the %(required)s you need.",
                "These %(count)s levers together make %(implied)s.|That is short of the %(required)s you need.",
                self.count,
            )
            return split(sentence, **values)
        if self._is_product:
            sentence = npgettext(
                "levers that are multiplied",
                "The target of this lever makes %(implied)s.|You need %(required)s.",
                "These %(count)s levers together make %(implied)s.|You need %(required)s.",
                self.count,
            )
            return split(sentence, **values)
        sentence = npgettext(
            "levers taken together",
            "The target of this lever makes %(implied)s.|You need %(required)s.",
            "These %(count)s levers together make %(implied)s.|You need %(required)s.",
            self.count,
        )
        return split(sentence, **values)

    @property
    def _levers(self) -> tuple[str, ...]:
        return self.fitted.levers if self.fitted else ()

    @property
    def _is_product(self) -> bool:
        return self.planned.tree.is_product_of(self._levers)

    @property
    def lead(self) -> str:
        """What would do, in one sentence below the title."""
        if self.is_there:
            return already_there()
        if self.even is None or self.state in ("amounts", "consistent") or self.count < 2:
            return ""
        values = {"count": self.count, "even": times(self.even, FIGURES_IN_FULL)}
        if self.state == "undershoot":
            return _("It takes an even %(even)s on each of the %(count)s.") % values
        return _("An even %(even)s on each of the %(count)s is enough.") % values

    @property
    def beside_lead(self) -> str:
        """Whose levers the title speaks of, where there are others."""
        if not self.fitted or self.fitted.alone is None or self.told is None:
            return ""
        values = {
            "branch": self.planned.names[self.fitted.alone.key],
            "count": len(self.fitted.moving),
            "whole": times(self.fitted.whole.implied_ratio),
        }
        return _("This is “%(branch)s” alone; all %(count)s levers with a target make %(whole)s.") % values

    # The drawing

    @property
    def bar(self) -> LogBar | None:
        told = self.told
        if told is None or not self.implied or not self.required or self.implied <= 0 or self.required <= 0:
            return None
        shared = [effect for effect in self._effects if effect.log_share]
        if not shared:
            return None
        segments = tuple(
            Segment(self.planned.names[effect.key], effect.ratio, (effect.log_share or 0) * log(self.implied))
            for effect in shared
        )
        spoken = " ".join(self.finding)
        return LogBar(segments, self.required, self.implied, told.verdict == "consistent", spoken)

    @property
    def bar_title(self) -> str:
        """What the drawing shows first: a lever that does it alone, or the one with the most say."""
        shared = [effect for effect in self._effects if effect.log_share]
        if not shared or self.required is None:
            return _("How the levers make the goal")
        most = max(shared, key=lambda effect: effect.log_share or 0)
        values = {"name": self.planned.names[most.key], "ratio": times(most.ratio)}
        if self.required > 1 and (most.alone_ratio or 0) >= self.required and self.count > 1:
            return _("%(name)s, %(ratio)s, is already enough by itself") % values
        return _("%(name)s has the most say") % values

    @property
    def shares(self) -> list[dict[str, str]]:
        shared = [effect for effect in self._effects if effect.log_share is not None]
        if len(shared) > MOST_SHARES:
            return []
        return [
            {
                "name": self.planned.names[effect.key],
                "ratio": times(effect.ratio),
                "share": format_percent(effect.log_share, figures=2),
            }
            for effect in shared
        ]

    @property
    def _effects(self) -> list[LeverEffect]:
        """Those of the levers that the title speaks of."""
        return [effect for effect in self.told.levers if effect.key in self._levers] if self.told else []

    # The tables

    @property
    def rows(self) -> list[Row]:
        if self.fitted is None:
            return []
        told = {effect.key: effect for effect in self._effects}
        whole = {effect.key: effect for effect in self.fitted.whole.levers}
        return [self._row(key, whole[key], told.get(key)) for key in self.planned.nodes if key in whole]

    def _row(self, key: str, effect: LeverEffect, told: LeverEffect | None) -> Row:
        kpi = self.planned.nodes[key]
        tree = self.planned.tree
        moves = self.fitted is not None and key in self.fitted.moving
        share = told.log_share if told else None
        return Row(
            self.planned.names[key],
            self.planned.said(key, tree.value(key, CURRENT)),
            self.planned.said(key, tree.value(key, self.column)),
            times(effect.ratio) if moves else times(None),
            times(effect.alone_ratio) if moves else times(None),
            format_percent(share, figures=2),
            kpi.owner.user.name if kpi.owner else "",
            told is not None,
            moves,
        )

    @property
    def branches(self) -> list[BranchRow]:
        """Branch by branch, where there are several."""
        if self.fitted is None or self.target is None or len(self.fitted.branches) < 2:
            return []
        return [self._branch(branch) for branch in self.fitted.branches]

    def _branch(self, branch: Branch) -> BranchRow:
        found = branch.found
        return BranchRow(
            self.planned.names[branch.key],
            len(branch.levers),
            times(found.implied_ratio),
            times(found.even_ratio, FIGURES_IN_FULL),
            found.verdict != "undershoot",
        )

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The levers as a file has them."""
        header = [
            _("Lever"),
            pgettext("column of a plan", "Now"),
            _("Target"),
            _("Ratio"),
            _("KGI with this lever alone"),
            _("Share of the effect"),
            _("Owner"),
        ]
        return header, [
            [row.name, row.now, row.target, row.ratio, row.alone, row.share, row.owner] for row in self.rows
        ]

    # To fit

    @property
    def ways(self) -> list[WayRow]:
        return [self._way(way) for way in self._found]

    @cached_property
    def _found(self) -> tuple[Way, ...]:
        if self.fitted is None or self.target is None or self.is_there:
            return ()
        try:
            found = ways(self.planned.bounded, self.fitted, column=self.column, goal_target=self.target)
        except TreeRefused:
            return ()
        return tuple(way for way in found if all(abs(value) <= LARGEST for value in way.values.values()))

    def _way(self, way: Way) -> WayRow:
        now = self.planned.tree.column(CURRENT)
        said = self.planned.sayable(way.values)
        listed = [
            _("%(name)s %(value)s") % {"name": self.planned.names[key], "value": self.planned.said(key, value)}
            for key, value in said.items()
        ]
        if way.code == "alone":
            (key,) = way.values
            name = _("%(name)s alone") % {"name": self.planned.names[key]}
            values = {"now": self.planned.said(key, now[key]), "to": self.planned.said(key, said[key])}
            return WayRow(way.code, name, _("%(now)s → %(to)s") % values)
        details = _(", ").join(listed[:MOST_SHARES])
        if len(listed) > MOST_SHARES:
            details = _("%(names)s and others") % {"names": details}
        if way.code == "even":
            shared: dict[str, Any] = {"even": times(way.ratio, FIGURES_IN_FULL), "count": len(way.values)}
            return WayRow(way.code, _("An even %(even)s on each of the %(count)s") % shared, details)
        return WayRow(way.code, _("The mix with the least effort"), details)

    def proposal(self, code: str) -> dict[str, Any] | None:
        """One of the ways, to be tried."""
        way = next((way for way in self._found if way.code == code), None)
        if way is None:
            return None
        name = self._way(way).name
        return offer(self.planned, column=self.column, values=way.values, name=name[:120], title=name)

    @property
    def fit_title(self) -> str:
        if self.required is not None and self.required > 0:
            return _("To fit %(required)s") % {"required": times(self.required)}
        return _("To reach %(target)s") % {"target": self.planned.goal(self.target)}
