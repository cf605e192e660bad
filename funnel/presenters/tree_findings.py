"""What a KPI tree says at once: how many times its levers make, and how many times are needed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funnel.formulas.consistency import Consistency
from funnel.formulas.fitting import fit
from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.likelihood import reached_unawares
from funnel.presenters.tree_rows import Layout
from funnel.presenters.words import already_there, amount, times
from funnel.queries.actuals import ACTUAL
from funnel.sentences import sentence_of
from funnel.trees import PlannedTree, tree_of


@dataclass(frozen=True)
class Finding:
    """The title in clauses, and what else is worth knowing in whole sentences."""

    clauses: list[str]
    notes: list[str]


def finding_of(layout: Layout) -> Finding:
    """What the page is called. Never fails: a tree that cannot be calculated says what is missing."""
    if not layout.is_begun:
        return Finding([_("What is the KGI made of?")], [_("A tree splits it into levers that somebody can move.")])
    if wrong := unfinished(layout):
        return wrong
    try:
        planned = tree_of(layout.kgi, layout.kpis)
        if planned is None:
            return Finding([_("What is the KGI made of?")], [])
        return actual(layout) if layout.show == ACTUAL else compare(planned, layout)
    except TreeRefused as refused:
        return Finding([_("The tree cannot be calculated yet.")], [sentence_of(refused, layout.names)])


def unfinished(layout: Layout) -> Finding | None:
    """Where formulas are wrong or numbers are missing: which, and no more than three by name."""
    if refusals := layout.refusals():
        sentences = [sentence_of(refused, layout.names) for refused in refusals.values()]
        return Finding([_("The tree cannot be calculated yet.")], sentences[:3])
    missing = layout.without_numbers
    if not missing:
        return None
    count = len(missing)
    clause = ngettext(
        "%(count)s number is missing before the tree can be calculated.",
        "%(count)s numbers are missing before the tree can be calculated.",
        count,
    ) % {"count": count}
    names = _(", ").join(layout.names[kpi.key] for kpi in missing[:3])
    first = (
        _("Still without a number: %(names)s.") if count <= 3 else _("Still without a number: %(names)s and others.")
    )
    return Finding([clause], [first % {"names": names}])


def actual(layout: Layout) -> Finding:
    """What the levers come to at the pace so far, beside what must be hit."""
    kgi, goal = layout.kgi, layout.goal
    if not layout.actuals or goal is None:
        note = _("A volume counts from its first whole month, a rate or a price from its first reading.")
        return Finding([_("No lever has an actual yet.")], [note])
    value = layout.columns[ACTUAL].values[goal.key]
    clauses = [_("At the pace so far the tree comes to %(value)s.") % {"value": amount(value, kgi.unit)}]
    if kgi.must_hit_value is not None:
        clauses.append(_("Must-hit is %(value)s.") % {"value": amount(kgi.must_hit_value, kgi.unit)})
    return Finding(clauses, [_("Levers without an actual count as they are now.")])


def compare(planned: PlannedTree, layout: Layout) -> Finding:
    """What the levers' targets make against what the KGI needs; a branch that does it alone is named."""
    column = layout.show
    target = planned.target(column)
    fitted = fit(planned.tree, column=column, goal_target=target if target is not None else 0.0)
    whole, count = fitted.whole, len(fitted.moving)
    if not count:
        sentence = _("None of the levers has a target yet.")
        return Finding([sentence], [_("Say from where to where each of them goes.")])
    made = _("The levers together make %(times)s.") % {"times": times(whole.implied_ratio)}
    if target is None or whole.required_ratio is None or whole.implied_ratio is None:
        return Finding([made], [_("The KGI has no target yet to compare it with.")])
    adds_up = whole.verdict == "consistent"
    sentence = _("Needed is %(times)s: it adds up.") if adds_up else _("Needed is %(times)s.")
    needed = sentence % {"times": times(whole.required_ratio)}
    notes = off_now(planned, whole)
    if adds_up:
        return Finding([made, needed], notes)
    if reached_unawares(whole.goal_current, target, planned.target("current")):
        return Finding([made, needed], [already_there(), *notes])
    if fitted.alone is None:
        return Finding([made, needed], [*even(whole, count), *notes])
    found, alone = fitted.alone.found, len(fitted.alone.levers)
    clause = ngettext(
        "The %(count)s lever of “%(branch)s” makes %(times)s.",
        "The %(count)s levers of “%(branch)s” alone make %(times)s.",
        alone,
    ) % {"count": alone, "branch": layout.names[fitted.alone.key], "times": times(found.implied_ratio)}
    every = _("All %(count)s levers of the tree together make %(times)s.")
    every %= {"count": count, "times": times(whole.implied_ratio)}
    return Finding([clause, needed], [*even(found, alone), every, *notes])


def even(found: Consistency, count: int) -> list[str]:
    """By how much each of so many levers would have to move to just reach the target."""
    if found.even_ratio is None or count < 2:
        return []
    values = {"even": times(found.even_ratio, figures=4), "count": count}
    if found.verdict == "undershoot":
        return [_("It takes an even %(even)s on each of the %(count)s.") % values]
    return [_("An even %(even)s on each of the %(count)s is enough.") % values]


def off_now(planned: PlannedTree, whole: Consistency) -> list[str]:
    """Where the levers as they are do not come to what the KGI says it is."""
    now = planned.target("current")
    if not now or abs(whole.goal_current - now) <= 0.05 * abs(now):
        return []
    sentence = _("As they are now the levers come to %(value)s, but the KGI says %(now)s.")
    return [sentence % {"value": amount(whole.goal_current, planned.kgi.unit), "now": amount(now, planned.kgi.unit)}]
