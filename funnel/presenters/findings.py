"""What the findings on a tree say, in the reader's language: what is odd, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from funnel.formulas.findings import Finding, find
from funnel.models import KPI
from funnel.presenters.planned import Planned
from funnel.presenters.words import amount

PERIODS = {"week": 12 / 52, "month": 1.0, "quarter": 3.0, "year": 12.0}
WARNS = frozenset({"same_thing_twice", "goal_period", "periods_added", "periods_divided", "rate_in_per_cent"})


@dataclass(frozen=True)
class Note:
    """One finding: a bold beginning, what to do instead, and the node where it is done."""

    code: str
    begins: str
    instead: str
    node: KPI | None
    name: str

    @property
    def warns(self) -> bool:
        return self.code in WARNS


def notes_on(planned: Planned) -> list[Note]:
    """All findings on a tree that can be calculated, the most important first."""
    return [note_of(finding, planned) for finding in find(planned.plan())]


def note_of(finding: Finding, planned: Planned) -> Note:
    words = Words(finding, planned)
    begins, instead = SAYINGS[finding.code](words)
    nodes = {kpi.key: kpi for kpi in planned.kpis}
    node = nodes.get(finding.keys[-1]) if finding.keys else None
    return Note(finding.code, begins, instead, node, planned.names[node.key] if node else "")


class Words:
    """A finding's values as people say them."""

    def __init__(self, finding: Finding, planned: Planned):
        self.finding = finding
        self.planned = planned

    def value(self, name: str) -> Any:
        return self.finding.values.get(name)

    def name(self, at: int = 0) -> str:
        return self.planned.names.get(self.finding.keys[at], self.finding.keys[at])

    def names(self, keys: object = None) -> str:
        return self.planned.listed(self.finding.keys if keys is None else keys)

    def said(self, name: str, at: int = 0) -> str:
        return self.planned.said(self.finding.keys[at], self.value(name))

    def plain(self, name: str, unit: str = "") -> str:
        value: float = self.value(name)
        return amount(round(value, 1) if value < 100 else value, unit)

    def period(self, name: str) -> str:
        return period_name(self.value(name))


def period_name(months: float) -> str:
    """A period as it stands in “a month's number”."""
    for name, length in PERIODS.items():
        if abs(months - length) <= 0.03 * length:
            return {
                "week": pgettext("period of a number", "a week"),
                "month": pgettext("period of a number", "a month"),
                "quarter": pgettext("period of a number", "a quarter"),
                "year": pgettext("period of a number", "a year"),
            }[name]
    count = round(months, 1)
    return ngettext("%(count)s month", "%(count)s months", round(count)) % {"count": f"{count:g}"}


def same_thing_twice(words: Words) -> tuple[str, str]:
    begins = _("%(first)s and %(second)s state the same thing twice.") % {
        "first": words.name(0),
        "second": words.name(1),
    }
    if words.value("from") is None:
        return begins, _("One follows from the other: keep one of the two in the tree.")
    values = {
        "first": words.name(0),
        "second": words.name(1),
        "first_from": words.said("first_from"),
        "first_to": words.said("first_to"),
    }
    if words.value("says") == "complement":
        values |= {"from": words.said("from", 1), "to": words.said("to", 1)}
        sentence = _(
            "If %(first)s goes from %(first_from)s to %(first_to)s, %(second)s goes from %(from)s to %(to)s by itself."
            " Keep one of the two."
        )
        return begins, sentence % values
    values |= {"from": words.plain("from"), "to": words.plain("to")}
    if values["from"] == values["to"]:
        sentence = _("With %(first)s at %(first_to)s it takes %(to)s periods on average. Keep one of the two.")
        return begins, sentence % values
    sentence = _(
        "If %(first)s goes from %(first_from)s to %(first_to)s, customers stay %(to)s periods on average instead of"
        " %(from)s. Keep one of the two."
    )
    return begins, sentence % values


def goal_period(words: Words) -> tuple[str, str]:
    values = {
        "names": words.names(),
        "made": words.period("made"),
        "wanted": words.period("wanted"),
    }
    begins = _("%(names)s: numbers of %(made)s; the KGI: a number of %(wanted)s.") % values
    factor: Any = words.value("factor")
    if factor is None:
        return begins, _("Write the factor between the two into the formula, or count both over the same period.")
    if factor >= 1:
        return begins, _("“× %(factor)s” is missing from the formula.") % {"factor": f"{round(factor, 2):g}"}
    return begins, _("“÷ %(factor)s” is missing from the formula.") % {"factor": f"{round(1 / factor, 2):g}"}


def periods_mixed(words: Words, begins: str) -> tuple[str, str]:
    values = {
        "node": words.name(),
        "left": words.names(words.value("left_of")),
        "right": words.names(words.value("right_of")),
        "left_period": words.period("left"),
        "right_period": words.period("right"),
    }
    instead = _(
        "%(left)s: numbers of %(left_period)s; %(right)s: numbers of %(right_period)s. Bring them to the same period"
        " in the formula."
    )
    return begins % values, instead % values


def in_column(words: Words) -> str:
    return {"current": _("as it is now"), "must_hit": _("as its must-hit target")}.get(
        words.value("column"), _("as its challenge")
    )


def against_its_sign(words: Words) -> tuple[str, str]:
    values = {"name": words.name(), "from": words.said("from"), "to": words.said("to"), "goal": words.planned.kgi.name}
    begins = _("The target of %(name)s (%(from)s → %(to)s) lowers %(goal)s.")
    if not words.value("rises"):
        begins = _("The target of %(name)s (%(from)s → %(to)s) raises %(goal)s.")
    return begins % values, _(
        "Look at its direction once more. If it is the price of something else, say so in its note."
    )


def current_apart(words: Words) -> tuple[str, str]:
    planned = words.planned
    made, said = planned.goal(words.value("tree")), planned.goal(words.value("kgi"))
    begins = _("Today's levers make %(made)s, the KGI says %(said)s.") % {"made": made, "said": said}
    return begins, _(
        "They should lie within 5 per cent of each other: look at units and periods, or at what the tree leaves out."
    )


SAYINGS: dict[str, Callable[[Words], tuple[str, str]]] = {
    "same_thing_twice": same_thing_twice,
    "goal_period": goal_period,
    "periods_added": lambda words: periods_mixed(words, _("%(node)s adds numbers of different periods.")),
    "periods_divided": lambda words: periods_mixed(words, _("%(node)s divides numbers of different periods.")),
    "volume_times_volume": lambda words: (
        _("%(node)s multiplies two volumes: %(left)s and %(right)s.")
        % {
            "node": words.name(),
            "left": words.names(words.value("left_of")),
            "right": words.names(words.value("right_of")),
        },
        _("Make one of them a rate, or a number for each customer that is counted over no period."),
    ),
    "units_added": lambda words: (
        _("%(node)s adds numbers in different units.") % {"node": words.name()},
        _("Bring them to the same unit: yen to yen, orders to orders."),
    ),
    "rate_above_one": lambda words: (
        _("%(name)s is %(value)s %(column)s.")
        % {"name": words.name(), "value": words.said("value"), "column": in_column(words)},
        _("A share of something ends at 100 per cent. Look at the number, or at what it is a share of."),
    ),
    "rate_below_zero": lambda words: (
        _("%(name)s is %(value)s %(column)s.")
        % {"name": words.name(), "value": words.said("value"), "column": in_column(words)},
        _("A share of something is never less than nothing. Look at the number once more."),
    ),
    "rate_in_per_cent": lambda words: (
        _("%(name)s is %(value)s %(column)s.")
        % {"name": words.name(), "value": words.said("value"), "column": in_column(words)},
        _("Was %(meant)s meant? Rates are kept from 0 to 1.") % {"meant": amount(words.value("value"), "%")},
    ),
    "nps_outside": lambda words: (
        _("%(name)s is %(value)s, but NPS goes from −100 to 100.")
        % {"name": words.name(), "value": words.said("value")},
        _("Subtract the share of detractors from the share of promoters, both in per cent."),
    ),
    "nps_average": lambda words: (
        _("%(name)s looks like an average answer from 0 to 10.") % {"name": words.name()},
        _("NPS goes from −100 to 100: promoters (9, 10) minus detractors (0 to 6). Else call it a satisfaction score."),
    ),
    "average_of_rates": lambda words: (
        _("%(node)s is a plain average of rates: %(names)s.")
        % {"node": words.name(), "names": words.names(words.finding.keys[1:])},
        _("A small group counts as much as a large one. Divide the totals instead: all orders ÷ all deals."),
    ),
    "current_apart": current_apart,
    "against_its_sign": against_its_sign,
    "must_hit_harder": lambda words: (
        _("Must-hit asks more of %(name)s (%(must_hit)s) than the challenge does (%(challenge)s).")
        % {"name": words.name(), "must_hit": words.said("must_hit"), "challenge": words.said("challenge")},
        _("Exchange the two: the challenge is the one further away."),
    ),
    "orphan": lambda words: (
        ngettext(
            "%(names)s stands beside the tree and leads to no KGI.",
            "%(names)s stand beside the tree and lead to no KGI.",
            len(words.finding.keys),
        )
        % {"names": words.names()},
        _("Put it into the formula of what it drives, or take it out."),
    ),
}
