"""What teams watch: health KPIs written, put in order, retired and brought back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from objectives.models import HealthKPI
from objectives.services.health_readings import feed, unfeed
from objectives.services.planning import refuse_used_key
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.teams import refuse_closed_team

# What a page or a program writes; the rest follows from acts.
WRITTEN = ("team_id", "name", "unit", "period", "lower", "upper", "owner_id", "kpi_id", "definition")
MOST_OF_TEAM = 50
UP, DOWN = "up", "down"


@transaction.atomic
def save_health_kpi(kpi: HealthKPI, *, by: Membership, expected_version: int | None = None) -> HealthKPI:
    """Write a new or changed health KPI; a new one stands last in its team.

    A new one whose `submission_key` is known answers the first, and the same again changes nothing. What was read goes
    along to another lever. Raises `Refusal`: `stale`, `retired`, `team_closed`, `owner`, `too_many`, `period_fixed`,
    `submission_key_used`; `ValidationError` for marks that make no corridor and for a name the team has already.
    """
    kpi.name, kpi.unit = " ".join(kpi.name.split()), kpi.unit.strip()
    kpi.definition = " ".join(kpi.definition.split())
    if kpi._state.adding:
        return add(kpi, by)
    before = HealthKPI.objects.get(pk=kpi.pk)
    if before.team_id != kpi.team_id:
        refuse_closed_team(kpi.team_id)
    hold_owner(kpi.owner_id, before=before.owner_id)
    held = hold(kpi)
    changed = {name for name in WRITTEN if getattr(held, name) != getattr(kpi, name)}
    if not changed:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_retired(held)
    if "period" in changed and held.readings.exists():
        sentence = _("It has readings already, so it stays weekly or monthly. Retire it and begin a new one instead.")
        raise Refusal.of_field("period", "period_fixed", sentence)
    if "team_id" in changed:
        refuse_too_many(kpi)
        held.position = next_position(kpi.team_id)
    if "kpi_id" in changed:
        unfeed(held)
    for name in WRITTEN:
        setattr(held, name, getattr(kpi, name))
    held.version += 1
    held.full_clean(exclude=["organization"])
    store(held)
    if "kpi_id" in changed:
        for reading in held.readings.select_related("recorded_by"):
            feed(held, reading)
    return held


def add(kpi: HealthKPI, by: Membership) -> HealthKPI:
    first = HealthKPI.objects.filter(submission_key=kpi.submission_key).first()
    if first is not None:
        return own_first(first, by)
    kpi.organization = by.organization
    refuse_closed_team(kpi.team_id)
    hold_owner(kpi.owner_id, before=None)
    refuse_too_many(kpi)
    kpi.position = next_position(kpi.team_id)
    kpi.full_clean(exclude=["organization"])
    try:
        store(kpi, force_insert=True)
    except IntegrityError:
        first = HealthKPI.objects.filter(submission_key=kpi.submission_key).first()
        if first is None:
            raise
        return own_first(first, by)
    return kpi


def own_first(first: HealthKPI, by: Membership) -> HealthKPI:
    if first.organization_id != by.organization_id:
        refuse_used_key()
    return first


def store(kpi: HealthKPI, *, force_insert: bool = False) -> None:
    """Save the row. Raises `ValidationError` where somebody else took the name a moment ago."""
    try:
        with transaction.atomic():
            kpi.save(force_insert=force_insert)
    except IntegrityError as collision:
        if "health_kpi_name_unique_in_team" not in str(collision):
            raise
        raise ValidationError({"name": _("There is already a KPI of this name here.")}) from collision


def hold(kpi: HealthKPI) -> HealthKPI:
    """The row as it is, kept for the rest of the transaction."""
    return HealthKPI.objects.select_for_update(no_key=True).get(pk=kpi.pk)


def refuse_retired(kpi: HealthKPI) -> None:
    if kpi.retired_on is not None:
        raise Refusal("retired", _("This KPI was retired. Bring it back before changing it."))


def refuse_too_many(kpi: HealthKPI) -> None:
    if HealthKPI.objects.standing().filter(team=kpi.team_id).count() >= MOST_OF_TEAM:
        sentence = _("A team watches %(most)s KPIs at most. Retire one first.") % {"most": MOST_OF_TEAM}
        raise Refusal.of_field("team", "too_many", sentence)


def next_position(team_id: int) -> int:
    last = HealthKPI.objects.filter(team=team_id).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def retire_health_kpi(kpi: HealthKPI, *, by: Membership, expected_version: int | None = None) -> HealthKPI:
    """Watch it no longer; its readings stay. Twice is harmless. Raises `Refusal` `stale`."""
    held = hold(kpi)
    if held.retired_on is None:
        if expected_version is not None and held.version != expected_version:
            raise stale()
        held.retired_on, held.version = by.organization.today, held.version + 1
        held.save(update_fields=["retired_on", "version"])
    return held


@transaction.atomic
def restore_health_kpi(kpi: HealthKPI, *, by: Membership) -> HealthKPI:
    """Watch it again. Twice is harmless. Raises `Refusal`: `name_taken` where the team has another one of its name,
    `team_closed`, `too_many`.
    """
    refuse_closed_team(kpi.team_id)
    held = hold(kpi)
    if held.retired_on is None:
        return held
    if HealthKPI.objects.standing().filter(team=held.team_id, name=held.name).exists():
        raise Refusal("name_taken", _("There is already a KPI of this name here."))
    refuse_too_many(held)
    held.retired_on, held.version = None, held.version + 1
    held.save(update_fields=["retired_on", "version"])
    return held


@transaction.atomic
def move_health_kpi(kpi: HealthKPI, *, to: str) -> HealthKPI:
    """Put it one place `up` or `down` among those its team watches; at the end it stays where it is."""
    rows = HealthKPI.objects.standing().filter(team=kpi.team_id).select_for_update(no_key=True)
    order = list(rows.order_by("position", "pk"))
    at = next((place for place, row in enumerate(order) if row.pk == kpi.pk), None)
    if at is None:
        return kpi
    beside = at - 1 if to == UP else at + 1
    if 0 <= beside < len(order):
        order[at], order[beside] = order[beside], order[at]
    for position, row in enumerate(order):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
    return next(row for row in order if row.pk == kpi.pk)
