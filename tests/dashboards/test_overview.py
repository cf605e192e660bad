"""What the first screen says: forecast, attainment then and now, movers without slips, signs of trouble."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from dashboards import queries
from dashboards.queries.turns import Turn
from dashboards.sentences import (
    band_finding,
    chance,
    departments_finding,
    finding,
    pattern_words,
    waiting_finding,
)
from funnel.models import KGI
from funnel.services import record_actual
from objectives import rollup, services
from objectives.formulas import patterns
from objectives.formulas.patterns import SERIOUS, Sign
from objectives.models import Activity, KeyResult, KeyResultScore, KGIForecast, Kind, ObjectiveScore, ObjectiveSnapshot
from objectives.sentences.forecast import outlook_words
from people import clock
from tests.cast import NOW, TODAY

FOUR_WEEKS_AGO = TODAY - timedelta(days=28)


@pytest.fixture
def spring(cast, move_clock):
    move_clock("2026-04-06T09:00:00+09:00")
    cast.later = lambda: move_clock(NOW)
    return cast


def seen_by(cast, membership=None):
    return queries.overview(membership or cast.executive, cast.cycle, TODAY)


def report(cast, key_result, value, day=TODAY, **said):
    services.record_check_in(
        KeyResult.objects.get(pk=key_result.pk), author=cast.admin, value=Decimal(value), date=day, **said
    )


def heading(objective, landing):
    ObjectiveScore.objects.update_or_create(
        objective=objective, defaults={"score": 0.3, "pace": 0.5, "landing": landing, "health": "on_track"}
    )


def headed(objective, day, landing):
    ObjectiveSnapshot.objects.create(
        objective=objective, date=day, score=0.2, pace=0.5, landing=landing, health="on_track"
    )


def revenue(cast, actual=320_000_000):
    kgi = KGI.objects.create(
        organization=cast.organization,
        name="年間売上",
        unit="円",
        period_start=date(2026, 4, 1),
        period_end=date(2027, 3, 31),
        last_year_value=300_000_000,
        must_hit_value=450_000_000,
        challenge_value=900_000_000,
    )
    record_actual(kgi, date=TODAY, value=Decimal(actual), recorded_by=cast.executive)
    return kgi


def codes(seen):
    return [pattern.sign.code for pattern in seen.patterns]


def test_the_forecast_leads_the_page_with_its_range_and_that_of_four_weeks_ago(cast, sign_in):
    kgi = revenue(cast)
    for day, middle, must_hit in ((FOUR_WEEKS_AGO, 440_000_000, 0.4), (TODAY, 490_000_000, 0.78)):
        KGIForecast.objects.create(
            kgi=kgi,
            date=day,
            mean=middle,
            p10=middle - 80_000_000,
            p50=middle,
            p90=middle + 90_000_000,
            must_hit=must_hit,
            challenge=0.002,
        )
    heading(cast.objective(), 0.65)
    page = sign_in(cast.executive, language="en").get(cast.url("company/")).text
    assert "年間売上 is heading for ¥490M; must-hit is reached with a probability of 78%." in page
    kgi_section = page.split('id="kgi"')[1].split("</section>")[0]
    for said in ("¥410M – ¥580M in 4 of 5 cases", "four weeks ago ¥440M", "four weeks ago 40%", "&lt;1%"):
        assert said in kgi_section, said
    assert "It is not a forecast" not in kgi_section


def test_attainment_is_told_beside_where_it_was_four_weeks_ago(spring):
    objectives = [spring.objective(title=f"目標{number}") for number in range(3)]
    spring.later()
    for objective, now, then in zip(objectives, (0.65, 0.8, 0.3), (0.2, 0.65, None), strict=True):
        heading(objective, now)
        if then is not None:
            headed(objective, FOUR_WEEKS_AGO, then)
    board = seen_by(spring).board
    assert board.spread.counts == {"below": 1, "in": 1, "above": 1, "none": 0}
    assert board.before == {"below": 1, "in": 1, "above": 0}


def test_nothing_is_told_of_four_weeks_ago_before_the_cycle_is_so_old(spring):
    heading(spring.objective(), 0.65)
    assert queries.board(spring.executive, spring.cycle, date(2026, 4, 20)).before is None


def test_the_department_that_fell_out_of_the_band_is_named(spring):
    sold, shop = spring.objective(team=spring.sales), spring.objective(team=spring.online)
    spring.later()
    for objective, then, now in ((sold, 0.65, 0.4), (shop, 0.65, 0.66)):
        headed(objective, queries.last_look(TODAY), then)
        heading(objective, now)
    seen = seen_by(spring)
    assert [row.name for row in queries.turned(list(seen.departments))[0]] == ["法人営業"]
    with override("en"):
        assert band_finding(seen) == "1 of 2 objectives are in the band; 法人営業 fell below it this week"
    with override("ja"):
        assert band_finding(seen) == "2件の目標のうち1件が帯の中。今週、法人営業が帯の下へ"
    assert seen.shift.since == seen.movement.since


def test_a_change_in_a_week_compares_the_same_objectives(spring):
    """One that reports for the first time moves the mean, and nothing has changed."""
    sold, begun = spring.objective(team=spring.sales), spring.objective(team=spring.sales, title="はじめたばかり")
    spring.later()
    headed(sold, queries.last_look(TODAY), 0.65)
    heading(sold, 0.67)
    heading(begun, 0.1)
    (department,) = seen_by(spring).departments
    assert department.landing == pytest.approx(0.385)
    assert department.change == pytest.approx(0.02)
    assert not department.has_fallen


def test_departments_below_the_band_are_counted_and_never_ranked():
    def row(name, landing, zone):
        return Turn(1, name, 1, landing, 0.5, landing, zone, None, "none", None, "none", 1, 1)

    with override("en"):
        said = departments_finding([row("甲", 0.2, "below"), row("乙", 0.4, "below"), row("丙", 0.65, "in")], 2)
        assert said == "On average 2 of 3 departments are below the band."


def test_a_value_ten_times_too_large_rules_no_page(spring, sign_in):
    slipped, moved = spring.objective().key_results.all()
    spring.later()
    for key_result, values in ((slipped, (40, 4100)), (moved, (20, 50))):
        report(spring, key_result, values[0], date(2026, 5, 8))
        report(spring, key_result, values[1], date(2026, 5, 18))
    found = seen_by(spring).movement
    assert [mover.key_result.pk for mover in found.movers] == [moved.pk]
    assert [row.pk for row in found.doubtful] == [slipped.pk]
    assert abs(found.movers[0].delta) <= 1.4
    page = sign_in(spring.executive, language="en").get(spring.url("company/")).text
    assert "jumped further than anything should" in page


def test_what_cannot_pass_its_target_heads_for_one_wherever_it_is_told(spring, sign_in):
    objective = spring.objective()
    spring.later()
    held = objective.key_results.first()
    KeyResult.objects.filter(pk=held.pk).update(kind=Kind.COVERAGE, population=100)
    objective.key_results.exclude(pk=held.pk).update(dropped_at=clock.now(), dropped_reason="重なったため")
    report(spring, held, 20, date(2026, 5, 8))
    report(spring, held, 90, date(2026, 5, 18))
    (mover,) = seen_by(spring).movement.movers
    assert mover.landing == mover.bar.landing == 1.0
    (standing,) = seen_by(spring).spread.standings
    assert standing.value == 1.0
    browser = sign_in(spring.executive, language="en")
    api = f"/api/v1/o/{spring.organization.slug}"
    (listed,) = browser.get(f"{api}/objectives/?ordering=landing").json()["results"]
    assert listed["landing"] == browser.get(f"{api}/key-results/{held.pk}/").json()["landing"] == 1.0
    for page in ("objectives/", f"objectives/{objective.pk}/"):
        text = browser.get(spring.url(page)).text
        assert set(re.findall(r">\s*(1\.\d\d)\b", text)) == {"1.00"}, page


# Signs of trouble


@pytest.mark.parametrize(
    ("code", "landings", "changed"),
    [
        ("too_easy", (0.96, 1.0, 1.2, 0.97, 0.4), (1.2, 0.9)),
        ("too_ambitious", (0.2, 0.25, 0.3, 0.35, 0.7), (0.35, 0.36)),
    ],
)
def test_goals_that_all_head_for_the_full_mark_or_for_little_are_a_sign(spring, code, landings, changed):
    for number, landing in enumerate(landings):
        heading(spring.objective(title=f"目標{number}"), landing)
    spring.later()
    assert codes(seen_by(spring)) == [code]
    ObjectiveScore.objects.filter(landing=changed[0]).update(landing=changed[1])
    assert codes(seen_by(spring)) == []


def test_confidence_that_the_numbers_do_not_bear_out_is_named_with_its_key_results(spring):
    rows = [spring.objective(title=f"目標{number}").key_results.first() for number in range(3)]
    spring.later()
    for key_result in rows:
        report(spring, key_result, 5, confidence=8)
    rollup.drain()
    (found,) = [row for row in seen_by(spring).patterns if row.sign.code == "sure_but_low"]
    assert {row.pk for row in found.key_results} == {row.pk for row in rows}
    KeyResultScore.objects.filter(pk=rows[0].pk).update(confidence=6)
    assert "sure_but_low" not in codes(seen_by(spring))


def test_check_ins_that_die_out_are_seen_in_the_weeks(spring):
    rows = [
        key_result for number in range(3) for key_result in spring.objective(title=f"目標{number}").key_results.all()
    ]
    spring.later()
    KeyResultScore.objects.filter(pk__in=[row.pk for row in rows]).update(weekly_progress=[0.1, 0.1, 0.2, 0.2])
    assert codes(seen_by(spring)) == ["check_ins_dying"]
    KeyResultScore.objects.filter(pk__in=[row.pk for row in rows]).update(weekly_progress=[0.1] * 6)
    assert codes(seen_by(spring)) == []


def test_a_team_with_six_objectives_has_too_many_and_peoples_own_do_not_count(spring):
    for number in range(5):
        spring.objective(title=f"目標{number}")
    spring.objective(title="自分の", level="individual")
    spring.later()
    assert codes(seen_by(spring)) == []
    spring.objective(title="六つ目")
    (found,) = seen_by(spring).patterns
    assert [(name, count) for _pk, name, count in found.teams] == [("法人営業", 6)]


def test_days_that_serve_no_key_result_are_a_sign(spring):
    objective = spring.objective()
    spring.later()
    for number in range(10):
        Activity.objects.create(
            organization=spring.organization,
            membership=spring.member,
            date=TODAY,
            text="電話",
            key_result=objective.key_results.first() if number < 3 else None,
        )
    assert codes(seen_by(spring)) == ["unlinked"]
    Activity.objects.filter(key_result=None).first().delete()
    assert codes(seen_by(spring)) == []


def test_every_sign_has_words_in_both_languages():
    numbers = {"count": 3, "total": 5, "most": 7, "before": 0.8, "now": 0.3, "is_over": 1}
    for language in ("ja", "en"):
        with override(language):
            said = {pattern_words(queries.Pattern(Sign(code, numbers))).finding for code in SERIOUS}
            assert len(said) == len(SERIOUS)
            assert not any("%(" in words for words in said)


def test_three_signs_are_shown_and_the_rest_wait_folded(spring, sign_in, monkeypatch):
    heading(spring.objective(), 0.5)
    spring.later()
    signs = [Sign("check_ins_dying", {"before": 0.8, "now": 0.3}), Sign("too_easy", {"count": 5, "total": 5})]
    signs += [Sign("too_many", {"count": 1, "most": 6}), Sign("unlinked", {"count": 9, "total": 10})]
    monkeypatch.setattr(patterns, "most_serious_first", lambda _signs: signs)
    page = sign_in(spring.executive, language="en").get(spring.url("company/")).text
    section = page.split('id="patterns"')[1].split("</section>")[0]
    shown, folded = section.split("<details")
    assert shown.count("data-code=") == 3
    assert folded.count("data-code=") == 1


def test_nothing_is_warned_of_in_a_closed_cycle(spring):
    for number in range(5):
        heading(spring.objective(title=f"目標{number}"), 1.0)
    spring.later()
    seen = replace(seen_by(spring), cycle=spring.closed_cycle)
    assert queries.overview(spring.executive, spring.closed_cycle, TODAY).patterns == []
    with override("en"):
        assert finding(seen) == ["5 objectives, none ended below the band"]


@pytest.mark.parametrize(
    ("probability", "said", "in_sentence"),
    [
        (0.784, "78%", "78%"),
        (0.9999, ">99%", "over 99%"),
        (1.0, ">99%", "over 99%"),
        (0.0, "<1%", "under 1%"),
        (0.01, "1%", "1%"),
    ],
)
def test_nothing_is_called_certain(probability, said, in_sentence):
    with override("en"):
        assert (chance(probability), outlook_words(probability)) == (said, in_sentence)


@pytest.mark.parametrize(
    ("total", "mine", "said"),
    [
        (0, 0, "Nothing is reported in the way"),
        (3, 0, "3 obstacles, none waiting for you"),
        (3, 1, "Of 3 obstacles 1 is waiting for you"),
        (3, 2, "Of 3 obstacles 2 are waiting for you"),
        (2, 2, "2 obstacles are waiting for you"),
    ],
)
def test_the_title_of_the_obstacles_counts_those_below_it(total, mine, said):
    with override("en"):
        assert waiting_finding(queries.Obstacles(total=total, mine=mine)) == said
