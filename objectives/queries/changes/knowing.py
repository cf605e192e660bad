"""What ids in events stand for, looked up for all events at once, as far as the reader may know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI, Candidate, JourneyPhase, TouchPoint
from objectives.models import Action, Cycle, KeyResult, Objective, Step
from objectives.queries.changes.naming import fields_of, tables
from people.models import APIToken, AuditEvent, Membership, Team, User

Values = dict[str, Any]
Row = tuple[str, int]

# Of each table that others point to: the columns that say what a row is.
SAYING: dict[type[models.Model], tuple[str, ...]] = {
    Objective: ("title", "dropped_at"),
    KeyResult: ("title", "unit", "objective_id", "kpi_id", "dropped_at"),
    KGI: ("name", "unit", "dropped_at"),
    KPI: ("name", "unit", "is_rate", "kgi_id"),
    Cycle: ("name",),
    Team: ("name",),
    Membership: ("user_id",),
    Step: ("title",),
    Action: ("title",),
    TouchPoint: ("name",),
    JourneyPhase: ("name",),
    Candidate: ("name",),
    APIToken: ("name", "membership_id"),
    User: ("name", "erased_at"),
}
# What points onwards is looked up first.
IN_TURN = (
    KeyResult,
    KPI,
    APIToken,
    Membership,
    Objective,
    KGI,
    Cycle,
    Team,
    Step,
    Action,
    TouchPoint,
    JourneyPhase,
    Candidate,
    User,
)
FOR_PARTNERS = {Objective, KeyResult, KGI, KPI, Cycle, Action, TouchPoint, JourneyPhase, Candidate}


@dataclass
class Known:
    """What events speak of: the rows themselves as they are or last were, and what their ids lead to."""

    membership: Membership
    present: set[Row] = field(default_factory=set)
    rows: dict[Row, Values] = field(default_factory=dict)
    named: dict[type[models.Model], dict[int, Values]] = field(default_factory=dict)

    def about(self, model: type[models.Model], pk: int | None) -> Values:
        return self.named.get(model, {}).get(pk or 0, {})

    def name_of(self, model: type[models.Model], pk: int | None) -> str:
        """The name of a row, or the sentence that stands for one that is gone or not for this reader."""
        if pk is None:
            return ""
        if model is Membership:
            return self.name_of(User, self.about(Membership, pk).get("user_id")) or gone(pk)
        values = self.about(model, pk)
        if not values:
            return _("not shared with you") if self.membership.is_partner else gone(pk)
        return str(values.get("title") or values.get("name") or gone(pk))

    def is_erased(self, user_id: int | None) -> bool:
        return self.about(User, user_id).get("erased_at") is not None


def gone(pk: int) -> str:
    return _("No. %(number)s, no longer there") % {"number": pk}


def know(events: Iterable[AuditEvent], membership: Membership) -> Known:
    """Look up everything the events speak of, in as many queries as there are tables, however many the events are."""
    known = Known(membership)
    ids: dict[str, set[int]] = defaultdict(set)
    for event in events:
        ids[event.table].add(event.row)
    for table, wanted in ids.items():
        model = tables().get(table)
        if model is None:
            continue
        columns = [field.attname for field in fields_of(table).values()]
        for values in model._base_manager.filter(pk__in=wanted).values(*columns):
            row = {column: values[field.attname] for column, field in fields_of(table).items()}
            pk = values[model._meta.pk.attname]
            known.rows[table, pk] = row
            known.present.add((table, pk))
    recall(events, known)
    look_up(events, known)
    return known


def recall(events: Iterable[AuditEvent], known: Known) -> None:
    """Rows that are gone are remembered as they were removed; one whose end was not kept, as the events have it."""
    missing: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if (event.table, event.row) not in known.rows:
            missing[event.table].add(event.row)
    if missing:
        asked = Q()
        for table, ids in missing.items():
            asked |= Q(table=table, row__in=ids)
        removed = AuditEvent.objects.filter(asked, organization=known.membership.organization_id, act="delete")
        for table, row, before in removed.values_list("table", "row", "before"):
            known.rows[table, row] = before or {}
    for event in reversed(list(events)):
        if (event.table, event.row) not in known.present:
            known.rows.setdefault((event.table, event.row), {})
            known.rows[event.table, event.row] = (
                (event.before or {}) | (event.after or {}) | known.rows[event.table, event.row]
            )


def look_up(events: Iterable[AuditEvent], known: Known) -> None:
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for event in events:
        wanted[User].add(event.user_id or 0)
        wanted[APIToken].add(event.token or 0)
        for values in (known.rows.get((event.table, event.row)), event.before, event.after):
            collect(event.table, values or {}, wanted)
    for model in IN_TURN:
        ids = wanted[model] - {0}
        if not ids:
            continue
        columns = SAYING[model]
        rows = readable(model, known.membership).filter(pk__in=ids).values("pk", *columns)
        known.named[model] = {values["pk"]: values for values in rows}
        for values in known.named[model].values():
            collect(model._meta.db_table, values, wanted)


def collect(table: str, values: Mapping[str, Any], wanted: dict[type[models.Model], set[int]]) -> None:
    """Note whose names a row's values ask for."""
    if table == "people_user":
        wanted[User].add(values.get("id") or 0)
    for column, value in values.items():
        found = fields_of(table).get(column) if table in tables() else None
        if column == "steps_done":
            wanted[Step].update(value or ())
        elif found is not None and isinstance(found, models.ForeignKey) and isinstance(value, int):
            model = found.related_model
            if model in SAYING:
                wanted[model].add(value)


def readable(model: type[models.Model], membership: Membership) -> models.QuerySet[Any]:
    """The rows whose names the reader may know; everybody inside knows those of what was dropped as well."""
    rows = model._base_manager.all()
    if not membership.is_partner:
        return rows
    if model in FOR_PARTNERS:
        return model._default_manager.visible_to(membership)  # type: ignore[attr-defined]
    if model is Team:
        own = Objective.objects.visible_to(membership).values("team")
        return rows.filter(Q(members=membership) | Q(pk__in=own)).distinct()
    return rows
