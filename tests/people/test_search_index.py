"""The search index holds what the rows say, whichever way they were written."""

import io
import random
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from funnel.models import KGI, KPI
from objectives import services
from objectives.models import CheckIn, Cycle, CycleState, KeyResult, Objective
from people.models import Membership, SearchEntry, User
from people.search import fold, rebuild
from tests.cast import Cast

COLUMNS = ("organization_id", "kind", "row", "branch", "cycle", "title", "words", "grams")


def index() -> set[tuple]:
    return set(SearchEntry.objects.values_list(*COLUMNS))


def recomputed() -> set[tuple]:
    """The index as it is made from nothing."""
    SearchEntry.objects.all().delete()
    rebuild()
    return index()


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("カタカナ", "かたかな"),
        ("ﾊﾝｶｸｶﾞｷﾞｸﾞﾊﾟ", "はんかくがぎぐぱ"),
        ("ＫＰＩ　１２３％", "kpi 123%"),
        ("Straße ÉCLAIR", "straße éclair"),
        ("コーヒー", "こーひー"),
        ("ヴィンテージ", "ゔぃんてーじ"),
        ("㈱北灯 ㍿ ①", "(株)北灯 株式会社 1"),
        ("髙橋 濵﨑 渡邊 齋藤", "高橋 浜崎 渡辺 斉藤"),
        ("10〜20 ５－６ 7−8", "10~20 5-6 7-8"),
        ("  あ \t\n\u3000 い  ", "あ い"),
        ("zero\u200bwidth", "zerowidth"),
        ("が", "が"),
        ("🚀 Ship it 🚀", "🚀 ship it 🚀"),
        ("", ""),
        ("\u3000 \n", ""),
        ("a\x00b", "a b"),
    ],
)
def test_one_spelling_for_what_is_written_and_what_is_sought(db, written, sought):
    assert fold([written]) == [sought]
    assert fold(fold([written])) == [sought]


def test_texts_are_folded_in_their_order(db):
    assert fold(["イ", "", "Ａ"]) == ["い", "", "a"]
    assert fold([]) == []


def test_writing_a_row_makes_it_searchable_and_changing_it_changes_that(cast):
    objective = cast.objective(title="新しい街で名前が挙がる", why="ＳＮＳから")
    entry = SearchEntry.objects.get(kind="o", row=objective.pk)
    assert (entry.title, entry.words) == ("新しい街で名前が挙がる", "新しい街で名前が挙がる snsから")
    Objective.objects.filter(pk=objective.pk).update(title="隣の街へ")
    entry.refresh_from_db()
    assert entry.words == "隣の街へ snsから"
    objective.key_results.all().delete()
    assert not SearchEntry.objects.filter(kind="k", branch=objective.pk).exists()


def test_a_save_that_changes_no_word_leaves_the_entry_as_it_was(cast):
    objective = cast.objective()
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM people_searchentry WHERE kind = 'o' AND \"row\" = %s", [objective.pk])
        before = cursor.fetchone()
        Objective.objects.get(pk=objective.pk).save()
        KeyResult.objects.filter(objective=objective).update(version=7)
        cursor.execute("SELECT xmin::text FROM people_searchentry WHERE kind = 'o' AND \"row\" = %s", [objective.pk])
        assert cursor.fetchone() == before


def test_a_person_who_takes_another_name_is_found_by_it_in_every_organization(cast):
    Membership.objects.create(organization=cast.stranger.organization, user=cast.member.user)
    User.objects.filter(pk=cast.member.user_id).update(name="山本 翔太", reading="やまもと しょうた")
    entries = SearchEntry.objects.filter(kind="m", words__startswith="山本 翔太 やまもと しょうた member@hokuto")
    assert {entry.organization_id for entry in entries} == {cast.organization.pk, cast.stranger.organization_id}


def test_a_check_in_without_words_is_no_entry(cast):
    key_result = cast.objective().key_results.first()
    services.record_check_in(key_result, author=cast.member, value=Decimal(1))
    assert not SearchEntry.objects.filter(kind="c").exists()
    services.record_check_in(key_result, author=cast.member, value=Decimal(2), obstacle="決裁を待っている")
    assert SearchEntry.objects.get(kind="c").words == "決裁を待っている"


def test_a_title_of_the_longest_letters_can_be_stored(cast):
    wide = "".join(chr(0xFDFA) + chr(0x4E00 + number) for number in range(100))
    objective = cast.objective(title=wide[:200], why=chr(0xFDFA) * 2000)
    assert len(SearchEntry.objects.get(kind="o", row=objective.pk).title) == 200


WORDS = ("売上", "カフェ", "ＳＮＳ", "new", "お客さま", "'quoted'", "back\\slash", "100%", "_", "")


def write_at_random(cast: Cast, chance: random.Random) -> None:
    """One write, by the application, in bulk or in SQL."""

    def words() -> str:
        return " ".join(chance.choices(WORDS, k=chance.randrange(4)))

    objectives = list(Objective.objects.values_list("pk", flat=True))
    key_results = list(KeyResult.objects.values_list("pk", flat=True))
    cycles = list(Cycle.objects.filter(organization=cast.organization).values_list("pk", flat=True))
    acts = [
        lambda: cast.objective(title=words() or "目標", why=words()),
        lambda: Objective.objects.filter(pk=chance.choice(objectives)).update(title=words(), why=words()),
        lambda: Objective.objects.filter(pk=chance.choice(objectives)).update(cycle=chance.choice(cycles)),
        lambda: KeyResult.objects.filter(pk__in=chance.choices(key_results, k=3)).update(measured_how=words()),
        lambda: KeyResult.objects.filter(pk=chance.choice(key_results)).update(objective=chance.choice(objectives)),
        lambda: CheckIn.objects.bulk_create(
            CheckIn(
                key_result_id=chance.choice(key_results),
                author=cast.member,
                date=date(2026, 5, 18),
                value=1,
                going_well=words(),
                next_step=words(),
            )
            for _number in range(3)
        ),
        lambda: CheckIn.objects.filter(pk__in=CheckIn.objects.values("pk")[:1]).delete(),
        lambda: KGI.objects.create(organization=cast.organization, name=words() or "KGI", why=words()),
        lambda: KPI.objects.create(
            kgi=KGI.objects.create(organization=cast.organization, name="年商"), key="a", name=words(), source=words()
        ),
        lambda: KPI.objects.update(definition=words()),
        lambda: KGI.objects.filter(objectives=None).last() and KGI.objects.filter(objectives=None).last().delete(),
        lambda: User.objects.filter(pk=cast.colleague.user_id).update(reading=words()),
    ]
    chance.choice(acts)()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_writes_the_index_is_what_it_would_be_if_made_anew(cast, seed):
    chance = random.Random(seed)
    cast.objective()
    cast.objective(
        cycle=Cycle.objects.create(
            organization=cast.organization,
            name="Q2",
            start=date(2026, 7, 6),
            end=date(2026, 10, 4),
            state=CycleState.DRAFT,
        ),
        state="draft",
    )
    for _number in range(60):
        write_at_random(cast, chance)
    kept = index()
    assert len(kept) > 20
    assert kept == recomputed()


def test_rebuilding_puts_right_what_is_wrong_and_touches_nothing_else(cast):
    objective = cast.objective()
    before = index()
    SearchEntry.objects.filter(kind="o").update(words="anything")
    SearchEntry.objects.filter(kind="m").first().delete()
    SearchEntry.objects.create(
        organization=cast.organization, kind="k", row=10_000_000, branch=1, title="", words="gone", grams=""
    )
    told = io.StringIO()
    call_command("rebuild_search", stdout=told)
    assert index() == before
    assert "objective: 1 rows" in told.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(xmin::text::bigint) FROM people_searchentry")
        untouched = cursor.fetchone()
        call_command("rebuild_search", stdout=told)
        cursor.execute("SELECT sum(xmin::text::bigint) FROM people_searchentry")
        assert cursor.fetchone() == untouched
    assert objective.pk
