"""Ask the coach about a request, read as the API reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from objectives.api import draft_check
from objectives.formulas.drafting import coach
from objectives.formulas.drafting.draft import Check, Draft


def draft_of(request: Mapping[str, Any]) -> Draft:
    given = draft_check.DraftCheckSerializer(data=request)
    given.is_valid(raise_exception=True)
    return draft_check.draft_of(given.validated_data)


def check(request: Mapping[str, Any]) -> Check:
    return coach.check(draft_of(request))
