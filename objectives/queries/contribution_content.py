"""What a contribution report says, as it is kept: numbers and names of the moment, nothing to be looked up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import fsum
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override, pgettext

from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KPI, PartnerRoom
from funnel.presenters.names import name_of
from objectives.queries.contributions import Link, MonthBrought, Work, check_ins_in, done_in, money_of
from people.services.units import unit_of_money

Content = dict[str, Any]


@dataclass(frozen=True)
class MonthsBrought:
    """All months of a partner's work on a KGI, the first one first."""

    work: Work
    rows: Sequence[MonthBrought]

    def of(self, month: date) -> MonthBrought | None:
        return next((row for row in self.rows if row.month == month), None)

    def until(self, month: date) -> list[MonthBrought]:
        return [row for row in self.rows if row.month <= month]


def all_months(work: Work) -> MonthsBrought:
    """What each month brought. No query. Raises TreeRefused where the tree is calculated in no month."""

    def brought(month: date) -> MonthBrought:
        try:
            return work.brought(month)
        except TreeRefused as refused:
            # A lever that was read as 0 in one month must not keep all others from being told.
            return replace(work.brought(month, read={}), refused=refused)

    return MonthsBrought(work, [brought(month) for month in work.months])


def content_of(months: MonthsBrought, month: date, room: PartnerRoom | None) -> Content:
    """Everything a report of that month says, but for people's names, which can be forgotten. Two queries.

    Raises TreeRefused, ValueError for a month that is none of theirs.
    """
    work, row = months.work, months.of(month)
    if row is None:
        raise ValueError("No lever was in their hands in this month.")
    if row.refused is not None:
        raise row.refused
    organization = work.partner.organization
    found: Content = {
        "organization": organization.name,
        "kgi": {"name": work.kgi.name, "unit": work.kgi.unit},
        "month": month.isoformat(),
        "is_monthly": row.share != 1.0,
        "has_season": bool(work.kgi.monthly_weights),
        "method": row.brought.method,
        **moved(row.brought, row.share),
        "levers": levers_told(work, row),
        "chain": [chained(link) for link in work.chain(month)],
        "months": [
            {"month": each.month.isoformat(), "own": each.own, "read": each.read, "held": each.held}
            for each in months.until(month)
        ],
        "agreement": room.agreement if room is not None else "",
        "check_ins": check_ins_in(work.partner, month),
        "actions": [
            {
                "title": action.title,
                "day": action.closed_on.isoformat() if action.closed_on else "",
                "deals": action.deals,
                "orders": action.orders,
                "revenue": None if action.revenue is None else float(action.revenue),
            }
            for action in done_in(work.partner, month)
        ],
        "currency": unit_of_money(organization.currency),
    }
    own = [each["own"] for each in found["months"]]
    found |= {"total": fsum(own), "profit": profit_of(work, room, own)}
    try:
        return plain(found)
    except ValueError as beyond:
        raise TreeRefused("not_finite", work.kgi.name) from beyond


def profit_of(work: Work, room: PartnerRoom | None, own: Sequence[float]) -> Content | None:
    """Gross profit brought, the fee, what is left and what a yen of the fee brought, of the month, which is the last of
    `own`; and the gross profit of all months. None where no margin is agreed or the KGI is no money of ours.
    """
    money = money_of(work.kgi, room)
    if money is None or not own:
        return None
    yen = money["factor"] * money["margin"]
    fee = money["fee"]
    gross, gross_total = own[-1] * yen, fsum(own) * yen
    return {
        "unit": money["unit"],
        "margin": money["margin"],
        "fee": fee,
        "gross": gross,
        "net": None if fee is None else gross - fee,
        "per_fee": gross / fee if fee else None,
        "gross_total": gross_total,
    }


def moved(brought: Any, share: float) -> Content:
    """A number at the start, in the month, and by whom it moved, brought down to the month."""
    names = ("start", "end", "gap", "own", "others")
    return {name: getattr(brought, name) * share for name in names}


def chained(link: Link) -> Content:
    kpi = link.kpi
    return {"names": names_of(kpi), "unit": kpi.unit, "is_goal": kpi.is_goal, **moved(link.brought, link.share)}


def levers_told(work: Work, row: MonthBrought) -> list[Content]:
    """The partner's levers of a month. `start` and `end` are in the lever's own number, `value` and `own` what it moved
    the KGI by in the month and what of it counts as theirs. One that was not read has no `end`.
    """
    parts = {part.key: part for part in row.brought.parts}
    read = work.read_in(row.month)
    found = []
    for lever in work.held_in(row.month):
        kpi, part = lever.kpi, parts.get(lever.kpi.key)
        amount = work.book.by_key[kpi.key].months.get(row.month) if kpi.key in work.book.by_key else None
        found.append(
            {
                "names": names_of(kpi),
                "unit": kpi.unit,
                "is_rate": kpi.is_rate,
                "period": kpi.period,
                "portion": float(lever.portion),
                "began_on": lever.began_on.isoformat(),
                "ended_on": lever.ended_on.isoformat() if lever.ended_on else "",
                "start": float(lever.start_value),
                "end": read.get(kpi.key),
                # Of a volume that is counted over more than a month also what came in.
                "came_in": float(amount) if amount is not None and kpi.period not in ("", "month") else None,
                "leads_on": part is not None,
                "value": part.value * row.share if part is not None else 0.0,
                "own": part.own * row.share if part is not None else 0.0,
            }
        )
    return found


def names_of(kpi: KPI) -> dict[str, str]:
    """A KPI's name under "", and under the languages in which it is called otherwise."""
    names = {"": kpi.name}
    for language, _name in settings.LANGUAGES:
        with override(language):
            called = name_of(kpi)
        if called != kpi.name:
            names[language] = called
    return names


def month_word(month: date) -> str:
    return date_format(month, pgettext("format of a month with its year", "M Y"))


def plain(content: Content) -> Content:
    """As it comes back from the database, so that what was kept and what is found now can be compared."""
    said: Content = json.loads(json.dumps(content, allow_nan=False))
    return said


def digest(content: Mapping[str, Any]) -> str:
    """A short sign of what a report says: what somebody saw is what they hand over."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
