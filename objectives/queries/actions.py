"""Actions as pages list them: whose, how far, what for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q
from django.utils.translation import pgettext_lazy

from objectives.models import Action, ActionState
from objectives.models.actions import ActionQuerySet
from people.access import read_id
from people.models import Membership, Team, below

WHOSE = ("mine", "team", "all")
OPEN, OVERDUE, DONE, DROPPED = "open", "overdue", "done", "dropped"
STATES = {
    OPEN: ActionState.OPEN.label,
    OVERDUE: pgettext_lazy("actions", "Past its day"),
    DONE: ActionState.DONE.label,
    DROPPED: ActionState.DROPPED.label,
}
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

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(whose=self.whose, state=self.state)


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out."""
    whose, state = asked.get("whose", ""), asked.get("state", "")
    return Wanted(
        whose=whose if whose in WHOSE else "mine",
        state=state if state in STATES else OPEN,
        search=asked.get("q", "").replace("\x00", "").strip()[:200],
        team=read_id(asked.get("team")),
        owner=read_id(asked.get("owner")),
        key_result=read_id(asked.get("key_result")),
        kpi=read_id(asked.get("kpi")),
    )


def actions_wanted(membership: Membership, wanted: Wanted) -> ActionQuerySet:
    """The actions that answer the wish: the open ones by deadline, the others by when they were closed."""
    rows = narrowed(membership, wanted).select_related(*SHOWN)
    if wanted.state == DONE:
        return rows.filter(state=ActionState.DONE).order_by("-closed_on", "-pk")
    if wanted.state == DROPPED:
        return rows.filter(state=ActionState.DROPPED).order_by("-closed_on", "-pk")
    rows = rows.open().order_by(F("due_on").asc(nulls_last=True), "pk")
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
    named = {name: getattr(wanted, name) for name in ("owner", "key_result", "kpi")}
    rows = rows.filter(**{name: pk for name, pk in named.items() if pk is not None})
    for word in wanted.search.split():
        rows = rows.filter(Q(title__icontains=word) | Q(expected_effect__icontains=word))
    return rows


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
            overdue=Count("pk", filter=is_open & Q(due_on__lt=membership.organization.today)),
            done=Count("pk", filter=Q(state=ActionState.DONE)),
            dropped=Count("pk", filter=Q(state=ActionState.DROPPED)),
        )
    )


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
