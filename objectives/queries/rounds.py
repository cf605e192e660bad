"""What became of the rounds in which key results are reported on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists

from objectives.formulas.rhythm import RoundTold, rounds_told
from objectives.models import CheckIn, Combine, KeyResult
from objectives.rollup.key_results import CARRIERS
from people.models import Organization
from people.queries import rhythms_of


def rounds_of(key_results: Iterable[KeyResult], organization: Organization) -> dict[int, list[RoundTold]]:
    """For each key result, by its id, the rounds of its cycle and what became of each.

    Four queries at most, however many they are; they come with their objective and its cycle. A goal that is not under
    way has no rounds, nor has a sum that others carry: what they report is its value.
    """
    rows = [row for row in key_results if row.objective.activated_on is not None]
    sums = [row.pk for row in rows if row.combine == Combine.SUM]
    if sums:
        carried = set(KeyResult.objects.filter(Exists(CARRIERS), pk__in=sums).values_list("pk", flat=True))
        rows = [row for row in rows if row.pk not in carried]
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
