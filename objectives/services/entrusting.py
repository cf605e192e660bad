"""Levers put into a partner's hands, changed, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.actuals import month_of
from funnel.formulas.numbers import format_percent
from funnel.models import KPI, ContributionReport, KGIShare, KPIShare, PartnerLever
from funnel.models.kgis import EARLIEST, LATEST
from objectives.sentences.health_kpis import listed
from objectives.services.sharing import hold_partner
from people.models import Membership
from people.refusals import Refusal, stale

FURTHEST = timedelta(days=366)
"""So far ahead an agreement may begin."""


@transaction.atomic
def entrust_lever(
    kpi: KPI,
    partner: Membership,
    *,
    by: Membership,
    portion: Decimal,
    start_value: Decimal,
    began_on: date,
    ended_on: date | None = None,
) -> PartnerLever:
    """Put a lever into a partner's hands; what it moves from then on counts as theirs, to `portion` of it (0–1).

    The lever is shared with them too, unless its KGI is shared as a whole. The same again is harmless. Whoever may edit
    the KGI may; `PermissionDenied` for others. Raises `Refusal`: `not_a_partner`, `not_a_lever`, `already_theirs`,
    `portions_above_one`, `days_reversed`, `day_out_of_reach`, `portion_out_of_range`.
    """
    hold_partner(partner)
    kpi = hold_lever(kpi, by)
    row = PartnerLever(
        kpi=kpi, membership=partner, portion=portion, start_value=start_value, began_on=began_on, ended_on=ended_on
    )
    same = PartnerLever.objects.filter(kpi=kpi, membership=partner, began_on=began_on, ended_on=ended_on).first()
    if same is not None and is_as(same, row):
        return same
    refuse_wrong(row, today=partner.organization.today)
    refuse_above_one(row)
    row.save()
    if not KGIShare.objects.filter(kgi=kpi.kgi_id, membership=partner).exists():
        KPIShare.objects.get_or_create(kpi=kpi, membership=partner)
    return row


@transaction.atomic
def change_lever(
    row: PartnerLever,
    *,
    by: Membership,
    portion: Decimal,
    start_value: Decimal,
    began_on: date,
    ended_on: date | None,
    expected_version: int,
) -> PartnerLever:
    """Write another portion, start or days; `ended_on` takes the lever back, None leaves it in their hands.

    The same again is harmless. Reports that were handed over stay as they are. Refused as `entrust_lever`, and `stale`.
    """
    if ended_on is None:
        hold_partner(row.membership)
    kpi = hold_lever(row.kpi, by)
    rows = PartnerLever.objects.select_for_update(no_key=True, of=("self",)).select_related("membership__organization")
    held = rows.get(pk=row.pk)
    held.kpi = kpi
    wanted = PartnerLever(portion=portion, start_value=start_value, began_on=began_on, ended_on=ended_on)
    if is_as(held, wanted):
        return held
    if held.version != expected_version:
        raise stale()
    held.portion, held.start_value, held.began_on, held.ended_on = portion, start_value, began_on, ended_on
    refuse_wrong(held, today=held.membership.organization.today)
    refuse_above_one(held)
    held.version += 1
    held.save()
    return held


@transaction.atomic
def remove_lever(row: PartnerLever, *, by: Membership) -> None:
    """Undo what was given away by mistake, with its share, as if it had never been; one that is gone is harmless.

    Whoever may edit the KGI may; `PermissionDenied` for others. Raises `Refusal` `reported`: a month of it stands in a
    report that was handed over, and it can only be ended.
    """
    # Reports are handed over under the same lock.
    Membership.objects.select_for_update(no_key=True).get(pk=row.membership_id)
    if not KPI.objects.editable_by(by).filter(pk=row.kpi_id).exists():
        raise PermissionDenied
    held = PartnerLever.objects.select_for_update().filter(pk=row.pk).first()
    if held is None:
        return
    if is_reported(held):
        sentence = _("A report that was handed over counts it: it can only be ended, by its last day.")
        raise Refusal("reported", sentence)
    held.delete()
    if not PartnerLever.objects.filter(kpi=row.kpi_id, membership=row.membership_id).exists():
        KPIShare.objects.filter(kpi=row.kpi_id, membership=row.membership_id).delete()


def is_reported(row: PartnerLever) -> bool:
    """Whether a report was handed over for a month in which the lever counts as theirs."""
    reports = ContributionReport.objects.filter(membership=row.membership_id, kgi__kpis=row.kpi_id)
    reports = reports.filter(month__gte=month_of(row.began_on))
    if row.ended_on is not None:
        reports = reports.filter(month__lte=month_of(row.ended_on))
    return reports.exists()


def hold_lever(kpi: KPI, by: Membership) -> KPI:
    """Keep the KPI as it is meanwhile. `PermissionDenied` for who may not edit its KGI; raises `not_a_lever`."""
    held = KPI.objects.select_for_update(no_key=True, of=("self",)).select_related("kgi").get(pk=kpi.pk)
    if not KPI.objects.editable_by(by).filter(pk=kpi.pk).exists():
        raise PermissionDenied
    if not held.is_lever or held.is_goal:
        raise Refusal.of_field(
            "kpi", "not_a_lever", _("“%(name)s” is calculated from others: give them a lever of it.") % {"name": held}
        )
    return held


def is_as(row: PartnerLever, other: PartnerLever) -> bool:
    names = ("portion", "start_value", "began_on", "ended_on")
    return all(getattr(row, name) == getattr(other, name) for name in names)


def refuse_wrong(row: PartnerLever, *, today: date) -> None:
    if not Decimal("0.0001") <= row.portion <= 1:
        sentence = _("A portion lies above 0% and is 100% at most.")
        raise Refusal.of_field("portion", "portion_out_of_range", sentence)
    if not EARLIEST <= row.began_on <= min(LATEST, today + FURTHEST):
        sentence = _("Choose a day that has come, or comes within a year.")
        raise Refusal.of_field("began_on", "day_out_of_reach", sentence)
    if row.ended_on is not None and row.ended_on < row.began_on:
        raise Refusal.of_field("ended_on", "days_reversed", _("The last day lies before the first."))
    if row.ended_on is not None and row.ended_on > LATEST:
        raise Refusal.of_field("ended_on", "day_out_of_reach", _("Type a day between 1900 and 2199."))


def refuse_above_one(row: PartnerLever) -> None:
    """Refuse what would give away more than all of a lever in any month, or give one partner a lever twice in it."""
    others = [other for other in others_of(row) if at_once(row, other)]
    own = next((other for other in others if other.membership_id == row.membership_id), None)
    if own is not None:
        sentence = _("This lever is in their hands in these months already: change what stands there.")
        raise Refusal.of_field("kpi" if row.pk is None else "began_on", "already_theirs", sentence)
    # The sum can only rise where one of them begins.
    for month in {month_of(row.began_on), *(month_of(other.began_on) for other in others)}:
        theirs = [other for other in others if holds(other, month)]
        if holds(row, month) and row.portion + sum(other.portion for other in theirs) > 1:
            raise Refusal.of_field("portion", "portions_above_one", above_one(theirs))


def above_one(theirs: Sequence[PartnerLever]) -> str:
    names = listed(f"{other.membership.user.name} {format_percent(other.portion)}" for other in theirs)
    return _(
        "Together that is more than 100%% of this lever: %(names)s is given away already. Every month that has begun"
        " counts as a whole."
    ) % {"names": names}


def others_of(row: PartnerLever) -> list[PartnerLever]:
    rows = PartnerLever.objects.filter(kpi=row.kpi_id).exclude(pk=row.pk)
    return list(rows.select_related("membership__user").order_by("began_on", "pk"))


def holds(row: PartnerLever, month: date) -> bool:
    return month_of(row.began_on) <= month and (row.ended_on is None or month <= month_of(row.ended_on))


def at_once(one: PartnerLever, other: PartnerLever) -> bool:
    """Whether there is a month in which both count."""
    return holds(one, month_of(other.began_on)) or holds(other, month_of(one.began_on))
