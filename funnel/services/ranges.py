"""Writing from where to where levers may be expected to go."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI
from funnel.services.kgis import hold_standing
from people.refusals import Refusal, stale

LARGEST = Decimal("1e15")
PLACES = Decimal("1e-12")
COLUMNS = ("low", "likely", "high")


class Range(NamedTuple):
    """What a lever may come to, in its own unit, rates 0–1. Without `low` and `high` it is not known; without `likely`
    that is where the lever is now, or the middle.
    """

    low: Decimal | None = None
    likely: Decimal | None = None
    high: Decimal | None = None


@transaction.atomic
def save_ranges(
    kgi: KGI, ranges: Mapping[int, Range], *, expected_versions: Mapping[int, int] | None = None
) -> list[KPI]:
    """Write the ranges of a KGI's levers by the levers' ids, all of them or none; answers those that changed.

    Writing the same again changes nothing. `expected_versions` are compared for the levers that change. Raises
    `Refusal`: `stale`, `not_a_lever`, `dropped` with its KGI, and beside `low_<id>` and the like `one_sided`, `range`
    where it does not go from low over likely to high, `too_large`.
    """
    hold_standing(kgi.pk)
    rows = KPI.objects.select_for_update(no_key=True).filter(kgi=kgi, pk__in=ranges, dropped_at=None).order_by("id")
    levers = {lever.pk: lever for lever in rows}
    wrong: dict[str, list[str]] = {}
    changed: list[KPI] = []
    code = ""
    for pk, given in ranges.items():
        lever = levers.get(pk)
        if lever is None or not lever.is_lever:
            raise Refusal("not_a_lever", _("This is no lever of the tree any more."))
        if found := wrong_with(given):
            name, code, sentence = found
            wrong[f"{name}_{pk}"] = [sentence]
            continue
        wanted = Range(*(None if value is None else value.quantize(PLACES) for value in given))
        if wanted == (lever.low, lever.likely, lever.high):
            continue
        if expected_versions is not None and expected_versions.get(pk) != lever.version:
            raise stale()
        lever.low, lever.likely, lever.high = wanted
        lever.version += 1
        changed.append(lever)
    if wrong:
        raise Refusal(code, next(iter(wrong.values()))[0], wrong)
    for lever in changed:
        lever.save(update_fields=[*COLUMNS, "version"])
    return changed


def wrong_with(wanted: Range) -> tuple[str, str, str] | None:
    """Which of the three is wrong, why, and in words; None where nothing is."""
    low, likely, high = wanted
    for name, value in zip(COLUMNS, wanted, strict=True):
        if value is not None and abs(value) > LARGEST:
            return name, "too_large", _("This number is too large.")
    if low is None and high is None:
        return ("likely", "one_sided", _("Type the low and the high end too.")) if likely is not None else None
    if low is None:
        return "low", "one_sided", _("Type the low end too.")
    if high is None:
        return "high", "one_sided", _("Type the high end too.")
    if low > high:
        return "high", "range", _("The high end lies below the low one.")
    if likely is not None and not low <= likely <= high:
        return "likely", "range", _("The likely value lies outside the two ends.")
    return None
