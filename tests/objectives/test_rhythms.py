"""The rhythm page: what a team decides, what it takes over, days off, and that due days follow."""

from datetime import date

import pytest

from objectives import rollup
from objectives.models import KeyResult, KeyResultScore, PendingRollUp
from objectives.queries.rounds import rounds_of
from people.models import Cadence, DayOff, Team
from people.queries import rhythms_of
from people.services import create_team
from tests.objectives.test_record_check_in import check_in

EMPTY = dict.fromkeys(
    (
        "check_in_weeks",
        "check_in_weekday",
        "kpi_round",
        "review",
        "meeting_weekday",
        "meeting_time",
        "meeting_minutes",
    ),
    "",
)


def due_days(cast) -> set[date | None]:
    rollup.drain()
    return set(KeyResultScore.objects.values_list("due_on", flat=True))


def test_a_team_takes_over_what_it_leaves_open_and_costs_two_queries(cast, django_assert_num_queries):
    for number in range(3):
        create_team(cast.organization, name=f"営業{number}課", parent=cast.sales)
    below = Team.objects.get(name="営業0課")
    Cadence.objects.create(team=cast.company, check_in_weekday=0, review="biweekly")
    Cadence.objects.create(team=cast.sales, check_in_weeks=2, meeting_weekday=0, meeting_time="09:30")
    Cadence.objects.create(team=below, check_in_weekday=3)
    with django_assert_num_queries(2):
        rhythms = rhythms_of(cast.organization)
    assert (rhythms[below.pk].check_in_weeks, rhythms[below.pk].weekday, rhythms[below.pk].review) == (2, 3, "biweekly")
    assert rhythms[below.pk].meeting_time.hour == 9
    assert (rhythms[cast.online.pk].check_in_weeks, rhythms[cast.online.pk].weekday) == (1, 0)
    Cadence.objects.filter(team=cast.company).update(check_in_weekday=None)
    assert rhythms_of(cast.organization)[cast.online.pk].weekday == cast.organization.check_in_weekday


def test_a_manager_sets_the_rhythm_of_a_team_and_due_days_follow(cast, sign_in):
    cast.objective()
    assert due_days(cast) == {date(2026, 5, 22)}
    client, address = sign_in(cast.manager), cast.url(f"settings/rhythm/{cast.sales.pk}/")
    typed = EMPTY | {"check_in_weekday": "3", "meeting_weekday": "0", "meeting_time": "09:30", "version": "0"}
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 302  # the same again
    assert Cadence.objects.get(team=cast.sales).version == 1
    assert due_days(cast) == {date(2026, 5, 21)}
    page = client.get(cast.url("settings/rhythm/")).content.decode()
    assert "チェックインは毎週、木曜日まで。" in page
    assert "ミーティングは月曜日9:30から。" in page


def test_what_was_saved_meanwhile_is_not_written_over_and_nonsense_is_answered_beside_the_field(cast, sign_in):
    client, address = sign_in(cast.admin, language="en"), cast.url(f"settings/rhythm/{cast.sales.pk}/")
    assert client.post(address, EMPTY | {"check_in_weeks": "2", "version": "0"}).status_code == 302
    for version in ("0", ""):
        response = client.post(address, EMPTY | {"check_in_weeks": "1", "version": version})
        assert response.status_code == 422
        assert "Someone changed this in the meantime." in response.content.decode()
    for wrong, where in (
        ({"meeting_time": "09:30"}, "meeting_weekday"),
        ({"meeting_weekday": "1", "meeting_minutes": "3"}, "meeting_minutes"),
        ({"check_in_weeks": "3"}, "check_in_weeks"),
    ):
        response = client.post(address, EMPTY | wrong | {"version": "1"})
        assert response.status_code == 422
        assert where in response.context["form"].errors
    assert Cadence.objects.get(team=cast.sales).check_in_weeks == 2


def test_days_off_are_added_removed_and_brought_back(cast, sign_in):
    cast.objective()
    due_days(cast)
    client, address = sign_in(cast.admin), cast.url("settings/rhythm/")
    typed = {"name": "創立記念日", "first": "2026-05-22", "last": ""}
    for _twice in range(2):
        assert client.post(address, typed).status_code == 302
    row = DayOff.objects.get()
    assert (row.first, row.last) == (date(2026, 5, 22), date(2026, 5, 22))
    assert due_days(cast) == {date(2026, 5, 21)}
    response = client.post(cast.url(f"settings/rhythm/days-off/{row.pk}/remove/"), follow=True)
    *_before, message = response.context["messages"]
    assert due_days(cast) == {date(2026, 5, 22)}
    assert client.post(message.extra_tags).status_code == 302
    assert DayOff.objects.get().name == "創立記念日"
    assert due_days(cast) == {date(2026, 5, 21)}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"first": "いつか"}, "first"),
        ({"last": "2026-05-01"}, "__all__"),
        ({"last": "2062-05-22"}, "last"),
    ],
)
def test_days_off_that_are_none_stay_in_the_form(cast, sign_in, fields, where):
    typed = {"name": "創立記念日", "first": "2026-05-22", "last": ""} | fields
    response = sign_in(cast.admin).post(cast.url("settings/rhythm/"), typed)
    assert response.status_code == 422
    assert where in response.context["form"].errors
    assert not DayOff.objects.exists()


def test_the_holidays_ahead_are_shown_so_that_nobody_enters_them(cast, sign_in):
    page = sign_in(cast.member).get(cast.url("settings/rhythm/")).content.decode()
    assert "海の日" in page
    assert "Marine Day" in sign_in(cast.member, language="en").get(cast.url("settings/rhythm/")).content.decode()


def test_a_team_placed_below_another_reports_as_that_one_does(cast, sign_in):
    cast.objective()
    Cadence.objects.create(team=cast.online, check_in_weekday=0)
    assert due_days(cast) == {date(2026, 5, 22)}
    typed = {"name": cast.sales.name, "parent": cast.online.pk, "version": cast.sales.version}
    assert sign_in(cast.admin).post(cast.url(f"settings/teams/{cast.sales.pk}/"), typed).status_code == 302
    assert PendingRollUp.objects.filter(objective=None).exists()
    assert due_days(cast) == {date(2026, 5, 25)}


def test_skipped_rounds_are_told_in_words_without_any_effect_on_the_score(cast, sign_in, move_clock):
    move_clock("2026-04-06T09:00:00+09:00")
    objective = cast.objective()
    first, second = objective.key_results.all()
    for day, value in (("2026-04-10", 10), ("2026-04-24", 30)):
        move_clock(f"{day}T10:00:00+09:00")
        check_in(cast, first, value)
    before = KeyResultScore.objects.get(key_result=first).own_score
    move_clock("2026-05-13T10:00:00+09:00")
    rollup.rescore_organization(cast.organization, cast.organization.today)
    assert KeyResultScore.objects.get(key_result=first).own_score == before
    told = [one.state for one in rounds_of([first, second], cast.organization)[first.pk]]
    assert told[:7] == ["reported", "skipped", "reported", "skipped", "skipped", "open", "ahead"]
    page = sign_in(cast.member).get(cast.url(f"objectives/{objective.pk}/?key_result={first.pk}")).content.decode()
    assert "5回のうち2回報告" in page
    assert "4月13日から：報告なし" in page


def test_the_rounds_of_many_cost_as_many_queries_as_those_of_one(cast, django_assert_max_num_queries):
    rows = [row for number in range(3) for row in cast.objective(title=f"目標 {number}").key_results.all()]
    rows = list(KeyResult.objects.filter(pk__in=[row.pk for row in rows]).select_related("objective__cycle"))
    for some in (rows[:1], rows):
        with django_assert_max_num_queries(3):
            assert len(rounds_of(some, cast.organization)) == len(some)


def test_a_program_reads_the_rhythm_of_a_team_with_what_it_takes_over(cast, sign_in):
    Cadence.objects.create(team=cast.company, check_in_weekday=0)
    Cadence.objects.create(team=cast.sales, check_in_weeks=2, meeting_weekday=0, meeting_time="09:30")
    told = sign_in(cast.member).get(f"/api/v1/o/hokuto/teams/{cast.sales.pk}/").json()["cadence"]
    assert (told["check_in_weeks"], told["check_in_weekday"], told["review"]) == (2, 0, "monthly")
    assert (told["meeting_time"], told["meeting_minutes"]) == ("09:30:00", None)
