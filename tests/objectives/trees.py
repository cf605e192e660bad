"""The KPI tree of the product's domain notes 4 as rows: what tests of levers and key results plan with."""

from decimal import Decimal
from typing import Any

from funnel.models import KGI, KPI
from tests.funnel.plans import make_kgi

PRICE = 1_000_000


def plan_tree(cast, **fields: Any) -> KGI:
    """A yearly revenue of 2 orders a month at ¥1M, with retention beside the funnel.

    revenue = orders × 12 × price × (1 − churn); orders = visits × lead rate × deal rate × win rate.
    """
    kgi = make_kgi(cast, challenge_value=Decimal(66_000_000), **fields)
    node(kgi, "revenue", "年間売上", unit="円", formula="orders * 12 * price * (1 - churn)", is_goal=True)
    node(kgi, "orders", "受注", unit="件", formula="visits * lead_rate * deal_rate * win_rate")
    node(kgi, "visits", "訪問", 10_000, 50_000, unit="件", period="month", must_hit=Decimal(20_000))
    node(kgi, "lead_rate", "リード化率", "0.02", "0.05", is_rate=True)
    node(kgi, "deal_rate", "商談化率", "0.05", "0.15", is_rate=True)
    node(kgi, "win_rate", "受注率", "0.2", "0.35", is_rate=True)
    node(kgi, "price", "平均単価", PRICE, unit="円")
    node(kgi, "churn", "解約率", "0.15", "0.05", is_rate=True)
    return kgi


def node(kgi: KGI, key: str, name: str, current: Any = None, challenge: Any = None, **fields: Any) -> KPI:
    numbers = {
        column: None if value is None else Decimal(value)
        for column, value in (("current", current), ("challenge", challenge))
    }
    return KPI.objects.create(kgi=kgi, key=key, name=name, position=kgi.kpis.count(), **numbers, **fields)
