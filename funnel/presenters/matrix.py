"""An ABM matrix in words and rows: its finding, the table of cells, the arrows between stages, the weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from funnel.formulas.abm import ASSUMED, MEASURED, RESTING, UNKNOWN, Arrow, Needed
from funnel.formulas.numbers import format_percent
from funnel.models import MatrixStage, StageKind
from funnel.presenters.drawing import Drawing, px
from funnel.presenters.words import split
from funnel.queries.matrices import FITS, MONTH, SPANS, WEEK, WHOLE, Board

APART = (StageKind.HOLD, StageKind.LOST, StageKind.OUT)
_WHOLE = 1e-9


@dataclass(frozen=True)
class CellShown:
    """A cell, a row's total, or a stage's; `leads` is the address of the leads that stand there, if there is one."""

    count: int
    target: int | None
    change: int
    fit: str
    stage: int | None
    leads: str = ""
    is_short: bool = False

    @property
    def grew(self) -> bool:
        return self.change > 0

    @property
    def changed_by(self) -> int:
        return abs(self.change)

    @property
    def is_reached(self) -> bool:
        return self.target is not None and self.count >= self.target


@dataclass(frozen=True)
class RowShown:
    fit: str
    cells: Sequence[CellShown]
    total: CellShown


@dataclass(frozen=True)
class ArrowShown:
    """An arrow between two stages: moved in the span and so far, the target, and what is still needed, in leads.

    `needed` is None where nobody can tell, and for moves that lead to no order: they will happen, none is needed.
    """

    arrow: Arrow
    origin: str
    to: str
    span: int
    so_far: int
    target: int | None
    needed: int | None
    is_back: bool
    is_away: bool
    """Off the way to an order: lost, out, or on hold."""


@dataclass(frozen=True)
class ShareShown:
    """Of what left a stage, the part that went to another; per cents with their range, where they were counted."""

    to: str
    share: float
    count: int
    low: float | None
    high: float | None

    @property
    def said(self) -> str:
        return said(self.share)

    @property
    def range_words(self) -> str:
        """From where to where the share may lie; a dash where it was not counted."""
        if self.low is None or self.high is None:
            return "–"
        return _("%(low)s to %(high)s") % {"low": said(self.low), "high": said(self.high)}

    @property
    def drawing(self) -> SafeString:
        """The share as a bar, and its range as a line upon it."""
        drawing = Drawing(160, 16)
        drawing.rect("share-track", 0, 4, 160, 8)
        drawing.rect("share-bar", 0, 4, 160 * self.share, 8)
        if self.low is not None and self.high is not None:
            drawing.path("share-range", f"M{px(160 * self.low)} 8H{px(160 * self.high)}")
            for end in (self.low, self.high):
                drawing.upright("share-range", 160 * end, 4.5, 11.5)
        return drawing.svg("share-svg", format_percent(self.share))


@dataclass(frozen=True)
class StageShown:
    """How a stage is left, and the chance of an order from it."""

    stage: MatrixStage
    count: int
    known: str
    winning: float | None
    shares: Sequence[ShareShown]

    @property
    def winning_words(self) -> str:
        return "–" if self.winning is None else said(self.winning)

    @property
    def words(self) -> str:
        if self.known == MEASURED:
            return ngettext("counted on %(count)s move", "counted on %(count)s moves", self.count) % {
                "count": f"{self.count:,}"
            }
        return {
            ASSUMED: _("assumed, as long as fewer than five moves say it"),
            RESTING: _("too few came back: counted as staying here"),
            UNKNOWN: _("unknown: fewer than five moves, and no share is assumed"),
        }[self.known]


@dataclass(frozen=True)
class MatrixShown:
    """A board as its page tells it, for one target and one span of days."""

    board: Board
    column: str
    span: str
    leads: str = ""
    """The address of the list of leads."""

    @cached_property
    def names(self) -> dict[int | None, str]:
        return {stage.pk: stage.name for stage in self.board.stages}

    @cached_property
    def order(self) -> dict[int | None, int]:
        """The places of the stages, those apart last; outside before all, lost without a stage after all."""
        return {None: -1} | {stage.pk: at for at, stage in enumerate((*self.on_the_way, *self.apart))}

    @property
    def on_the_way(self) -> list[MatrixStage]:
        return [stage for stage in self.board.stages if stage.kind not in APART]

    @property
    def apart(self) -> list[MatrixStage]:
        rank = {kind: at for at, kind in enumerate(APART)}
        return sorted(
            (each for each in self.board.stages if each.kind in rank), key=lambda each: rank[StageKind(each.kind)]
        )

    def origin_name(self, key: int | None) -> str:
        return self.names[key] if key is not None else pgettext("where leads come from", "From outside")

    def to_name(self, key: int | None) -> str:
        return self.names[key] if key is not None else pgettext("where leads go", "Lost without a stage")

    # What it says

    @cached_property
    def needed(self) -> Needed | None:
        return self.board.needed(self.column)

    @property
    def goal(self) -> int | None:
        """The orders wanted, the next whole number up."""
        goal = self.board.goals.get(self.column)
        return None if goal is None else ceil(goal.orders)

    @property
    def last_day(self) -> str:
        return date_format(self.board.matrix.ends_on, pgettext("format of a day in a title", "j M"))

    @property
    def finding(self) -> list[str]:
        # Translators: “|” marks where a title may break into two lines.
        board, need = self.board, self.needed
        values: dict[str, Any] = {"orders": f"{board.orders:,}", "goal": f"{self.goal or 0:,}", "day": self.last_day}
        if board.is_empty:
            return split(_("Nobody stands in this matrix yet."))
        if self.goal is None or need is None:
            return split(
                ngettext(
                    "%(orders)s order so far.|Nothing says how many are wanted.",
                    "%(orders)s orders so far.|Nothing says how many are wanted.",
                    board.orders,
                ),
                **values,
            )
        if board.orders >= self.goal:
            return split(_("%(orders)s of %(goal)s orders:|what was wanted by %(day)s is reached."), **values)
        if board.today > board.matrix.ends_on:
            return split(_("%(orders)s of %(goal)s orders had come by %(day)s."), **values)
        if need.new is None:
            return split(
                _("%(orders)s of %(goal)s orders;|how many more leads that takes cannot be told yet."), **values
            )
        if need.is_enough:
            return split(
                _("%(orders)s of %(goal)s orders;|at the present conversions the leads there suffice."), **values
            )
        new = need.new_leads or 0
        sentence = ngettext(
            "%(orders)s of %(goal)s orders;|at the present conversions %(new)s more lead must come in by %(day)s.",
            "%(orders)s of %(goal)s orders;|at the present conversions %(new)s more leads must come in by %(day)s.",
            new,
        )
        return split(sentence, **values | {"new": f"{new:,}"})

    @property
    def goal_words(self) -> str:
        """Where the number of orders comes from, as a sentence."""
        goal = self.board.goals.get(self.column)
        if goal is None:
            return ""
        if goal.source == "moves":
            return _("What is wanted is the sum of the target moves into won.")
        if goal.source == "cells":
            return _("What is wanted is the target of the won stage.")
        kgi = self.board.matrix.kgi
        if goal.whole is None or goal.share is None or goal.share == 1:
            return _("What is wanted are the orders of the KGI “%(name)s”.") % {"name": kgi.name if kgi else ""}
        return _(
            "What is wanted is the part of these days, %(share)s of the %(whole)s orders of the KGI “%(name)s”."
        ) % {
            "share": format_percent(float(goal.share)),
            "whole": f"{ceil(goal.whole):,}",
            "name": kgi.name if kgi else "",
        }

    @property
    def moved_in_all(self) -> int:
        return sum(each.so_far for each in self.week_columns)

    @property
    def from_stock(self) -> float | None:
        """How many orders the leads that stand there are expected to bring."""
        return None if self.needed is None else round(self.needed.from_stock, 1)

    @property
    def untold(self) -> list[str]:
        """Stages of which nobody knows how they are left."""
        return [self.names[key] for key in self.board.chain.unknown]

    @property
    def resting(self) -> list[str]:
        return [self.names[key] for key in self.board.chain.resting]

    @property
    def short(self) -> list[str]:
        """Cells that more have left than were counted there."""
        return [f"{self.names.get(stage, '')} {fit}" for stage, fit in self.board.short]

    # The table

    def cell(self, stage: int | None, fit: str) -> CellShown:
        board = self.board
        keys = [stage] if stage is not None else [each.pk for each in board.stages]
        targets = [found for key in keys if (found := board.target(key, fit)) is not None]
        return CellShown(
            count=sum(board.at(key, fit) for key in keys),
            target=sum(targets) if targets else None,
            change=sum(board.change(key, fit) for key in keys),
            fit=fit,
            stage=stage,
            leads=self.leads_at(stage, fit),
            is_short=stage is not None and (stage, fit) in board.short,
        )

    def leads_at(self, stage: int | None, fit: str) -> str:
        if not self.leads:
            return ""
        asked = [f"fit={fit}"] * bool(fit) + [f"stage={stage}"] * (stage is not None)
        return f"{self.leads}?{'&'.join(asked)}" if asked else self.leads

    @cached_property
    def rows(self) -> list[RowShown]:
        return [self.row(fit) for fit in (*FITS, "")]

    def row(self, fit: str) -> RowShown:
        cells = [self.cell(stage.pk, fit) for stage in (*self.on_the_way, *self.apart)]
        return RowShown(fit, cells, self.cell(None, fit))

    @property
    def by_stage(self) -> list[tuple[MatrixStage, CellShown, list[CellShown]]]:
        """The same for a narrow screen: every stage with its total and its cells."""
        columns = [*self.on_the_way, *self.apart]
        return [
            (stage, self.rows[-1].cells[at], [row.cells[at] for row in self.rows[:-1]])
            for at, stage in enumerate(columns)
        ]

    # The arrows

    @cached_property
    def arrows(self) -> list[ArrowShown]:
        """Every arrow on which something moved, is to move or must, those of the span first by their places."""
        so_far, span = self.board.arrows(WHOLE), self.board.arrows(self.span)
        targets = self.board.arrow_targets()
        wanted, leads_on = self.needed.whole_moves if self.needed else {}, self.board.leads_on
        keys = {*so_far, *span, *targets, *(arrow for arrow, count in wanted.items() if count and leads_on(arrow))}
        return [
            ArrowShown(
                arrow,
                self.origin_name(arrow[0]),
                self.to_name(arrow[1]),
                span.get(arrow, 0),
                so_far.get(arrow, 0),
                targets.get(arrow),
                wanted.get(arrow, 0) if wanted and leads_on(arrow) else None,
                self.is_back(arrow),
                self.is_away(arrow),
            )
            for arrow in sorted(keys, key=self.place_of)
        ]

    def place_of(self, arrow: Arrow) -> tuple[int, int]:
        return self.order.get(arrow[0], -1), self.order.get(arrow[1], len(self.order)) if arrow[1] is not None else 999

    def is_back(self, arrow: Arrow) -> bool:
        origin, to = self.place_of(arrow)
        return to < origin

    def is_away(self, arrow: Arrow) -> bool:
        return arrow[1] is None or any(stage.pk == arrow[1] for stage in self.apart)

    @property
    def moved(self) -> int:
        """How many moves the span had."""
        return sum(self.board.arrows(self.span).values())

    @property
    def span_words(self) -> str:
        first, last = self.board.days(self.span)
        form = pgettext("format of a day in a title", "j M")
        days = {"first": date_format(first, form), "last": date_format(last, form)}
        return {
            WEEK: _("Last week, %(first)s – %(last)s"),
            MONTH: _("The last four weeks, %(first)s – %(last)s"),
            WHOLE: _("All so far, %(first)s – %(last)s"),
        }[self.span] % days

    @property
    def part_of_days(self) -> float:
        """The span's part of the matrix's days: so much of a target belongs to it."""
        matrix = self.board.matrix
        first, last = self.board.days(self.span)
        first, last = max(first, matrix.starts_on), min(last, matrix.ends_on)
        whole = (matrix.ends_on - matrix.starts_on).days + 1
        return min(max((last - first).days + 1, 0) / whole, 1.0)

    # The weeks

    @property
    def week_columns(self) -> list[ArrowShown]:
        """The arrows on which anything moved in any week."""
        return [arrow for arrow in self.arrows if arrow.so_far]

    @property
    def weeks(self) -> list[dict[str, Any]]:
        """Every week with its moves along each of these arrows, the latest first."""
        columns = self.week_columns
        return [
            {
                "begin": monday,
                "end": monday + timedelta(days=6),
                "is_running": monday + timedelta(days=6) >= self.board.today,
                "counts": [moved.get(each.arrow, 0) for each in columns],
                "total": sum(moved.values()),
            }
            for monday, moved in self.board.weeks.items()
        ]

    @property
    def week_totals(self) -> list[int]:
        return [each.so_far for each in self.week_columns]

    # The conversions

    @property
    def conversion_finding(self) -> list[str]:
        """The stage after which most is lost of what may become an order, as a title."""
        way = self.on_the_way
        weakest: tuple[float, MatrixStage, MatrixStage] | None = None
        for at, (stage, following) in enumerate(pairwise(way), start=1):
            share = self.board.chain.rate(stage.pk, {further.pk for further in way[at:]})
            if share is not None and share.count and (weakest is None or share.share < weakest[0]):
                weakest = (share.share, stage, following)
        if weakest is None:
            return split(_("Too few moves yet|to say how the stages are left."))
        share_on, stage, following = weakest
        if following.kind == StageKind.WON:
            sentence = _("Most is lost after “%(stage)s”:|%(share)s ever come to “%(to)s”.")
        else:
            sentence = _("Most is lost after “%(stage)s”:|%(share)s ever come to “%(to)s” or further.")
        return split(sentence, stage=stage.name, share=format_percent(share_on), to=following.name)

    @property
    def conversions(self) -> list[StageShown]:
        chain, names = self.board.chain, self.names
        shown = []
        for stage in self.board.stages:
            leaving = chain.leaving.get(stage.pk)
            if leaving is None:
                continue
            shares = sorted(leaving.to.items(), key=lambda pair: (-pair[1].share, self.order.get(pair[0], 999)))
            shown.append(
                StageShown(
                    stage,
                    leaving.count,
                    leaving.known,
                    chain.winning.get(stage.pk),
                    [
                        ShareShown(
                            self.to_name(to) if to in names or to is None else "",
                            one.share,
                            one.count,
                            one.low,
                            one.high,
                        )
                        for to, one in shares
                        if one.share > 0
                    ],
                )
            )
        return shown


def said(share: float) -> str:
    """A share in whole per cents; a small one with a decimal place."""
    return format_percent(round(share, 2 if share >= 0.1 else 3))


def span_asked(text: Any) -> str:
    return str(text) if text in SPANS else MONTH


def column_asked(board: Board, text: Any) -> str:
    return str(text) if text in board.goals else board.column


def usual_arrows(board: Board, more: Iterable[Arrow] = (), *, used: bool = True) -> list[Arrow]:
    """What a sheet of moves offers: into the first stage, from each on the way to the next, from the last to won, and
    every arrow that was used, unless told otherwise, that is aimed at or asked for besides; by their places.
    """
    shown = MatrixShown(board, board.column, WHOLE)
    way = [stage.pk for stage in shown.on_the_way]
    arrows: set[Arrow] = {(None, way[0])} if way else set()
    arrows |= set(pairwise(way))
    arrows |= {*(board.arrows(WHOLE) if used else ()), *board.arrow_targets(), *more}
    known: Mapping[int | None, int] = shown.order
    return sorted((arrow for arrow in arrows if arrow[1] is not None and arrow[1] in known), key=shown.place_of)


def matrix_lines(shown: MatrixShown) -> tuple[list[Any], list[list[Any]]]:
    """The cells as a file has them: one line each."""
    header = [_("Fit"), _("Stage"), _("Meaning"), _("Now"), _("Target"), _("Change in four weeks")]
    stages = [*shown.on_the_way, *shown.apart]
    lines = []
    for row in shown.rows[:-1]:
        for stage, cell in zip(stages, row.cells, strict=True):
            lines.append([row.fit, stage.name, stage.get_kind_display(), cell.count, cell.target, cell.change])
    return header, lines


def move_lines(shown: MatrixShown) -> tuple[list[Any], list[list[Any]]]:
    """The moves as a file has them: one line for each week and each pair of cells that something moved between."""
    header = [
        _("Week from"),
        pgettext("stage a lead leaves", "From"),
        _("Fit there"),
        pgettext("stage a lead comes to", "To"),
        _("Fit"),
        _("How many"),
    ]
    counted: dict[tuple[date, Any], int] = {}
    for each in shown.board.moved:
        counted[each.week, each.where] = counted.get((each.week, each.where), 0) + each.count
    names = shown.names

    def place(pair: tuple[tuple[date, Any], int]) -> Any:
        (week, (origin, fit, to, to_fit)), _count = pair
        return week, shown.place_of((origin, to)), fit, to_fit

    return header, [
        [week.isoformat(), shown.origin_name(origin), fit, names.get(to, ""), to_fit, count]
        for (week, (origin, fit, to, to_fit)), count in sorted(counted.items(), key=place)
    ]
