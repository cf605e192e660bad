"""A team's week: who is silent, what moved, where confidence falls, what waits for a word."""

from __future__ import annotations

import gzip
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives.formulas.confidence import fades
from objectives.models import Notice, NoticeKind, Objective, Reaction
from objectives.queries.team_week import team_week
from objectives.services import record_check_in
from objectives.services.actions import add_action
from people.models import Role
from tests.cast import TODAY, person

pytestmark = pytest.mark.django_db
CONFIDENCES = st.lists(st.integers(0, 10), max_size=6)


@given(CONFIDENCES, st.integers(0, 10), st.integers(0, 10))
@settings(max_examples=50)
def test_less_confidence_never_silences_the_sign_and_what_is_off_track_never_gives_it(before, one, other):
    lower, higher = sorted((one, other))
    assert fades([*before, lower], is_on_track=True) >= fades([*before, higher], is_on_track=True)
    assert not fades([*before, one], is_on_track=False)
    assert fades([*before, one], is_on_track=True) == fades([*before, one][-3:], is_on_track=True)


def report(key_result, author, value, *, days=0, confidence=None, **said):
    return record_check_in(
        key_result,
        author=author,
        value=Decimal(value),
        date=TODAY - timedelta(days=days),
        confidence=confidence,
        **said,
    )[0]


@pytest.fixture
def key_results(cast):
    return list(cast.objective(key_results=3).key_results.order_by("pk"))


def test_who_owes_is_listed_with_what_and_goes_with_the_check_in(cast, key_results):
    week = team_week(cast.manager, cast.sales)
    ((silent),) = week.silent
    assert (silent.person, len(silent.owed), week.reporters, silent.may_nudge) == (cast.member, 3, 1, True)
    for key_result in key_results:
        report(key_result, cast.member, 40)
    week = team_week(cast.manager, cast.sales)
    assert (week.silent, week.reporters) == ([], 1)


def test_one_click_nudges_once_and_the_button_says_so(cast, sign_in, key_results):
    client = sign_in(cast.manager)
    sent = {"person": cast.member.pk, "team": cast.sales.pk}
    for _ in range(2):
        answer = client.post(cast.url("team-week/nudge/"), sent, headers={"hx-request": "true"})
        assert "nudged" in answer.content.decode()
    assert Notice.objects.filter(kind=NoticeKind.NUDGED, membership=cast.member).count() == 1
    ((silent),) = team_week(cast.manager, cast.sales).silent
    assert silent.is_nudged
    assert client.post(cast.url("team-week/nudge/"), {"person": cast.colleague.pk}).status_code == 403
    assert sign_in(cast.member).post(cast.url("team-week/nudge/"), sent).status_code == 403


def test_nudging_all_reaches_everybody_who_was_not_asked_yet(cast, sign_in, key_results):
    second = person(cast.organization, "二人目", "second@hokuto.example", Role.MEMBER, cast.sales)
    cast.key_result(key_results[0].objective, owner=second, title="もう一つ")
    client = sign_in(cast.manager)
    for _ in range(2):
        assert client.post(cast.url("team-week/nudge/"), {"team": cast.sales.pk}).status_code == 302
    told = Notice.objects.filter(kind=NoticeKind.NUDGED).values_list("membership", flat=True)
    assert sorted(told) == sorted([cast.member.pk, second.pk])


def test_what_was_reported_this_week_says_from_where_to_where_both_ways(cast, sign_in, key_results):
    up, down, same = key_results
    for key_result, before, now in ((up, 30, 55), (down, 50, 40), (same, 20, 20)):
        report(key_result, cast.member, before, days=7)
        report(key_result, cast.member, now)
    week = team_week(cast.manager, cast.sales)
    assert [(row.key_result, row.before_value, row.value) for row in week.moved] == [(up, 30, 55), (down, 50, 40)]
    assert ([row.key_result for row in week.risen], [row.key_result for row in week.fallen]) == ([up], [down])
    page = sign_in(cast.manager, language="en").get(cast.url("team-week/")).content.decode()
    assert "This week 1 rose and 1 fell" in page


def test_confidence_that_falls_is_named_while_the_number_is_still_on_track(cast, key_results):
    fading, behind, sure = key_results
    for days, confidence in ((14, 8), (7, 7), (0, 6)):
        report(fading, cast.member, 60, days=days, confidence=confidence)
        report(behind, cast.member, 5, days=days, confidence=confidence)
        report(sure, cast.member, 60, days=days, confidence=7)
    ((row),) = team_week(cast.manager, cast.sales).fading
    assert (row.key_result, row.course) == (fading, [8, 7, 6])


def test_a_check_in_waits_until_a_lead_reacts_and_a_colleagues_word_is_no_leads(cast, sign_in, key_results):
    check_in = report(key_results[0], cast.member, 20, going_well="見本が届いた")

    def waiting(who=cast.manager):
        return [row.pk for row in team_week(who, cast.sales).unanswered.rows]

    assert waiting() == waiting(cast.executive) == [check_in.pk]
    assert waiting(cast.member) == []
    Reaction.objects.create(check_in=check_in, membership=cast.colleague, kind="seen")
    assert waiting() == [check_in.pk]
    assert sign_in(cast.manager).get(cast.url("team-week/")).status_code == 200
    Reaction.objects.create(check_in=check_in, membership=cast.manager, kind="seen")
    assert waiting() == waiting(cast.executive) == []


def test_each_opens_the_teams_that_are_theirs(cast, sign_in, key_results):
    def status(who, team) -> int:
        return sign_in(who).get(cast.url(f"team-week/?team={team.pk}")).status_code

    assert [status(who, cast.online) for who in (cast.admin, cast.executive, cast.colleague)] == [200] * 3
    assert [status(who, cast.online) for who in (cast.manager, cast.member, cast.partner)] == [404] * 3
    assert sign_in(cast.member).get(cast.url("team-week/")).context["team"] == cast.sales
    assert sign_in(cast.executive).get(cast.url("team-week/")).context["team"] == cast.company
    cast.member.teams.clear()
    assert sign_in(cast.member).get(cast.url("team-week/")).context["week"] is None


def test_forty_people_cost_as_many_queries_as_one_and_stay_a_light_page(cast, sign_in):
    def grow(number: int) -> None:
        objective = cast.objective(key_results=0, title=f"目標 {number}", state="draft")
        for each in range(number):
            member = person(cast.organization, f"山田 {each}", f"m{number}-{each}@x.example", Role.MEMBER, cast.sales)
            key_result = cast.key_result(objective, owner=member, title=f"とても長い名前の主要な結果 {number} {each}")
            cast.key_result(objective, owner=member, title=f"まだ報告のない結果 {number} {each}")
            made.append((key_result, member))
            add_action(team=cast.sales, title=f"行動 {each}", owner=member, due_on=TODAY - timedelta(days=2), by=member)

    made: list = []
    grow(2)
    Objective.objects.update(state="active", activated_on=TODAY - timedelta(days=30))
    client = sign_in(cast.manager)

    def read() -> tuple[int, bytes]:
        for key_result, member in made:
            report(key_result, member, 20, days=7, confidence=8, going_well="進んでいる", obstacle="人手が足りない")
            report(key_result, member, 60, confidence=5, next_step="続ける")
        made.clear()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(cast.url("team-week/"))
        assert answer.status_code == 200
        return len(captured), answer.content

    read()
    few, _page = read()
    grow(38)
    Objective.objects.update(state="active", activated_on=TODAY - timedelta(days=30))
    many, page = read()
    assert many == few
    assert few <= 45
    assert len(gzip.compress(page)) < 60_000
