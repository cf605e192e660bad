"""What a key result must state before it can be scored, said to the person who writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from objectives.formulas.scoring import Measure, MeasureRefused, check_measure
from objectives.formulas.scoring import Step as MeasureStep
from objectives.models import KeyResult, Kind, Step
from people.refusals import Refusal

SENTENCES = {
    ("missing", "start_value"): _("Say where it stands today, or tick “measure first”."),
    ("missing", "target_value"): _("Say what the challenge target is."),
    ("missing", "limit"): _("Choose whether the limit is a minimum or a maximum."),
    ("missing", "quota"): _("Say how many belong to each period."),
    ("missing", "period"): _("Choose week or month."),
    ("missing", "population"): _("Say how many there are in all."),
    ("no_steps", "steps"): _("Write at least one step."),
    ("same_as_start", "target_value"): _("Baseline and target are the same: there would be nothing to reach."),
    ("not_positive", "steps"): _("A step's weight is greater than 0."),
}
OTHER = {
    "missing": _("This kind of key result needs a value here."),
    "not_positive": _("This must be greater than 0."),
    "unknown_kind": _("Choose one of the kinds offered."),
    "unknown_limit": _("Choose whether the limit is a minimum or a maximum."),
    "unknown_period": _("Choose week or month."),
    "date_outside_cycle": _("This day lies outside the cycle."),
    "date_in_future": _("This day has not come yet."),
    "span_reversed": _("The last day lies before the first."),
    "span_too_long": _("A cycle lasts ten years at most."),
    "span_too_far": _("A cycle ends before the year 9998."),
}
INCOMPLETE = {"missing", "no_steps"}


def measure_of(key_result: KeyResult, steps: Sequence[Step] | None) -> Measure:
    """What the key result will measure with these steps; None leaves the stored ones."""
    if steps is None or key_result.kind != Kind.MILESTONE:
        return key_result.measure
    parts = tuple(MeasureStep(step.weight, step.done_on is not None) for step in steps)
    return replace(key_result.measure, steps=parts)


def refuse_measure(key_result: KeyResult, steps: Sequence[Step] | None = None, *, complete: bool = True) -> None:
    """Raise `Refusal` for what could never be scored, and with `complete` also for what is still missing.

    Codes are those of the scoring formula: `missing`, `no_steps`, `same_as_start`, `not_positive` and the like.
    """
    try:
        check_measure(measure_of(key_result, steps))
    except MeasureRefused as refused:
        if refused.code in INCOMPLETE and not complete:
            return
        if refused.code == "no_steps" and steps is None:
            return  # the caller does not speak of steps: they are judged when they are written, and on activation
        raise Refusal.of_field(refused.field, refused.code, sentence_of(refused, key_result.kind)) from refused


def sentence_of(refused: MeasureRefused, kind: str = "") -> str:
    """The refusal of a measure, span or reading as a sentence in the reader's language."""
    if kind == Kind.KEEP and (refused.code, refused.field) == ("missing", "target_value"):
        return str(_("Say which value is to be kept."))
    return str(SENTENCES.get((refused.code, refused.field), OTHER.get(refused.code, OTHER["missing"])))
