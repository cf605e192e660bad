"""What is wrong with a tree or a formula, said to the person who wrote it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funnel.formulas.formula import DEEPEST_NESTING, LONGEST_FORMULA, LONGEST_KEY
from funnel.formulas.kpi_tree import LONGEST_TOGETHER, MOST_NODES, TreeRefused

SENTENCES = {
    # of a formula
    "empty": gettext_lazy("The formula is empty."),
    "too_long": gettext_lazy("A formula has %(most)s characters at most."),
    "too_deep": gettext_lazy("Parentheses are nested %(deepest)s deep at most."),
    "unknown_character": gettext_lazy(
        "“%(found)s” has no place in a formula: it takes + − × ÷, parentheses, numbers and keys."
    ),
    "value_missing": gettext_lazy("A number or a key is missing at character %(at)s."),
    "operator_missing": gettext_lazy("A sign (+ − × ÷) is missing before “%(found)s” at character %(at)s."),
    "not_closed": gettext_lazy("The parenthesis at character %(at)s is not closed."),
    "not_opened": gettext_lazy("The parenthesis at character %(at)s was never opened."),
    "number_too_large": gettext_lazy("The number at character %(at)s is too large."),
    "key_too_long": gettext_lazy("A key has %(longest)s characters at most."),
    # of a tree
    "key": gettext_lazy("“%(node)s” cannot be a key: it takes a letter or _, then letters, digits and _."),
    "repeated_key": gettext_lazy("Two nodes have the key “%(node)s”."),
    "unknown_key": gettext_lazy("No node has the key “%(found)s” (character %(at)s)."),
    "unknown_goal": gettext_lazy("The goal “%(node)s” is no node of this tree."),
    "loop": gettext_lazy("The formulas lead back to where they began: %(found)s."),
    "unused_formula": gettext_lazy("Nothing uses “%(node)s”: a tree has one goal."),
    "too_many_nodes": gettext_lazy("A tree has %(nodes)s nodes at most."),
    "too_long_together": gettext_lazy("The formulas of a tree have %(together)s characters together at most."),
    "no_value": gettext_lazy("“%(node)s” has no value yet."),
    "not_a_number": gettext_lazy("A number of “%(node)s” is not finite."),
    "too_large": gettext_lazy("A number of “%(node)s” is too large."),
    "division_by_zero": gettext_lazy("“%(node)s” divides by 0."),
    "not_finite": gettext_lazy("“%(node)s” comes to more than can be calculated."),
    "range": gettext_lazy("The range of “%(node)s” does not go from low over likely to high."),
    "limits": gettext_lazy("The lower limit of “%(node)s” lies above the upper one."),
    "effort": gettext_lazy("The effort of “%(node)s” must be greater than 0."),
    # of a question asked of a tree
    "not_a_lever": gettext_lazy("“%(node)s” is no lever of this tree."),
    "locked": gettext_lazy("“%(node)s” is locked."),
    "lever_is_zero": gettext_lazy("“%(node)s” is 0: it cannot be moved by a ratio."),
    "nothing_to_move": gettext_lazy("No lever is left that may be moved."),
    "unreachable": gettext_lazy("No values of these levers within their limits reach this goal."),
    "goal_not_positive": gettext_lazy("This needs a goal above 0."),
    "too_many_samples": gettext_lazy("This is more than can be simulated at once: %(found)s samples at most."),
}
INSIDE = gettext_lazy("In the formula of “%(node)s”: %(sentence)s")


def sentence_of(refused: TreeRefused, names: Mapping[str, str] | None = None) -> str:
    """The refusal as a sentence in the reader's language, with the place; `names` says what nodes are called."""
    names = names or {}
    called = names.get(refused.key, refused.key)
    values = {
        "node": called,
        "found": round_in_words(refused.found, names) if refused.code == "loop" else refused.found,
        "at": (refused.start or 0) + 1,
        "most": LONGEST_FORMULA,
        "deepest": DEEPEST_NESTING,
        "longest": LONGEST_KEY,
        "nodes": MOST_NODES,
        "together": f"{LONGEST_TOGETHER:,}",
    }
    sentence = str(SENTENCES.get(refused.code, _("This cannot be calculated."))) % values
    is_of_text = refused.start is not None and bool(called)
    return str(INSIDE) % {"node": called, "sentence": sentence} if is_of_text else sentence


def round_in_words(found: str, names: Mapping[str, str]) -> str:
    """The nodes a loop leads through, by the names they are known by."""
    return " → ".join(names.get(key, key) for key in found.split(" → "))
