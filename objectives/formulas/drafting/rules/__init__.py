"""The rules of the coach, one small function each: a draft in, findings out.

A new rule is a function here in the package, its name in `RULES`, and its words in `objectives/sentences/drafting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from objectives.formulas.drafting.draft import Draft, Finding
from objectives.formulas.drafting.rules.connections import all_aspirational, alone, no_kgi
from objectives.formulas.drafting.rules.counting import kr_count, too_many_objectives
from objectives.formulas.drafting.rules.facts import (
    kr_is_activity,
    kr_no_baseline,
    kr_no_measuring_method,
    kr_no_owner,
    kr_no_target,
    kr_no_unit,
)
from objectives.formulas.drafting.rules.mixing import kr_restates_another, only_process_measures, only_result_measures
from objectives.formulas.drafting.rules.numbers import kr_must_hit_outside, kr_rate_above_one, kr_same_as_start
from objectives.formulas.drafting.rules.past import out_of_reach, same_as_last_cycle, too_easy
from objectives.formulas.drafting.rules.scales import kr_scale_ambiguous
from objectives.formulas.drafting.rules.wording import (
    objective_has_number,
    objective_too_long,
    objective_vague,
)

Rule = Callable[[Draft], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    objective_has_number,
    objective_vague,
    objective_too_long,
    kr_count,
    only_process_measures,
    only_result_measures,
    no_kgi,
    alone,
    all_aspirational,
    too_many_objectives,
    kr_same_as_start,
    kr_is_activity,
    kr_scale_ambiguous,
    kr_rate_above_one,
    kr_must_hit_outside,
    kr_restates_another,
    kr_no_target,
    kr_no_baseline,
    kr_no_unit,
    kr_no_owner,
    kr_no_measuring_method,
    same_as_last_cycle,
    too_easy,
    out_of_reach,
)
