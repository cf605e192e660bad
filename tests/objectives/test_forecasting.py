"""What check-ins say of the end: stored after each of them, and carried to every new day."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import rollup, services
from objectives.forecasting import kgis, rounds
from objectives.forecasting.key_results import forecast_key_results
from objectives.models import KeyResult, KeyResultForecast, Kind, ObjectiveState


def say(cast, key_result, *values, start=date(2026, 4, 8)):
    """One check-in a week from the first day on."""
    for week, value in enumerate(values):
        day = date.fromordinal(start.toordinal() + 7 * week)
        services.record_check_in(key_result, author=cast.member, value=Decimal(value), date=day)


def test_a_check_in_leads_to_a_forecast_once_the_worker_has_drained(cast):
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 5, 12, 19, 24, 31, 38, 45)
    assert not KeyResultForecast.objects.filter(key_result=key_result).exists()
    rollup.drain()
    told = key_result.forecast
    assert (told.readings, told.made_on) == (7, date(2026, 5, 20))
    assert 45 <= told.p10 < told.p50 < told.p90 < 150
    assert told.score_0_6 > told.score_0_7 > told.target > 0
    assert told.must_hit is None


def test_more_is_never_worse_and_a_second_drain_writes_nothing(cast):
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 5, 12, 19, 24, 31, 38)
    rollup.drain()
    before = key_result.forecast
    assert forecast_key_results(cast.organization, [key_result.pk], cast.organization.today) == 0
    services.record_check_in(key_result, author=cast.member, value=Decimal(60))
    rollup.drain()
    after = KeyResultForecast.objects.get(key_result=key_result)
    assert after.p50 > before.p50
    assert after.score_0_7 > before.score_0_7


def test_a_new_target_is_forecast_too(cast):
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 5, 12, 19, 24, 31, 38, 45)
    rollup.drain()
    before = key_result.forecast.score_0_7
    key_result.target_value = Decimal(60)
    services.save_key_result(key_result, by=cast.admin, reason="市場が縮んだ")
    rollup.drain()
    assert KeyResultForecast.objects.get(key_result=key_result).score_0_7 > before
