"""A cycle's report, read in so many queries however many objectives there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboards.queries.aims import KGIStanding, kgis
from dashboards.queries.branches import Branch
from dashboards.queries.cycles import Discipline, discipline
from dashboards.queries.departments import Department, courses, within
from dashboards.queries.heat import reporting
from dashboards.queries.report.goals import Goal, Standing, goals, half_time, standings, told_of
from dashboards.queries.report.stories import (
    Looked,
    Stood,
    counted_causes,
    experiments,
    lessons,
    longest_obstacles,
    looked_back,
)
from dashboards.queries.sql import ZONES, working
from objectives.models import Cycle, Experiment, Lesson, Level
from objectives.queries.forecasts import Landing, kgi_landings
from people.models import Membership, Team

MOST_LISTED = 200
"""How many objectives one report lists one by one; a larger company opens its teams' reports."""
MOST_IN_WORKBOOK = 2_000
"""So many a workbook lists, where one sorts and filters."""


@dataclass
class TeamReport:
    """One team's own goals of the cycle and what is told of them."""

    pk: int
    name: str
    above: tuple[str, ...]
    standings: list[Standing] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    experiments: list[Experiment] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        return bool(self.standings or self.looked or self.lessons or self.experiments)

    @property
    def counts(self) -> dict[str, int]:
        return counted(self.standings)

    @property
    def mean(self) -> float | None:
        return mean([one.value for one in self.standings])

    @property
    def half(self) -> float | None:
        return mean([one.half for one in self.standings])

    @property
    def causes(self) -> list[tuple[str, int]]:
        return counted_causes(self.looked)


@dataclass
class Report:
    """A cycle of a branch of teams. `is_over` where its last day has passed or it is closed; else all is as of `today`.

    `is_listed` says whether objectives stand in it one by one. `individuals` counts the goals of single people, which
    no report tells of.
    """

    membership: Membership
    cycle: Cycle
    branch: Branch
    today: date
    is_over: bool
    half_on: date
    standings: list[Standing]
    teams: list[TeamReport]
    is_listed: bool
    individuals: int
    kgis: Sequence[KGIStanding] = ()
    landings: Mapping[int, Landing] = field(default_factory=dict)
    discipline: Discipline = field(default_factory=Discipline)
    obstacles: Sequence[Stood] = ()
    courses: Sequence[Department] = ()

    @property
    def is_empty(self) -> bool:
        return not self.standings

    @property
    def scope(self) -> str:
        """Whom it is about: the team's name, or the organization's."""
        top = self.branch.top
        return self.membership.organization.name if self.branch.is_whole or top is None else top.name

    @property
    def aspirational(self) -> list[Standing]:
        return [one for one in self.standings if not one.is_committed]

    @property
    def committed(self) -> list[Standing]:
        return [one for one in self.standings if one.is_committed]

    @property
    def counts(self) -> dict[str, int]:
        return counted(self.standings)

    @property
    def half_counts(self) -> dict[str, int] | None:
        """As `counts`, at half-time; None where nothing was kept of it."""
        if all(one.half is None for one in self.standings):
            return None
        return {zone: Counter(one.half_zone for one in self.standings)[zone] for zone in ZONES}

    @property
    def mean(self) -> float | None:
        """The mean of where the aspirational objectives ended, or head."""
        return mean([one.value for one in self.aspirational])

    @property
    def goals(self) -> list[Goal]:
        return [goal for team in self.teams for goal in team.goals]

    @property
    def causes(self) -> list[tuple[str, int]]:
        return counted_causes([one for team in self.teams for one in team.looked])

    @property
    def outcomes(self) -> dict[str, list[Goal]]:
        """The listed objectives by what becomes of them."""
        found: dict[str, list[Goal]] = defaultdict(list)
        for goal in self.goals:
            found[goal.outcome].append(goal)
        return found


def counted(standings: Sequence[Standing]) -> dict[str, int]:
    found = Counter(one.zone for one in standings)
    return {zone: found[zone] for zone in ZONES}


def mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def read_report(
    membership: Membership, cycle: Cycle, today: date, branch: Branch, *, most: int = MOST_LISTED
) -> Report:
    """The report of a cycle, of a branch of teams, with the eyes of a membership.

    Objectives are listed while they are at most `most`; teams stand in the organization's order.
    """
    organization = membership.organization
    visible = told_of(membership, cycle, branch)
    known = standings(visible, cycle, today, organization)
    is_listed = len(known) <= most
    is_over = cycle.is_closed or today > cycle.end
    until = min(today, cycle.end)
    return Report(
        membership=membership,
        cycle=cycle,
        branch=branch,
        today=today,
        is_over=is_over,
        half_on=half_time(cycle),
        standings=known,
        teams=teams_of(membership, cycle, branch, known, today, is_listed=is_listed),
        is_listed=is_listed,
        individuals=within(working(membership, cycle).filter(level=Level.INDIVIDUAL), branch).count(),
        kgis=(aims := kgis(membership, cycle, until) if branch.is_whole else []),
        landings=kgi_landings(membership, [row.kgi for row in aims], today) if aims and not is_over else {},
        discipline=discipline(reporting(membership, cycle, today, branch), cycle, min(today, cycle.end)),
        obstacles=longest_obstacles(membership, cycle, today, branch),
        courses=courses(membership, cycle, today, branch, visible),
    )


def teams_of(
    membership: Membership,
    cycle: Cycle,
    branch: Branch,
    known: Sequence[Standing],
    today: date,
    *,
    is_listed: bool,
) -> list[TeamReport]:
    """Every team of the branch that has something to tell, in the organization's order."""
    names = {pk: (name, parent) for pk, name, parent in team_names(membership)}
    found = {pk: TeamReport(pk, names[pk][0], above_of(pk, names)) for pk in branch.homes if pk in names}
    for one in known:
        if one.team in found:
            found[one.team].standings.append(one)
    if is_listed:
        parts = goals(known, membership, cycle, today) if known else {}
        for pk, rows in parts.items():
            if pk in found:
                found[pk].goals = rows
                for goal in rows:
                    goal.team_name = found[pk].name
        looked, learned = looked_back(membership, cycle, branch), lessons(membership, cycle, branch)
        tried = experiments(membership, cycle, branch)
        for pk, team in found.items():
            team.looked, team.lessons, team.experiments = looked.get(pk, []), learned.get(pk, []), tried.get(pk, [])
    return [team for team in found.values() if team.is_told]


def team_names(membership: Membership) -> list[tuple[int, str, int | None]]:
    return list(Team.objects.visible_to(membership).order_by().values_list("pk", "name", "parent_id"))


def above_of(pk: int, names: Mapping[int, tuple[str, int | None]]) -> tuple[str, ...]:
    """The names of the teams above one, the company's left out."""
    above: list[str] = []
    parent = names[pk][1]
    while parent is not None and parent in names and names[parent][1] is not None:
        above.insert(0, names[parent][0])
        parent = names[parent][1]
    return tuple(above)
