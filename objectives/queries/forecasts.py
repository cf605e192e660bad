"""Where KGIs land, as it was forecast: today, and four weeks ago."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from funnel.models import KGI, KPI
from funnel.presenters.names import name_of
from funnel.queries.landings import falls
from objectives.models import KGIForecast
from people.models import Membership

LOOKED_BACK = timedelta(weeks=4)
GIVE = timedelta(days=6)
"""How much earlier than four weeks ago a forecast may be that is compared with today's."""
MOST_DRIVERS = 3
MOST_PAST = 53
Names = Mapping[tuple[int, str], tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Driver:
    """A lever with the share of the range, 0–1, that comes with it; `is_own` for the KGI's own actuals."""

    key: str
    name: str
    share: float
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What was forecast some weeks ago, on the day it was."""

    date: date
    p50: Decimal
    must_hit: float | None
    challenge: float | None


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a KGI lands, in its unit: with 80 % between `p10` and `p90`, the middle at `p50`.

    `must_hit` and `challenge` are the chances, 0–1, of reaching the targets, whichever way the KGI goes (`falls` where
    less is better); None where there is no such target. Of the tree's `levers` there is more than the plan's own word
    on `spoken`. `ago` is what was said four weeks earlier, None where nothing was.
    """

    kgi_id: int
    date: date
    mean: Decimal
    p10: Decimal
    p50: Decimal
    p90: Decimal
    must_hit: float | None
    challenge: float | None
    levers: int
    spoken: int
    falls: bool
    drivers: tuple[Driver, ...] = ()
    ago: Before | None = None

    @property
    def moved(self) -> Decimal | None:
        """By how much the middle has moved in four weeks."""
        return None if self.ago is None else self.p50 - self.ago.p50


def kgi_landings(membership: Membership, kgis: Collection[KGI], today: date) -> dict[int, Landing]:
    """The landings of those of the KGIs that the reader may see and of which anything can be said, by id.

    Three queries however many there are. A driver is named as the reader may see it, as they may see its KGI.
    """
    if not kgis:
        return {}
    seen = {kgi.pk: kgi for kgi in KGI.objects.visible_to(membership).filter(pk__in=[kgi.pk for kgi in kgis])}
    rows = forecasts_until(today).filter(kgi__in=seen)
    latest = list(rows.order_by("kgi_id", "-date").distinct("kgi_id"))
    then = rows.filter(date__lte=today - LOOKED_BACK, date__gte=today - LOOKED_BACK - GIVE)
    ago = {row.kgi_id: row for row in then.order_by("kgi_id", "-date").distinct("kgi_id")}
    names = names_of([row for row in latest if row.p50 is not None])
    return {
        row.kgi_id: landing
        for row in latest
        if (landing := landing_of(row, seen[row.kgi_id], names, ago.get(row.kgi_id))) is not None
    }


def forecasts_until(today: date) -> QuerySet[KGIForecast]:
    return KGIForecast.objects.filter(date__lte=today)


def names_of(rows: Sequence[KGIForecast]) -> Names:
    """The nodes by KGI and key: their names, and whether one is the goal."""
    keys = {driver["key"] for row in rows for driver in row.drivers[:MOST_DRIVERS]}
    if not keys:
        return {}
    nodes = KPI.objects.standing().filter(kgi__in=[row.kgi_id for row in rows], key__in=keys)
    return {(node.kgi_id, node.key): (name_of(node), node.is_goal) for node in nodes}


def landing_of(row: KGIForecast, kgi: KGI, names: Names, ago: KGIForecast | None = None) -> Landing | None:
    if row.p10 is None or row.p50 is None or row.p90 is None or row.mean is None:
        return None
    drivers = []
    for driver in row.drivers[:MOST_DRIVERS]:
        name, is_own = names.get((row.kgi_id, driver["key"]), ("", False))
        if name:
            drivers.append(Driver(driver["key"], name, float(driver["share"]), is_own))
    return Landing(
        kgi_id=row.kgi_id,
        date=row.date,
        mean=row.mean,
        p10=row.p10,
        p50=row.p50,
        p90=row.p90,
        must_hit=row.must_hit if kgi.must_hit_value is not None else None,
        challenge=row.challenge if kgi.challenge_value is not None else None,
        levers=row.levers,
        spoken=row.spoken,
        falls=falls(kgi),
        drivers=tuple(drivers),
        ago=None if ago is None or ago.p50 is None else Before(ago.date, ago.p50, ago.must_hit, ago.challenge),
    )


def past_of(kgi: KGI, today: date) -> list[KGIForecast]:
    """What was forecast of a KGI, oldest first: the last word of each ISO week of the last year."""
    rows = forecasts_until(today).filter(kgi=kgi, date__gt=today - timedelta(weeks=MOST_PAST)).exclude(p50=None)
    weeks: dict[tuple[int, int], KGIForecast] = {}
    for row in rows.order_by("date"):
        weeks[row.date.isocalendar()[:2]] = row
    return list(weeks.values())
