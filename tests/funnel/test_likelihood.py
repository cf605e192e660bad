"""How likely is it? Ranges typed, proposed and kept, and what the page makes of them."""

from datetime import date
from decimal import Decimal

import pytest

from funnel.models import KPI, KPIReading
from funnel.services.ranges import Range, save_ranges
from people.refusals import Refusal
from tests.funnel.plans import make_kgi, share

D = Decimal


@pytest.fixture
def kgi(cast):
    """¥100M = 1,000 orders × ¥100,000; must-hit ¥110M, challenge ¥140M."""
    kgi = make_kgi(cast, current_value=D(100_000_000), must_hit_value=D(110_000_000), challenge_value=D(140_000_000))
    rows = [
        {"key": "sales", "name": "売上", "unit": "円", "formula": "orders * price", "is_goal": True},
        {"key": "orders", "name": "受注数", "unit": "件", "current": D(1_000)},
        {"key": "price", "name": "単価", "unit": "円", "current": D(100_000)},
    ]
    for position, row in enumerate(rows):
        KPI.objects.create(kgi=kgi, position=position, **row)
    return kgi


@pytest.fixture
def ranged(kgi):
    """Orders 500 over 1,000 to 1,500: the goal is triangular from ¥50M to ¥150M."""
    kgi.kpis.filter(key="orders").update(low=500, likely=1_000, high=1_500)
    return kgi


def fields_of(kgi, **ranges):
    sent = {}
    for kpi in kgi.kpis.exclude(is_goal=True):
        sent[f"version_{kpi.pk}"] = str(kpi.version)
        for column, text in zip(("low", "likely", "high"), ranges.get(kpi.key, ("", "", "")), strict=True):
            sent[f"{column}_{kpi.pk}"] = text
    return sent


def stored(kgi, key="orders"):
    return kgi.kpis.values_list("low", "likely", "high").get(key=key)


def test_the_page_says_how_likely_must_hit_is_as_the_closed_form_has_it(cast, ranged, sign_in):
    answer = sign_in(cast.member, language="en").get(cast.url(f"kgis/{ranged.pk}/likelihood/"))
    must_hit, challenge = answer.context["landing"].chances
    assert must_hit.probability == pytest.approx(0.32, abs=0.002)  # (1500 − 1100)² ÷ (1000 × 500)
    assert challenge.probability == pytest.approx(0.02, abs=0.002)
    page = answer.content.decode()
    assert "Must-hit is reached about 3 times in 10 (32%)." in page
    assert "Bolder than the zone of 60 to 70 per cent." in page
    assert "100% of the spread comes from “受注数”." in page


@pytest.mark.parametrize(
    ("must_hit", "verdict"),
    [(145, "fantasy"), (110, "bold"), (92, "in"), (85, "sure"), (60, "safe")],
)
def test_the_plan_is_judged_against_the_zone_of_the_organization(cast, ranged, sign_in, must_hit, verdict):
    ranged.current_value, ranged.must_hit_value = None, D(must_hit * 1_000_000)
    ranged.save()
    landing = sign_in(cast.member).get(cast.url(f"kgis/{ranged.pk}/likelihood/")).context["landing"]
    assert landing.main.verdict == verdict
    assert landing.advice()


def test_a_goal_that_is_to_fall_is_reached_from_above(cast, ranged, sign_in):
    ranged.current_value, ranged.must_hit_value = D(100_000_000), D(90_000_000)
    ranged.save()
    landing = sign_in(cast.member).get(cast.url(f"kgis/{ranged.pk}/likelihood/")).context["landing"]
    assert landing.main.probability == pytest.approx(0.32, abs=0.002)


def test_the_same_ranges_always_give_the_same_answer(cast, ranged, sign_in):
    client = sign_in(cast.member)
    address = cast.url(f"kgis/{ranged.pk}/likelihood/?download=csv")
    file = client.get(address).content
    assert client.get(address).content == file
    assert len(file.decode("utf-8-sig").splitlines()) > 40


def test_ranges_are_answered_while_typed_and_kept_when_said(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    address = cast.url(f"kgis/{kgi.pk}/likelihood/")
    sent = fields_of(kgi, orders=("500", "", "1.5倍"))
    answer = client.post(address, sent, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert answer.context["landing"].main.probability == pytest.approx(0.32, abs=0.002)
    assert stored(kgi) == (None, None, None)

    assert client.post(address, sent | {"save": "1"}).status_code == 302
    assert client.post(address, sent | {"save": "1"}).status_code == 302
    assert stored(kgi) == (500, None, 1_500)
    assert kgi.kpis.get(key="orders").version == 2


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [(("500", "", ""), "high"), (("", "7", ""), "likely"), (("9", "", "8"), "high"), (("1", "5", "4"), "likely")],
)
def test_a_range_that_is_none_is_refused_beside_its_lever(cast, kgi, sign_in, typed, wrong):
    answer = sign_in(cast.manager).post(
        cast.url(f"kgis/{kgi.pk}/likelihood/"), fields_of(kgi, orders=typed) | {"save": "1"}
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"{wrong}_{kgi.kpis.get(key='orders').pk}"]
    assert stored(kgi) == (None, None, None)


def test_a_lever_someone_else_changed_is_not_overwritten(cast, kgi):
    orders = kgi.kpis.get(key="orders")
    with pytest.raises(Refusal) as refused:
        save_ranges(kgi, {orders.pk: Range(D(1), None, D(2))}, expected_versions={orders.pk: 0})
    assert refused.value.code == "stale"


def test_without_ranges_the_page_teaches_and_proposes_without_keeping(cast, kgi, sign_in):
    client = sign_in(cast.manager)
    address = cast.url(f"kgis/{kgi.pk}/likelihood/")
    assert "fill=proposed" in client.get(address).content.decode()
    filled = client.get(address + "?fill=proposed")
    assert filled.context["landing"].simulation.p10 > 64_000_000
    assert stored(kgi) == (None, None, None)
    assert "fill=proposed" not in sign_in(cast.member).get(address).content.decode()


def test_the_proposal_comes_from_readings_where_there_are_three(cast, kgi, sign_in):
    price = kgi.kpis.get(key="price")
    for number, value in enumerate((80_000, 90_000, 100_000, 110_000, 120_000)):
        KPIReading.objects.create(kpi=price, date=date(2026, 5, 1 + number), value=value, source=f"t {number}")
    rows = sign_in(cast.manager).get(cast.url(f"kgis/{kgi.pk}/likelihood/?fill=proposed")).context["rows"]
    told = {row["kpi"].key: (row["low"], row["high"], row["count"]) for row in rows}
    assert told == {"orders": (800, 1_200, 0), "price": (84_000, 116_000, 5)}


def test_readers_see_ranges_and_may_not_write_them_and_partners_see_what_is_shared(cast, ranged, sign_in):
    address = cast.url(f"kgis/{ranged.pk}/likelihood/")
    page = sign_in(cast.member).get(address).content.decode()
    assert "<b>" in page or "1,500" in page
    assert 'name="low_' not in page
    assert sign_in(cast.member).post(address, {}).status_code == 403
    assert sign_in(cast.partner).get(address).status_code == 404
    share(ranged, cast.partner)
    assert sign_in(cast.partner).get(address).status_code == 200


def test_a_broken_tree_is_said_and_the_page_asks_no_more_for_more_levers(
    cast, ranged, sign_in, django_assert_max_num_queries
):
    client = sign_in(cast.manager, language="en")
    address = cast.url(f"kgis/{ranged.pk}/likelihood/")
    for number in range(8):
        KPI.objects.create(kgi=ranged, key=f"k{number}", name=f"K {number}", current=D(1), low=D(1), high=D(2))
    ranged.kpis.filter(is_goal=True).update(formula="orders * price * " + " * ".join(f"k{n}" for n in range(8)))
    with django_assert_max_num_queries(13):
        assert client.get(address).status_code == 200
    ranged.kpis.filter(key="price").update(current=0)
    ranged.kpis.filter(is_goal=True).update(formula="orders / price")
    assert "divides by 0" in client.get(address).content.decode()
