"""What stands and what moves in an ABM matrix: a few statements, whatever the number of leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from funnel.formulas import abm
from funnel.formulas.abm import Arrow, Chain, Needed, chain_of, needed
from funnel.formulas.back_calculation import RATES, FunnelInput, FunnelRefused, back_calculate
from funnel.formulas.planning import PlanRefused, months_share
from funnel.models import KGI, KPI, FunnelNumber, TargetColumn
from funnel.models.matrices import (
    CellCount,
    CellTarget,
    CountsAs,
    Fit,
    Lead,
    LeadMove,
    Matrix,
    MatrixStage,
    MoveTarget,
    StageKind,
)

FITS: tuple[str, ...] = tuple(Fit.values)
FOUR_WEEKS = timedelta(weeks=4)
WEEK, MONTH, WHOLE = "week", "month", "whole"
SPANS = (WEEK, MONTH, WHOLE)
"""The last whole week, the last four weeks, all days of the matrix so far."""
Cell = tuple[int, str]
"""A stage's id and a fit."""
CellMove = tuple[int | None, str, int, str]
"""From a stage and a fit, None and "" from outside; to a stage and a fit."""


@dataclass(frozen=True)
class Moved:
    """So many leads that moved alike in one week, of which Monday is named.

    `is_recent` within the last four weeks, `is_opening` on the matrix's first day or before: the stock it began with,
    `is_inside` between the matrix's first and last day.
    """

    where: CellMove
    week: date
    is_recent: bool
    is_opening: bool
    count: int
    is_inside: bool = True

    @property
    def arrow(self) -> Arrow:
        return self.where[0], self.where[2]

    @property
    def changes_stage(self) -> bool:
        return self.where[0] != self.where[2]


@dataclass(frozen=True)
class Goal:
    """The orders a matrix is to bring in its days; `source` is where that number comes from: kgi, moves, cells.

    `whole` are the KGI's orders in its own period and `share` the part of it that lies in the matrix's days.
    """

    orders: Fraction
    source: str
    column: str = ""
    whole: Fraction | None = None
    share: Fraction | None = None


@dataclass(frozen=True)
class Board:
    """A matrix as it stands on a day."""

    matrix: Matrix
    stages: Sequence[MatrixStage]
    today: date
    cells: Mapping[Cell, int]
    before: Mapping[Cell, int]
    """The cells four weeks ago."""
    moved: Sequence[Moved]
    cell_targets: Mapping[Cell, int]
    move_targets: Mapping[CellMove, int]
    goals: Mapping[str, Goal]
    """By must_hit and challenge; what nothing says is absent."""

    # What stands

    def at(self, stage: int, fit: str = "") -> int:
        """How many stand in a cell, or at a stage whatever their fit; a cell counted short of nothing holds none."""
        return sum(max(self.cells.get((stage, each), 0), 0) for each in ([fit] if fit else FITS))

    def change(self, stage: int, fit: str = "") -> int:
        """By how many that is more than four weeks ago."""
        fits = [fit] if fit else list(FITS)
        return self.at(stage, fit) - sum(max(self.before.get((stage, each), 0), 0) for each in fits)

    def target(self, stage: int, fit: str = "") -> int | None:
        """How many are to stand there on the last day; None where nobody said."""
        said = [
            self.cell_targets[stage, each] for each in ([fit] if fit else FITS) if (stage, each) in self.cell_targets
        ]
        return sum(said) if said else None

    @property
    def short(self) -> list[Cell]:
        """Cells that more have left than were counted there."""
        return [cell for cell, count in self.cells.items() if count < 0]

    @property
    def is_empty(self) -> bool:
        return not self.moved and not any(self.cells.values())

    # What moved

    @property
    def monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())

    def days(self, span: str) -> tuple[date, date]:
        """The first and the last day of a span."""
        if span == WEEK:
            return self.monday - timedelta(days=7), self.monday - timedelta(days=1)
        if span == MONTH:
            return self.today - FOUR_WEEKS + timedelta(days=1), self.today
        return min(self.matrix.starts_on, self.today), self.today

    def within(self, span: str) -> list[Moved]:
        """The moves of a span, without the stock the matrix began with."""
        moved = [each for each in self.moved if not each.is_opening]
        if span == WEEK:
            return [each for each in moved if each.week == self.days(WEEK)[0]]
        return [each for each in moved if each.is_recent] if span == MONTH else moved

    def arrows(self, span: str = WHOLE) -> dict[Arrow, int]:
        """How many moved from stage to stage, whatever their fit."""
        return totals(self.within(span))

    def by_cell(self, span: str = WHOLE) -> dict[CellMove, int]:
        found: Counter[CellMove] = Counter()
        for each in self.within(span):
            found[each.where] += each.count
        return dict(found)

    @cached_property
    def weeks(self) -> dict[date, dict[Arrow, int]]:
        """The moves of every week from the matrix's first to this one, the latest first, under its Monday."""
        moved: dict[date, list[Moved]] = {}
        for each in self.moved:
            if not each.is_opening:
                moved.setdefault(each.week, []).append(each)
        first = min([*moved, self.matrix.starts_on - timedelta(days=self.matrix.starts_on.weekday())])
        end = min(self.today, self.matrix.ends_on)
        last = max([*moved, end - timedelta(days=end.weekday())])
        count = max((last - first).days // 7, 0)
        mondays = [last - timedelta(weeks=back) for back in range(min(count, 520) + 1)]
        return {monday: totals(moved.get(monday, ())) for monday in mondays}

    def arrow_targets(self) -> dict[Arrow, int]:
        found: Counter[Arrow] = Counter()
        for (origin, _fit, to, _to_fit), count in self.move_targets.items():
            found[origin, to] += count
        return dict(found)

    # What follows from the moves

    @cached_property
    def chain(self) -> Chain:
        """How each stage is left, by all moves of the matrix so far."""
        told = [
            abm.Stage(stage.pk, stage.kind, None if stage.assumed_rate is None else float(stage.assumed_rate))
            for stage in self.stages
        ]
        return chain_of(told, self.arrows())

    @cached_property
    def entering(self) -> dict[int, float]:
        """How new leads spread over the stages they enter at: as they did so far, else all at the first."""
        entered = {
            stage.pk: count
            for stage in self.stages
            if stage.kind == StageKind.OPEN and (count := self.arrows().get((None, stage.pk), 0))
        }
        whole = sum(entered.values())
        if whole >= abm.FEWEST:
            return {stage: count / whole for stage, count in entered.items()}
        first = next((stage.pk for stage in self.stages if stage.kind == StageKind.OPEN), None)
        return {} if first is None else {first: 1.0}

    def counting(self, volume: str) -> MatrixStage | None:
        """The stage that counts as a volume of the funnel; of orders the one that is won where none is marked."""
        marked = next((stage for stage in self.stages if stage.counts_as == volume), None)
        if marked is None and volume == CountsAs.ORDER:
            return next((stage for stage in self.stages if stage.kind == StageKind.WON), None)
        return marked

    @property
    def won(self) -> set[int]:
        return {stage.pk for stage in self.stages if stage.kind == StageKind.WON}

    @cached_property
    def orders(self) -> int:
        """The orders so far: what came to a stage that is won, in the matrix's days."""
        won = self.won
        moved = [each for each in self.moved if each.is_inside and not each.is_opening]
        return sum(each.count for each in moved if each.arrow[1] in won and each.arrow[0] not in won)

    def stock(self) -> dict[int, float]:
        """What stands at each stage that can still be left."""
        return {key: float(count) for key in self.chain.leaving if (count := self.at(key))}

    def needed(self, column: str) -> Needed | None:
        """What must still move for a target of the KGI; None where nothing says how many orders are wanted."""
        goal = self.goals.get(column)
        if goal is None:
            return None
        rest = max(float(goal.orders) - self.orders, 0.0)
        return needed(self.chain, orders=rest, stock=self.stock(), entering=self.entering)

    @cached_property
    def way(self) -> dict[int, int]:
        """The stages on the way to an order by their places, with what is won at its end."""
        return {stage.pk: at for at, stage in enumerate(self.stages) if stage.kind in (StageKind.OPEN, StageKind.WON)}

    def leads_on(self, arrow: Arrow) -> bool:
        """Whether a move brings a lead nearer to an order: what happens besides, back or away, nobody aims at."""
        origin, to = arrow
        return to in self.way and (origin not in self.way or self.way[origin] < self.way[to])

    @property
    def column(self) -> str:
        """The target the page speaks of first."""
        return next(iter(self.goals), str(TargetColumn.MUST_HIT))


def totals(moved: Iterable[Moved]) -> dict[Arrow, int]:
    found: Counter[Arrow] = Counter()
    for each in moved:
        if each.changes_stage:
            found[each.arrow] += each.count
    return dict(found)


def read_board(matrix: Matrix, *, today: date) -> Board:
    """Everything the pages of a matrix say about it. Seven statements, ten with the funnel of a KGI."""
    stages = list(matrix.stages.all())
    moved = read_moves(matrix, today)
    cells = cells_on(matrix, today)
    if matrix.has_leads:
        before = rolled_back(cells, [each for each in moved if each.is_recent])
    else:
        before = cells_on(matrix, today - FOUR_WEEKS)
    cell_targets = {
        (stage, fit): count
        for stage, fit, count in CellTarget.objects.filter(matrix=matrix).values_list("stage", "fit", "count")
    }
    move_targets = read_move_targets(matrix)
    return Board(
        matrix,
        stages,
        today,
        cells,
        before,
        moved,
        cell_targets,
        move_targets,
        goals_of(matrix, stages, move_targets, cell_targets),
    )


def counted_moves(matrix: Matrix) -> QuerySet[LeadMove]:
    """The moves that count: neither withdrawn nor of a lead that was removed."""
    rows = LeadMove.objects.filter(matrix=matrix, withdrawn_at=None).order_by()
    return rows.filter(lead__removed_at=None, lead__isnull=False) if matrix.has_leads else rows


def read_moves(matrix: Matrix, today: date) -> list[Moved]:
    """All moves up to a day, added up by week. One statement."""

    def is_so(condition: Q) -> ExpressionWrapper:
        return ExpressionWrapper(condition, output_field=BooleanField())

    rows = (
        counted_moves(matrix)
        .filter(date__lte=today)
        .values("from_stage", "from_fit", "to_stage", "to_fit", week=TruncWeek("date"))
        .annotate(
            recent=is_so(Q(date__gt=today - FOUR_WEEKS)),
            opening=is_so(Q(from_stage=None, date__lte=matrix.starts_on)),
            inside=is_so(Q(date__range=(matrix.starts_on, matrix.ends_on))),
            of_these=Sum("count"),
        )
        .values_list("from_stage", "from_fit", "to_stage", "to_fit", "week", "recent", "opening", "of_these", "inside")
    )
    return [Moved((origin, fit, to, to_fit), *rest) for origin, fit, to, to_fit, *rest in rows]


def read_move_targets(matrix: Matrix) -> dict[CellMove, int]:
    rows = MoveTarget.objects.filter(matrix=matrix).order_by()
    told = rows.values_list("from_stage", "from_fit", "to_stage", "to_fit", "count")
    return {(origin, fit, to, to_fit): count for origin, fit, to, to_fit, count in told}


def cells_on(matrix: Matrix, day: date) -> dict[Cell, int]:
    """How many stood in each cell at the end of a day. Two statements.

    With a list of leads: where they stand, less what moved afterwards. Without: the latest count of each cell up to
    the day, and the moves after it; such a cell may come out below 0 where more left it than were counted.
    """
    if matrix.has_leads:
        leads = Lead.objects.filter(matrix=matrix, removed_at=None).order_by()
        rows = leads.values("stage", "fit").annotate(of_these=Count("id")).values_list("stage", "fit", "of_these")
        cells = {(stage, fit): count for stage, fit, count in rows}
        after = (
            counted_moves(matrix)
            .filter(date__gt=day)
            .values("from_stage", "from_fit", "to_stage", "to_fit")
            .annotate(of_these=Sum("count"))
            .values_list("from_stage", "from_fit", "to_stage", "to_fit", "of_these")
        )
        later = [Moved((origin, fit, to, to_fit), day, True, False, n) for origin, fit, to, to_fit, n in after]
        return rolled_back(cells, later)
    counts = CellCount.objects.filter(matrix=matrix, date__lte=day).order_by("stage", "fit", "-date")
    latest = {
        (stage, fit): (on, count)
        for stage, fit, on, count in counts.distinct("stage", "fit").values_list("stage", "fit", "date", "count")
    }
    stand: Counter[Cell] = Counter({cell: count for cell, (_on, count) in latest.items()})
    moves = counted_moves(matrix).filter(date__lte=day)
    told = moves.values("from_stage", "from_fit", "to_stage", "to_fit", "date").annotate(of_these=Sum("count"))
    for row in told:
        origin, to = (row["from_stage"], row["from_fit"]), (row["to_stage"], row["to_fit"])
        if to not in latest or row["date"] > latest[to][0]:
            stand[to] += row["of_these"]
        if origin[0] is not None and (origin not in latest or row["date"] > latest[origin][0]):
            stand[origin] -= row["of_these"]
    return dict(stand)


def rolled_back(cells: Mapping[Cell, int], later: Iterable[Moved]) -> dict[Cell, int]:
    """The cells as they were before these moves."""
    found = Counter(dict(cells))
    for each in later:
        origin, fit, to, to_fit = each.where
        found[to, to_fit] -= each.count
        if origin is not None:
            found[origin, fit] += each.count
    return dict(found)


# The orders that are wanted


def goals_of(
    matrix: Matrix,
    stages: Sequence[MatrixStage],
    move_targets: Mapping[CellMove, int],
    cell_targets: Mapping[Cell, int],
) -> dict[str, Goal]:
    """The orders of the matrix's days: by the KGI's funnel, else by the moves into won, else by what is to stand there.

    Must-hit comes first.
    """
    if matrix.kgi_id is not None and (found := goals_of_kgi(matrix)):
        return found
    won = {stage.pk for stage in stages if stage.kind == StageKind.WON}
    must_hit = str(TargetColumn.MUST_HIT)
    moves = sum(count for (origin, _f, to, _t), count in move_targets.items() if to in won and origin not in won)
    if moves:
        return {must_hit: Goal(Fraction(moves), "moves")}
    cells = sum(count for (stage, _fit), count in cell_targets.items() if stage in won)
    return {must_hit: Goal(Fraction(cells), "cells")} if cells else {}


def goals_of_kgi(matrix: Matrix) -> dict[str, Goal]:
    """The KGI's orders by its targets, as much of them as its months put into the matrix's days."""
    kgi = KGI.objects.filter(matrices=matrix, dropped_at=None).select_related("funnel").first()
    if kgi is None or not hasattr(kgi, "funnel"):
        return {}
    share = share_of(kgi, matrix)
    levers = {kpi.key: kpi for kpi in kgi.kpis.standing().filter(key__in=FunnelNumber.values).levers()}
    found = {}
    for column in (str(TargetColumn.MUST_HIT), str(TargetColumn.CHALLENGE)):
        whole = orders_of(kgi, levers, column)
        if whole is not None and share:
            found[column] = Goal(whole * share, "kgi", column, whole, share)
    return found


def share_of(kgi: KGI, matrix: Matrix) -> Fraction | None:
    """The part of the KGI's period that lies in the matrix's days, by its months; None without a period in common."""
    if kgi.period_start is None or kgi.period_end is None:
        return None
    try:
        return months_share(kgi.period_start, kgi.period_end, matrix.starts_on, matrix.ends_on, kgi.monthly_weights)
    except PlanRefused:
        return None


def orders_of(kgi: KGI, levers: Mapping[str, KPI], column: str) -> Fraction | None:
    """The orders of one column of a funnel; a target nobody gave means as now. None where it makes no chain."""
    revenue = getattr(kgi, f"{column}_value")
    own = {key: getattr(kpi, column) for key, kpi in levers.items()}
    if revenue is None and all(value is None for value in own.values()):
        return None
    now = {key: kpi.current for key, kpi in levers.items()}
    known = {key: now[key] if value is None else value for key, value in own.items()} | {"revenue": revenue}
    unknown = kgi.funnel.unknown
    given = {key: value for key, value in known.items() if value is not None and key != unknown}
    if given.keys() >= {"revenue", "unit_price"}:
        # Nothing else decides them, whatever of the chain below is missing.
        given = {key: given[key] for key in ("revenue", "unit_price")} | {"win_rate": Fraction(1)}
    elif unknown != FunnelNumber.REVENUE and not given.keys() >= {*RATES, "visits"}:
        return None
    try:
        return back_calculate(FunnelInput(**given)).orders  # type: ignore[arg-type]
    except FunnelRefused:
        return None
