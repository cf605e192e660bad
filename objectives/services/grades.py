"""What stands at the end of an objective: the score that was computed, what people say of it, and what goes on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from objectives.formulas.closing import override_of
from objectives.models import Grade, Objective, ObjectiveScore, Outcome
from people import clock
from people.models import Membership
from people.refusals import Refusal

LONGEST_REASON = Grade._meta.get_field("reason").max_length or 0
SAID = ("override", "reason", "outcome", "outcome_reason")


@dataclass(frozen=True)
class Word:
    """What people say of an objective's end: another grade than the score, what becomes of it, and why."""

    override: float | None = None
    reason: str = ""
    outcome: str = Outcome.OPEN
    outcome_reason: str = ""


def checked(objective: Objective, *, override: float | None, reason: str, outcome: str, outcome_reason: str) -> Word:
    """The word as it is kept. A grade that is what the score shows is none of its own.

    Raises `Refusal`: `grade` outside 0–1, `reason_missing` for another grade or for what is dropped without a reason,
    `outcome` for one that is unknown, `too_long`.
    """
    if override is not None and not 0 <= override <= 1:
        raise Refusal.of_field("grade", "grade", _("A grade lies between 0.0 and 1.0."))
    if outcome not in Outcome.values:
        raise Refusal.of_field("outcome", "outcome", _("Choose what becomes of it."))
    reason, outcome_reason = reason.strip(), outcome_reason.strip()
    for name, text in (("reason", reason), ("outcome_reason", outcome_reason)):
        if len(text) > LONGEST_REASON:
            sentence = _("Use %(most)s characters at most.") % {"most": LONGEST_REASON}
            raise Refusal.of_field(name, "too_long", sentence)
    override = override_of(override, score_of(objective))
    if override is not None and not reason:
        sentence = _("Say why the grade is another one than the score: it stays visible.")
        raise Refusal.of_field("reason", "reason_missing", sentence)
    if outcome == Outcome.DROPPED and not outcome_reason:
        sentence = _("Say why it is not pursued any further: others will want to know.")
        raise Refusal.of_field("outcome_reason", "reason_missing", sentence)
    return Word(override, reason, outcome, outcome_reason)


def score_of(objective: Objective) -> float | None:
    """The computed score as it is stored now."""
    return ObjectiveScore.objects.filter(objective=objective.pk).values_list("score", flat=True).first()


def grade_of(objective: Objective) -> Grade | None:
    return Grade.objects.filter(objective=objective.pk).first()


def word_of(grade: Grade | None) -> Word:
    return Word() if grade is None else Word(**{name: getattr(grade, name) for name in SAID})


def forget_plain(objectives: Collection[int]) -> None:
    """Let grades go in which nobody has said anything: what they hold is computed again."""
    Grade.objects.filter(objective__in=objectives, override=None, reason="", outcome="", outcome_reason="").delete()


def write_grade(objective: Objective, word: Word | None, *, by: Membership) -> Grade:
    """Keep the grade of a held objective with the score as it is now; without a word, what was said stays."""
    grade = grade_of(objective)
    computed = score_of(objective)
    if grade is not None and (word is None or word == word_of(grade)) and grade.computed == computed:
        return grade
    if grade is None:
        said = word or Word()
        return Grade.objects.create(
            objective=objective,
            computed=computed,
            graded_by=by,
            **{name: getattr(said, name) for name in SAID},
        )
    grade.computed = computed
    grade.version += 1
    if word is not None and word != word_of(grade):
        for name in SAID:
            setattr(grade, name, getattr(word, name))
        grade.graded_by, grade.graded_at = by, clock.now()
    grade.save()
    return grade
