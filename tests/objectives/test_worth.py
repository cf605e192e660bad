"""What a key result is worth in the KGI's unit if it succeeds, against the product of the tree's levers."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KPI
from objectives.models import Cycle, Kind, ObjectiveShare
from objectives.queries.worth import worth_together, worths_of
from tests import asking
from tests.funnel.plans import make_kgi, share
from tests.objectives.trees import PRICE, node, plan_tree
from tests.reading import whole

pytestmark = pytest.mark.django_db

NOW = 2 * 12 * PRICE * 0.85


def tied(cast, objective, kgi, key, **fields):
    return cast.key_result(objective, kpi=kgi.kpis.get(key=key), **fields)


def worth(cast, key_result, by=None):
    return worths_of([key_result], by or cast.member).get(key_result.pk)


@pytest.mark.parametrize(
    ("key", "fields", "target", "must_hit"),
    [
        # a rate, said in per cent
        ("win_rate", {"unit": "%", "start_value": 20, "target_value": 35, "must_hit_value": 25}, 0.75, 0.25),
        # what is lost falls: 85 of 100 stay, then 95
        ("churn", {"unit": "%", "start_value": 15, "target_value": 5}, 95 / 85 - 1, None),
        # a volume of the cycle: 150,000 visits in three months are 50,000 a month, five times today's
        ("visits", {"kind": Kind.CUMULATIVE, "target_value": 150_000, "must_hit_value": 60_000}, 4, 1),
        # the same as what a month brings, and as a quota of a week
        ("visits", {"start_value": 10_000, "target_value": 50_000}, 4, None),
        (
            "visits",
            {"kind": Kind.QUOTA, "quota": 3_000 * 12 // 13, "period": "week"},
            3_000 * 12 // 13 * 13 / 30_000 - 1,
            None,
        ),
        # a formula in the middle, added up and as what it is now
        ("orders", {"kind": Kind.CUMULATIVE, "target_value": 18}, 2, None),
        ("orders", {"start_value": 2, "target_value": 4}, 1, None),
        # a price, seen from its baseline and not from today
        ("price", {"unit": "円", "start_value": PRICE // 2, "target_value": PRICE * 2}, 1.5, None),
        # the KGI itself: a quarter's 15 of 60 million a year
        ("revenue", {"kind": Kind.CUMULATIVE, "target_value": 15_000_000}, 60_000_000 / NOW - 1, None),
    ],
)
def test_it_is_what_the_goal_gains_when_the_lever_alone_is_reached(cast, key, fields, target, must_hit):
    fields = {name: Decimal(value) if isinstance(value, int) else value for name, value in fields.items()}
    found = worth(cast, tied(cast, cast.objective(), plan_tree(cast), key, **fields))
    assert found.target == pytest.approx(NOW * target)
    assert found.must_hit == (None if must_hit is None else pytest.approx(NOW * must_hit))


def test_volumes_come_back_from_the_cycle_by_the_months_weights(cast):
    kgi = plan_tree(cast, monthly_weights=[2 if month in (4, 5, 6) else 1 for month in range(1, 13)])
    # April to June weigh 6 of 15, so the cycle holds 4.8 of twelve months.
    Cycle.objects.filter(pk=cast.cycle.pk).update(start=date(2026, 4, 1), end=date(2026, 6, 30))
    key_result = tied(cast, cast.objective(), kgi, "visits", kind=Kind.CUMULATIVE, target_value=Decimal(96_000))
    assert worth(cast, key_result).target == pytest.approx(NOW)


@pytest.mark.parametrize("kind", [Kind.KEEP, Kind.COVERAGE, Kind.MILESTONE])
def test_what_moves_no_lever_has_no_worth(cast, kind):
    fields = {Kind.KEEP: {"limit": "min", "target_value": Decimal(20)}, Kind.COVERAGE: {"population": Decimal(50)}}
    key_result = tied(cast, cast.objective(), plan_tree(cast), "win_rate", kind=kind, unit="%", **fields.get(kind, {}))
    assert worth(cast, key_result) is None


def test_a_tree_that_cannot_be_calculated_and_a_lever_outside_it_have_no_worth(cast):
    kgi = plan_tree(cast)
    apart = node(kgi, "apart", "別の数", 1, 2)
    beside = cast.key_result(cast.objective(), kpi=apart)
    inside = tied(cast, cast.objective(), kgi, "win_rate", unit="%", target_value=Decimal(35))
    assert worth(cast, beside) is None
    assert worth(cast, inside) is not None
    KPI.objects.filter(kgi=kgi, key="price").update(current=None)
    assert worth(cast, inside) is None
    KPI.objects.filter(kgi=kgi, key="price").update(current=1)
    KPI.objects.filter(kgi=kgi, key="orders").update(formula="visits / 0 + nobody")
    assert worth(cast, inside) is None


def test_a_target_at_which_the_tree_divides_by_nothing_has_no_worth(cast):
    kgi = make_kgi(cast)
    node(kgi, "value", "顧客生涯価値", formula="margin / churn", is_goal=True)
    node(kgi, "margin", "粗利", 10_000)
    node(kgi, "churn", "解約率", "0.2", is_rate=True)
    objective = cast.objective()
    impossible = tied(cast, objective, kgi, "churn", unit="%", start_value=Decimal(20), target_value=Decimal(0))
    half = tied(cast, objective, kgi, "churn", unit="%", start_value=Decimal(20), target_value=Decimal(10))
    assert worth(cast, impossible) is None
    assert worth(cast, half).target == pytest.approx(50_000)


def test_an_objectives_key_results_count_together(cast):
    kgi, objective = plan_tree(cast), cast.objective()
    rows = [
        tied(cast, objective, kgi, "visits", kind=Kind.CUMULATIVE, target_value=Decimal(150_000)),
        tied(cast, objective, kgi, "win_rate", unit="%", start_value=Decimal(20), target_value=Decimal(40)),
    ]
    # Five times the visits at twice the rate are ten times, not 4 + 1 more.
    assert worth_together(rows, cast.member)[objective.pk].target == pytest.approx(9 * NOW)
    # Whoever counts orders as well counts them once: what is reached above is not earned again below.
    rows.append(tied(cast, objective, kgi, "orders", kind=Kind.CUMULATIVE, target_value=Decimal(12)))
    assert worth_together(rows, cast.member)[objective.pk].target == pytest.approx(NOW)


def test_partners_hear_nothing_of_a_kgi_that_is_not_shared_with_them(cast, sign_in):
    kgi, objective = plan_tree(cast), cast.objective()
    key_result = tied(cast, objective, kgi, "win_rate", unit="%", start_value=Decimal(20), target_value=Decimal(35))
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    client, page = sign_in(cast.partner, language="en"), cast.url(f"objectives/{objective.pk}/")
    address = asking.address(cast, "key-results", key_result.pk)
    assert "If it succeeds" not in whole(client, page)
    assert client.get(address).json()["worth"] is None
    share(kgi, cast.partner)
    assert 'If it succeeds: 年間売上 <span class="num">+¥15.3M</span>' in whole(client, page)
    assert client.get(address).json()["worth"]["kgi"] == kgi.pk


def test_the_api_says_it_of_each_key_result_and_of_those_of_an_objective(cast, sign_in):
    kgi, objective = plan_tree(cast), cast.objective()
    key_result = tied(
        cast, objective, kgi, "win_rate", unit="%",
        start_value=Decimal(20), target_value=Decimal(35), must_hit_value=Decimal(25),
    )  # fmt: skip
    client = sign_in(cast.member)
    told = {row["id"]: row["worth"] for row in client.get(asking.address(cast, "key-results")).json()["results"]}
    said = told.pop(key_result.pk)
    assert set(told.values()) == {None}
    assert said == {
        "kgi": kgi.pk,
        "unit": "円",
        "target": pytest.approx(NOW * 0.75),
        "must_hit": pytest.approx(NOW / 4),
    }
    nested = client.get(asking.address(cast, "objectives", objective.pk)).json()["key_results"]
    assert [row["worth"] for row in nested] == [None, None, said]


def test_it_costs_nothing_where_nothing_is_tied_and_two_queries_where_much_is(cast):
    kgi, objective = plan_tree(cast), cast.objective()

    def queries(rows):
        with CaptureQueriesContext(connection) as seen:
            worths_of(rows, cast.member)
        return len(seen)

    assert queries(list(objective.key_results.all())) == 0
    rows = [tied(cast, objective, kgi, "visits", kind=Kind.CUMULATIVE, target_value=Decimal(150_000))]
    assert queries(rows) == 2
    for number in range(3):
        other = plan_tree(cast, name=f"売上 {number}")
        rows.append(tied(cast, cast.objective(), other, "win_rate", unit="%", target_value=Decimal(35)))
    assert queries(rows) == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_objective_and_the_plan_say_it(cast, sign_in, language):
    kgi, objective = plan_tree(cast), cast.objective()
    tied(
        cast, objective, kgi, "win_rate", unit="%",
        start_value=Decimal(20), target_value=Decimal(35), must_hit_value=Decimal(25),
    )  # fmt: skip
    client = sign_in(cast.member, language=language)
    said, least = {
        "ja": (
            'うまくいけば年間売上<span class="num">＋1,530万円</span>',
            '必達なら<span class="num">＋510万円</span>',
        ),
        "en": (
            'If it succeeds: 年間売上 <span class="num">+¥15.3M</span>',
            'must-hit: <span class="num">+¥5.1M</span>',
        ),
    }[language]
    text = whole(client, cast.url(f"objectives/{objective.pk}/"))
    assert said in text
    assert least in text
    assert said in client.get(cast.url("plan/")).text
