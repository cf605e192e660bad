# ruff: noqa: S608 (the statement is put together from constants alone; every value is a parameter)
"""What the forecast would have said half-way through cycles that are over, against what happened.

Only the last forecast of a key result is stored, so that of half-time is made anew, from what had been reported by
then and from what earlier cycles had taught by then.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists

from dashboards.formulas.reliability import Reliability, Said, reliability
from dashboards.queries.across import BY_LOT, one_of
from dashboards.queries.branches import Branch
from dashboards.queries.cycles import day_at
from dashboards.queries.departments import within
from dashboards.queries.sql import WORKING, rows
from objectives.forecasting.key_results import HELPERS, MOST_ENDED, Priors, forecast_of, readings_of
from objectives.formulas.forecast import Ended, learn_priors
from objectives.models import Cycle, CycleState, Intent, KeyResult, Kind, Objective
from people.models import Membership

MOST_FORETOLD = 240
"""So many are made anew at most, drawn by lot: more would hardly change the picture, and be waited for."""
MOST_KEPT = 20_000
PASS = 1.0 - 1e-9
GOOD = 0.6 - 1e-9


@dataclass(frozen=True, slots=True)
class Foretold:
    """Forecasts against what happened; `is_drawn` says that they are of key results drawn by lot, not of all."""

    told: Reliability
    is_drawn: bool


_kept: OrderedDict[tuple[int, int], float | None] = OrderedDict()
"""What this process has made anew, by key result and its cycle's version, which rises when a cycle is opened again."""


LOOKED_AT = f"""
SELECT k.id, o.cycle_id, k.kind, o.kind, s.score
FROM {{visible}} o
JOIN objectives_keyresult k ON k.objective_id = o.id AND k.dropped_at IS NULL AND k.kind <> 'milestone' AND {BY_LOT}
JOIN objectives_keyresultscore s ON s.key_result_id = k.id AND s.score IS NOT NULL AND s.check_in_count > 0
ORDER BY HASHINT8(k.id), k.id LIMIT %(most)s
"""


def foretold(membership: Membership, over: Sequence[Cycle], branch: Branch, reported: int) -> Foretold:
    """How likely key results were to end well, as forecast half-way, and how many did.

    An aspirational one ends well at a score of 0.6, a committed one and one that is to be kept at its target.
    Milestones are left out: of a step that is done it is not kept since when. Of more than `MOST_FORETOLD` on which
    anything was `reported` so many are drawn by lot. Six queries at most, however many there are.
    """
    seen = Objective.objects.visible_to(membership).filter(cycle__in=[one.pk for one in over], state__in=WORKING)
    values = {"one_of": one_of(reported, MOST_FORETOLD), "most": MOST_FORETOLD}
    found = rows(LOOKED_AT, within(seen, branch), values, ("id", "cycle_id", "kind"))
    cycles = {cycle.pk: cycle for cycle in over}
    chances = chances_of(membership, {pk: cycles[cycle] for pk, cycle, *_rest in found})
    said = [
        Said(chance, 1, int(score >= (PASS if is_committed(kind, intent) else GOOD)))
        for pk, _cycle, kind, intent, score in found
        if (chance := chances[pk]) is not None
    ]
    return Foretold(reliability(said), is_drawn=reported > MOST_FORETOLD)


def is_committed(kind: str, intent: str) -> bool:
    return kind == Kind.KEEP or intent == Intent.COMMITTED


def chances_of(membership: Membership, cycle_of: Mapping[int, Cycle]) -> dict[int, float | None]:
    """The chance of each key result to end well, as of half-time; None where nothing could be said."""
    chances = {pk: _kept[pk, cycle.version] for pk, cycle in cycle_of.items() if (pk, cycle.version) in _kept}
    missing = {pk: cycle for pk, cycle in cycle_of.items() if pk not in chances}
    if missing:
        made = made_anew(membership, missing)
        chances |= {pk: made.get(pk) for pk in missing}
        # What is over but not closed may still be corrected.
        _kept.update({(pk, cycle.version): chances[pk] for pk, cycle in missing.items() if cycle.is_closed})
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return chances


def made_anew(membership: Membership, cycle_of: Mapping[int, Cycle]) -> dict[int, float | None]:
    by_cycle: dict[int, list[KeyResult]] = defaultdict(list)
    found = KeyResult.objects.filter(pk__in=list(cycle_of)).select_related("objective__cycle")
    helped = found.annotate(has_helpers=Exists(HELPERS)).prefetch_related("steps", "phases")
    key_results: list[KeyResult] = list(helped)
    for row in key_results:
        by_cycle[row.objective.cycle_id].append(row)
    days = {cycle.pk: day_at(cycle, 0.5) for cycle in cycle_of.values()}
    readings = readings_of(list(cycle_of), max(days.values()))
    ended = ended_before(membership, max(days.values()))
    chances: dict[int, float | None] = {}
    for cycle, own in by_cycle.items():
        priors = priors_on(ended, days[cycle])
        for row in own:
            heard = [reading for reading in readings[row.pk] if reading.date <= days[cycle]]
            told = forecast_of(row, heard, days[cycle], priors)
            chances[row.pk] = told.target if is_committed(row.kind, row.objective.kind) else told.score_0_6
    return chances


def ended_before(membership: Membership, day: date) -> list[tuple[date, Ended]]:
    """The last ended key results with the last day of their cycle: what a forecast could learn from."""
    ended = (
        KeyResult.objects.visible_to(membership)
        .filter(objective__cycle__state=CycleState.CLOSED, objective__cycle__end__lt=day)
        .filter(scored__check_in_count__gt=0, scored__own_progress__isnull=False)
        .order_by("-objective__cycle__end", "-pk")
    )
    found = ended.values_list("objective__cycle__end", "kind", "objective__kind", "scored__own_progress")[:MOST_ENDED]
    return [
        (end, Ended(kind, str(Intent.COMMITTED) if kind == Kind.KEEP else str(intent), progress))
        for end, kind, intent, progress in found
        if progress is not None
    ]


def priors_on(ended: Iterable[tuple[date, Ended]], day: date) -> Priors:
    return learn_priors(one for end, one in ended if end < day)
