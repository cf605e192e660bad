"""What the coach is told of a draft: its words and numbers, and what stands round it in the plan."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, F, Func, Prefetch, Q, TextField, Value, When
from django.db.models.functions import Lower

from objectives.formulas.drafting.coach import check
from objectives.formulas.drafting.draft import UNTOLD, Check, Draft, DraftKeyResult, Past
from objectives.models import Alignment, CycleState, KeyResult, Kind, Level, Objective, ObjectiveState
from objectives.queries.objectives import Normalized
from people.models import Membership

SALES = "sales"
SALES_TEAM = re.compile(r"営業|販売|セールス|外商|\bsales\b", re.IGNORECASE)
# Digits and signs of a title: what is measured stays the same when its target moves.
NOT_WORDS = r"[\s0-9!-/:-@\[-`{-~、。・「」『』〜→％]+"
YEARS_LOOKED_BACK = timedelta(days=2 * 366)
MOST_PASTS = 8

BEGIN_SOMEWHERE = {Kind.REACH, Kind.CUMULATIVE, Kind.AVERAGE}

# Along connections upwards, whatever serves a KGI by itself or by what it measures; the nearest source of a KGI first.
KGIS_ABOVE = """
    WITH RECURSIVE up(start, id, key_result_id) AS (
        SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bigint[])
        UNION
        SELECT up.start, o.id, kr.id
        FROM up
        JOIN objectives_alignment a ON a.child_id = up.id
        LEFT JOIN objectives_keyresult kr ON kr.id = a.parent_key_result_id
        JOIN objectives_objective o ON o.id = COALESCE(a.parent_objective_id, kr.objective_id)
        WHERE o.dropped_at IS NULL AND kr.dropped_at IS NULL
    )
    SELECT DISTINCT ON (up.start) up.start, kgi.name
    FROM up
    JOIN objectives_objective o ON o.id = up.id AND o.dropped_at IS NULL
    CROSS JOIN LATERAL (
        SELECT o.kgi_id AS id, 0 AS far
        UNION ALL
        SELECT kpi.kgi_id, 1
        FROM objectives_keyresult kr
        JOIN funnel_kpi kpi ON kpi.id = kr.kpi_id AND kpi.dropped_at IS NULL
        WHERE kr.objective_id = o.id AND kr.dropped_at IS NULL
            AND (up.key_result_id IS NULL OR kr.id = up.key_result_id)
    ) AS served
    JOIN funnel_kgi kgi ON kgi.id = served.id AND kgi.dropped_at IS NULL
    ORDER BY up.start, served.far, kgi.id
"""


@dataclass(frozen=True)
class Written:
    """An objective, saved or only being written, with its key results; `parent` is what a new one is to help."""

    objective: Objective
    key_results: Sequence[KeyResult] = ()
    parent: Objective | KeyResult | None = None


def checks_of(membership: Membership, objectives: Iterable[Objective]) -> dict[int, Check]:
    """What the coach says of objectives as they are saved, by id; in a constant number of queries."""
    saved = written_of(objectives)
    drafts = drafts_of(membership, saved)
    return {one.objective.pk: check(draft) for one, draft in zip(saved, drafts, strict=True)}


def draft_of(membership: Membership, objective: Objective) -> Draft:
    """One saved objective as the coach reads it."""
    (draft,) = drafts_of(membership, written_of([objective]))
    return draft


def written_of(objectives: Iterable[Objective]) -> list[Written]:
    """Objectives as they are saved, with the key results that stand, in the order given."""
    order = [objective.pk for objective in objectives]
    key_results = KeyResult.objects.filter(dropped_at=None).select_related("owner__user", "kpi__kgi")
    rows = (
        Objective.objects.filter(pk__in=order)
        .select_related("cycle", "team", "kgi")
        .prefetch_related(Prefetch("key_results", key_results, "standing"))
    )
    found = {row.pk: row for row in rows}
    return [Written(found[pk], found[pk].standing) for pk in order if pk in found]  # type: ignore[attr-defined]


def drafts_of(membership: Membership, written: Sequence[Written]) -> list[Draft]:
    """Objectives with what stands round them, as the coach reads them; in a constant number of queries."""
    neighbours = neighbours_of(written)
    above, below = connections_of(written)
    kgis = kgis_above(written, above)
    pasts = pasts_of(membership, written)
    drafts = []
    for number, one in enumerate(written):
        objective = one.objective
        others = [kind for pk, kind in neighbours[group_of(objective)] if pk != objective.pk]
        drafts.append(
            Draft(
                title=objective.title,
                kind=objective.kind,
                why=objective.why or None,
                team_kind=SALES if SALES_TEAM.search(objective.team.name) else None,
                kgi=own_kgi(one) or kgis.get(number),
                level=objective.level,
                key_results=tuple(draft_key_result(key_result) for key_result in one.key_results),
                history=pasts[number],
                objectives_in_team=len(others) + 1,
                intents_in_team=(*others, objective.kind),
                aligned_above=len(above[number]),
                # Nobody can be aligned with what the company is only about to write.
                aligned_below=below[number] if objective.pk or objective.level != Level.COMPANY else UNTOLD,
                is_first_cycle=objective.cycle.is_first,
            )
        )
    return drafts


def draft_key_result(key_result: KeyResult) -> DraftKeyResult:
    """A key result as the coach reads it: what its kind does not state is not told."""
    kind = key_result.kind
    measured: dict[str, Any] = {}
    if kind in BEGIN_SOMEWHERE:
        zero = Decimal(0) if kind == Kind.CUMULATIVE else None
        measured["start_value"] = zero if key_result.start_value is None else key_result.start_value
    if kind != Kind.MILESTONE:
        measured |= {"unit": key_result.unit or None, "target_value": key_result.aim}
    if kind in BEGIN_SOMEWHERE | {Kind.COVERAGE}:
        measured["must_hit_value"] = key_result.must_hit_value
    if kind in {Kind.QUOTA, Kind.KEEP}:
        measured["period"] = key_result.period or None
    return DraftKeyResult(
        title=key_result.title,
        kind=kind,
        owner=key_result.owner.user.name if key_result.owner else None,
        measured_how=key_result.measured_how or None,
        measure_type=key_result.measure_type,
        measure_first=key_result.measure_first,
        kpi=key_result.kpi.name if key_result.kpi else None,
        **measured,
    )


# The team's other objectives


def group_of(objective: Objective) -> tuple[int, int, int | None]:
    """Whose focus an objective shares: its team's in the cycle, or the person's where it is their own."""
    is_personal = objective.level == Level.INDIVIDUAL
    return objective.cycle_id, objective.team_id, objective.owner_id if is_personal else None


def neighbours_of(written: Sequence[Written]) -> Mapping[tuple[int, int, int | None], list[tuple[int, str]]]:
    """The objectives that share a focus, as id and intent."""
    rows = (
        Objective.objects.filter(
            cycle__in={one.objective.cycle_id for one in written},
            team__in={one.objective.team_id for one in written},
            dropped_at=None,
        )
        .exclude(state=ObjectiveState.CLOSED)
        .only("cycle_id", "team_id", "owner_id", "level", "kind")
    )
    groups: dict[tuple[int, int, int | None], list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        groups[group_of(row)].append((row.pk, row.kind))
    return groups


# Connections


def connections_of(
    written: Sequence[Written],
) -> tuple[dict[int, set[tuple[int, int | None]]], Counter[int]]:
    """What each helps, as objective and key result, and how many help it; by its place in the sequence."""
    places = {one.objective.pk: number for number, one in enumerate(written) if one.objective.pk is not None}
    above: dict[int, set[tuple[int, int | None]]] = {number: set() for number in range(len(written))}
    below: Counter[int] = Counter()
    for number, one in enumerate(written):
        if one.parent is not None:
            above[number].add(ends_of(one.parent))
    if not places:
        return above, below
    parent = F("parent_objective"), F("parent_key_result__objective")
    rows = (
        Alignment.objects.filter(
            Q(child__in=places) | Q(parent_objective__in=places) | Q(parent_key_result__objective__in=places),
            child__dropped_at=None,
            parent_objective__dropped_at=None,
            parent_key_result__dropped_at=None,
            parent_key_result__objective__dropped_at=None,
        )
        .annotate(helped=Case(When(parent_key_result=None, then=parent[0]), default=parent[1]))
        .values_list("child", "helped", "parent_key_result")
    )
    for child, helped, key_result in rows:
        if child in places:
            above[places[child]].add((helped, key_result))
        if helped in places:
            below[places[helped]] += 1
    return above, below


def ends_of(parent: Objective | KeyResult) -> tuple[int, int | None]:
    return (parent.objective_id, parent.pk) if isinstance(parent, KeyResult) else (parent.pk, None)


# The KGI


def own_kgi(one: Written) -> str | None:
    """The KGI it names itself, or one that a lever of its key results belongs to."""
    objective = one.objective
    levers = [key_result.kpi for key_result in one.key_results if key_result.kpi is not None]
    named = [objective.kgi, *(kpi.kgi for kpi in levers if kpi.dropped_at is None)]
    return next((kgi.name for kgi in named if kgi is not None and kgi.dropped_at is None), None)


def kgis_above(written: Sequence[Written], above: Mapping[int, set[tuple[int, int | None]]]) -> dict[int, str]:
    """The KGI each leads to through what it helps, over however many steps."""
    starts = [(number, *end) for number, ends in above.items() for end in ends if own_kgi(written[number]) is None]
    if not starts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KGIS_ABOVE, [list(column) for column in zip(*starts, strict=True)])
        return dict(cursor.fetchall())


# Earlier cycles


def words_of(title: str) -> str:
    """A title without digits, signs and blanks, in one spelling: what it measures, whatever its target.

    >>> words_of("新規商談　１０件") == words_of("新規商談 12件"), words_of("Win rate: 25%")
    (True, 'winrate')
    """
    return re.sub(NOT_WORDS, "", unicodedata.normalize("NFKC", title).lower())


class WordsOf(Func):
    """`words_of` as PostgreSQL does it."""

    function = "regexp_replace"
    output_field = TextField()

    def __init__(self, title: str):
        super().__init__(Lower(Normalized(title), output_field=TextField()), Value(NOT_WORDS), Value(""), Value("g"))


@dataclass(frozen=True)
class Earlier:
    """A key result of an earlier cycle, and what tells that it measured the same."""

    kpi: int | None
    words: str
    unit: str
    ended: Any
    past: Past


def unit_of(unit: str) -> str:
    return unicodedata.normalize("NFKC", unit).strip().casefold()


def pasts_of(membership: Membership, written: Sequence[Written]) -> list[tuple[Past, ...]]:
    """What earlier cycles say of the same measures, the latest last: same KPI, or same words and unit.

    A cycle is earlier when it ends before the draft's begins. Of one that still runs the targets are known, not the
    end. Where only the KPI is the same, the past is said in the words of the draft.
    """
    by_kpi: dict[int, list[Earlier]] = defaultdict(list)
    by_words: dict[tuple[str, str], list[Earlier]] = defaultdict(list)
    for earlier in earlier_of(membership, written):
        if earlier.kpi is not None:
            by_kpi[earlier.kpi].append(earlier)
        by_words[earlier.words, earlier.unit].append(earlier)
    pasts = []
    for one in written:
        told: dict[int, tuple[Earlier, Past]] = {}
        for key_result in one.key_results:
            same_words = by_words.get((words_of(key_result.title), unit_of(key_result.unit)), [])
            same_kpi = by_kpi.get(key_result.kpi_id or 0, [])
            found = {id(row): (row, row.past) for row in same_words}
            for row in same_kpi:
                found.setdefault(id(row), (row, replace(row.past, measure=key_result.title)))
            before = [pair for pair in found.values() if pair[0].ended < one.objective.cycle.start]
            for row, past in sorted(before, key=lambda pair: pair[0].ended)[-MOST_PASTS:]:
                told.setdefault(id(row), (row, past))
        pasts.append(tuple(past for _row, past in sorted(told.values(), key=lambda pair: pair[0].ended)))
    return pasts


def earlier_of(membership: Membership, written: Sequence[Written]) -> list[Earlier]:
    """The key results of the last two years that may have measured the same as one of these."""
    measured = [key_result for one in written for key_result in one.key_results]
    if not measured:
        return []
    starts = [one.objective.cycle.start for one in written]
    today = membership.organization.today
    rows = (
        KeyResult.objects.visible_to(membership)
        .filter(
            objective__cycle__end__lt=max(starts),
            objective__cycle__end__gte=min(starts) - YEARS_LOOKED_BACK,
            objective__state__in=(ObjectiveState.ACTIVE, ObjectiveState.CLOSED),
        )
        .annotate(words=WordsOf("title"))
        .filter(
            Q(kpi__in={key_result.kpi_id for key_result in measured} - {None})
            | Q(words__in={words_of(key_result.title) for key_result in measured} - {""})
        )
        .select_related("objective__cycle", "scored")
    )
    found = []
    for row in rows:
        cycle = row.objective.cycle
        has_ended = cycle.state == CycleState.CLOSED or cycle.end < today
        scored = getattr(row, "scored", None)
        past = Past(
            measure=row.title,
            score=scored.score if scored and has_ended else None,
            unit=row.unit or None,
            start_value=row.start_value,
            target_value=row.aim,
            end_value=scored.current_value if scored and has_ended else None,
            cycle=cycle.name,
        )
        found.append(Earlier(row.kpi_id, row.words, unit_of(row.unit), cycle.end, past))
    return found
