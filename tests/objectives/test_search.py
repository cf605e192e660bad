"""Search: what is found, in which order, by whom."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import KGI, KPI, KGIShare
from objectives import services
from objectives.models import Experiment, KeyResult, Lesson, Objective, ObjectiveShare
from objectives.search import MOST, Wish, find
from objectives.services.experiments import add_experiment
from objectives.services.lessons import add_lesson, retire_lesson
from people.models import Membership, SearchKind, User
from people.search import Marks, Query
from tests.cast import TODAY


def found(membership, typed, **wish) -> dict[str, list[str]]:
    """What somebody finds in one request, by kind, as the rows call themselves."""
    groups = find(Membership.objects.get(pk=membership.pk), Wish(Query.of(typed), **wish), many=20)
    return {SearchKind(group.kind).name.lower(): [str(row) for row in group.rows] for group in groups}


def titles(membership, typed, **wish) -> list[str]:
    return found(membership, typed, **wish).get("objective", [])


def goal(cast, title: str, **fields) -> Objective:
    """An objective as it stands in the table, whatever the rules of planning say."""
    return Objective.objects.create(
        **{
            "organization": cast.organization,
            "cycle": cast.cycle,
            "team": cast.sales,
            "owner": cast.manager,
            "title": title,
            "state": "active",
        }
        | fields
    )


@pytest.fixture
def plan(cast):
    """A branch with words in every kind of row."""
    kgi = KGI.objects.create(organization=cast.organization, name="オンライン店の年商", why="三本目の柱を立てる")
    KPI.objects.create(kgi=kgi, key="visits", name="サイト訪問", definition="重複を除いた人数")
    objective = goal(cast, "午後を珈琲で支える", why="オフィスに居場所をつくる")
    key_result = cast.key_result(objective, title="定期便の契約", measured_how="受注台帳の件数")
    check_in, _is_new = services.record_check_in(
        key_result, author=cast.member, value=Decimal(3), next_step="見本の到着が遅い", going_well="紹介が増えた"
    )
    return kgi, objective, key_result, check_in


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("珈琲", "objective"),
        ("居場所", "objective"),
        ("定期便", "key_result"),
        ("受注台帳", "key_result"),
        ("年商", "kgi"),
        ("三本目", "kgi"),
        ("訪問", "kpi"),
        ("重複", "kpi"),
        ("山本", "person"),
        ("member@hokuto", "person"),
        ("見本の到着", "check_in"),
        ("紹介", "check_in"),
    ],
)
def test_every_kind_is_found_by_its_title_and_by_its_other_words(cast, plan, typed, kind):
    assert list(found(cast.member, typed)) == [kind]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("カフェの売上をのばす", "かふぇ"),
        ("かふぇの売上をのばす", "カフェ"),
        ("ｶﾌｪの売上をのばす", "カフェ"),
        ("ＳＮＳから来てもらう", "sns"),
        ("SNSから来てもらう", "ＳＮＳ"),
        ("Grow the Newsletter", "newsletter GROW"),
        ("コーヒーを届ける", "コーヒー"),
        ("髙橋さんに喜ばれる", "高橋"),
        ("新しい街で、最初に名前が挙がる", "名前　街"),
        ("売る", "売"),
        ("売る", "る"),
        ("100%の笑顔", "0%"),
        ("a_b を c\\d に", "a_b c\\d"),
        ("It's ours", "it's"),
        ("🚀 で行く", "🚀"),
        ("㈱北灯と組む", "(株)"),
    ],
)
def test_japanese_and_english_are_found_however_they_are_typed(cast, written, typed):
    goal(cast, written)
    assert titles(cast.member, typed) == [written]


@pytest.mark.parametrize("typed", ["売店", "珈琲 紅茶", "琲珈", "%", "_", "珈_で", "50%", "\\"])
def test_what_is_not_there_is_not_found(cast, plan, typed):
    assert found(cast.member, typed) == {}


NASTY = [
    "\x00",
    "a\x00b",
    "' OR 1=1 --",
    "'''",
    "\\'",
    "%s %(phrase)s {kind} {}",
    "& | ! <-> :*",
    "\\",
    "\u3000 \t",
    "",
    "あ" * 10_000,
    " ".join("語" + chr(0x4E00 + number) for number in range(300)),
    "👩‍👩‍👧‍👦 🇯🇵",
    "e\u0301\u0301\u0301",
    "ﷺ" * 200,
    "\ud800",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("number", range(len(NASTY)))
@pytest.mark.parametrize("whose", ["member", "partner"])
def test_nothing_that_can_be_typed_breaks_the_search(cast, plan, sign_in, number, whose):
    client = sign_in(getattr(cast, whose))
    typed = NASTY[number].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(cast.url("search/"), {"q": typed, "kind": "x", "page": "²"}, headers=headers)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content


def test_hits_are_marked_in_what_was_written_and_escaped(cast, sign_in):
    goal(cast, "<b>ｶﾌｪ</b> & ＳＮＳ")
    page = sign_in(cast.member).get(cast.url("search/"), {"q": "カフェ sns"}).content.decode()
    assert "&lt;b&gt;<mark>ｶﾌｪ</mark>&lt;/b&gt; &amp; <mark>ＳＮＳ</mark>" in page


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("売上を上げる", "上", ["上", "上"]),
        ("ガラスとｶﾞﾗｽ", "がらす", ["ガラス", "ｶﾞﾗｽ"]),
        ("㈱北灯", "株", ["㈱"]),
        ("あ　い", "あ い", ["あ", "い"]),
        ("Café CAFÉ cafe\u0301", "café", ["Café", "CAFÉ", "cafe\u0301"]),
        ("ABAB", "abab ba", ["ABAB"]),
        ("何もない", "売上", []),
    ],
)
def test_marks_lie_on_the_letters_that_answer(db, text, typed, marked):
    marks = Marks(Query.of(typed), [text])
    parts = marks.of(text)
    assert "".join(part for part, _hit in parts) == text
    assert [part for part, hit in parts if hit] == marked


def test_an_excerpt_shows_the_place_that_answers(db):
    text = "前置き" * 40 + "決裁を待っている" + "後書き" * 40
    parts = Marks(Query.of("決裁"), [text]).excerpt(text)
    assert (parts[0], parts[-1]) == (("…", False), ("…", False))
    assert ("決裁", True) in parts
    assert len("".join(part for part, _hit in parts)) < 130
    assert Marks(Query.of("別"), [text]).excerpt(text) == []


def test_the_best_answer_stands_first(cast):
    for title in ("街の珈琲", "珈琲", "珈琲の街"):
        goal(cast, title)
    goal(cast, "朝の一杯", why="珈琲から")
    assert titles(cast.member, "珈琲") == ["珈琲", "珈琲の街", "街の珈琲", "朝の一杯"]


def test_the_present_cycle_stands_before_the_others_and_what_is_active_before_drafts(cast):
    goal(cast, "珈琲 下書き", state="draft")
    old = goal(cast, "珈琲 前の期")
    Objective.objects.filter(pk=old.pk).update(cycle=cast.closed_cycle)
    goal(cast, "珈琲 終了", state="closed")
    goal(cast, "珈琲 進行")
    assert titles(cast.member, "珈琲", current=cast.cycle) == ["珈琲 進行", "珈琲 下書き", "珈琲 終了", "珈琲 前の期"]
    assert titles(cast.member, "珈琲", cycle=cast.closed_cycle) == ["珈琲 前の期"]
    assert titles(cast.member, "珈琲", current=cast.closed_cycle)[0] == "珈琲 前の期"


def test_of_too_many_the_best_and_the_newest_are_kept(cast):
    goal(cast, "珈琲")
    Objective.objects.bulk_create(
        Objective(
            organization=cast.organization,
            cycle=cast.cycle if number > 20 else cast.closed_cycle,
            team=cast.sales,
            owner=cast.manager,
            title=f"目標 {number}",
            why="珈琲",
        )
        for number in range(MOST + 150)
    )
    Objective.objects.filter(title="目標 3").update(title="街の珈琲")
    (group,) = find(cast.member, Wish(Query.of("珈琲"), [SearchKind.OBJECTIVE], None, cast.cycle), many=4)
    assert group.is_more
    assert group.count == MOST
    assert [row.title for row in group.rows] == ["珈琲", "街の珈琲", f"目標 {MOST + 149}", f"目標 {MOST + 148}"]


def test_what_was_dropped_and_who_left_are_not_found(cast, plan):
    _kgi, objective, key_result, _check_in = plan
    Objective.objects.filter(pk=objective.pk).update(dropped_at=cast.organization.created_at)
    KGI.objects.update(dropped_at=cast.organization.created_at)
    Membership.objects.filter(pk=cast.colleague.pk).update(left_on=cast.organization.today)
    User.objects.filter(pk=cast.manager.user_id).update(is_active=False)
    for typed in ("珈琲", "定期便", "見本", "年商", "訪問", "佐藤", "伊藤"):
        assert found(cast.admin, typed) == {}
    Objective.objects.filter(pk=objective.pk).update(dropped_at=None)
    KeyResult.objects.filter(pk=key_result.pk).update(dropped_at=cast.organization.created_at)
    assert found(cast.admin, "定期便") == found(cast.admin, "見本") == {}


def test_a_corrected_check_in_is_found_by_what_it_says_now(cast, plan):
    *_rest, key_result, check_in = plan
    services.record_check_in(key_result, author=cast.member, value=Decimal(4), next_step="人手", corrects=check_in)
    assert found(cast.member, "見本") == {}
    assert list(found(cast.member, "人手")) == ["check_in"]


@pytest.mark.parametrize("whose", ["admin", "executive", "manager", "member", "colleague"])
def test_inside_the_organization_everybody_finds_everything(cast, plan, whose):
    for typed in ("珈琲", "定期便", "年商", "訪問", "佐藤", "見本"):
        assert len(found(getattr(cast, whose), typed)) == 1


def test_another_organizations_rows_are_never_found(cast, plan, sign_in):
    for typed in ("珈琲", "定期便", "年商", "訪問", "山本", "見本", "hokuto"):
        assert found(cast.stranger, typed) == {}
    assert sign_in(cast.stranger).get(cast.url("search/"), {"q": "珈琲"}).status_code == 404
    assert list(found(cast.stranger, "風太")) == ["person"]
    assert found(cast.admin, "風太") == {}


def test_a_partner_finds_what_is_shared_and_nobody_but_themselves(cast, plan):
    kgi, objective, _key_result, _check_in = plan
    cast.key_result(goal(cast, "珈琲を別の部署が"), title="結果 1")
    for typed in ("珈琲", "定期便", "年商", "訪問", "見本", "山本", "hokuto"):
        assert found(cast.partner, typed) == {}
    assert found(cast.partner, "Agency") == {"person": ["Mori Agency"]}
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    KGIShare.objects.create(kgi=kgi, membership=cast.partner)
    assert titles(cast.partner, "珈琲") == ["午後を珈琲で支える"]
    for typed, kind in (("定期便", "key_result"), ("見本", "check_in"), ("年商", "kgi"), ("訪問", "kpi")):
        assert list(found(cast.partner, typed)) == [kind]
    assert found(cast.partner, "結果") == {}


def test_a_partner_is_offered_only_kinds_that_they_have_pages_for(cast, sign_in):
    def kinds(person):
        page = sign_in(person).get(cast.url("search/")).text
        return set(re.findall(r'value="([\w-]+)"', page.split('id="search-kind"')[1].split("</select>")[0]))

    assert kinds(cast.member) - kinds(cast.partner) == {"person", "lesson", "experiment", "minutes"}
    assert "objective" in kinds(cast.partner)
    asked = {"q": "珈琲", "kind": "lesson"}
    assert sign_in(cast.partner).get(cast.url("search/"), asked).status_code == 200


def test_the_page_says_what_was_found_and_in_what_it_stands(cast, plan, sign_in):
    _kgi, objective, key_result, _check_in = plan
    page = sign_in(cast.member).get(cast.url("search/"), {"q": "見本"}).content.decode()
    assert f'href="{cast.url(f"objectives/{objective.pk}/")}?key_result={key_result.pk}#log"' in page
    for words in ("「見本」で、", "1件見つかりました", "定期便の契約", "<mark>見本</mark>の到着が遅い", "山本 翔"):
        assert words in page


def test_a_fragment_is_answered_to_htmx_without_the_frame(cast, plan, sign_in):
    answer = sign_in(cast.member).get(cast.url("search/"), {"q": "珈琲"}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert 'data-said="1件"' in text


def test_one_kind_is_listed_in_pages(cast, sign_in):
    cast.many(45, "珈琲")
    client = sign_in(cast.member)
    every = client.get(cast.url("search/"), {"q": "珈琲"}).content.decode()
    assert every.count("data-found>") == 5 + 1
    assert "q=%E7%8F%88%E7%90%B2&amp;kind=objective" in every
    seen = []
    for page in ("1", "2", "3"):
        text = client.get(cast.url("search/"), {"q": "珈琲", "kind": "objective", "page": page}).content.decode()
        seen += re.findall(r"<mark>珈琲</mark> (\d+)<", text)
    assert len(seen) == len(set(seen)) == 45
    past = client.get(cast.url("search/"), {"q": "珈琲", "kind": "objective", "page": "99"}).content.decode()
    assert "<mark>珈琲</mark>" in past


def test_a_cycle_narrows_the_search_and_an_unknown_one_is_not_found(cast, sign_in):
    goal(cast, "珈琲")
    client = sign_in(cast.member)
    for cycle, listed in ((cast.cycle, True), (cast.closed_cycle, False)):
        page = client.get(cast.url("search/"), {"q": "珈琲", "cycle": cycle.pk}).content.decode()
        assert ("<mark>珈琲</mark>" in page) is listed
    assert client.get(cast.url("search/"), {"q": "珈琲", "cycle": "999999"}).status_code == 404


@pytest.mark.parametrize("kind", ["kgi", "kpi", "person"])
def test_of_a_kind_that_belongs_to_no_cycle_nothing_is_found_in_one(cast, sign_in, kind):
    asked = {"q": cast.member.user.name, "kind": kind, "cycle": cast.cycle.pk}
    page = sign_in(cast.member, language="en").get(cast.url("search/"), asked)
    assert page.status_code == 200
    assert "Search in all kinds and cycles" in page.content.decode()


def test_an_empty_search_says_what_it_is_for(cast, sign_in):
    page = sign_in(cast.member, language="en").get(cast.url("search/")).content.decode()
    assert "What are you looking for?" in page
    assert "All words must appear" in page
    nothing = sign_in(cast.member, language="en").get(cast.url("search/"), {"q": "xyzzy"}).content.decode()
    assert "Nothing found for “xyzzy”" in nothing
    assert "Try fewer words" in nothing


def test_who_is_not_signed_in_is_led_to_the_door(cast, client):
    assert client.get(cast.url("search/"), {"q": "珈琲"}).status_code == 302


def test_searching_changes_nothing(cast, sign_in):
    assert sign_in(cast.member).post(cast.url("search/"), {"q": "珈琲"}).status_code == 405


@pytest.mark.parametrize("whose", ["member", "partner"])
def test_queries_do_not_grow_with_what_is_found(cast, plan, sign_in, whose):
    _kgi, objective, _key_result, _check_in = plan
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    client = sign_in(getattr(cast, whose))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(cast.url("search/"), {"q": "定期便"}, headers={"HX-Request": "true"})
        return len(captured)

    queries()
    few = queries()
    KeyResult.objects.bulk_create(
        KeyResult(objective=objective, title=f"定期便 {number}", unit="件") for number in range(30)
    )
    assert queries() == few


def test_lessons_and_experiments_are_found_until_they_are_retired_and_never_by_partners(cast, sign_in):
    lesson, _is_new = add_lesson(Lesson(text="試飲のあとに電話する", advice="翌日の午前に"), by=cast.member)
    days = {"starts_on": TODAY, "ends_on": TODAY}
    add_experiment(Experiment(title="オフィスで試飲会", sign="注文が来る", **days), by=cast.member)
    assert found(cast.colleague, "試飲") == {"lesson": ["試飲のあとに電話する"], "experiment": ["オフィスで試飲会"]}
    assert found(cast.partner, "試飲") == {}
    answer = sign_in(cast.colleague).get(cast.url("search/?q=翌日の午前"))
    assert cast.url(f"lessons/{lesson.pk}/") in answer.text
    assert "<mark>翌日の午前</mark>" in answer.text
    retire_lesson(lesson, by=cast.member)
    assert found(cast.colleague, "翌日") == {}
