"""What the findings on a KGI say, in the reader's language: what is wrong and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from funnel.formulas.kgi_check import Finding, KGIFigures, check_kgi
from funnel.formulas.numbers import format_amount, format_ratio
from funnel.models import KGI
from funnel.presenters.words import language


class Note(NamedTuple):
    """One remark in the margin: the code and field of the finding, a bold beginning and what to write instead."""

    code: str
    where: str
    begins: str
    instead: str


def notes_on(kgi: KGI) -> list[Note]:
    """The margin notes on a KGI as it stands; none for one that is specific, measurable, dated and well argued."""
    figures = KGIFigures(
        name=kgi.name,
        current=kgi.current_value,
        last_year=kgi.last_year_value,
        must_hit=kgi.must_hit_value,
        challenge=kgi.challenge_value,
        period_start=kgi.period_start,
        period_end=kgi.period_end,
        why=kgi.why,
        picture=kgi.picture,
    )
    return [note_of(finding, kgi.unit) for finding in check_kgi(figures, kgi.organization.today)]


def note_of(finding: Finding, unit: str) -> Note:
    begins, instead = SAYINGS[finding.code](Words(finding, unit))
    return Note(finding.code, finding.where, begins, instead)


class Words:
    """The values of a finding as people say them."""

    def __init__(self, finding: Finding, unit: str):
        self.values = finding.values
        self.unit = unit
        self.language = language()

    def amount(self, name: str) -> str:
        value: Any = self.values[name]
        return format_amount(value, unit=self.unit, language=self.language)

    def ratio(self) -> str:
        value: Any = self.values["ratio"]
        return format_ratio(value, language=self.language)

    def day(self, name: str) -> str:
        value: Any = self.values[name]
        return date_format(value)


SAYINGS: dict[str, Callable[[Words], tuple[str, str]]] = {
    "name_vague": lambda words: (
        _("The name is a wish, not a number."),
        _("Name what is counted, how far and by when, for example “EC revenue 1.5× by the end of FY2026”."),
    ),
    "no_target": lambda words: (
        _("There is no target yet."),
        _("Write two: a must-hit target that has to be reached, and a challenge worth stretching for."),
    ),
    "no_must_hit": lambda words: (
        _("The must-hit target is missing."),
        _("Write the number that has to be reached whatever happens, for example 1.5 times last year."),
    ),
    "no_challenge": lambda words: (
        _("The challenge target is missing."),
        _("Write the number you would be proud of, for example 2x or 3x last year."),
    ),
    "not_dated": lambda words: (
        _("It is not dated."),
        _("Write from when until when it counts, for example the fiscal year."),
    ),
    "period_over": lambda words: (
        _("Its period ended on %(day)s.") % {"day": words.day("ended")},
        _("Write a new KGI for the new period, with what was learned from this one."),
    ),
    "no_current": lambda words: (
        _("Nobody knows where it stands today."),
        _("Write the current value, roughly if need be: every ratio on the way is measured from it."),
    ),
    "same_as_last_year": lambda words: (
        _("%(target)s is what last year brought.") % {"target": words.amount("target")},
        _("“Same as last year” asks nothing new of anybody. Think from the picture of the future, not from the past."),
    ),
    "hardly_above_last_year": lambda words: (
        _("The highest target is only %(ratio)s of last year.") % {"ratio": words.ratio()},
        _("That is a plan without risk. What would you do differently if it had to be double?"),
    ),
    "same_as_current": lambda words: (
        _("%(target)s is where you are already.") % {"target": words.amount("target")},
        _("Write where you want to go. A number that is only to be kept is a health measure, not a KGI."),
    ),
    "below_current": lambda words: (
        _("%(target)s lies below today's %(current)s.")
        % {"target": words.amount("target"), "current": words.amount("current")},
        _("Look at the unit and the digits once more, or write the current value for the same period."),
    ),
    "must_hit_above_challenge": lambda words: (
        _("The must-hit target %(must_hit)s lies above the challenge %(challenge)s.")
        % {"must_hit": words.amount("must_hit"), "challenge": words.amount("challenge")},
        _("Exchange the two: the challenge is the higher one."),
    ),
    "targets_alike": lambda words: (
        _("Must-hit and challenge are both %(target)s.") % {"target": words.amount("target")},
        _("Keep the sure number as must-hit and raise the challenge until it needs new ideas."),
    ),
    "above_ten_times": lambda words: (
        _("%(ratio)s is more than tenfold.") % {"ratio": words.ratio()},
        _("Check the unit first. If it is meant so, cut the way into two or three periods."),
    ),
    "high_without_why": lambda words: (
        (_("%(ratio)s last year's needs a reason.") if words.values["of_last_year"] else _("%(ratio)s needs a reason."))
        % {"ratio": words.ratio()},
        _("Write why it matters. People go a long way for a reason and stop early for a number."),
    ),
    "high_without_picture": lambda words: (
        _("What will it look like once %(ratio)s is reached?") % {"ratio": words.ratio()},
        _("Write the picture of the future in two sentences: who does what, and where."),
    ),
}
