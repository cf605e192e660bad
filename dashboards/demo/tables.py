"""What belongs to an organization: how to empty it, and how to tell whether it still is as it was loaded."""

from __future__ import annotations

import hashlib
from typing import Any, cast

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from funnel.models import (
    KGI,
    KPI,
    Candidate,
    CandidateRating,
    CellCount,
    CellTarget,
    Content,
    ContributionReport,
    FitRule,
    Funnel,
    FunnelChannel,
    HandoverStep,
    Journey,
    JourneyPhase,
    KGIShare,
    KPIReading,
    KPIShare,
    Lead,
    LeadImport,
    LeadMove,
    Matrix,
    MatrixStage,
    MoveTarget,
    PartnerLever,
    PartnerRoom,
    PlanChange,
    RoomMessage,
    Scenario,
    ScenarioValue,
    TouchPoint,
)
from objectives.models import (
    Action,
    Activity,
    Alignment,
    Attendance,
    CheckIn,
    Comment,
    Conflict,
    Cycle,
    CycleStep,
    Experiment,
    Grade,
    HealthKPI,
    HealthKPIReading,
    KeyResult,
    KeyResultForecast,
    KeyResultScore,
    KGIForecast,
    Lesson,
    Meeting,
    MinuteLine,
    NotDoing,
    Notice,
    Objective,
    ObjectiveScore,
    ObjectiveShare,
    ObjectiveSnapshot,
    Obstacle,
    PendingComparison,
    PendingRollUp,
    Phase,
    Reaction,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    StateChange,
    Step,
    TargetChange,
    Template,
    TemplateKeyResult,
)
from people.models import (
    APIToken,
    AuditEvent,
    Cadence,
    CalendarFeed,
    Channel,
    DayOff,
    Delivery,
    Export,
    IdempotentAnswer,
    Invitation,
    LiveVersion,
    Membership,
    Organization,
    ReminderPreference,
    SavedView,
    SearchEntry,
    ShareLink,
    Team,
    Unit,
    User,
)

Model = type[models.Model]

# Every table with rows of an organization and the field that leads to it, those that others point to first.
TABLES: dict[Model, str] = {
    Unit: "organization",
    Team: "organization",
    Membership: "organization",
    Membership.teams.through: "membership",
    Invitation: "organization",
    APIToken: "membership",
    IdempotentAnswer: "token",
    Cadence: "team",
    DayOff: "organization",
    Channel: "organization",
    ReminderPreference: "membership",
    CalendarFeed: "membership",
    ShareLink: "membership",
    SavedView: "organization",
    Export: "organization",
    LiveVersion: "organization",
    Delivery: "organization",
    KGI: "organization",
    KGIShare: "kgi",
    PartnerRoom: "organization",
    ContributionReport: "organization",
    RoomMessage: "organization",
    HandoverStep: "organization",
    Candidate: "organization",
    CandidateRating: "candidate",
    Funnel: "kgi",
    FunnelChannel: "funnel",
    KPI: "kgi",
    KPIReading: "kpi",
    KPIShare: "kpi",
    PartnerLever: "kpi",
    PlanChange: "kgi",
    Scenario: "kgi",
    ScenarioValue: "scenario",
    Journey: "organization",
    JourneyPhase: "journey",
    TouchPoint: "phase",
    Content: "touch_point",
    Matrix: "organization",
    MatrixStage: "matrix",
    FitRule: "matrix",
    Lead: "organization",
    LeadMove: "matrix",
    CellCount: "matrix",
    CellTarget: "matrix",
    MoveTarget: "matrix",
    LeadImport: "organization",
    Cycle: "organization",
    NotDoing: "cycle",
    Objective: "organization",
    ObjectiveShare: "objective",
    StateChange: "objective",
    Template: "organization",
    TemplateKeyResult: "template",
    KeyResult: "objective",
    Step: "key_result",
    Phase: "key_result",
    TargetChange: "key_result",
    Alignment: "child",
    CheckIn: "key_result",
    KeyResultScore: "key_result",
    ObjectiveScore: "objective",
    KeyResultForecast: "key_result",
    KGIForecast: "kgi",
    ObjectiveSnapshot: "objective",
    PendingRollUp: "organization",
    Conflict: "organization",
    PendingComparison: "organization",
    Notice: "membership",
    Obstacle: "organization",
    Comment: "organization",
    Reaction: "membership",
    HealthKPI: "organization",
    HealthKPIReading: "health_kpi",
    Meeting: "organization",
    Attendance: "meeting",
    MinuteLine: "meeting",
    CycleStep: "cycle",
    Grade: "objective",
    Retrospective: "organization",
    RetrospectiveNote: "retrospective",
    RetrospectiveVote: "note",
    RetrospectivePresence: "retrospective",
    Lesson: "organization",
    Action: "organization",
    Experiment: "organization",
    Activity: "organization",
}
# By what a row is known when ids may differ.
KNOWN_BY: dict[Model, str] = {
    Organization: "slug",
    User: "email",
    Team: "name",
    Membership: "user__email",
    APIToken: "name",
    KGI: "name",
    KPI: "key",
    Funnel: "kgi__name",
    Scenario: "name",
    Cycle: "name",
    Objective: "submission_key",
    Template: "submission_key",
    KeyResult: "submission_key",
    CheckIn: "submission_key",
    Obstacle: "text",
    Comment: "submission_key",
    HealthKPI: "submission_key",
    Meeting: "submission_key",
    MinuteLine: "submission_key",
    Channel: "submission_key",
    Retrospective: "submission_key",
    RetrospectiveNote: "submission_key",
    Lesson: "submission_key",
    Experiment: "submission_key",
    Action: "submission_key",
    Journey: "submission_key",
    JourneyPhase: "name",
    TouchPoint: "name",
    Matrix: "submission_key",
    MatrixStage: "name",
    Lead: "submission_key",
    RoomMessage: "submission_key",
    Candidate: "submission_key",
}


# What is made of other rows' ids.
NAMING_IDS = {
    (KPIReading, "source"),
    (StateChange, "content"),
    (Conflict, "content"),
    (Notice, "occasion"),
    (Notice, "place"),
    (Meeting, "agenda"),
    (Meeting, "current"),
    (Meeting, "talked"),
    (MinuteLine, "item"),
    (Retrospective, "current"),
    (Retrospective, "kept"),
}


PASSING = {Export, LeadImport}
"""What comes and goes by itself: it says nothing about a company."""


def leading(model: Model) -> tuple[str, str, Model]:
    """The field of a table that leads to its organization, its column, and the table it leads to."""
    field = cast("models.ForeignKey[Any, Any]", model._meta.get_field(TABLES[model]))
    return field.name, field.column, field.related_model


def owners(organization: Organization) -> dict[Model, list[int]]:
    """The ids of the organization and of its rows that others lead to it by."""
    found: dict[Model, list[int]] = {Organization: [organization.pk]}
    needed = {leading(model)[2] for model in TABLES}
    for model in TABLES:
        name, _column, above = leading(model)
        if model in needed:
            rows = model._default_manager.filter(**{f"{name}__in": found[above]})
            found[model] = list(rows.values_list("pk", flat=True))
    return found


def empty(organization: Organization) -> None:
    """Delete everything the organization has, its history too; itself and the people's logins stay.

    By plain lists of ids: freshly filled tables have no statistics yet, and joins over them would be planned badly.
    """
    found = owners(organization)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for model in reversed(TABLES):
            _name, column, above = leading(model)
            cursor.execute(
                f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" = ANY(%s)',  # noqa: S608
                [found[above]],
            )
        for kept_by_triggers in (AuditEvent, SearchEntry):
            kept_by_triggers.objects.filter(organization=organization)._raw_delete(using=connection.alias)


def fingerprint(organization: Organization) -> str:
    """Equal for two organizations with the same content, whatever ids their rows have."""
    found = owners(organization)
    content = hashlib.sha256()
    itself = Organization.objects.filter(pk=organization.pk).values_list(*_columns(Organization))
    content.update(repr(itself.get()).encode())
    for model in (each for each in TABLES if each not in PASSING):
        name, _column, above = leading(model)
        rows = model._default_manager.filter(**{f"{name}__in": found[above]}).values_list(*_columns(model))
        content.update(repr((model.__name__, sorted(map(_written, rows)))).encode())
    people = User.objects.filter(memberships__organization=organization)
    content.update(repr(sorted(people.values_list("email", "name", "reading", "is_active"))).encode())
    return content.hexdigest()


def _written(row: tuple[Any, ...]) -> str:
    """A row as text. The database adds up in any order, so the last digits of a float say nothing."""
    return repr([f"{value:.12g}" if isinstance(value, float) else value for value in row])


def _columns(model: Model) -> list[str]:
    """The fields that say something: ids and the moment of loading do not."""
    columns = []
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            columns.append(f"{field.name}__{KNOWN_BY[field.related_model]}")
        elif not (
            field.primary_key
            or field.name == "created_at"
            or (isinstance(field, ArrayField) and isinstance(field.base_field, models.BigIntegerField))
            or (model, field.name) in NAMING_IDS
        ):
            columns.append(field.name)
    return columns
