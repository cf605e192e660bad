"""Which goals say the same, and which only look alike."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from objectives.formulas.likeness import Comparison, Finding, Goal, Measured, find, words_of
from tests.objectives.alike import PAIRS, Pair, kr

START = date(2026, 4, 6)
QUARTER = timedelta(days=90)


def goal(number: int, text: Measured | str, team_name: str = "営業部", **fields) -> Goal:
    """An objective with this title, or one named apart from all others with this one key result."""
    known = {
        "title": text if isinstance(text, str) else f"目標{chr(0x4E00 + 7 * number)}",
        "owner": number,
        "team": number,
        "team_name": team_name,
        "start": START,
        "end": START + QUARTER,
        "cycle": 1,
        "key_results": () if isinstance(text, str) else (replace(text, id=number),),
    }
    return Goal(number, **known | fields)


def of_pair(place: int, pair: Pair) -> list[Goal]:
    """Its two goals, in a cycle that no other pair's overlaps."""
    start = START + place * 2 * QUARTER
    when = {"start": start, "end": start + QUARTER, "cycle": place}
    sides = zip((pair.one, pair.other), pair.teams, strict=True)
    return [goal(2 * place + side, text, team, **when) for side, (text, team) in enumerate(sides)]


def judged() -> list[tuple[Pair, Finding | None]]:
    goals = [one for place, pair in enumerate(PAIRS) for one in of_pair(place, pair)]
    found = {pair.first // 2: pair.finding for pair in find(goals)}
    return [(pair, found.get(place)) for place, pair in enumerate(PAIRS)]


def test_of_what_it_finds_hardly_anything_is_wrong_and_little_is_missed():
    results = judged()
    found = [(pair, finding) for pair, finding in results if finding is not None]
    wrong = [(pair.one, pair.other, finding) for pair, finding in found if pair.said is not finding]
    missed = [(pair.one, pair.other) for pair, finding in results if pair.said is not None and finding is None]
    wanted = sum(pair.said is not None for pair in PAIRS)
    assert len(PAIRS) >= 100
    assert len(wrong) <= 0.05 * len(found), wrong
    assert len(missed) <= 0.1 * wanted, missed


def findings(*goals: Goal) -> list[Finding]:
    return [pair.finding for pair in find(goals)]


ONE, OTHER = kr("解約率", "%", 15, 5), kr("チャーン率", "%", 15, 8)


def test_goals_aligned_to_each_other_or_summed_are_no_conflict():
    first, second = goal(1, ONE), goal(2, OTHER)
    assert findings(first, second) == [Finding.SAME_MEASURE]
    above, between = goal(1, ONE), goal(3, "その間の目標", above=frozenset({1}))
    assert findings(above, between, goal(2, OTHER, above=frozenset({3}))) == []
    summed = {"summed_into": frozenset({77})}
    assert findings(goal(1, ONE, **summed), goal(2, OTHER, **summed)) == []


def test_other_times_one_owner_and_carried_copies_are_no_conflict():
    first = goal(1, ONE)
    later = {"start": START + 2 * QUARTER, "end": START + 3 * QUARTER, "cycle": 2}
    year = {"end": START + 4 * QUARTER, "cycle": 3}
    assert findings(first, goal(2, OTHER, **later)) == []
    assert findings(first, goal(2, OTHER, owner=1)) == []
    assert findings(first, goal(2, OTHER, **year)) == [Finding.SAME_MEASURE]
    assert findings(first, goal(2, OTHER, **year, owner=1)) == []
    assert findings(first, goal(2, OTHER, **year, carried_from=1)) == []


def test_what_each_person_or_shop_counts_for_itself_is_no_conflict():
    own = {"is_personal": True}
    assert findings(goal(1, ONE, **own), goal(2, OTHER, **own)) == []
    assert findings(goal(1, ONE, team=5), goal(2, OTHER, team=5, **own)) == []
    assert findings(goal(1, ONE, "東日本営業"), goal(2, OTHER, "西日本営業")) == []


def test_that_one_cannot_go_both_ways_is_told_even_of_two_shops():
    assert findings(goal(1, ONE, "東日本営業"), goal(2, kr("解約率", "%", 5, 9), "西日本営業")) == [Finding.OPPOSITE]


def test_one_lever_claimed_twice_is_found_whatever_it_is_called():
    claimed = [replace(kr(title, "件", 10, 20), lever=9) for title in ("問い合わせ", "窓口に届く声")]
    assert findings(goal(1, claimed[0]), goal(2, claimed[1])) == [Finding.ONE_LEVER]
    assert findings(goal(1, claimed[0]), goal(2, claimed[1], above=frozenset({1}))) == []
    assert findings(goal(1, claimed[0]), goal(2, replace(claimed[1], start=Decimal(40)))) == [Finding.OPPOSITE]


def test_a_measure_everybody_uses_is_the_houses_own_yardstick():
    teams = ["経理", "総務", "製造", "開発", "広報", "物流", "法務", "通販"]
    assert findings(*(goal(number, ONE, team) for number, team in enumerate(teams[:3]))) == [Finding.SAME_MEASURE] * 3
    assert findings(*(goal(number, ONE, team) for number, team in enumerate(teams))) == []


def test_near_equal_objectives_are_one_finding_and_their_contradiction_another():
    title = "はたらく人の午後を、珈琲で支える"
    sides = [
        replace(goal(number, title), key_results=(replace(kr("解約率", "%", 15, 5), id=number), side))
        for number, side in (
            (1, replace(kr("在庫日数", "日", 30, 45), id=11)),
            (2, replace(kr("在庫日数", "日", 30, 20), id=12)),
        )
    ]
    assert findings(*sides) == [Finding.OPPOSITE, Finding.SAME_OBJECTIVE]


def test_comparing_some_tells_the_same_of_them_as_comparing_all():
    goals = [one for place, pair in enumerate(PAIRS) for one in of_pair(place, pair)]
    comparison, everything = Comparison(goals), find(goals)
    for asked in (0, 7, 60):
        wanted = comparison.widened({asked})
        assert asked in wanted
        assert len(wanted) < 10
        assert comparison.find(wanted) == [pair for pair in everything if wanted & {pair.first, pair.second}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＥＣサイトの売上を２倍にする", "オンラインショップの売上を伸ばす"),
        ("お問合せ件数：50件／月", "問い合わせを増やす"),
        ("新規顧客を30社獲得", "Win 30 new customers"),
    ],
)
def test_numbers_verbs_and_spellings_do_not_matter(one, other):
    assert words_of(one).pieces == words_of(other).pieces
