"""What the formulas of patterns need to know beside what the page has read, and the rows a sign speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Case, Count, ExpressionWrapper, F, FloatField, Q, When
from django.db.models.functions import Coalesce

from dashboards.queries.aims import KGIStanding, readings_of
from dashboards.queries.spread import Board
from dashboards.queries.voices import Voices
from objectives.formulas import patterns
from objectives.formulas.pace import elapsed_share
from objectives.formulas.patterns import Sign
from objectives.models import Activity, Cycle, Intent, KeyResult
from objectives.queries.bars import week_number
from people.models import Membership

FOUR_WEEKS = timedelta(days=28)
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sign with what it speaks of: key results, teams by id and name with their count, or a KGI."""

    sign: Sign
    key_results: tuple[KeyResult, ...] = ()
    teams: tuple[tuple[int, str, int], ...] = ()
    kgi: KGIStanding | None = None


@dataclass(frozen=True, slots=True)
class Levers:
    """How many levers of a KGI key results measure, and how many of them rose within four weeks."""

    total: int
    risen: int


def found_patterns(
    membership: Membership,
    cycle: Cycle,
    today: date,
    *,
    board: Board,
    voices: Voices,
    kgis: Sequence[KGIStanding],
    team_names: Mapping[int, str],
) -> list[Pattern]:
    """The patterns of trouble in a running cycle, the most serious first; four queries at most."""
    if cycle.is_closed or not cycle.start <= today <= cycle.end:
        return []
    elapsed, stretch = elapsed_share(cycle.span, today), board.stretch
    flat, flat_kgi = _flat(membership, cycle, today, kgis)
    lines, without = _daily_log(membership, today)
    crowded = [pk for pk in team_names if pk in board.teams and board.teams[pk].shared > patterns.MOST_OBJECTIVES]
    signs = patterns.most_serious_first(
        (
            flat,
            patterns.check_ins_dying(voices.weekly, voices.open),
            patterns.sure_but_low(voices.sure, voices.low, elapsed),
            patterns.forecast_apart(voices.forecast, voices.over, voices.under),
            patterns.too_ambitious(stretch.heading, stretch.far_off, elapsed),
            patterns.too_easy(stretch.heading, stretch.done, elapsed),
            patterns.too_many(sums.shared for sums in board.teams.values()),
            patterns.unlinked(lines, without),
        )
    )
    crowds = tuple((pk, team_names[pk], board.teams[pk].shared) for pk in crowded[:MOST_NAMED])
    return [
        Pattern(
            sign,
            key_results=_named(membership, cycle, sign),
            teams=crowds if sign.code == "too_many" else (),
            kgi=flat_kgi if sign.code == "kgi_flat" else None,
        )
        for sign in signs
    ]


def _named(membership: Membership, cycle: Cycle, sign: Sign) -> tuple[KeyResult, ...]:
    """A few of the key results a sign speaks of, in the order of the plan."""
    rows = KeyResult.objects.visible_to(membership).open().in_cycle(cycle).select_related("objective__team")
    match sign.code:
        case "sure_but_low":
            sure = Q(scored__confidence__gte=patterns.SURE, scored__landing__lt=patterns.LOW_LANDING)
            return tuple(rows.filter(sure).order_by("pk")[:MOST_NAMED])
        case "forecast_apart":
            committed = When(objective__kind=Intent.COMMITTED, then=Coalesce("forecast__must_hit", "forecast__target"))
            apart = F("scored__confidence") / 10.0 - Case(committed, default=F("forecast__score_0_6"))
            told = rows.annotate(apart=ExpressionWrapper(apart, FloatField()))
            over = Q(apart__gte=patterns.FAR_APART) if sign.numbers["is_over"] else Q(apart__lte=-patterns.FAR_APART)
            return tuple(told.filter(over).order_by("pk")[:MOST_NAMED])
    return ()


def _daily_log(membership: Membership, today: date) -> tuple[int, int]:
    """How many lines the daily log of four weeks has, and how many of them serve no key result."""
    lines = Activity.objects.visible_to(membership).filter(date__gt=today - FOUR_WEEKS, date__lte=today)
    counted = lines.order_by().aggregate(all=Count("pk"), without=Count("pk", filter=Q(key_result=None)))
    return counted["all"], counted["without"]


def _flat(
    membership: Membership, cycle: Cycle, today: date, kgis: Sequence[KGIStanding]
) -> tuple[Sign | None, KGIStanding | None]:
    """The first KGI that stands while its levers rise."""
    looked = [row for row in kgis if row.value is not None and row.read_on and row.elapsed and row.way]
    if not looked:
        return None, None
    levers = _levers(membership, cycle, today, looked)
    earlier = readings_of([row.kgi for row in looked], today - timedelta(days=patterns.SHORTEST_LOOK))
    for row in looked:
        before, told = earlier.get(row.kgi.pk), levers.get(row.kgi.pk)
        if before is None or told is None or row.value is None or row.read_on is None or not row.way:
            continue
        days = (row.read_on - before.date).days
        expected = days / row.days if row.days else 0.0
        gained = float((row.value - Decimal(before.value)) / row.way)
        if sign := patterns.kgi_flat(told.total, told.risen, gained, expected, days):
            return sign, row
    return None, None


def _levers(membership: Membership, cycle: Cycle, today: date, kgis: Sequence[KGIStanding]) -> dict[int, Levers]:
    """By KGI, over its levers: a lever rose where any key result that measures it did."""
    week = week_number(cycle, today - FOUR_WEEKS)
    if week < 1:
        return {}
    measured = (
        KeyResult.objects.visible_to(membership)
        .open()
        .in_cycle(cycle)
        .filter(kpi__kgi__in=[row.kgi.pk for row in kgis], kpi__is_goal=False, scored__own_progress__isnull=False)
    )
    risen: dict[tuple[int, int], bool] = {}
    found = measured.values_list("kpi__kgi", "kpi", "scored__own_progress", "scored__weekly_progress")
    for kgi, kpi, progress, weekly in found:
        before = next((value for value in reversed(weekly[:week]) if value is not None), None)
        has_risen = before is not None and (progress or 0.0) - before >= patterns.RISES
        risen[kgi, kpi] = risen.get((kgi, kpi), False) or has_risen
    return {
        row.kgi.pk: Levers(
            sum(1 for kgi, _kpi in risen if kgi == row.kgi.pk),
            sum(1 for (kgi, _kpi), is_up in risen.items() if kgi == row.kgi.pk and is_up),
        )
        for row in kgis
    }
