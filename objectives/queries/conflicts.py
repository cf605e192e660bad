"""Goals that repeat or contradict each other, as pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, Value, When

from objectives.models import Conflict, ConflictKind, Cycle, CycleState, KeyResult, Objective, ObjectiveState
from objectives.models.conflicts import ConflictQuerySet
from people.models import Membership, Team

# The gravest first.
GRAVITY = (
    ConflictKind.OPPOSITE,
    ConflictKind.BASELINES,
    ConflictKind.SAME_OBJECTIVE,
    ConflictKind.SAME_MEASURE,
    ConflictKind.ONE_LEVER,
)
SIDES = ("first", "second")
MOST_SHOWN = 100


@dataclass(frozen=True)
class Wanted:
    """Which conflicts the reader wants to see: their own, a team's, of one kind, those settled too."""

    is_mine: bool = False
    team: Team | None = None
    kind: str = ""
    with_settled: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.is_mine or self.team or self.kind)


@dataclass
class Side:
    """One of the two: the objective, and its key result where it is about that."""

    objective: Objective
    key_result: KeyResult | None
    may_edit: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        return self.key_result.title if self.key_result else self.objective.title


@dataclass
class Shown:
    conflict: Conflict
    sides: tuple[Side, Side]

    @property
    def can_be_shared(self) -> bool:
        """Objectives that want opposite things cannot build on each other."""
        return self.conflict.kind != ConflictKind.OPPOSITE or self.sides[0].key_result is not None

    @property
    def may_settle(self) -> bool:
        return any(side.may_edit for side in self.sides)


def seen_by(membership: Membership, cycle: Cycle | None = None) -> ConflictQuerySet:
    """What is found now, or was settled, between goals one may see, one of them in the cycle; none of what is over."""
    rows = Conflict.objects.visible_to(membership).filter(Q(gone_at=None) | ~Q(settled_as=""))
    for side in SIDES:
        rows = rows.exclude(
            Q(**{f"{side}__state": ObjectiveState.CLOSED})
            | Q(**{f"{side}__cycle__state": CycleState.CLOSED})
            | Q(**{f"{side}__cycle__end__lt": membership.organization.today})
        )
    return rows if cycle is None else rows.filter(Q(first__cycle=cycle) | Q(second__cycle=cycle))


def of_person(membership: Membership) -> Q:
    """Whose goals they are: the owner of one of the objectives or key results."""
    owns = Q()
    for side in SIDES:
        owns |= Q(**{f"{side}__owner": membership.pk}) | Q(**{f"{side}_key_result__owner": membership.pk})
    return owns


def narrowed(rows: ConflictQuerySet, wanted: Wanted, membership: Membership) -> ConflictQuerySet:
    if not wanted.with_settled:
        rows = rows.filter(settled_as="")
    if wanted.is_mine:
        rows = rows.filter(of_person(membership))
    if wanted.team is not None:
        rows = rows.filter(Q(first__team=wanted.team.pk) | Q(second__team=wanted.team.pk))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return rows


def shown_to(membership: Membership, rows: ConflictQuerySet) -> list[Shown]:
    """The conflicts with both their sides, open ones first and of those the gravest; five statements at most."""
    gravity = Case(
        *(When(kind=kind, then=Value(place)) for place, kind in enumerate(GRAVITY)), output_field=IntegerField()
    )
    related = [f"{side}__{field}" for side in SIDES for field in ("team", "cycle", "owner__user")]
    found = list(
        rows.select_related(
            *related, "first_key_result__kpi", "second_key_result__kpi", "settled_by__user", "organization"
        )
        .annotate(gravity=gravity)
        .order_by("settled_as", "gravity", "-likeness", "pk")[:MOST_SHOWN]
    )
    ids = {pk for row in found for pk in (row.first_id, row.second_id)}
    editable = set(Objective.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))

    def side(objective: Objective, key_result: KeyResult | None, other: Objective) -> Side:
        if key_result is not None:
            key_result.objective = objective
        label = objective.team.name if objective.team_id != other.team_id else objective.owner.user.name
        return Side(objective, key_result, objective.pk in editable, label)

    return [
        Shown(
            row,
            (
                side(row.first, row.first_key_result, row.second),
                side(row.second, row.second_key_result, row.first),
            ),
        )
        for row in found
    ]


def kinds_of(rows: ConflictQuerySet) -> list[tuple[str, str, int]]:
    """How many there are of each kind, as value, name and count; kinds without any are left out."""
    counts = Counter(dict(rows.order_by().values_list("kind").annotate(Count("pk"))))
    return [(kind.value, str(kind.label), counts[kind]) for kind in GRAVITY if counts[kind]]


def open_pairs_in(membership: Membership, cycle: Cycle) -> list[tuple[int, int]]:
    """The pairs of objectives with something to settle in a cycle, once for each conflict; by one statement."""
    rows = seen_by(membership, cycle).filter(settled_as="")
    return list(rows.order_by().values_list("first", "second"))


def conflicts_beside(membership: Membership, objective: Objective) -> list[Shown]:
    """What an objective's page says of its open conflicts; the objective itself is the first side of each."""
    if objective.dropped_at is not None:
        return []
    rows = seen_by(membership).filter(Q(first=objective.pk) | Q(second=objective.pk), settled_as="")
    found = shown_to(membership, rows)
    for row in found:
        if row.sides[0].objective.pk != objective.pk:
            row.sides = (row.sides[1], row.sides[0])
    return found


def count_of_person(membership: Membership) -> int:
    """How many open conflicts one's own goals have."""
    return seen_by(membership).filter(of_person(membership), settled_as="").count()


def teams_in(rows: ConflictQuerySet) -> list[Team]:
    """The teams a list of conflicts can be narrowed to."""
    ids: Iterable[int] = {pk for pair in rows.order_by().values_list("first__team", "second__team") for pk in pair}
    return list(Team.objects.filter(pk__in=ids).order_by("position", "pk"))
