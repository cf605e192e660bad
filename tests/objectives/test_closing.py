"""An objective's end: the computed score stands, another grade needs a reason that stays, and those who lead close."""

from __future__ import annotations

import html
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from objectives import rollup, services
from objectives.models import Cycle, Grade, HealthKPI, Intent, Notice, Objective, StateChange
from objectives.queries.bars import objective_bar
from objectives.queries.closing import closing_of, endings_of
from objectives.queries.looked_back import ended_objectives, frozen, thawed
from objectives.services.retrospectives import start_retrospective
from objectives.tasks import send_reminders, sweep
from tests.asking import address, patch
from tests.cast import NOW
from tests.objectives.test_close_cycle import again, refused


@pytest.fixture
def goal(cast) -> Objective:
    """An objective of the manager at 0.64."""
    objective = cast.objective()
    for key_result in objective.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(64))
    return objective


def test_closing_keeps_the_computed_score_and_what_people_say_of_it(cast, goal):
    reason = "大口の契約が翌週に決まったため"
    services.close_objective(goal, by=cast.manager, override=0.7, reason=reason, outcome="finished")
    grade = again(goal).grade
    assert (again(goal).state, grade.computed, grade.override, grade.score) == ("closed", pytest.approx(0.64), 0.7, 0.7)
    assert (grade.reason, grade.graded_by) == (reason, cast.manager)
    assert StateChange.objects.filter(objective=goal).last().comment == reason
    assert again(goal).scored.score == pytest.approx(0.64)


def test_another_grade_needs_its_reason_and_what_the_score_shows_is_none(cast, goal):
    assert refused(services.close_objective, goal, by=cast.manager, override=0.7).fields.keys() == {"reason"}
    assert refused(services.close_objective, goal, by=cast.manager, override=1.1).fields.keys() == {"grade"}
    dropped = refused(services.close_objective, goal, by=cast.manager, outcome="dropped")
    assert dropped.fields.keys() == {"outcome_reason"}
    assert again(goal).state == "active"
    services.close_objective(goal, by=cast.manager, override=0.64)
    assert again(goal).grade.override is None


def test_until_the_cycle_is_closed_a_grade_can_be_corrected_by_those_who_lead(cast, goal):
    services.close_objective(goal, by=cast.manager)
    version = again(goal).version
    services.close_objective(goal, by=cast.manager, override=0.5, reason="数え直した", expected_version=version)
    assert again(goal).grade.override == 0.5
    stale = refused(services.close_objective, goal, by=cast.admin, outcome="finished", expected_version=version)
    assert stale.code == "stale"
    services.close_objective(goal, by=cast.manager, override=0.5, reason="数え直した", expected_version=version)
    assert again(goal).version == version + 1


def test_the_owner_proposes_and_those_who_lead_close_with_what_was_proposed(cast):
    own = cast.objective(owner=cast.member)
    services.propose_grade(own, by=cast.member, override=0.8, reason="成果は出ている", outcome="carried")
    for who in (cast.member, cast.colleague, cast.executive):
        with pytest.raises(PermissionDenied):
            services.close_objective(own, by=who)
    with pytest.raises(PermissionDenied):
        services.propose_grade(own, by=cast.colleague, outcome="finished")
    (closed,) = services.close_objectives([own], by=cast.manager)
    assert (closed.state, closed.grade.override, closed.grade.outcome) == ("closed", 0.8, "carried")
    assert refused(services.propose_grade, again(own), by=cast.member, outcome="").code == "objective_closed"


def test_the_history_tells_the_grade_with_its_reason(cast, goal, sign_in):
    services.close_objective(goal, by=cast.manager, override=0.7, reason="翌週に決まった")
    for page in (f"objectives/{goal.pk}/changes/", "settings/history/?kind=objectives"):
        told = sign_in(cast.admin, language="en").get(cast.url(page)).content.decode()
        assert "翌週に決まった" in told
        assert "grade" in told


def test_the_computed_score_follows_what_counts_towards_a_closed_objective_until_its_cycle_is_closed(cast, goal):
    child = cast.objective(title="あとから伸びる目標")
    services.align(child, to=goal, by=cast.admin)
    services.close_objective(goal, by=cast.manager, override=0.7, reason="翌週に決まった")
    before = again(goal).grade.computed
    for key_result in child.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(100))
    rollup.drain()
    grade = again(goal).grade
    assert before < grade.computed == again(goal).scored.score
    assert grade.override == 0.7


def test_beginning_again_forgets_a_grade_in_which_nobody_said_anything(cast, goal):
    for said, left in (({}, 0), ({"outcome": "finished"}, 1)):
        services.close_objective(again(goal), by=cast.manager, **said)
        services.change_state(again(goal), to="active", by=cast.manager)
        assert Grade.objects.count() == left


def test_what_was_closed_together_is_taken_back_unless_somebody_changed_it(cast, goal):
    other = cast.objective()
    closed = services.close_objectives([goal, other], by=cast.manager)
    versions = {row.pk: row.version for row in closed}
    services.close_objective(again(other), by=cast.manager, outcome="finished")
    assert services.undo_closing(versions, by=cast.manager) == [goal]
    assert services.undo_closing(versions, by=cast.manager) == []
    assert (again(goal).state, again(other).state) == ("active", "closed")


def test_programs_read_and_write_grades(cast, goal, sign_in):
    place, client = address(cast, "objectives", goal.pk), sign_in(cast.manager)
    assert client.get(place).json()["grade"] is None
    assert patch(client, place, {"state": "closed", "grade": "０．７"}).json()["fields"].keys() == {"reason"}
    told = patch(
        client, place, {"state": "closed", "grade": "０．７", "reason": "翌週に決まった", "outcome": "carried"}
    )
    grade = told.json()["grade"]
    assert grade.pop("graded_at")
    assert grade == {
        "score": 0.7,
        "computed": pytest.approx(0.64),
        "override": 0.7,
        "reason": "翌週に決まった",
        "outcome": "carried",
        "outcome_reason": "",
    }
    corrected = patch(client, place, {"grade": None}).json()["grade"]
    assert (corrected["override"], corrected["outcome"]) == (None, "carried")
    member = sign_in(cast.member)
    assert patch(member, place, {"outcome": "finished"}).status_code == 403


def test_programs_open_a_closed_cycle_with_a_reason(cast, goal, sign_in, move_clock):
    place, client = address(cast, "cycles", cast.cycle.pk), sign_in(cast.admin)
    assert patch(client, place, {"state": "closed"}).json()["state"] == "closed"
    move_clock("2026-05-20T11:00:00+09:00")
    assert patch(client, place, {"state": "active"}).json()["fields"].keys() == {"reason"}
    assert patch(client, place, {"state": "active", "reason": "報告が一つ遅れた"}).json()["state"] == "active"
    assert again(goal).state == "active"


# The pages


ENDING, OVER = "2026-06-30T10:00:00+09:00", "2026-07-06T10:00:00+09:00"


def following_of(cast) -> Cycle:
    return Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize("number", [1, 6])
def test_the_checklist_says_what_each_team_has_done_in_the_order_of_the_organization(
    cast, sign_in, move_clock, number, django_assert_max_num_queries
):
    for each in range(number):
        cast.objective(title=f"法人営業 {each}")
        cast.objective(title=f"オンライン店 {each}", team=cast.online, owner=cast.colleague)
    move_clock(ENDING)
    for objective in Objective.objects.filter(team=cast.sales):
        for key_result in objective.key_results.all():
            services.record_check_in(key_result, author=cast.member, value=Decimal(64))
        services.close_objective(objective, by=cast.manager, outcome="finished")
    client = sign_in(cast.member, language="en")
    with django_assert_max_num_queries(14):
        answer = client.get(cast.url("closing/"))
    rows = answer.context["closing"].teams
    assert [row.team for row in rows] == [cast.sales, cast.online]
    assert [row.checklist.left for row in rows] == [
        ("retrospective", "next_cycle"),
        ("check_ins", "grades", "outcomes", "retrospective", "next_cycle"),
    ]
    assert "1 of 2 teams are ready to close FY2026 Q1." in words(answer)


def test_a_sum_that_nobody_reports_any_more_needs_its_own_final_check_in(cast):
    goal, child = cast.objective(key_results=0), cast.objective(key_results=1, team=cast.online)
    summed = cast.key_result(goal, combine="sum")
    services.align(child, to=summed, by=cast.admin)
    for final in (1, 0):
        rows = {row.team: row.checklist for row in closing_of(cast.manager, cast.cycle).teams}
        assert rows[cast.sales].final == final
        (ending,) = endings_of(cast.manager, Objective.objects.filter(pk=goal.pk), cast.cycle)
        assert ending.final == final
        services.drop_objective(child, reason="やめた", by=cast.admin)


def test_without_a_cycle_or_anything_begun_the_page_says_what_it_is_for(cast, sign_in):
    client = sign_in(cast.member, language="en")
    assert "has nothing that could be closed" in words(client.get(cast.url("closing/")))
    Cycle.objects.all().delete()
    assert "There is no cycle yet." in words(client.get(cast.url("closing/")))


def test_a_manager_closes_one_after_another_and_is_led_to_the_next(cast, goal, sign_in):
    other = cast.objective(title="二つめ")
    client, page = (
        sign_in(cast.manager, language="en"),
        cast.url(f"closing/teams/{cast.sales.pk}/?cycle={cast.cycle.pk}"),
    )
    assert "2 objectives are to be closed." in words(client.get(page))
    given = {
        f"objective-{goal.pk}-{name}": value for name, value in {"version": goal.version, "grade": "０．７"}.items()
    }
    place = cast.url(f"objectives/{goal.pk}/close/")
    refused_answer = client.post(place, given | {"act": "close", "next": page})
    assert refused_answer.status_code == 422
    assert "０．７" in refused_answer.content.decode()
    told = given | {"act": "close", "next": page, f"objective-{goal.pk}-reason": "翌週に決まった"}
    assert client.post(place, told).url.endswith(f"&at={other.pk}#objective-{other.pk}")
    shown = client.get(page)
    assert "翌週に決まった" in words(shown)
    assert "1 of 2 objectives is closed" not in words(shown)
    assert client.post(place, told).status_code == 302
    assert StateChange.objects.filter(objective=goal, new_state="closed").count() == 1


def test_what_needs_no_word_is_closed_at_once_and_can_be_taken_back(cast, goal, sign_in, move_clock):
    short = cast.objective(title="届かなかった")
    move_clock(ENDING)
    for objective, value in ((goal, 65), (short, 20)):
        for key_result in objective.key_results.all():
            services.record_check_in(key_result, author=cast.member, value=Decimal(value))
    client, page = sign_in(cast.manager), cast.url(f"closing/teams/{cast.sales.pk}/?cycle={cast.cycle.pk}")
    answer = client.post(page, follow=True)
    assert (again(goal).state, again(short).state) == ("closed", "active")
    assert "残りの扱いを決定 1 / 2" in words(client.get(cast.url("closing/")))
    (message,) = answer.context["messages"]
    client.post(message.extra_tags)
    assert again(goal).state == "active"
    assert sign_in(cast.member).post(page).status_code == 403


def test_a_committed_goal_within_reach_of_its_mark_needs_no_word_and_leaves_nothing_to_decide(
    cast, sign_in, move_clock
):
    near = cast.objective(kind=Intent.COMMITTED)
    move_clock(ENDING)
    for key_result in near.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(96))
    client = sign_in(cast.manager)
    client.post(cast.url(f"closing/teams/{cast.sales.pk}/?cycle={cast.cycle.pk}"))
    assert again(near).state == "closed"
    assert "残りの扱いを決定 1 / 1" in words(client.get(cast.url("closing/")))


def test_what_goes_on_stands_in_the_next_cycle_at_once(cast, goal, sign_in):
    following = following_of(cast)
    client, place = sign_in(cast.manager), cast.url(f"objectives/{goal.pk}/close/")
    told = {f"objective-{goal.pk}-version": goal.version, f"objective-{goal.pk}-outcome": "carried"}
    for _time in range(2):
        client.post(place, told)
    assert Objective.objects.get(cycle=following).carried_from == goal


def test_so_does_what_programs_close_and_what_is_closed_at_once(cast, goal, sign_in, move_clock):
    following, other = following_of(cast), cast.objective(title="二つめ")
    said = {"state": "closed", "outcome": "carried", "comment": "よくやりました"}
    assert patch(sign_in(cast.manager), address(cast, "objectives", goal.pk), said).status_code == 200
    assert StateChange.objects.filter(objective=goal).last().comment == "よくやりました"
    move_clock(ENDING)
    for key_result in other.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(65))
    services.propose_grade(other, by=cast.manager, outcome="carried")
    sign_in(cast.manager).post(cast.url(f"closing/teams/{cast.sales.pk}/?cycle={cast.cycle.pk}"))
    assert {row.carried_from for row in Objective.objects.filter(cycle=following)} == {goal, other}


def test_without_a_next_cycle_it_is_offered_ticked_when_there_is_one(cast, goal, sign_in):
    other = cast.objective(title="終わった目標")
    services.close_objective(goal, by=cast.manager, outcome="carried")
    services.close_objective(other, by=cast.manager, outcome="finished")
    following = following_of(cast)
    page = sign_in(cast.manager).get(cast.url(f"cycles/{following.pk}/carry-over/"))
    assert page.context["ticked"] == {goal.pk}


def test_a_key_result_becomes_a_health_kpi_filled_in_from_where_it_ended(cast, goal, sign_in):
    key_result = goal.key_results.first()
    client, place = sign_in(cast.manager), cast.url(f"key-results/{key_result.pk}/keep-up/")
    form = client.get(place).context["form"]
    given = {name: form[name].value() for name in form.fields}
    assert (given["name"], given["unit"], str(given["lower"])) == (key_result.title, "件", "64")
    sent = {name: "" if value is None else value for name, value in given.items()}
    for _time in range(2):
        assert client.post(place, sent).status_code == 302
    assert HealthKPI.objects.get().made_from == key_result
    assert sign_in(cast.member).get(place).status_code == 403


def test_in_its_last_two_weeks_this_week_leads_to_what_is_left(cast, goal, sign_in, move_clock):
    for moment, expected in ((NOW, ""), (ENDING, "FY2026 Q1 ends on"), (OVER, "is over and not closed yet")):
        move_clock(moment)
        answer = sign_in(cast.member, language="en").get(cast.url("this-week/"))
        assert expected in words(answer)
        assert (cast.url("closing/") in answer.content.decode()) == bool(expected)


def test_owners_and_managers_of_what_still_runs_are_told_once(cast, goal, move_clock, settings):
    settings.SITE_URL = "https://okr.example"
    move_clock("2026-06-21T10:00:00+09:00")
    for _minute in range(2):
        sweep()
        send_reminders()
    told = Notice.objects.filter(kind="close_now")
    assert {row.membership for row in told} == {cast.manager, cast.member}
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert set(letters) == {"manager@hokuto.example", "member@hokuto.example"}
    assert f"https://okr.example/o/hokuto/closing/?cycle={cast.cycle.pk}" in letters["member@hokuto.example"].body


def test_a_look_back_shows_where_the_grade_stands_and_stays_so_when_it_is_kept(cast, goal):
    retrospective = start_retrospective(cast.cycle, goal.team, by=cast.manager)[0]
    (ended,) = [row for row in ended_objectives(retrospective, cast.organization) if row.pk == goal.pk]
    assert (ended.zone, ended.is_regraded) == (ended.bar.zone, False)
    assert (ended.zone, objective_bar(again(goal), cast.organization).zone) == ("in", "above")  # as of now, not ahead
    services.close_objective(goal, by=cast.manager, override=0.95, reason="計測を始めたのが遅かった")
    (ended,) = [row for row in ended_objectives(retrospective, cast.organization) if row.pk == goal.pk]
    assert (ended.grade, ended.zone) == (0.95, "above")
    assert ended.bar.zone != "above"
    (kept,) = frozen([ended])
    assert thawed([kept]) == [ended]
    del kept["zone"]
    assert thawed([kept])[0].zone == ended.bar.zone


def test_only_who_may_begin_it_is_led_to_a_look_back(cast, goal, sign_in):
    path = cast.url(f"closing/?cycle={cast.cycle.pk}")
    begin = f"/retrospectives/new/?team={goal.team_id}&amp;"
    assert begin in sign_in(cast.manager).get(path).content.decode()
    assert begin not in sign_in(cast.executive).get(path).content.decode()
