"""What of the last cycle may be carried into the next, and as what it would begin there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q

from objectives.access import teams_planned_by
from objectives.formulas.bar import Bar
from objectives.formulas.carrying import renewed
from objectives.models import Combine, Cycle, KeyResult, Kind, Level, Objective, ObjectiveState, Outcome, Step
from objectives.models.goals import ObjectiveQuerySet
from objectives.queries.bars import objective_bar
from people.models import Membership, Role, Team, below

MOST_OFFERED = 300
COPIED = (
    "title",
    "kind",
    "unit",
    "quota",
    "period",
    "population",
    "limit",
    "combine",
    "weight",
    "measured_how",
    "measure_type",
    "position",
)


@dataclass(frozen=True)
class Fresh:
    """A key result as it would begin in the next cycle, not saved yet, with the steps a milestone has left."""

    source: KeyResult
    key_result: KeyResult
    steps: list[Step]

    @property
    def is_undecided(self) -> bool:
        """Whether its target was reached, so that a new one has to be decided."""
        aimed = self.key_result.kind in {Kind.REACH, Kind.AVERAGE, Kind.CUMULATIVE}
        return aimed and self.key_result.target_value is None


@dataclass
class Offer:
    """An objective of the last cycle: where it ended, what would be left of it, and what stands against carrying it."""

    objective: Objective
    bar: Bar
    team: Team
    owner: Membership
    fresh: list[Fresh] = field(default_factory=list)
    carried: Objective | None = None

    @property
    def score(self) -> float | None:
        scored = getattr(self.objective, "scored", None)
        return scored.score if scored else None

    @property
    def is_finished(self) -> bool:
        """Whether it was reached in full, so that carrying it needs a reason of its own."""
        return self.score is not None and self.score >= 1

    @property
    def was_begun(self) -> bool:
        return self.objective.state in {ObjectiveState.ACTIVE, ObjectiveState.CLOSED}

    @property
    def is_owner_new(self) -> bool:
        return self.owner.pk != self.objective.owner_id

    @property
    def outcome(self) -> str:
        """What people decided is to become of it, empty where they did not."""
        grade = getattr(self.objective, "grade", None)
        return grade.outcome if grade else ""

    @property
    def is_advised(self) -> bool:
        if self.carried is not None:
            return False
        return self.outcome == Outcome.CARRIED if self.outcome else not self.is_finished


def successors(organization_id: int) -> dict[int, int]:
    """For every team the open one that has its goals today: itself, or the one it was merged into."""
    teams = {team.pk: team for team in Team.objects.filter(organization=organization_id)}
    found = {}
    for pk, team in teams.items():
        while team.closed_on is not None and team.merged_into_id is not None:
            team = teams[team.merged_into_id]
        if team.closed_on is None:
            found[pk] = team.pk
    return found


def carryable_by(membership: Membership, before: Cycle) -> ObjectiveQuerySet:
    """The objectives of a cycle that the person may begin again: of the teams one plans for, at the levels one writes.

    A member, who proposes as owner, carries over the own ones and those whose owner has left.
    """
    planned = set(teams_planned_by(membership).values_list("pk", flat=True))
    teams = [pk for pk, now in successors(membership.organization_id).items() if now in planned]
    rows = Objective.objects.visible_to(membership).in_cycle(before).filter(team__in=teams)
    match membership.role:
        case Role.ADMIN:
            return rows
        case Role.EXECUTIVE:
            return rows.filter(level=Level.COMPANY)
        case Role.MANAGER:
            return rows.exclude(level=Level.COMPANY)
        case Role.MEMBER:
            here = Membership.objects.filter(organization=membership.organization_id).colleagues().values("pk")
            own = Q(owner=membership.pk) | ~Q(owner__in=here)
            return rows.exclude(level=Level.COMPANY).filter(own)
    return rows.none()


def narrowed(rows: ObjectiveQuerySet, *, team: Team | None, words: str) -> ObjectiveQuerySet:
    """Those of a team and below it that have all the words in their title, a key result's or the owner's name."""
    if team is not None:
        rows = rows.filter(team__in=below([team.pk]))
    for word in words.split():
        titled = KeyResult.objects.filter(objective=OuterRef("pk"), dropped_at=None, title__icontains=word)
        rows = rows.filter(Q(title__icontains=word) | Q(owner__user__name__icontains=word) | Exists(titled))
    return rows


def with_all_to_carry(rows: ObjectiveQuerySet) -> ObjectiveQuerySet:
    """The objectives with everything that carrying them reads."""
    key_results = KeyResult.objects.filter(dropped_at=None).select_related("scored", "kpi__kgi")
    return rows.select_related("team", "owner__user", "kgi", "scored", "cycle", "grade").prefetch_related(
        Prefetch("key_results", key_results.prefetch_related("steps"), to_attr="standing")
    )


def offers_of(membership: Membership, cycle: Cycle, rows: ObjectiveQuerySet) -> list[Offer]:
    """The objectives as they could be carried into the cycle, in the order of their teams; at most `MOST_OFFERED`."""
    organization = membership.organization
    found = list(with_all_to_carry(rows).order_by("team__position", "team_id", "position", "pk")[:MOST_OFFERED])
    here = colleagues_of(organization.pk)
    now = successors(organization.pk)
    teams = {team.pk: team for team in Team.objects.filter(pk__in=set(now.values()))}
    carried = carried_into(cycle, found)
    return [
        Offer(
            objective,
            objective_bar(objective, organization),
            teams[now[objective.team_id]],
            objective.owner if objective.owner_id in here else membership,
            fresh_of(objective.standing, here),  # type: ignore[attr-defined]
            carried.get(objective.pk),
        )
        for objective in found
    ]


def colleagues_of(organization_id: int) -> set[int]:
    """The ids of those who can own goals today."""
    rows = Membership.objects.filter(organization=organization_id).colleagues()
    return set(rows.values_list("pk", flat=True))


def carried_into(cycle: Cycle, sources: Iterable[Objective]) -> dict[int, Objective]:
    """What stands in the cycle already, by the objective it was carried from."""
    rows = Objective.objects.in_cycle(cycle).filter(carried_from__in=[row.pk for row in sources], dropped_at=None)
    return {row.carried_from_id: row for row in rows.order_by("-pk")}  # type: ignore[misc]


def fresh_of(key_results: Sequence[KeyResult], here: Collection[int]) -> list[Fresh]:
    """The key results as they would begin again; one of which nothing is left is not among them."""
    return [fresh for key_result in key_results if (fresh := fresh_from(key_result, here)) is not None]


def fresh_from(source: KeyResult, here: Collection[int]) -> Fresh | None:
    measure = renewed(source.measure, last_value(source))
    if measure is None:
        return None
    kept = {name: getattr(source, name) for name in COPIED}
    is_measured = source.kpi is not None and source.kpi.dropped_at is None and source.kpi.kgi.dropped_at is None
    key_result = KeyResult(
        **kept,
        start_value=measure.start_value,
        must_hit_value=measure.must_hit_value,
        target_value=measure.target_value,
        measure_first=measure.measure_first,
        owner_id=source.owner_id if source.owner_id in here else None,
        kpi_id=source.kpi_id if is_measured else None,
    )
    steps = source.steps.all() if source.kind == Kind.MILESTONE else ()
    left = [Step(title=step.title, weight=step.weight, position=step.position) for step in steps if not step.done_on]
    return Fresh(source, key_result, left)


def last_value(key_result: KeyResult) -> Decimal | None:
    """Where it stands by its check-ins, or by the sum of what others report; None where nobody ever said."""
    scored = getattr(key_result, "scored", None)
    if scored is None or not (scored.check_in_count or key_result.combine == Combine.SUM):
        return None
    return scored.current_value
