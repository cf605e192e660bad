"""An objective with all that belongs to it."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import rollup, services
from objectives.access import Reach, may_add_key_result
from objectives.models import (
    CheckIn,
    Cycle,
    KeyResult,
    NotDoing,
    Objective,
    ObjectiveShare,
    ObjectiveSnapshot,
    StateChange,
    Step,
    TargetChange,
)
from objectives.queries import objective_page
from objectives.queries.agreement import content_from, content_of
from people.models import User
from tests.cast import NOW, TODAY
from tests.reading import whole


@pytest.fixture
def page(cast, sign_in, move_clock):
    """An active objective of sales read by the member, in English."""
    move_clock("2026-04-06T09:00:00+09:00")
    cast.goal = cast.objective(key_results=2, title="朝の一杯を全国へ", why="店に来られない人のために")
    cast.measured = cast.goal.key_results.first()
    move_clock(NOW)
    cast.client = sign_in(cast.member, language="en")
    return cast


def report(cast, value, day=None, key_result=None, author=None, **said):
    key_result = KeyResult.objects.get(pk=(key_result or cast.measured).pk)
    value = None if value is None else Decimal(value)
    return services.record_check_in(key_result, author=author or cast.member, value=value, date=day, **said)[0]


def shown(cast, query="", objective=None, client=None):
    return (client or cast.client).get(cast.url(f"objectives/{(objective or cast.goal).pk}/{query}"))


def words(answer) -> str:
    return plain(answer.content.decode())


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def everything(cast, client=None) -> str:
    """The words of the page with what comes into view further down."""
    return plain(whole(client or cast.client, cast.url(f"objectives/{cast.goal.pk}/")))


def test_the_page_shows_the_objective_its_owner_and_what_it_is_for(page):
    text = words(shown(page))
    assert "朝の一杯を全国へ" in text
    assert "店に来られない人のために" in text
    assert "伊藤 遥" in text
    assert "46 days left" in text


def test_scores_never_rank_people_and_the_page_says_so(page):
    assert "Scores are for learning. They never rank people and never decide pay." in words(shown(page))


def test_the_title_of_the_key_results_says_how_they_do(page):
    second = page.goal.key_results.last()
    assert "2 key results, nothing reported yet" in words(shown(page))
    report(page, 10)
    assert "1 of 2 key results is heading below the band" in words(shown(page))
    report(page, 35)
    assert "1 of 2 key results is still silent" in words(shown(page))
    report(page, 40, key_result=second)
    assert "All 2 key results are heading for the band or above" in words(shown(page))


def test_the_change_is_counted_from_the_end_of_last_week(page):
    report(page, 40)
    ObjectiveSnapshot.objects.filter(objective=page.goal).delete()
    ObjectiveSnapshot.objects.create(objective=page.goal, date=date(2026, 5, 16), score=0.05)
    ObjectiveSnapshot.objects.create(objective=page.goal, date=date(2026, 5, 17), score=0.12)
    ObjectiveSnapshot.objects.create(objective=page.goal, date=date(2026, 5, 19), score=0.19)
    assert re.search(r'data-sign="up">0\.08<', shown(page).content.decode())


def test_the_trail_shows_one_dot_a_week(page):
    report(page, 40)
    ObjectiveSnapshot.objects.filter(objective=page.goal).delete()
    for day in (date(2026, 5, 1), date(2026, 5, 3), date(2026, 5, 10)):
        ObjectiveSnapshot.objects.create(objective=page.goal, date=day, score=0.1)
    hero = shown(page).content.decode().split("hero-bar")[1].split("</section>")[0]
    assert hero.count('class="trail"') == 2


def test_the_chart_carries_its_finding_and_the_same_numbers_in_a_table(page):
    report(page, 10, date(2026, 5, 6))
    report(page, 30, date(2026, 5, 20), confidence=7)
    answer = shown(page)
    html = answer.content.decode()
    assert "結果 1: at this pace 61 件 on 5 Jul, in the band" in words(answer)
    assert html.count('<svg class="plot') == 2
    table = html.split('id="course"')[1].split("</table>")[0]
    assert "Wed 6 May 2026" in table
    assert "Wed 20 May 2026" in table


def test_another_key_result_can_be_drawn(page):
    second = page.goal.key_results.last()
    report(page, 10)
    report(page, 5, key_result=second)
    assert f"{second.title}: at this pace" in words(shown(page, f"?key_result={second.pk}"))


@pytest.mark.parametrize("nonsense", ["0", "x", "9" * 40])
def test_an_unknown_key_result_is_answered_with_the_first(page, nonsense):
    report(page, 10)
    answer = shown(page, f"?key_result={nonsense}")
    assert answer.status_code == 200
    assert "結果 1: at this pace" in words(answer)


def test_a_moved_target_stays_on_the_chart_with_its_reason(page):
    report(page, 10, date(2026, 5, 6))
    key_result = KeyResult.objects.get(pk=page.measured.pk)
    key_result.target_value = Decimal(80)
    services.save_key_result(key_result, by=page.manager, reason="動画を週2本に減らした")
    html = shown(page).content.decode()
    assert 'class="old-line"' in html
    assert "100 until 20 May" in html
    assert "動画を週2本に減らした" in html


@pytest.mark.parametrize(
    ("kind", "fields", "values", "finding"),
    [
        ("cumulative", {}, [10, 20], "at this pace 61 件"),
        ("quota", {"quota": Decimal(20), "period": "month"}, [20, 5], "quota met in 1 of 2 periods"),
        ("average", {"start_value": Decimal(5), "target_value": Decimal(2)}, [4, 3], "3.5 件 on average so far"),
        ("keep", {"limit": "min", "target_value": Decimal(95)}, [96, 90], "kept in 1 of 2 readings"),
        ("coverage", {"population": Decimal(50)}, [10, 15], "at this pace 30 件"),
    ],
)
def test_every_kind_has_its_own_sentence_and_drawing(page, kind, fields, values, finding):
    key_result = page.key_result(page.goal, kind=kind, title="もう一つ", **fields)
    for value, day in zip(values, (date(2026, 5, 13), date(2026, 5, 20)), strict=True):
        report(page, value, day, key_result=key_result)
    answer = shown(page, f"?key_result={key_result.pk}")
    assert finding in words(answer)
    assert answer.content.decode().count('class="line') >= 2


def test_a_milestone_is_drawn_in_per_cent(page):
    milestone = page.key_result(
        page.goal, kind="milestone", title="暦", steps=[Step(title="棚卸し"), Step(title="案", weight=Decimal(3))]
    )
    report(page, None, key_result=milestone, steps_done=[milestone.steps.first().pk])
    answer = shown(page, f"?key_result={milestone.pk}")
    assert "暦: at this pace 51% on 5 Jul, below the band" in words(answer)
    assert "25%" in words(answer)


def test_a_key_result_still_to_be_measured_stands_without_numbers(page):
    page.key_result(page.goal, title="まず測る", measure_first=True, start_value=None, target_value=None)
    text = words(shown(page))
    assert "measure first" in text
    assert "Measure first" in text


def test_the_chart_can_be_taken_away_as_csv_that_runs_nothing(page):
    report(page, 30, confidence=7, obstacle="=HYPERLINK(1)", going_well="＋１")
    answer = shown(page, f"?key_result={page.measured.pk}&download=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    header, row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert header[0] == "Day"
    assert row[:6] == ["2026-05-20", "30", "30", "件", "7", "山本 翔"]
    assert "'=HYPERLINK(1)" in row
    assert "'＋１" in row


def test_connections_lead_up_down_and_sideways(page):
    company = page.objective(title="会社の目標", team=page.company, level="company", owner=page.executive)
    child = page.objective(title="下の目標", owner=page.member)
    beside = page.objective(title="横の目標", team=page.online, owner=page.colleague)
    services.align(page.goal, to=company)
    services.align(child, to=page.measured)
    services.align(beside, to=page.goal, link="supports")
    text = everything(page).rsplit("Connections")[-1]
    assert re.search(r"Contributes to 会社の目標", text)
    assert re.search(r"Contributes to this objective 下の目標 .*結果 1", text)
    assert re.search(r"Support, not counted 横の目標", text)


def test_a_key_result_says_that_its_score_includes_contributions(page):
    services.align(page.objective(title="見守るだけ"), to=page.measured, link="supports")
    assert "contributing objective" not in words(shown(page))
    services.align(page.objective(title="下の目標"), to=page.measured)
    assert words(shown(page)).count("The score includes 1 contributing objective") == 1


def test_a_connection_to_another_cycle_names_it(page):
    year = Cycle.objects.create(
        organization=page.organization, name="一年", start=date(2026, 4, 1), end=date(2027, 3, 31), state="active"
    )
    services.align(page.goal, to=page.objective(title="会社の目標", cycle=year, team=page.company))
    text = everything(page)
    assert "会社の目標 (一年)" in text
    assert "北灯珈琲 · 一年" in text


def test_what_was_dropped_is_no_connection(page):
    child = page.objective(title="やめた目標", owner=page.member)
    services.align(child, to=page.goal)
    services.drop_objective(child, reason="重なるため", by=page.admin)
    beside = page.client.get(page.url(f"objectives/{page.goal.pk}/beside/"))
    assert "It stands alone so far." in words(beside)
    assert "やめた目標" not in words(beside)
    assert "やめた目標" not in words(shown(page))


def test_the_record_can_be_narrowed_to_obstacles(page):
    report(page, 10, obstacle="人手が足りない")
    report(page, 20, going_well="うまくいった")
    assert "うまくいった" in words(shown(page))
    text = words(shown(page, "?show=obstacles"))
    assert "人手が足りない" in text
    assert "うまくいった" not in text


def test_the_record_is_paged_so_that_the_talk_below_it_is_not_far(page):
    for value in range(11):
        report(page, value)
    assert shown(page).content.decode().count("log-value") == 8
    assert shown(page, "?page=2").content.decode().count("log-value") == 3


def test_what_the_team_will_not_do_stands_beside(page):
    NotDoing.objects.create(cycle=page.cycle, team=page.sales, text="値引きクーポン")
    NotDoing.objects.create(cycle=page.cycle, team=page.online, text="ほかの課のこと")
    text = everything(page)
    assert "値引きクーポン" in text
    assert "ほかの課のこと" not in text


def test_buttons_are_shown_only_to_those_who_may(page, sign_in):
    assert "objective-acts" not in shown(page).content.decode()
    manager = shown(page, client=sign_in(page.manager, language="en")).content.decode()
    assert "objective-acts" in manager
    assert f"objectives/{page.goal.pk}/close/" in manager


def test_who_may_report_is_invited_and_others_may_look(page, sign_in):
    assert "Check in " in words(shown(page)).replace("  ", " ")
    reader = shown(page, client=sign_in(page.colleague, language="en"))
    assert "Check-ins 結果 1" in words(reader)


def test_a_draft_is_visible_and_marked(page, sign_in):
    draft = page.objective(state="draft", title="下書きの目標", key_results=0)
    text = words(shown(page, objective=draft, client=sign_in(page.colleague, language="en")))
    assert "Draft" in text
    assert "No key result yet" in text


def test_a_closed_cycle_shows_the_grade_and_no_landing(page):
    report(page, 65)
    services.change_cycle_state(page.cycle, to="closed", by=page.admin)
    answer = shown(page)
    assert "結果 1 ended at 65 件" in words(answer)
    assert "objective-acts" not in answer.content.decode()


def test_a_partner_does_not_see_above_the_shared_branch(page, sign_in):
    company = page.objective(title="会社の目標", team=page.company, level="company", owner=page.executive)
    services.align(page.goal, to=company)
    NotDoing.objects.create(cycle=page.cycle, team=page.sales, text="社内のはなし")
    partner = sign_in(page.partner, language="en")
    assert shown(page, client=partner).status_code == 404
    ObjectiveShare.objects.create(objective=page.goal, membership=page.partner)
    text = everything(page, client=partner)
    assert "朝の一杯を全国へ" in text
    assert "会社の目標" not in text
    assert "社内のはなし" not in text


def test_a_stranger_finds_nothing(page, sign_in):
    assert shown(page, client=sign_in(page.stranger)).status_code == 404


def test_a_dropped_objective_stays_to_be_read_with_who_dropped_it_when_and_why(page):
    report(page, 10, going_well="店で好評")
    services.drop_objective(page.goal, reason="重なるため", by=page.admin)
    answer = shown(page)
    assert answer.status_code == 200
    text = words(answer)
    assert "重なるため" in text
    assert "Dropped by 小林 彩 on Wed 20 May" in text
    assert "店で好評" in text
    for closed in ("restore/", "edit/", "check-ins/", "state/"):
        assert closed not in answer.content.decode()


def test_whoever_may_change_a_dropped_objective_brings_it_back_from_its_page(page, sign_in):
    services.drop_objective(page.goal, reason="重なるため", by=page.admin)
    address = page.url(f"objectives/{page.goal.pk}/")
    manager = sign_in(page.manager)
    assert f'action="{address}restore/"' in shown(page, client=manager).content.decode()
    assert manager.post(f"{address}restore/", {"next": address}).url == address
    page.goal.refresh_from_db()
    assert (page.goal.dropped_at, page.goal.dropped_by, page.goal.dropped_reason) == (None, None, "")


def test_a_partner_no_longer_finds_what_was_dropped(page, sign_in):
    ObjectiveShare.objects.create(objective=page.goal, membership=page.partner)
    partner = sign_in(page.partner)
    assert shown(page, client=partner).status_code == 200
    services.drop_objective(page.goal, reason="重なるため", by=page.admin)
    assert shown(page, client=partner).status_code == 404


def test_words_of_people_are_shown_as_text(page):
    page.goal.title = "<img src=x onerror=alert(1)>"
    page.goal.save()
    page.measured.title = "<script>alert(1)</script>"
    page.measured.save()
    report(page, 10)
    html = shown(page).content.decode()
    assert "<img src=x" not in html
    assert "<script>alert" not in html


def test_eight_queries_answer_the_page_whatever_it_holds(page, django_assert_num_queries):
    def nobody_is_awaited() -> None:
        """Whom an agreement waits for is asked of everything that was said about it."""
        StateChange.objects.filter(objective=page.goal).delete()

    page.key_result(page.goal, kind="milestone", title="暦", steps=[Step(title="棚卸し")])
    report(page, 10)
    services.align(page.objective(owner=page.member), to=page.goal)
    nobody_is_awaited()
    with django_assert_num_queries(8):
        assert "at this pace" in words(shown(page))
    page.key_result(page.goal, kind="milestone", title="暦 2", steps=[Step(title="棚卸し")])
    page.key_result(page.goal, kind="cumulative", title="累計")
    for value in range(15):
        report(page, value, obstacle="人手が足りない" if value == 14 else "")
    for number in range(6):
        services.align(page.objective(owner=page.member, title=f"子 {number}"), to=page.measured)
    rollup.drain()
    nobody_is_awaited()
    for query in ("", "?page=2", "?show=obstacles", "?page=99"):
        with django_assert_num_queries(10 if "99" in query else 8):
            assert shown(page, query).status_code == 200


def test_the_parts_further_down_cost_as_many_queries_for_many_rows_as_for_few(page, connection_queries):
    def count(part: str) -> int:
        return connection_queries(lambda: page.client.get(page.url(part), headers={"HX-Request": "true"}))

    parts = [f"objectives/{page.goal.pk}/{part}/" for part in ("beside", "worth", "comments")]
    services.align(page.objective(owner=page.member), to=page.goal)
    few = [count(part) for part in parts]
    for number in range(5):
        services.align(page.objective(owner=page.member, title=f"子 {number}"), to=page.measured)
        NotDoing.objects.create(cycle=page.cycle, team=page.sales, text=f"やらない {number}")
    assert [count(part) for part in parts] == few
    assert max(few) <= 16


@pytest.fixture
def connection_queries():
    def count(act) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert act().status_code == 200
        return len(seen)

    return count


def test_what_one_may_do_is_known_from_the_rows_as_the_rules_say(page, sign_in):
    rows = [
        page.goal,
        page.objective(title="会社", team=page.company, level="company", owner=page.executive),
        page.objective(title="下書き", state="draft"),
        page.objective(title="人の", team=page.online, owner=page.colleague, level="individual"),
        page.objective(title="消えた", owner=page.member),
    ]
    services.drop_objective(rows[-1], reason="重なるため", by=page.admin)
    KeyResult.objects.filter(pk=rows[3].key_results.first().pk).update(owner=page.member)
    services.drop_key_result(page.key_result(rows[0]), reason="重なるため", by=page.admin)
    ObjectiveShare.objects.create(objective=rows[0], membership=page.partner)
    ObjectiveShare.objects.create(objective=rows[1], membership=page.partner, may_write=False)
    seen = set()
    for person in (page.admin, page.executive, page.manager, page.member, page.colleague, page.partner, page.stranger):
        for row in rows:
            standing = objective_page.standing_of(person, row.pk)
            assert (standing is not None) == Objective.objects.readable_by(person).filter(pk=row.pk).exists()
            if standing is None:
                continue
            objective_page.read_key_results(standing, page.organization.today)
            reach = Reach(person, standing.objective, standing.in_branch, standing.is_writable)
            asked = {
                "may_edit": Objective.objects.editable_by(person),
                "is_within": Objective.objects.within_reach_of(person),
                "leads": Objective.objects.led_by(person),
            }
            said = {name: getattr(reach, name) for name in asked}
            assert said == {name: found.filter(pk=row.pk).exists() for name, found in asked.items()}, (person, row)
            assert reach.may_add_key_result == may_add_key_result(person, row)
            for one in (*standing.key_results, *standing.dropped):
                may = (reach.may_check_in(one), reach.may_edit_key_result(one))
                rules = (KeyResult.objects.checkable_by(person), KeyResult.objects.editable_by(person))
                assert may == tuple(rule.filter(pk=one.pk).exists() for rule in rules), (person, one)
                seen.add(may)
    assert seen == {(True, True), (True, False), (False, False)}


def test_the_fingerprint_of_rows_that_are_read_is_that_of_the_agreement(page):
    page.key_result(page.goal, kind="milestone", title="暦", steps=[Step(title="棚卸し"), Step(title="案")])
    standing = objective_page.standing_of(page.member, page.goal.pk)
    objective_page.read_key_results(standing, page.organization.today)
    assert content_from(standing.objective, standing.key_results) == content_of(page.goal.pk)


def test_what_is_kept_of_a_page_never_outlives_what_it_says(page, sign_in):
    report(page, 10, going_well="店で好評")
    assert "店で好評" in words(shown(page))
    User.objects.filter(pk=page.member.user_id).update(name="別の 名前")
    assert "山本 翔" not in words(shown(page))
    CheckIn.objects.filter(key_result=page.measured).update(going_well="言い直した")
    text = words(shown(page))
    assert "言い直した" in text
    assert "店で好評" not in text
    TargetChange.objects.create(
        key_result=page.measured,
        changed_by=page.manager,
        changed_on=TODAY,
        reason="上振れ",
        old_target=90,
        new_target=100,
    )
    assert page.manager.user.name in words(shown(page)).split("challenge moved from")[1]
    User.objects.filter(pk=page.manager.user_id).update(name="改めた 名前")
    assert "改めた 名前" in words(shown(page)).split("challenge moved from")[1]
    Objective.objects.filter(pk=page.goal.pk).update(activated_on=date(2026, 4, 8))
    text = shown(page).content.decode()
    assert "from 6 Apr: skipped" in text
    page.organization.check_in_weekday = 0
    page.organization.save()
    assert "from 6 Apr: skipped" not in shown(page).content.decode()
    reader = words(shown(page, client=sign_in(page.colleague, language="ja")))
    assert "言い直した" in reader
    assert "Going well" not in reader


def test_a_long_record_weighs_little(page):
    for day in range(40):
        report(page, day, date(2026, 4, 8 + day) if day < 22 else date(2026, 5, day - 21), going_well="順調です")
    assert len(shown(page).content) < 120_000


def test_a_member_may_add_to_the_draft_of_their_team_and_a_state_button_leads_back_here(cast, sign_in):
    draft = cast.objective(state="draft")
    page = sign_in(cast.member).get(cast.url(f"objectives/{draft.pk}/")).content.decode()
    assert cast.url(f"objectives/{draft.pk}/key-results/new/") in page
    assert cast.url(f"objectives/{draft.pk}/edit/") not in page
    here = cast.url(f"objectives/{draft.pk}/")
    sent = {"to": "proposed", "version": draft.version, "next": here}
    assert sign_in(cast.manager).post(cast.url(f"objectives/{draft.pk}/state/"), sent)["Location"] == here


def test_a_closed_objective_offers_nothing_but_to_begin_again(cast, sign_in):
    objective = cast.objective()
    services.change_state(objective, to="closed", by=cast.admin)
    client = sign_in(cast.manager)
    for path in (f"objectives/{objective.pk}/", f"objectives/{objective.pk}/menu/"):
        text = client.get(cast.url(path)).content.decode()
        assert 'value="active"' in text
        for act in ("edit/", "align/", "drop/", "key-results/new/"):
            assert act not in text, (path, act)


def test_what_was_measured_differently_stands_below_the_chart(page):
    key_result = KeyResult.objects.get(pk=page.measured.pk)
    key_result.start_value, key_result.measure_first = Decimal(40), True
    report(page, 45)
    services.save_key_result(key_result, by=page.manager, reason="数え直した")
    text = page.client.get(page.url(f"objectives/{page.goal.pk}/")).content.decode()
    assert "baseline moved from 0" in text
    assert "changed how it is measured (measure first): “数え直した”" in text


def test_what_is_missing_to_begin_stands_beside_the_button(page, sign_in):
    manager = sign_in(page.manager, language="en")
    draft = page.objective(key_results=1, state="draft")
    assert "It can begin once it has two key results." in words(shown(page, objective=draft, client=manager))
    page.key_result(draft)
    assert "It can begin once" not in words(shown(page, objective=draft, client=manager))
