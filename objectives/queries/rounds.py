"""What became of the rounds in which key results are reported on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from objectives.formulas.rhythm import RoundTold, rounds_told
from objectives.models import CheckIn, KeyResult
from people.models import Organization
from people.queries import rhythms_of


def rounds_of(key_results: Iterable[KeyResult], organization: Organization) -> dict[int, list[RoundTold]]:
    """For each key result, by its id, the rounds of its cycle and what became of each.

    Three queries, however many they are; they come with their objective and its cycle. A goal that is not under way
    has no rounds.
    """
    rows = [row for row in key_results if row.objective.activated_on is not None]
    if not rows:
        return {}
    said: dict[int, list[date]] = defaultdict(list)
    counted = CheckIn.objects.filter(key_result__in=[row.pk for row in rows]).counted().order_by()
    for pk, day in counted.values_list("key_result", "date").distinct():
        said[pk].append(day)
    rhythms, today = rhythms_of(organization), organization.today
    return {
        row.pk: rounds_told(
            said[row.pk],
            row.objective.cycle.span,
            rhythms[row.objective.team_id],
            today,
            row.objective.activated_on,
        )
        for row in rows
    }
