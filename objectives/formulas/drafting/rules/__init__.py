"""The rules of the coach, one small function each: a draft in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from objectives.formulas.drafting.draft import Draft, Finding
from objectives.formulas.drafting.rules.counting import kr_count

Rule = Callable[[Draft], Iterable[Finding]]

RULES: tuple[Rule, ...] = (kr_count,)
