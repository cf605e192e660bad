"""Health KPIs as the board, the page of one and files show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from objectives.formulas.health_kpis import MOST, Side
from objectives.models import HealthKPI, HealthKPIReading
from objectives.presenters.health_chart import short_period, small_chart
from objectives.queries.health_kpis import HealthStanding, corridor_of, owed_readings
from objectives.sentences.health_kpis import (
    amount_of,
    listed,
    mark_of,
    outside_for,
    period_word,
    side_word,
    trend_word,
)
from people.formulas.rhythm import Rhythm
from people.models import KPIRound, Membership, Team

GLYPHS = {Side.INSIDE: "in", Side.BELOW: "below", Side.ABOVE: "above"}


@dataclass(frozen=True)
class BoardRow:
    """One KPI on the board, in words."""

    standing: HealthStanding
    may_edit: bool
    mark: str
    value: str
    period: str
    attainment: str
    side: str
    glyph: str
    trend: str
    how_long: str
    since: str
    missing: str
    chart: SafeString

    @property
    def kpi(self) -> HealthKPI:
        return self.standing.kpi


@dataclass(frozen=True)
class BoardGroup:
    """The KPIs of one team."""

    team: Team
    rows: list[BoardRow]


def groups_of(standings: Sequence[HealthStanding], editable: Collection[int]) -> list[BoardGroup]:
    """The rows of a board under their teams, in their order."""
    groups: dict[int, BoardGroup] = {}
    for standing in standings:
        team = standing.kpi.team
        group = groups.setdefault(team.pk, BoardGroup(team, []))
        group.rows.append(board_row(standing, may_edit=standing.kpi.pk in editable))
    return list(groups.values())


def board_row(standing: HealthStanding, *, may_edit: bool) -> BoardRow:
    kpi, last, since = standing.kpi, standing.last, standing.outside_since
    return BoardRow(
        standing,
        may_edit,
        mark=mark_of(kpi),
        value=amount_of(kpi, last.value) if last else "",
        period=period_word(kpi, last.period_start) if last else "",
        attainment=attainment_word(standing.attainment),
        side=side_word(standing.side),
        glyph=GLYPHS[standing.side] if standing.side else "none",
        trend=trend_word(standing.trend),
        how_long=outside_for(standing) if standing.is_outside else "",
        since=period_word(kpi, since) if since else "",
        missing=missing_word(standing),
        chart=small_chart(standing),
    )


def attainment_word(attainment: Decimal | None) -> str:
    """Whole per cents, never rounded up to the mark; nothing where there is no share."""
    if attainment is None:
        return ""
    percents = (attainment * 100).to_integral_value(rounding=ROUND_FLOOR)
    return f"≥ {percents}%" if attainment >= MOST else f"{percents}%"


def missing_word(standing: HealthStanding) -> str:
    """Which numbers should be there by now."""
    if not standing.missing:
        return ""
    return _("missing: %(periods)s") % {
        "periods": listed(short_period(standing.kpi.period, first) for first in standing.missing)
    }


def owed_numbers(membership: Membership) -> list[tuple[HealthKPI, str]]:
    """The KPIs a person looks after whose numbers are missing, each with the periods."""
    return [
        (row.kpi, listed(short_period(row.kpi.period, first) for first in row.missing))
        for row in owed_readings(membership)
    ]


@dataclass(frozen=True)
class Line:
    """One reading in the history of its KPI."""

    reading: HealthKPIReading
    period: str
    value: str
    attainment: str
    word: str
    glyph: str


def line_of(kpi: HealthKPI, reading: HealthKPIReading) -> Line:
    corridor = corridor_of(kpi)
    side = corridor.side(reading.value)
    return Line(
        reading,
        period_word(kpi, reading.period_start),
        amount_of(kpi, reading.value),
        attainment_word(corridor.attainment(reading.value)),
        side_word(side),
        GLYPHS[side],
    )


def review_word(rhythms: Mapping[int, Rhythm], team_id: int) -> str:
    """How often a team looks at its health KPIs together."""
    rhythm = rhythms[team_id]
    return _("KPI review every month") if rhythm.kpi_round == KPIRound.MONTH else _("KPI review every week")


def file_row(standing: HealthStanding) -> Sequence[Any]:
    """One KPI as a line of a file."""
    kpi, last, attainment = standing.kpi, standing.last, standing.attainment
    return (
        kpi.team.name,
        kpi.name,
        kpi.unit,
        kpi.get_period_display(),
        kpi.lower,
        kpi.upper,
        kpi.owner.user.name if kpi.owner else "",
        f"{last.period_start:%Y-%m-%d}" if last else "",
        last.value if last else "",
        round(attainment * 100, 1) if attainment is not None else "",
        side_word(standing.side),
        standing.run,
        trend_word(standing.trend),
        last.cause if last else "",
        last.countermeasure if last else "",
    )
