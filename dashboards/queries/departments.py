# ruff: noqa: S608 (statements are put together from constants alone; every value is a parameter)
"""Departments on their way through the cycle, and teams nobody hears from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import QuerySet

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.sql import REPORTED, VALUE, ZONE, band_of, rows, working
from objectives.formulas.pace import zone
from objectives.models import Cycle, KeyResult
from objectives.queries.bars import monday_of, week_number, weeks_in
from people.models import Membership, Organization, Team


@dataclass(slots=True)
class Week:
    """What the objectives of teams add up to at the end of a week: scores, paces and where they head.

    `reaching` counts those that head into the band or above it, or for the mark where they are committed.
    """

    scored: int = 0
    score: float = 0.0
    pace: float = 0.0
    heading: int = 0
    landing: float = 0.0
    reaching: int = 0

    def add(self, other: Week) -> None:
        for name in ("scored", "score", "pace", "heading", "landing", "reaching"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Sums:
    """What teams add up to, before means are taken."""

    objectives: int = 0
    scored: int = 0
    score: float = 0.0
    heading: int = 0
    landing: float = 0.0
    reaching: int = 0
    pace: float = 0.0
    open: int = 0
    reported: int = 0
    owing: int = 0
    weekly: dict[int, Week] = field(default_factory=lambda: defaultdict(Week))

    def add(self, other: Sums) -> None:
        for name in ("objectives", "scored", "score", "heading", "landing", "reaching", "pace"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("open", "reported", "owing"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for number, week in other.weekly.items():
            self.weekly[number].add(week)

    @property
    def now(self) -> Week:
        return Week(self.scored, self.score, self.pace, self.heading, self.landing, self.reaching)


@dataclass(frozen=True, slots=True)
class Department:
    """A child of the company with all teams below it: plain means over its objectives.

    `scores`, `paces` and `landings` hold a value for each week of the cycle that has begun, None where nothing had a
    score; `headings` and `reachings` say of how many objectives a week tells, and how many of them headed for the
    band at least. On the page of one branch a department is whatever stands there: `unit` says how it is shown.
    """

    pk: int
    name: str
    objectives: int
    score: float | None
    landing: float | None
    zone: str
    scores: tuple[float | None, ...]
    paces: tuple[float | None, ...]
    open: int = 0
    reported: int = 0
    landings: tuple[float | None, ...] = ()
    headings: tuple[int, ...] = ()
    reachings: tuple[int, ...] = ()
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class SilentTeam:
    """A team not heard from: nothing said for a week, or check-ins owed since before today."""

    pk: int
    name: str
    open: int
    overdue: int
    last: date | None
    days: int | None
    owing: tuple[str, ...]
    is_quiet: bool = False


OF_GOALS = ("id", "team_id", "kind")

TEAMS = f"""
WITH goal AS (
    SELECT o.team_id, o.kind, {REPORTED.format(row="s")} AS score, s.pace, {VALUE.format(row="s")} AS value
    FROM {{visible}} o LEFT JOIN objectives_objectivescore s ON s.objective_id = o.id
)
SELECT goal.team_id, t.name, COUNT(*), COUNT(score), COALESCE(SUM(score), 0),
       COUNT(value), COALESCE(SUM(value), 0), COALESCE(SUM(pace) FILTER (WHERE score IS NOT NULL), 0),
       COUNT(*) FILTER (WHERE {ZONE.format(value="value", kind="kind")} IN ('in', 'above'))
FROM goal JOIN people_team t ON t.id = goal.team_id
GROUP BY 1, 2
"""

WEEKS = f"""
WITH was AS (
    SELECT o.team_id, o.kind, w.date, w.score, w.pace, {VALUE.format(row="w")} AS value
    FROM {{visible}} o
    JOIN objectives_objectivesnapshot w ON w.objective_id = o.id AND w.date = ANY(%(days)s)
         AND {REPORTED.format(row="w")} IS NOT NULL
)
SELECT team_id, date, COUNT(score), SUM(score), SUM(pace), COUNT(value), COALESCE(SUM(value), 0),
       COUNT(*) FILTER (WHERE {ZONE.format(value="value", kind="kind")} IN ('in', 'above'))
FROM was GROUP BY 1, 2
"""

VOICES = """
WITH result AS MATERIALIZED (
    SELECT o.team_id, COALESCE(kr.owner_id, o.owner_id) AS owner_id, s.last_check_in_on, s.due_on < %(today)s AS is_late
    FROM objectives_keyresult kr
    JOIN objectives_objective o ON o.id = kr.objective_id
    JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
    WHERE kr.id IN {visible}
), voice AS (
    SELECT team_id, COUNT(*) AS open, COUNT(*) FILTER (WHERE last_check_in_on > %(today)s::date - 7) AS reported,
           COUNT(*) FILTER (WHERE is_late) AS overdue, MAX(last_check_in_on) AS last
    FROM result GROUP BY team_id
), owing AS (
    SELECT late.team_id, (ARRAY_AGG(u.name ORDER BY late.results DESC, u.name))[1:3] AS names
    FROM (SELECT team_id, owner_id, COUNT(*) AS results FROM result WHERE is_late GROUP BY 1, 2) late
    JOIN people_membership m ON m.id = late.owner_id
    JOIN people_user u ON u.id = m.user_id
    GROUP BY late.team_id
)
SELECT voice.team_id, t.name, voice.open, voice.reported, voice.overdue, voice.last, owing.names
FROM voice JOIN people_team t ON t.id = voice.team_id LEFT JOIN owing ON owing.team_id = voice.team_id
ORDER BY t.position, t.id
"""


def week_ends(cycle: Cycle, today: date) -> list[date]:
    """The last days of the cycle's weeks that are over before today."""
    days = [min(monday_of(cycle.start) + timedelta(days=7 * week + 6), cycle.end) for week in range(weeks_in(cycle))]
    return [day for day in days if day < today]


def teams(membership: Membership, cycle: Cycle, today: date) -> tuple[list[Department], list[SilentTeam]]:
    """Every department's way so far and now, and the teams nobody hears from."""
    tree = {team.pk: team for team in Team.objects.visible_to(membership)}
    by_team, names = sums_by_team(working(membership, cycle), cycle, today, membership.organization)
    names |= {pk: team.name for pk, team in tree.items()}

    silent = []
    if not cycle.is_closed:
        open_rows = KeyResult.objects.visible_to(membership).open().in_cycle(cycle)
        for pk, name, count, reported, overdue, last, owing in rows(VOICES, open_rows, {"today": today}):
            by_team[pk].open, by_team[pk].reported, by_team[pk].owing = count, reported, overdue
            days = (today - last).days if last else None
            is_quiet = (days is None or days >= 7) and (today - cycle.start).days >= 7
            if overdue or is_quiet:
                silent.append(SilentTeam(pk, name, count, overdue, last, days, tuple(owing or ()), is_quiet))

    departments = [
        _department(pk, names[pk], sums, cycle, today, membership.organization)
        for pk, sums in fold(by_team, tree).items()
        if sums.objectives
    ]
    return departments, silent


def courses(membership: Membership, cycle: Cycle, today: date, branch: Branch) -> list[Department]:
    """The way through the cycle of every unit of a branch that has objectives in it, in the branch's order."""
    visible = within(working(membership, cycle), branch)
    by_team, _names = sums_by_team(visible, cycle, today, membership.organization)
    return [
        _department(unit.pk, unit.name, summed(sums), cycle, today, membership.organization, unit)
        for unit, sums in zip(branch.units, branch.gather(by_team), strict=True)
        if sums
    ]


def within(visible: QuerySet, branch: Branch, way: str = "team") -> QuerySet:
    """Those of a branch's teams alone; `way` leads from a row to its team."""
    return visible if branch.is_whole else visible.filter(**{f"{way}__in": list(branch.homes)})


def summed(parts: Iterable[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        whole.add(part)
    return whole


def sums_by_team(
    visible: QuerySet, cycle: Cycle, today: date, organization: Organization
) -> tuple[Mapping[int, Sums], dict[int, str]]:
    """What the objectives of each team add up to, now and at the end of each week that is over; and the teams' names.

    Two queries. Of a cycle's days only the week ends are read, whatever else is kept of it.
    """
    by_team: dict[int, Sums] = defaultdict(Sums)
    names: dict[int, str] = {}
    band = band_of(organization)
    for pk, name, count, scored, score, heading, landing, pace, reaching in rows(TEAMS, visible, band, OF_GOALS):
        names[pk] = name
        sums = by_team[pk]
        sums.objectives, sums.scored, sums.score = count, scored, score
        sums.heading, sums.landing, sums.pace, sums.reaching = heading, landing, pace, reaching
    past = week_ends(cycle, today)
    if past and by_team:
        numbers = {day: week_number(cycle, day) for day in past}
        for pk, day, *told in rows(WEEKS, visible, {"days": past, **band}, OF_GOALS):
            by_team[pk].weekly[numbers[day]] = Week(*told)
    return by_team, names


def weeks_begun(cycle: Cycle, today: date) -> int:
    """How many weeks of the cycle are over or under way."""
    over = len(week_ends(cycle, today))
    return over + (1 if cycle.start <= today <= cycle.end and over < weeks_in(cycle) else 0)


def fold(by_team: Mapping[int, Sums], tree: dict[int, Team]) -> dict[int, Sums]:
    """Teams summed into their departments, in the order of the tree: the company's own first, then its children.

    A team the reader does not see in the tree stands for itself.
    """
    order = [team.pk for team in tree.values() if team.is_company]
    order += [team.pk for team in tree.values() if team.parent_id in order]
    folded: dict[int, Sums] = {pk: Sums() for pk in order}
    for pk, sums in by_team.items():
        at = pk
        seen = set()
        while at in tree and at not in folded and at not in seen:
            seen.add(at)
            parent = tree[at].parent_id
            at = parent if parent in tree else at
        folded.setdefault(at if at in folded else pk, Sums()).add(sums)
    return folded


def _department(
    pk: int, name: str, sums: Sums, cycle: Cycle, today: date, organization: Organization, unit: Unit | None = None
) -> Department:
    begun = weeks_begun(cycle, today)
    weeks = [sums.weekly.get(number, Week()) for number in range(1, begun + 1)]
    if weeks and sums.scored:
        # The present week is what the scores say now; of a cycle that is over, its last word.
        last, weeks[-1] = weeks[-1], sums.now
        if today > cycle.end and last.scored:
            weeks[-1].pace = last.pace / last.scored * sums.scored
    landing = sums.landing / sums.heading if sums.heading else None
    return Department(
        pk=pk,
        name=name,
        objectives=sums.objectives,
        score=sums.score / sums.scored if sums.scored else None,
        landing=landing,
        zone=zone(landing, "aspirational", organization.band_lower, organization.band_upper),
        scores=tuple(week.score / week.scored if week.scored else None for week in weeks),
        paces=tuple(min(week.pace / week.scored, 1.0) if week.scored else None for week in weeks),
        open=sums.open,
        reported=sums.reported,
        landings=tuple(week.landing / week.heading if week.heading else None for week in weeks),
        headings=tuple(week.heading for week in weeks),
        reachings=tuple(week.reaching for week in weeks),
        unit=unit,
    )


def lowest(departments: Sequence[Department]) -> Department | None:
    """The department heading lowest, None while none heads anywhere."""
    heading = [department for department in departments if department.landing is not None]
    return min(heading, key=lambda department: department.landing or 0.0, default=None)
