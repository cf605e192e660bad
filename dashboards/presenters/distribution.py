"""All objectives against the band, as a figure and as a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures, queries
from dashboards.presenters.carrying import address_of, band_of
from dashboards.sentences import standing, zone_name
from objectives.models import Cycle
from people.models import Membership


def bin_name(number: int) -> str:
    if number >= figures.BINS:
        return _("1.0 and above")
    return f"{number * figures.BIN:.2f}–{(number + 1) * figures.BIN:.2f}"


def bins_of(spread: queries.Distribution, band: figures.Band) -> dict[int, dict[str, int]]:
    """For each twentieth of the scale that holds any, by its number, how many in which zone."""
    bins: dict[int, dict[str, int]] = {}
    for pile in spread.piles:
        number = figures.bin_of(pile.bin * figures.BIN, pile.zone, band, committed=pile.kind == "committed")
        bins.setdefault(number, dict.fromkeys(figures.ZONES, 0))[pile.zone] += pile.count
    return dict(sorted(bins.items()))


def spread_rows(spread: queries.Distribution, membership: Membership) -> list[dict[str, Any]]:
    """The distribution as a table."""
    bins = bins_of(spread, band_of(membership))
    return [{"name": bin_name(number), **zones, "inside": zones["in"]} for number, zones in bins.items()]


def spread_figure(
    request: HttpRequest, spread: queries.Distribution, membership: Membership, cycle: Cycle
) -> figures.Figure:
    band = band_of(membership)
    axis = _("Score") if cycle.is_closed else _("Heading for")
    if spread.standings:
        bricks = [
            figures.Brick(
                value=row.value,
                zone=row.zone,
                title=row.title,
                note=f"{row.team}　{standing(row.zone, row.value, row.kind)}",
                address=address_of(request, row.pk),
                committed=row.kind == "committed",
            )
            for row in spread.standings
        ]
        return figures.distribution(bricks, band, axis=axis)
    piles = []
    for number, zones in bins_of(spread, band).items():
        for zone_, count in zones.items():
            if count:
                note = ngettext("%(count)s objective", "%(count)s objectives", count) % {"count": count}
                said = f"{bin_name(number)}　{zone_name(zone_)}　{note}"
                piles.append(figures.Pile(number, zone_, count, said))
    return figures.distribution(piles, band, axis=axis)
