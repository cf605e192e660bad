"""The chain of the funnel, and writing a plan into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import KGI, KPI, Funnel, FunnelNumber
from funnel.services.changes import COLUMNS, note_changes, values_of
from funnel.services.channels import ChannelChange, ChannelPlan, hold_teams
from people import live
from people.models import Membership
from people.refusals import Refusal, stale


@dataclass(frozen=True)
class Link:
    """One KPI of the funnel's chain: a lever, or a formula over the links below it."""

    key: str
    name: Promise
    unit: Promise | str = ""
    is_rate: bool = False
    formula: str = ""
    period: str = ""


CHAIN = (
    Link("revenue", gettext_lazy("Revenue"), formula="orders * unit_price"),
    Link("unit_price", gettext_lazy("Unit price")),
    Link("orders", gettext_lazy("Orders"), unit=pgettext_lazy("unit", "orders"), formula="deals * win_rate"),
    Link("win_rate", gettext_lazy("Win rate"), unit="%", is_rate=True),
    Link("deals", gettext_lazy("Deals"), unit=pgettext_lazy("unit", "deals"), formula="cvs * deal_rate"),
    Link("deal_rate", gettext_lazy("Deal rate"), unit="%", is_rate=True),
    Link("cvs", gettext_lazy("CVs"), unit=pgettext_lazy("unit", "CVs"), formula="visits * cv_rate"),
    Link("cv_rate", gettext_lazy("CV rate"), unit="%", is_rate=True),
    Link("visits", gettext_lazy("Visits"), unit=pgettext_lazy("unit", "visits"), period="whole"),
)
LINKS = {link.key: link for link in CHAIN}
ROOT = CHAIN[0]


@dataclass(frozen=True)
class FunnelPlan:
    """What is saved as a KGI's funnel. `numbers` holds, under the six numbers' names, the columns of `COLUMNS`:
    revenue and price in the KGI's unit, rates 0–1; the number to find among them as it was found, None for a column
    that is not planned. Last year's values and the industry's averages stand under the same names.

    What is None as a whole stays as it is; `monthly_weights` of () are even ones.
    """

    unknown: str
    numbers: Mapping[str, Mapping[str, Decimal | None]]
    target_companies: int | None = None
    target_contacts: int | None = None
    lead_times: Mapping[str, int] = field(default_factory=dict)
    last_year: Mapping[str, Decimal | None] | None = None
    reference: Mapping[str, Decimal | None] | None = None
    reference_source: Mapping[str, str] | None = None
    monthly_weights: Sequence[Decimal] | None = None
    channels: Sequence[ChannelPlan] | None = None


@transaction.atomic
def save_funnel(
    kgi: KGI,
    plan: FunnelPlan,
    *,
    expected_version: int | None = None,
    expected_kgi_version: int | None = None,
    by: Membership | None = None,
    reason: str = "",
) -> Funnel:
    """Write a plan as the KGI's funnel and its KPIs, and the revenue it aims at as the KGI's own values.

    The revenue of a plan that looks for it is an outcome and leaves the KGI as it is. A KPI that exists keeps its
    name, unit and formula: a tree built by hand is not overwritten; but a goal that stands alone becomes the
    revenue, and keeps its name, its owner and its readings. Saving the same plan again changes nothing.
    A number that stood and changes is kept with `by` whom and for what `reason`. `expected_version` is the funnel's, 0
    for a KGI without one; `expected_kgi_version` counts where the plan would write the KGI. Raises `Refusal` `stale`,
    `has_tree` for a KGI with a tree that is not its funnel's, and for channels what `save_channels` does.
    """
    hold_teams(kgi, plan.channels or ())
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    if kgi.has_own_tree:
        raise Refusal("has_tree", _("The numbers of this KGI belong to its KPI tree: write them there."))
    funnel = Funnel.objects.filter(kgi=kgi).first() or Funnel(kgi=kgi, version=0)
    existing = {kpi.key: kpi for kpi in kgi.kpis.standing()}
    lone_goal = next((kpi for kpi in existing.values() if kpi.is_goal and funnel._state.adding), None)

    rows: list[tuple[Any, dict[str, Any]]] = [(funnel, _funnel_values(plan)), (kgi, _kgi_values(plan))]
    for position, link in enumerate(CHAIN):
        if link is ROOT and lone_goal is not None:
            rows.append((lone_goal, {"key": link.key, "formula": link.formula, "is_rate": link.is_rate}))
            continue
        kpi = existing.get(link.key) or KPI(
            kgi=kgi,
            key=link.key,
            name=str(link.name),
            unit=str(link.unit) or kgi.unit,
            is_rate=link.is_rate,
            formula=link.formula,
            period=link.period,
            is_goal=link is ROOT,
            position=position,
            version=0,
        )
        rows.append((kpi, _lever_values(plan, link) if kpi.is_lever else {}))

    changed = [(row, values) for row, values in rows if row.pk is None or _differs(row, values)]
    channels = None if plan.channels is None else ChannelChange.of(funnel, plan.channels)
    if not changed and not channels:
        return funnel
    if expected_version is not None and funnel.version != expected_version:
        raise stale()
    writes_kgi = any(row is kgi for row, _values in changed)
    if writes_kgi and expected_kgi_version is not None and kgi.version != expected_kgi_version:
        raise stale()
    live.moved(kgi.organization_id)
    if not any(row is funnel for row, _values in changed):
        changed.insert(0, (funnel, {}))
    for row, values in changed:
        before = {} if isinstance(row, Funnel) or row.pk is None else values_of(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        if not isinstance(row, Funnel):
            note_changes(row, before, by=by, reason=reason)
    if channels:
        channels.write()
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


def _kgi_values(plan: FunnelPlan) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if plan.unknown != FunnelNumber.REVENUE:
        values = {f"{column}_value": plan.numbers["revenue"].get(column) for column in COLUMNS}
    if plan.last_year is not None:
        values["last_year_value"] = plan.last_year.get(ROOT.key)
    if plan.reference is not None:
        values["reference_value"] = plan.reference.get(ROOT.key)
    if plan.reference_source is not None:
        values["reference_source"] = plan.reference_source.get(ROOT.key, "")
    if plan.monthly_weights is not None:
        values["monthly_weights"] = list(plan.monthly_weights) or None
    return values


def _lever_values(plan: FunnelPlan, link: Link) -> dict[str, Any]:
    if link.key not in plan.numbers:
        return {}
    values: dict[str, Any] = {column: plan.numbers[link.key].get(column) for column in COLUMNS}
    beside = {"last_year": plan.last_year, "reference": plan.reference}
    values |= {name: given.get(link.key) for name, given in beside.items() if given is not None}
    if plan.reference_source is not None:
        values["reference_source"] = plan.reference_source.get(link.key, "")
    return values


def _differs(row: Any, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())
