"""What the example company asked itself before it agreed on its plan: three scenarios of its revenue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from dashboards.demo.company import Company
from funnel.services import save_scenario

AIM = "revenue"
BY = "miura"
# By the keys of the tree's levers; one that the tree does not have is left out.
SCENARIOS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "均等に1.316倍",
        "四つのレバーを同じだけ動かす。どれか一つに頼らないが、四つとも人が要る。",
        {"visits": "13160", "lead_rate": "0.02632", "deal_rate": "0.0658", "win_rate": "0.2632"},
    ),
    (
        "訪問を増やさず率で",
        "広告費はそのまま。返事の早さと試飲会で、いま来ている人に契約してもらう。",
        {"lead_rate": "0.023", "deal_rate": "0.064", "win_rate": "0.235"},
    ),
    (
        "景気が悪い年",
        "ホテルの客室が埋まらず、福利厚生の予算が削られる。それでも何が残るか。",
        {"visits": "9000", "win_rate": "0.17", "churn_rate": "0.2", "cross_sell_rate": "0.12"},
    ),
)


def make_scenarios(company: Company) -> None:
    """The three scenarios, written a few days after the plan's first numbers."""
    kgi = company.kgis[AIM]
    keys = set(kgi.kpis.values_list("key", flat=True))
    at = company.planned + timedelta(days=9, hours=5)
    with company.by(BY, at):
        for number, (name, note, told) in enumerate(SCENARIOS):
            values: dict[int | str, Decimal] = {key: Decimal(value) for key, value in told.items() if key in keys}
            scenario = save_scenario(kgi, name=name, note=note, values=values, by=company.people[BY])
            scenario.created_at = at + timedelta(minutes=10 * number)
            scenario.save(update_fields=["created_at"])
