"""What check-ins say of the end: stored after each of them, and carried to every new day."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPIReading
from funnel.services import record_by_hand
from objectives import rollup, services, tasks
from objectives.forecasting import kgis, past, rounds
from objectives.forecasting.key_results import forecast_key_results, learn
from objectives.models import KeyResult, KeyResultForecast, KeyResultScore, KGIForecast, Objective, ObjectiveState
from objectives.queries.forecasts import kgi_landings
from objectives.sentences.forecast import landing_words, outlook
from people.live import raise_version, version_of
from people.models import LiveVersion
from people.waking import FORECAST_OPEN
from tests.cast import NOW, make_cast
from tests.funnel.plans import make_kgi, share
from tests.objectives.trees import node, plan_tree


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


def test_what_ended_teaches_what_is_to_be_expected_before_the_first_check_in(cast):
    ended = cast.objective(key_results=8, state=ObjectiveState.DRAFT)
    KeyResultScore.objects.filter(key_result__objective=ended).update(own_progress=0.1, check_in_count=5)
    Objective.objects.filter(pk=ended.pk).update(cycle=cast.closed_cycle)
    prior = learn(cast.organization)["reach", "aspirational"]
    assert prior.weight == 8
    assert prior.landing < 0.4


def test_a_sum_that_others_carry_is_forecast_from_their_forecasts(cast):
    above = cast.objective(title="会社", team=cast.company, level="company")
    total = cast.key_result(above, combine="sum", target_value=200)
    parts = []
    for title in ("法人", "店"):
        child = cast.objective(title=title)
        services.align(child, to=total)
        part, another = child.key_results.all()
        KeyResult.objects.filter(pk=another.pk).update(unit="回")
        parts.append(part)
    rollup.drain()
    assert KeyResultForecast.objects.get(key_result=total).p50 is None, "nobody has said anything yet"
    for part, step in zip(parts, (6, 9), strict=True):
        say(cast, part, *range(5, 5 + 7 * step, step))
    rollup.drain()
    told, (one, other) = KeyResultForecast.objects.get(key_result=total), [part.forecast for part in parts]
    assert told.readings == 14
    assert float(told.p50) == pytest.approx(float(one.p50 + other.p50), rel=0.05)
    wide, *widths = [each.p90 - each.p10 for each in (told, one, other)]
    assert max(widths) < wide < sum(widths)
    assert 1 > told.score_0_6 > told.score_0_7 > told.target >= 0
    services.record_check_in(parts[0], author=cast.member, value=Decimal(90))
    rollup.drain()
    assert KeyResultForecast.objects.get(key_result=total).p50 > told.p50
    rounds.forecast_open()


def test_a_sum_of_sums_keeps_what_ended_below_it(cast):
    sums = cast.sums_of_sums()
    total, middle, part = sums
    say(cast, part, 5, 15, 25, 40, 50)
    rollup.drain()
    rows = KeyResultForecast.objects.filter(key_result__in=sums)
    assert rows.get(key_result=total).p50 == rows.get(key_result=middle).p50 > 50
    Objective.objects.filter(key_results__in=[middle, part]).update(state=ObjectiveState.CLOSED)
    rollup.request_roll_up(cast.organization.pk, middle.objective_id)
    rollup.drain()
    assert rows.filter(key_result=total).values_list("p10", "p50", "p90", "readings").get() == (50, 50, 50, 5)


def test_a_typo_that_was_confirmed_does_not_rule_the_forecast(cast):
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 5, 12, 19, 24, 31, 38)
    rollup.drain()
    before = key_result.forecast
    services.record_check_in(key_result, author=cast.member, value=Decimal(450))
    rollup.drain()
    after = KeyResultForecast.objects.get(key_result=key_result)
    assert after.p50 < 150
    assert before.p90 < after.p90 < 450


def test_a_forecast_that_fails_keeps_no_score_waiting(cast, monkeypatch, caplog):
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 40)
    monkeypatch.setattr("objectives.forecasting.key_results.LARGEST", 1e30)
    monkeypatch.setattr("objectives.forecasting.key_results.within", lambda value: value and 1e29)
    rollup.drain()
    assert KeyResult.objects.get(pk=key_result.pk).scored.score == 0.4
    assert "forecasting what was touched failed" in caplog.text


def test_midnight_carries_every_open_forecast_on_and_once_is_enough(cast, move_clock):
    first, second = cast.objective().key_results.all()
    say(cast, first, 5, 12, 19, 24, 31, 38, 45)
    assert rounds.forecast_open() is False
    before = KeyResultForecast.objects.get(key_result=first)
    assert KeyResultForecast.objects.filter(key_result=second, readings=0).exists()
    move_clock("2026-06-20T00:05:00+09:00")
    rounds.forecast_open()
    after = KeyResultForecast.objects.get(key_result=first)
    assert after.made_on == date(2026, 6, 20)
    assert after.p50 < before.p50  # a month of silence
    with CaptureQueriesContext(connection) as asked:
        rounds.forecast_open()
    assert not any("INSERT" in query["sql"] for query in asked)


def test_a_change_of_the_calendar_has_everything_forecast_anew_at_once(
    cast, monkeypatch, django_capture_on_commit_callbacks
):
    rounds.forecast_open()
    before = version_of(cast.organization.pk)
    sent = []
    monkeypatch.setattr("people.waking.current_app.send_task", lambda name, **_how: sent.append(name))
    key_result = cast.objective().key_results.first()
    say(cast, key_result, 5, 12, 19)
    rollup.drain()
    rounds.forecast_open()
    with django_capture_on_commit_callbacks(execute=True):
        rollup.request_roll_up(cast.organization.pk, None)
        rollup.drain()
    assert FORECAST_OPEN in sent
    assert KeyResultForecast.objects.get(key_result=key_result).made_on < cast.organization.today
    tasks.forecast_open()
    assert KeyResultForecast.objects.get(key_result=key_result).made_on == cast.organization.today
    assert version_of(cast.organization.pk) > before


def test_what_is_closed_keeps_its_last_forecast(cast, move_clock):
    objective = cast.objective()
    key_result = objective.key_results.first()
    say(cast, key_result, 5, 12, 19)
    rollup.drain()
    before = key_result.forecast.made_on
    services.change_state(objective, to=ObjectiveState.CLOSED, by=cast.admin)
    move_clock("2026-05-21T10:00:00+09:00")
    rollup.drain()
    rounds.forecast_open()
    assert KeyResultForecast.objects.get(key_result=key_result).made_on == before


def test_a_hundred_key_results_are_asked_about_as_often_as_ten(cast):
    organization, today = cast.organization, cast.organization.today
    objective = cast.objective(key_results=100, state=ObjectiveState.DRAFT)
    Objective.objects.filter(pk=objective.pk).update(state=ObjectiveState.ACTIVE)
    ids = list(objective.key_results.values_list("pk", flat=True))
    counts = []
    for some in (ids[:10], ids):
        with CaptureQueriesContext(connection) as asked:
            forecast_key_results(organization, some, today, {})
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


# KGIs


def carry(cast, kgi, *values):
    """A key result on the win rate, 20 → 35 per cent, with check-ins week by week."""
    key_result = cast.key_result(
        cast.objective(kgi=kgi), unit="%", start_value=20, target_value=35, kpi=kgi.kpis.get(key="win_rate")
    )
    say(cast, key_result, *values)
    return key_result


def forecast(cast) -> int:
    """What the worker does once something has moved."""
    rollup.drain()
    raise_version(cast.organization.pk)
    return kgis.forecast_organization(cast.organization.pk)


def landing(cast, kgi, by=None):
    return kgi_landings(by or cast.member, [kgi], cast.organization.today).get(kgi.pk)


def test_nothing_is_said_of_a_kgi_of_which_nothing_is_known(cast):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    assert forecast(cast) == 1
    assert KGIForecast.objects.get(kgi=kgi).p50 is None
    assert landing(cast, kgi) is None


def test_a_key_result_on_a_lever_moves_its_kgi(cast):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    told = landing(cast, kgi)
    assert (told.levers, told.spoken) == (6, 1)
    assert 20_400_000 < told.p10 < told.p50 < told.p90
    assert 1 > told.must_hit > told.challenge
    assert [driver.name for driver in told.drivers] == ["受注率"]
    assert "必達に届く確率は" in landing_words(told, kgi)


def test_a_new_reading_leads_to_a_new_forecast(cast, django_capture_on_commit_callbacks):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    before = landing(cast, kgi)
    with django_capture_on_commit_callbacks(execute=True):
        record_by_hand(
            kgi.kpis.get(key="visits"), date=date(2026, 4, 30), value=Decimal(20_000), recorded_by=None, span="month"
        )
    assert kgis.forecast_moved() == 1
    after = landing(cast, kgi)
    assert after.spoken == 2
    assert after.p50 > before.p50
    live = LiveVersion.objects.get(organization=cast.organization)
    assert live.version == live.forecast_version
    assert kgis.forecast_moved() == 0


def test_a_lever_that_no_key_result_measures_any_more_follows_its_readings(cast):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    key_result = carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    before = landing(cast, kgi)
    services.drop_key_result(key_result, reason="測り方が変わった", by=cast.admin)
    forecast(cast)
    after = landing(cast, kgi)
    assert after.spoken == 1
    assert after.p50 != before.p50


def test_what_is_closed_before_its_cycle_ends_speaks_of_its_lever_as_it_ended(cast):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    key_result = carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    before = landing(cast, kgi)
    services.change_state(key_result.objective, to=ObjectiveState.CLOSED, by=cast.admin)
    forecast(cast)
    after = landing(cast, kgi)
    assert after.spoken == before.spoken == 1
    assert 25_500_000 < after.p50 < before.p50  # it rises no further, and does not fall back either
    assert after.p10 < after.p50 < after.p90
    assert [driver.name for driver in after.drivers] == ["受注率"]
    services.change_state(key_result.objective, to=ObjectiveState.ACTIVE, by=cast.admin)
    forecast(cast)
    assert landing(cast, kgi).p50 == before.p50


def test_a_sum_says_the_same_of_a_lever_as_its_parts_and_with_them_nothing_twice(cast, move_clock):
    move_clock("2026-06-10T10:00:00+09:00")
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    above = cast.objective(title="会社", team=cast.company, level="company")
    total = cast.key_result(above, kind="cumulative", start_value=None, combine="sum", target_value=60_000)
    parts = []
    for title in ("法人", "店"):
        child = cast.objective(title=title)
        services.align(child, to=total)
        child.key_results.update(unit="回")
        parts.append(cast.key_result(child, kind="cumulative", start_value=None, target_value=30_000))
    for part in parts:
        say(cast, part, *[1_500] * 9)

    def told_by(*rows):
        KeyResult.objects.update(kpi=None)
        KeyResult.objects.filter(pk__in=[row.pk for row in rows]).update(kpi=kgi.kpis.get(key="visits"))
        forecast(cast)
        now = float(landing(cast, kgi).p50)
        kgis.forecast_kgis(cast.organization, date(2026, 5, 20), priors={}, kgis=[kgi])
        return now, float(KGIForecast.objects.get(kgi=kgi, date=date(2026, 5, 20)).p50)

    of_parts = told_by(*parts)
    assert told_by(total) == pytest.approx(of_parts, rel=0.01)
    assert told_by(total, *parts) == pytest.approx(of_parts, rel=0.01)


def test_a_goal_that_is_to_fall_is_reached_from_above(cast):
    kgi = make_kgi(cast, unit="日", last_year_value=40, must_hit_value=35, challenge_value=30, current_value=40)
    node(kgi, "days", "入金までの日数", unit="日", formula="sent + paid", is_goal=True)
    node(kgi, "sent", "請求まで", 10, 5, unit="日")
    node(kgi, "paid", "支払いまで", 30, 25, unit="日", low=18, likely=20, high=22)
    forecast(cast)
    told = landing(cast, kgi)
    assert (told.falls, told.must_hit, told.spoken) == (True, 1.0, 0)
    assert 0.4 < told.challenge < 0.6


def test_what_has_come_in_is_a_fact(cast, move_clock):
    kgi = make_kgi(cast, challenge_value=1_200, must_hit_value=900)
    node(kgi, "sales", "売上", unit="円", formula="orders * price", is_goal=True, period="whole")
    node(kgi, "orders", "受注", 10, 12, unit="件", period="month")
    node(kgi, "price", "単価", 10, 10, unit="円", low=9, likely=10, high=11)
    kgi.kpis.filter(key="sales").update(formula="orders * 12 * price")
    for month, value in ((4, 500), (5, 300)):
        KPIReading.objects.create(
            kpi=kgi.kpis.get(key="sales"), date=date(2026, month, 20), span="month", value=value, source=f"hand:{month}"
        )
    forecast(cast)
    told = landing(cast, kgi)
    assert told.p10 > 800
    assert told.p50 == pytest.approx(Decimal(800 + 1_200 * (11 + 10 / 31 - 1) / 12), rel=Decimal("0.02"))


def test_four_weeks_later_it_says_how_it_was(cast, move_clock):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    before = landing(cast, kgi)
    assert before.ago is None
    move_clock("2026-06-18T10:00:00+09:00")
    rounds.forecast_open()
    forecast(cast)
    after = landing(cast, kgi)
    assert (after.date, after.ago.date) == (date(2026, 6, 18), date(2026, 5, 20))
    assert after.ago.p50 == before.p50
    assert after.moved == after.p50 - before.p50


def test_the_weeks_before_an_update_are_made_up_for_from_what_was_known_then(cast):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    tasks.forecast_open()
    assert KGIForecast.objects.filter(kgi=kgi).count() == 1, "nobody can have forecast what was not there"
    KGI.objects.filter(pk=kgi.pk).update(created_at="2026-04-21T09:00:00+09:00")
    tasks.forecast_open()
    days = list(KGIForecast.objects.filter(kgi=kgi).order_by("date").values_list("date", "spoken", "p50"))
    assert [day.isoformat() for day, *_told in days] == [
        "2026-04-22",
        "2026-04-29",
        "2026-05-06",
        "2026-05-13",
        "2026-05-20",
    ]
    told = landing(cast, kgi)
    assert told.ago.date == date(2026, 4, 22)
    assert told.ago.p50 == days[0][2] < told.p50, "three of seven check-ins were known"
    assert past.forecast_past() == 0
    forecast(cast)


def test_what_changes_meanwhile_is_left_to_the_next_round(cast, monkeypatch):
    plan_tree(cast)
    real = kgis.forecast_kgis

    def interrupted(*args, **kwargs):
        done = real(*args, **kwargs)
        raise_version(cast.organization.pk)
        return done

    monkeypatch.setattr(kgis, "forecast_kgis", interrupted)
    forecast(cast)
    monkeypatch.undo()
    live = LiveVersion.objects.get(organization=cast.organization)
    assert live.version != live.forecast_version
    kgis.forecast_moved()
    live.refresh_from_db()
    assert live.version == live.forecast_version


def test_a_company_whose_forecast_fails_does_not_hold_the_others(cast, monkeypatch, caplog):
    kgi = plan_tree(cast)
    raise_version(cast.stranger.organization_id)
    raise_version(cast.organization.pk)
    real = kgis.forecast_kgis

    def failing(organization, *args, **kwargs):
        if organization == cast.stranger.organization:
            raise RuntimeError("out of luck")
        return real(organization, *args, **kwargs)

    monkeypatch.setattr(kgis, "forecast_kgis", failing)
    kgis.forecast_moved()
    assert KGIForecast.objects.filter(kgi=kgi).exists()
    assert "forecasting its KGIs failed" in caplog.text
    live = LiveVersion.objects.get(organization=cast.stranger.organization)
    assert live.version != live.forecast_version


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_forecast_once(move_clock):
    move_clock(NOW)
    cast = make_cast()
    plan_tree(cast)
    raise_version(cast.organization.pk)
    together = threading.Barrier(2)

    def work(_number):
        try:
            connection.ensure_connection()
            together.wait()
            return kgis.forecast_organization(cast.organization.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [0, 1]
    assert KGIForecast.objects.count() == 1


def test_partners_are_told_of_what_is_shared_with_them(cast, sign_in):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    forecast(cast)
    assert landing(cast, kgi, cast.partner) is None
    page = cast.url(f"kgis/{kgi.pk}/landing/")
    assert sign_in(cast.partner).get(page).status_code == 404
    share(kgi, cast.partner)
    assert landing(cast, kgi, cast.partner).p50 == landing(cast, kgi).p50
    assert "8割の見込みで" in sign_in(cast.partner).get(page).text


def test_pages_files_and_programs_say_the_same(cast, sign_in):
    kgi = plan_tree(cast, must_hit_value=Decimal(25_000_000))
    key_result = carry(cast, kgi, 20, 21, 22, 23, 24, 25, 26)
    client = sign_in(cast.member)
    page = cast.url(f"kgis/{kgi.pk}/landing/")
    assert "着地見込みは、まだ言えません" in client.get(page).text
    api = f"/api/v1/o/{cast.organization.slug}"
    assert client.get(f"{api}/kgis/{kgi.pk}/").json()["landing"] is None
    forecast(cast)
    told = landing(cast, kgi)
    assert client.get(f"{api}/kgis/{kgi.pk}/").json()["landing"]["p50"] == pytest.approx(float(told.p50))
    part = client.get(page, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "必達に届く確率" in part
    (told_day,) = [line for line in client.get(f"{page}?download=csv").text.splitlines() if line.startswith("2026-05")]
    assert told_day.split(",")[2] == f"{round(told.p50)}"
    assert told_day.split(",")[4:] == [str(round(told.must_hit * 100, 1)), str(round(told.challenge * 100, 1))]
    assert outlook(told.must_hit) in client.get(page).text.split("<tbody>")[1]
    end = client.get(f"{api}/key-results/{key_result.pk}/").json()["forecast"]
    assert (end["readings"], end["made_on"]) == (7, "2026-05-20")
    assert end["p10"] < end["p50"] < end["p90"]
    shown = client.get(cast.url(f"objectives/{key_result.objective_id}/")).text
    assert "スコア0.6以上" in shown
    assert "8割の見込みで収まる範囲" in shown
