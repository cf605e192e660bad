"""The list of a matrix's leads: narrowed, sorted, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.models import Fit, Lead, Matrix
from funnel.models.matrices import LeadQuerySet
from people.access import read_id
from people.models import Membership
from people.search import Query

SORTS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "company": (pgettext_lazy("lead", "Company"), ("company", "id")),
    "newest": (_("Came to their stage last"), ("-since", "-id")),
    "oldest": (_("Longest in their stage"), ("since", "id")),
    "fit": (_("Fit"), ("fit", "company", "id")),
    "stage": (_("Stage"), ("stage__position", "company", "id")),
}
NOBODY = "none"
MOST_SOURCES = 60
MOST_OWNERS = 200


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to, and its order; None and "" narrow nothing."""

    search: str = ""
    fit: str = ""
    stage: int | None = None
    owner: int | None = None
    unowned: bool = False
    source: str = ""
    since: date | None = None
    sort: str = "company"

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(sort=self.sort)


def wanted_from(asked: QueryDict) -> Wanted:
    """What the address asks for; what is not understood is left out."""
    fit, sort = asked.get("fit", ""), asked.get("sort", "")
    try:
        since = parse_date(asked.get("since", ""))
    except ValueError:
        since = None
    return Wanted(
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        fit=fit if fit in Fit.values else "",
        stage=read_id(asked.get("stage")),
        owner=read_id(asked.get("owner")),
        unowned=asked.get("owner") == NOBODY,
        source=asked.get("source", "").replace("\0", "")[:100],
        since=since,
        sort=sort if sort in SORTS else "company",
    )


def leads_wanted(membership: Membership, matrix: Matrix, wanted: Wanted) -> LeadQuerySet:
    """The leads of a list, in its order."""
    rows = Lead.objects.visible_to(membership).filter(matrix=matrix)
    if wanted.fit:
        rows = rows.filter(fit=wanted.fit)
    if wanted.stage is not None:
        rows = rows.filter(stage=wanted.stage)
    if wanted.owner is not None:
        rows = rows.filter(owner=wanted.owner)
    if wanted.unowned:
        rows = rows.filter(owner=None)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.since is not None:
        rows = rows.filter(since__gte=wanted.since)
    return holding(rows, wanted.search).order_by(*SORTS[wanted.sort][1])


def holding(rows: LeadQuerySet, typed: str) -> LeadQuerySet:
    """Those in whose company, contact or e-mail every word stands, in any width, case and kana."""
    query = Query.of(typed) if typed.strip() else None
    for word in query.words if query else ():
        rows = rows.filter(words__contains=word)
    return rows


@dataclass(frozen=True)
class Facets:
    """What a matrix's list can be narrowed to: how many stand in each stage and fit, owners and sources that occur."""

    stages: dict[int, int]
    fits: dict[str, int]
    owners: list[tuple[int, str]]
    sources: list[str]

    @property
    def total(self) -> int:
        return sum(self.stages.values())


def facets_of(membership: Membership, matrix: Matrix) -> Facets:
    rows = Lead.objects.visible_to(membership).filter(matrix=matrix).order_by()
    stages: dict[int, int] = {}
    fits: dict[str, int] = {}
    for stage, fit, count in rows.values_list("stage", "fit").annotate(count=Count("pk")):
        stages[stage] = stages.get(stage, 0) + count
        fits[fit] = fits.get(fit, 0) + count
    ids = list(rows.exclude(owner=None).values_list("owner", flat=True).distinct()[:MOST_OWNERS])
    owners = Membership.objects.filter(pk__in=ids).order_by("user__name").values_list("pk", "user__name")
    named = rows.exclude(source="").values("source").annotate(count=Count("pk")).order_by("-count", "source")
    return Facets(stages, fits, list(owners), sorted(row["source"] for row in named[:MOST_SOURCES]))


def counts_of(matrices: Iterable[Matrix]) -> dict[int, int]:
    """How many leads stand in each matrix."""
    ids = [matrix.pk for matrix in matrices]
    rows: Any = Lead.objects.filter(matrix__in=ids, removed_at=None).order_by().values_list("matrix")
    return dict(rows.annotate(count=Count("pk")))
