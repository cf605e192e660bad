"""Actions as pages list them: whose, how far, what for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, DateField, F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import KPI
from objectives.models import Action, ActionState, Approach, KeyResult
from objectives.models.actions import ActionQuerySet
from people.access import read_id
from people.models import Membership, Team, below

WHOSE = ("mine", "team", "all")
OPEN, UNDER_WAY, OVERDUE, DONE, DROPPED = "open", "under_way", "overdue", "done", "dropped"
STATES = {
    OPEN: ActionState.OPEN.label,
    UNDER_WAY: gettext_lazy("Under way"),
    OVERDUE: pgettext_lazy("actions", "Past its day"),
    DONE: ActionState.DONE.label,
    DROPPED: ActionState.DROPPED.label,
}
MOST_OFFERED = 200
MOST_CARDS, MOST_DONE = 60, 20
SHOWN = ("owner__user", "team", "key_result__objective", "kpi__kgi", "obstacle", "health_kpi", "minute_line__meeting")


@dataclass(frozen=True)
class Wanted:
    """What a person looks for among the actions; a team stands for those below it too."""

    whose: str = "mine"
    state: str = OPEN
    search: str = ""
    team: int | None = None
    owner: int | None = None
    key_result: int | None = None
    kpi: int | None = None
    approach: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(whose=self.whose, state=self.state)

    @property
    def is_narrowed_further(self) -> bool:
        """By what stands behind “More filters”."""
        return bool(self.key_result or self.kpi or self.approach)

    def asked(self, **changes: Any) -> str:
        """The same wish as a query string, with some of it changed."""
        wish = replace(self, **changes)
        said = {
            "whose": wish.whose,
            "state": "" if wish.state == OPEN else wish.state,
            "q": wish.search,
            "team": wish.team,
            "owner": wish.owner,
            "key_result": wish.key_result,
            "kpi": wish.kpi,
            "approach": wish.approach,
        }
        return urlencode({name: value for name, value in said.items() if value})


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out."""
    whose, state, approach = asked.get("whose", ""), asked.get("state", ""), asked.get("approach", "")
    return Wanted(
        whose=whose if whose in WHOSE else "mine",
        state=state if state in STATES else OPEN,
        search=asked.get("q", "").replace("\x00", "").strip()[:200],
        team=read_id(asked.get("team")),
        owner=read_id(asked.get("owner")),
        key_result=read_id(asked.get("key_result")),
        kpi=read_id(asked.get("kpi")),
        approach=approach if approach in Approach.values else "",
    )


def actions_wanted(membership: Membership, wanted: Wanted) -> ActionQuerySet:
    """The actions that answer the wish: the open ones by deadline, the others by when they were closed."""
    rows = narrowed(membership, wanted).select_related(*SHOWN)
    if wanted.state == DONE:
        return rows.filter(state=ActionState.DONE).order_by("-closed_on", "-pk")
    if wanted.state == DROPPED:
        return rows.filter(state=ActionState.DROPPED).order_by("-closed_on", "-pk")
    rows = rows.open().order_by(F("due_on").asc(nulls_last=True), "pk")
    if wanted.state == UNDER_WAY:
        return rows.exclude(began_on=None)
    return rows.filter(due_on__lt=membership.organization.today) if wanted.state == OVERDUE else rows


def narrowed(membership: Membership, wanted: Wanted) -> ActionQuerySet:
    """The actions of whom and what is looked for, in every state."""
    rows = Action.objects.visible_to(membership)
    if wanted.whose == "mine" and wanted.owner is None:
        rows = rows.filter(owner=membership.pk)
    elif wanted.whose == "team":
        rows = rows.filter(team__in=below(membership.team_ids))
    if wanted.team is not None:
        rows = rows.filter(team__in=below([wanted.team]))
    named = {"owner": wanted.owner, "key_result": wanted.key_result, "approach": wanted.approach}
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    if wanted.kpi is not None and not membership.is_partner:
        rows = rows.filter(Q(kpi=wanted.kpi) | Q(kpi=None, key_result__kpi=wanted.kpi))
    for word in wanted.search.split():
        rows = rows.filter(Q(title__icontains=word) | Q(expected_effect__icontains=word))
    return rows


@dataclass(frozen=True)
class Column:
    """One column of the board: how far its actions are, the first of them, and how many there are in all."""

    name: str
    label: Any
    rows: list[Action]
    count: int

    @property
    def is_cut(self) -> bool:
        return len(self.rows) < self.count


def board_of(membership: Membership, wanted: Wanted, counts: Mapping[str, int]) -> list[Column]:
    """The wanted actions by how far they are: to do, under way, done; what was dropped has no column.

    The open ones by deadline, the done ones newest first; `MOST_CARDS` and `MOST_DONE` at most.
    """
    rows = narrowed(membership, wanted).select_related(*SHOWN)
    by_day = (F("due_on").asc(nulls_last=True), "pk")
    to_do = marked(rows.open().filter(began_on=None).order_by(*by_day)[:MOST_CARDS], membership)
    begun = marked(rows.open().exclude(began_on=None).order_by(*by_day)[:MOST_CARDS], membership)
    done = marked(rows.filter(state=ActionState.DONE).order_by("-closed_on", "-pk")[:MOST_DONE], membership)
    return [
        Column(OPEN, pgettext_lazy("column of the board", "To do"), to_do, counts["open"] - counts["under_way"]),
        Column(UNDER_WAY, STATES[UNDER_WAY], begun, counts["under_way"]),
        Column(DONE, STATES[DONE], done, counts["done"]),
    ]


def on_days(membership: Membership, wanted: Wanted, first: date, last: date) -> tuple[ActionQuerySet, int]:
    """The open and done actions that touch these days, the earliest deadline first, and how many do not.

    An action lasts from the day it is to begin, or was begun or written down, to its deadline, or until it was done.
    One past its day lasts until today, and one without a deadline has no end.
    """
    organization = membership.organization
    written = TruncDate("created_at", tzinfo=organization.zone)
    rows = (
        narrowed(membership, wanted)
        .exclude(state=ActionState.DROPPED)
        .annotate(
            begins=Coalesce("starts_on", "began_on", written, output_field=DateField()),
            ends=Coalesce("due_on", "closed_on", output_field=DateField()),
        )
    )
    is_open = Q(state=ActionState.OPEN)
    lasts = Q(ends__gte=first) | is_open & Q(ends=None)
    if organization.today >= first:
        lasts |= is_open & Q(due_on__lt=organization.today)
    touching = rows.filter(Q(begins__lte=last) & lasts | Q(due_on__range=(first, last)))
    ordered = touching.select_related(*SHOWN).order_by(F("due_on").asc(nulls_last=True), "pk")
    return ordered, rows.order_by().count() - touching.order_by().count()


def open_actions(membership: Membership, *, team: Team | None = None, due_by: date | None = None) -> ActionQuerySet:
    """The open actions of a team and those below it, or of everybody, the earliest deadline first.

    With `due_by` only those whose deadline is that day or earlier.
    """
    rows = Action.objects.visible_to(membership).open()
    if team is not None:
        rows = rows.filter(team__in=below([team.pk]))
    if due_by is not None:
        rows = rows.filter(due_on__lte=due_by)
    return rows.select_related(*SHOWN).order_by(F("due_on").asc(nulls_last=True), "pk")


def counts_of(membership: Membership, wanted: Wanted) -> dict[str, int]:
    """How many of the wanted actions there are in each state; those past their day count among the open ones too."""
    is_open = Q(state=ActionState.OPEN)
    return (
        narrowed(membership, wanted)
        .order_by()
        .aggregate(
            open=Count("pk", filter=is_open),
            under_way=Count("pk", filter=is_open & Q(began_on__isnull=False)),
            overdue=Count("pk", filter=is_open & Q(due_on__lt=membership.organization.today)),
            done=Count("pk", filter=Q(state=ActionState.DONE)),
            dropped=Count("pk", filter=Q(state=ActionState.DROPPED)),
        )
    )


def offered_goals(membership: Membership, wanted: Wanted) -> tuple[list[KeyResult], list[KPI]]:
    """The key results and the levers that actions serve, to choose from; partners are offered no levers."""
    actions = Action.objects.visible_to(membership).order_by()
    served = Q(pk__in=actions.exclude(key_result=None).values("key_result")) | Q(pk=wanted.key_result or 0)
    key_results = KeyResult.objects.readable_by(membership).filter(served).order_by("title", "pk")[:MOST_OFFERED]
    if membership.is_partner:
        return list(key_results), []
    moved = Q(pk__in=actions.exclude(kpi=None).values("kpi")) | Q(pk=wanted.kpi or 0)
    moved |= Q(pk__in=actions.exclude(key_result__kpi=None).values("key_result__kpi"))
    levers = KPI.objects.visible_to(membership).filter(moved).order_by("kgi_id", "position", "pk")[:MOST_OFFERED]
    return list(key_results), list(levers)


def marked(rows: Iterable[Action], membership: Membership) -> list[Action]:
    """The actions with `may_edit`, `is_mine` and `days_late`: how many days their day has passed, else 0."""
    found = list(rows)
    today = membership.organization.today
    ids = [row.pk for row in found]
    editable = set(Action.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))
    for row in found:
        late = (today - row.due_on).days if row.is_open and row.due_on else 0
        row.days_late = max(0, late)  # type: ignore[attr-defined]
        row.may_edit = row.pk in editable  # type: ignore[attr-defined]
        row.is_mine = row.owner_id == membership.pk  # type: ignore[attr-defined]
    return found
