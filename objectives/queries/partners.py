"""Outside partners: who they are, what is shared with each, and their room as they see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from funnel.formulas.kpi_tree import CURRENT, TreeRefused
from funnel.models import KGI, KPI, KGIShare, KPIReading, KPIShare, PartnerLever, PartnerRoom
from funnel.trees import tree_of
from objectives.models import Action, Alignment, CycleState, KeyResult, Link, Objective, ObjectiveShare
from objectives.queries.bars import with_heading
from people.models import Membership, Role

COLUMNS = (CURRENT, "must_hit", "challenge")
MOST_FOUND = 20
MOST_OBJECTIVES = 50
MOST_ACTIONS = 50


def partners_of(membership: Membership) -> QuerySet[Membership]:
    """The partners of the organization who are still here, with how much is shared with each."""

    def number(rows: QuerySet[Any]) -> Any:
        counted = rows.filter(membership=OuterRef("pk")).order_by().values("membership").annotate(n=Count("pk"))
        return Coalesce(Subquery(counted.values("n")), 0)

    rows = Membership.objects.active().filter(organization=membership.organization_id, role=Role.PARTNER)
    return (
        rows.select_related("user", "room")
        .annotate(
            kgi_count=number(KGIShare.objects.filter(kgi__dropped_at=None)),
            kpi_count=number(KPIShare.objects.filter(kpi__dropped_at=None, kpi__kgi__dropped_at=None)),
            objective_count=number(ObjectiveShare.objects.filter(objective__dropped_at=None)),
        )
        .order_by("user__reading", "user__name", "pk")
    )


@dataclass(frozen=True)
class SharedKGI:
    """A KGI of the organization: open to the partner as a whole, or some of its KPIs."""

    kgi: KGI
    is_whole: bool
    may_edit: bool
    kpis: Sequence[KPI]

    @property
    def shared_count(self) -> int:
        return sum(getattr(kpi, "is_shared", False) for kpi in self.kpis)


def kgis_for(membership: Membership, partner: Membership) -> list[SharedKGI]:
    """Every KGI the organization's person sees, with its KPIs and what of them the partner has; by five queries."""
    kpis = KPI.objects.standing().filter(is_goal=False).order_by("position", "pk")
    rows = list(KGI.objects.visible_to(membership).prefetch_related(Prefetch("kpis", kpis, to_attr="standing")))
    whole = set(KGIShare.objects.filter(membership=partner).values_list("kgi", flat=True))
    single = set(KPIShare.objects.filter(membership=partner).values_list("kpi", flat=True))
    editable = set(KGI.objects.editable_by(membership).values_list("pk", flat=True))
    found = []
    for kgi in rows:
        for kpi in kgi.standing:  # type: ignore[attr-defined]
            kpi.kgi = kgi
            kpi.is_shared = kpi.pk in single  # type: ignore[attr-defined]
        found.append(SharedKGI(kgi, kgi.pk in whole, kgi.pk in editable, kgi.standing))  # type: ignore[attr-defined]
    return found


def objective_shares(membership: Membership, partner: Membership) -> list[ObjectiveShare]:
    """The objectives opened to the partner, the newest cycle first, with `may_edit`."""
    rows = ObjectiveShare.objects.filter(membership=partner, objective__dropped_at=None)
    rows = rows.select_related("objective__cycle", "objective__team")
    found = list(rows.order_by("-objective__cycle__start", "objective__title", "pk"))
    ids = [share.objective_id for share in found]
    editable = set(Objective.objects.editable_by(membership).filter(pk__in=ids).values_list("pk", flat=True))
    for share in found:
        share.may_edit = share.objective_id in editable  # type: ignore[attr-defined]
    return found


def along_with(shares: Sequence[ObjectiveShare], partner: Membership) -> list[ObjectiveShare]:
    """The same with `along`: the objectives the partner sees by the share and that were not shared themselves.

    Two queries, none where nothing is shared.
    """
    if not shares:
        return []
    seen = Objective.objects.visible_to(partner)
    direct = {share.objective_id for share in shares}
    titles = dict(seen.order_by("title", "pk").values_list("pk", "title"))
    ways = Alignment.objects.filter(link=Link.CONTRIBUTES, child__in=seen)
    ways = ways.filter(Q(parent_key_result=None) | Q(parent_key_result__dropped_at=None))
    below: dict[int, list[int]] = defaultdict(list)
    for child, goal, way in ways.values_list("child", "parent_objective", "parent_key_result__objective"):
        below[goal or way].append(child)
    for share in shares:
        met, left = {share.objective_id}, [share.objective_id]
        while left:
            new = [child for child in below[left.pop()] if child not in met]
            met.update(new)
            left += new
        share.along = [title for pk, title in titles.items() if pk in met and pk not in direct]  # type: ignore[attr-defined]
    return list(shares)


def objectives_to_share(membership: Membership, partner: Membership, search: str) -> list[Objective]:
    """Objectives of running and coming cycles that the person may share and the partner has not yet, by their title."""
    rows = Objective.objects.editable_by(membership).exclude(cycle__state=CycleState.CLOSED)
    rows = rows.exclude(shares__membership=partner).select_related("cycle", "team")
    for word in search.split():
        rows = rows.filter(title__icontains=word)
    return list(rows.order_by("-cycle__start", "title", "pk")[:MOST_FOUND])


@dataclass(frozen=True)
class SharedKPI:
    """A single KPI as a partner reads it, in people's units: rates in per cent."""

    kpi: KPI
    unit: str
    now: Decimal | None
    read_on: date | None
    must_hit: Decimal | None
    challenge: Decimal | None

    @classmethod
    def of(cls, kpi: KPI, found: Mapping[str, Decimal]) -> SharedKPI:
        """Of a row with `last_value` and `last_on`; `found` is what its tree calculates of it, by the column."""
        value, day = kpi.last_value, kpi.last_on  # type: ignore[attr-defined]
        told = {name: getattr(kpi, name) for name in COLUMNS} if kpi.is_lever else found
        now = told.get(CURRENT) if value is None else value
        numbers = (now, told.get("must_hit"), told.get("challenge"))
        now, must_hit, challenge = (kpi.in_people_units(each) for each in numbers)
        return cls(kpi, "%" if kpi.is_rate else kpi.unit, now, day, must_hit, challenge)


def calculated(kpis: Sequence[KPI]) -> dict[int, dict[str, Decimal]]:
    """What the trees make of KPIs that are formulas: by KPI, the number in each column that can be calculated."""
    formulas = [kpi for kpi in kpis if not kpi.is_lever]
    rows = KPI.objects.standing().filter(kgi__in={kpi.kgi_id for kpi in formulas}).order_by("position", "pk")
    of_kgi: dict[int, list[KPI]] = defaultdict(list)
    for row in rows if formulas else ():
        of_kgi[row.kgi_id].append(row)
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for kgi in {kpi.kgi for kpi in formulas}:
        for column in COLUMNS:
            try:
                planned = tree_of(kgi, of_kgi[kgi.pk])
                values = planned.tree.evaluate(column) if planned is not None else {}
            except TreeRefused:
                continue
            for kpi in formulas:
                if kpi.kgi_id == kgi.pk and kpi.key in values:
                    found[kpi.pk][column] = Decimal(repr(values[kpi.key]))
    return found


@dataclass(frozen=True)
class HeldLever:
    """A lever in a partner's hands with what was read of it last, rates 0–1; None where nothing was.

    Its must-hit target is None where neither the KPI nor its KGI is shared with them.
    """

    lever: PartnerLever
    read: Decimal | None
    read_on: date | None
    read_over: str
    """What the reading covers, a `ReadingSpan`."""
    must_hit: Decimal | None


def levers_held(partner: Membership) -> list[HeldLever]:
    """The levers that are or will be in a partner's hands, as they see them; by one query."""
    last = KPIReading.objects.filter(kpi=OuterRef("kpi")).order_by("-date", "-pk")
    single = KPIShare.objects.filter(kpi=OuterRef("kpi"), membership=partner)
    rows = PartnerLever.objects.visible_to(partner).held(partner.organization.today).select_related("kpi__kgi")
    found: Any = rows.annotate(
        is_open=Exists(single) | Q(kpi__kgi__in=KGI.objects.visible_to(partner)),
        **{f"last_{name}": Subquery(last.values(name)[:1]) for name in ("value", "date", "span")},
    )
    return [
        HeldLever(
            lever=row,
            read=row.last_value,
            read_on=row.last_date,
            read_over=row.last_span or "",
            must_hit=row.kpi.must_hit if row.is_open and row.kpi.is_lever else None,
        )
        for row in found.order_by("kpi__kgi", "kpi__position", "kpi", "began_on", "pk")
    ]


@dataclass(frozen=True)
class Room:
    """A partner's room as they see it: nothing in it is read with other eyes than theirs."""

    partner: Membership
    sheet: PartnerRoom | None
    kgis: Sequence[KGI]
    kpis: Sequence[SharedKPI]
    levers: Sequence[HeldLever]
    objectives: Sequence[Objective]
    actions: Sequence[Action]
    checkable: frozenset[int]

    @property
    def is_empty(self) -> bool:
        return not (self.kgis or self.kpis or self.levers or self.objectives)

    @property
    def has_sheet(self) -> bool:
        return self.sheet is not None and (not self.sheet.is_empty or bool(self.sheet.agreement))

    @property
    def due(self) -> int:
        """Key results to check in on whose day has come, or comes this week."""
        rows: list[Any] = list(self.objectives)
        return sum(row.is_due for goal in rows for row in goal.shown)


def room_of(partner: Membership) -> Room:
    """So many queries whatever is shared; objectives of cycles that are not closed, and the open actions."""
    today = partner.organization.today
    sunday = today + timedelta(days=6 - today.weekday())
    last = KPIReading.objects.filter(kpi=OuterRef("pk")).order_by("-date", "-pk")
    kpis = KPI.objects.shared_with(partner).select_related("kgi").order_by("kgi", "position", "pk")
    read = kpis.annotate(last_value=Subquery(last.values("value")[:1]), last_on=Subquery(last.values("date")[:1]))
    single = list(read)
    found_by_trees = calculated(single)
    key_results = KeyResult.objects.visible_to(partner).select_related("scored").order_by("position", "pk")
    objectives = (
        Objective.objects.visible_to(partner)
        .filter(~Q(cycle__state=CycleState.CLOSED))
        .select_related("cycle", "team", "scored", "organization")
        .prefetch_related(Prefetch("key_results", key_results, to_attr="shown"))
        .order_by("cycle__start", "position", "title", "pk")
    )
    found: list[Any] = list(with_heading(objectives, partner.organization)[:MOST_OBJECTIVES])
    mine = KeyResult.objects.checkable_by(partner).open()
    checkable = frozenset(mine.filter(objective__in=[goal.pk for goal in found]).values_list("pk", flat=True))
    for goal in found:
        for row in goal.shown:
            due = row.scored.due_on if hasattr(row, "scored") else None
            row.is_due = row.pk in checkable and due is not None and due <= sunday
    open_actions = Action.objects.visible_to(partner).open().select_related("owner__user", "key_result")
    actions: list[Any] = list(open_actions.order_by("due_on", "pk")[:MOST_ACTIONS])
    for action in actions:
        action.days_late = max(0, (today - action.due_on).days) if action.due_on else 0
    return Room(
        partner=partner,
        sheet=PartnerRoom.objects.visible_to(partner).filter(membership=partner).first(),
        kgis=list(KGI.objects.visible_to(partner).order_by("period_start", "pk")),
        kpis=[SharedKPI.of(kpi, found_by_trees.get(kpi.pk, {})) for kpi in single],
        levers=levers_held(partner),
        objectives=found,
        actions=actions,
        checkable=checkable,
    )
