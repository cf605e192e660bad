"""The coach says what an experienced one would say, over drafts labelled by hand: benchmarks/drafts/README.md."""

from __future__ import annotations

import pytest

from benchmarks.drafts.coaching import check
from benchmarks.drafts.reading import LANGUAGES, RULES, drafts, read
from benchmarks.drafts.scoring import judge, overall, tallies
from objectives.formulas.drafting import coach
from objectives.formulas.drafting.draft import OBJECTIVE, Draft

LABELLED = drafts()
ENOUGH_ALARMS = 8


@pytest.fixture(scope="module")
def verdicts():
    return [
        judge(draft, [(finding.rule, finding.where) for finding in check(draft.request).findings]) for draft in LABELLED
    ]


def test_the_set_is_large_and_knows_every_rule_in_both_languages():
    assert len(LABELLED) >= 160
    assert len({draft.title for draft in LABELLED}) == len(LABELLED)
    for language in LANGUAGES:
        labels = [label for draft in LABELLED if draft.language == language for label in draft.expected]
        assert {label.rule for label in labels} == set(RULES)
    for rule in RULES:
        assert sum(label.rule == rule for draft in LABELLED for label in draft.expected) >= ENOUGH_ALARMS, rule


def test_a_mistyped_label_is_named():
    with pytest.raises(ValueError, match="objective_vage"):
        list(read("en", "= Grow\n  poor\n  finds objective_vage\n"))


def test_of_two_key_results_that_say_the_same_either_may_be_named():
    twice, *_ = read("en", "= Grow\n  poor\n- reach | Visits\n- reach | Visitors\n  restates 0\n- reach | Orders\n")

    for named in (["key_results.0"], ["key_results.1"], ["key_results.0", "key_results.1"]):
        verdict = judge(twice, [("kr_restates_another", where) for where in named])
        assert (len(verdict.right), verdict.false_alarms, verdict.missed) == (1, [], [])
    wrong = judge(twice, [("kr_restates_another", "key_results.2")])
    assert (len(wrong.right), len(wrong.false_alarms), len(wrong.missed)) == (0, 1, 1)


def test_false_alarms_are_rare_altogether_and_in_every_rule(verdicts):
    assert overall(verdicts).precision >= 0.95
    for rule, tally in tallies(verdicts).items():
        if tally.alarms >= ENOUGH_ALARMS:
            assert tally.precision >= 0.9, rule


def test_few_labels_are_missed_even_where_nobody_looked_while_mending_the_rules(verdicts):
    held_out = overall(verdict for verdict in verdicts if verdict.draft.is_held_out)
    assert overall(verdicts).recall >= 0.96
    assert held_out.recall >= 0.9
    assert held_out.precision >= 0.95


def test_a_better_objective_is_not_to_be_mended_again():
    """What is offered in place of a title holds no number and is not vague itself."""
    mended = 0
    for draft in LABELLED:
        for finding in check(draft.request).findings:
            if finding.where == OBJECTIVE and finding.about == "title" and finding.suggestion:
                again = {finding.rule for finding in coach.check(Draft(finding.suggestion)).findings}
                assert again <= {"alone"}, (draft.title, finding.suggestion, again)
                mended += 1
    assert mended >= 50
