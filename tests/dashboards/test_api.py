"""The dashboard's numbers for other programs: those of the page."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from funnel.services import record_actual
from objectives import rollup, services
from objectives.models import Cycle, KeyResult, ObjectiveShare
from tests import asking
from tests.cast import NOW, TODAY
from tests.funnel.plans import make_kgi, share


def address(cast):
    return asking.address(cast, "dashboard")


def report(cast, objective, value, day=TODAY, **said):
    for key_result in objective.key_results.all():
        services.record_check_in(
            KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day, **said
        )


@pytest.fixture
def company(cast, move_clock):
    """Two departments' goals below the company's, reported in weeks 5 and 7."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.top = cast.objective(title="札幌の味を全国へ", level="company", team=cast.company, owner=cast.executive)
    cast.sold = cast.objective(title="午後を珈琲で支える", team=cast.sales)
    cast.shop = cast.objective(title="朝の定番になる", team=cast.online, owner=cast.colleague)
    for child in (cast.sold, cast.shop):
        services.align(child, to=cast.top)
    move_clock(NOW)
    report(cast, cast.sold, 20, date(2026, 5, 8))
    report(cast, cast.sold, 40, date(2026, 5, 18), obstacle="見積の承認に6日かかる")
    report(cast, cast.shop, 10, date(2026, 5, 8))
    rollup.drain()
    return cast


def told(client, cast, **asked):
    answer = client.get(address(cast), asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_numbers_are_those_of_the_page(company, sign_in):
    kgi = make_kgi(company, last_year_value=300_000_000, must_hit_value=450_000_000, challenge_value=900_000_000)
    record_actual(kgi, date=TODAY, value=Decimal(320_000_000), recorded_by=company.admin)
    client = sign_in(company.executive)
    numbers = told(client, company)
    page = client.get(company.url("company/")).context
    assert numbers["cycle"]["id"] == company.cycle.pk
    assert (numbers["week_number"], numbers["week_count"]) == (page["week_number"], page["week_count"]) == (7, 13)
    assert numbers["elapsed"] == page["elapsed"] == pytest.approx(45 / 91)
    standing = page["kgis"][0].standing
    assert (
        numbers["kgis"][0].items()
        >= {
            "id": kgi.pk,
            "name": "年間売上",
            "must_hit": 450_000_000,
            "challenge": 900_000_000,
            "last_year": 300_000_000,
            "actual": 320_000_000,
            "actual_on": "2026-05-20",
            "missing": 130_000_000,
            "is_reached": False,
        }.items()
    )
    assert numbers["kgis"][0]["required"] == pytest.approx(float(standing.required))
    counts = page["spread"].counts
    assert numbers["bands"] == {
        "below": counts["below"],
        "inside": counts["in"],
        "above": counts["above"],
        "silent": counts["none"],
        "total": 3,
        "lower": 0.6,
        "upper": 0.7,
    }
    moved = page["movement"]
    assert (numbers["movement"]["risen"], numbers["movement"]["fallen"]) == (moved.risen, moved.fallen)
    assert [row["key_result"] for row in numbers["movement"]["movers"]] == [row.key_result.pk for row in moved.movers]
    assert numbers["obstacles"]["total"] == page["obstacles"].total == 2
    assert {(row["obstacle"], row["author"]) for row in numbers["obstacles"]["shown"]} == {
        ("見積の承認に6日かかる", "小林 彩")
    }
    assert [(row["team"], row["landing"]) for row in numbers["departments"]] == [
        (row.turn.pk, row.turn.landing) for row in page["departments"]
    ]
    assert [len(row["scores"]) for row in numbers["departments"]] == [7, 7, 7]
    assert [row["scores"][-1] for row in numbers["departments"]] == [row["score"] for row in numbers["departments"]]
    assert [row["team"] for row in numbers["silent"]] == [row.pk for row in page["silence"].teams]


def test_without_goals_only_the_kgis_are_told_of(cast, sign_in):
    make_kgi(cast)
    later = Cycle.objects.create(organization=cast.organization, name="次", start="2026-07-06", end="2026-10-04")
    numbers = told(sign_in(cast.member), cast, cycle=later.pk)
    assert numbers["cycle"]["id"] == later.pk
    assert (numbers["week_number"], numbers["bands"]["total"], len(numbers["kgis"])) == (None, 0, 1)
    assert (numbers["shift"], numbers["movement"], numbers["departments"], numbers["silent"]) == (None, None, [], [])
    Cycle.objects.filter(organization=cast.organization).delete()
    assert told(sign_in(cast.member), cast)["cycle"] is None


def test_a_partner_is_told_of_the_shared_branch_alone(company, sign_in):
    shown, hidden = make_kgi(company, name="共有の年商"), make_kgi(company, name="秘密の年商")
    partner = sign_in(company.partner)
    empty = told(partner, company)
    assert (empty["cycle"], empty["kgis"], empty["bands"]["total"]) == (None, [], 0)
    ObjectiveShare.objects.create(objective=company.sold, membership=company.partner)
    share(shown, company.partner)
    answer = partner.get(address(company))
    numbers = answer.json()
    assert [row["id"] for row in numbers["kgis"]] == [shown.pk]
    assert hidden.name not in answer.content.decode()
    assert numbers["bands"]["total"] == 1
    assert [row["name"] for row in numbers["departments"]] == ["法人営業"]
    assert {(row["obstacle"], row["author"]) for row in numbers["obstacles"]["shown"]} == {
        ("見積の承認に6日かかる", None)
    }
    for secret in ("札幌の味", "朝の定番", "オンライン店", "伊藤", "佐藤", "山本", "小林"):
        assert secret not in answer.content.decode()


def test_nobody_401_stranger_404_and_an_unknown_cycle_is_not_found(cast, sign_in):
    assert Client().get(address(cast)).status_code == 401
    assert sign_in(cast.stranger).get(address(cast)).status_code == 404
    for cycle in ("x", 999_999_999, cast.stranger.organization.cycles.get().pk):
        assert sign_in(cast.member).get(address(cast), {"cycle": cycle}).status_code == 404


@pytest.mark.parametrize("number", [3, 30])
def test_the_number_of_queries_does_not_grow_with_the_goals(cast, sign_in, number, django_assert_max_num_queries):
    for index in range(number):
        report(cast, cast.objective(title=f"目標 {index}"), 30, obstacle="人手")
    rollup.drain()
    client = sign_in(cast.member)
    with django_assert_max_num_queries(20):
        assert told(client, cast)["bands"]["total"] == number
