"""What a KPI tree says at once: how many times its levers make, and how many times are needed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from funnel.formulas.consistency import Consistency, check
from funnel.formulas.kpi_tree import TreeRefused
from funnel.formulas.numbers import format_amount, format_ratio
from funnel.models import KGI, KPI
from funnel.presenters.tree_rows import ACTUAL, Layout
from funnel.sentences import sentence_of
from funnel.trees import PlannedTree, reachable, tree_of

SAME = 1e-9


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


def times(ratio: float | None, figures: int = 3) -> str:
    return format_ratio(ratio, language=get_language() or "ja", figures=figures)


def said(value: float | None, kgi: KGI) -> str:
    return format_amount(value, unit=kgi.unit, language=get_language() or "ja")


def actual(layout: Layout) -> Finding:
    """What the last readings come to, beside what must be hit."""
    kgi, goal = layout.kgi, layout.goal
    if not layout.readings or goal is None:
        return Finding([_("Nothing was read on the levers yet.")], [_("Their check-ins and readings will stand here.")])
    value = layout.columns[ACTUAL].values[goal.key]
    clauses = [_("With the last readings the tree comes to %(value)s.") % {"value": said(value, kgi)}]
    if kgi.must_hit_value is not None:
        clauses.append(_("Must-hit is %(value)s.") % {"value": said(float(kgi.must_hit_value), kgi)})
    return Finding(clauses, [_("Levers nobody has read yet count as they are now.")])


def compare(planned: PlannedTree, layout: Layout) -> Finding:
    """What the levers' targets make against what the KGI needs; a branch that does it alone is named."""
    column = layout.show
    target = planned.target(column)
    whole = check(planned.tree, column=column, goal_target=target if target is not None else 0.0)
    moving = movers(whole)
    if not moving:
        sentence = _("None of the levers has a target yet.")
        return Finding([sentence], [_("Say from where to where each of them goes.")])
    made = _("The levers together make %(times)s.") % {"times": times(whole.implied_ratio)}
    if target is None or whole.required_ratio is None or whole.implied_ratio is None:
        return Finding([made], [_("The KGI has no target yet to compare it with.")])
    adds_up = whole.verdict == "consistent"
    sentence = _("Needed is %(times)s: it adds up.") if adds_up else _("Needed is %(times)s.")
    needed = sentence % {"times": times(whole.required_ratio)}
    notes = off_now(planned, whole)
    branch = None if adds_up else branch_that_suffices(planned, column, target)
    if branch is not None and len(movers(branch[1])) < len(moving):
        kpi, alone = branch
        count = len(movers(alone))
        clause = ngettext(
            "The %(count)s lever of “%(branch)s” makes %(times)s.",
            "The %(count)s levers of “%(branch)s” alone make %(times)s.",
            count,
        ) % {"count": count, "branch": layout.names[kpi.key], "times": times(alone.implied_ratio)}
        every = _("All %(count)s levers of the tree together make %(times)s.")
        every %= {"count": len(moving), "times": times(whole.implied_ratio)}
        return Finding([clause, needed], [*even(alone), every, *notes])
    return Finding([made, needed], notes if adds_up else [*even(whole), *notes])


def even(found: Consistency) -> list[str]:
    """By how much each of the levers would have to move to just reach the target."""
    count = len(movers(found))
    if found.even_ratio is None or count < 2:
        return []
    sentence = _("An even %(times)s on each of the %(count)s is enough.")
    if found.verdict == "undershoot":
        sentence = _("It would take an even %(times)s on each of the %(count)s.")
    return [sentence % {"times": times(found.even_ratio, figures=4), "count": count}]


def off_now(planned: PlannedTree, whole: Consistency) -> list[str]:
    """Where the levers as they are do not come to what the KGI says it is."""
    now = planned.target("current")
    if not now or abs(whole.goal_current - now) <= 0.05 * abs(now):
        return []
    sentence = _("As they are now the levers come to %(value)s, but the KGI says %(now)s.")
    return [sentence % {"value": said(whole.goal_current, planned.kgi), "now": said(now, planned.kgi)}]


def movers(found: Consistency) -> list[str]:
    return [lever.key for lever in found.levers if lever.ratio is None or abs(lever.ratio - 1) > SAME]


def branch_that_suffices(planned: PlannedTree, column: str, target: float) -> tuple[KPI, Consistency] | None:
    """The branch below the goal whose levers alone make the most, where that is as much as is needed."""
    now, then = planned.tree.column("current"), planned.tree.column(column)
    best: tuple[float, KPI, set[str]] | None = None
    for branch in planned.children(planned.goal):
        if branch.is_lever:
            continue
        keys = {kpi.key for kpi in reachable(planned.nodes.values(), branch.key) if kpi.is_lever}
        if keys == now.keys():
            continue
        made = float(planned.tree.result({key: then[key] if key in keys else now[key] for key in now}))
        if made >= target > 0 and (best is None or made > best[0]):
            best = made, branch, keys
    if best is None:
        return None
    return best[1], check(planned.tree, column=column, goal_target=target, only=best[2])
