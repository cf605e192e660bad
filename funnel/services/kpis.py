"""Writing one KPI."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KPI, Funnel
from funnel.services.changes import COLUMNS, note_changes, values_of
from funnel.services.funnels import LINKS
from funnel.services.kgis import hold_standing
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner

RANGE = ("low", "likely", "high")
LIMITS = ("minimum", "maximum")
# A lever's numbers: its columns, what they are compared with, its range and its limits.
AMOUNTS = ("last_year", "reference", *COLUMNS, *RANGE, *LIMITS)
# What is written of a KPI by its own. Its numbers, where a funnel holds it, follow from each other: see `save_funnel`.
OF_KPI = (
    "name",
    "unit",
    "is_rate",
    "period",
    *(name for name in AMOUNTS if name not in COLUMNS),
    "reference_source",
    "effort",
    "is_locked",
    "owner_id",
    "source",
    "definition",
    "note",
    "position",
)


def hold_owner_of(kpi: KPI) -> None:
    """Keep a KPI's new owner from leaving meanwhile, before its KGI is held. Raises `Refusal` `owner`."""
    present = KPI.objects.filter(pk=kpi.pk).values_list("owner", flat=True).first()
    hold_owner(kpi.owner_id, before=present)


@transaction.atomic
def save_kpi(kpi: KPI, *, expected_version: int | None = None, by: Membership | None = None, reason: str = "") -> KPI:
    """Write a changed KPI: its numbers, its owner, where they come from and what they mean. Key and formula are
    changed by `services.trees`.

    A number that stood and changes is kept with `by` whom and for what `reason`.

    Writing the same again changes nothing. Raises `Refusal`: `stale`, `owner`, `dropped` with its KGI, `calculated` for
    numbers of a formula, `in_funnel` for those that a funnel holds.
    """
    hold_owner_of(kpi)
    kgi = hold_standing(kpi.kgi_id)
    held = KPI.objects.select_for_update(no_key=True).get(pk=kpi.pk)
    if held.dropped_at is not None or (expected_version is not None and held.version != expected_version):
        raise stale()
    numbers = [name for name in COLUMNS if getattr(held, name) != getattr(kpi, name)]
    for name in numbers:
        if not held.is_lever:
            sentence = _("This number is calculated from others. Change those.")
            raise Refusal.of_field(name, "calculated", sentence)
        if held.key in LINKS and Funnel.objects.filter(kgi=kgi).exists():
            sentence = _("This number belongs to the funnel of its KGI. Change it there: others follow from it.")
            raise Refusal.of_field(name, "in_funnel", sentence)
    if numbers or any(getattr(held, name) != getattr(kpi, name) for name in OF_KPI):
        kpi.key, kpi.formula, kpi.is_goal, kpi.version = held.key, held.formula, held.is_goal, held.version + 1
        kpi.full_clean(exclude=["kgi", "owner"], validate_unique=False)
        kpi.save()
        note_changes(kpi, values_of(held), by=by, reason=reason)
    return kpi
