"""Both sides of an objective: who proposed, who agreed to what, who is waited for, and what was open when it began."""

import contextlib
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import KeyResult, Notice, Objective, StateChange, TargetChange
from objectives.queries.agreement import agreements_of, contents_of, open_points_of, waiting_for
from people.refusals import Refusal
from tests.cast import make_cast, person
from tests.reading import whole


def refused(act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as raised:
        act(*args, **kwargs)
    return raised.value


def standing(objective):
    (agreement,) = agreements_of([Objective.objects.get(pk=objective.pk)]).values()
    return agreement


def waits(objective) -> tuple[str, list[str]]:
    agreement = standing(objective)
    return agreement.asks, [one.user.name for one in agreement.waits_for]


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def proposal(cast):
    """The member's draft, proposed."""
    objective = cast.objective(owner=cast.member, state="draft")
    return services.change_state(objective, to="proposed", by=cast.member)


def retitle(objective, title, by):
    objective = fresh(objective)
    objective.title = title
    return services.save_objective(objective, by=by)


# Who is waited for


def test_a_proposal_waits_for_the_nearest_who_leads_and_an_agreement_for_nobody(cast, proposal):
    assert waits(proposal) == ("agree", ["伊藤 遥"])
    assert standing(proposal).owner_agreed
    services.change_state(proposal, to="agreed", by=cast.manager)
    agreement = standing(proposal)
    assert (agreement.is_mutual, agreement.asks, agreement.changed_since) == (True, "", False)
    assert [(step.new_state, step.by.user.name) for step in agreement.steps] == [
        ("proposed", "山本 翔"),
        ("agreed", "伊藤 遥"),
    ]


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"team": "online", "owner": "colleague"}, ["小林 彩"]),
        ({"team": "sales", "owner": "manager"}, ["小林 彩"]),
        ({"team": "company", "owner": "admin", "level": "company"}, ["中村 大輔"]),
    ],
)
def test_who_is_asked_follows_the_tree_of_teams_and_is_never_the_owner(cast, fields, asked):
    fields = fields | {name: getattr(cast, fields[name]) for name in ("team", "owner")}
    objective = cast.objective(state="draft", **fields)
    services.change_state(objective, to="proposed", by=objective.owner)
    assert waits(objective) == ("agree", asked)
    for name in ("admin", "executive", "manager", "member"):
        someone = getattr(cast, name)
        listed = [row.objective for row in waiting_for(someone)]
        assert (objective in listed) is (someone.user.name in asked)


def test_what_a_manager_above_leads_is_asked_of_the_one_below_first(cast):
    head = person(cast.organization, "本部 長", "head@hokuto.example", "manager", cast.company)
    objective = cast.objective(owner=cast.manager, state="draft")
    services.change_state(objective, to="proposed", by=cast.manager)
    assert waits(objective) == ("agree", ["本部 長"])
    assert [row.objective for row in waiting_for(head)] == [objective]
    services.change_state(objective, to="draft", by=cast.manager)
    objective = cast.objective(owner=cast.member, state="draft", title="別の目標")
    services.change_state(objective, to="proposed", by=cast.member)
    assert waits(objective) == ("agree", ["伊藤 遥"])
    assert waiting_for(head) == []


def test_sending_back_needs_words_and_waits_for_the_owner_who_may_propose_again(cast, proposal):
    assert refused(services.change_state, proposal, to="draft", by=cast.manager).code == "comment_missing"
    services.change_state(proposal, to="draft", by=cast.manager, comment="数字を結果に移してください")
    agreement = standing(proposal)
    assert waits(proposal) == ("revise", ["山本 翔"])
    assert (agreement.comment, agreement.commented_by) == ("数字を結果に移してください", cast.manager)
    services.change_state(proposal, to="proposed", by=cast.member)
    assert waits(proposal) == ("agree", ["伊藤 遥"])


def test_what_is_said_with_a_step_is_kept_whatever_was_typed(cast, sign_in, proposal):
    sent = {"to": "draft", "comment": "数字を\0" + "長" * 2000}
    assert sign_in(cast.manager).post(cast.url(f"objectives/{proposal.pk}/state/"), sent).status_code == 302
    assert standing(proposal).comment.startswith("数字を長")


def test_taking_back_ones_own_proposal_needs_no_words_and_waits_for_nobody(cast, proposal):
    services.change_state(proposal, to="draft", by=cast.member)
    assert waits(proposal) == ("", [])
    assert waiting_for(cast.manager) == waiting_for(cast.member) == []


def test_what_a_lead_adjusts_after_agreeing_is_confirmed_by_the_owner_with_one_click(cast, proposal):
    services.change_state(proposal, to="agreed", by=cast.manager)
    retitle(proposal, "調整した目標", cast.manager)
    retitle(proposal, "もう一度調整した目標", cast.manager)
    assert waits(proposal) == ("confirm", ["山本 翔"])
    assert StateChange.objects.count() == 3  # two edits in a row are one word
    for _time in range(2):
        services.confirm_objective(proposal, by=cast.member)
    assert StateChange.objects.count() == 4
    assert standing(proposal).is_mutual
    assert fresh(proposal).state == "agreed"


def test_what_the_owner_changes_after_it_was_agreed_waits_for_the_lead(cast, proposal):
    services.change_state(proposal, to="agreed", by=cast.manager)
    retitle(proposal, "少し違う目標", cast.member)
    agreement = standing(proposal)
    assert (agreement.owner_agreed, agreement.lead_agreed, agreement.changed_since) == (True, False, True)
    assert [row.objective for row in waiting_for(cast.manager)] == [proposal]
    services.confirm_objective(proposal, by=cast.manager)
    assert standing(proposal).is_mutual


def test_a_key_result_a_colleague_adds_to_a_proposal_shows_the_lead_that_it_changed(cast, proposal):
    mate = person(cast.organization, "高橋 蓮", "mate@hokuto.example", "member", cast.sales)
    services.save_key_result(
        KeyResult(objective=proposal, title="三つ目", kind="reach", start_value=0, target_value=3), by=mate
    )
    agreement = standing(proposal)
    assert (agreement.asks, agreement.changed_since) == ("agree", True)


def test_only_the_two_sides_confirm_and_only_what_they_have_seen(cast, proposal):
    seen = standing(proposal).content
    with pytest.raises(PermissionDenied):
        services.confirm_objective(proposal, by=cast.colleague)
    retitle(proposal, "まだ見ていない目標", cast.manager)
    assert refused(services.confirm_objective, proposal, by=cast.member, seen=seen).code == "stale"
    stale = refused(services.change_state, proposal, to="agreed", by=cast.manager, seen=seen)
    assert stale.code == "stale"


def test_what_is_active_without_a_word_waits_for_nobody(cast):
    objective = cast.objective(owner=cast.member)
    StateChange.objects.all().delete()
    assert waits(objective) == ("", [])


@pytest.mark.parametrize(
    "change",
    [
        {"title": "別の言い方"},
        {"target_value": Decimal(120)},
        {"unit": "社"},
        {"measured_how": "CRM"},
        {"weight": 0.7},
        {"combine": "sum"},
        {"owner": None},
    ],
)
def test_the_content_agreed_on_is_what_is_said_and_measured(cast, change):
    objective = cast.objective(state="draft", why="紹介が強い\n広告は弱い")
    before = contents_of([objective])
    KeyResult.objects.filter(objective=objective).update(position=7, version=9)
    objective.why = "紹介が強い\r\n広告は弱い "
    assert contents_of([objective]) == before
    KeyResult.objects.filter(pk=objective.key_results.first().pk).update(**change)
    assert contents_of([objective]) != before


# Beginning


def test_a_lead_begins_without_the_owners_word_and_what_was_open_stays_visible(cast, sign_in):
    objective = cast.objective(owner=cast.member, state="draft")
    client = sign_in(cast.manager, language="en")
    page = client.get(cast.url(f"objectives/{objective.pk}/begin/")).text
    assert "The owner has not agreed to it as it stands." in page
    assert "2 key results do not say how they are measured." in page
    assert "It leads to no KGI." in page
    sent = {"version": objective.version, "content": standing(objective).content, "comment": "まず始める"}
    assert client.post(cast.url(f"objectives/{objective.pk}/begin/"), sent).status_code == 302
    step = StateChange.objects.get()
    assert (step.new_state, step.comment) == ("active", "まず始める")
    assert {"owner", "no_kgi", "not_aligned", "measured_how:2"} <= set(step.open_points)
    history = whole(client, cast.url(f"objectives/{objective.pk}/"))
    assert "The owner has not agreed to it as it stands." in history
    assert "まず始める" in history
    assert "まず始める" in client.get(cast.url(f"objectives/{objective.pk}/changes/")).text
    assert waits(objective) == ("confirm", ["山本 翔"])


def test_hard_rules_still_keep_it_from_beginning(cast, sign_in):
    objective = cast.objective(owner=cast.member, state="draft", key_results=1)
    client = sign_in(cast.manager)
    address = cast.url(f"objectives/{objective.pk}/begin/")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"version": objective.version})
    assert answer.status_code == 422
    assert fresh(objective).state == "draft"


def test_beginning_at_another_door_notes_what_was_open_too(cast):
    objective = cast.objective(owner=cast.member, state="draft")
    assert "owner" in open_points_of(objective, cast.manager)
    services.change_state(objective, to="active", by=cast.manager)
    assert "owner" in StateChange.objects.get().open_points


# Pages


def test_a_proposal_is_agreed_to_sent_back_and_confirmed_from_the_week(cast, sign_in, proposal):
    lead, owner = sign_in(cast.manager, language="en"), sign_in(cast.member, language="en")
    page = lead.get(cast.url("this-week/")).text
    assert "Waiting for you" in page
    assert "Proposed by 山本 翔" in page
    back = cast.url(f"objectives/{proposal.pk}/send-back/")
    assert lead.get(back).status_code == 200
    assert lead.post(back, {"version": fresh(proposal).version, "comment": " "}).status_code == 422
    unseen = {"version": fresh(proposal).version, "comment": "もう一つ", "content": "what stood there before"}
    assert lead.post(back, unseen).status_code == 422
    said = {"version": fresh(proposal).version, "comment": "<b>もう一つ</b>", "next": cast.url("this-week/")}
    assert lead.post(back, said)["Location"] == cast.url("this-week/")
    week = owner.get(cast.url("this-week/")).text
    assert "Sent back to you" in week
    assert "&lt;b&gt;もう一つ&lt;/b&gt;" in week
    owner.post(cast.url(f"objectives/{proposal.pk}/state/"), {"to": "proposed"})
    content = standing(proposal).content
    lead.post(cast.url(f"objectives/{proposal.pk}/state/"), {"to": "agreed", "content": content})
    assert fresh(proposal).state == "agreed"
    retitle(proposal, "調整後", cast.manager)
    assert "Changed: is it right for you?" in owner.get(cast.url("this-week/")).text
    sent = {"content": standing(proposal).content}
    assert owner.post(cast.url(f"objectives/{proposal.pk}/confirm/"), sent).status_code == 302
    assert "Waiting for you" not in owner.get(cast.url("this-week/")).text


def test_the_board_says_who_is_waited_for_and_shows_only_what_waits_for_me(cast, sign_in, proposal):
    other = cast.objective(title="関係のない目標", team=cast.online, owner=cast.colleague)
    client = sign_in(cast.manager)
    board = client.get(cast.url("plan/")).text
    assert "合意待ち：伊藤 遥さん" in board
    assert f'id="objective-{other.pk}"' in board
    mine = client.get(cast.url("plan/?waits=me")).text
    assert f'id="objective-{proposal.pk}"' in mine
    assert f'id="objective-{other.pk}"' not in mine
    assert 'id="objective-' not in sign_in(cast.member).get(cast.url("plan/?waits=me")).text


def test_acts_that_ask_more_lead_to_a_page(cast, sign_in, proposal):
    menu = sign_in(cast.manager).get(cast.url(f"objectives/{proposal.pk}/menu/")).text
    for page in ("begin", "send-back"):
        assert cast.url(f"objectives/{proposal.pk}/{page}/") in menu
    assert 'value="draft"' not in menu
    own = sign_in(cast.member).get(cast.url(f"objectives/{proposal.pk}/menu/")).text
    assert 'value="draft"' in own
    assert "send-back" not in own


def test_a_program_says_a_comment_with_a_state(cast, sign_in, proposal):
    address = f"/api/v1/o/{cast.organization.slug}/objectives/{proposal.pk}/"
    client = sign_in(cast.manager)
    refusal = client.patch(address, {"state": "draft"}, content_type="application/json")
    assert (refusal.status_code, list(refusal.json()["fields"])) == (400, ["comment"])
    told = client.patch(address, {"state": "draft", "comment": "要調整"}, content_type="application/json")
    assert told.status_code == 200
    assert StateChange.objects.last().comment == "要調整"


def test_the_number_of_queries_does_not_grow_with_the_objectives(cast):
    def queries(objectives) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(agreements_of(objectives)) == len(objectives)
        return len(seen)

    rows = [cast.objective(owner=cast.member, state="proposed", title=f"目標 {number}") for number in range(6)]
    assert queries(rows) == queries(rows[:1]) <= 7


# Change while it is active


def test_a_weight_moves_with_a_reason_and_the_old_share_stays_visible(cast, sign_in):
    objective = cast.objective(owner=cast.member)
    first = objective.key_results.first()
    first.weight = 0.7
    assert list(refused(services.save_key_result, first, by=cast.member).fields) == ["reason"]
    services.save_key_result(first, by=cast.member, reason="こちらが先")
    change = TargetChange.objects.get()
    assert (change.what, change.old_share, change.new_share) == (["weight"], 0.5, 0.7)
    page = whole(sign_in(cast.manager), cast.url(f"objectives/{objective.pk}/"))
    assert "こちらが先" in page
    assert "50%" in page


def test_a_key_result_joins_and_rejoins_a_running_objective_with_a_reason(cast, sign_in, move_clock):
    objective = cast.objective(owner=cast.manager, key_results=3)
    new = KeyResult(objective=objective, title="四つ目", kind="reach", start_value=0, target_value=3)
    assert refused(services.save_key_result, new, by=cast.manager).code == "reason_missing"
    services.save_key_result(new, by=cast.manager, reason="抜けていた")
    services.drop_key_result(new, reason="重なる", by=cast.manager)
    services.restore_key_result(new, by=cast.manager)  # taking back what one just did
    services.drop_key_result(new, reason="重なる", by=cast.manager)
    move_clock("2026-05-20T12:00:00+09:00")
    client, address = sign_in(cast.manager), cast.url(f"key-results/{new.pk}/restore/")
    for odd in ("a\0b", "長" * 501):
        assert client.post(address, {"reason": odd}).status_code == 422
    assert client.post(address).status_code == 422
    assert fresh(new).dropped_at is not None
    assert client.post(address, {"reason": "やはり要る"}).status_code == 302
    assert [change.what for change in TargetChange.objects.all()] == [["added"], ["restored"]]
    page = whole(client, cast.url(f"objectives/{objective.pk}/"))
    assert "抜けていた" in page
    assert "やはり要る" in page


# At once


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_agree_at_once_agree_once(move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    objective = cast.objective(owner=cast.member, state="draft")
    services.change_state(objective, to="proposed", by=cast.member)

    def agree(by):
        with contextlib.suppress(Refusal):
            services.change_state(Objective.objects.get(pk=objective.pk), to="agreed", by=by)
        connection.close()

    threads = [threading.Thread(target=agree, args=[by]) for by in (cast.manager, cast.admin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert StateChange.objects.filter(new_state="agreed").count() == 1
    assert Notice.objects.filter(kind="agreed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_agreed_to_is_what_was_locked(move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    objective = cast.objective(owner=cast.member, state="draft")
    services.change_state(objective, to="proposed", by=cast.member)
    seen = standing(objective).content
    met: list[str] = []

    def agree():
        try:
            services.change_state(Objective.objects.get(pk=objective.pk), to="agreed", by=cast.manager, seen=seen)
            met.append("agreed")
        except Refusal as refusal:
            met.append(refusal.code)
        connection.close()

    def edit():
        key_result = objective.key_results.first()
        key_result.target_value = Decimal(200)
        services.save_key_result(key_result, by=cast.member)
        connection.close()

    threads = [threading.Thread(target=act) for act in (agree, edit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    agreement = standing(objective)
    if met == ["agreed"]:
        # The edit came second: the owner's side is ahead of what was agreed to.
        assert next(step.content for step in agreement.steps if step.new_state == "agreed") == seen
        assert (agreement.lead_agreed, agreement.asks) == (False, "confirm")
    else:
        assert met == ["stale"]
        assert fresh(objective).state == "proposed"
