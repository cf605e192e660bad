"""Acts on plans that change more than one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import EARLIEST, KGI, KPI, Funnel, FunnelNumber, KPIReading
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner

COLUMNS = ("current", "must_hit", "challenge")


@dataclass(frozen=True)
class Link:
    """One KPI of the funnel's chain: a lever, or a formula over the links below it."""

    key: str
    name: Promise
    unit: Promise | str = ""
    is_rate: bool = False
    formula: str = ""


CHAIN = (
    Link("revenue", gettext_lazy("Revenue"), formula="orders * unit_price"),
    Link("unit_price", gettext_lazy("Unit price")),
    Link("orders", gettext_lazy("Orders"), unit=pgettext_lazy("unit", "orders"), formula="deals * win_rate"),
    Link("win_rate", gettext_lazy("Win rate"), unit="%", is_rate=True),
    Link("deals", gettext_lazy("Deals"), unit=pgettext_lazy("unit", "deals"), formula="cvs * deal_rate"),
    Link("deal_rate", gettext_lazy("Deal rate"), unit="%", is_rate=True),
    Link("cvs", gettext_lazy("CVs"), unit=pgettext_lazy("unit", "CVs"), formula="visits * cv_rate"),
    Link("cv_rate", gettext_lazy("CV rate"), unit="%", is_rate=True),
    Link("visits", gettext_lazy("Visits"), unit=pgettext_lazy("unit", "visits")),
)
LINKS = {link.key: link for link in CHAIN}
ROOT = CHAIN[0]
BY_HAND = "hand:"


@dataclass(frozen=True)
class FunnelPlan:
    """What is saved as a KGI's funnel. `numbers` holds, under the six numbers' names, the columns of `COLUMNS`:
    revenue and price in the KGI's unit, rates 0–1; the number to find among them as it was found, None for a column
    that is not planned.
    """

    unknown: str
    numbers: Mapping[str, Mapping[str, Decimal | None]]
    target_companies: int | None = None
    target_contacts: int | None = None
    lead_times: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def save_kgi(kgi: KGI, *, expected_version: int | None = None) -> KGI:
    """Write a new or changed KGI. One whose `submission_key` is known answers the first.

    Raises `Refusal`: `stale`, `owner`, `submission_key_used` for a key of another organization; and `ValidationError`
    for what cannot be.
    """
    if kgi._state.adding:
        # Two clicks at once must not make two rows: the second waits here for the first.
        type(kgi.organization).objects.select_for_update(no_key=True).get(pk=kgi.organization_id)
        if kgi.submission_key is not None:
            repeated = KGI.objects.filter(submission_key=kgi.submission_key).first()
            if repeated is not None:
                if repeated.organization_id != kgi.organization_id:
                    sentence = _("This form was already sent for something else. Open it again.")
                    raise Refusal("submission_key_used", sentence)
                return repeated
        hold_owner(kgi.owner_id, before=None)
    else:
        present = KGI.objects.filter(pk=kgi.pk).values_list("owner", flat=True).first()
        hold_owner(kgi.owner_id, before=present)
        held = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
        if held.dropped_at is not None or (expected_version is not None and held.version != expected_version):
            raise stale()
        kgi.version = held.version + 1
    kgi.full_clean(exclude=["organization", "owner"], validate_unique=False)
    kgi.save()
    return kgi


@transaction.atomic
def drop_kgi(kgi: KGI, *, reason: str) -> KGI:
    """Take a KGI out of the plan, with the reason; its funnel and its objectives stay, and `restore_kgi` undoes it.

    Dropping it again changes nothing. Raises `Refusal` `reason_missing`.
    """
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why it is dropped: others will want to know."))
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    if kgi.dropped_at is None:
        kgi.dropped_at, kgi.dropped_reason, kgi.version = clock.now(), reason.strip(), kgi.version + 1
        kgi.save(update_fields=["dropped_at", "dropped_reason", "version"])
    return kgi


@transaction.atomic
def restore_kgi(kgi: KGI) -> KGI:
    """Undo `drop_kgi`; harmless when it was never dropped."""
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    if kgi.dropped_at is not None:
        kgi.dropped_at, kgi.dropped_reason, kgi.version = None, "", kgi.version + 1
        kgi.save(update_fields=["dropped_at", "dropped_reason", "version"])
    return kgi


@transaction.atomic
def save_funnel(
    kgi: KGI, plan: FunnelPlan, *, expected_version: int | None = None, expected_kgi_version: int | None = None
) -> Funnel:
    """Write a plan as the KGI's funnel and its KPIs, and the revenue it aims at as the KGI's own values.

    The revenue of a plan that looks for it is an outcome and leaves the KGI as it is. A KPI that exists keeps its
    name, unit and formula: a tree built by hand is not overwritten. Saving the same plan again changes nothing.
    `expected_version` is the funnel's, 0 for a KGI without one; `expected_kgi_version` counts where the plan would
    write the KGI. Raises `Refusal` `stale`.
    """
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    funnel = Funnel.objects.filter(kgi=kgi).first() or Funnel(kgi=kgi, version=0)
    existing = {kpi.key: kpi for kpi in kgi.kpis.filter(key__in=LINKS)}

    rows: list[tuple[Any, dict[str, Any]]] = [(funnel, _funnel_values(plan))]
    if plan.unknown != FunnelNumber.REVENUE:
        rows.append((kgi, {f"{column}_value": plan.numbers["revenue"].get(column) for column in COLUMNS}))
    for position, link in enumerate(CHAIN):
        kpi = existing.get(link.key) or KPI(
            kgi=kgi,
            key=link.key,
            name=str(link.name),
            unit=str(link.unit) or kgi.unit,
            is_rate=link.is_rate,
            formula=link.formula,
            position=position,
            version=0,
        )
        values = plan.numbers.get(link.key, {}) if kpi.is_lever else {}
        rows.append((kpi, {column: values.get(column) for column in COLUMNS} if values else {}))

    changed = [(row, values) for row, values in rows if row.pk is None or _differs(row, values)]
    if not changed:
        return funnel
    if expected_version is not None and funnel.version != expected_version:
        raise stale()
    writes_kgi = any(row is kgi for row, _values in changed)
    if writes_kgi and expected_kgi_version is not None and kgi.version != expected_kgi_version:
        raise stale()
    if not any(row is funnel for row, _values in changed):
        changed.insert(0, (funnel, {}))
    for row, values in changed:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
    return funnel


def _funnel_values(plan: FunnelPlan) -> dict[str, Any]:
    return {
        "unknown": plan.unknown,
        "target_companies": plan.target_companies,
        "target_contacts": plan.target_contacts,
        "visit_to_cv_days": plan.lead_times.get("visits", 0),
        "cv_to_deal_days": plan.lead_times.get("cvs", 0),
        "deal_to_order_days": plan.lead_times.get("deals", 0),
    }


def _differs(row: Any, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


# What is written of a KPI by its own. Its numbers, where a funnel holds it, follow from each other: see `save_funnel`.
OF_KPI = ("owner_id", "source", "definition")


@transaction.atomic
def save_kpi(kpi: KPI, *, expected_version: int | None = None) -> KPI:
    """Write a changed KPI: its numbers, its owner, where they come from and what they mean.

    Writing the same again changes nothing. Raises `Refusal`: `stale`, `owner`, `dropped` with its KGI, `calculated` for
    numbers of a formula, `in_funnel` for those that a funnel holds.
    """
    present = KPI.objects.filter(pk=kpi.pk).values_list("owner", flat=True).first()
    hold_owner(kpi.owner_id, before=present)
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kpi.kgi_id)
    held = KPI.objects.select_for_update(no_key=True).get(pk=kpi.pk)
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if kgi.dropped_at is not None:
        raise Refusal("dropped", _("This was taken out of the plan in the meantime. Bring it back before changing it."))
    numbers = [name for name in COLUMNS if getattr(held, name) != getattr(kpi, name)]
    for name in numbers:
        if not held.is_lever:
            sentence = _("This number is calculated from others. Change those.")
            raise Refusal.of_field(name, "calculated", sentence)
        if held.key in LINKS and Funnel.objects.filter(kgi=kgi).exists():
            sentence = _("This number belongs to the funnel of its KGI. Change it there: others follow from it.")
            raise Refusal.of_field(name, "in_funnel", sentence)
    if numbers or any(getattr(held, name) != getattr(kpi, name) for name in OF_KPI):
        kpi.version = held.version + 1
        kpi.save()
    return kpi


def refuse_day(kgi: KGI, day: date) -> None:
    """Raise `Refusal` for a day on which nothing of this KGI can be known: `date_in_future`, `before_period`."""
    if day > kgi.organization.today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if day < max(kgi.period_start or EARLIEST, EARLIEST):
        raise Refusal.of_field("date", "before_period", _("This day lies before the KGI's period."))


@transaction.atomic
def record_actual(kgi: KGI, *, date: date, value: Decimal, recorded_by: Membership | None) -> KPIReading:
    """Note what a KGI itself was on a day, counted as its targets are. A second word on a day replaces the first.

    It is a reading of the KPI at the root of the tree, which is made where there is no funnel yet.
    """
    KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    root, _created = kgi.kpis.get_or_create(
        key=ROOT.key, defaults={"name": str(ROOT.name), "unit": kgi.unit, "formula": ROOT.formula}
    )
    return record_reading(root, date=date, value=value, recorded_by=recorded_by, source=f"{BY_HAND}{date:%Y-%m-%d}")


@transaction.atomic
def record_by_hand(kpi: KPI, *, date: date, value: Decimal, recorded_by: Membership | None) -> KPIReading:
    """Note what a KPI was on a day, as somebody read it. A second word on a day replaces the first.

    Raises `Refusal`: `date_in_future`, `before_period`, `dropped` with its KGI.
    """
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kpi.kgi_id)
    if kgi.dropped_at is not None:
        raise Refusal("dropped", _("This was taken out of the plan in the meantime. Bring it back before changing it."))
    refuse_day(kgi, date)
    return record_reading(kpi, date=date, value=value, recorded_by=recorded_by, source=f"{BY_HAND}{date:%Y-%m-%d}")


def record_reading(
    kpi: KPI, *, date: date, value: Decimal, recorded_by: Membership | None, source: str, replaces: str | None = None
) -> KPIReading:
    """Note what a KPI was on a day. The same source is noted once; `replaces` takes the place of a corrected one."""
    if replaces is not None:
        kpi.readings.filter(source=replaces).delete()
    reading, _created = KPIReading.objects.update_or_create(
        kpi=kpi, source=source, defaults={"date": date, "value": value, "recorded_by": recorded_by}
    )
    return reading
