"""What an action or a line of the daily log may be said to serve: the nearest goals first."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from funnel.models import KPI
from objectives.models import Action, Activity, KeyResult, Level
from people.models import Membership, below

MOST_OFFERED = 200
MOST_LEVERS = 100
MOST_ACTIONS = 50


def offered_key_results(membership: Membership, *, also: Iterable[int] = ()) -> list[KeyResult]:
    """Open key results to choose from: one's own, then those of one's teams, the company's, and of teams below.

    `also` are the ids of others that are offered wherever they stand, such as the present choice. At most
    `MOST_OFFERED`, objective by objective; partners are offered those they may check in on.
    """
    rows = KeyResult.objects.visible_to(membership)
    if membership.is_partner:
        rows = KeyResult.objects.checkable_by(membership)
    own = Q(owner=membership.pk) | Q(objective__owner=membership.pk)
    teams = Q(objective__team__in=membership.team_ids)
    near = own | teams | Q(objective__level=Level.COMPANY) | Q(objective__team__in=below(membership.team_ids))
    reach = rows.open() if membership.is_partner else rows.open().filter(near)
    distance = Case(When(own, then=Value(0)), When(teams, then=Value(1)), default=Value(2), output_field=IntegerField())
    found: list[KeyResult] = list(
        reach.annotate(distance=distance)
        .select_related("objective__team")
        .order_by("distance", "objective__position", "objective_id", "position", "pk")[:MOST_OFFERED]
    )
    missing = set(also) - {row.pk for row in found}
    if missing:
        found += rows.filter(pk__in=missing).select_related("objective__team")
    return found


def offered_levers(membership: Membership, *, also: Iterable[int] = ()) -> list[KPI]:
    """The levers of the KGIs one may see, KGI by KGI, and those named in `also`."""
    rows = KPI.objects.visible_to(membership).select_related("kgi")
    found = list(rows.levers().order_by("kgi_id", "position", "pk")[:MOST_LEVERS])
    missing = set(also) - {row.pk for row in found}
    return [*found, *rows.filter(pk__in=missing)] if missing else found


def grouped_by_objective(key_results: Iterable[KeyResult]) -> dict[str, list[KeyResult]]:
    """The key results below their objectives, in the order in which each comes first."""
    groups: dict[str, list[KeyResult]] = {}
    for row in key_results:
        groups.setdefault(row.objective.title, []).append(row)
    return groups


def own_open_actions(membership: Membership, *, also: Action | None = None) -> list[Action]:
    """The person's open actions to choose from, the earliest deadline first, and another that is named already."""
    mine = Action.objects.visible_to(membership).open().filter(owner=membership.pk)
    found = list(mine.only("title", "key_result_id", "organization_id")[:MOST_ACTIONS])
    return found if also is None or also in found else [*found, also]


def last_served(membership: Membership) -> int | None:
    """The key result of the person's latest line in the daily log, as long as it is worked on."""
    latest = Activity.objects.filter(membership=membership, withdrawn_at=None).order_by("-created_at", "-pk")
    open_ones = KeyResult.objects.open().filter(pk=OuterRef("key_result"))
    found = latest.annotate(is_worked_on=Exists(open_ones)).values_list("key_result", "is_worked_on").first()
    return found[0] if found is not None and found[1] else None
