"""The numbers of health KPIs: many at once, each by itself; what they tell people, and the levers they feed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from funnel.formulas.actuals import first_of, last_of
from funnel.formulas.numbers import format_amount
from funnel.models import EARLIEST, ReadingSpan
from funnel.services import LARGEST_READING, Unsaid, record_reading
from objectives.models import HealthKPI, HealthKPIReading, Notice, NoticeKind, Period
from objectives.queries.health_kpis import HealthStanding, health_standings, leads_of
from objectives.services.notices import tell
from people import clock
from people.models import Membership, Topic
from people.outbox import tell_channels, tell_people
from people.refusals import Refusal, stale

MOST_WORDS = 500
# In which periods of a row outside people are told.
TOLD_AT = (1, 3)

LEFT = Unsaid.BEFORE
"""Of a reading that is given: its value is not spoken of."""

Place = tuple[int, date]
"""Where a reading stands: the KPI's id and the first day of the period."""


@dataclass(frozen=True)
class GivenReading:
    """What somebody says of a KPI's week or month. None as `value` takes the reading back, `LEFT` leaves it.

    `cause` and `countermeasure` are left alone as None. `before` is the value they saw there, `version` that of the
    reading they saw: 0 for none.
    """

    kpi: HealthKPI
    period_start: date
    value: Decimal | Unsaid | None
    cause: str | None = None
    countermeasure: str | None = None
    before: Decimal | Unsaid | None = Unsaid.BEFORE
    version: int | None = None

    @property
    def place(self) -> Place:
        return self.kpi.pk, first_of(self.kpi.period, self.period_start)


@dataclass
class Recorded:
    """What became of readings that were given: how many are new, changed, taken back or were so already; what was
    refused, by its place; and what stood there before, to be undone.
    """

    new: int = 0
    changed: int = 0
    emptied: int = 0
    unchanged: int = 0
    refused: dict[Place, Refusal] = field(default_factory=dict)
    before: list[GivenReading] = field(default_factory=list)

    @property
    def written(self) -> int:
        return self.new + self.changed + self.emptied


@transaction.atomic
def record_readings(given: Iterable[GivenReading], *, by: Membership) -> Recorded:
    """Write readings: all that can be are saved, and each that cannot is named; none is saved by half.

    Sending the same again changes nothing. Refusals by place: `retired`, `date_in_future`, `too_early`, `too_large`,
    `too_long`, `twice` for two words on one place, `value_missing` for words on a reading that is not there, and
    `changed_meanwhile` where somebody else wrote something else there since it was seen: `more` tells the present
    value. A KPI that leaves its corridor is told to its owner and those who lead its team, also at the third time in a
    row; levers that a KPI feeds follow.
    """
    wanted: dict[Place, GivenReading] = {}
    recorded = Recorded()
    for each in given:
        other = wanted.setdefault(each.place, each)
        if other.value != each.value:
            recorded.refused[each.place] = Refusal("twice", _("Two different values are given for this."))
    kpis = held_kpis({pk for pk, _first in wanted})
    present = held_readings(wanted)
    touched: dict[int, set[date]] = {}
    for place, each in wanted.items():
        if place in recorded.refused:
            continue
        kpi, row = kpis[place[0]], present.get(place)
        try:
            changed = write(each, kpi, row, by, recorded)
        except Refusal as refused:
            recorded.refused[place] = refused
            continue
        if changed:
            touched.setdefault(kpi.pk, set()).add(place[1])
    alert([kpis[pk] for pk in touched], touched, by=by)
    return recorded


def record_health_reading(given: GivenReading, *, by: Membership) -> Recorded:
    """The same for a single one. Raises the `Refusal` that stands against it, `stale` for `changed_meanwhile`."""
    with transaction.atomic():
        recorded = record_readings([given], by=by)
        for refused in recorded.refused.values():
            raise stale() if refused.code == "changed_meanwhile" else refused
    return recorded


def held_kpis(ids: set[int]) -> dict[int, HealthKPI]:
    """The KPIs, kept as they are in the order of their numbers, so that two who write at once meet here."""
    rows = HealthKPI.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
    return {kpi.pk: kpi for kpi in rows.select_related("kpi", "team", "owner__user", "organization")}


def held_readings(wanted: Iterable[Place]) -> dict[Place, HealthKPIReading]:
    places = list(wanted)
    if not places:
        return {}
    rows = HealthKPIReading.objects.filter(
        health_kpi__in={pk for pk, _first in places}, period_start__in={first for _pk, first in places}
    )
    return {(row.health_kpi_id, row.period_start): row for row in rows}


def write(
    given: GivenReading, kpi: HealthKPI, row: HealthKPIReading | None, by: Membership, recorded: Recorded
) -> bool:
    """Bring one reading to what is given, and say whether anything changed."""
    present = row.value if row else None
    value = present if isinstance(given.value, Unsaid) else given.value
    cause = one_line(given.cause, row.cause if row else "")
    countermeasure = one_line(given.countermeasure, row.countermeasure if row else "")
    if value == present and (row is None or (cause, countermeasure) == (row.cause, row.countermeasure)):
        if row is None and (cause or countermeasure):
            raise Refusal.of_field("value", "value_missing", _("Type a number."))
        recorded.unchanged += 1
        return False
    refuse_reading(given, kpi, value, cause, countermeasure)
    refuse_changed(given, kpi, row)
    undo = GivenReading(kpi, given.place[1], present, row.cause if row else None, row.countermeasure if row else None)
    if value is None and row is not None:
        row.delete()
        unfeed(kpi, row.period_start)
        recorded.emptied += 1
        recorded.before.append(with_version(undo, 0))
        return True
    fields = {
        "value": value,
        "cause": cause,
        "countermeasure": countermeasure,
        "recorded_by": by,
        "recorded_at": clock.now(),
    }
    if row is None:
        row = HealthKPIReading.objects.create(health_kpi=kpi, period_start=given.place[1], **fields)
        recorded.new += 1
    else:
        for name, content in fields.items():
            setattr(row, name, content)
        row.version += 1
        row.save()
        recorded.changed += 1
    feed(kpi, row)
    recorded.before.append(with_version(undo, row.version))
    return True


def with_version(given: GivenReading, version: int) -> GivenReading:
    return GivenReading(given.kpi, given.period_start, given.value, given.cause, given.countermeasure, version=version)


def one_line(said: str | None, before: str) -> str:
    return before if said is None else " ".join(said.split())


def refuse_reading(given: GivenReading, kpi: HealthKPI, value: Decimal | None, cause: str, countermeasure: str) -> None:
    """Raise `Refusal` for what cannot be written, whoever writes it."""
    if kpi.retired_on is not None:
        raise Refusal("retired", _("This KPI was retired. Bring it back before changing it."))
    first = given.place[1]
    if first > kpi.organization.today:
        sentence = _("This week has not come yet.") if kpi.period == Period.WEEK else _("This month has not come yet.")
        raise Refusal.of_field("period_start", "date_in_future", sentence)
    if first < EARLIEST:
        raise Refusal.of_field("period_start", "too_early", _("This day lies too far back."))
    if value is not None and abs(value) > LARGEST_READING:
        raise Refusal.of_field("value", "too_large", _("This number is too large."))
    for name, text in (("cause", cause), ("countermeasure", countermeasure)):
        if len(text) > MOST_WORDS:
            sentence = _("Type %(most)s characters at most.") % {"most": MOST_WORDS}
            raise Refusal.of_field(name, "too_long", sentence)


def refuse_changed(given: GivenReading, kpi: HealthKPI, row: HealthKPIReading | None) -> None:
    """Raise `Refusal` `changed_meanwhile` where something else stands there than was seen."""
    present = row.value if row else None
    is_seen = given.before is Unsaid.BEFORE or present in (given.before, given.value)
    is_version = given.version is None or given.version == (row.version if row else 0)
    if is_seen and is_version:
        return
    if present is None:
        sentence = _("Someone emptied this in the meantime.")
    else:
        value = format_amount(present, unit=kpi.unit, precise=True)
        sentence = _("Someone wrote %(value)s here in the meantime.") % {"value": value}
    more = {"value": None if present is None else str(present)}
    raise Refusal("changed_meanwhile", sentence, more=more)


# The levers they feed


def source_of(kpi: HealthKPI, first: date) -> str:
    return f"health-kpi:{kpi.pk}:{first:%Y-%m-%d}"


def feed(kpi: HealthKPI, reading: HealthKPIReading) -> None:
    """What was read for a week or month is that of the lever, too; of a rate, per cent become a share."""
    lever = kpi.kpi
    if lever is None:
        return
    span = ReadingSpan.WEEK if kpi.period == Period.WEEK else ReadingSpan.MONTH
    record_reading(
        lever,
        date=min(last_of(span, reading.period_start), kpi.organization.today),
        value=reading.value / 100 if lever.is_rate else reading.value,
        recorded_by=reading.recorded_by,
        source=source_of(kpi, reading.period_start),
        span=span,
    )


def unfeed(kpi: HealthKPI, first: date | None = None) -> None:
    """Take back from the lever what a period's reading said, or all that the KPI ever said."""
    if kpi.kpi is None:
        return
    said = {"source": source_of(kpi, first)} if first is not None else {"source__startswith": f"health-kpi:{kpi.pk}:"}
    kpi.kpi.readings.filter(**said).delete()


# What people are told


def occasion_of(kpi: HealthKPI, first: date) -> str:
    """By what a KPI's leaving its corridor is known, so that it is told once for each period."""
    return f"health-kpi:{kpi.pk}:{first:%Y-%m-%d}"


def alert(kpis: Sequence[HealthKPI], touched: dict[int, set[date]], *, by: Membership) -> None:
    """Tell of those that are outside for the first or the third period in a row by what was just written."""
    for standing in health_standings(kpis, today=by.organization.today):
        if not standing.is_outside:
            lay_aside(standing.kpi)
            continue
        first = told_period(standing)
        if first is not None and first in touched[standing.kpi.pk]:
            tell_of(standing, first, by=by)


def lay_aside(kpi: HealthKPI) -> None:
    """Of a KPI that is inside again nobody needs to be told."""
    told = Notice.objects.filter(kind=NoticeKind.KPI_BELOW, occasion__startswith=f"health-kpi:{kpi.pk}:", read_at=None)
    told.filter(membership__organization=kpi.organization_id).update(read_at=clock.now())


def told_period(standing: HealthStanding) -> date | None:
    """The period of the row outside by which people are told: its third, else its first."""
    since = standing.outside_since
    if since is None:
        return None
    periods = standing.course.periods
    reached = max(count for count in TOLD_AT if count <= standing.run)
    return periods[periods.index(since) + reached - 1]


def tell_of(standing: HealthStanding, first: date, *, by: Membership) -> None:
    """Say on pages and in messages that a KPI is outside, to who looks after it and who leads its team."""
    kpi = standing.kpi
    people = {person.pk: person for person in leads_of(kpi.team)}
    if kpi.owner is not None:
        people[kpi.owner.pk] = kpi.owner
    people.pop(by.pk, None)
    note(standing, people.values(), first, by=by)
    about = {"health_kpi": kpi.pk, "period_start": f"{first:%Y-%m-%d}"}
    occasion = occasion_of(kpi, first)
    tell_people(people.values(), Topic.KPI, occasion=occasion, about=about)
    tell_channels(kpi.organization, Topic.KPI, occasion=occasion, about=about, teams=[kpi.team])


def note(standing: HealthStanding, people: Iterable[Membership], first: date, *, by: Membership) -> None:
    """Leave people a line on their week."""
    kpi, last = standing.kpi, standing.last
    value = format_amount(last.value, unit=kpi.unit, precise=True) if last is not None else ""
    tell(
        people,
        NoticeKind.KPI_BELOW,
        occasion=occasion_of(kpi, first),
        by=by,
        text=f"{kpi.name} {value}",
        place=f"health-kpis/{kpi.pk}/",
    )
