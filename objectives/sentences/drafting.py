"""What the coach found, in words: one sentence that says what it saw, one that says why it matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from objectives.formulas.drafting.draft import Check, Finding

What = Promise
Why = Promise


@dataclass(frozen=True)
class Worded:
    """A finding in the reader's language; the suggestion stays in the language of what was written.

    `detail` is both sentences, what was found and why it matters.
    `about` names the field that `replacement` may be put into, empty where the suggestion is only to be read.
    `key_result` is where a number of the objective belongs: “オンラインストアの売上 現状 → 2倍”.
    """

    rule: str
    where: str
    severity: str
    what: str
    why: str
    detail: str
    suggestion: str = ""
    about: str = ""
    key_result: str = ""

    @property
    def replacement(self) -> str:
        """The suggestion as it goes into its field: without the blanks that only the writer can fill."""
        return self.suggestion.partition(" → __")[0] if self.about else ""


SENTENCES: Mapping[tuple[str, str], tuple[What, Why]] = {
    ("objective_has_number", "to_key_result"): (
        gettext_lazy("“%(amount)s” is a number: it belongs in the KR “%(key_result)s”, or in the KGI."),
        gettext_lazy(
            "An objective moves people when they can picture it; numbers say afterwards whether it came true."
        ),
    ),
    ("objective_has_number", ""): (
        gettext_lazy("“%(amount)s” is a number: it belongs in a key result, or in the KGI."),
        gettext_lazy(
            "An objective moves people when they can picture it; numbers say afterwards whether it came true."
        ),
    ),
    ("objective_vague", ""): (
        gettext_lazy("“%(word)s” alone does not say what will be different."),
        gettext_lazy("Nobody can tell when it is reached: write the state you want to see at the end."),
    ),
    ("objective_vague", "nouns"): (
        gettext_lazy("This is a list of topics, not a goal."),
        gettext_lazy("Say in one sentence what will be different for whom: that is what people work for."),
    ),
    ("objective_vague", "task"): (
        gettext_lazy("This is a task that can be ticked off."),
        gettext_lazy("The objective is what the task is done for; the task itself can be a milestone below it."),
    ),
    ("objective_vague", "slogan"): (
        gettext_lazy("This is a slogan that would fit any team."),
        gettext_lazy("Write what your customers or colleagues will notice at the end of the cycle."),
    ),
    ("objective_too_long", "characters"): (
        gettext_lazy("The objective has %(length)s characters; up to %(longest)s are easily remembered."),
        gettext_lazy("What can be said in one breath is still known in the middle of a busy week."),
    ),
    ("objective_too_long", "words"): (
        gettext_lazy("The objective has %(length)s words; up to %(longest)s are easily remembered."),
        gettext_lazy("What can be said in one breath is still known in the middle of a busy week."),
    ),
    ("kr_count", "few"): (
        gettext_lazy("An objective has 2 to 5 key results; this one has %(count)s."),
        gettext_lazy("With fewer than two nobody can tell whether the objective was reached."),
    ),
    ("kr_count", "many"): (
        gettext_lazy("An objective has 2 to 5 key results; this one has %(count)s."),
        gettext_lazy("With more than five nobody knows what comes first."),
    ),
    ("only_process_measures", ""): (
        gettext_lazy("All key results measure what is done, none what comes of it."),
        gettext_lazy("All of it may be done and nothing have changed: make at least one a result."),
    ),
    ("only_result_measures", ""): (
        gettext_lazy("All key results measure results, none what leads to them."),
        gettext_lazy("Results show late: with one process measure the team can steer week by week."),
    ),
    ("no_kgi", ""): (
        gettext_lazy("The objective leads to no KGI."),
        gettext_lazy("Without the connection it may succeed and the company's number stand still."),
    ),
    ("alone", "nobody"): (
        gettext_lazy("Nothing above and nothing below is aligned with this objective."),
        gettext_lazy("What stands beside the plan is the first to be forgotten when things get busy."),
    ),
    ("alone", "nobody_below"): (
        gettext_lazy("No team is aligned with this objective of the company yet."),
        gettext_lazy("A company objective that no team works on stays a wish."),
    ),
    ("alone", "nothing_above"): (
        gettext_lazy("This personal objective is aligned with none of the team."),
        gettext_lazy("When the connection is visible, others know why it matters and where they can help."),
    ),
    ("all_aspirational", ""): (
        gettext_lazy("All %(count)s objectives of the team are aspirational, none is committed."),
        gettext_lazy("Others need to know what they can count on for certain."),
    ),
    ("too_many_objectives", ""): (
        gettext_lazy("The team has %(count)s objectives; %(most)s at most keep the focus."),
        gettext_lazy("With many goals none is at the centre: decide what you will not do this time."),
    ),
    ("too_many_objectives", "sales"): (
        gettext_lazy("The sales team has %(count)s objectives; %(most)s at most fit into a sales quarter."),
        gettext_lazy("With many goals none is at the centre: decide what you will not do this time."),
    ),
    ("too_many_objectives", "first_cycle"): (
        gettext_lazy("The team has %(count)s objectives; in the first cycle %(most)s are enough."),
        gettext_lazy("Start small and learn the rhythm of check-ins; add more from the second cycle on."),
    ),
    ("kr_same_as_start", ""): (
        gettext_lazy("Baseline and target are both %(value)s."),
        gettext_lazy("There is no way to go, so no score: choose the kind “keep” for what shall stay as it is."),
    ),
    ("kr_is_activity", ""): (
        gettext_lazy("“%(act)s” says what is done, not what comes of it."),
        gettext_lazy("It can be done without anything changing: measure what follows from it."),
    ),
    ("kr_scale_ambiguous", "nps_average"): (
        gettext_lazy(
            "An NPS runs from −100 to 100, the average of the answers from 0 to 10: which of the two is meant?"
        ),
        gettext_lazy("A 9 would be poor as an NPS and excellent as an average."),
    ),
    ("kr_scale_ambiguous", "nps_outside"): (
        gettext_lazy("%(value)s lies outside the scale: an NPS runs from −100 to 100."),
        gettext_lazy("Beyond the end of the scale nothing can be reached."),
    ),
    ("kr_scale_ambiguous", "nps_percent"): (
        gettext_lazy("An NPS is a figure from −100 to 100, not a percentage."),
        gettext_lazy("With the unit NPS nobody mistakes it for the share of satisfied customers."),
    ),
    ("kr_scale_ambiguous", "plus_percent"): (
        gettext_lazy("%(amount)s means %(times)s times today's value, and many will read it as %(other)s times."),
        gettext_lazy("Written from baseline to target it can be read in one way only."),
    ),
    ("kr_scale_ambiguous", "times_more"): (
        gettext_lazy("“%(amount)s” may mean %(lower)s or %(higher)s times today's value."),
        gettext_lazy("Written from baseline to target it can be read in one way only."),
    ),
    ("kr_scale_ambiguous", "percent_or_points"): (
        gettext_lazy("“%(amount)s” of a rate: %(points)s percentage points, or a share of today's rate?"),
        gettext_lazy("A rate of 20 becomes 25 by five points, but 21 by five per cent."),
    ),
    ("kr_scale_ambiguous", "rate_in_points"): (
        gettext_lazy("A rate is counted in per cent; “%(unit)s” is the difference of two rates."),
        gettext_lazy("Otherwise some report the rate, others how much it has risen."),
    ),
    ("kr_scale_ambiguous", "fraction"): (
        gettext_lazy("The target is %(value)s; is %(meant)s meant?"),
        gettext_lazy("With the unit per cent, a quarter is written 25, not 0.25."),
    ),
    ("kr_scale_ambiguous", "beyond_scale"): (
        gettext_lazy("The target %(value)s lies beyond the scale, which ends at %(most)s."),
        gettext_lazy("Beyond the end of the scale nothing can be reached."),
    ),
    ("kr_scale_ambiguous", "fall_beyond_all"): (
        gettext_lazy("“%(amount)s”: nothing can fall by more than 100 per cent."),
        gettext_lazy("Written from baseline to target it can be read in one way only."),
    ),
    ("kr_scale_ambiguous", "month_or_cycle"): (
        gettext_lazy("“%(word)s” stands beside a cumulative target: so many every month, or in the whole cycle?"),
        gettext_lazy(
            "In a quarter the two differ by a factor of three; for every month choose the kind “repeating quota”."
        ),
    ),
    ("kr_scale_ambiguous", "month_or_year"): (
        gettext_lazy("Both “%(word)s” and “%(other)s” are named: which of the two does the number stand for?"),
        gettext_lazy("A year is twelve months: the difference is a factor of twelve."),
    ),
    ("kr_scale_ambiguous", "mean_of_rates"): (
        gettext_lazy("A mean of several rates is not the rate of all together."),
        gettext_lazy("A small branch would weigh as much as a large one: write which of the two is meant."),
    ),
    ("kr_rate_above_one", ""): (
        gettext_lazy("%(value)s per cent is more than the whole: this rate ends at 100."),
        gettext_lazy("If it is compared with last year or with the plan, say so in the title."),
    ),
    ("kr_must_hit_outside", ""): (
        gettext_lazy(
            "The must-hit target %(must_hit)s does not lie between the baseline %(start)s and the target %(target)s."
        ),
        gettext_lazy(
            "The must-hit target is a mark on the way to the challenge; outside the way it can never be drawn."
        ),
    ),
    ("kr_restates_another", "same"): (
        gettext_lazy("This measures the same as “%(other)s”."),
        gettext_lazy("Counted twice, it weighs twice, and nothing else is looked at."),
    ),
    ("kr_restates_another", "mirror"): (
        gettext_lazy("This is the other side of “%(other)s”: when one is known, so is the other."),
        gettext_lazy("Counted twice, it weighs twice, and nothing else is looked at."),
    ),
    ("kr_restates_another", "implied"): (
        gettext_lazy("This follows from “%(other)s” by arithmetic."),
        gettext_lazy("Two targets for one thing repeat or contradict each other: keep the one you can move."),
    ),
    ("kr_no_target", ""): (
        gettext_lazy("The target is missing."),
        gettext_lazy("Without it there is nothing to score."),
    ),
    ("kr_no_baseline", ""): (
        gettext_lazy("It does not say where the value stands today."),
        gettext_lazy("Without a baseline nobody knows how far the way is; choose “measure first” while it is unknown."),
    ),
    ("kr_no_unit", ""): (
        gettext_lazy("The unit is missing."),
        gettext_lazy("A bare number is read differently by everybody."),
    ),
    ("kr_no_owner", ""): (
        gettext_lazy("Nobody owns this key result yet."),
        gettext_lazy("What belongs to everybody is checked by nobody."),
    ),
    ("kr_no_measuring_method", ""): (
        gettext_lazy("It does not say where the number will be read."),
        gettext_lazy("When the source is settled, a check-in takes a minute and needs no debate."),
    ),
    ("same_as_last_cycle", ""): (
        gettext_lazy("The target is the same as in the last cycle."),
        gettext_lazy("Repeating last year asks for nothing new: what would be worth trying this time?"),
    ),
    ("too_easy", "by_numbers"): (
        gettext_lazy("The likelihood is %(likelihood)s: the best so far is %(best)s."),
        gettext_lazy("Above 90 per cent is playing safe; a good draft succeeds two times out of three."),
    ),
    ("too_easy", "by_scores"): (
        gettext_lazy("Going by the cycles before, the likelihood is %(likelihood)s."),
        gettext_lazy("Above 90 per cent is playing safe; a good draft succeeds two times out of three."),
    ),
    ("too_easy", "always_reached"): (
        gettext_lazy("So far this measure was reached nearly in full: its mean score is %(score)s."),
        gettext_lazy("A challenge lands well at 60 to 70 per cent: what is certain moves nobody."),
    ),
    ("out_of_reach", "by_numbers"): (
        gettext_lazy("The likelihood is %(likelihood)s: the best so far is %(best)s."),
        gettext_lazy("Below 25 per cent is fantasy, and what nobody believes in is not worked on."),
    ),
    ("out_of_reach", "by_scores"): (
        gettext_lazy("Going by the cycles before, the likelihood is %(likelihood)s."),
        gettext_lazy("Below 25 per cent is fantasy, and what nobody believes in is not worked on."),
    ),
    ("out_of_reach", "always_missed"): (
        gettext_lazy("So far this measure ended at a score of %(score)s."),
        gettext_lazy("Below 0.3 the goal was out of reach: start lower, and raise it step by step."),
    ),
}

# From which strength on a draft is called so.
STRENGTHS: tuple[tuple[int, Promise], ...] = (
    (85, gettext_lazy("Well drafted")),
    (65, gettext_lazy("Nearly there")),
    (40, gettext_lazy("Some points to look at")),
    (0, gettext_lazy("Just begun")),
)


def worded(finding: Finding) -> Worded:
    """A finding in the reader's current language."""
    what, why = SENTENCES[finding.rule, finding.case]
    evidence = {name: _said(value) for name, value in finding.evidence.items()}
    found, reason = str(what) % evidence, str(why) % evidence
    gap = "" if (get_language() or "").startswith("ja") else " "
    return Worded(
        rule=finding.rule,
        where=finding.where,
        severity=finding.severity.value,
        what=found,
        why=reason,
        detail=f"{found}{gap}{reason}",
        suggestion=finding.suggestion,
        about=finding.about,
        key_result=str(finding.evidence.get("key_result", "")),
    )


def worded_all(check: Check) -> list[Worded]:
    """All findings of a check in the reader's current language, in its order."""
    return [worded(finding) for finding in check.findings]


def strength_in_words(strength: int) -> str:
    """A short label for a strength from 0 to 100."""
    return str(next(label for least, label in STRENGTHS if strength >= least))


def _said(value: str | int | float | Decimal) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
