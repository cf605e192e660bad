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


def spread_rows(spread: queries.Distribution, membership: Membership) -> list[dict[str, Any]]:
    """The distribution as a table: for each twentieth of the scale, how many in which zone."""
    band = band_of(membership)
    rows: dict[int, dict[str, Any]] = {}
    for pile in spread.piles:
        number = figures.bin_of(pile.bin * figures.BIN, pile.zone, band, committed=pile.kind == "committed")
        row = rows.setdefault(number, {"name": bin_name(number), "below": 0, "in": 0, "above": 0})
        row[pile.zone] += pile.count
    return [rows[number] | {"inside": rows[number]["in"]} for number in sorted(rows)]


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
    for row in spread_rows(spread, membership):
        for zone_ in figures.ZONES:
            if row[zone_]:
                note = ngettext("%(count)s objective", "%(count)s objectives", row[zone_]) % {"count": row[zone_]}
                piles.append((row["name"], zone_, row[zone_], f"{row['name']}　{zone_name(zone_)}　{note}"))
    numbers = {bin_name(number): number for number in range(figures.BINS + 1)}
    return figures.distribution(
        [figures.Pile(numbers[name], zone_, count, note) for name, zone_, count, note in piles], band, axis=axis
    )
