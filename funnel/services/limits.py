"""How far levers may go, what it takes to move them, and which stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, KPI
from funnel.sentences import sentence_of
from funnel.services.kgis import hold_standing
from people.refusals import Refusal, stale

EASIEST, HARDEST = Decimal("0.01"), Decimal(1000)


@dataclass(frozen=True)
class Limits:
    """`minimum` and `maximum` in the lever's own unit, rates 0–1; `effort` beside the others' (1)."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    effort: Decimal = Decimal(1)
    is_locked: bool = False


@transaction.atomic
def save_limits(kgi: KGI, limits: Mapping[int, Limits], *, versions: Mapping[int, int]) -> list[KPI]:
    """Write limits, efforts and locks of several levers by their ids, all or none; answers those that changed.

    `versions` are the levers' as they were read. Writing the same again changes nothing. Raises `Refusal`: `limits` and
    `effort` of a lever's field (`maximum_12`, `effort_12`), `stale`, `dropped` with its KGI.
    """
    kgi = hold_standing(kgi.pk)
    rows = KPI.objects.select_for_update(no_key=True).filter(kgi=kgi, pk__in=limits, formula="", dropped_at=None)
    levers = {lever.pk: lever for lever in rows.order_by("id")}
    wrong: dict[str, list[str]] = {}
    changed = []
    for pk, wanted in limits.items():
        lever = levers.get(pk)
        if lever is None:
            raise stale()
        if (lever.minimum, lever.maximum, lever.effort, lever.is_locked) == (
            wanted.minimum,
            wanted.maximum,
            wanted.effort,
            wanted.is_locked,
        ):
            continue
        if lever.version != versions.get(pk):
            raise stale()
        if wanted.minimum is not None and wanted.maximum is not None and wanted.minimum > wanted.maximum:
            wrong[f"maximum_{pk}"] = [sentence_of(TreeRefused("limits", lever.name))]
        if not EASIEST <= wanted.effort <= HARDEST:
            wrong[f"effort_{pk}"] = [_("Type an effort between 0.01 and 1000.")]
        lever.minimum, lever.maximum, lever.effort, lever.is_locked = (
            wanted.minimum,
            wanted.maximum,
            wanted.effort,
            wanted.is_locked,
        )
        lever.version += 1
        changed.append(lever)
    if wrong:
        raise Refusal("limits", _("Some limits cannot be: see beside them."), wrong)
    for lever in changed:
        lever.save(update_fields=["minimum", "maximum", "effort", "is_locked", "version"])
    return changed
