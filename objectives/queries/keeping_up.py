"""A key result as the health KPI it could become."""

from __future__ import annotations

from decimal import Decimal

from objectives.access import teams_decided_by
from objectives.formulas.keeping_up import Corridor, corridor_of
from objectives.models import HealthKPI, KeyResult
from objectives.queries.carrying import colleagues_of, last_value
from people.models import Membership, Team

LONGEST_NAME = HealthKPI._meta.get_field("name").max_length or 0


def kept_up_as(key_result: KeyResult, membership: Membership) -> HealthKPI:
    """The health KPI that a key result fills in, not saved: its name, unit, corridor, owner and how it is counted."""
    objective = key_result.objective
    teams = teams_decided_by(membership).open()
    here = colleagues_of(membership.organization_id)
    owner = next((pk for pk in (key_result.owner_id, objective.owner_id) if pk in here), None)
    corridor = corridor_for(key_result)
    team = teams.filter(pk=objective.team_id).first()
    kpi = HealthKPI(
        organization=membership.organization,
        team=team or Team(),
        name=key_result.title[:LONGEST_NAME],
        unit=key_result.unit,
        period=corridor.period,
        lower=corridor.lower,
        upper=corridor.upper,
        owner_id=owner,
        kpi_id=key_result.kpi_id,
        definition=key_result.measured_how,
        made_from=key_result,
    )
    if team is None:
        kpi.team_id = None  # type: ignore[assignment]
    return kpi


def corridor_for(key_result: KeyResult) -> Corridor:
    cycle = key_result.objective.cycle
    months = max(1, round(((cycle.end - cycle.start).days + 1) / 30.4))
    ended: Decimal | None = last_value(key_result)
    return corridor_of(key_result.measure, ended, period=key_result.period, months=months)
