"""Taking calculated lever values over as the targets of a column."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI, Funnel, Scenario
from funnel.services.changes import COLUMNS, note_changes, values_of
from funnel.services.funnels import LINKS, FunnelPlan, save_funnel
from funnel.services.kgis import hold_standing
from funnel.services.scenarios import ADOPTABLE, PLACES, levers_of
from people.models import Membership
from people.refusals import Refusal, stale


@transaction.atomic
def take_over_targets(
    kgi: KGI,
    *,
    column: str,
    values: Mapping[int, Decimal],
    versions: Mapping[int, int],
    by: Membership | None,
    reason: str,
) -> list[KPI]:
    """Make lever values by the levers' ids, rates 0–1, the targets of `must_hit` or `challenge`, all or none of them.

    A lever without a value was calculated as it is now: where it has a target in the column, that becomes its current
    value. `versions` are the levers' as the values were calculated from; what stood is kept with `by` whom and for what
    `reason`. Numbers that a funnel holds are written through it. Taking over the same again changes nothing.
    Raises `Refusal`: `column`, `reason_missing`, `stale`, `dropped` with its KGI.
    """
    if column not in ADOPTABLE:
        raise Refusal.of_field("column", "column", _("Choose must-hit or challenge."))
    kgi = hold_standing(kgi.pk)
    ids = [lever.pk for lever in levers_of(kgi)]
    levers = list(KPI.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("id"))
    wanted = {lever: wanted_of(lever, column, values) for lever in levers}
    changes = {lever: value for lever, value in wanted.items() if value != getattr(lever, column)}
    if not changes:
        return []
    if values.keys() - set(ids) or any(lever.version != versions.get(lever.pk) for lever in levers):
        raise stale()
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why the plan changes: others will want to know."))
    funnel = Funnel.objects.filter(kgi=kgi).first()
    in_funnel = {lever.key: value for lever, value in changes.items() if funnel is not None and lever.key in LINKS}
    if funnel is not None and in_funnel:
        plan = plan_of(kgi, funnel, {lever.key: lever for lever in levers}, column, in_funnel)
        save_funnel(kgi, plan, by=by, reason=reason)
    for lever, value in changes.items():
        if lever.key in in_funnel:
            continue
        before = values_of(lever)
        setattr(lever, column, value)
        lever.version += 1
        lever.save(update_fields=[column, "version"])
        note_changes(lever, before, by=by, reason=reason)
    Scenario.objects.filter(kgi=kgi, adopted_as=column).update(adopted_as="", adopted_at=None)
    return list(changes)


def wanted_of(lever: KPI, column: str, values: Mapping[int, Decimal]) -> Decimal | None:
    """What a lever's target becomes; one that has none and gets none stays as it is now."""
    if lever.pk in values:
        return values[lever.pk].quantize(PLACES)
    stands: Decimal | None = getattr(lever, column)
    return None if stands is None else lever.current


def plan_of(
    kgi: KGI, funnel: Funnel, levers: Mapping[str, KPI], column: str, values: Mapping[str, Decimal | None]
) -> FunnelPlan:
    """The funnel as it stands with other numbers in one column."""
    numbers: dict[str, dict[str, Decimal | None]] = {
        "revenue": {name: getattr(kgi, f"{name}_value") for name in COLUMNS}
    }
    for key in LINKS.keys() & levers.keys():
        numbers[key] = {name: getattr(levers[key], name) for name in COLUMNS}
        if key in values:
            numbers[key][column] = values[key]
    return FunnelPlan(
        unknown=funnel.unknown,
        numbers=numbers,
        target_companies=funnel.target_companies,
        target_contacts=funnel.target_contacts,
        lead_times={
            "visits": funnel.visit_to_cv_days,
            "cvs": funnel.cv_to_deal_days,
            "deals": funnel.deal_to_order_days,
        },
    )
