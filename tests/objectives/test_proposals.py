"""What the nodes of any KPI tree become as key results of a cycle."""

import gzip
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from funnel.models import KPI
from objectives.models import Cycle, KeyResult, Kind, MeasureType, Objective
from objectives.services import change_state, record_check_in
from tests.funnel.plans import make_kgi, plan_funnel
from tests.objectives.test_make_key_results import NOW, make, proposed, url
from tests.objectives.trees import node, plan_tree

pytestmark = pytest.mark.django_db


def proposals(client, cast, kgi, query=""):
    answer = client.get(url(cast, kgi, query))
    assert answer.status_code == 200
    return {key: row.proposal for key, row in proposed(answer).items()}


def test_volumes_become_the_cycles_and_rates_are_said_in_per_cent(cast, sign_in):
    rows = proposals(sign_in(cast.manager), cast, plan_tree(cast))
    assert list(rows) == ["revenue", "orders", "visits", "lead_rate", "deal_rate", "win_rate", "price", "churn"]
    visits, rate, churn, orders, revenue = (rows[key] for key in ("visits", "win_rate", "churn", "orders", "revenue"))
    assert (visits.kind, visits.start, visits.must_hit, visits.target) == (Kind.CUMULATIVE, 0, 60_000, 150_000)
    assert (visits.unit, visits.period, visits.whole_period) == ("件", "month", 50_000)
    assert (rate.kind, rate.unit, rate.start, rate.target) == (Kind.REACH, "%", 20, 35)
    assert (churn.kind, churn.start, churn.target) == (Kind.REACH, 15, 5)
    # 131.25 orders a month are 393.75 in three months, and one cannot sell three quarters of an order.
    assert (orders.kind, orders.target, orders.period) == (Kind.CUMULATIVE, 394, "month")
    # The KGI aims at what it says itself, not at what all levers together would make of it.
    assert (revenue.kind, revenue.period, revenue.target) == (Kind.CUMULATIVE, "whole", 16_500_000)
    assert rows["price"].obstacle == ""
    assert rows["price"].target is None
    assert {key for key, row in rows.items() if row.measure_type == MeasureType.PROCESS} == {"visits"}


@pytest.mark.parametrize(
    ("period", "unit", "numbers", "expected"),
    [
        ("week", "件", (10, 20), (Kind.CUMULATIVE, 0, 260)),  # thirteen weeks
        ("quarter", "件", (10, 20), (Kind.CUMULATIVE, 0, 20)),
        ("year", "件", (10, 21), (Kind.CUMULATIVE, 0, 6)),
        ("year", "億円", ("1.2", "2.5"), (Kind.CUMULATIVE, 0, Decimal("0.63"))),
        ("month", "件", (120, 80), (Kind.REACH, 120, 80)),  # a sum cannot fall: what a month brings can
        ("year", "件", (120, 60), (Kind.REACH, 10, 5)),
        ("week", "件", (12, 6), (Kind.REACH, 12, 6)),
        ("", "円", ("999.5", "1200"), (Kind.REACH, Decimal("999.5"), 1200)),
    ],
)
def test_each_period_comes_down_to_the_cycle(cast, sign_in, period, unit, numbers, expected):
    kgi = make_kgi(cast)
    node(kgi, "goal", "目標", formula="lever * 2", is_goal=True)
    node(kgi, "lever", "レバー", *numbers, unit=unit, period=period)
    row = proposals(sign_in(cast.manager), cast, kgi)["lever"]
    assert (row.kind, row.start, row.target) == expected


def test_seasonal_months_weigh_and_can_still_be_edited(cast, sign_in):
    Cycle.objects.filter(pk=cast.cycle.pk).update(start=date(2026, 4, 1), end=date(2026, 6, 30))
    kgi = plan_tree(cast, monthly_weights=[2 if month in (4, 5, 6) else 1 for month in range(1, 13)])
    client = sign_in(cast.manager, language="en")
    answer = client.get(url(cast, kgi))
    assert answer.context["divide"]["cycle_months"].value() == "4.8"
    assert "count as they weigh" in answer.text
    assert proposed(answer)["visits"].proposal.target == 240_000
    assert proposals(client, cast, kgi, "?cycle_months=3&period_months=12")["visits"].target == 150_000


def test_what_is_missing_is_said_and_measured_first(cast, sign_in):
    kgi = make_kgi(cast)
    node(kgi, "goal", "目標", unit="円", formula="between * 2", is_goal=True)
    node(kgi, "between", "途中の数", formula="known * unknown * nothing")
    node(kgi, "known", "わかる数", 10, unit="円")
    node(kgi, "unknown", "測っていない率", None, "0.3", is_rate=True)
    node(kgi, "nothing", "何もない数", unit="円")
    client = sign_in(cast.manager, language="en")
    rows = proposals(client, cast, kgi)
    assert {key: row.missing for key, row in rows.items() if not row.obstacle} == {
        "goal": "Where it stands today is not known yet: measure first.",
        "known": "No target is set yet: type the one for this cycle.",
        "unknown": "Where it stands today is not known yet: measure first.",
        "nothing": "Neither baseline nor target is known yet: measure first, then set the target.",
    }
    assert "“測っていない率” has no value yet." in rows["between"].obstacle
    kgi.current_value = Decimal(40_000_000)
    kgi.save()
    assert (proposals(client, cast, kgi)["goal"].start, rows["goal"].target) == (40_000_000, 100_000_000)
    assert make(client, cast, kgi, "unknown", **{"unknown-measure_first": "on"}).status_code == 302
    made = KeyResult.objects.get()
    assert (made.measure_first, made.start_value, made.target_value) == (True, None, 30)


def test_owner_source_and_definition_come_from_the_lever(cast, sign_in):
    kgi = plan_tree(cast)
    KPI.objects.filter(kgi=kgi, key="win_rate").update(
        owner=cast.colleague, source="CRM", definition="受注 ÷ 提案", current=Decimal("0.2")
    )
    KPI.objects.filter(kgi=kgi, key="churn").update(owner=cast.partner)
    client = sign_in(cast.manager)
    rows = proposed(client.get(url(cast, kgi)))
    assert rows["win_rate"]["measured_how"].value() == "CRM：受注 ÷ 提案"
    assert rows["orders"]["measured_how"].value() == "訪問 × リード化率 × 商談化率 × 受注率"
    assert rows["win_rate"]["owner"].value() == cast.colleague.pk
    assert rows["churn"]["owner"].value() == cast.manager.pk
    make(client, cast, kgi, "win_rate")
    assert KeyResult.objects.get().owner == cast.colleague


def test_what_was_made_stays_tied_and_its_check_ins_become_readings(cast, sign_in):
    kgi, client = plan_tree(cast), sign_in(cast.manager, language="en")
    answer = client.post(url(cast, kgi), {})
    assert answer.status_code == 422
    made = make(client, cast, kgi, "visits", "churn")
    assert made.status_code == 302
    assert "come from the KPI tree" in client.get(made.url).text
    change_state(Objective.objects.get(), to="active", by=cast.manager)
    record_check_in(KeyResult.objects.get(kpi__key="churn"), author=cast.member, value=Decimal(9))
    record_check_in(KeyResult.objects.get(kpi__key="visits"), author=cast.member, value=Decimal(4_000))
    assert kgi.kpis.get(key="churn").readings.get().value == Decimal("0.09")
    assert kgi.kpis.get(key="visits").readings.get().value == 4_000
    assert "Already a key result of" in client.get(url(cast, kgi)).text


def test_the_levers_worth_most_are_ticked_and_say_what_they_are_worth(cast, sign_in):
    answer = sign_in(cast.manager, language="en").get(url(cast, plan_tree(cast)))
    rows = proposed(answer)
    assert {key for key, row in rows.items() if row.is_picked} == {"visits", "lead_rate", "deal_rate"}
    assert rows["visits"].proposal.worth.target == pytest.approx(4 * 20_400_000)
    assert 'If it succeeds: 年間売上 <span class="num">+¥81.6M</span>' in answer.text
    asked = sign_in(cast.manager).get(url(cast, KPI.objects.get(key="churn").kgi, "?lever=churn&lever=price"))
    assert {key for key, row in proposed(asked).items() if row.is_picked} == {"churn", "price"}


def test_a_node_beside_the_funnel_stands_after_its_stages(cast, sign_in):
    kgi = make_kgi(cast)
    plan_funnel(kgi, **NOW)
    kgi.kpis.filter(key="visits").update(formula="ads * 2")
    node(kgi, "ads", "広告経由の訪問", 100_000, 240_000, unit="件", period="whole")
    rows = proposals(sign_in(cast.manager), cast, kgi)
    assert list(rows)[-1] == "ads"
    assert (rows["ads"].kind, rows["ads"].target) == (Kind.CUMULATIVE, 60_000)
    assert rows["deals"].target == 105


def test_a_tree_that_goes_round_in_a_circle_offers_nothing(cast, sign_in):
    kgi = make_kgi(cast)
    node(kgi, "goal", "目標", formula="other + 1", is_goal=True)
    node(kgi, "other", "循環", formula="goal + 1")
    answer = sign_in(cast.manager, language="en").get(url(cast, kgi))
    assert "There is no funnel and no KPI tree yet." in answer.text


def test_of_a_large_tree_most_levers_are_only_named_until_they_are_asked_for(cast, sign_in):
    kgi = make_kgi(cast)
    node(kgi, "goal", "目標", formula=" + ".join(f"lever{number}" for number in range(120)), is_goal=True)
    KPI.objects.bulk_create(
        KPI(kgi=kgi, key=f"lever{number}", name=f"レバー{number}", current=1, challenge=2, position=number + 1)
        for number in range(120)
    )
    client = sign_in(cast.manager)
    answer = client.get(url(cast, kgi, "?lever=lever119"))
    assert len(answer.context["rows"]) == 41
    assert len(answer.context["others"]) == 80
    assert len(gzip.compress(answer.content)) < 60_000
    assert make(client, cast, kgi, "lever3").status_code == 302


def test_the_tree_and_each_of_its_nodes_lead_here(cast, sign_in):
    kgi, client = plan_tree(cast), sign_in(cast.member)
    beside = node(kgi, "apart", "別の数", 1, 2)
    assert url(cast, kgi) in client.get(reverse("kpi_tree", args=["hokuto", kgi.pk])).text
    price = kgi.kpis.get(key="price")
    assert url(cast, kgi, "?lever=price") in client.get(reverse("kpi", args=["hokuto", kgi.pk, price.pk])).text
    assert url(cast, kgi) not in client.get(reverse("kpi", args=["hokuto", kgi.pk, beside.pk])).text
