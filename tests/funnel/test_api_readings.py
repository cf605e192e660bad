"""Readings of many KPIs, and of whole weeks and months, for other programs."""

from decimal import Decimal

import pytest

from funnel.models import KPI, KPIReading
from tests import asking
from tests.asking import post
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db


@pytest.fixture
def kgi(cast):
    kgi = make_kgi(cast)
    KPI.objects.create(kgi=kgi, key="visits", name="訪問", unit="回", period="month")
    KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    return kgi


def many(cast, kgi):
    return asking.address(cast, "kgis", kgi.pk, "readings")


def test_many_readings_are_written_at_once_by_key_or_id_and_again_without_harm(cast, sign_in, kgi):
    client = sign_in(cast.manager)
    rate = kgi.kpis.get(key="win_rate")
    sent = {
        "readings": [
            {"kpi": "visits", "date": "2026-04-01", "span": "month", "value": "1.2万"},
            {"kpi": rate.pk, "date": "2026-05-18", "value": "２１％"},
            {"kpi": "visits", "date": "2026-05-11", "span": "week", "value": 2500},
        ]
    }
    assert post(client, many(cast, kgi), sent).json() == {"new": 3, "changed": 0, "unchanged": 0}
    assert post(client, many(cast, kgi), sent).json() == {"new": 0, "changed": 0, "unchanged": 3}
    told = [(row.kpi.key, row.span, f"{row.date}", row.value) for row in KPIReading.objects.order_by("date")]
    assert told == [
        ("visits", "month", "2026-04-30", 12_000),
        ("visits", "week", "2026-05-17", 2500),
        ("win_rate", "", "2026-05-18", Decimal("0.21")),
    ]


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"kpi": "unknown"}, "readings.1.kpi"),
        ({"value": "many"}, "readings.1.value"),
        ({"value": None}, "readings.1.value"),
        ({"date": "2026-06-01"}, "readings.1"),
        ({"date": "9999-12-31", "span": "week"}, "readings.1"),
        ({"date": "2026-04-30", "value": 2}, "readings.1"),
    ],
)
def test_one_that_cannot_be_taken_leaves_all_unwritten_and_is_named(cast, sign_in, kgi, wrong, place):
    good = {"kpi": "visits", "date": "2026-04-30", "value": 1}
    answer = post(sign_in(cast.manager), many(cast, kgi), {"readings": [good, good | wrong]})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [place])
    assert not KPIReading.objects.exists()


def test_more_than_a_thousand_are_refused(cast, sign_in, kgi):
    one = {"kpi": "visits", "date": "2026-04-30", "value": 1}
    assert post(sign_in(cast.manager), many(cast, kgi), {"readings": [one] * 1001}).status_code == 400


def test_one_reading_may_be_that_of_a_whole_month(cast, sign_in, kgi):
    url = asking.address(cast, "kpis", kgi.kpis.get(key="visits").pk, "readings")
    for value in (100, 110):
        answer = post(sign_in(cast.manager), url, {"value": value, "span": "month", "date": "2026-04-02"})
    assert answer.json().items() >= {"span": "month", "date": "2026-04-30", "value": 110}.items()
    assert KPIReading.objects.count() == 1
