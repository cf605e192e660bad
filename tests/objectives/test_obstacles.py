"""What is in the way: how it is helped with, cleared, found again, and how it rises."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import rising, services
from objectives.formulas.obstacles import tone_of
from objectives.messages.obstacles import write_obstacle
from objectives.models import Comment, Notice, ObjectiveShare, Obstacle
from objectives.services.obstacles import offer_help, reopen_obstacle, solve_obstacle, take_over_obstacle
from people.models import Delivery
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def stuck(cast):
    """A member's key result with something in its way."""
    cast.hindered = cast.objective(owner=cast.manager).key_results.first()
    cast.obstacle = named(cast, cast.hindered, "承認に6日かかる")
    return cast


def named(cast, key_result, words, author=None, **said):
    services.record_check_in(key_result, author=author or cast.member, value=10, obstacle=words, **said)
    return Obstacle.objects.get(key_result=key_result, text=words)


def told(person):
    rows = Notice.objects.filter(membership=person).exclude(kind="begun")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def words(text="手伝います"):
    return {"text": text, "submission_key": str(uuid.uuid4())}


def test_the_list_teaches_when_empty_and_finds_by_words_state_and_kind(stuck, sign_in):
    client = sign_in(stuck.member, language="en")
    other = named(stuck, stuck.objective(title="別").key_results.first(), "釜が空かない", obstacle_kind="tools")
    url = stuck.url("obstacles/")
    assert [row.pk for row in client.get(url).context["rows"]] == [stuck.obstacle.pk, other.pk]
    assert [row.pk for row in client.get(url + "?kind=tools").context["rows"]] == [other.pk]
    assert [row.pk for row in client.get(url + "?sort=newest").context["rows"]] == [other.pk, stuck.obstacle.pk]
    solve_obstacle(other, by=stuck.member, solution="夜に焼く")
    assert [row.pk for row in client.get(url + "?state=solved&q=夜に").context["rows"]] == [other.pk]
    assert "No obstacle fits." in client.get(url + "?q=zzz").text
    solve_obstacle(stuck.obstacle, by=stuck.member)
    assert "Nothing is in the way right now" in client.get(url, headers=HTMX | {"HX-Target": "rows"}).text
    assert "夜に焼く" in client.get(stuck.url("search/?q=夜に焼く")).text


def test_the_file_holds_no_formulas(stuck, sign_in):
    Obstacle.objects.update(text="=1+1")
    answer = sign_in(stuck.member).get(stuck.url("obstacles/?download=csv"))
    assert "'=1+1" in answer.content.decode()


def test_offering_help_tells_the_owner_once_and_counts_as_helped(stuck, sign_in):
    client = sign_in(stuck.colleague)
    sent = words("わたしが先方に聞きます")
    url = stuck.url(f"obstacles/{stuck.obstacle.pk}/")
    for _turn in range(2):
        assert client.post(url + "help/", sent).status_code == 302
    stuck.obstacle.refresh_from_db()
    assert stuck.obstacle.state == "helped"
    assert Comment.objects.get().kind == "offer"
    assert told(stuck.member) == ["offered"]
    assert "わたしが先方に聞きます" in client.get(url).text
    empty = client.post(url + "help/", {"text": " "}, headers=HTMX)
    assert empty.status_code == 422


def test_what_helped_is_kept_and_undone_and_only_by_those_it_belongs_to(stuck, sign_in):
    url = stuck.url(f"obstacles/{stuck.obstacle.pk}/")
    assert sign_in(stuck.colleague).post(url + "solve/", {"solution": "x"}).status_code == 403
    assert sign_in(stuck.stranger).get(url).status_code == 404
    offer_help(stuck.obstacle, by=stuck.colleague, text="手伝います")
    client = sign_in(stuck.member)
    for _turn in range(2):
        assert client.post(url + "solve/", {"solution": "押印をなくした"}).status_code == 302
    stuck.obstacle.refresh_from_db()
    assert (stuck.obstacle.state, stuck.obstacle.solution) == ("solved", "押印をなくした")
    assert told(stuck.colleague) == ["solved"]
    client.post(url + "reopen/")
    stuck.obstacle.refresh_from_db()
    assert (stuck.obstacle.state, stuck.obstacle.solved_by) == ("helped", None)
    client.post(url + "withdraw/")
    assert Obstacle.objects.get().state == "withdrawn"
    assert client.post(url + "help/", words(), headers=HTMX).status_code == 422


def test_taking_it_over_makes_one_the_owner(stuck):
    take_over_obstacle(stuck.obstacle, by=stuck.colleague)
    again = take_over_obstacle(stuck.obstacle, by=stuck.colleague)
    assert (again.owner, again.state) == (stuck.colleague, "helped")
    assert told(stuck.member) == ["offered"]


def test_whoever_leads_answers_with_prompts_and_hears_gently_of_a_hard_tone(stuck, sign_in):
    url = stuck.url(f"obstacles/{stuck.obstacle.pk}/")
    manager = sign_in(stuck.manager, language="en")
    page = manager.get(url)
    assert 4 <= len(page.context["prompts"]) <= 6
    checked = manager.post(url + "answer/", {"text": "なぜできないのですか", "check": "1"}, headers=HTMX)
    assert "may sound like blame" in checked.text
    assert not Comment.objects.exists()
    assert manager.post(url + "answer/", words("なぜできないのですか")).status_code == 302
    assert "may sound like blame" in manager.get(url).text
    assert Comment.objects.get().kind == "answer"
    assert sign_in(stuck.member).post(url + "answer/", words()).status_code == 403


@pytest.mark.parametrize(
    ("answer", "tone"),
    [
        ("なぜ終わらなかったのですか", "blame"),
        ("それは言い訳です", "blame"),
        ("どうして連絡しないの？", "blame"),
        ("Why didn’t you ask?", "blame"),
        ("なんとかしてください", "order"),
        ("今すぐやってください", "order"),
        ("Just fix it.", "order"),
        ("何があれば一歩進みそうですか", ""),
        ("どこで止まっていますか。わたしから聞いてみます", ""),
        ("なぜこの順番にしたのか、背景を教えてください", ""),
        ("Which part could I take over?", ""),
        ("急ぎではないので、来週いっしょに見ましょう", ""),
    ],
)
def test_only_a_plainly_hard_tone_is_remarked_on(answer, tone):
    assert tone_of(answer) == tone


def test_what_nobody_helps_with_rises_step_by_step_and_tells_each_once(stuck, move_clock):
    def after(days):
        move_clock(f"{TODAY + timedelta(days=days)}T10:00:00+09:00")
        rising.raise_aged(stuck.organization.pk)
        rising.raise_aged(stuck.organization.pk)
        stuck.obstacle.refresh_from_db()
        return stuck.obstacle.risen_to

    assert after(6) == ""
    assert after(7) == "manager"
    assert told(stuck.manager) == told(stuck.member) == ["risen"]
    assert after(20) == "manager"
    assert after(21) == "executive"
    assert told(stuck.executive) == ["risen"]
    sent = Delivery.objects.get(membership=stuck.executive)
    assert "承認に6日かかる" in write_obstacle(sent).lines[0].text
    assert Delivery.objects.filter(topic="obstacle").count() == 2
    solve_obstacle(stuck.obstacle, by=stuck.member)
    assert write_obstacle(sent) is None
    assert not Notice.objects.filter(kind="risen", read_at=None).exists()


def test_help_stops_the_clock_until_nothing_is_said_for_two_weeks(stuck, move_clock):
    offer_help(stuck.obstacle, by=stuck.colleague, text="来週見ます")
    for days, risen_to in ((13, ""), (14, "manager")):
        move_clock(f"{TODAY + timedelta(days=days)}T10:00:00+09:00")
        rising.raise_aged(stuck.organization.pk)
        stuck.obstacle.refresh_from_db()
        assert stuck.obstacle.risen_to == risen_to


def test_a_managers_own_obstacle_rises_past_them_to_the_executives(stuck, move_clock):
    own = named(stuck, stuck.objective(title="別").key_results.first(), "決裁待ち", author=stuck.manager)
    move_clock(f"{TODAY + timedelta(days=7)}T10:00:00+09:00")
    rising.raise_aged(stuck.organization.pk)
    own.refresh_from_db()
    assert own.risen_to == "executive"
    assert told(stuck.executive) == ["risen"]


def test_a_partner_helps_where_the_share_says_so(stuck, sign_in):
    share = ObjectiveShare.objects.create(objective=stuck.hindered.objective, membership=stuck.partner, may_write=False)
    client = sign_in(stuck.partner)
    url = stuck.url(f"obstacles/{stuck.obstacle.pk}/")
    assert client.get(url).status_code == 200
    assert client.post(url + "help/", words()).status_code == 403
    ObjectiveShare.objects.filter(pk=share.pk).update(may_write=True)
    assert client.post(url + "help/", words()).status_code == 302


def test_the_list_asks_as_often_for_many_as_for_few(stuck, sign_in):
    client = sign_in(stuck.manager)

    def count():
        client.get(stuck.url("obstacles/"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(stuck.url("obstacles/")).status_code == 200
        return len(seen)

    few = count()
    for number in range(6):
        row = named(stuck, stuck.objective(title=f"目標 {number}").key_results.first(), f"障害 {number}")
        offer_help(row, by=stuck.colleague, text="手伝います")
    assert count() == few
    assert few <= 16


def test_reopening_what_stands_is_harmless(stuck):
    before = Obstacle.objects.get().version
    assert reopen_obstacle(stuck.obstacle, by=stuck.member).version == before
