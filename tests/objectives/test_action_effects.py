"""Expected and achieved: how well we expect, what actions cost and brought, by lever, approach and team."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.models import KGI, KPI
from objectives.formulas.action_effects import FEWEST, Case, summed
from objectives.models import Action, ActionState, Activity
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def levers(cast) -> list[KPI]:
    kgi = KGI.objects.create(organization=cast.organization, name="売上", unit="円", owner=cast.executive)
    KPI.objects.create(kgi=kgi, key="revenue", name="売上", is_goal=True, formula="orders * price")
    orders = KPI.objects.create(kgi=kgi, key="orders", name="受注", unit="件", period="month", current=10, position=1)
    price = KPI.objects.create(kgi=kgi, key="price", name="単価", unit="円", current=50_000, position=2)
    return [orders, price]


def done(cast, number: int, **fields) -> list[Action]:
    given = {
        "organization": cast.organization,
        "team": cast.sales,
        "owner": cast.member,
        "created_by": cast.member,
        "state": ActionState.DONE,
        "closed_on": date(2026, 5, 1),
        "closed_by": cast.member,
    }
    rows = [Action(**given | {"title": f"施策 {n}"} | fields) for n in range(number)]
    return Action.objects.bulk_create(rows)


def page_of(cast, sign_in, query: str = ""):
    return sign_in(cast.member, language="en").get(cast.url(f"actions/effects/?{query}"))


def test_what_was_expected_stands_beside_what_came(cast, sign_in, levers):
    orders, price = levers
    done(cast, 3, kpi=orders, expected_change=4, actual_change=2, cost=100_000, revenue=150_000, orders=2, deals=6)
    done(cast, 3, kpi=price, expected_change=1000, actual_change=1500, approach="same")
    page = page_of(cast, sign_in)
    assert page.status_code == 200
    summary = page.context["summary"]
    assert (summary.done, summary.told, summary.hits, summary.reached, summary.share) == (6, 6, 3, 0.5, 1.0)
    assert (summary.gained, summary.ratio, summary.cost_per_order) == (150_000, 1.5, 50_000)
    by_name = {group.name: group.summary for group in page.context["groups"]}
    (worth,) = by_name["受注"].worths
    assert (worth.unit, worth.expected, worth.achieved) == ("円", 600_000, 300_000)
    assert "3 of 6 actions reached what was expected: our expectations hold." in " ".join(page.context["finding"])
    approaches = page_of(cast, sign_in, "by=approach").context["groups"]
    assert [group.key for group in approaches] == ["same", ""]


def test_few_cases_are_counted_but_not_judged(cast, sign_in, levers):
    done(cast, FEWEST - 1, kpi=levers[0], expected_change=4, actual_change=4)
    page = page_of(cast, sign_in)
    assert page.context["summary"].share is None
    assert "too few to judge" in " ".join(page.context["finding"])
    assert "4 of 4" in page.text


def test_the_page_teaches_while_nothing_is_finished(cast, sign_in):
    page = page_of(cast, sign_in)
    assert page.status_code == 200
    assert "Whoever writes down what was expected" in page.text
    assert page_of(cast, sign_in, "lever=9999").status_code == 200


def test_actions_are_narrowed_sorted_and_open_ones_added(cast, sign_in, levers):
    orders, price = levers
    (first,) = done(cast, 1, kpi=orders, cost=5, title="安い")
    (second,) = done(cast, 1, kpi=price, cost=50, title="高い", team=cast.online, closed_on=date(2026, 3, 1))
    (third,) = done(cast, 1, kpi=price, title="まだ", state=ActionState.OPEN, closed_on=None, closed_by=None)
    objective = cast.objective()
    key_result = objective.key_results.first()
    key_result.kpi = orders
    key_result.save()
    (fourth,) = done(cast, 1, key_result=key_result, title="結果から")

    def found(query: str) -> list[Action]:
        return [line.action for line in page_of(cast, sign_in, f"silent=1&{query}").context["page"].object_list]

    assert found(f"lever={orders.pk}") == [fourth, first]
    assert found(f"team={cast.online.pk}") == [second]
    assert found("until=2026-03-31") == [second]
    assert second not in found(f"cycle={cast.cycle.pk}")
    assert found("sort=-cost")[:2] == [second, first]
    assert found("sort=cost")[:2] == [first, second]
    assert third in found("open=1")
    assert third not in found("")
    for nonsense in ("sort=x&by=y&since=2026-13-01&until=%00&lever=²&page=-3", "cycle=99999999999999999999"):
        assert page_of(cast, sign_in, nonsense).status_code == 200


def test_lines_of_the_daily_log_count_for_actions_and_never_for_people(cast, sign_in, levers):
    (action,) = done(cast, 1, kpi=levers[0], approach="other")
    lines = [
        Activity(organization=cast.organization, membership=who, date=TODAY, text="電話", action=action)
        for who in (cast.member, cast.manager, cast.manager)
    ]
    Activity.objects.bulk_create(lines)
    page = page_of(cast, sign_in)
    assert page.context["summary"].lines == 3
    (approach,) = page.context["approaches"]
    assert (approach.key, approach.summary.lines) == ("other", 3)
    main = page.text[page.text.index("<main") :]
    assert cast.manager.user.name not in main


def test_the_same_numbers_come_as_a_file(cast, sign_in, levers):
    done(cast, 1, kpi=levers[0], expected_change=4, actual_change=2, title="=1+1", result="半分")
    answer = page_of(cast, sign_in, "download=csv")
    _header, row = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert row[0] == "'=1+1"
    assert (row[5], Decimal(row[6]), Decimal(row[7]), row[8], row[-1]) == ("受注", 4, 2, "件/month", "半分")


def test_in_the_file_too_a_rate_moves_by_points(cast, sign_in, levers):
    rate = KPI.objects.create(kgi=levers[0].kgi, key="win", name="受注率", is_rate=True, current=Decimal("0.2"))
    done(cast, 1, kpi=rate, expected_change=Decimal("0.01"), actual_change=Decimal("0.006"))
    answer = page_of(cast, sign_in, "download=csv")
    _header, row = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert row[5:10] == ["受注率", "1", "0.6", "points", "0.6"]


def test_partners_and_strangers_do_not_have_this_page(cast, sign_in):
    for person in (cast.partner, cast.stranger):
        assert sign_in(person).get(cast.url("actions/effects/")).status_code == 404


def test_the_page_asks_as_much_of_two_hundred_actions_as_of_two(cast, sign_in, levers, django_assert_max_num_queries):
    done(cast, 200, kpi=levers[0], expected_change=4, actual_change=3, cost=9)
    client = sign_in(cast.member)
    client.get(cast.url("actions/effects/"))
    with django_assert_max_num_queries(18):
        assert len(client.get(cast.url("actions/effects/")).context["page"].object_list) == 50


amounts = st.none() | st.decimals(0, 10**9, places=2)


@given(
    st.lists(
        st.builds(
            Case,
            is_done=st.booleans(),
            expected=st.none() | st.decimals(-100, 100, places=3),
            achieved=st.none() | st.decimals(-100, 100, places=3),
            cost=amounts,
            revenue=amounts,
            orders=st.none() | st.integers(0, 1000),
        ),
        max_size=12,
    )
)
def test_what_actions_come_to_together_follows_from_each(cases):
    found = summed(cases)
    assert found.hits <= found.told <= found.done <= found.count == len(cases)
    assert (found.share is None) == (found.told < FEWEST) == (found.reached is None)
    shares = [case.share for case in cases if case.is_done and case.share is not None]
    assert found.share is None or min(shares) <= found.share <= max(shares)
    gains = [case.gained for case in cases if case.gained is not None]
    assert found.gained == (sum(gains) if gains else None)
