"""Signs of trouble that lie between rows: levers and their KGI, owners and their forecasts."""

from datetime import date
from decimal import Decimal

import pytest

from dashboards import queries
from funnel.models import KGI, KPI, KPIReading
from funnel.services import record_actual
from objectives import services
from objectives.models import KeyResult, KeyResultForecast
from tests.cast import NOW, TODAY


@pytest.fixture
def spring(cast, move_clock):
    move_clock("2026-04-06T09:00:00+09:00")
    cast.later = lambda: move_clock(NOW)
    return cast


def report(cast, key_result, value, day=TODAY, **said):
    services.record_check_in(
        KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day, **said
    )


def sign_of(cast, code):
    found = queries.overview(cast.executive, cast.cycle, TODAY).patterns
    return next((pattern for pattern in found if pattern.sign.code == code), None)


def test_levers_that_rise_beside_a_kgi_that_stands_are_a_sign(spring):
    kgi = KGI.objects.create(
        organization=spring.organization,
        name="年間売上",
        unit="円",
        period_start=date(2026, 4, 1),
        period_end=date(2027, 3, 31),
        last_year_value=300,
        must_hit_value=450,
    )
    levers = spring.objective().key_results.all()
    spring.later()
    for day, value in ((date(2026, 4, 20), 301), (TODAY, 302)):
        record_actual(kgi, date=day, value=Decimal(value), recorded_by=spring.executive)
    for number, lever in enumerate(levers):
        report(spring, lever, 5, date(2026, 4, 15))
        report(spring, lever, 25)
        kpi = KPI.objects.create(kgi=kgi, key=f"lever_{number}", name=f"てこ{number}", position=number + 1)
        KeyResult.objects.filter(pk=lever.pk).update(kpi=kpi)
    found = sign_of(spring, "kgi_flat")
    assert (found.sign.numbers, found.kgi.kgi) == ({"count": 2, "total": 2}, kgi)
    KPIReading.objects.filter(kpi__kgi=kgi, date=TODAY).update(value=330)
    assert sign_of(spring, "kgi_flat") is None


@pytest.mark.parametrize(("confidence", "likely", "is_over"), [(9, 0.3, 1), (4, 0.9, 0)])
def test_owners_who_are_far_from_their_forecast_are_a_sign(spring, confidence, likely, is_over):
    rows = [spring.objective(title=f"目標{number}").key_results.first() for number in range(3)]
    spring.later()
    for key_result in rows:
        report(spring, key_result, 45, confidence=confidence)
        KeyResultForecast.objects.update_or_create(
            key_result=key_result, defaults={"score_0_6": likely, "readings": 1, "made_on": TODAY}
        )
    found = sign_of(spring, "forecast_apart")
    assert found.sign.numbers == {"count": 3, "total": 3, "is_over": is_over}
    assert {row.pk for row in found.key_results} == {row.pk for row in rows}
    KeyResultForecast.objects.filter(key_result=rows[0]).update(score_0_6=confidence / 10)
    assert sign_of(spring, "forecast_apart") is None
