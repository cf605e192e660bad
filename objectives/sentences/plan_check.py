"""What the coach's rules are called where their findings are counted over a whole plan."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

RULES: Mapping[str, Promise] = {
    "objective_has_number": gettext_lazy("A number stands in the objective"),
    "objective_vague": gettext_lazy("The objective is vague"),
    "objective_too_long": gettext_lazy("The objective is too long to be remembered"),
    "kr_count": gettext_lazy("Too few or too many key results"),
    "kr_is_activity": gettext_lazy("A key result is an activity, not an outcome"),
    "kr_no_unit": gettext_lazy("A key result has no unit"),
    "kr_no_baseline": gettext_lazy("A key result has no baseline"),
    "kr_no_target": gettext_lazy("A key result has no target"),
    "kr_no_owner": gettext_lazy("A key result has no owner"),
    "kr_no_measuring_method": gettext_lazy("Nobody said how a key result is measured"),
    "kr_must_hit_outside": gettext_lazy("A must-hit target does not lie on the way to the challenge"),
    "kr_scale_ambiguous": gettext_lazy("A scale can be read in two ways"),
    "kr_rate_above_one": gettext_lazy("A rate lies above 100%"),
    "kr_same_as_start": gettext_lazy("Baseline and target are the same"),
    "kr_restates_another": gettext_lazy("Two key results say the same"),
    "only_process_measures": gettext_lazy("Only process measures"),
    "only_result_measures": gettext_lazy("Only result measures"),
    "same_as_last_cycle": gettext_lazy("The same target as in the last cycle"),
    "too_easy": gettext_lazy("Too easy by what was reached before"),
    "out_of_reach": gettext_lazy("Out of reach by what was reached before"),
    "too_many_objectives": gettext_lazy("Too many objectives for the team"),
    "all_aspirational": gettext_lazy("All is aspirational, nothing is committed"),
    "no_kgi": gettext_lazy("It leads to no KGI"),
    "alone": gettext_lazy("Nobody works above or below it"),
}


def name_of(rule: str) -> str:
    return str(RULES.get(rule, rule))
