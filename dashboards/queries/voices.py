# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Who reports and who is silent, and how sure people are beside where their key results are heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models.functions import Coalesce

from dashboards.queries.sql import rows
from objectives.formulas.patterns import FAR_APART, LOW_LANDING, SURE
from objectives.models import Cycle, KeyResult
from objectives.queries.bars import week_number, weeks_in
from people.models import Membership

WEEKS_BACK = 6
MOST_NAMED_TEAMS = 24


@dataclass(frozen=True, slots=True)
class SilentTeam:
    """A team not heard from: nothing said for a week, or check-ins owed since before today."""

    pk: int
    name: str
    open: int
    overdue: int
    last: date | None
    days: int | None
    is_quiet: bool
    owing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """How many teams are not heard or owe check-ins, and the first of them in the order of the organization.

    `quiet` teams said nothing for a week; `overdue` is how many check-ins are owed since before today.
    """

    total: int = 0
    quiet: int = 0
    overdue: int = 0
    teams: tuple[SilentTeam, ...] = ()

    @property
    def left_out(self) -> int:
        return self.total - len(self.teams)


@dataclass(frozen=True, slots=True)
class Voices:
    """What the open key results say together, and by team (`heard`: how many are open, how many reported on lately).

    `weekly` holds how many were reported on in each of the last full weeks of the cycle, oldest first. `sure` is how
    many owners are confident, `low` how many of those key results head for little all the same. Of `forecast` key
    results with a forecast and a confidence, `over` owners are far surer than it, and `under` far less sure.
    """

    open: int = 0
    weekly: tuple[int, ...] = ()
    sure: int = 0
    low: int = 0
    forecast: int = 0
    over: int = 0
    under: int = 0
    heard: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    silence: Silence = Silence()


CHANCE = "CASE WHEN kr.objective__kind = 'committed' THEN COALESCE(f.must_hit, f.target) ELSE f.score_0_6 END"

VOICES = f"""
WITH result AS (
    SELECT kr.objective__team_id AS team_id, s.last_check_in_on, s.due_on < %(today)s AS is_late,
           s.weekly_progress AS weekly,
           s.confidence >= {SURE} AS is_sure,
           s.confidence >= {SURE} AND s.landing < {LOW_LANDING} AS is_low,
           s.confidence / 10.0 - {CHANCE} AS apart
    FROM {{visible}} kr
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    LEFT JOIN objectives_keyresultforecast f ON f.key_result_id = kr.id
)
SELECT team_id, COUNT(*), COUNT(*) FILTER (WHERE last_check_in_on > %(today)s::date - 7),
       COUNT(*) FILTER (WHERE is_late), MAX(last_check_in_on),
       COUNT(*) FILTER (WHERE is_sure), COUNT(*) FILTER (WHERE is_low),
       COUNT(apart), COUNT(*) FILTER (WHERE apart >= {FAR_APART}), COUNT(*) FILTER (WHERE apart <= -{FAR_APART}),
       ARRAY[{{weeks}}]::bigint[]
FROM result GROUP BY team_id ORDER BY team_id
"""

NAMES = f"""
WITH chosen AS (
    SELECT id, name, position FROM people_team WHERE id = ANY(%(teams)s) ORDER BY position, id LIMIT {MOST_NAMED_TEAMS}
), owing AS (
    SELECT kr.objective__team_id AS team_id, kr.owed_by, COUNT(*) AS results
    FROM {{visible}} kr JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE s.due_on < %(today)s AND kr.objective__team_id IN (SELECT id FROM chosen)
    GROUP BY 1, 2
), late AS (
    SELECT owing.team_id, (ARRAY_AGG(u.name ORDER BY owing.results DESC, u.name))[1:3] AS names
    FROM owing JOIN people_membership m ON m.id = owing.owed_by JOIN people_user u ON u.id = m.user_id
    GROUP BY 1
)
SELECT chosen.id, chosen.name, late.names FROM chosen LEFT JOIN late ON late.team_id = chosen.id
ORDER BY chosen.position, chosen.id
"""

COLUMNS = ("id", "objective__team_id", "objective__kind", "owed_by")


def voices(membership: Membership, cycle: Cycle, today: date) -> Voices:
    """What is reported and what is not, in two statements; nothing in a closed cycle."""
    if cycle.is_closed:
        return Voices()
    visible = (
        KeyResult.objects.visible_to(membership)
        .open()
        .in_cycle(cycle)
        .annotate(owed_by=Coalesce("owner_id", "objective__owner_id"))
    )
    weeks = full_weeks(cycle, today)
    counted = ", ".join(f"COUNT(weekly[{week}])" for week in weeks)
    found = rows(VOICES.replace("{weeks}", counted), visible, {"today": today}, COLUMNS)
    silent = {}
    for team, open_, _reported, overdue, last, *_rest in found:
        days = (today - last).days if last else None
        is_quiet = (days is None or days >= 7) and (today - cycle.start).days >= 7
        if overdue or is_quiet:
            silent[team] = (open_, overdue, last, days, is_quiet)
    named = rows(NAMES, visible, {"today": today, "teams": list(silent)}, COLUMNS) if silent else []
    sums = [sum(row[place] for row in found) for place in (1, 5, 6, 7, 8, 9)]
    open_, sure, low, forecast, over, under = sums
    return Voices(
        open=open_,
        weekly=tuple(sum(row[10][place] for row in found) for place in range(len(weeks))),
        sure=sure,
        low=low,
        forecast=forecast,
        over=over,
        under=under,
        heard={row[0]: (row[1], row[2]) for row in found},
        silence=Silence(
            total=len(silent),
            quiet=sum(1 for team in silent.values() if team[4]),
            overdue=sum(team[1] for team in silent.values()),
            teams=tuple(SilentTeam(pk, name, *silent[pk], tuple(owing or ())) for pk, name, owing in named),
        ),
    )


def full_weeks(cycle: Cycle, today: date) -> range:
    """The numbers of the cycle's last weeks that are over before today, six at most."""
    last = min(week_number(cycle, today) - 1, weeks_in(cycle))
    return range(max(1, last - WEEKS_BACK + 1), last + 1)
