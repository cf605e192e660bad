"""Acts on the shape of a KPI tree: nodes added, formulas written, nodes moved, taken out and put back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.formula import (
    LONGEST_FORMULA,
    FormulaRefused,
    is_key,
    renamed,
    same_key,
    with_operand,
    without_operand,
)
from funnel.formulas.kpi_tree import MOST_NODES, TreeRefused
from funnel.models import KGI, KPI
from funnel.sentences import sentence_of
from funnel.services.funnels import LINKS
from funnel.services.kgis import hold_standing
from funnel.services.kpis import hold_owner_of, save_kpi
from funnel.trees import kpis_of, missing_keys, named_in, refusal_of
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner

SIGNS = ("*", "+", "-", "/")


def refuse_tree(kgi: KGI, field: str, changed: KPI) -> None:
    """Raise `Refusal` of a field where a changed node, with all that lies under it, makes no tree: an unknown key, a
    loop, a formula that cannot be read.

    Numbers may still be missing: a tree is built before it is filled. What was wrong elsewhere stands in nobody's way.
    """
    rows = kpis_of(kgi)
    if len(rows) > MOST_NODES:
        raise Refusal.of_field(field, "too_many_nodes", sentence_of(TreeRefused("too_many_nodes")))
    if (refused := refusal_of(rows, changed.key)) is not None:
        names = {kpi.key: kpi.name for kpi in rows}
        raise Refusal.of_field(field, refused.code, sentence_of(refused, names)) from refused


def hold_node(pk: int, expected_version: int | None = None) -> tuple[KGI, KPI]:
    """Lock a node's KGI and the node. Raises `Refusal`: `stale`, `dropped` with its KGI."""
    kgi = hold_standing(KPI.objects.values_list("kgi", flat=True).get(pk=pk))
    kpi = KPI.objects.select_for_update(no_key=True).get(pk=pk)
    if expected_version is not None and kpi.version != expected_version:
        raise stale()
    return kgi, kpi


def hold_standing_node(pk: int, expected_version: int | None = None) -> tuple[KGI, KPI]:
    """As `hold_node`; one taken out of its tree is `stale` as well."""
    kgi, kpi = hold_node(pk, expected_version)
    if kpi.dropped_at is not None:
        raise stale()
    return kgi, kpi


def write_formula(kpi: KPI, formula: str, field: str = "formula") -> None:
    """Write a formula where it changes. Raises `Refusal` `too_long`."""
    if len(formula) > LONGEST_FORMULA:
        refused = TreeRefused("too_long", sentence="The formula is too long.")
        raise Refusal.of_field(field, refused.code, sentence_of(refused))
    if kpi.formula != formula:
        kpi.formula = formula
        kpi.version += 1
        kpi.save(update_fields=["formula", "version"])


@transaction.atomic
def add_kpi(kpi: KPI, *, under: KPI | None = None, sign: str = "*") -> KPI:
    """Add a node to its KGI's tree, as a part of the node `under` joined to its formula by `sign`, or beside the tree.

    The first node without a place becomes the goal. A lever it is put under becomes a formula of it. The same node
    sent twice is added once. Raises `Refusal`: `key`, `key_used`, `owner`, `in_funnel`, `dropped`, and those of
    `refuse_tree`.
    """
    hold_owner(kpi.owner_id, before=None)
    kgi = hold_standing(kpi.kgi_id)
    kpi.key = same_key(kpi.key.strip())
    if not is_key(kpi.key):
        raise Refusal.of_field("key", "key", _("A key takes a letter or _, then letters, digits and _."))
    rows = {row.key: row for row in kpis_of(kgi)}
    if (present := rows.get(kpi.key)) is not None:
        if present.name == kpi.name and present.formula == kpi.formula and _is_under(present, under, rows.values()):
            return present  # sent twice
        raise Refusal.of_field("key", "key_used", _("This key is already used in the tree."))
    kpi.is_goal = under is None and not any(row.is_goal for row in rows.values())
    kpi.position = max((row.position for row in rows.values()), default=-1) + 1
    kpi.full_clean(exclude=["kgi", "owner"], validate_unique=False, validate_constraints=False)
    kpi.save()
    if under is not None:
        put_under(kpi, under.pk, sign, kgi)
    refuse_tree(kgi, "formula" if kpi.formula else "key", kpi)
    return kpi


def _is_under(present: KPI, under: KPI | None, rows: Collection[KPI]) -> bool:
    above = [row.pk for row in rows if present.key in named_in(row.formula)]
    return not above if under is None else under.pk in above


def put_under(kpi: KPI, pk: int, sign: str, kgi: KGI) -> None:
    """Join a node to the end of another's formula. Raises `Refusal`: `sign`, `in_funnel`, `stale` for another that is
    gone, and those of `refuse_tree`.
    """
    if sign not in SIGNS:
        raise Refusal.of_field("sign", "sign", _("Choose one of + − × ÷."))
    under = KPI.objects.select_for_update(no_key=True).filter(pk=pk, kgi=kgi, dropped_at=None).first()
    if under is None:
        raise stale()
    if under.key in LINKS and hasattr(under.kgi, "funnel"):
        sentence = _("“%(name)s” belongs to the funnel. Its formula is the funnel's.") % {"name": under.name}
        raise Refusal.of_field("under", "in_funnel", sentence)
    try:
        formula = with_operand(under.formula, sign, kpi.key)
    except FormulaRefused as wrong:
        sentence = _("The formula of “%(name)s” cannot be read. Put it right first.") % {"name": under.name}
        raise Refusal.of_field("under", "unreadable", sentence) from wrong
    write_formula(under, formula, "under")
    refuse_tree(kgi, "under", under)


@transaction.atomic
def shape_kpi(
    kpi: KPI,
    *,
    key: str | None = None,
    formula: str | None = None,
    create_missing: bool = False,
    expected_version: int | None = None,
) -> KPI:
    """Change a node's key, its formula, or both; formulas that name it are written anew. An empty formula makes a
    lever of it. With `create_missing` the keys a formula names in vain become levers.

    Raises `Refusal`: `stale`, `key`, `key_used`, `in_funnel`, `dropped`, and those of `refuse_tree`.
    """
    kgi, held = hold_standing_node(kpi.pk, expected_version)
    wanted = held.key if key is None else same_key(key.strip())
    text = held.formula if formula is None else formula.strip()
    in_funnel = held.key in LINKS and hasattr(kgi, "funnel")
    if in_funnel and (wanted != held.key or text != held.formula):
        raise Refusal.of_field("formula", "in_funnel", _("This number belongs to the funnel: its formula is fixed."))
    if wanted != held.key:
        rename(held, wanted, kgi)
    if text != held.formula:
        write_formula(held, text)
        if create_missing:
            create_levers(kgi, missing_keys(kgi, text))
        refuse_tree(kgi, "formula", held)
    return held


@transaction.atomic
def write_kpi(
    kpi: KPI,
    *,
    key: str | None = None,
    formula: str | None = None,
    create_missing: bool = False,
    expected_version: int | None = None,
    by: Membership | None = None,
    reason: str = "",
) -> KPI:
    """Write a node as its page shows it: key and formula as by `shape_kpi`, everything else as by `save_kpi`.

    Raises `Refusal` as both do.
    """
    hold_owner_of(kpi)
    shape_kpi(kpi, key=key, formula=formula, create_missing=create_missing, expected_version=expected_version)
    return save_kpi(kpi, by=by, reason=reason)


def rename(kpi: KPI, key: str, kgi: KGI) -> None:
    if not is_key(key):
        raise Refusal.of_field("key", "key", _("A key takes a letter or _, then letters, digits and _."))
    rows = kpis_of(kgi)
    if any(row.key == key for row in rows):
        raise Refusal.of_field("key", "key_used", _("This key is already used in the tree."))
    for row in rows:
        if kpi.key in named_in(row.formula):
            text = renamed(row.formula, kpi.key, key)
            write_formula(kpi if row.pk == kpi.pk else row, text, "key")
    kpi.key = key
    kpi.version += 1
    kpi.save(update_fields=["key", "version"])


def create_levers(kgi: KGI, keys: Collection[str]) -> None:
    position = kgi.kpis.count()
    KPI.objects.bulk_create(
        KPI(kgi=kgi, key=key, name=key, position=position + number) for number, key in enumerate(keys)
    )


@transaction.atomic
def move_kpi(kpi: KPI, *, under: KPI | None, sign: str = "*", expected_version: int | None = None) -> KPI:
    """Take a node out of the formulas that name it, and put it under another node; under none it stands beside.

    Raises `Refusal`: `stale`, `is_goal`, `part_of_formula` where it cannot simply be left out, those of `put_under`.
    """
    kgi, held = hold_standing_node(kpi.pk, expected_version)
    take_out(held, kgi)
    if under is not None:
        put_under(held, under.pk, sign, kgi)
    held.version += 1
    held.save(update_fields=["version"])
    return held


@transaction.atomic
def reorder_kpi(kpi: KPI, *, upwards: bool, expected_version: int) -> KPI:
    """Move a node one place up or down among those that stand under the same node; the first and the last stay.

    Formulas stay as they are: the order is that of reading. Raises `Refusal` `stale`, `dropped` with its KGI.
    """
    kgi, held = hold_standing_node(kpi.pk, expected_version)
    rows = kpis_of(kgi)
    beside = siblings_of(held, rows)
    place = [row.pk for row in beside].index(held.pk)
    other = place - 1 if upwards else place + 1
    if not 0 <= other < len(beside):
        return held
    order = [row.pk for row in rows]
    here, there = order.index(held.pk), order.index(beside[other].pk)
    order[here], order[there] = order[there], order[here]
    standing = {row.pk: row for row in rows}
    for position, pk in enumerate(order):
        row = standing[pk]
        if row.position != position or pk == held.pk:
            row.position = position
            row.version += 1
            row.save(update_fields=["position", "version"])
    return standing[held.pk]


def siblings_of(kpi: KPI, rows: Collection[KPI]) -> list[KPI]:
    """What stands under the first node that names this one, itself included; without any, all that nothing names."""
    named = {row.key: set(named_in(row.formula)) for row in rows}
    above = next((row for row in rows if kpi.key in named[row.key]), None)
    if above is not None:
        return [row for row in rows if row.key in named[above.key]]
    used = set().union(*named.values())
    return [row for row in rows if row.key not in used]


def take_out(kpi: KPI, kgi: KGI) -> dict[str, str]:
    """Leave a node out of every formula that names it; answers those formulas as they were."""
    if kpi.is_goal:
        raise Refusal("is_goal", _("This is the tree's goal: everything else leads to it."))
    before: dict[str, str] = {}
    for row in kpis_of(kgi):
        if kpi.key not in named_in(row.formula):
            continue
        left_over = without_operand(row.formula, kpi.key)
        if left_over is None or (row.key in LINKS and hasattr(kgi, "funnel")):
            sentence = _("“%(name)s” is part of the formula of “%(formula)s”. Change that first.")
            raise Refusal("part_of_formula", sentence % {"name": kpi.name, "formula": row.name})
        before[row.key] = row.formula
        write_formula(row, left_over)
    return before


@transaction.atomic
def drop_kpi(kpi: KPI, *, expected_version: int | None = None) -> KPI:
    """Take a node out of its tree; its readings stay, and `restore_kpi` puts it back. Doing it again changes nothing.

    What stood under it stays beside the tree. Raises `Refusal`: `stale`, `is_goal`, `part_of_formula`.
    """
    kgi, held = hold_node(kpi.pk)
    if held.dropped_at is not None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    held.dropped_from = take_out(held, kgi)
    held.dropped_at = clock.now()
    held.version += 1
    held.save(update_fields=["dropped_from", "dropped_at", "version"])
    return held


@transaction.atomic
def restore_kpi(kpi: KPI) -> KPI:
    """Undo `drop_kpi`: back into the formulas it was taken out of where they have not changed since, else beside.

    Harmless when it stands already. Raises `Refusal`: `key_used` where another node has taken its key, and
    `too_many_nodes`.
    """
    kgi, held = hold_node(kpi.pk)
    if held.dropped_at is None:
        return held
    rows = {row.key: row for row in kpis_of(kgi)}
    if held.key in rows:
        raise Refusal("key_used", _("Another node has the key “%(key)s” now.") % {"key": held.key})
    if len(rows) >= MOST_NODES:
        raise Refusal("too_many_nodes", sentence_of(TreeRefused("too_many_nodes")))
    was: dict[str, Any] = held.dropped_from
    held.dropped_at, held.dropped_from = None, {}
    held.version += 1
    held.save(update_fields=["dropped_at", "dropped_from", "version"])
    for key, formula in was.items():
        row = rows.get(key)
        if row is not None and row.formula == without_operand(formula, held.key):
            write_formula(row, formula)
            refuse_tree(kgi, "key", row)
    return held
