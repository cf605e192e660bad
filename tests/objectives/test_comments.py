"""What people say to each other: comments, mentions, reactions."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import Comment, Notice, ObjectiveShare, Reaction
from objectives.services.comments import add_comment, change_comment, react, restore_comment, withdraw_comment
from people.refusals import Refusal
from tests.cast import person
from tests.reading import whole

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def talk(cast):
    cast.goal = cast.objective(owner=cast.manager)
    cast.said, _new = services.record_check_in(cast.goal.key_results.first(), author=cast.member, value=10)
    return cast


def told(someone):
    rows = Notice.objects.filter(membership=someone).exclude(kind="begun")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def typed(text):
    return {"text": text, "submission_key": str(uuid.uuid4())}


def test_a_comment_arrives_once_tells_whom_it_concerns_and_escapes_what_it_says(talk, sign_in):
    client = sign_in(talk.colleague)
    sent = typed("<b>よい</b> 動き https://a.example/x。")
    url = talk.url(f"check-ins/{talk.said.pk}/comments/")
    for _turn in range(2):
        assert client.post(url, sent).status_code == 302
    assert Comment.objects.count() == 1
    assert told(talk.member) == ["answered"]
    page = client.get(url).text
    assert "&lt;b&gt;よい" in page
    assert '<a href="https://a.example/x" rel="noopener nofollow">' in page
    add_comment(talk.said, by=talk.member, text="ありがとうございます")
    assert told(talk.colleague) == ["answered"], "who spoke before hears of the answer"
    assert "今日" not in client.get(talk.url(f"objectives/{talk.goal.pk}/comments/")).text


def test_each_thing_has_its_own_comments_and_a_reader_writes_none(talk, sign_in):
    key_result = talk.goal.key_results.first()
    for about in (talk.goal, key_result, talk.said):
        add_comment(about, by=talk.colleague, text=f"言葉 {type(about).__name__}")
    client = sign_in(talk.member)
    page = client.get(talk.url(f"key-results/{key_result.pk}/comments/")).text
    assert "言葉 KeyResult" in page
    assert "言葉 CheckIn" not in page
    assert client.post(talk.url(f"objectives/{talk.goal.pk}/comments/"), {"text": ""}, headers=HTMX).status_code == 422
    ObjectiveShare.objects.create(objective=talk.goal, membership=talk.partner, may_write=False)
    reader = sign_in(talk.partner)
    assert reader.get(talk.url(f"objectives/{talk.goal.pk}/comments/")).status_code == 200
    name, address = talk.goal.owner.user.name, talk.goal.owner.user.email
    for typed_name, is_found in ((name, True), (address[:5], False)):
        options = reader.get(talk.url(f"objectives/{talk.goal.pk}/mentions/"), {"q": typed_name}).text
        assert (name in options) == is_found
        assert address not in options
    assert reader.post(talk.url(f"objectives/{talk.goal.pk}/comments/"), typed("x")).status_code == 403
    assert sign_in(talk.stranger).get(talk.url(f"objectives/{talk.goal.pk}/comments/")).status_code == 404


def test_a_mention_tells_the_one_person_it_can_mean(talk, sign_in):
    yamamoto = person(talk.organization, "中村 葵", "sho@hokuto.example", "member")
    person(talk.organization, "中村", "yama@hokuto.example", "member")
    said = add_comment(talk.goal, by=talk.member, text="＠中村葵さん、見てください")
    assert said.mentioned == [yamamoto.pk]
    assert told(yamamoto) == ["mentioned"]
    assert 'class="mention"' in whole(sign_in(yamamoto), talk.url(f"objectives/{talk.goal.pk}/"))
    twin = person(talk.organization, "中村 葵", "another@hokuto.example", "member")
    with pytest.raises(Refusal) as refused:
        add_comment(talk.goal, by=talk.member, text="@中村 葵 さん")
    assert refused.value.code == "name_ambiguous"
    exact = add_comment(talk.goal, by=talk.member, text=f"@中村 葵 {twin.user.email} さん")
    assert exact.mentioned == [twin.pk]
    options = sign_in(talk.member).get(talk.url(f"objectives/{talk.goal.pk}/mentions/?q=中村")).text
    assert f'data-insert="中村 葵 {twin.user.email}"' in options


def test_nobody_is_mentioned_who_may_not_see_the_goal(talk):
    name = talk.partner.user.name
    with pytest.raises(Refusal) as refused:
        add_comment(talk.goal, by=talk.member, text=f"@{name} どうでしょう")
    assert refused.value.fields["text"]
    ObjectiveShare.objects.create(objective=talk.goal, membership=talk.partner)
    add_comment(talk.goal, by=talk.member, text=f"@{name} どうでしょう")
    assert told(talk.partner) == ["mentioned"]


def test_words_are_edited_and_taken_back_by_their_author(talk, sign_in):
    said = add_comment(talk.said, by=talk.colleague, text="間違い")
    url = talk.url(f"comments/{said.pk}/")
    assert sign_in(talk.manager).post(url + "edit/", {"text": "x"}).status_code == 403
    assert sign_in(talk.manager).post(url + "withdraw/").status_code == 403
    change_comment(said, by=talk.colleague, text="正しい")
    said = Comment.objects.get()
    assert said.edited_at is not None
    assert Notice.objects.get(membership=talk.member).text == "正しい"
    client = sign_in(talk.colleague, language="en")
    withdraw_comment(said, by=talk.colleague)
    page = client.get(talk.url(f"check-ins/{talk.said.pk}/comments/")).text
    assert "You took this comment back." in page
    assert "正しい" not in sign_in(talk.member).get(talk.url(f"check-ins/{talk.said.pk}/comments/")).text
    restore_comment(said, by=talk.colleague)
    assert "正しい" in sign_in(talk.member).get(talk.url(f"check-ins/{talk.said.pk}/comments/")).text


def test_a_reaction_is_one_tap_and_its_author_hears_of_each_person_once(talk, sign_in):
    client = sign_in(talk.manager)
    url = talk.url(f"check-ins/{talk.said.pk}/reactions/")
    for kind in ("seen", "thanks", "thanks"):
        assert client.post(url, {"kind": kind, "on": "1"}, headers=HTMX).status_code == 200
    assert Reaction.objects.count() == 2
    assert told(talk.member) == ["reacted"]
    for _turn in range(2):
        client.post(url, {"kind": "thanks", "on": "0"})
    assert [row.kind for row in Reaction.objects.all()] == ["seen"]
    assert client.post(url, {"kind": "rocket", "on": "1"}).status_code == 422
    assert talk.manager.user.name in whole(client, talk.url(f"objectives/{talk.goal.pk}/"))


def test_older_comments_are_folded_and_shown_on_request(talk, sign_in):
    for number in range(13):
        add_comment(talk.goal, by=talk.member, text=f"言葉その{number}。")
    client = sign_in(talk.member)
    url = talk.url(f"objectives/{talk.goal.pk}/comments/")
    page = client.get(url)
    assert (page.context["talk"].older, page.context["talk"].count) == (3, 13)
    assert "言葉その2。" not in page.text
    assert page.text.index("言葉その3。") < page.text.index("言葉その12。")
    assert "言葉その2。" in client.get(url + "?older=1", headers=HTMX).text


def test_the_record_asks_as_often_for_much_talk_as_for_little(talk, sign_in):
    client = sign_in(talk.member)

    def count():
        client.get(talk.url(f"objectives/{talk.goal.pk}/"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(talk.url(f"objectives/{talk.goal.pk}/")).status_code == 200
        return len(seen)

    add_comment(talk.goal, by=talk.colleague, text=f"@{talk.member.user.name} はじめに")
    react(talk.said, by=talk.manager, kind="thanks", on=True)
    few = count()
    for number in range(5):
        said, _new = services.record_check_in(
            talk.goal.key_results.last(), author=talk.member, value=number, obstacle=f"障害 {number}"
        )
        react(said, by=talk.manager, kind="seen", on=True)
        add_comment(said, by=talk.manager, text="見ました")
        add_comment(talk.goal, by=talk.manager, text=f"@{talk.colleague.user.name} これも")
    assert count() == few
