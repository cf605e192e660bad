"""Questions, answers and remarks in a partner's room."""

import re
import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from funnel.models import RoomMessage
from objectives.models import Notice
from objectives.services.members import end_membership
from objectives.services.room_talk import (
    change_message,
    restore_message,
    say_in_room,
    settle_question,
    withdraw_message,
)
from objectives.services.sharing import share_kgi, share_objective
from people.models import Membership, Role
from people.refusals import Refusal
from tests.cast import person
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def typed(text, **more):
    return {"text": text, "submission_key": str(uuid.uuid4()), **more}


def talk(cast):
    return cast.url(f"partners/{cast.partner.pk}/talk/")


def told(someone):
    return list(Notice.objects.filter(membership=someone).order_by("pk").values_list("kind", flat=True))


def ask(cast, text="受注は何で測りますか", by=None):
    return say_in_room(cast.partner, by=by or cast.partner, text=text, is_question=True)


def test_a_partner_asks_and_the_manager_answers_and_both_see_it(cast, sign_in):
    partner, manager = sign_in(cast.partner), sign_in(cast.manager)
    sent = typed("1件の<b>受注</b>は？ https://a.example/x。", is_question="on")
    for _twice in range(2):
        answer = partner.post(talk(cast), sent)
        assert answer.status_code == 302
    question = RoomMessage.objects.get()
    assert answer["Location"] == cast.url(f"room/#message-{question.pk}")
    page = manager.get(cast.url(f"partners/{cast.partner.pk}/room/")).text
    assert "回答待ちの質問が1件あります" in page
    assert "&lt;b&gt;受注" in page
    assert '<a href="https://a.example/x" rel="noopener nofollow">' in page
    sent = typed("年120万円です", question=str(question.pk))
    for _twice in range(2):
        answer = manager.post(talk(cast), sent)
        assert answer.status_code == 302
    assert "/room/#message-" in answer["Location"]
    assert RoomMessage.objects.count() == 2
    room = partner.get(cast.url("room/"))
    assert "年120万円です" in room.text
    assert [row.pk for row in room.context["talk"].open] == [question.pk], "it is open until somebody says otherwise"
    assert told(cast.partner) == ["answered"]


def test_a_question_is_settled_and_opened_again_by_who_asked_and_by_those_inside(cast, sign_in):
    theirs, ours = ask(cast), ask(cast, "いつまでですか", by=cast.member)
    url = "room-messages/{}/settle/"
    assert sign_in(cast.partner).post(cast.url(url.format(ours.pk))).status_code == 403
    for client in (sign_in(cast.partner), sign_in(cast.colleague)):
        for sent, is_open in (({}, False), ({}, False), ({"settled": "0"}, True)):
            answer = client.post(cast.url(url.format(theirs.pk)), sent, headers=HTMX)
            assert answer.status_code == 200
            assert RoomMessage.objects.open_questions().filter(pk=theirs.pk).exists() == is_open
    remark = say_in_room(cast.partner, by=cast.partner, text="では来週")
    assert sign_in(cast.admin).post(cast.url(url.format(remark.pk))).status_code == 403
    with pytest.raises(PermissionDenied):
        settle_question(ours, by=cast.partner, settled=True)


@pytest.mark.parametrize("is_theirs", [True, False])
def test_what_the_asker_adds_is_no_answer_to_their_question(cast, sign_in, is_theirs):
    asker, other = (cast.partner, cast.member) if is_theirs else (cast.member, cast.partner)
    question = ask(cast, by=asker)
    say_in_room(cast.partner, by=asker, text="補足です", question=question)
    page = sign_in(cast.manager).get(talk(cast))
    assert page.context["talk"].waiting == 1
    assert "質問（回答あり）" not in page.text
    say_in_room(cast.partner, by=other, text="お答えします", question=question)
    page = sign_in(cast.manager).get(talk(cast))
    assert page.context["talk"].waiting == 0
    assert "質問（回答あり）" in page.text


def test_who_asked_is_led_to_their_question_and_who_edits_to_the_field(cast, sign_in):
    client = sign_in(cast.partner)
    answer = client.post(talk(cast), typed("いつまでですか", is_question="on"), headers=HTMX)
    question = RoomMessage.objects.get()
    assert answer["HX-Reswap"] == f"outerHTML show:#message-{question.pk}:top"
    assert answer.text.count("autofocus") == 1
    assert "HX-Reswap" not in client.post(talk(cast), typed("では来週"), headers=HTMX)
    editing = client.get(talk(cast) + f"?edit={question.pk}", headers=HTMX).text
    assert re.search(r"<textarea[^>]* autofocus", editing)


def test_who_looks_after_the_partner_hears_what_they_say_and_each_once(cast):
    ask(cast, "だれかいますか")
    assert told(cast.admin) == ["room"], "nobody looks after them yet"
    share_kgi(make_kgi(cast, owner=cast.executive), cast.partner, by=cast.admin, shared=True)
    share_objective(cast.objective(owner=cast.manager), cast.partner, by=cast.admin, shared=True)
    Notice.objects.all().delete()
    question = ask(cast, "次は")
    assert [told(each) for each in (cast.executive, cast.manager)] == [["room"], ["room"]]
    assert told(cast.admin) == told(cast.member) == told(cast.partner) == []
    say_in_room(cast.partner, by=cast.member, text="お答えします", question=question)
    say_in_room(cast.partner, by=cast.member, text="資料です")
    assert told(cast.partner) == ["answered", "room"]
    say_in_room(cast.partner, by=cast.partner, text="ありがとうございます")
    assert told(cast.member) == ["room"], "who spoke in the room before hears it too"
    ours = ask(cast, "期日は", by=cast.member)
    Notice.objects.all().delete()
    say_in_room(cast.partner, by=cast.partner, text="金曜です", question=ours)
    assert told(cast.member) == ["answered"]
    assert told(cast.manager) == []


def test_a_notice_says_what_happened_and_leads_to_the_words(cast, sign_in):
    question = ask(cast, "原価はいくらですか")
    page = sign_in(cast.admin).get(cast.url("notices/")).text
    assert "パートナールームに書き込みがありました" in page
    assert cast.url(f"partners/{cast.partner.pk}/room/#message-{question.pk}") in page
    said = say_in_room(cast.partner, by=cast.admin, text="四割です")
    page = sign_in(cast.partner).get(cast.url("notices/")).text
    assert cast.url(f"room/#message-{said.pk}") in page
    assert "四割です" in page


def test_words_are_edited_by_their_author_and_taken_back_by_them_or_an_administrator(cast, sign_in):
    said = say_in_room(cast.partner, by=cast.member, text="間違い")
    url = cast.url(f"room-messages/{said.pk}/")
    for other in (cast.partner, cast.manager, cast.admin):
        assert sign_in(other).post(url + "edit/", {"text": "x", "version": "1"}).status_code == 403
    assert sign_in(cast.manager).post(url + "withdraw/").status_code == 403
    client = sign_in(cast.member)
    assert 'name="version" value="1"' in client.get(talk(cast) + f"?edit={said.pk}").text
    answer = client.post(url + "edit/", {"text": " ", "version": "1"}, headers=HTMX)
    assert answer.status_code == 422
    for _twice in range(2):
        assert client.post(url + "edit/", {"text": "正しい", "version": "1"}).status_code == 302
    stale = client.post(url + "edit/", {"text": "別の", "version": "1"})
    assert stale.status_code == 422
    assert "別の" in stale.text
    said.refresh_from_db()
    assert (said.text, said.version) == ("正しい", 2)
    assert said.edited_at is not None
    assert Notice.objects.get(membership=cast.partner).text == "正しい"
    for _twice in range(2):
        assert sign_in(cast.admin).post(url + "withdraw/").status_code == 302
    assert "正しい" not in sign_in(cast.partner).get(cast.url("room/")).text
    assert Notice.objects.get(membership=cast.partner).text == ""
    assert "あなたにだけ" in client.get(talk(cast)).text
    assert client.post(url + "restore/", headers=HTMX).status_code == 200
    assert "正しい" in sign_in(cast.partner).get(cast.url("room/")).text


def test_what_was_answered_stays_readable_when_the_question_is_taken_back(cast, sign_in):
    question = ask(cast, "取り消す問い")
    say_in_room(cast.partner, by=cast.manager, text="残る答え", question=question)
    withdraw_message(question, by=cast.partner)
    page = sign_in(cast.member).get(talk(cast)).text
    assert "取り消す問い" not in page
    assert "残る答え" in page
    with pytest.raises(Refusal) as refused:
        say_in_room(cast.partner, by=cast.member, text="もう一つ", question=question)
    assert refused.value.code == "question_gone"
    restore_message(question, by=cast.partner)
    assert "取り消す問い" in sign_in(cast.member).get(talk(cast)).text


def test_a_room_is_open_to_its_partner_and_those_inside_alone(cast, sign_in):
    other = person(cast.organization, "別の代理店", "other@agency.example", Role.PARTNER)
    said = ask(cast, "内緒の話")
    client = sign_in(other)
    assert client.get(talk(cast)).status_code == 404
    assert client.post(talk(cast), typed("x")).status_code == 404
    for act in ("edit", "withdraw", "restore", "settle"):
        assert client.post(cast.url(f"room-messages/{said.pk}/{act}/")).status_code == 404
        assert sign_in(cast.stranger).post(cast.url(f"room-messages/{said.pk}/{act}/")).status_code == 404
    assert "内緒の話" not in client.get(cast.url("room/")).text
    assert sign_in(cast.stranger).get(talk(cast)).status_code == 404
    own = cast.url(f"partners/{other.pk}/talk/")
    assert client.post(own, typed("x", question=str(said.pk))).status_code == 404, "another room's question"
    with pytest.raises(PermissionDenied):
        say_in_room(cast.partner, by=other, text="x")


@pytest.mark.parametrize("text", ["", "  ", "あ" * 2001, "a\0b"])
def test_words_that_cannot_be_taken_are_answered_beside_the_field(cast, sign_in, text):
    question = ask(cast)
    for sent in (typed(text), typed(text, question=str(question.pk))):
        answer = sign_in(cast.member).post(talk(cast), sent, headers=HTMX)
        assert answer.status_code == 422
        assert 'class="error"' in answer.text
    assert sign_in(cast.member).post(talk(cast), typed("x", question="²")).status_code == 404
    assert RoomMessage.objects.count() == 1


def test_after_a_partner_has_left_nobody_writes_in_their_room(cast, sign_in):
    question = ask(cast)
    end_membership(cast.partner, by=cast.admin)
    for write in (
        lambda: say_in_room(cast.partner, by=cast.admin, text="x"),
        lambda: change_message(question, by=cast.partner, text="x"),
        lambda: withdraw_message(question, by=cast.admin),
        lambda: restore_message(question, by=cast.admin),
        lambda: settle_question(question, by=cast.admin, settled=True),
    ):
        with pytest.raises(Refusal) as refused:
            write()
        assert refused.value.code == "left"
    assert sign_in(cast.admin).get(talk(cast)).status_code == 404
    assert sign_in(cast.admin).post(cast.url(f"room-messages/{question.pk}/settle/")).status_code == 404


def test_a_key_used_for_something_else_is_refused(cast):
    key = uuid.uuid4()
    first = say_in_room(cast.partner, by=cast.member, text="一", submission_key=key)
    assert say_in_room(cast.partner, by=cast.member, text="一", submission_key=key) == first
    with pytest.raises(Refusal) as refused:
        say_in_room(cast.partner, by=cast.manager, text="二", submission_key=key)
    assert refused.value.code == "submission_key_used"


def test_the_newest_stands_last_and_the_rest_is_shown_on_request(cast, sign_in):
    for number in range(13):
        say_in_room(cast.partner, by=cast.member, text=f"言葉その{number}。")
    client = sign_in(cast.partner)
    page = client.get(talk(cast))
    assert page.context["talk"].older == 3
    assert "言葉その2。" not in page.text
    assert page.text.index("言葉その3。") < page.text.index("言葉その12。")
    assert "言葉その2。" in client.get(talk(cast) + "?older=1", headers=HTMX).text


def test_the_list_of_partners_counts_their_open_questions(cast, sign_in):
    settled = ask(cast, "一")
    settle_question(settled, by=cast.member, settled=True)
    ask(cast, "二")
    withdraw_message(ask(cast, "三"), by=cast.partner)
    other = person(cast.organization, "別の代理店", "other@agency.example", Role.PARTNER)
    rows = {row.pk: row.question_count for row in sign_in(cast.member).get(cast.url("partners/")).context["rows"]}
    assert rows == {cast.partner.pk: 1, other.pk: 0}


@pytest.mark.parametrize("many", [1, 9])
def test_as_many_questions_to_the_database_however_much_is_said(cast, sign_in, django_assert_max_num_queries, many):
    for number in range(many):
        question = ask(cast, f"問い {number}")
        for _each in range(3):
            say_in_room(cast.partner, by=cast.member, text="答え", question=question)
        settle_question(ask(cast, f"済んだ問い {number}"), by=cast.admin, settled=True)
        say_in_room(cast.partner, by=cast.admin, text=f"言葉 {number}")
    for person_, address in ((cast.partner, talk(cast)), (cast.manager, talk(cast))):
        client = sign_in(person_)
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_a_partner_who_was_taken_back_meets_their_room_again(cast, sign_in):
    ask(cast, "以前の問い")
    Membership.objects.filter(pk=cast.partner.pk).update(left_on=date(2026, 5, 1))
    assert sign_in(cast.partner).get(cast.url("room/")).status_code == 404
    Membership.objects.filter(pk=cast.partner.pk).update(left_on=None)
    assert "以前の問い" in sign_in(cast.partner).get(cast.url("room/")).text
