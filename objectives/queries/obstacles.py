"""What is in the way, and of whom."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import QueryDict

from objectives.formulas.obstacles import age_of
from objectives.models import Obstacle, ObstacleKind, ObstacleState, Risen
from objectives.models.obstacles import STANDING, ObstacleQuerySet
from objectives.sentences.coaching import age_words
from people.access import read_id
from people.models import Membership, Role, Team, below

MOST_SHOWN_BESIDE = 5
ANY = "all"
STATES = (*STANDING, ObstacleState.SOLVED, ObstacleState.WITHDRAWN)


def with_names(rows: ObstacleQuerySet) -> ObstacleQuerySet:
    """Rows with all that a line about an obstacle names."""
    return rows.select_related(
        "owner__user", "raised_by__user", "solved_by__user", "key_result__objective__team", "check_in"
    )


def standing_obstacles(membership: Membership, *, team: Team | None = None) -> ObstacleQuerySet:
    """What is in the way now, as far as the person may see it, oldest first; of a team with all below it."""
    rows = with_names(Obstacle.objects.visible_to(membership).standing())
    if team is not None:
        rows = rows.filter(key_result__objective__team__in=below([team.pk]))
    return rows.order_by("raised_on", "pk")


def where_to_help(membership: Membership) -> ObstacleQuerySet:
    """What is in the way of others, newest first: the few that a page can show beside its own matter."""
    others = standing_obstacles(membership).exclude(raised_by=membership.pk).exclude(owner=membership.pk)
    return others.order_by("-raised_on", "-pk")[:MOST_SHOWN_BESIDE]


def risen_to(membership: Membership) -> Q:
    """The obstacles that have risen to this person: a manager's branch, all for executives, else administrators."""
    if membership.role == Role.MANAGER:
        return Q(risen_to=Risen.MANAGER, key_result__objective__team__in=Team.objects.led_by(membership).values("pk"))
    if membership.role == Role.EXECUTIVE:
        return Q(risen_to=Risen.EXECUTIVE)
    here = Membership.objects.active().filter(organization=membership.organization_id)
    if membership.is_admin and not here.filter(role=Role.EXECUTIVE).exists():
        return Q(risen_to=Risen.EXECUTIVE)
    return Q(pk=None)


def risen_first(rows: ObstacleQuerySet, membership: Membership, *then: str) -> ObstacleQuerySet:
    """What has risen to the person before all else."""
    waits = Case(When(risen_to(membership), then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(waits=waits).order_by("waits", *then)


@dataclass(frozen=True)
class Wanted:
    """What a list of obstacles is narrowed to. `state` empty is what stands, `whose` is `mine` or `risen`."""

    search: str = ""
    team: int | None = None
    kind: str | None = None
    state: str = ""
    whose: str = ""
    sort: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(sort=self.sort)


def wanted_from(asked: QueryDict) -> Wanted:
    """What the address asks for; what is not understood is left out."""
    kind, state, whose, sort = (asked.get(name, "") for name in ("kind", "state", "whose", "sort"))
    kinds = {"unsorted": "", **{value: value for value in ObstacleKind.values if value}}
    return Wanted(
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        team=read_id(asked.get("team")),
        kind=kinds.get(kind),
        state=state if state in {*STATES, ANY} else "",
        whose=whose if whose in {"mine", "risen"} else "",
        sort=sort if sort == "newest" else "",
    )


def obstacles_wanted(membership: Membership, wanted: Wanted) -> ObstacleQuerySet:
    """The obstacles of a list in its order, with the number of words said about each."""
    rows = with_names(Obstacle.objects.visible_to(membership))
    if wanted.state == "":
        rows = rows.standing()
    elif wanted.state in STANDING:
        rows = rows.standing().filter(state=wanted.state)
    elif wanted.state != ANY:
        rows = rows.filter(state=wanted.state)
    if wanted.team is not None:
        rows = rows.filter(key_result__objective__team__in=below([wanted.team]))
    if wanted.kind is not None:
        rows = rows.filter(kind=wanted.kind)
    if wanted.whose == "mine":
        rows = rows.filter(Q(owner=membership.pk) | Q(raised_by=membership.pk))
    if wanted.whose == "risen":
        rows = rows.filter(risen_to(membership))
    for word in wanted.search.split():
        rows = rows.filter(named_by(word))
    rows = rows.annotate(said=Count("comments", filter=Q(comments__withdrawn_at=None)))
    return rows.order_by("-raised_on", "-pk") if wanted.sort == "newest" else rows.order_by("raised_on", "pk")


def named_by(word: str) -> Q:
    """In which text, solution or key result a word stands, in either width."""
    found = Q()
    for spelled in {word, unicodedata.normalize("NFKC", word)}:
        found |= Q(text__icontains=spelled) | Q(solution__icontains=spelled) | Q(key_result__title__icontains=spelled)
    return found


def dressed(rows: Any, today: date) -> list[Obstacle]:
    """Obstacles with their age in days, in words and as a mark; one that is over has the age it came to."""
    found = list(rows)
    for row in found:
        until = row.solved_on or today
        row.days = max(0, (until - row.raised_on).days)
        row.age = age_of(row.days)
        row.age_words = age_words(row.days)
    return found


def may_change(membership: Membership, obstacle: Obstacle) -> bool:
    return Obstacle.objects.editable_by(membership).filter(pk=obstacle.pk).exists()
