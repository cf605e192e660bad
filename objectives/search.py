"""Search over everything with words in it: which rows answer, in which order, as far as the person may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models, transaction

from funnel.models import KGI, KPI
from objectives.models import (
    Action,
    ActionState,
    CheckIn,
    Cycle,
    Experiment,
    KeyResult,
    Lesson,
    MinuteLine,
    Objective,
    ObjectiveState,
    Obstacle,
    ObstacleState,
)
from objectives.models.shares import as_array, read_branch_once
from people.models import Membership, SearchKind
from people.search import Query, escaped

# More are neither ranked nor counted: nobody reads them all, one more word finds them.
MOST = 100
FEW = 200
OF_CYCLES = (
    SearchKind.OBJECTIVE,
    SearchKind.KEY_RESULT,
    SearchKind.CHECK_IN,
    SearchKind.OBSTACLE,
    SearchKind.LESSON,
)
KINDS = (
    *OF_CYCLES[:2],
    SearchKind.KGI,
    SearchKind.KPI,
    SearchKind.PERSON,
    SearchKind.LESSON,
    SearchKind.EXPERIMENT,
    SearchKind.CHECK_IN,
    SearchKind.OBSTACLE,
    SearchKind.ACTION,
    SearchKind.MINUTES,
)
STATES = {
    ObjectiveState.ACTIVE: 0,
    ObjectiveState.AGREED: 1,
    ObjectiveState.PROPOSED: 1,
    ObjectiveState.DRAFT: 1,
    ObjectiveState.CLOSED: 2,
}

# How well the title answers: it is what was typed, begins so, holds all the words, or they stand elsewhere.
ENTRY = """
    SELECT kind, "row", CASE WHEN title = %(phrase)s THEN 0 WHEN starts_with(title, %(phrase)s) THEN 1
                             WHEN title LIKE ALL(%(patterns)s) THEN 2 ELSE 3 END
"""
BY_WORDS = f"""
    ({ENTRY} FROM people_searchentry
     WHERE grams @@ %({{kind}}_words)s::tsquery AND words LIKE ALL(%(patterns)s) {{limits}} LIMIT {MOST + 1})
"""
BY_TITLE = f"""
    ({ENTRY} FROM people_searchentry
     WHERE grams @@ %({{kind}}_title)s::tsquery AND title LIKE ALL(%(patterns)s) {{limits}} LIMIT {MOST})
"""
BY_BEGINNING = f"""
    ({ENTRY} FROM people_searchentry
     WHERE organization_id = %(organization)s AND kind = '{{kind}}' AND title LIKE %(beginning)s AND title <> ''
       {{limits}} LIMIT {MOST})
"""
# Of the newest only as many are read as take no time, whether they answer or not.
BY_AGE = f"""
    ({ENTRY} FROM (
        SELECT kind, "row", title, words FROM people_searchentry
        WHERE organization_id = %(organization)s AND kind = '{{kind}}' {{limits}} ORDER BY "row" DESC LIMIT 5000
     ) AS newest WHERE words LIKE ALL(%(patterns)s) LIMIT {MOST})
"""  # noqa: S608


@dataclass(frozen=True)
class Wish:
    """What is looked for: the words, of which kinds, in which cycle only, and the cycle people work in."""

    query: Query
    kinds: Sequence[SearchKind] = KINDS
    cycle: Cycle | None = None
    current: Cycle | None = None

    @property
    def searched(self) -> list[SearchKind]:
        return [kind for kind in self.kinds if self.cycle is None or kind in OF_CYCLES]


@dataclass
class Found:
    """The rows of one kind that answer, best first: the ids of all that are counted, and some of the rows."""

    kind: SearchKind
    ids: list[int]
    is_more: bool
    rows: list[Any]

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Searchable:
    """A kind of rows: which of them a person may find, by what they are ordered, and what is shown of them."""

    rows: Callable[[Membership], models.QuerySet[Any]]
    fields: tuple[str, ...]
    order: Callable[[Sequence[Any], Callable[[int], Any]], Any]
    shown: tuple[str, ...]
    fetched: tuple[str, ...] = ()


def newer_first(day: date | None) -> int:
    return -day.toordinal() if day else 0


SEARCHABLE: Mapping[SearchKind, Searchable] = {
    SearchKind.OBJECTIVE: Searchable(
        Objective.objects.visible_to,
        ("cycle_id", "state"),
        lambda values, nearness: (nearness(values[0]), STATES[values[1]]),
        ("cycle", "team", "scored", "owner__user"),
    ),
    SearchKind.KEY_RESULT: Searchable(
        KeyResult.objects.visible_to,
        ("objective__cycle_id", "objective__state"),
        lambda values, nearness: (nearness(values[0]), STATES[values[1]]),
        ("objective__cycle", "objective__team", "scored", "owner__user"),
    ),
    SearchKind.KGI: Searchable(
        KGI.objects.visible_to,
        ("period_end",),
        lambda values, nearness: newer_first(values[0]),
        ("owner__user",),
    ),
    SearchKind.KPI: Searchable(
        KPI.objects.visible_to,
        ("kgi__period_end", "position"),
        lambda values, nearness: (newer_first(values[0]), values[1]),
        ("kgi",),
    ),
    SearchKind.PERSON: Searchable(
        lambda membership: Membership.objects.visible_to(membership).active(),
        ("user__reading", "user__name"),
        lambda values, nearness: tuple(values),
        ("user",),
        ("teams",),
    ),
    SearchKind.CHECK_IN: Searchable(
        lambda membership: CheckIn.objects.visible_to(membership).counted(),
        ("key_result__objective__cycle_id", "date"),
        lambda values, nearness: (nearness(values[0]), newer_first(values[1])),
        ("key_result__objective__team", "author__user"),
    ),
    SearchKind.MINUTES: Searchable(
        MinuteLine.objects.visible_to,
        ("meeting__date",),
        lambda values, nearness: newer_first(values[0]),
        ("meeting__team",),
    ),
    SearchKind.OBSTACLE: Searchable(
        lambda membership: Obstacle.objects.visible_to(membership).exclude(state=ObstacleState.WITHDRAWN),
        ("raised_on",),
        lambda values, nearness: newer_first(values[0]),
        ("key_result__objective__team", "owner__user"),
    ),
    SearchKind.LESSON: Searchable(
        Lesson.objects.visible_to,
        ("created_at",),
        lambda values, nearness: newer_first(values[0].date()),
        ("team", "cycle", "key_result"),
    ),
    SearchKind.EXPERIMENT: Searchable(
        Experiment.objects.visible_to,
        ("decision", "starts_on"),
        lambda values, nearness: (bool(values[0]), newer_first(values[1])),
        ("team", "owner__user"),
    ),
    SearchKind.ACTION: Searchable(
        lambda membership: Action.objects.visible_to(membership).exclude(state=ActionState.DROPPED),
        ("state", "due_on"),
        lambda values, nearness: (values[0] != ActionState.OPEN, newer_first(values[1])),
        ("key_result__objective", "team", "owner__user"),
    ),
}


def find(membership: Membership, wish: Wish, *, first: int = 0, many: int = 5) -> list[Found]:
    """The kinds in which something answers, each with `many` of its rows from the `first` on, as far as visible."""
    if not wish.query:
        return []
    found = []
    nearness = nearness_of(membership, wish.current)
    for kind, answers in candidates(membership, wish).items():
        searchable = SEARCHABLE[kind]
        visible = searchable.rows(membership).filter(pk__in=list(answers))
        ranked = sorted(
            (answers[pk], searchable.order(values, nearness), -pk)
            for pk, *values in visible.order_by().values_list("pk", *searchable.fields)
        )
        ids = [-pk for *_order, pk in ranked][:MOST]
        if ids:
            begin = min(first, (len(ids) - 1) // many * many)  # past the end lies the last page
            found.append(Found(kind, ids, len(answers) > MOST, rows_of(membership, kind, ids[begin : begin + many])))
    return found


def rows_of(membership: Membership, kind: SearchKind, ids: Sequence[int]) -> list[Any]:
    searchable = SEARCHABLE[kind]
    rows = (
        searchable.rows(membership)
        .filter(pk__in=ids)
        .select_related(*searchable.shown)
        .prefetch_related(*searchable.fetched)
    )
    known = {row.pk: row for row in rows}
    return [known[pk] for pk in ids if pk in known]


def nearness_of(membership: Membership, current: Cycle | None) -> Callable[[int], Any]:
    """By a cycle's id how far it lies from what people work in: the current one first, then as the calendar has it."""
    today = membership.organization.today
    order = {
        cycle.pk: (cycle.pk != (current.pk if current else None), cycle.is_closed, *cycle.distance_from(today))
        for cycle in Cycle.objects.filter(organization=membership.organization_id)
    }
    return lambda cycle: order[cycle]


def candidates(membership: Membership, wish: Wish) -> dict[SearchKind, dict[int, int]]:
    """Of each kind the entries that answer, with how well; of more than `MOST` those that may stand first."""
    asked: dict[str, Any] = {
        "organization": membership.organization_id,
        "phrase": wish.query.phrase,
        "patterns": wish.query.patterns(),
        "beginning": f"{escaped(wish.query.phrase)}%",
        "cycle": wish.cycle.pk if wish.cycle else None,
        "current": wish.current.pk if wish.current else None,
    }
    for kind in wish.searched:
        mark = f"{membership.organization_id}{kind}"
        asked |= {f"{kind}_words": wish.query.grams(mark), f"{kind}_title": wish.query.grams(mark.upper())}
    limits = "AND cycle = %(cycle)s" if wish.cycle else ""
    if membership.is_partner:
        branches = branches_of(membership)
        # A few are found by their index; of many each answer is asked for its own, which the sum keeps from the index.
        is_few = max(map(len, branches.values())) <= FEW
        limits += f" AND {'branch' if is_few else 'branch + 0'} = ANY(%({{kind}}_branches)s::bigint[])"
        asked |= {name: as_array(ids) for name, ids in branches.items()}
    found = answers_to([part(BY_WORDS, kind, limits) for kind in wish.searched], asked)
    ways = [way for kind, answers in found.items() if len(answers) > MOST for way in first_of(kind, limits)]
    for kind, answers in answers_to(ways, asked).items():
        found[kind] |= answers
    return {kind: found[kind] for kind in wish.searched if kind in found}


def first_of(kind: SearchKind, limits: str) -> Iterator[str]:
    """Where too many answer: those that begin so, those with the words in their title, and the newest."""
    # What was learned earlier answers as well as what is learned now.
    is_current = "AND cycle = %(current)s" if kind in OF_CYCLES and kind != SearchKind.LESSON else ""
    yield part(BY_AGE, kind, f"{limits} {is_current}")
    if kind != SearchKind.CHECK_IN:
        yield part(BY_BEGINNING, kind, limits)
        yield part(BY_TITLE, kind, limits)


def part(way: str, kind: SearchKind, limits: str) -> str:
    return way.format(kind=kind, limits=limits.format(kind=kind))


def answers_to(parts: list[str], asked: dict[str, Any]) -> dict[SearchKind, dict[int, int]]:
    found: dict[SearchKind, dict[int, int]] = defaultdict(dict)
    if not parts:
        return found
    with transaction.atomic(), connection.cursor() as cursor:
        # Reading the table from its beginning looks cheap where a few rows are wanted, and is not: kinds lie in heaps.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(" UNION ALL ".join(parts), asked)
        for kind, row, tier in cursor.fetchall():
            found[SearchKind(kind)][row] = tier
    return found


def branches_of(membership: Membership) -> dict[str, list[int]]:
    """By what a partner's rows are known: the objectives and KGIs shared with them, and themselves."""
    objectives = read_branch_once(membership)
    kgis = list(KGI.objects.visible_to(membership).values_list("pk", flat=True))
    of_kind = {SearchKind.KGI: kgis, SearchKind.KPI: kgis, SearchKind.PERSON: [membership.pk]}
    return {f"{kind}_branches": of_kind.get(kind, objectives) for kind in KINDS}
