"""Which events belong to a row, and which answer what an administrator looks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from funnel.models import KGI, KPI, PLANNERS, Content, Funnel, Journey, JourneyPhase, KPIReading, TouchPoint
from objectives.models import (
    Action,
    Activity,
    Alignment,
    CheckIn,
    Cycle,
    CycleStep,
    Grade,
    HealthKPI,
    HealthKPIReading,
    KeyResult,
    NotDoing,
    Objective,
    ObjectiveShare,
    Phase,
    StateChange,
    Step,
    TargetChange,
    Template,
    TemplateKeyResult,
)
from objectives.queries.changes.naming import tables
from people.access import read_id
from people.models import APIToken, AuditEvent, Door, Invitation, Membership, Organization, Team, Unit, User
from people.models.history import AuditEventQuerySet

PAGE = 50
# What is opened to a partner, agreed with them and handed over to them.
OF_PARTNERS = (
    "funnel_partnerroom",
    "funnel_kgishare",
    "funnel_kpishare",
    "objectives_objectiveshare",
    "funnel_partnerlever",
    "funnel_contributionreport",
)
MOST_FOUND = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What an administrator may look for, with the tables it lies in.
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "objectives": (
        _("Objectives"),
        (
            "objectives_objective",
            "objectives_objectiveshare",
            "objectives_alignment",
            "objectives_statechange",
            "objectives_grade",
        ),
    ),
    "key-results": (
        _("Key results"),
        ("objectives_keyresult", "objectives_step", "objectives_phase", "objectives_targetchange"),
    ),
    "check-ins": (_("Check-ins"), ("objectives_checkin",)),
    "actions": (_("Actions and daily log"), ("objectives_action", "objectives_activity")),
    "kgis": ("KGI", ("funnel_kgi", "funnel_kgishare", "funnel_funnel")),
    "kpis": ("KPI", ("funnel_kpi", "funnel_kpireading")),
    "templates": (_("Templates"), ("objectives_template", "objectives_templatekeyresult")),
    "cycles": (_("Cycles"), ("objectives_cycle", "objectives_notdoing", "objectives_cyclestep")),
    "members": (
        _("People"),
        ("people_membership", "people_membership_teams", "people_user", "people_invitation"),
    ),
    "teams": (_("Teams"), ("people_team",)),
    "tokens": (_("API tokens"), ("people_apitoken",)),
    "settings": (_("Settings"), ("people_organization", "people_unit")),
}
# By what a row is found: its words, and the field that leads to its organization.
WORDS: tuple[tuple[type[models.Model], str, str], ...] = (
    (Objective, "title", "organization"),
    (KeyResult, "title", "objective__organization"),
    (Action, "title", "organization"),
    (Activity, "text", "organization"),
    (Step, "title", "key_result__objective__organization"),
    (KGI, "name", "organization"),
    (KPI, "name", "kgi__organization"),
    (Cycle, "name", "organization"),
    (NotDoing, "text", "cycle__organization"),
    (Template, "title", "organization"),
    (TemplateKeyResult, "title", "template__organization"),
    (Team, "name", "organization"),
    (Unit, "name", "organization"),
    (Membership, "user__name", "organization"),
    (User, "name", "memberships__organization"),
    (Invitation, "email", "organization"),
    (APIToken, "name", "membership__organization"),
)
# Words of rows that are gone, as far as they belong to no person.
REMOVED_WORDS = ("title", "name", "text")
REMOVED_OF_PEOPLE = ("people_user", "people_membership", "people_invitation")


@dataclass(frozen=True)
class Cursor:
    """A place in the list: everything older comes after it."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """What `str()` wrote, None for anything else."""
        at, _dash, pk = text.partition("-")
        microseconds, number = read_id(at), read_id(pk)
        if microseconds is None or number is None:
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=microseconds), number)
        except OverflowError:
            return None


@dataclass(frozen=True)
class Wanted:
    """What an administrator looks for in the history; empty where anything will do."""

    kind: str = ""
    who: str = ""
    door: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out."""

    def one_of(name: str, known: Iterable[str]) -> str:
        value = asked.get(name, "")
        return value if value in known else ""

    def day(name: str) -> date | None:
        try:
            found = parse_date(asked.get(name, ""))
        except ValueError:
            return None
        return found if found and 1970 < found.year < 9999 else None

    def words(name: str) -> str:
        return " ".join(asked.get(name, "").replace("\0", "").split())[:100]

    return Wanted(
        kind=one_of("kind", KINDS),
        who=words("who"),
        door=one_of("door", Door.values),
        act=one_of("act", AuditEvent.Act.values),
        since=day("from"),
        until=day("until"),
        words=words("q"),
    )


def listed(membership: Membership, wanted: Wanted) -> AuditEventQuerySet:
    """The organization's events that answer the wish, newest first; none for whoever is no administrator."""
    events = AuditEvent.objects.visible_to(membership).order_by("-at", "-pk")
    organization = membership.organization
    if wanted.kind:
        events = events.filter(table__in=KINDS[wanted.kind][1])
    if wanted.door:
        events = events.filter(door=wanted.door)
    if wanted.act:
        events = events.filter(act=wanted.act)
    if wanted.who:
        people = organization.memberships.filter(
            Q(user__name__icontains=wanted.who)
            | Q(user__reading__icontains=wanted.who)
            | Q(user__email__icontains=wanted.who)
        )
        events = events.filter(user__in=list(people.values_list("user", flat=True)[:MOST_FOUND]))
    if wanted.since:
        events = events.filter(at__gte=beginning_of(wanted.since, organization))
    if wanted.until:
        events = events.filter(at__lt=beginning_of(wanted.until + timedelta(days=1), organization))
    if wanted.words:
        events = events.filter(pk__in=found_by_words(wanted.words, membership))
    return events


def beginning_of(day: date, organization: Organization) -> datetime:
    return datetime.combine(day, time(), organization.zone)


def found_by_words(words: str, membership: Membership) -> list[int]:
    """The events of rows that bear these words or this number; the rows are found first, so none is searched for."""
    organization = membership.organization_id
    number = read_id(words.removeprefix("#"))
    found = Q(table__in=tables(), row=number) if number is not None else Q(pk=None)
    for model, name, leads in WORDS:
        rows = model._default_manager.filter(**{leads: organization, f"{name}__icontains": words})
        ids = list(rows.values_list("pk", flat=True)[:MOST_FOUND])
        if ids:
            found |= Q(table=model._meta.db_table, row__in=ids)
    removed = Q()
    for name in REMOVED_WORDS:
        removed |= Q(**{f"before__{name}__icontains": words})
    events = AuditEvent.objects.filter(organization=organization).order_by()
    gone = events.filter(removed, act=AuditEvent.Act.DELETE).exclude(table__in=REMOVED_OF_PEOPLE)
    return [*events.filter(found).values_list("pk", flat=True), *gone.values_list("pk", flat=True)]


@dataclass(frozen=True)
class Page:
    """Some events and where the older ones begin, if there are any."""

    events: list[AuditEvent]
    older: Cursor | None


def page_of(events: AuditEventQuerySet, after: Cursor | None, size: int = PAGE) -> Page:
    """The next events of an ordered list. It takes as long on the last page as on the first."""
    if after is not None:
        events = events.filter(at__lte=after.at).exclude(at=after.at, pk__gte=after.pk)
    found = list(events[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Page(found[:size], Cursor(last.at, last.pk) if last else None)


def events_of(row: models.Model, membership: Membership) -> AuditEventQuerySet:
    """The events of a row and of what belongs to it, newest first, as far as the reader may see these.

    Whether the row itself may be seen is for the caller to ask.
    """
    match row:
        case Objective():
            rows = rows_of_objective(row, membership)
        case KeyResult():
            rows = rows_of_key_results([row.pk], membership, alignments=Q(parent_key_result=row.pk))
        case KGI():
            rows = rows_of_kgi(row, membership)
        case Cycle():
            rows = Rows(membership).add(Cycle, [row.pk])
            if not membership.is_partner:
                rows.add_below(NotDoing, "cycle_id", [row.pk])
                steps = CycleStep.objects.filter(cycle=row).exclude(reason="").values_list("pk", flat=True)
                # A step without a reason is told by the cycle's own change of state.
                rows.add(CycleStep, steps)
        case Team():
            rows = Rows(membership).add(Team, [row.pk])
            if not membership.is_partner:
                rows.add_below(tables()["people_membership_teams"], "team_id", [row.pk])
        case Membership():
            rows = rows_of_member(row, membership)
        case CheckIn():
            chain = [row.pk, *CheckIn.objects.filter(corrects=row.pk).values_list("pk", flat=True)]
            sources = [f"check-in:{pk}" for pk in chain]
            rows = Rows(membership).add(CheckIn, chain)
            if not membership.is_partner:
                rows.add(KPIReading, KPIReading.objects.filter(source__in=sources).values_list("pk", flat=True))
        case HealthKPI():
            rows = Rows(membership).add(HealthKPI, [row.pk])
            rows.add_below(HealthKPIReading, "health_kpi_id", [row.pk])
        case Journey():
            phases = list(row.phases.values_list("pk", flat=True))
            points = list(TouchPoint.objects.filter(phase__in=phases).values_list("pk", flat=True))
            contents = Content.objects.filter(touch_point__in=points).values_list("pk", flat=True)
            rows = Rows(membership).add(Journey, [row.pk]).add(JourneyPhase, phases)
            rows.add(TouchPoint, points).add(Content, contents)
        case _:
            rows = Rows(membership).add(type(row), [row.pk])
    return rows.events()


class Rows:
    """Rows whose events belong together: those that are there, and those removed that belonged to the same."""

    def __init__(self, membership: Membership):
        self.membership = membership
        self.ids: dict[str, set[int]] = {}
        self.removed: Q = Q()
        self.belongs: list[tuple[str, str, set[int]]] = []

    def add(self, model: type[models.Model], ids: Iterable[int]) -> Rows:
        self.ids.setdefault(model._meta.db_table, set()).update(ids)
        return self

    def add_below(self, model: type[models.Model], column: str, above: Iterable[int]) -> Rows:
        """Every row of `model` whose `column` leads to one of these, gone ones included."""
        leads = set(above)
        self.add(model, model._base_manager.filter(**{f"{column}__in": leads}).values_list("pk", flat=True))
        for pk in leads:
            self.removed |= Q(table=model._meta.db_table, before__contains={column: pk})
        return self

    def events(self) -> AuditEventQuerySet:
        own = AuditEvent.objects.filter(organization=self.membership.organization_id)
        if self.removed:
            gone = own.filter(self.removed, act=AuditEvent.Act.DELETE).order_by()
            for table, row in gone.values_list("table", "row"):
                self.ids.setdefault(table, set()).add(row)
        found = Q(pk=None)
        for table, ids in self.ids.items():
            if ids:
                found |= Q(table=table, row__in=ids)
        return own.filter(found).order_by("-at", "-pk")


def rows_of_key_results(ids: list[int], membership: Membership, *, alignments: Q) -> Rows:
    """Key results with their steps, values along the way and changed targets, and the connections asked for."""
    rows = Rows(membership).add(KeyResult, ids)
    for model in (Step, Phase, TargetChange):
        rows.add_below(model, "key_result_id", ids)
    found = Alignment.objects.filter(alignments)
    if membership.is_partner:
        seen = Objective.objects.visible_to(membership).values("pk")
        found = found.filter(Q(parent_objective__in=seen) | Q(parent_key_result__objective__in=seen), child__in=seen)
    else:
        for pk in ids:
            rows.removed |= Q(table=Alignment._meta.db_table, before__contains={"parent_key_result_id": pk})
    return rows.add(Alignment, found.values_list("pk", flat=True))


def rows_of_objective(objective: Objective, membership: Membership) -> Rows:
    key_results = objective.key_results.all()
    if membership.is_partner:
        key_results = key_results.filter(dropped_at=None)
    ids = list(key_results.values_list("pk", flat=True))
    around = Q(child=objective) | Q(parent_objective=objective) | Q(parent_key_result__in=ids)
    rows = rows_of_key_results(ids, membership, alignments=around).add(Objective, [objective.pk])
    if membership.is_partner:
        own = ObjectiveShare.objects.filter(objective=objective, membership=membership)
        return rows.add(ObjectiveShare, own.values_list("pk", flat=True))
    # A step without words is told by the objective's own change of state.
    rows.add(StateChange, objective.state_changes.exclude(comment="", open_points=[]).values_list("pk", flat=True))
    rows.add_below(Grade, "objective_id", [objective.pk])
    for column in ("child_id", "parent_objective_id"):
        rows.removed |= Q(table=Alignment._meta.db_table, before__contains={column: objective.pk})
    return rows.add_below(ObjectiveShare, "objective_id", [objective.pk])


def rows_of_kgi(kgi: KGI, membership: Membership) -> Rows:
    kpis = list(kgi.kpis.values_list("pk", flat=True))
    rows = Rows(membership).add(KGI, [kgi.pk])
    for table in ("funnel_funnel", "funnel_kpi", "funnel_scenario", "funnel_planchange"):
        rows.add_below(tables()[table], "kgi_id", [kgi.pk])
    for table in ("funnel_kpireading", "funnel_scenariovalue"):
        rows.add_below(tables()[table], "kpi_id", kpis)
    funnels = list(Funnel.objects.filter(kgi=kgi).values_list("pk", flat=True))
    rows.add_below(tables()["funnel_funnelchannel"], "funnel_id", funnels)
    shares = tables()["funnel_kgishare"]
    if membership.is_partner:
        own = shares._base_manager.filter(kgi=kgi, membership=membership)
        return rows.add(shares, own.values_list("pk", flat=True))
    for table in ("funnel_kpishare", "funnel_partnerlever"):
        rows.add_below(tables()[table], "kpi_id", kpis)
    return rows.add_below(shares, "kgi_id", [kgi.pk])


def rows_of_member(member: Membership, membership: Membership) -> Rows:
    """A member's place in the organization; account, invitation and tokens for themselves and administrators, and what
    was agreed with a partner for whoever plans.
    """
    rows = Rows(membership).add(Membership, [member.pk])
    rows.add_below(tables()["people_membership_teams"], "membership_id", [member.pk])
    if membership.is_admin or membership.pk == member.pk:
        rows.add(User, [member.user_id])
        rows.add_below(APIToken, "membership_id", [member.pk])
        rows.add(Invitation, Invitation.objects.filter(membership=member).values_list("pk", flat=True))
    if membership.role in PLANNERS:
        for table in OF_PARTNERS:
            rows.add_below(tables()[table], "membership_id", [member.pk])
    return rows
