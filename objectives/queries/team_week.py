"""A team's week as whoever leads it needs it: who is silent, what moved, where confidence falls, what waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from objectives.access import teams_decided_by
from objectives.formulas.bar import Bar
from objectives.formulas.confidence import FALL, LOOKED_AT, fades
from objectives.formulas.reporting import legible, value_at
from objectives.models import (
    Action,
    CheckIn,
    Comment,
    KeyResult,
    Kind,
    Notice,
    NoticeKind,
    Objective,
    Obstacle,
    Reaction,
)
from objectives.queries.actions import marked, open_actions
from objectives.queries.activities import idle_objectives
from objectives.queries.bars import key_result_bar, monday_of, week_number
from objectives.queries.comments import with_talk
from objectives.queries.health_kpis import HealthStanding, outside_corridor
from objectives.queries.obstacles import standing_obstacles
from people.models import Membership, Role, Team, TeamQuerySet, below

MOST_PEOPLE = 60
MOST_SHOWN = 10
MOST_UNANSWERED = 5
MOST_MOVED = 12
MOST_LOOKED_AT = 500
SMALLEST_MOVE = 0.005
HIGHEST = 10
WEEKS_LOOKED_AT = 12
AS_A_FIGURE = {Kind.REACH, Kind.CUMULATIVE, Kind.COVERAGE}


@dataclass
class Silent:
    """Somebody whose check-ins are waited for: what they owe, the oldest first, and whether they were nudged today."""

    person: Membership
    owed: list[KeyResult] = field(default_factory=list)
    is_nudged: bool = False
    may_nudge: bool = False

    @property
    def since(self) -> date:
        return self.owed[0].scored.due_on  # type: ignore[return-value]


@dataclass(frozen=True)
class Moved:
    """A key result that was reported on this week and stands elsewhere than before; raw progress, its bar beside it.

    `before_value` and `value` are in its own unit where its kind has such a figure.
    """

    key_result: KeyResult
    before: float
    now: float
    bar: Bar
    before_value: Decimal | None
    value: Decimal | None

    @property
    def delta(self) -> float:
        return self.now - self.before


@dataclass(frozen=True)
class Fading:
    """A key result whose number is on track while confidence falls; `course` are the latest ones, oldest first."""

    key_result: KeyResult
    course: list[int]
    bar: Bar


@dataclass(frozen=True)
class Part:
    """The first rows of a list, and how many there are."""

    rows: list[Any]
    count: int

    @property
    def left_out(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True)
class TeamWeek:
    team: Team
    monday: date
    reporters: int
    silent: list[Silent]
    moved: list[Moved]
    fading: list[Fading]
    unanswered: Part
    obstacles: Part
    overdue: Part
    idle: Part
    outside: list[HealthStanding]
    leads: bool

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def risen(self) -> list[Moved]:
        return [row for row in self.moved if row.delta > 0]

    @property
    def fallen(self) -> list[Moved]:
        return [row for row in self.moved if row.delta < 0]

    @property
    def to_nudge(self) -> list[Silent]:
        return [row for row in self.silent if row.may_nudge and not row.is_nudged]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing at all asks for the reader."""
        parts = (self.unanswered, self.obstacles, self.overdue, self.idle)
        return not (self.silent or self.fading or self.outside or any(part.count for part in parts))


def teams_offered(membership: Membership) -> TeamQuerySet:
    """The teams whose week a person can open: everything for executives, a manager's branch, one's own for members."""
    teams = Team.objects.open().filter(organization=membership.organization_id)
    if membership.role in {Role.ADMIN, Role.EXECUTIVE}:
        return teams
    if membership.role == Role.MANAGER:
        return teams & Team.objects.led_by(membership)
    return teams.filter(pk__in=membership.team_ids)


def first_team(membership: Membership, teams: list[Team]) -> Team | None:
    """The team one opens without a choice: the company for whoever leads it, else the highest of one's own."""
    if membership.role in {Role.ADMIN, Role.EXECUTIVE}:
        return next((team for team in teams if team.is_company), None)
    own = [team for team in teams if team.pk in membership.team_ids]
    return next(iter([team for team in own if not team.is_company] or own), None)


def team_week(membership: Membership, team: Team) -> TeamWeek:
    """Everything the page of a team's week shows; a constant number of queries, however large the team is."""
    organization = membership.organization
    today = organization.today
    monday = monday_of(today)
    leads = membership.role == Role.EXECUTIVE or teams_decided_by(membership).filter(pk=team.pk).exists()
    branch = Q(objective__team__in=below([team.pk]))
    rows = KeyResult.objects.visible_to(membership).open().filter(branch)
    rows = rows.select_related("objective__cycle", "objective__team", "objective__owner__user", "owner__user", "scored")
    objectives = Objective.objects.visible_to(membership).filter(team__in=below([team.pk]))
    return TeamWeek(
        team=team,
        monday=monday,
        reporters=reporters_of(rows),
        silent=silent_in(rows, membership, monday, leads=leads),
        moved=moved_in(rows, monday, today, organization),
        fading=fading_in(rows, today, organization),
        unanswered=unanswered_in(membership, team, monday - timedelta(days=7)) if leads else Part([], 0),
        obstacles=part_of(standing_in(membership, team)),
        overdue=overdue_in(membership, team, today),
        idle=part_of(idle_objectives(membership, objectives).select_related("team", "owner__user", "cycle")),
        outside=outside_corridor(membership, team=team)[:MOST_SHOWN],
        leads=leads,
    )


def part_of(rows: QuerySet[Any]) -> Part:
    return Part(list(rows[:MOST_SHOWN]), rows.count())


def reporters_of(rows: QuerySet[KeyResult]) -> int:
    """How many people report on something here."""
    reporter = Coalesce("owner_id", "objective__owner_id")
    return rows.order_by().aggregate(people=Count(reporter, distinct=True))["people"]


def silent_in(rows: QuerySet[KeyResult], membership: Membership, monday: date, *, leads: bool) -> list[Silent]:
    """Those who owe check-ins of this week or of earlier ones, whoever has owed longest first."""
    owed = rows.filter(scored__due_on__lte=monday + timedelta(days=6)).order_by("scored__due_on", "pk")
    found: dict[int, Silent] = {}
    for key_result in owed[:MOST_LOOKED_AT]:
        person = key_result.owner or key_result.objective.owner
        found.setdefault(person.pk, Silent(person)).owed.append(key_result)
    nudged = set(nudged_today(membership)) if leads else set()
    within = within_reach(membership, set(found)) if leads else set()
    for pk, silent in found.items():
        silent.is_nudged = pk in nudged
        silent.may_nudge = pk in within and pk != membership.pk
    return list(found.values())[:MOST_PEOPLE]


def nudged_today(membership: Membership) -> list[int]:
    """Whom the person has asked for a check-in today."""
    occasion = f"nudge:{membership.pk}:{membership.organization.today}"
    return list(Notice.objects.filter(kind=NoticeKind.NUDGED, occasion=occasion).values_list("membership", flat=True))


def within_reach(membership: Membership, people: set[int]) -> set[int]:
    """Whom of these the person may nudge: as `access.may_nudge` says it, asked once for all."""
    rows = Membership.objects.active().filter(pk__in=people, organization=membership.organization_id)
    if membership.role in {Role.ADMIN, Role.EXECUTIVE}:
        return set(rows.values_list("pk", flat=True))
    if membership.role != Role.MANAGER:
        return set()
    return set(rows.filter(teams__in=Team.objects.led_by(membership)).values_list("pk", flat=True))


def moved_in(rows: QuerySet[KeyResult], monday: date, today: date, organization: Any) -> list[Moved]:
    """What was reported on this week and stands elsewhere than at the end of the week it was reported on before."""
    reported = rows.filter(scored__last_check_in_on__gte=monday).prefetch_related("phases", "steps")
    found = []
    for key_result in reported.order_by("-scored__last_check_in_on", "pk")[:MOST_LOOKED_AT]:
        scored = key_result.scored
        weekly = scored.weekly_progress[: week_number(key_result.objective.cycle, today) - 1]
        before = next((value for value in reversed(weekly) if value is not None), None)
        now = scored.own_progress
        if before is None or now is None or abs(now - before) < SMALLEST_MOVE:
            continue
        is_figure = key_result.kind in AS_A_FIGURE
        was = value_at(key_result.measure, before) if is_figure else None
        found.append(
            Moved(
                key_result,
                before,
                now,
                key_result_bar(key_result, organization, today),
                legible(key_result.measure, was) if was is not None else None,
                scored.own_value if is_figure else None,
            )
        )
    found.sort(key=lambda row: (-row.delta, row.key_result.pk))
    return found if len(found) <= MOST_MOVED else [*found[: MOST_MOVED // 2], *found[-MOST_MOVED // 2 :]]


def fading_in(rows: QuerySet[KeyResult], today: date, organization: Any) -> list[Fading]:
    """Key results on track whose confidence falls, the least sure first."""
    on_track = rows.filter(
        scored__confidence__lte=HIGHEST - FALL, scored__landing__gte=organization.band_lower, measure_first=False
    )
    candidates = {row.pk: row for row in on_track.order_by("scored__confidence", "pk")[:MOST_LOOKED_AT]}
    latest = (
        CheckIn.objects.counted()
        .filter(key_result__in=list(candidates), confidence__isnull=False)
        .filter(date__gte=today - timedelta(weeks=WEEKS_LOOKED_AT))
        .annotate(
            place=Window(
                RowNumber(),
                partition_by="key_result",
                order_by=[F("date").desc(), F("created_at").desc(), F("pk").desc()],
            )
        )
        .filter(place__lte=LOOKED_AT)
        .order_by("key_result_id", "-place")
        .values_list("key_result", "confidence")
    )
    courses: dict[int, list[int]] = {}
    for pk, confidence in latest:
        if confidence is not None:
            courses.setdefault(pk, []).append(confidence)
    found = []
    for pk, key_result in candidates.items():
        bar = key_result_bar(key_result, organization, today)
        if fades(courses.get(pk, []), is_on_track=bar.zone in ("in", "above")):
            found.append(Fading(key_result, courses[pk], bar))
    return found[:MOST_SHOWN]


def leads_around(team: Team) -> QuerySet[Membership]:
    """Whoever answers for the team: administrators, executives, and managers of it, above it and below it."""
    above: list[int] = []
    parents = dict(Team.objects.filter(organization=team.organization_id).values_list("pk", "parent"))
    at: int | None = team.pk
    while at is not None:
        above.append(at)
        at = parents[at]
    near = Q(teams__in=above) | Q(teams__in=below([team.pk]))
    lead = Q(role__in=[Role.ADMIN, Role.EXECUTIVE]) | Q(near, role=Role.MANAGER)
    return Membership.objects.filter(lead, organization=team.organization_id)


def unanswered_in(membership: Membership, team: Team, since: date) -> Part:
    """Check-ins of others since that day to which no lead has reacted or replied, the newest first."""
    leads = list(leads_around(team).values_list("pk", flat=True).distinct())
    this = {"check_in": OuterRef("pk")}
    rows = (
        CheckIn.objects.visible_to(membership)
        .counted()
        .filter(key_result__objective__team__in=below([team.pk]), key_result__in=KeyResult.objects.open())
        .filter(date__gte=since)
        .exclude(author=membership.pk)
        .filter(~Exists(Reaction.objects.filter(**this, membership__in=leads)))
        .filter(~Exists(Comment.objects.standing().filter(**this, author__in=leads)))
        .exclude(author__in=leads)
    )
    shown = rows.select_related("author__user", "key_result__objective__team", "key_result__scored")
    return Part(with_talk(shown.newest_first()[:MOST_UNANSWERED], membership), rows.count())


def standing_in(membership: Membership, team: Team) -> QuerySet[Obstacle]:
    return standing_obstacles(membership).filter(key_result__objective__team__in=below([team.pk]))


def overdue_in(membership: Membership, team: Team, today: date) -> Part:
    """The open actions whose day has passed, the longest ago first."""
    rows: QuerySet[Action] = open_actions(membership, team=team, due_by=today - timedelta(days=1))
    return Part(marked(rows[:MOST_SHOWN], membership), rows.count())
