"""Trees to start from: what a KGI is often made of, with example numbers.

A tree of the gallery is data: its goal, its nodes from the goal down as they are read, and when it is the right one.
Volumes are monthly and the goals yearly, so that × 12 stands in the formulas where people can see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MONEY = "money"
"""The unit of a node that is counted in the KGI's."""
MONTH, NO_PERIOD = "month", ""


@dataclass(frozen=True)
class Seed:
    """A node: a formula over others, or a lever with an example of its number (a rate 0–1)."""

    key: str
    name: Promise
    unit: Promise | str = MONEY
    formula: str = ""
    example: str | None = None
    period: str = NO_PERIOD

    @property
    def is_rate(self) -> bool:
        return self.unit == "%"

    @property
    def value(self) -> Decimal | None:
        return None if self.example is None else Decimal(self.example)


@dataclass(frozen=True)
class Seedling:
    """A tree of the gallery; `seeds` begins with its goal."""

    key: str
    name: Promise
    when: Promise
    seeds: tuple[Seed, ...]

    @property
    def goal(self) -> Seed:
        return self.seeds[0]


PEOPLE = pgettext_lazy("unit", "people")
VISITS = pgettext_lazy("unit", "visits")
LEADS = pgettext_lazy("unit", "leads")
DEALS = pgettext_lazy("unit", "deals")
ORDERS = pgettext_lazy("unit", "orders")
INQUIRIES = pgettext_lazy("unit", "inquiries")
ITEMS = pgettext_lazy("unit", "items")
CUSTOMERS = pgettext_lazy("unit", "customers")
MONTHS = pgettext_lazy("unit", "months")
TIMES = pgettext_lazy("unit", "times")

GALLERY = (
    Seedling(
        "b2b-funnel",
        _("B2B funnel"),
        _("When people find you on the web, talk to your sales team and order once."),
        (
            Seed("revenue", _("Yearly revenue"), formula="orders * 12 * unit_price"),
            Seed("orders", _("Orders"), ORDERS, formula="deals * win_rate", period=MONTH),
            Seed("deals", _("Deals"), DEALS, formula="leads * deal_rate", period=MONTH),
            Seed("leads", _("Leads"), LEADS, formula="visits * lead_rate", period=MONTH),
            Seed("visits", _("Site visits"), VISITS, example="10000", period=MONTH),
            Seed("lead_rate", _("Lead rate"), "%", example="0.02"),
            Seed("deal_rate", _("Deal rate"), "%", example="0.05"),
            Seed("win_rate", _("Win rate"), "%", example="0.2"),
            Seed("unit_price", _("Unit price"), example="1200000"),
        ),
    ),
    Seedling(
        "e-commerce",
        _("Online shop"),
        _("When orders come by themselves, and some of the customers come back within the year."),
        (
            Seed("revenue", _("Yearly revenue"), formula="first_orders * 12 * basket * (1 + repeat_rate)"),
            Seed("first_orders", _("First orders"), ORDERS, formula="sessions * cvr", period=MONTH),
            Seed("sessions", _("Sessions"), VISITS, example="40000", period=MONTH),
            Seed("cvr", _("CV rate"), "%", example="0.015"),
            Seed("basket", _("Basket"), example="6000"),
            Seed("repeat_rate", _("Repeat orders per first order"), "%", example="0.25"),
        ),
    ),
    Seedling(
        "subscription",
        _("Subscription with churn and LTV"),
        _("When customers pay every month until they leave: what a year's new customers will bring."),
        (
            Seed("revenue", _("Revenue from a year's new customers"), formula="new_customers * 12 * ltv"),
            Seed("new_customers", _("New customers"), CUSTOMERS, example="20", period=MONTH),
            Seed("ltv", _("LTV of a customer"), formula="monthly_fee * lifetime"),
            Seed("monthly_fee", _("Monthly fee"), example="15000", period=MONTH),
            Seed("lifetime", _("How long a customer stays"), MONTHS, formula="1 / churn"),
            Seed("churn", _("Monthly churn"), "%", example="0.03"),
        ),
    ),
    Seedling(
        "shop",
        _("Shop visits × basket"),
        _("When people walk in: a shop, a café, a showroom."),
        (
            Seed("revenue", _("Yearly revenue"), formula="buyers * 12 * basket"),
            Seed("buyers", _("Buyers"), PEOPLE, formula="shop_visits * buying_rate", period=MONTH),
            Seed("shop_visits", _("Shop visits"), PEOPLE, example="3000", period=MONTH),
            Seed("buying_rate", _("Share of visitors who buy"), "%", example="0.6"),
            Seed("basket", _("Basket"), formula="items * item_price"),
            Seed("items", _("Items per purchase"), ITEMS, example="1.8"),
            Seed("item_price", _("Price of an item"), example="900"),
        ),
    ),
    Seedling(
        "unit-economics",
        _("Unit economics: LTV ÷ CAC"),
        _("When the question is whether a new customer earns back what winning them costs; three times is healthy."),
        (
            Seed("ltv_to_cac", _("LTV ÷ CAC"), TIMES, formula="ltv / cac"),
            Seed("ltv", _("LTV of a customer"), formula="monthly_fee * gross_margin / churn"),
            Seed("monthly_fee", _("Monthly fee"), example="15000", period=MONTH),
            Seed("gross_margin", _("Gross margin"), "%", example="0.7"),
            Seed("churn", _("Monthly churn"), "%", example="0.03"),
            Seed("cac", _("CAC, the cost of winning a customer"), formula="(ad_spend + sales_cost) / new_customers"),
            Seed("ad_spend", _("Advertising"), example="1500000", period=MONTH),
            Seed("sales_cost", _("Cost of the sales team"), example="1000000", period=MONTH),
            Seed("new_customers", _("New customers"), CUSTOMERS, example="20", period=MONTH),
        ),
    ),
    Seedling(
        "inquiries",
        _("¥100M a year by inquiries"),
        _("When 100 inquiries a month are to carry a hundred million yen a year."),
        (
            Seed("revenue", _("Yearly revenue"), formula="orders * 12 * unit_price"),
            Seed("orders", _("Orders"), ORDERS, formula="inquiries * deal_rate * win_rate", period=MONTH),
            Seed("inquiries", _("Inquiries"), INQUIRIES, example="100", period=MONTH),
            Seed("deal_rate", _("Deal rate"), "%", example="0.35"),
            Seed("win_rate", _("Win rate"), "%", example="0.2"),
            Seed("unit_price", _("Unit price"), example="1200000"),
        ),
    ),
)
SEEDLINGS = {seedling.key: seedling for seedling in GALLERY}
