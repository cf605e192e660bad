"""What was forecast of KGIs half-way through periods that are over, against where they ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards.formulas.reliability import Reliability, Said, reliability
from dashboards.queries.aims import readings_of, standing_of
from funnel.models import KGI
from objectives.models import KGIForecast
from people.models import Membership

MOST_KGIS = 40
GIVE = timedelta(weeks=6)
"""How much earlier than half-way a forecast may be that speaks of it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A KGI's target, how likely it was said to be reached on a day half-way, and whether it was."""

    kgi: KGI
    is_challenge: bool
    said_on: date
    chance: float
    is_reached: bool


@dataclass(frozen=True, slots=True)
class Promises:
    """The targets of KGIs whose periods are over, the latest first, and what the chances were worth in all."""

    kept: tuple[Promise, ...]
    told: Reliability


def promises(membership: Membership, today: date) -> Promises:
    """The KGIs whose periods are over and of which something was forecast half-way. Three queries at most."""
    kgis = list(
        KGI.objects.visible_to(membership)
        .finished()
        .filter(period_start__isnull=False, period_end__lt=today)
        .order_by("-period_end", "pk")[:MOST_KGIS]
    )
    found = tuple(_promises(kgis, today)) if kgis else ()
    return Promises(found, reliability([Said(one.chance, 1, int(one.is_reached)) for one in found]))


def _promises(kgis: list[KGI], today: date) -> Iterator[Promise]:
    ends = readings_of(kgis, today)
    said: dict[int, list[KGIForecast]] = {}
    for forecast in KGIForecast.objects.filter(kgi__in=kgis).order_by("-date"):
        said.setdefault(forecast.kgi_id, []).append(forecast)
    for kgi in kgis:
        reading, half = ends.get(kgi.pk), half_of(kgi)
        told = next((one for one in said.get(kgi.pk, []) if half - GIVE <= one.date <= half), None)
        if reading is None or told is None:
            continue
        standing = standing_of(kgi, reading, today)
        if told.must_hit is not None:
            yield Promise(kgi, False, told.date, told.must_hit, standing.is_reached)
        if told.challenge is not None:
            yield Promise(kgi, True, told.date, told.challenge, standing.is_challenge_reached)


def half_of(kgi: KGI) -> date:
    if kgi.period_start is None or kgi.period_end is None:
        return date.min + GIVE
    return kgi.period_start + (kgi.period_end - kgi.period_start) // 2
