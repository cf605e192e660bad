"""What the coach reads while somebody types: the words and numbers of a form, whether or not it could be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from funnel.formulas.numbers import NumberRefused, parse_amount
from funnel.models import KGI, KPI
from objectives.forms.drafts import is_begun, tokens_of
from objectives.formulas.drafting.draft import UNTOLD, Draft
from objectives.models import Cycle, Intent, KeyResult, Kind, MeasureType, Objective, Period
from objectives.queries.coaching import Written, draft_key_result, drafts_of
from objectives.queries.recalling import Asked
from objectives.services.rules import AMOUNTS, level_of
from people.access import read_id
from people.models import Membership, Team

# What the coach calls the field a number stands in.
TOLD_AS = {"quota": "target_value", "population": "target_value"}


@dataclass(frozen=True)
class Reading:
    """A draft as it is typed. `tokens` names the rows that were begun, in their order.

    `is_new` says that nobody saved it yet. `asked` is for what lessons are looked for, by the row.
    """

    draft: Draft
    tokens: tuple[str, ...] = ()
    is_new: bool = False
    asked: Mapping[str, Asked] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.draft.title and not self.tokens


def read_draft(
    data: QueryDict,
    membership: Membership,
    objective: Objective,
    standing: Sequence[KeyResult] = (),
    parent: Objective | KeyResult | None = None,
) -> Reading:
    """An objective with its rows as they stand on the page. Rows that may only be read are taken from `standing`.

    Queries are as many whatever is typed; what nobody began is not judged.
    """
    removed = set(data.getlist("removed"))
    saved = {f"k{row.pk}": row for row in standing}
    typed = [token for token in tokens_of(data) if token not in removed and is_begun(data, token)]
    kpis = kpis_named([data.get(f"{token}-kpi") for token in typed], membership)
    tokens, key_results = [], []
    for token in typed:
        is_typed = f"{token}-kind" in data
        if is_typed or token in saved:
            tokens.append(token)
            key_results.append(typed_key_result(data, f"{token}-", kpis) if is_typed else saved[token])
    read = typed_objective(data, membership, objective)
    draft = draft_from(membership, Written(read, key_results, parent))
    rows = [
        replace(row, **untold(data, f"{token}-")) if f"{token}-kind" in data else row
        for token, row in zip(tokens, draft.key_results or (), strict=True)  # type: ignore[arg-type]
    ]
    told = replace(draft, key_results=tuple(rows) if rows else UNTOLD)
    asked = asked_of(tokens, key_results, read)
    return Reading(told, tuple(tokens), is_new=objective.pk is None, asked=asked)


def asked_of(tokens: Sequence[str], key_results: Sequence[KeyResult], objective: Objective) -> dict[str, Asked]:
    """For what lessons are looked for, by the row it stands in."""
    return {
        token: Asked(row.title, row.kpi_id, objective.team_id)
        for token, row in zip(tokens, key_results, strict=True)
        if token
    }


def read_objective(data: QueryDict, membership: Membership, saved: Written) -> Draft:
    """A saved objective whose own words are being changed."""
    return draft_from(membership, replace(saved, objective=typed_objective(data, membership, saved.objective)))


def read_key_result(data: QueryDict, membership: Membership, saved: Written, pk: int | None) -> tuple[Draft, int]:
    """A saved objective with one key result being written, and the place of that one."""
    places = [place for place, row in enumerate(saved.key_results) if row.pk == pk]
    place = places[0] if places else len(saved.key_results)
    typed = typed_key_result(data, "", kpis_named([data.get("kpi")], membership))
    key_results = [*saved.key_results[:place], typed, *saved.key_results[place + 1 :]]
    draft = draft_from(membership, replace(saved, key_results=key_results))
    rows = list(draft.key_results or ())  # type: ignore[arg-type]
    rows[place] = replace(rows[place], **untold(data, ""))
    return replace(draft, key_results=tuple(rows)), place


def draft_from(membership: Membership, written: Written) -> Draft:
    """What is written as the coach reads it; its surroundings only where team and cycle are known."""
    objective = written.objective
    places: list[int | None] = [objective.team_id, objective.cycle_id]
    if None not in places:
        (draft,) = drafts_of(membership, [written])
        return draft
    told = tuple(draft_key_result(row) for row in written.key_results)
    return Draft(objective.title, kind=objective.kind, why=objective.why or None, key_results=told)


def typed_objective(data: QueryDict, membership: Membership, objective: Objective) -> Objective:
    """The objective with the words typed; where a choice cannot be read, the one it has stays."""
    if "title" not in data:
        return objective
    organization = membership.organization_id
    team = Team.objects.filter(organization=organization, pk=read_id(data.get("team")) or 0).first()
    cycle = Cycle.objects.visible_to(membership).filter(pk=read_id(data.get("cycle")) or 0).first()
    kgi = KGI.objects.visible_to(membership).filter(pk=read_id(data.get("kgi")) or 0).first()
    read = Objective(
        pk=objective.pk,
        organization=membership.organization,
        title=line(data.get("title", ""), 200),
        why=data.get("why", "").strip()[:2000],
        kind=one_of(Intent.values, data.get("kind"), objective.kind),
        level=objective.level,
        kgi=kgi,
    )
    read.owner_id = read_id(data.get("owner")) or objective.owner_id
    # What was not chosen stays as it was; in a new objective it may be unknown.
    if team is None and objective.team_id is not None:
        team = objective.team
    if cycle is None and objective.cycle_id is not None:
        cycle = objective.cycle
    if team is not None:
        read.team, read.level = team, level_of(team, personal="personal" in data)
    if cycle is not None:
        read.cycle = cycle
    return read


def typed_key_result(data: QueryDict, prefix: str, kpis: Mapping[int, KPI]) -> KeyResult:
    """A key result with what was typed; a number that cannot be read is missing here, and untold to the coach."""
    unit = line(data.get(f"{prefix}unit", ""), 20)
    amounts = {name: amount_of(data.get(f"{prefix}{name}", ""), unit) for name in AMOUNTS}
    return KeyResult(
        title=line(data.get(f"{prefix}title", ""), 200),
        kind=one_of(Kind.values, data.get(f"{prefix}kind"), Kind.REACH),
        unit=unit,
        period=one_of(Period.values, data.get(f"{prefix}period"), ""),
        measured_how=line(data.get(f"{prefix}measured_how", ""), 300),
        measure_type=one_of(MeasureType.values, data.get(f"{prefix}measure_type"), MeasureType.RESULT),
        measure_first=f"{prefix}measure_first" in data,
        kpi=kpis.get(read_id(data.get(f"{prefix}kpi")) or 0),
        **amounts,
    )


def untold(data: QueryDict, prefix: str) -> dict[str, Any]:
    """What the coach is told otherwise than it would be saved: the owner as typed, and numbers that cannot be read."""
    told: dict[str, Any] = {"owner": data.get(f"{prefix}owner", "").strip() or None}
    unit = data.get(f"{prefix}unit", "").strip()[:20]
    for name in AMOUNTS:
        typed = data.get(f"{prefix}{name}", "").strip()
        if typed and amount_of(typed, unit) is None:
            told[TOLD_AS.get(name, name)] = UNTOLD
    return told


def line(typed: str, longest: int) -> str:
    """What was typed as one line, without what no database takes: earlier cycles are searched by it."""
    return " ".join(typed.replace("\0", "").split())[:longest]


def amount_of(typed: str, unit: str) -> Decimal | None:
    if not typed.strip():
        return None
    try:
        return parse_amount(typed, unit=unit, rate=False, decimals=6)
    except NumberRefused:
        return None


def kpis_named(typed: Sequence[str | None], membership: Membership) -> dict[int, KPI]:
    wanted = {pk for name in typed if (pk := read_id(name)) is not None}
    rows = KPI.objects.visible_to(membership).filter(pk__in=wanted).select_related("kgi")
    return {row.pk: row for row in rows}


def one_of(values: Sequence[Any], typed: str | None, otherwise: str) -> str:
    return typed if typed is not None and typed in values else otherwise
