"""The draft coach's rules: what each finds and what it leaves alone, in both languages; every finding has words."""

import time
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives.formulas.drafting.amounts import find_amounts
from objectives.formulas.drafting.coach import check, strength_of
from objectives.formulas.drafting.draft import UNTOLD, Draft, DraftKeyResult, Finding, Past, Severity
from objectives.formulas.drafting.rules import RULES
from objectives.sentences.drafting import SENTENCES, strength_in_words, worded, worded_all
from tests.objectives.drafts import FOUND, SILENT, about, deals, past, result

JA, EN = "ja", "en"


def findings(draft, rule):
    return [finding for finding in check(draft).findings if finding.rule == rule]


@pytest.mark.parametrize(("rule", "case", "draft", "suggestion"), FOUND)
def test_what_a_reader_would_stumble_over_is_found_with_a_better_version(rule, case, draft, suggestion):
    found = [finding for finding in findings(draft, rule) if finding.case == case]
    assert len(found) == 1
    if suggestion is not None:
        assert found[0].suggestion == suggestion
    assert (found[0].severity is Severity.BLOCK) == (rule in ("kr_count", "kr_same_as_start"))


@pytest.mark.parametrize(("rule", "draft"), SILENT)
def test_what_only_looks_alike_is_left_alone(rule, draft):
    assert findings(draft, rule) == []


def test_every_rule_and_every_sentence_has_a_draft_that_shows_it():
    shown = {(finding.rule, finding.case) for _, _, draft, _ in FOUND for finding in check(draft).findings}
    assert shown == set(SENTENCES)
    assert {rule.__name__ for rule in RULES} == {rule for rule, _ in SENTENCES}


@pytest.mark.parametrize("language", [JA, EN])
def test_every_finding_is_worded_whole_in_both_languages(language):
    with translation.override(language):
        for _, _, draft, _ in FOUND:
            for told in worded_all(check(draft)):
                assert told.what
                assert told.why
                assert "%(" not in told.detail
                assert any("ぁ" <= sign <= "ん" for sign in told.why) == (language == JA)


def test_a_suggestion_for_the_objective_is_not_found_fault_with_itself():
    suggested = {
        finding.suggestion
        for _, _, draft, _ in FOUND
        for finding in check(draft).findings
        if finding.where == "objective" and finding.about == "title" and finding.suggestion
    }
    assert len(suggested) > 8
    assert {better: check(Draft(better)).findings for better in suggested} == dict.fromkeys(suggested, ())


def test_where_the_number_belongs_is_named_and_the_blank_stays_out_of_the_field():
    [found] = findings(Draft("オンラインストアの売上を2倍にする"), "objective_has_number")
    with translation.override(JA):
        told = worded(found)
        assert told.key_result == "オンラインストアの売上 現状 → 2倍"
        assert told.detail.startswith(
            "文の中に「2倍」があります。KR「オンラインストアの売上 現状 → 2倍」か、KGIに移しましょう。"
        )
        [act] = findings(about(DraftKeyResult("セミナーを開催する")), "kr_is_activity")
        assert (worded(act).suggestion, worded(act).replacement) == ("セミナー経由の商談 → __件", "セミナー経由の商談")


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("売上を２倍に、会員を３０％増やす", ["２倍", "３０％"]),
        ("年商1億2000万円、従業員50名の会社", ["1億2000万円", "50名"]),
        ("二倍の速さで三割安く", ["二倍", "三割"]),
        ("百社に選ばれ、十億円を超える", ["百社", "十億円"]),
        ("残業を月20時間以下にし、納期を3日短縮する", ["20時間", "3日"]),
        ("作業を半分に、倍増、半減", ["半分", "倍増", "半減"]),
        ("3店舗目、第2工場、トップ5社、2割引", []),
        ("勇気百倍、人一倍、二人三脚、十人十色", []),
        ("Win 1,200 new users, cut costs by half", ["1,200 new users", "by half"]),
        ("thirty percent more, three times as fast, $1.5M", ["thirty percent", "three times", "$1.5M"]),
        ("ISO9001, Q3, 5S, first half of the year, think twice", []),
    ],
)
def test_amounts_are_told_from_words_ranks_and_names(text, amounts):
    assert [amount.text for amount in find_amounts(text)] == amounts


def test_a_suggested_target_goes_beyond_the_best_so_far():
    for target in (5, 21, 120):
        for finding in check(
            deals(target, past(start=0, target=21, end=20), past(start=0, target=21, end=18))
        ).findings:
            if finding.about == "target_value":
                assert int(finding.suggestion.removesuffix("件")) > 20


def test_a_draft_without_faults_is_whole_and_its_strength_has_a_name():
    assert check(Draft("")).strength == 100
    with translation.override(JA):
        assert [strength_in_words(strength) for strength in (100, 84, 64, 0)] == [
            *("よく練れています", "あと少しです", "見直すところがあります", "まだ書き始めです")
        ]


FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(["a", "b", "c"]), st.just("objective"), st.sampled_from(Severity)), max_size=40
)


@given(FINDINGS, FINDINGS)
@settings(max_examples=50)
def test_more_findings_never_raise_the_strength(some, more):
    assert 0 <= strength_of(some + more) <= strength_of(some) <= 100


ENGLISH = [
    "Double",
    "win rate",
    "by 50%",
    "of the",
    "customers",
    "from 15",
    "to",
    "NPS",
    "run a",
    "launch",
    "up",
    "twice",
]
WORDS = st.one_of(
    st.text(max_size=60),
    st.text("をにがのへ月年2倍%％万億件社売上率NPS平均 +→、.,-0123456789一二十百割", max_size=80),
    st.lists(st.sampled_from(ENGLISH), max_size=14).map(" ".join),
)
NUMBERS = st.one_of(st.just(UNTOLD), st.none(), st.decimals("-1e9", "1e9", places=3))
UNITS = st.one_of(st.just(UNTOLD), st.none(), st.sampled_from(["%", "件", "ポイント", "NPS", "円/月", ""]))
KINDS = st.sampled_from(["reach", "cumulative", "quota", "average", "keep", "coverage", "milestone"])
RESULTS = st.builds(
    DraftKeyResult, WORDS, KINDS, UNITS, NUMBERS, NUMBERS, NUMBERS, measured_how=UNITS, measure_type=UNITS, owner=UNITS
)
HISTORY = st.lists(
    st.builds(Past, WORDS, st.none() | st.floats(0, 1), st.none(), *[NUMBERS.filter(lambda n: n is not UNTOLD)] * 3),
    max_size=4,
)


@given(WORDS, st.lists(RESULTS, max_size=6).map(tuple), HISTORY.map(tuple), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_whatever_is_written_is_judged_and_worded(title, results, history, count):
    same = tuple(Past(one.title, 0.5, None, Decimal(0), Decimal(30), Decimal(20)) for one in results)
    found = check(Draft(title, key_results=results, history=(*history, *same), objectives_in_team=count))
    assert 0 <= found.strength <= 100
    assert all(told.detail for told in worded_all(found))


@given(WORDS, WORDS, KINDS)
@settings(max_examples=50, deadline=None)
def test_what_was_not_told_is_never_judged(title, other, kind):
    of_words = {"objective_has_number", "objective_vague", "objective_too_long", "kr_is_activity", "kr_scale_ambiguous"}
    of_words |= {"kr_rate_above_one", "kr_restates_another"}
    draft = Draft(title, key_results=(DraftKeyResult(title, kind), DraftKeyResult(other, kind)))
    assert {finding.rule for finding in check(draft).findings} <= of_words
    assert {finding.rule for finding in check(Draft(title)).findings} <= of_words


@pytest.mark.parametrize(
    "text", ["にを" * 250, "月間" * 250, "1,234" * 100, "増やす" * 160, "the of " * 70, "from 1 to 2 " * 40]
)
def test_no_text_keeps_the_coach_busy(text):
    started = time.process_time()
    check(about(result(text), result(text + "2倍"), title=text, history=(past(text, 0.5),)))
    assert time.process_time() - started < 1
