"""Cycles beside each other: as bars, as places on a scale, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures
from dashboards.presenters.carrying import band_of
from dashboards.presenters.departments import Ways, safe, unit_name
from dashboards.queries.branches import Unit
from dashboards.queries.cycles import CycleTold, Discipline, Spread, Told
from dashboards.sentences import zone_name
from funnel.formulas.numbers import format_percent
from people.models import Membership

ZONES = (*figures.ZONES, "none")


def cycle_rows(told: Sequence[CycleTold]) -> list[dict[str, Any]]:
    """Every cycle with its objectives against the band, at the day of the comparison and at its end."""
    spreads = [each for one in told for each in (one.whole.then, one.whole.end) if each is not None]
    most = max((each.total for each in spreads), default=1)
    return [
        {
            "cycle": one.cycle,
            "day": one.day,
            "is_over": one.is_over,
            "is_end": one.is_over and one.day >= one.cycle.end,
            "then": spread_of(one.whole.then, most, one.cycle.name),
            "end": spread_of(one.whole.end, most, one.cycle.name),
            "at_day": discipline_of(one.whole.at_day),
            "at_end": discipline_of(one.whole.at_end),
        }
        for one in told
    ]


def spread_of(spread: Spread | None, most: int, name: str) -> dict[str, Any] | None:
    if spread is None or not spread.total:
        return None
    said = {zone: f"{zone_name(zone)}: {objectives(spread.counts[zone])}" for zone in ZONES}
    label = f"{name}: " + ", ".join(said[zone] for zone in ZONES if spread.counts[zone])
    return {
        "counts": spread.counts,
        "total": spread.total,
        "mean": spread.mean,
        "drawn": safe(figures.shares(spread.counts, most=most, said=said, label=label)),
    }


def objectives(count: int) -> str:
    return ngettext("%(count)s objective", "%(count)s objectives", count) % {"count": count}


def discipline_of(found: Discipline | None) -> dict[str, Any] | None:
    if found is None or found.share is None:
        return None
    return {"made": found.made, "asked": found.asked, "share": format_percent(found.share, figures=2)}


def unit_rows(told: Sequence[CycleTold], membership: Membership, ways: Ways) -> list[dict[str, Any]]:
    """Every unit of any of the cycles, in the organization's order, with its mean score in each."""
    by_cycle = [{(unit.pk, unit.is_own): found for unit, found in one.units} for one in told]
    order: dict[tuple[int, bool], Unit] = {}
    for one in told:
        order |= {(unit.pk, unit.is_own): unit for unit, _found in one.units if (unit.pk, unit.is_own) not in order}
    places = {key: place for place, key in enumerate(order)}
    band, shown, rows = band_of(membership), cycle_rows(told), []
    for key, unit in sorted(order.items(), key=lambda item: places[item[0]]):
        means = [mean_of(found.get(key)) for found in by_cycle]
        ends = [end_of(found.get(key)) for found in by_cycle]
        reported = [discipline_of(found[key].at_day) if key in found else None for found in by_cycle]
        name = unit_name(unit)
        rows.append(
            {
                "unit": unit,
                "name": name,
                "address": ways.into(unit),
                "opens": unit.opens and not unit.is_own,
                "told": [
                    {"one": one, "then": then, "end": end, "reported": said}
                    for one, then, end, said in zip(shown, means, ends, reported, strict=True)
                ],
                "drawn": safe(figures.between(means[1] if len(means) > 1 else None, means[0], band, label=name)),
            }
        )
    return rows


def mean_of(told: Told | None) -> float | None:
    return told.then.mean if told is not None and told.then is not None else None


def end_of(told: Told | None) -> float | None:
    return told.end.mean if told is not None and told.end is not None else None


def cycles_finding(told: Sequence[CycleTold]) -> list[str]:
    """How many objectives were in the band at this point of the other cycle, and how many are now."""
    now = told[0]
    if len(told) < 2:
        return [_("There is no earlier cycle of the same length yet.")]
    other = told[1]
    if now.whole.then is None:
        return [_("Nothing has been reported in %(cycle)s yet.") % {"cycle": now.cycle.name}]
    named = {
        "before": other.cycle.name,
        "now": now.cycle.name,
        "now_in": now.whole.then.counts["in"],
        "now_total": now.whole.then.total,
    }
    if other.whole.then is None:
        if other.whole.end is None or not other.whole.end.total:
            return [_("Of %(before)s nothing is known that could be compared.") % named]
        named |= {"end_in": other.whole.end.counts["in"], "end_total": other.whole.end.total}
        return [
            _("%(before)s ended with %(end_in)s of %(end_total)s in the band.") % named,
            _("Now it is %(now_in)s of %(now_total)s.") % named,
        ]
    named |= {"in": other.whole.then.counts["in"], "total": other.whole.then.total}
    if now.is_over:
        return [
            _("%(before)s ended with %(in)s of %(total)s in the band, %(now)s with %(now_in)s of %(now_total)s.")
            % named
        ]
    return [
        _("At this point of %(before)s, %(in)s of %(total)s were in the band.") % named,
        _("Now it is %(now_in)s of %(now_total)s.") % named,
    ]
