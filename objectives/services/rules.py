"""What whoever writes a goal must keep to, at every door: for whom it is, who owns it, what it is tied to."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI
from objectives.access import may_plan_for
from objectives.models import Combine, KeyResult, Kind, Level, Objective
from people.models import Membership, MembershipQuerySet, Role, Team
from people.queries import possible_owners
from people.refusals import Refusal

# What a key result of each kind states; anything else is left empty.
MEASURES: dict[str, tuple[str, ...]] = {
    Kind.REACH: ("unit", "start_value", "must_hit_value", "target_value", "measure_first", "combine"),
    Kind.CUMULATIVE: ("unit", "start_value", "must_hit_value", "target_value", "combine"),
    Kind.QUOTA: ("unit", "quota", "period"),
    Kind.AVERAGE: ("unit", "start_value", "must_hit_value", "target_value", "measure_first"),
    Kind.KEEP: ("unit", "limit", "target_value", "period", "measure_first"),
    Kind.COVERAGE: ("unit", "population", "must_hit_value"),
    Kind.MILESTONE: (),
}
AMOUNTS = ("start_value", "must_hit_value", "target_value", "quota", "population")
ALL_MEASURES = (*AMOUNTS, "unit", "limit", "period", "measure_first", "combine")
EMPTY = {"unit": "", "limit": "", "period": "", "measure_first": False, "combine": Combine.SCORE}
PERCENT = {"%", "％"}
MOST_STEPS = 40
STEP_WEIGHTS = (Decimal("0.001"), Decimal(10_000))

Goal = TypeVar("Goal", Objective, KeyResult)


# Objectives


def level_of(team: Team, *, personal: bool) -> str:
    """The level of an objective of this team: that of the root team is the company's, unless it is somebody's own."""
    if personal:
        return Level.INDIVIDUAL
    return Level.COMPANY if team.is_company else Level.TEAM


def refuse_place(by: Membership, team: Team, level: str) -> None:
    """Raise `Refusal` `not_yours_to_plan` where the person may not write an objective of this level for this team."""
    if may_plan_for(by, team, level):
        return
    sentence = _("You cannot plan for “%(team)s”. Choose one of your teams.") % {"team": team.name}
    if level == Level.COMPANY:
        sentence = _("Objectives of the company are written by executives. Choose a team, or make it personal.")
    raise Refusal.of_field("team", "not_yours_to_plan", sentence)


def owners_of_objective(by: Membership, present: int | None) -> MembershipQuerySet:
    """Whom the person may make its owner: a member proposes as owner, everyone else may name any colleague."""
    people = possible_owners(by, present)
    return people.filter(Q(pk=by.pk) | Q(pk=present)) if by.role == Role.MEMBER else people


def kgis_offered(by: Membership, present: int | None) -> QuerySet[KGI]:
    """The KGIs an objective may serve, and the present one even after it was dropped."""
    rows = KGI.objects.filter(organization=by.organization_id)
    return rows.filter(Q(pk=present) | Q(pk__in=KGI.objects.visible_to(by).values("pk")))


def twin_of(rows: QuerySet[Goal], key: uuid.UUID | None) -> Goal | None:
    """The goal among `rows` that stands there already; one that the same submission made is no twin."""
    if key is not None and rows.model._default_manager.filter(submission_key=key).exists():
        return None
    return rows.filter(dropped_at=None).first()


def twins_of_objective(objective: Objective) -> QuerySet[Objective]:
    """Objectives in the same words, of the same team and owner, in the same cycle."""
    return Objective.objects.filter(
        cycle=objective.cycle_id, team=objective.team_id, owner=objective.owner_id, title=objective.title
    )


def twins_of_key_result(key_result: KeyResult) -> QuerySet[KeyResult]:
    """Key results of the same kind in the same words below the same objective."""
    return KeyResult.objects.filter(objective=key_result.objective_id, kind=key_result.kind, title=key_result.title)


# Key results


def kpis_offered(by: Membership, present: int | None) -> QuerySet[KPI]:
    """The KPIs a key result may measure, and the present one even after its KGI was dropped."""
    rows = KPI.objects.filter(kgi__organization=by.organization_id)
    return rows.filter(Q(pk=present) | Q(pk__in=KPI.objects.visible_to(by).values("pk")))


def leave_out_unused(key_result: KeyResult, kind: str) -> None:
    """Empty what a key result of this kind does not state."""
    for name in ALL_MEASURES:
        if name not in MEASURES[kind]:
            setattr(key_result, name, EMPTY.get(name))


def refuse_unit_of_rate(kpi: KPI | None, *, kind: str, unit: str) -> None:
    """Raise `Refusal` `rate_in_percent` where a rate would be measured in anything but per cent."""
    if kpi is not None and kpi.is_rate and kind != Kind.MILESTONE and unit not in PERCENT:
        sentence = _("“%(kpi)s” is a rate: give the key result the unit %%.") % {"kpi": kpi.name}
        raise Refusal.of_field("kpi", "rate_in_percent", sentence)


def refuse_weight(weight: float | Decimal | None) -> None:
    """Raise `Refusal` `weight` for what is no share."""
    if weight is not None and not 0 <= weight <= 1:
        raise Refusal.of_field("weight", "weight", _("A weight lies between 0 and 100 per cent."))


def step_weight(weight: Decimal | None) -> Decimal:
    """A step's weight as it is kept, 1 where none is given. Raises `Refusal` `weight`."""
    if weight is None:
        return Decimal(1)
    smallest, largest = STEP_WEIGHTS
    if not smallest <= weight <= largest:
        raise Refusal.of_field("weight", "weight", _("A step's weight is greater than 0."))
    return round(weight, 3)
