"""The plan of an action: all its fields, taken up and put back, on the board and along the weeks."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from funnel.models import Journey, JourneyPhase, TouchPoint
from objectives.models import Action, ActionState, KeyResult, ObjectiveShare
from objectives.queries.changes import describe, events_of
from objectives.services.actions import (
    add_action,
    begin_action,
    drop_action,
    finish_action,
    pause_action,
    reopen_action,
    save_action,
)
from people.refusals import Refusal
from tests.cast import TODAY
from tests.objectives.trees import plan_tree

pytestmark = pytest.mark.django_db

TAG = re.compile(r"<[^>]+>")


def words(html: str) -> str:
    """What is read of a page, on one line."""
    return " ".join(TAG.sub("", html).split())


def add(cast, **fields) -> Action:
    """An action of sales that the member writes for themselves, unless said otherwise."""
    given = {"team": cast.sales, "title": "見本を送る", "owner": cast.member, "due_on": None, "by": cast.member}
    return add_action(**given | fields)


@pytest.fixture
def kgi(cast):
    return plan_tree(cast)


@pytest.fixture
def action(cast, kgi):
    return add(cast, kpi=kgi.kpis.get(key="win_rate"), due_on=TODAY + timedelta(days=10))


def sent(action: Action, **fields) -> dict:
    """What stands in the form, as a browser sends it."""
    given = {
        "title": action.title,
        "owner": action.owner_id,
        "team": action.team_id,
        "serves": f"l{action.kpi_id}",
        "version": action.version,
    }
    return given | fields


def test_the_whole_plan_is_written_and_stands_in_the_form_again(cast, sign_in, action):
    client, address = sign_in(cast.member), cast.url(f"actions/{action.pk}/")
    answer = client.post(
        address,
        sent(
            action,
            starts_on="2026-05-11",
            due_on="2026-06-11",
            expected_effect="受注率が上がる",
            expected_change="+2",
            cost="12万",
            approach="untried",
            why_nobody="手間がかかるから",
            merits="比べられない",
            risks="誰も来ない",
        ),
    )
    assert answer.status_code == 302
    action.refresh_from_db()
    assert (action.expected_change, action.cost) == (Decimal("0.02"), Decimal(120_000))
    assert (action.approach, action.why_nobody, action.merits, action.risks) == (
        "untried",
        "手間がかかるから",
        "比べられない",
        "誰も来ない",
    )
    assert str(action.starts_on) == "2026-05-11"
    again = client.get(address).content.decode()
    for typed in ('value="2"', 'value="120,000"', "手間がかかるから", 'value="2026-05-11"'):
        assert typed in again


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("win_rate", "2%", "0.02"),
        ("win_rate", "＋２", "0.02"),
        ("win_rate", "2ポイント", "0.02"),
        ("win_rate", "0.5 points", "0.005"),
        ("churn", "△5", "-0.05"),
        ("visits", "１，２００", "1200"),
        ("visits", "50件", "50"),
        ("price", "3.2億", "320000000"),
        ("win_rate", "", None),
    ],
)
def test_the_expected_change_is_typed_as_people_say_it(cast, sign_in, kgi, action, key, typed, kept):
    lever = kgi.kpis.get(key=key)
    client = sign_in(cast.member)
    data = sent(action, serves=f"l{lever.pk}", expected_change=typed)
    assert client.post(cast.url(f"actions/{action.pk}/"), data).status_code == 302
    action.refresh_from_db()
    assert action.expected_change == (None if kept is None else Decimal(kept))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"approach": "untried", "why_nobody": " "}, "Before trying what nobody does, say why nobody does it."),
        ({"starts_on": "2026-06-02", "due_on": "2026-06-01"}, "It is to be done by a day before it begins."),
        ({"cost": "-1"}, "A cost is 0 or more."),
        ({"cost": "たくさん"}, "This is not a number."),
        ({"expected_change": "x"}, "This is not a number."),
        ({"expected_change": "2", "serves": ""}, "Choose a lever, or a key result that measures one"),
        ({"approach": "bold"}, "bold"),
        ({"merits": "あ" * 301}, "300"),
    ],
)
def test_what_does_not_hold_together_stands_beside_its_field_and_what_was_typed_stays(
    cast, sign_in, action, fields, sentence
):
    client = sign_in(cast.member, language="en")
    answer = client.post(cast.url(f"actions/{action.pk}/"), sent(action, **fields, expected_effect="打った言葉"))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "打った言葉" in page
    (name,) = {"approach": ["why_nobody"], "starts_on": ["due_on"]}.get(next(iter(fields)), [next(iter(fields))])
    if fields.get("approach") != "bold":
        assert name in answer.context["form"].errors
    action.refresh_from_db()
    assert action.version == 1


def test_a_number_of_another_kind_is_refused_with_the_reason(cast, sign_in, kgi, action):
    lever = kgi.kpis.get(key="visits")
    answer = sign_in(cast.member, language="en").post(
        cast.url(f"actions/{action.pk}/"), sent(action, serves=f"l{lever.pk}", expected_change="45%")
    )
    assert answer.status_code == 422
    assert "This number is not a percentage" in answer.content.decode()


def test_an_api_cannot_go_round_the_question_either(cast, action):
    action.approach = "untried"
    with pytest.raises(Refusal) as refused:
        save_action(action, by=cast.member)
    assert (refused.value.code, list(refused.value.fields)) == ("why_nobody_missing", ["why_nobody"])
    with pytest.raises(Refusal):
        add(cast, approach="untried")
    with pytest.raises(Refusal) as refused:
        add(cast, starts_on=TODAY, due_on=TODAY - timedelta(days=1))
    assert refused.value.code == "days_out_of_order"


def test_a_touch_point_is_offered_only_where_there_are_journeys(cast, sign_in, action):
    client, address = sign_in(cast.member), cast.url(f"actions/{action.pk}/")
    assert "touch_point" not in client.get(address).context["form"].fields
    journey = Journey.objects.create(organization=cast.organization, name="法人の旅", created_by=cast.manager)
    phase = JourneyPhase.objects.create(journey=journey, name="検討")
    point = TouchPoint.objects.create(phase=phase, number=3, name="比較の記事")
    assert "3 比較の記事" in client.get(address).content.decode()
    assert client.post(address, sent(action, touch_point=point.pk)).status_code == 302
    action.refresh_from_db()
    assert action.touch_point == point
    assert client.post(address, sent(action, touch_point=99999)).status_code == 422


def test_what_is_added_from_a_touch_point_belongs_to_it(cast, sign_in):
    journey = Journey.objects.create(organization=cast.organization, name="法人の旅", created_by=cast.manager)
    phase = JourneyPhase.objects.create(journey=journey, name="検討")
    point = TouchPoint.objects.create(phase=phase, number=3, name="比較の記事")
    client = sign_in(cast.member)
    asked = f"actions/?touch_point={point.pk}&whose=all"
    assert "接点#3「比較の記事」のアクション" in words(client.get(cast.url(asked)).content.decode())
    assert client.post(cast.url(asked), {"title": "比較表を書く", "owner": cast.member.pk}).status_code == 302
    assert Action.objects.get(title="比較表を書く").touch_point == point
    # Of a touch point of somebody else, or of none, nothing is said.
    assert client.get(cast.url("actions/?touch_point=99999999999999999999")).status_code == 200


def test_while_typing_the_tree_says_what_the_kgi_gains(cast, sign_in, kgi, action):
    client = sign_in(cast.member, language="en")

    def said(serves: str, change: str):
        return client.get(
            cast.url(f"actions/{action.pk}/"),
            {"serves": serves, "expected_change": change},
            headers={"hx-request": "true", "hx-target": "worth"},
        ).content.decode()

    answer = words(said(f"l{action.kpi_id}", "+2"))
    assert "20% → 22%" in answer
    assert "+¥2.04M" in answer
    assert "<html" not in answer
    assert "not a number" in said(f"l{action.kpi_id}", "many")
    assert "more than 100%" in said(f"l{action.kpi_id}", "90")
    assert "Once it serves a lever" in said("", "2")
    assert "Once it serves a lever" in said("l²", "2")
    action.refresh_from_db()
    assert action.expected_change is None


def test_taken_up_and_put_back_each_twice_and_not_once_closed(cast, action):
    for _ in range(2):
        begun = begin_action(action, by=cast.member)
    assert (begun.began_on, begun.is_under_way, begun.version) == (TODAY, True, 2)
    with pytest.raises(Refusal) as refused:
        pause_action(action, by=cast.member, expected_version=1)
    assert refused.value.code == "stale"
    for _ in range(2):
        paused = pause_action(action, by=cast.member)
    assert (paused.began_on, paused.version) == (None, 3)
    begin_action(action, by=cast.member)
    finish_action(action, by=cast.member)
    for act in (begin_action, pause_action):
        with pytest.raises(Refusal) as refused:
            act(action, by=cast.member)
        assert refused.value.code == "already_done"
    assert reopen_action(action, by=cast.member).began_on == TODAY
    drop_action(action, by=cast.member, reason="やめる")
    with pytest.raises(Refusal) as refused:
        begin_action(action, by=cast.member)
    assert refused.value.code == "dropped"


def test_the_board_has_a_column_for_each_state_and_buttons_that_move_a_card(cast, sign_in, action):
    client = sign_in(cast.member)
    address = cast.url("actions/board/")

    def columns() -> list[list[int]]:
        return [[row.pk for row in column.rows] for column in client.get(address).context["columns"]]

    assert columns() == [[action.pk], [], []]
    moved = client.post(cast.url(f"actions/{action.pk}/begin/"), {"next": address})
    assert (moved.status_code, moved.url) == (302, address)
    assert columns() == [[], [action.pk], []]
    client.post(cast.url(f"actions/{action.pk}/pause/"), {"next": address})
    assert columns() == [[action.pk], [], []]
    fragment = client.post(
        cast.url(f"actions/{action.pk}/done/"),
        {"next": address},
        headers={"hx-request": "true", "hx-target": "rows"},
        follow=True,
    ).content.decode()
    assert f'id="card-{action.pk}" class="action-card" data-state="done"' in fragment
    assert "<html" not in fragment
    assert columns() == [[], [], [action.pk]]
    drop = add(cast, title="やめること")
    drop_action(drop, by=cast.member, reason="やめる")
    page = client.get(address).content.decode()
    assert "やめること" not in page
    assert "actions/?state=dropped" in page


def test_a_card_that_somebody_else_closed_stays_where_it_is_and_says_why(cast, sign_in, action):
    drop_action(action, by=cast.member, reason="やめる")
    address = cast.url("actions/board/")
    client = sign_in(cast.member, language="en")
    answer = client.post(cast.url(f"actions/{action.pk}/begin/"), {"next": address}, follow=True)
    assert "This action was dropped in the meantime." in answer.content.decode()


def test_only_whoever_may_change_an_action_moves_it(cast, sign_in, action):
    for act in ("begin", "pause"):
        assert sign_in(cast.colleague).post(cast.url(f"actions/{action.pk}/{act}/")).status_code == 403
        assert sign_in(cast.stranger).post(cast.url(f"actions/{action.pk}/{act}/")).status_code == 404
        assert sign_in(cast.member).get(cast.url(f"actions/{action.pk}/{act}/")).status_code == 405
    card = sign_in(cast.colleague).get(cast.url("actions/board/?whose=all")).content.decode()
    assert f"actions/{action.pk}/begin/" not in card


def test_a_long_column_says_where_it_ends(cast, sign_in):
    for number in range(62):
        add(cast, title=f"行動 {number}")
    page = sign_in(cast.member, language="en").get(cast.url("actions/board/"))
    assert [len(column.rows) for column in page.context["columns"]] == [60, 0, 0]
    assert "The first 60 of 62 are here" in page.content.decode()


def test_list_board_and_timeline_keep_the_same_filters(cast, sign_in, kgi, action):
    other = add(cast, title="別のこと", kpi=kgi.kpis.get(key="visits"), approach="same", due_on=TODAY)
    client = sign_in(cast.member)

    def found(query: str) -> list[set[int]]:
        rows = client.get(cast.url(f"actions/?{query}")).context["rows"]
        columns = client.get(cast.url(f"actions/board/?{query}")).context["columns"]
        groups = client.get(cast.url(f"actions/timeline/?{query}")).context["groups"]
        return [
            {row.pk for row in rows},
            {row.pk for column in columns for row in column.rows},
            {course.action.pk for group in groups for course in group.courses},
        ]

    assert found("") == [{action.pk, other.pk}] * 3
    assert found("approach=same") == [{other.pk}] * 3
    assert found(f"kpi={action.kpi_id}") == [{action.pk}] * 3
    assert found("q=別の") == [{other.pk}] * 3
    assert found("whose=all&approach=nonsense&kpi=²&key_result=x") == [{action.pk, other.pk}] * 3
    faces = client.get(cast.url("actions/?whose=all&approach=same&q=別")).context["faces"]
    assert all("whose=all" in link and "approach=same" in link and "q=" in link for _name, link, _here in faces)


def test_a_levers_actions_are_also_those_of_key_results_that_measure_it(cast, sign_in, kgi):
    lever = kgi.kpis.get(key="win_rate")
    measured = add(cast, key_result=cast.key_result(cast.objective(), kpi=lever, unit="%", target_value=Decimal(35)))
    rows = sign_in(cast.member).get(cast.url(f"actions/?kpi={lever.pk}")).context["rows"]
    assert [row.pk for row in rows] == [measured.pk]


def test_bars_lie_where_their_days_are(cast, sign_in, action):
    Action.objects.filter(pk=action.pk).update(starts_on=TODAY - timedelta(days=20), due_on=TODAY - timedelta(days=3))
    unended = add(cast, title="終わりのない")
    far = add(cast, title="ずっと先", starts_on=TODAY + timedelta(days=200), due_on=TODAY + timedelta(days=210))
    page = sign_in(cast.member, language="en").get(cast.url("actions/timeline/"))
    courses = {course.action.pk: course for group in page.context["groups"] for course in group.courses}
    assert courses.keys() == {action.pk, unended.pk}
    assert 'data-kind="open"' in courses[action.pk].drawing
    assert 'data-kind="late"' in courses[action.pk].drawing
    assert 'data-kind="unended"' in courses[unended.pk].drawing
    text = words(page.content.decode())
    assert "3 days over" in text
    assert "no day to be done by" in text
    assert page.context["outside"] == 1
    later = sign_in(cast.member).get(cast.url(f"actions/timeline/?from={TODAY + timedelta(days=198)}&zoom=month"))
    drawn = {course.action.pk for group in later.context["groups"] for course in group.courses}
    assert drawn == {far.pk, unended.pk}


def test_what_is_asked_of_the_weeks_may_be_nonsense(cast, sign_in, action):
    client = sign_in(cast.member)
    for asked in ("from=2026-13-45", "from=9999-12-31", "from=0001-01-01", "from=x&zoom=y&by=z", "from=%00"):
        assert client.get(cast.url(f"actions/timeline/?{asked}")).status_code == 200


def test_bars_are_grouped_by_what_they_serve_or_by_team(cast, sign_in, kgi, action):
    key_result = cast.objective().key_results.first()
    for_goal = add(cast, title="目標へ", key_result=key_result)
    for_nothing = add(cast, title="何にも", team=cast.online)
    client = sign_in(cast.manager)

    def groups(by: str) -> dict[str, set[int]]:
        page = client.get(cast.url(f"actions/timeline/?whose=all&by={by}"))
        return {group.name: {course.action.pk for course in group.courses} for group in page.context["groups"]}

    by_goal = groups("goal")
    assert by_goal["受注率"] == {action.pk}
    assert by_goal[key_result.title] == {for_goal.pk}
    assert list(by_goal.values())[-1] == {for_nothing.pk}
    assert groups("team") == {cast.sales.name: {action.pk, for_goal.pk}, cast.online.name: {for_nothing.pk}}


def test_together_the_open_actions_say_how_much_of_the_way_they_are(cast, sign_in, kgi, action):
    Action.objects.filter(pk=action.pk).update(expected_change=Decimal("0.024"))
    client = sign_in(cast.member, language="en")
    for face in ("", "board/", "timeline/"):
        page = words(client.get(cast.url(f"actions/{face}")).content.decode())
        assert "年間売上 +¥2.45M" in page
        assert "Together +2.4 points of the +15 points to the challenge target" in page


def test_a_partner_sees_no_lever_no_money_and_no_worth(cast, sign_in, kgi):
    key_result = cast.objective().key_results.first()
    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner, may_write=True)
    lever = kgi.kpis.get(key="win_rate")
    shared = add(
        cast,
        title="共有の行動",
        key_result=key_result,
        kpi=lever,
        expected_change=Decimal("0.02"),
        cost=Decimal(987_654),
        starts_on=TODAY,
        due_on=TODAY,
    )
    Action.objects.filter(pk=shared.pk).update(deals=31, orders=17, revenue=Decimal(7_654_321))
    client = sign_in(cast.partner)
    pages = [
        "actions/",
        "actions/board/",
        "actions/timeline/",
        f"actions/{shared.pk}/",
        f"actions/{shared.pk}/changes/",
    ]
    for page in [*pages, "actions/?download=csv"]:
        text = client.get(cast.url(page + ("&" if "?" in page else "?") + "whose=all")).content.decode()
        assert "共有の行動" in text
        for secret in ("受注率", "年間売上", "987,6", "987654", "98.7", "98.8", "7,654", "7654321", ">31<", ">17<"):
            assert secret not in text, (page, secret)
    answer = client.post(
        cast.url(f"actions/{shared.pk}/"),
        {
            "title": "共有の行動、変えた",
            "owner": shared.owner_id,
            "serves": key_result.pk,
            "version": 1,
            "cost": "1",
            "expected_change": "9",
        },
    )
    assert answer.status_code == 302
    shared.refresh_from_db()
    assert (shared.cost, shared.expected_change) == (Decimal(987_654), Decimal("0.02"))
    assert shared.kpi == lever
    assert client.post(cast.url(f"actions/{shared.pk}/begin/")).status_code == 302


def test_a_partner_does_not_hear_that_what_stays_inside_was_changed(cast, kgi):
    key_result = cast.objective().key_results.first()
    ObjectiveShare.objects.create(objective=key_result.objective, membership=cast.partner)
    row = add(cast, key_result=key_result)
    save_action(Action(**values_of(row) | {"cost": Decimal(5)}), by=cast.member)
    save_action(Action(**values_of(row) | {"cost": Decimal(5), "risks": "遅れる"}), by=cast.member)
    heard = [describe(events_of(row, reader), reader) for reader in (cast.member, cast.partner)]
    assert [len(changes) for changes in heard] == [3, 2]


def values_of(row: Action) -> dict:
    return {field.attname: getattr(row, field.attname) for field in Action._meta.concrete_fields}


def test_the_history_says_a_rates_change_in_points_and_names_the_touch_point(cast, kgi):
    key_result = cast.objective().key_results.first()
    KeyResult.objects.filter(pk=key_result.pk).update(kpi=kgi.kpis.get(key="win_rate"))
    journey = Journey.objects.create(organization=cast.organization, name="法人の旅", created_by=cast.manager)
    phase = JourneyPhase.objects.create(journey=journey, name="比較", position=1)
    point = TouchPoint.objects.create(phase=phase, number=3, name="比較の記事")
    row = add(cast, key_result=key_result, touch_point=point, expected_change=Decimal("0.02"))
    with override("en"):
        (added,) = describe(events_of(row, cast.member), cast.member)
    said = {each.column: each.after.text for each in added.differences}
    assert (said["expected_change"], said["touch_point_id"]) == ("2 points", "比較の記事")


def test_an_action_with_a_key_result_keeps_the_lever_of_its_own(cast, sign_in, kgi):
    key_result, lever = cast.objective().key_results.first(), kgi.kpis.get(key="win_rate")
    row = add(cast, key_result=key_result, kpi=lever)
    client, address = sign_in(cast.member), cast.url(f"actions/{row.pk}/")
    assert client.post(address, sent(row, serves=key_result.pk, expected_change="2")).status_code == 302
    row.refresh_from_db()
    assert (row.key_result, row.kpi, row.expected_change) == (key_result, lever, Decimal("0.02"))
    assert client.post(address, sent(row, serves="", version=row.version)).status_code == 302
    row.refresh_from_db()
    assert (row.key_result, row.kpi) == (None, None)


def test_in_the_file_what_came_of_a_rate_is_in_points_even_where_nothing_was_expected(cast, sign_in, kgi):
    key_result = cast.objective().key_results.first()
    KeyResult.objects.filter(pk=key_result.pk).update(kpi=kgi.kpis.get(key="win_rate"))
    row = add(cast, key_result=key_result)
    Action.objects.filter(pk=row.pk).update(actual_change=Decimal("0.006"))
    table = sign_in(cast.member, language="en").get(cast.url("actions/?download=csv")).content.decode()
    assert ",受注率,,,0.6,points,年間売上,,円," in table


def test_the_file_has_the_plan_and_what_the_kgi_gains(cast, sign_in, kgi, action):
    Action.objects.filter(pk=action.pk).update(
        expected_change=Decimal("0.02"), cost=Decimal("120000"), approach="same", merits="=1+1"
    )
    table = sign_in(cast.member, language="en").get(cast.url("actions/?download=csv")).content.decode()
    header, row = table.lstrip("\ufeff").splitlines()[:2]
    for name in ("Begins on", "Approach", "Expected change of the lever", "What the KGI gains by it", "Cost (円)"):
        assert name in header
    assert "2040000" in row
    assert ",2,," in row
    assert "'=1+1" in row


def test_no_face_takes_more_queries_for_forty_than_for_one(cast, sign_in, kgi, action):
    client = sign_in(cast.manager)
    key_result = cast.objective().key_results.first()

    def queries(face: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(cast.url(f"actions/{face}?whose=all")).status_code == 200
        return len(captured)

    faces = ("", "board/", "timeline/")
    levers = [kgi.kpis.get(key=key) for key in ("win_rate", "visits")]
    for state in ("open", "begun", "done"):
        row = add(cast, kpi=levers[0], expected_change=Decimal("0.01"), key_result=key_result)
        if state != "open":
            begin_action(row, by=cast.member)
        if state == "done":
            finish_action(row, by=cast.member)
    for face in faces:
        queries(face)
    few = [queries(face) for face in faces]
    for number in range(39):
        row = add(cast, title=f"行動 {number}", kpi=levers[number % 2], expected_change=Decimal("0.01"))
        if number % 3 == 1:
            begin_action(row, by=cast.member)
        if number % 3 == 2:
            finish_action(row, by=cast.member)
    assert Action.objects.filter(state=ActionState.DONE).count() > 10
    assert [queries(face) for face in faces] == few
