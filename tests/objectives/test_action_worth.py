"""What actions are worth in the KGI's unit, against the product of the tree's levers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from funnel.models import KGI, KPI
from objectives.models import Action, Kind
from objectives.queries.action_worth import effect_of, effects_of, together
from objectives.services.actions import add_action
from tests.funnel.plans import make_kgi, share
from tests.objectives.trees import PRICE, node, plan_tree

pytestmark = pytest.mark.django_db

NOW = 2 * 12 * PRICE * 0.85
"""Two orders a month at ¥1M in a year, of which 85% stay: ¥20.4M."""


def moves(cast, kpi, change, **fields) -> Action:
    given = {"team": cast.sales, "title": "見本を送る", "owner": cast.member, "due_on": None, "by": cast.member}
    return add_action(**given | {"kpi": kpi, "expected_change": Decimal(change)} | fields)


def effect(cast, kgi: KGI, key: str, change: str):
    return effect_of(kgi.kpis.get(key=key).pk, Decimal(change), cast.member)


@pytest.mark.parametrize(
    ("key", "change", "share_of_now"),
    [
        # the win rate from 20% to 22%: a tenth more
        ("win_rate", "0.02", 0.1),
        ("win_rate", "-0.05", -0.25),
        # visits from 10,000 to 15,000 a month
        ("visits", "5000", 0.5),
        # churn from 15% to 10%: 90 of 100 stay and not 85
        ("churn", "-0.05", 5 / 85),
        # a formula in the middle: one order more than two
        ("orders", "1", 0.5),
        ("price", "0", 0),
    ],
)
def test_the_kgi_gains_what_the_lever_alone_makes_of_it(cast, key, change, share_of_now):
    found = effect(cast, plan_tree(cast), key, change)
    assert found.worth == pytest.approx(NOW * share_of_now)
    assert (found.missing, found.beyond) == ("", "")


def test_the_kgi_itself_moves_by_as_much_as_is_said(cast):
    assert effect(cast, plan_tree(cast), "revenue", "1000000").worth == pytest.approx(1_000_000)


def test_an_action_moves_its_own_lever_or_the_one_its_key_result_measures(cast):
    kgi, objective = plan_tree(cast), cast.objective()
    measuring = cast.key_result(objective, kpi=kgi.kpis.get(key="win_rate"), unit="%", target_value=Decimal(35))
    measured = moves(cast, None, "0.02", key_result=measuring)
    own = moves(cast, kgi.kpis.get(key="visits"), "5000")
    nothing = moves(cast, None, "3", key_result=cast.key_result(objective, kind=Kind.REACH))
    unsaid = add_action(
        team=cast.sales, title="話す", owner=cast.member, due_on=None, by=cast.member, kpi=kgi.kpis.get(key="visits")
    )
    found = effects_of([measured, own, nothing, unsaid], cast.member)
    assert found.keys() == {measured.pk, own.pk}
    assert found[measured.pk].worth == pytest.approx(NOW * 0.1)
    assert found[measured.pk].then == pytest.approx(0.22)


@pytest.mark.parametrize(
    ("key", "change", "limits", "said"),
    [
        ("win_rate", "0.5", {"maximum": Decimal("0.6")}, "above the upper limit of “受注率”"),
        ("win_rate", "0.4", {"maximum": Decimal("0.6")}, ""),
        ("win_rate", "2", {}, "more than 100%"),
        ("churn", "-0.1", {"minimum": Decimal("0.08")}, "below the lower limit of “解約率”"),
        ("visits", "-10001", {}, "less than 0"),
    ],
)
def test_a_change_beyond_what_the_lever_can_be_is_said(cast, settings, key, change, limits, said):
    settings.LANGUAGE_CODE = "en"
    kgi = plan_tree(cast)
    KPI.objects.filter(kgi=kgi, key=key).update(**limits)
    found = effect(cast, kgi, key, change)
    assert found.worth is not None
    assert said in found.beyond
    assert bool(found.beyond) == bool(said)


def test_where_the_tree_says_nothing_the_reason_is_told(cast, settings):
    settings.LANGUAGE_CODE = "en"
    kgi = plan_tree(cast)
    KPI.objects.filter(kgi=kgi, key="price").update(current=None)
    assert (effect(cast, kgi, "price", "1").worth, effect(cast, kgi, "price", "1").missing) == (
        None,
        "“平均単価” has no value of today yet.",
    )
    assert "“平均単価” has no value yet." in effect(cast, kgi, "win_rate", "0.02").missing
    KPI.objects.filter(kgi=kgi, key="price").update(current=1)
    apart = node(kgi, "apart", "別の数", 1)
    assert "“別の数” leads to no KGI." in effect_of(apart.pk, 1, cast.member).missing
    KPI.objects.filter(kgi=kgi, key="orders").update(formula="visits / 0 + nobody")
    assert effect(cast, kgi, "win_rate", "0.02").missing
    other = make_kgi(cast, name="まだ空")
    lone = node(other, "visits", "訪問", 1)
    assert "“まだ空” has no goal yet." in effect_of(lone.pk, 1, cast.member).missing


def test_a_change_at_which_the_tree_divides_by_nothing_is_told_and_not_an_error(cast):
    kgi = make_kgi(cast)
    node(kgi, "value", "顧客生涯価値", formula="margin / churn", is_goal=True)
    node(kgi, "margin", "粗利", 10_000)
    node(kgi, "churn", "解約率", "0.2", is_rate=True)
    assert effect(cast, kgi, "churn", "-0.1").worth == pytest.approx(50_000)
    impossible = effect(cast, kgi, "churn", "-0.2")
    assert impossible.worth is None
    assert "顧客生涯価値" in impossible.missing


def test_several_actions_count_at_once_and_not_as_a_sum(cast):
    kgi = plan_tree(cast)
    win_rate = kgi.kpis.get(key="win_rate")
    win_rate.must_hit = Decimal("0.25")
    win_rate.save()
    moves(cast, win_rate, "0.01")
    moves(cast, win_rate, "0.03")
    moves(cast, kgi.kpis.get(key="visits"), "5000")
    done = moves(cast, kgi.kpis.get(key="visits"), "90000")
    Action.objects.filter(pk=done.pk).update(state="done")
    (found,) = together(Action.objects.all(), cast.member)
    # 1.2 × 1.5 of what is, not 0.2 + 0.5 more.
    assert found.worth == pytest.approx(NOW * 0.8)
    assert found.actions == 3
    by_key = {lever.kpi.key: lever for lever in found.levers}
    assert by_key["win_rate"].effect.change == pytest.approx(0.04)
    assert by_key["win_rate"].must_hit.gap == pytest.approx(0.05)
    assert by_key["win_rate"].challenge.gap == pytest.approx(0.15)
    assert by_key["visits"].must_hit.gap == pytest.approx(10_000)
    assert not by_key["visits"].must_hit.is_away


def test_a_formula_and_a_lever_under_it_both_count(cast):
    kgi = plan_tree(cast)
    moves(cast, kgi.kpis.get(key="orders"), "1")
    moves(cast, kgi.kpis.get(key="win_rate"), "0.1")
    (found,) = together(Action.objects.all(), cast.member)
    # Half more by the rate, three of two orders, and one more beside: four.
    assert found.worth == pytest.approx(NOW)


def test_a_lever_that_cannot_be_counted_is_named_beside_the_others(cast):
    kgi = plan_tree(cast)
    apart = node(kgi, "apart", "別の数", 1)
    moves(cast, apart, "1")
    moves(cast, kgi.kpis.get(key="win_rate"), "0.02")
    (found,) = together(Action.objects.all(), cast.member)
    assert found.worth == pytest.approx(NOW * 0.1)
    assert "別の数" in found.missing


def test_a_change_away_from_the_target_says_so(cast):
    kgi = plan_tree(cast)
    moves(cast, kgi.kpis.get(key="churn"), "0.02")
    (found,) = together(Action.objects.all(), cast.member)
    (churn,) = found.levers
    assert churn.challenge.is_away
    assert found.worth < 0


def test_one_query_for_one_tree_or_five_and_none_where_no_number_is_expected(cast, django_assert_num_queries):
    rows = []
    for number in range(5):
        kgi = plan_tree(cast, name=f"売上 {number}")
        rows += [moves(cast, kgi.kpis.get(key="win_rate"), "0.02") for _ in range(10)]
    rows = list(Action.objects.select_related("key_result"))
    with django_assert_num_queries(1):
        assert len(effects_of(rows, cast.member)) == 50
    with django_assert_num_queries(2):
        assert len(together(Action.objects.all(), cast.member)) == 5
    with django_assert_num_queries(0):
        assert effects_of([row for row in rows if row.expected_change is None], cast.member) == {}


def test_partners_hear_nothing_of_levers_not_even_of_shared_kgis(cast):
    kgi = plan_tree(cast)
    share(kgi, cast.partner)
    row = moves(cast, kgi.kpis.get(key="win_rate"), "0.02")
    assert effects_of([row], cast.partner) == {}
    assert together(Action.objects.all(), cast.partner) == []
