"""What actions are to move: their lever's number, and the KGI by the tree over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isclose

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from funnel.formulas.kpi_tree import Formula, Lever, Node, Tree, TreeRefused
from funnel.models import KGI, KPI
from funnel.sentences import sentence_of
from funnel.trees import tree_of
from objectives.models import Action
from objectives.queries.worth import SAME, Movable, Trees
from people.models import Membership

Number = Decimal | float
# A formula that is moved: what it comes to, and by how much it is to be more.
BEFORE, MORE = "_before_the_action_", "_more_by_the_action_"


@dataclass(frozen=True)
class Effect:
    """What an action is to make of its lever, and of the KGI with everything else as it is now.

    `change`, `now` and `then` are in the lever's own number (rates 0–1), `worth` is in the KGI's unit. Where the KGI
    does not follow, `worth` is None and `missing` says why; `beyond` says which limit the lever would cross.
    """

    kpi: KPI
    change: float
    now: float | None = None
    worth: float | None = None
    missing: str = ""
    beyond: str = ""

    @property
    def kgi(self) -> KGI:
        return self.kpi.kgi

    @property
    def then(self) -> float | None:
        return None if self.now is None else self.now + self.change


@dataclass(frozen=True)
class Way:
    """How much of the way from now to a target some change is, both in the lever's own number."""

    change: float
    gap: float

    @property
    def is_reached(self) -> bool:
        """Whether today's number is at the target already."""
        return self.gap == 0

    @property
    def is_away(self) -> bool:
        return self.change * self.gap < 0


@dataclass(frozen=True)
class LeverMoved:
    """What several actions together are to make of one lever, beside what is missing to its targets."""

    effect: Effect
    actions: int
    must_hit: Way | None
    challenge: Way | None

    @property
    def kpi(self) -> KPI:
        return self.effect.kpi


@dataclass(frozen=True)
class Together:
    """By how much a KGI moves, in its unit, when all the actions on its levers do what is expected of them.

    Calculated at once, not summed: levers that are multiplied move each other. None where `missing` says why.
    """

    kgi: KGI
    levers: Sequence[LeverMoved]
    worth: float | None
    missing: str

    @property
    def actions(self) -> int:
        return sum(lever.actions for lever in self.levers)


class MovedTrees(Trees):
    """The trees in which actions move levers, with the reason where one of them cannot be calculated."""

    def __init__(self, kpi_ids: Iterable[int], membership: Membership):
        super().__init__(set() if membership.is_partner else set(kpi_ids), membership)
        self._refused: dict[int, str] = {}

    def why_not(self, kpi: KPI) -> str:
        """Why a change of this lever says nothing of its KGI; empty where it does."""
        if kpi.is_lever and kpi.current is None:
            return _("“%(lever)s” has no value of today yet.") % {"lever": kpi.name}
        tree = self.movable(kpi.pk)
        if tree is None:
            return self.refusal(kpi.kgi)
        if kpi.key not in tree.now:
            return _("“%(lever)s” leads to no KGI.") % {"lever": kpi.name}
        return ""

    def refusal(self, kgi: KGI) -> str:
        """Why the KGI's tree cannot be calculated."""
        if kgi.pk not in self._refused:
            rows = self._rows[kgi.pk]
            said = _("The tree of “%(kgi)s” has no goal yet.") % {"kgi": kgi.name}
            try:
                planned = tree_of(kgi, rows)
                if planned is not None:
                    Movable(planned)
            except TreeRefused as refused:
                said = sentence_of(refused, {row.key: row.name for row in rows})
            self._refused[kgi.pk] = said
        return self._refused[kgi.pk]

    def effect(self, kpi_id: int, change: Number) -> Effect | None:
        """What a change of a lever makes of its KGI; None where the reader does not see the lever's tree."""
        kpi = self.kpis.get(kpi_id)
        if kpi is None:
            return None
        step = float(change)
        missing = self.why_not(kpi)
        tree = None if missing else self.movable(kpi_id)
        if tree is None:
            now = None if kpi.current is None else float(kpi.current)
            return Effect(kpi, step, now=now, missing=missing, beyond=beyond(kpi, now, step))
        now = tree.now[kpi.key]
        worth = None
        try:
            worth = gained(tree, {kpi.key: step})
        except TreeRefused as refused:
            missing = sentence_of(refused, {row.key: row.name for row in tree.nodes.values()})
        return Effect(kpi, step, now=now, worth=worth, missing=missing, beyond=beyond(kpi, now, step))


def gained(tree: Movable, changes: Mapping[str, float]) -> float:
    """By how much the goal moves when these nodes move by so much, everything else as it is now. Raises TreeRefused.

    A formula moves by as much on top of what the levers under it make of it.
    """
    formulas = [key for key in changes if key not in tree.tree.levers]
    moved = {key: tree.now[key] + change for key, change in changes.items()}
    now = tree.now[tree.tree.goal]
    then = goal_with(tree, changes, formulas) if formulas else tree.goal_with(moved)
    return 0.0 if isclose(now, then, rel_tol=SAME) else then - now


def goal_with(tree: Movable, changes: Mapping[str, float], formulas: Sequence[str]) -> float:
    """The goal where formulas too come to more (or less) than they do by themselves."""
    places = {key: at for at, key in enumerate(formulas)}
    nodes: list[Node] = [Lever(key) for key in tree.tree.levers]
    for key, formula in tree.tree.formulas.items():
        if key in places:
            before, more = f"{BEFORE}{places[key]}", f"{MORE}{places[key]}"
            nodes += [Formula(before, formula.text), Lever(more), Formula(key, f"{before} + {more}")]
        else:
            nodes.append(formula)
    values = {key: tree.now[key] + changes.get(key, 0.0) for key in tree.tree.levers}
    values |= {f"{MORE}{at}": changes[key] for key, at in places.items()}
    return float(Tree(tree.tree.goal, nodes).result(values))


def beyond(kpi: KPI, now: float | None, change: float) -> str:
    """Which limit a lever crosses by a change, in a sentence; empty where it stays within."""
    if now is None:
        return ""
    then = now + change
    if kpi.maximum is not None and then > float(kpi.maximum) and not isclose(then, float(kpi.maximum), rel_tol=SAME):
        return _("That is above the upper limit of “%(lever)s”.") % {"lever": kpi.name}
    if kpi.minimum is not None and then < float(kpi.minimum) and not isclose(then, float(kpi.minimum), rel_tol=SAME):
        return _("That is below the lower limit of “%(lever)s”.") % {"lever": kpi.name}
    if kpi.is_rate and then > 1 + SAME:
        return _("That is more than 100%. Did you mean percentage points?")
    if then < 0 <= now:
        return _("That is less than 0.")
    return ""


def lever_of(action: Action) -> int | None:
    """The lever an action moves: its own, or the one its key result measures."""
    if action.kpi_id is not None:
        return action.kpi_id
    return action.key_result.kpi_id if action.key_result is not None else None


def levers_of(actions: Iterable[Action], membership: Membership) -> dict[int, KPI]:
    """The lever each of the actions moves, by the action's id, those taken out of their tree too; none for partners."""
    moved = {row.pk: lever for row in actions if (lever := lever_of(row)) is not None}
    if membership.is_partner or not moved:
        return {}
    rows = KPI.objects.filter(pk__in=set(moved.values()), kgi__in=KGI.objects.visible_to(membership))
    found = {row.pk: row for row in rows.select_related("kgi__funnel")}
    return {pk: found[lever] for pk, lever in moved.items() if lever in found}


def effects_of(actions: Iterable[Action], membership: Membership) -> dict[int, Effect]:
    """What each of the actions is to move, by its id; those that expect nothing of a lever in numbers are left out.

    One query however many there are. Partners hear nothing of levers.
    """
    wanted = [
        (row.pk, lever, row.expected_change)
        for row in actions
        if row.expected_change is not None and (lever := lever_of(row)) is not None
    ]
    trees = MovedTrees((lever for _pk, lever, _change in wanted), membership)
    found = {pk: trees.effect(lever, change) for pk, lever, change in wanted}
    return {pk: effect for pk, effect in found.items() if effect is not None}


def effect_of(kpi_id: int, change: Number, membership: Membership) -> Effect | None:
    """What one change of one lever makes of its KGI."""
    return MovedTrees([kpi_id], membership).effect(kpi_id, change)


def together(actions: QuerySet[Action], membership: Membership) -> list[Together]:
    """What the open ones among some actions are to move together, KGI by KGI; two queries.

    What is done is in today's numbers already.
    """
    if membership.is_partner:
        return []
    per_lever = (
        actions.filter(state="open", expected_change__isnull=False)
        .order_by()
        .annotate(lever=Coalesce("kpi", "key_result__kpi"))
        .exclude(lever=None)
        .values("lever")
        .annotate(change=Sum("expected_change"), number=Count("pk"))
    )
    moved = {row["lever"]: (row["change"], row["number"]) for row in per_lever}
    trees = MovedTrees(moved, membership)
    by_kgi: dict[int, list[LeverMoved]] = {}
    for kpi in sorted((trees.kpis[pk] for pk in moved if pk in trees.kpis), key=lambda kpi: (kpi.kgi_id, kpi.position)):
        change, number = moved[kpi.pk]
        effect = trees.effect(kpi.pk, change)
        if effect is not None:
            ways = {name: way_to(kpi, effect, name) for name in ("must_hit", "challenge")}
            by_kgi.setdefault(kpi.kgi_id, []).append(LeverMoved(effect, number, **ways))
    return [joined(trees, levers) for levers in by_kgi.values()]


def joined(trees: MovedTrees, levers: Sequence[LeverMoved]) -> Together:
    """What the levers of one KGI make of it at once; the reason where one of them makes that unknown."""
    kgi = levers[0].kpi.kgi
    changes = {lever.kpi.key: lever.effect.change for lever in levers if not trees.why_not(lever.kpi)}
    tree = trees.movable(levers[0].kpi.pk)
    missing = next((lever.effect.missing for lever in levers if lever.effect.missing), "")
    if tree is None or not changes:
        return Together(kgi, levers, None, missing)
    try:
        return Together(kgi, levers, gained(tree, changes), missing)
    except TreeRefused as refused:
        return Together(kgi, levers, None, sentence_of(refused, {row.key: row.name for row in tree.nodes.values()}))


def way_to(kpi: KPI, effect: Effect, column: str) -> Way | None:
    """How far a lever's target is from now; None where it has none, or no value of today."""
    target = getattr(kpi.kgi, f"{column}_value") if kpi.is_goal else getattr(kpi, column)
    if target is None or effect.now is None:
        return None
    gap = float(target) - effect.now
    return Way(effect.change, 0.0 if isclose(float(target), effect.now, rel_tol=SAME) else gap)
