"""What belongs to an organization: how to empty it, and how to tell whether it still is as it was loaded."""

from __future__ import annotations

import hashlib

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from funnel.models import KGI, KPI, Funnel, KGIShare, KPIReading
from objectives.models import (
    Alignment,
    CheckIn,
    Cycle,
    KeyResult,
    KeyResultScore,
    NotDoing,
    Objective,
    ObjectiveScore,
    ObjectiveShare,
    ObjectiveSnapshot,
    PendingRollUp,
    Phase,
    Step,
    TargetChange,
)
from people.models import Membership, Organization, Team, User

Model = type[models.Model]

# Every table with rows of an organization and the field that leads to it, those that others point to first.
TABLES: dict[Model, str] = {
    Team: "organization",
    Membership: "organization",
    Membership.teams.through: "membership",
    KGI: "organization",
    KGIShare: "kgi",
    Funnel: "kgi",
    KPI: "kgi",
    KPIReading: "kpi",
    Cycle: "organization",
    NotDoing: "cycle",
    Objective: "organization",
    ObjectiveShare: "objective",
    KeyResult: "objective",
    Step: "key_result",
    Phase: "key_result",
    TargetChange: "key_result",
    Alignment: "child",
    CheckIn: "key_result",
    KeyResultScore: "key_result",
    ObjectiveScore: "objective",
    ObjectiveSnapshot: "objective",
    PendingRollUp: "organization",
}
LEADING_ON = {model._meta.get_field(name).related_model for model, name in TABLES.items()}

# By what a row is known when ids may differ.
KNOWN_BY: dict[Model, str] = {
    Organization: "slug",
    User: "email",
    Team: "name",
    Membership: "user__email",
    KGI: "name",
    KPI: "key",
    Cycle: "name",
    Objective: "submission_key",
    KeyResult: "submission_key",
    CheckIn: "submission_key",
}


def owners(organization: Organization) -> dict[Model, list[int]]:
    """The ids of the organization and of its rows that others lead to it by."""
    found: dict[Model, list[int]] = {Organization: [organization.pk]}
    for model, name in TABLES.items():
        if model in LEADING_ON:
            above = found[model._meta.get_field(name).related_model]
            found[model] = list(model._default_manager.filter(**{f"{name}__in": above}).values_list("pk", flat=True))
    return found


def empty(organization: Organization) -> None:
    """Delete everything the organization has; itself and the people's logins stay.

    By plain lists of ids: freshly filled tables have no statistics yet, and joins over them would be planned badly.
    """
    found = owners(organization)
    with connection.cursor() as cursor:
        for model, name in reversed(TABLES.items()):
            field = model._meta.get_field(name)
            cursor.execute(
                f'DELETE FROM "{model._meta.db_table}" WHERE "{field.column}" = ANY(%s)',  # noqa: S608
                [found[field.related_model]],
            )


def fingerprint(organization: Organization) -> str:
    """Equal for two organizations with the same content, whatever ids their rows have."""
    content = hashlib.sha256()
    found = owners(organization)
    for model, name in {Organization: "pk", **TABLES}.items():
        above = found[Organization if model is Organization else model._meta.get_field(name).related_model]
        rows = model._default_manager.filter(**{f"{name}__in": above}).values_list(*_columns(model))
        content.update(repr((model.__name__, sorted(map(repr, rows)))).encode())
    people = User.objects.filter(memberships__organization=organization)
    content.update(repr(sorted(people.values_list("email", "name", "reading", "is_active"))).encode())
    return content.hexdigest()


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
            or (model is KPIReading and field.name == "source")
        ):
            columns.append(field.name)
    return columns
