"""Building a KPI tree: nodes added, formulas written, nodes moved, taken out and put back."""

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KPI, PlanChange
from funnel.services.trees import (
    add_kpi,
    drop_kpi,
    move_kpi,
    reorder_kpi,
    restore_kpi,
    shape_kpi,
    write_kpi,
)
from funnel.trees import in_words, kpis_of, tree_of
from people.refusals import Refusal
from tests.funnel.plans import make_kgi, plan_funnel

pytestmark = pytest.mark.django_db


def node(kgi, key, formula="", **fields):
    """A row put straight into the tree."""
    position = kgi.kpis.count()
    return KPI.objects.create(
        kgi=kgi, key=key, name=fields.pop("name", key), formula=formula, position=position, **fields
    )


@pytest.fixture
def tree(cast):
    """revenue = orders * price, orders = visits * rate."""
    kgi = make_kgi(cast)
    node(kgi, "revenue", "orders * price", is_goal=True)
    node(kgi, "orders", "visits * rate")
    node(kgi, "visits", current=Decimal(1000))
    node(kgi, "rate", current=Decimal("0.02"), is_rate=True)
    node(kgi, "price", current=Decimal(5000))
    return kgi


def get(kgi, key):
    return kgi.kpis.get(key=key)


def formula(kgi, key):
    return get(kgi, key).formula


def refused(act, *args, **given):
    with pytest.raises(Refusal) as caught:
        act(*args, **given)
    return caught.value


def test_a_node_is_joined_to_the_formula_it_is_put_under(tree):
    made = add_kpi(KPI(kgi=tree, key="share", name="比"), under=get(tree, "orders"), sign="-")
    assert formula(tree, "orders") == "visits * rate - share"
    assert made.position == 5
    assert tree_of(tree).beside == ()


def test_the_first_node_is_the_goal_and_the_next_stands_beside(cast):
    kgi = make_kgi(cast)
    assert add_kpi(KPI(kgi=kgi, key="revenue", name="年間売上")).is_goal
    assert not add_kpi(KPI(kgi=kgi, key="visits", name="訪問")).is_goal
    assert [kpi.key for kpi in tree_of(kgi).beside] == ["visits"]


def test_a_node_sent_twice_is_added_once_even_by_a_page_opened_before(tree):
    under = get(tree, "orders")
    first, second = (add_kpi(KPI(kgi=tree, key="share", name="比"), under=under) for _time in range(2))
    assert first == second
    assert formula(tree, "orders") == "visits * rate * share"


def test_what_makes_no_tree_is_refused_and_nothing_is_written(tree):
    for given, code in (
        ({"formula": "visits * nothing"}, "unknown_key"),
        ({"formula": "visits *"}, "value_missing"),
        ({"formula": "revenue * rate"}, "loop"),
        ({"formula": "visits + " * 300 + "visits"}, "too_long"),
        ({"key": "1x"}, "key"),
        ({"key": "price"}, "key_used"),
    ):
        assert refused(shape_kpi, get(tree, "orders"), **given).code == code
    assert refused(add_kpi, KPI(kgi=tree, key="x", name="x"), under=get(tree, "rate"), sign="^").code == "sign"
    assert refused(shape_kpi, get(tree, "price"), formula="price + 1").code == "loop"
    assert [kpi.formula for kpi in kpis_of(tree)] == ["orders * price", "visits * rate", "", "", ""]


def test_a_formula_beside_the_tree_is_read_as_strictly(tree):
    beside = node(tree, "aside")
    assert refused(shape_kpi, beside, formula="visits * ").code == "value_missing"
    assert refused(shape_kpi, beside, formula="aside / 2").code == "loop"
    assert shape_kpi(beside, formula="visits / 2").formula == "visits / 2"


def test_what_is_wrong_elsewhere_stands_in_nobodys_way(tree):
    KPI.objects.filter(pk=get(tree, "revenue").pk).update(formula="orders * gone")
    add_kpi(KPI(kgi=tree, key="share", name="比"), under=get(tree, "orders"))
    assert formula(tree, "orders") == "visits * rate * share"


def test_a_renamed_node_is_renamed_in_every_formula(tree):
    shape_kpi(get(tree, "visits"), key="訪問")
    assert formula(tree, "orders") == "訪問 * rate"
    KPI.objects.filter(pk=get(tree, "orders").pk).update(formula="訪問 + " * 390 + "訪問")
    assert refused(shape_kpi, get(tree, "訪問"), key="a_long_key_for_visits").code == "too_long"


def test_unknown_keys_become_levers_where_that_is_wished(tree):
    shape_kpi(get(tree, "visits"), formula="search + social", create_missing=True)
    assert {kpi.key for kpi in tree_of(tree).levers} == {"rate", "price", "search", "social"}


def test_a_node_and_its_numbers_are_written_at_once_or_not_at_all(tree, cast):
    rate = get(tree, "rate")
    rate.current = Decimal("0.03")
    assert refused(write_kpi, rate, formula="visits * nothing", by=cast.manager).code == "unknown_key"
    rate = get(tree, "rate")
    assert rate.current == Decimal("0.02")
    rate.current = Decimal("0.03")
    write_kpi(rate, key="lead_rate", by=cast.manager, reason="数え方を改めた")
    change = PlanChange.objects.get(kpi=rate)
    assert (change.before, change.after, change.changed_by) == (Decimal("0.02"), Decimal("0.03"), cast.manager)
    assert formula(tree, "orders") == "visits * lead_rate"


def test_a_node_moves_under_another_and_beside(tree):
    move_kpi(get(tree, "rate"), under=get(tree, "revenue"), sign="/")
    assert (formula(tree, "orders"), formula(tree, "revenue")) == ("visits", "orders * price / rate")
    move_kpi(get(tree, "rate"), under=None)
    assert formula(tree, "revenue") == "orders * price"
    assert [kpi.key for kpi in tree_of(tree).beside] == ["rate"]
    assert refused(move_kpi, get(tree, "orders"), under=get(tree, "visits")).code == "loop"
    assert refused(move_kpi, get(tree, "revenue"), under=get(tree, "visits")).code == "is_goal"


def test_a_node_goes_up_and_down_among_its_siblings_and_nowhere_past_them(tree):
    KPI.objects.filter(kgi=tree).update(position=7)

    def order():
        return [kpi.key for kpi in tree_of(tree).children(get(tree, "orders"))]

    rate = get(tree, "rate")
    moved = reorder_kpi(rate, upwards=True, expected_version=rate.version)
    assert order() == ["rate", "visits"]
    assert reorder_kpi(moved, upwards=True, expected_version=moved.version).version == moved.version
    assert refused(reorder_kpi, rate, upwards=False, expected_version=rate.version).code == "stale"
    assert formula(tree, "orders") == "visits * rate"


def test_what_is_taken_out_comes_back_where_it_was(tree):
    rate = get(tree, "rate")
    dropped = drop_kpi(drop_kpi(rate))
    assert formula(tree, "orders") == "visits"
    assert restore_kpi(restore_kpi(dropped)).dropped_at is None
    assert formula(tree, "orders") == "visits * rate"


def test_it_stands_beside_where_the_formula_has_changed_since_and_refuses_where_its_key_is_taken(tree):
    rate = drop_kpi(get(tree, "rate"))
    shape_kpi(get(tree, "orders"), formula="visits * 2")
    restore_kpi(rate)
    assert formula(tree, "orders") == "visits * 2"
    assert [kpi.key for kpi in tree_of(tree).beside] == ["rate"]
    drop_kpi(rate)
    node(tree, "rate")
    assert refused(restore_kpi, rate).code == "key_used"


def test_a_node_that_formulas_cannot_do_without_stays(tree):
    shape_kpi(get(tree, "orders"), formula="visits * rate + rate")
    assert refused(drop_kpi, get(tree, "rate")).code == "part_of_formula"
    assert refused(drop_kpi, get(tree, "revenue")).code == "is_goal"


def test_what_is_gone_is_stale(tree):
    gone = drop_kpi(get(tree, "rate"))
    for act, given in ((shape_kpi, {"formula": "1"}), (move_kpi, {"under": None})):
        assert refused(act, gone, **given).code == "stale"
    assert refused(add_kpi, KPI(kgi=tree, key="x", name="x"), under=gone).code == "stale"
    assert refused(shape_kpi, get(tree, "price"), key="p", expected_version=99).code == "stale"


def test_a_funnels_formulas_belong_to_the_funnel(cast):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    assert refused(shape_kpi, get(kgi, "orders"), formula="deals").code == "in_funnel"
    assert refused(add_kpi, KPI(kgi=kgi, key="x", name="x"), under=get(kgi, "visits")).code == "in_funnel"
    assert refused(drop_kpi, get(kgi, "win_rate")).code == "part_of_formula"
    assert add_kpi(KPI(kgi=kgi, key="nps", name="NPS")).pk


def test_a_new_owner_is_held_before_the_kgi_as_whoever_hands_over_holds_them(tree, cast):
    price = get(tree, "price")
    price.owner = cast.manager
    acts = (
        lambda: add_kpi(KPI(kgi=tree, key="nps", name="NPS", owner=cast.manager)),
        lambda: write_kpi(price, formula="cost * 2", create_missing=True),
    )
    for act in acts:
        with CaptureQueriesContext(connection) as asked:
            act()
        asked_for = [query["sql"] for query in asked.captured_queries]
        locks = [query for query in asked_for if "FOR SHARE" in query or "FOR NO KEY" in query]
        assert ["people_membership" in locks[0], "funnel_kgi" in locks[1]] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_node_at_once_add_one(cast):
    kgi = make_kgi(cast)
    node(kgi, "revenue", "visits", is_goal=True)
    node(kgi, "visits")
    under, made = get(kgi, "revenue"), []

    def add():
        made.append(add_kpi(KPI(kgi=kgi, key="price", name="単価"), under=under).pk)
        connection.close()

    threads = [threading.Thread(target=add) for _time in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert formula(kgi, "revenue") == "visits * price"


def test_a_formula_is_read_in_names():
    names = {"visits": "訪問", "rate": "リード率", "churn": "解約率"}
    assert in_words("visits*rate/(1-churn)", names) == "訪問 × リード率 ÷ (1 − 解約率)"
    assert in_words("-visits * -2 + unknown", names) == "−訪問 × −2 + unknown"
    assert in_words("visits $ rate", names) == "visits $ rate"
