"""A KGI of the cast with the KPI tree of the worked example: ¥300M → ¥900M, nine levers in three branches."""

from decimal import Decimal
from typing import Any

from funnel.models import KGI, KPI
from tests.funnel.plans import make_kgi

# Of each lever: name, unit, period, and its numbers now, must-hit and challenge; a unit of % is a rate.
LEVERS: dict[str, tuple[str, str, str, str, str, str]] = {
    "visits": ("サイト訪問", "回", "month", "10000", "12000", "50000"),
    "lead_rate": ("リード率", "%", "", "0.02", "0.022", "0.05"),
    "deal_rate": ("商談化率", "%", "", "0.05", "0.055", "0.15"),
    "win_rate": ("受注率", "%", "", "0.2", "0.22", "0.35"),
    "contract_term": ("契約期間", "年", "", "1", "1.1", "3"),
    "cross_sell": ("クロスセル率", "%", "", "0.15", "0.17", "0.4"),
    "churn": ("解約率", "%", "", "0.15", "0.14", "0.05"),
    "upper_plan": ("上位プラン率", "%", "", "0.2", "0.22", "0.5"),
    "options": ("オプション率", "%", "", "0.3", "0.33", "0.6"),
}
# The price is such that the tree makes ¥300M today: 2 orders a month × 12 × 1.15 × 0.85 × 1.5 × base.
BASE = Decimal(300_000_000) / (24 * Decimal("1.15") * Decimal("0.85") * Decimal("1.5"))
FORMULAS = {
    "revenue": ("年間売上", "円", "orders * 12 * ltv * price"),
    "orders": ("新規の受注", "件", "visits * lead_rate * deal_rate * win_rate"),
    "ltv": ("既存のお客さまのLTV", "", "contract_term * (1 + cross_sell) * (1 - churn)"),
    "price": ("平均単価", "円", f"{BASE:.6f} * (1 + upper_plan + options)"),
}


def plant(kgi: KGI, formulas: dict[str, tuple[str, ...]], levers: dict[str, tuple[str, ...]], **fields: Any) -> KGI:
    """Give a KGI a tree; `fields` are more columns of single levers by their keys."""
    rows = [
        KPI(kgi=kgi, key=key, name=name, unit=unit, formula=formula, position=at, is_goal=not at)
        for at, (key, (name, unit, formula)) in enumerate(formulas.items())
    ]
    for at, (key, (name, unit, period, now, must_hit, challenge)) in enumerate(levers.items(), len(rows)):
        numbers = {"current": now, "must_hit": must_hit, "challenge": challenge}
        more = {column: Decimal(value) for column, value in numbers.items() if value}
        more |= fields.get(key, {})
        rate = unit == "%"
        rows.append(KPI(kgi=kgi, key=key, name=name, unit=unit, is_rate=rate, period=period, position=at, **more))
    KPI.objects.bulk_create(rows)
    return kgi


def plant_example(cast, **fields: Any) -> KGI:
    """The worked example on a KGI of ¥300M now, ¥450M must-hit and ¥900M challenge."""
    targets = {"current_value": 300_000_000, "must_hit_value": 450_000_000, "challenge_value": 900_000_000}
    kgi = make_kgi(cast, **{name: Decimal(value) for name, value in targets.items()})
    return plant(kgi, FORMULAS, LEVERS, **fields)


def plant_orders(cast, **fields: Any) -> KGI:
    """Only the four levers of new orders; the KGI is orders a month, 2 now and 6 as the challenge."""
    kgi = make_kgi(
        cast,
        name="月間受注",
        unit="件",
        current_value=Decimal(2),
        must_hit_value=Decimal(3),
        challenge_value=Decimal(6),
    )
    levers = {key: LEVERS[key] for key in ("visits", "lead_rate", "deal_rate", "win_rate")}
    formulas = {"orders": ("月間受注", "件", "visits * lead_rate * deal_rate * win_rate")}
    return plant(kgi, formulas, levers, **fields)
