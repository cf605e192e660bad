"""What the levers of the example company were, month by month since its fiscal year began."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from dashboards.demo.company import Company
from dashboards.demo.story import Number
from funnel.formulas.actuals import month_of, next_month
from funnel.models import KPIReading, ReadingSpan
from funnel.services import source_by_hand
from objectives.formulas.calendar import fiscal_year

# Where the KGIs stood at the ends of the months of their year: sales of the twelve months behind them, as their targets
# are. They close in on must-hit; whether they get there is open on any day.
STOOD: dict[str, tuple[int, ...]] = {
    "revenue/revenue": tuple(
        million * 1_000_000 for million in (309, 320, 332, 347, 359, 373, 386, 401, 415, 430, 443, 455)
    ),
    "corporate/revenue": tuple(
        million * 100_000 for million in (495, 510, 529, 548, 566, 583, 604, 626, 645, 668, 687, 709)
    ),
}
# The last whole month first, as many as a year has.
MONTHS: dict[str, tuple[Number, ...]] = {
    "revenue/visits": (10_860, 10_640, 10_410, 10_060, 10_090, 9_930, 10_150, 9_800, 9_920, 9_840, 9_910),
    "revenue/lead_rate": ("0.0219", "0.0216", "0.0211", "0.0212", "0.0206", "0.0211", "0.0208", "0.0204", "0.0203"),
    "revenue/deal_rate": ("0.062", "0.0604", "0.0598", "0.0581", "0.0566", "0.0563", "0.0551", "0.054", "0.0535"),
    "revenue/win_rate": ("0.205", "0.194", "0.208", "0.197", "0.201", "0.193", "0.199", "0.202", "0.2"),
    "revenue/contract_years": (1, 1, 1, 1, 1, 1, 1, 1, 1),
    "revenue/cross_sell_rate": ("0.17", "0.168", "0.212", "0.166", "0.163", "0.161", "0.158", "0.155", "0.152"),
    "revenue/churn_rate": ("0.14", "0.142", "0.139", "0.144", "0.143", "0.147", "0.146", "0.149", "0.15"),
    "revenue/base_price": (10_746_000,) * 11,
    "revenue/premium_share": ("0.22", "0.224", "0.219", "0.221", "0.215", "0.212", "0.208", "0.203", "0.201"),
    "revenue/option_share": ("0.33", "0.337", "0.401", "0.332", "0.326", "0.321", "0.315", "0.308", "0.302"),
    "corporate/visits": (7_860, 7_720, 6_930, 7_430, 7_280, 7_300, 7_390, 7_210, 7_300, 7_190, 7_240),
    "corporate/cv_rate": ("0.0093", "0.0089", "0.0078", "0.0084", "0.0081", "0.0081", "0.0082", "0.008", "0.008"),
    "corporate/deal_rate": ("0.33", "0.325", "0.31", "0.305", "0.3", "0.298", "0.301", "0.295", "0.297"),
    "corporate/unit_price": (1_180_000, 1_190_000, 1_200_000, 1_210_000, 1_200_000, 1_195_000, 1_205_000, 1_200_000),
}
CLOSED_AFTER = timedelta(days=3)


def write_readings(company: Company) -> None:
    """The months of the fiscal year that are over, each written by the KGI's owner when it was closed."""
    organization, today = company.organization, company.days.today
    year = fiscal_year(today, organization.fiscal_year_start)
    owners = {aim.key: aim.owner for aim in company.tale.aims}
    for place, values in company.tale.months.items():
        kpi = company.kpis.get(place)
        if kpi is None:
            continue
        owner = owners[place.partition("/")[0]]
        for ago, value in enumerate(values, start=1):
            first = next_month(month_of(today), -ago)
            if first >= year.start:
                write_month(company, place, owner, first, Decimal(str(value)))
    for place, values in company.tale.stood.items():
        for later, stood in enumerate(values):
            first = next_month(year.start, later)
            if next_month(first) <= today:
                write_month(company, place, owners[place.partition("/")[0]], first, Decimal(stood))


def write_month(company: Company, place: str, owner: str, first: date, value: Decimal) -> None:
    """One month of a lever; of a KGI, where it stood on the month's last day."""
    kpi = company.kpis[place]
    last = next_month(first) - timedelta(days=1)
    span = ReadingSpan.DAY if kpi.is_goal else ReadingSpan.MONTH
    with company.by(owner, company.at(company.past(last + CLOSED_AFTER), "09:50")):
        KPIReading.objects.update_or_create(
            kpi=kpi,
            source=source_by_hand(span, last),
            defaults={"date": last, "span": span, "value": value, "recorded_by": company.people[owner]},
        )
