"""Ask the coach about a request as the API would."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from objectives.formulas.drafting import coach
from objectives.formulas.drafting.draft import UNTOLD, Check, Draft, DraftKeyResult, Past


def check(request: Mapping[str, Any]) -> Check:
    return coach.check(draft_of(request))


def draft_of(request: Mapping[str, Any]) -> Draft:
    return Draft(
        **request["objective"],
        key_results=tuple(map(key_result_of, request["key_results"])) if "key_results" in request else UNTOLD,
        history=tuple(Past(**each) for each in request["history"]) if "history" in request else UNTOLD,
        objectives_in_team=request.get("objectives_in_team", UNTOLD),
    )


def key_result_of(request: Mapping[str, Any]) -> DraftKeyResult:
    return DraftKeyResult(**{name: exactly(value) for name, value in request.items()})


def exactly(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) else value
