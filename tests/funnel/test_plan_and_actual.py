"""Plan and actual: the gap by lever, the landing, what the rest needs, and what does not hang together."""

from datetime import date
from decimal import Decimal

import pytest

from funnel import services
from funnel.models import KGI, KPI
from funnel.services import Written
from tests.funnel.plans import make_kgi, share

pytestmark = pytest.mark.django_db
MONTHS = [date(2026, month, 28) for month in (4, 5, 6, 7)]


@pytest.fixture
def kgi(cast, move_clock):
    move_clock("2026-08-05T10:00:00+09:00")
    kgi = make_kgi(cast, current_value=24_000_000, must_hit_value=54_000_000, challenge_value=72_000_000)
    KPI.objects.create(
        kgi=kgi, key="revenue", name="売上", unit="円", formula="visits * win_rate * price * 12", is_goal=True
    )
    levers = {
        "visits": {"name": "訪問", "unit": "回", "period": "month", "current": 10_000, "must_hit": 15_000},
        "win_rate": {"name": "受注率", "is_rate": True, "current": "0.02", "must_hit": "0.03"},
        "price": {"name": "単価", "unit": "円", "current": 10_000, "must_hit": 10_000},
        "lonely": {"name": "ひとりのレバー", "current": 1, "must_hit": 2},
    }
    for position, (key, fields) in enumerate(levers.items()):
        KPI.objects.create(kgi=kgi, key=key, position=position, **fields)
    return kgi


def write(kgi, **values):
    """The same value for each of the four months that are over, or four."""
    readings = [
        Written(kgi.kpis.get(key=key), month, Decimal(str(value)), "month")
        for key, given in values.items()
        for month, value in zip(MONTHS, given if isinstance(given, tuple) else (given,) * 4, strict=True)
    ]
    services.save_readings(kgi, readings, recorded_by=None)


def url(cast, kgi, rest=""):
    return cast.url(f"kgis/{kgi.pk}/plan-and-actual/{rest}")


def test_the_title_says_what_is_missing_and_through_which_levers(cast, sign_in, kgi):
    write(kgi, visits=10_000, win_rate="0.025", price=10_000)
    answer = sign_in(cast.member).get(url(cast, kgi))
    gap = answer.context["gap"]
    # 15,000 × 3 % × 12 × 10,000 = ¥54M planned, 10,000 × 2.5 % × 12 × 10,000 = ¥30M at the pace so far.
    assert (round(gap.planned), round(gap.was), round(gap.value)) == (54_000_000, 30_000_000, -24_000_000)
    # By hand: of two factors each moves by its change times the mean of the other.
    assert {step.kpi.key: round(step.value) for step in gap.parts} == {
        "visits": -5_000 * 0.0275 * 120_000,
        "win_rate": -0.005 * 12_500 * 120_000,
    }
    assert "".join(answer.context["finding"]) == "訪問で1,650万円、受注率で750万円足りません。"
    assert "ひとりのレバー" in answer.text


@pytest.mark.parametrize(("must_hit", "is_said"), [(30_000_000, True), (31_000_000, False)])
def test_a_plan_above_the_kgi_may_be_missed_with_the_kgi_reached(cast, sign_in, kgi, must_hit, is_said):
    write(kgi, visits=10_000, win_rate="0.025", price=10_000)
    KGI.objects.update(must_hit_value=must_hit)
    text = sign_in(cast.member, language="en").get(url(cast, kgi)).text
    assert "is missing through" in text
    assert ("s ¥30M is reached at this pace; what is missing" in text) is is_said


def test_the_landing_and_the_rest_are_told_with_their_chances(cast, sign_in, kgi):
    write(kgi, visits=(10_000, 11_000, 14_000, 13_000), win_rate="0.03", price=10_000)
    answer = sign_in(cast.member).get(url(cast, kgi))
    outlook = answer.context["outlook"]
    assert outlook.low < outlook.likely < outlook.high
    told = answer.text.split("実績だけで見た着地見込みは")[1]
    assert cast.url(f"kgis/{kgi.pk}/landing/") in told, "the forecast that counts check-ins is another one"
    assert outlook.likely == pytest.approx(12_000 * 0.03 * 10_000 * 12, rel=0.02)
    chances = {mark.column: mark.probability for mark in outlook.marks}
    assert 0.5 > chances["must_hit"] > chances["challenge"] == pytest.approx(0, abs=0.02)
    visits = next(need for need in answer.context["needs"] if need.kpi.key == "visits")
    assert (visits.verdict, round(visits.run_rate), visits.best) == ("harder_than_best", 12_000, 14_000)
    assert visits.needed == pytest.approx((180_000 - 48_000) / 8, rel=0.001)


def test_levers_that_improve_beside_a_flat_goal_are_named(cast, sign_in, kgi):
    write(kgi, visits=(10_000, 11_000, 11_500, 12_000), revenue=24_000_000)
    answer = sign_in(cast.member, language="en").get(url(cast, kgi))
    assert "KPIs improve, the KGI does not follow." in answer.text
    write(kgi, revenue=(24_000_000, 24_000_000, 24_000_000, 26_000_000))
    assert "KPIs improve" not in sign_in(cast.member, language="en").get(url(cast, kgi)).text


def test_the_file_holds_the_parts_that_sum_to_the_gap(cast, sign_in, kgi):
    write(kgi, visits=10_000, win_rate="0.025")
    rows = sign_in(cast.member).get(url(cast, kgi, "?download=csv")).content.decode("utf-8-sig").splitlines()
    *parts, total = [float(row.split(",")[-1]) for row in rows[1:]]
    assert sum(parts) == pytest.approx(total)


def test_without_readings_or_a_tree_the_page_teaches(cast, sign_in, kgi):
    client = sign_in(cast.manager, language="en")
    assert "No actual is written yet" in client.get(url(cast, kgi)).text
    assert "No tree to compare with yet" in client.get(url(cast, make_kgi(cast))).text
    KPI.objects.filter(kgi=kgi, key="revenue").update(formula="visits / (price - price)")
    write(kgi, visits=1)
    assert client.get(url(cast, kgi)).status_code == 200
    KPI.objects.filter(kgi=kgi, key="revenue").update(formula="visits * unknown")
    assert "No node has the key" in client.get(url(cast, kgi)).text


@pytest.mark.parametrize(
    "period", [(None, None), (date(2027, 1, 1), date(2027, 12, 31)), (date(1900, 1, 1), date(2199, 1, 1))]
)
def test_a_kgi_of_whatever_period_is_answered(cast, sign_in, kgi, period):
    write(kgi, visits=10_000)
    type(kgi).objects.filter(pk=kgi.pk).update(period_start=period[0], period_end=period[1])
    for against in ("must_hit", "challenge", "x"):
        assert sign_in(cast.member).get(url(cast, kgi, f"?against={against}")).status_code == 200


def test_partners_see_what_is_shared_and_strangers_nothing(cast, sign_in, kgi):
    write(kgi, visits=10_000)
    assert sign_in(cast.partner).get(url(cast, kgi)).status_code == 404
    share(kgi, cast.partner)
    answer = sign_in(cast.partner).get(url(cast, kgi))
    assert answer.status_code == 200
    assert cast.url("orphans/") not in answer.text
    assert sign_in(cast.stranger).get(url(cast, kgi)).status_code == 404


def test_the_queries_do_not_grow_with_levers(cast, sign_in, kgi, django_assert_max_num_queries):
    client = sign_in(cast.manager)
    write(kgi, visits=10_000)
    client.get(url(cast, kgi))
    with django_assert_max_num_queries(20) as few:
        client.get(url(cast, kgi))
    for number in range(8):
        KPI.objects.create(kgi=kgi, key=f"k{number}", name=f"レバー{number}", current=1, must_hit=2, owner=cast.manager)
        write(kgi, **{f"k{number}": 1})
    KPI.objects.filter(kgi=kgi, key="revenue").update(formula="visits * win_rate * price * 12 * k0 * k1 * k2")
    with django_assert_max_num_queries(len(few)):
        client.get(url(cast, kgi))
