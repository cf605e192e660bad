"""The people of an organization as lists and pages show them, and all that one person has written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from funnel.models import KGI, KPI, CandidateRating, ContributionReport, HandoverStep, KPIReading, RoomMessage
from objectives.models import (
    Action,
    Activity,
    CheckIn,
    Comment,
    CycleState,
    Experiment,
    HealthKPIReading,
    KeyResult,
    Lesson,
    MinuteLine,
    NotDoing,
    Objective,
    ObjectiveState,
    Obstacle,
    Reaction,
    StateChange,
    TargetChange,
)
from people.access import read_id
from people.forms import find_people
from people.models import APIToken, AuditEvent, Delivery, Invitation, Membership, MembershipQuerySet, Role, Team

HERE, LEFT = "here", "left"
BY_NAME = ("user__reading", "user__name", "pk")
SORTS: Mapping[str, Sequence[str]] = {
    "name": BY_NAME,
    "role": ("place", *BY_NAME),
    "-goals": ("-carried", *BY_NAME),
    "-left": ("-left_on", *BY_NAME),
}


@dataclass(frozen=True)
class Wanted:
    """Which people a list shows, and in which order."""

    words: str = ""
    role: str = ""
    team: int | None = None
    state: str = HERE
    sort: str = "name"


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """Filters from a query string; what is unknown is left out."""
    role, state, sort = asked.get("role", ""), asked.get("state", ""), asked.get("sort", "")
    return Wanted(
        words=asked.get("q", "").replace("\0", "").strip()[:100],
        role=role if role in Role.values else "",
        team=read_id(asked.get("team")),
        state=LEFT if state == LEFT else HERE,
        sort=sort if sort in SORTS else "name",
    )


def counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of the rows belong to each person."""
    number = rows.order_by().values("owner").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def listed_members(membership: Membership, wanted: Wanted) -> MembershipQuerySet:
    """The people the reader may see, as far as they are wanted, each with their open `goals` and `results`."""
    people = find_people(Membership.objects.visible_to(membership), wanted.words)
    people = people.filter(left_on__isnull=wanted.state != LEFT)
    if wanted.role:
        people = people.filter(role=wanted.role)
    if wanted.team is not None:
        people = people.filter(teams=wanted.team)
    goals = counted(carried(Objective.objects.filter(organization=membership.organization_id), ""))
    results = counted(carried(KeyResult.objects.filter(objective__dropped_at=None), "objective__"))
    place = Case(*(When(role=role, then=Value(number)) for number, role in enumerate(Role.values)), default=Value(9))
    return (
        people.alias(place=place)
        .annotate(goals=goals, results=results, carried=F("goals") + F("results"))
        .order_by(*SORTS[wanted.sort])
        .prefetch_related(Prefetch("teams", Team.objects.open().order_by("position", "pk"), "open_teams"))
    )


def carried(rows: QuerySet[Any], objective: str) -> QuerySet[Any]:
    """Those of the person that are open: `objective` leads from a row to its objective."""
    over = Q(**{f"{objective}state": ObjectiveState.CLOSED}) | Q(**{f"{objective}cycle__state": CycleState.CLOSED})
    return rows.filter(owner=OuterRef("pk"), dropped_at=None).exclude(over)


def data_of(member: Membership) -> Iterator[str]:
    """All that this organization keeps of one person, as the parts of a JSON text.

    The history names what was done, not what others wrote; rows of other organizations are left out.
    """
    user = member.user
    profile = {
        "name": user.name,
        "reading": user.reading,
        "email": user.email,
        "language": user.language,
        "created_at": user.created_at,
        "last_login": user.last_login,
    }
    place = {
        "organization": member.organization.name,
        "role": member.role,
        "teams": [team.name for team in member.teams.all()],
        "since": member.created_at,
        "left_on": member.left_on,
    }
    own = {"owner": member}
    parts: dict[str, Iterable[Any]] = {
        "objectives": fields(Objective.objects.filter(**own), "title", "why", "cycle__name", "team__name", "state"),
        "key_results": fields(
            KeyResult.objects.filter(**own), "title", "objective__title", "unit", "start_value", "target_value"
        ),
        "kgis": fields(KGI.objects.filter(**own), "name", "unit", "period_start", "period_end"),
        "kpis": fields(KPI.objects.filter(**own), "name", "kgi__name", "unit"),
        "check_ins": fields(
            CheckIn.objects.filter(author=member).order_by("date", "pk"),
            *("date", "key_result__title", "value", "confidence", "going_well", "obstacle", "next_step", "created_at"),
        ),
        "obstacles": fields(
            Obstacle.objects.filter(raised_by=member).order_by("pk"),
            *("raised_on", "key_result__title", "text", "state", "solution"),
        ),
        "comments": fields(
            Comment.objects.filter(author=member).order_by("pk"),
            "created_at",
            "objective__title",
            "text",
            "withdrawn_at",
        ),
        "room_messages": fields(
            RoomMessage.objects.filter(author=member).order_by("pk"),
            *("created_at", "room_of__user__name", "text", "is_question", "withdrawn_at"),
        ),
        "handover_steps": fields(
            # Not all of the work of theirs: a list that is not planned is none they see.
            HandoverStep.objects.filter(Q(owner=member) | Q(done_by=member)).order_by("pk"),
            *("text", "by_partner", "due_on", "done_at", "dropped_at"),
        ),
        "candidate_ratings": fields(
            CandidateRating.objects.filter(membership=member).order_by("pk"),
            *("written_at", "candidate__name", "answers", "notes", "questions", "impression"),
        ),
        "contribution_reports": fields(
            ContributionReport.objects.filter(membership=member).order_by("pk"),
            *("month", "edition", "issued_at", "remark", "content"),
        ),
        "actions": fields(
            Action.objects.filter(Q(owner=member) | Q(created_by=member)).order_by("pk"),
            *("title", "due_on", "expected_effect", "state", "closed_on", "created_at"),
        ),
        "lessons": fields(
            Lesson.objects.filter(author=member).order_by("pk"), "created_at", "text", "advice", "measure", "retired_at"
        ),
        "experiments": fields(
            Experiment.objects.filter(Q(owner=member) | Q(created_by=member)).order_by("pk"),
            *("title", "hypothesis", "sign", "starts_on", "ends_on", "result", "decision", "withdrawn_at"),
        ),
        "activities": fields(
            Activity.objects.filter(membership=member).order_by("date", "pk"),
            *("date", "text", "key_result__title", "withdrawn_at"),
        ),
        "minutes": fields(
            MinuteLine.objects.filter(author=member).order_by("pk"), "created_at", "meeting__date", "text", "kind"
        ),
        "reactions": fields(Reaction.objects.filter(membership=member).order_by("pk"), "created_at", "kind"),
        "health_kpi_readings": fields(
            HealthKPIReading.objects.filter(recorded_by=member).order_by("pk"),
            *("period_start", "health_kpi__name", "value", "cause", "countermeasure"),
        ),
        "messages": fields(Delivery.objects.filter(membership=member).order_by("pk"), "created_at", "topic", "sent_at"),
        "kpi_readings": fields(KPIReading.objects.filter(recorded_by=member), "date", "kpi__name", "value", "source"),
        "target_changes": fields(
            TargetChange.objects.filter(changed_by=member), "changed_on", "key_result__title", "reason"
        ),
        "state_changes": fields(
            StateChange.objects.filter(by=member), "created_at", "objective__title", "new_state", "comment"
        ),
        "not_doing": fields(NotDoing.objects.filter(written_by=member), "text", "cycle__name", "team__name"),
        "invitations_sent": fields(
            Invitation.objects.filter(invited_by=member), "email", "role", "created_at", "accepted_at"
        ),
        "tokens": fields(APIToken.objects.filter(membership=member), "name", "created_at", "last_used_at", "ended_at"),
        "history": fields(
            AuditEvent.objects.unsealed().filter(organization=member.organization_id, user=user.pk).order_by("pk"),
            *("at", "act", "table", "row", "door", "address"),
        ),
    }
    yield "{" + f'"profile": {said(profile)},\n"membership": {said(place)}'
    for name, rows in parts.items():
        yield f',\n"{name}": ['
        for number, row in enumerate(rows):
            yield (",\n  " if number else "\n  ") + said(row)
        yield "]"
    yield "}\n"


def fields(rows: QuerySet[Any], *names: str) -> Iterable[dict[str, Any]]:
    return rows.values(*names).iterator(chunk_size=500)


def said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
