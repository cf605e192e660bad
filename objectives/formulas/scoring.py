"""Progress and score of one key result, from its check-ins.

Exact inside, float at the door: values are Decimal, sums and quotients rationals, progress and score leave as float.
Source of every formula: the product's domain notes 2.3.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

KINDS = ("reach", "cumulative", "quota", "average", "keep", "coverage", "milestone")
LIMITS = ("min", "max")
PERIODS = ("week", "month")

_DAY = timedelta(days=1)
# Their progress is that of the last value alone.
_LATEST = frozenset({"reach", "coverage", "milestone"})
_LONGEST_SPAN = 3660
_MEAN = Context(prec=28)

_SENTENCES = {
    "unknown_kind": "This is not a kind of key result.",
    "missing": "This kind of key result needs a value here.",
    "same_as_start": "Start and target are the same: there is no way to measure.",
    "not_positive": "This must be greater than 0.",
    "unknown_limit": "The limit is a minimum or a maximum.",
    "unknown_period": "The period is a week or a month.",
    "no_steps": "A milestone needs at least one step.",
    "date_outside_cycle": "The date lies outside the cycle.",
    "date_in_future": "The date lies after today.",
    "span_reversed": "The last day lies before the first.",
    "span_too_long": "A cycle lasts ten years at most.",
    "span_too_far": "A cycle ends before the year 9998.",
}


class MeasureRefused(ValueError):
    """A measure, span or reading that cannot be scored. `code` says why, `field` where."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Reading:
    """One check-in: what was said on a day.

    For a milestone, `value` is the weight of the steps finished by then; it draws the trail and does not score.
    """

    date: date
    value: Decimal | None
    confidence: int | None = None


@dataclass(frozen=True)
class Step:
    """A part of a milestone; only its weight relative to the other steps matters."""

    weight: Decimal
    done: bool


@dataclass(frozen=True)
class Measure:
    """What a key result measures, in its own unit. Which fields count depends on the kind; see `check_measure`."""

    kind: str
    start_value: Decimal | None = None
    target_value: Decimal | None = None
    must_hit_value: Decimal | None = None
    limit: str | None = None
    quota: Decimal | None = None
    period: str | None = None
    population: Decimal | None = None
    steps: tuple[Step, ...] = ()
    measure_first: bool = False


@dataclass(frozen=True)
class Span:
    """A cycle: both days belong to it."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise MeasureRefused("span_reversed", "end")
        if (self.end - self.start).days > _LONGEST_SPAN:
            raise MeasureRefused("span_too_long", "end")
        # Weeks and months are drawn to their own ends, beyond the cycle's last day: the calendar must not run out.
        if self.end.year >= 9998:
            raise MeasureRefused("span_too_far", "end")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Scored:
    """Where a key result stands.

    `progress` is the raw share of the way, below 0 and above 1 included; `score` is progress within 0–1. Both are None
    where nothing can be scored yet. `periods_counted` and `periods_met` speak of quota and keep; `missing_periods` are
    the first days of the ended periods for which a keep has no reading.
    """

    current_value: Decimal | None
    progress: float | None
    score: float | None
    periods_counted: int = 0
    periods_met: int = 0
    missing_periods: tuple[date, ...] = field(default=())


@dataclass(frozen=True)
class Period:
    """A calendar month or ISO week of which at least a day lies in a cycle.

    `owed` is false for one that lies mostly outside: it cannot be failed or missed. A month like that still counts once
    its quota is met; a week like that belongs to the neighbouring cycle.
    """

    start: date
    end: date
    owed: bool


def check_measure(measure: Measure) -> None:
    """Refuses a measure that could never be scored.

    Reach and average need start and target, cumulative a target (its start is 0 unless given), and the two must differ.
    Keep needs a target and whether it is a minimum or a maximum; a quota needs the quota and its period; coverage a
    population; a milestone a step. A key result in the state *measure first* may leave out what is not known yet.

    >>> check_measure(Measure("reach", start_value=Decimal(45), target_value=Decimal(30)))
    >>> check_measure(Measure("reach", start_value=Decimal(45), target_value=Decimal(45)))
    Traceback (most recent call last):
    ...
    objectives.formulas.scoring.MeasureRefused: Start and target are the same: there is no way to measure.
    """
    if measure.kind not in KINDS:
        raise MeasureRefused("unknown_kind", "kind")
    if measure.limit is not None and measure.limit not in LIMITS:
        raise MeasureRefused("unknown_limit", "limit")
    if measure.period is not None and measure.period not in PERIODS:
        raise MeasureRefused("unknown_period", "period")
    for name, value in (("quota", measure.quota), ("population", measure.population)):
        if value is not None and value <= 0:
            raise MeasureRefused("not_positive", name)
    if any(step.weight <= 0 for step in measure.steps):
        raise MeasureRefused("not_positive", "steps")
    if measure.kind in ("reach", "average", "cumulative"):
        start = measure.start_value
        if start is None and measure.kind == "cumulative":
            start = Decimal(0)
        if start is not None and start == measure.target_value:
            raise MeasureRefused("same_as_start", "target_value")
    if measure.measure_first:
        return
    for name in _NEEDED[measure.kind]:
        if getattr(measure, name) is None:
            raise MeasureRefused("missing", name)
    if measure.kind == "milestone" and not measure.steps:
        raise MeasureRefused("no_steps", "steps")


_NEEDED: dict[str, tuple[str, ...]] = {
    "reach": ("start_value", "target_value"),
    "average": ("start_value", "target_value"),
    "cumulative": ("target_value",),
    "keep": ("target_value", "limit"),
    "quota": ("quota", "period"),
    "coverage": ("population",),
    "milestone": (),
}


def check_readings(span: Span, readings: Sequence[Reading], today: date) -> None:
    """Refuses a reading dated after today or outside the cycle."""
    for reading in readings:
        if reading.date not in span:
            raise MeasureRefused("date_outside_cycle", "date")
        if reading.date > today:
            raise MeasureRefused("date_in_future", "date")


def periods_of(kind: str, span: Span) -> Iterator[Period]:
    """The ISO weeks or calendar months that touch a cycle, in order.

    A week is owed when its Thursday lies in the cycle, as ISO weeks belong to years; a month when at least half of its
    days do. So a cycle that begins on the 30th does not owe a whole month's quota for two days.

    >>> june = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> [(p.start.isoformat(), p.owed) for p in periods_of("week", june)][::13]
    [('2026-03-30', True), ('2026-06-29', False)]
    """
    start = start_of_period(kind, span.start)
    while start <= span.end:
        if kind == "week":
            end = start + 6 * _DAY
            owed = start + 3 * _DAY in span
        else:
            days = monthrange(start.year, start.month)[1]
            end = start + (days - 1) * _DAY
            owed = 2 * ((min(end, span.end) - max(start, span.start)).days + 1) >= days
        yield Period(start, end, owed)
        start = end + _DAY


def start_of_period(kind: str, day: date) -> date:
    """The Monday of the ISO week, or the first of the month, that holds the day.

    >>> start_of_period("week", date(2027, 1, 3)), start_of_period("month", date(2027, 1, 3))
    (datetime.date(2026, 12, 28), datetime.date(2027, 1, 1))
    """
    return day - day.weekday() * _DAY if kind == "week" else day.replace(day=1)


def score_key_result(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    """Current value, progress and score on a day.

    `readings` are the check-ins that count (corrected ones left out), in order of entry: the latest is the last entered
    among those of the latest date. Readings after `today` are left out, so a past day can be scored again. Reach,
    cumulative, coverage and milestone stand at 0 without a check-in; average, keep and quota have no score until
    something counts; neither has a key result whose baseline is still to be measured. Raises MeasureRefused.

    >>> cycle, day = Span(date(2026, 4, 1), date(2026, 6, 30)), date(2026, 5, 15)
    >>> days_to_order = Measure("reach", start_value=Decimal(45), target_value=Decimal(30))
    >>> score_key_result(days_to_order, cycle, [Reading(day, Decimal(36))], day).score
    0.6
    >>> customers = Measure("cumulative", target_value=Decimal(30))
    >>> score_key_result(customers, cycle, [Reading(day, Decimal(4)), Reading(day, Decimal(5))], day)
    Scored(current_value=Decimal('9'), progress=0.3, score=0.3, periods_counted=0, periods_met=0, missing_periods=())
    >>> feedback = Measure("quota", quota=Decimal(20), period="month")
    >>> heard = [Reading(date(2026, 4, 20), Decimal(10)), Reading(date(2026, 5, 8), Decimal(25))]
    >>> score_key_result(feedback, cycle, heard, day)
    Scored(current_value=Decimal('25'), progress=0.75, score=0.75, periods_counted=2, periods_met=1, missing_periods=())
    """
    check_measure(measure)
    known = [reading for reading in readings if reading.date <= today]
    if measure.kind == "milestone":
        scored = _score_milestone(measure)
    else:
        ordered = sorted((r for r in known if r.value is not None), key=lambda reading: reading.date)
        scored = _SCORERS[measure.kind](measure, span, ordered, today)
    if measure.measure_first:
        return replace(scored, progress=None, score=None)
    return scored


def progress_at(measure: Measure, value: Decimal) -> float | None:
    """Where a value of the key result's unit stands on its scale from 0 to 1: must-hit ticks, past values.

    None for keep and quota, whose progress is a share of periods, and while the scale itself is not known.

    >>> measure = Measure("reach", Decimal(15), Decimal(25), must_hit_value=Decimal(21))
    >>> progress_at(measure, measure.must_hit_value)
    0.6
    """
    share = _share_of_way(measure, Fraction(value))
    return None if share is None else float(share)


def weekly_progress(measure: Measure, span: Span, readings: Sequence[Reading]) -> list[float | None]:
    """Progress at the end of each ISO week of the cycle, None for a week without a check-in.

    The first entry is the week that holds the first day, the last the week that holds the last day.

    >>> cycle = Span(date(2026, 4, 6), date(2026, 4, 26))
    >>> said = [Reading(date(2026, 4, 8), Decimal(3)), Reading(date(2026, 4, 22), Decimal(6))]
    >>> weekly_progress(Measure("cumulative", target_value=Decimal(30)), cycle, said)
    [0.1, None, 0.3]
    """
    check_measure(measure)
    trail: list[float | None] = []
    spoken = {start_of_period("week", reading.date) for reading in readings}
    for week in periods_of("week", span):
        if measure.measure_first or start_of_period("week", week.start) not in spoken:
            trail.append(None)
            continue
        until = [reading for reading in readings if reading.date <= week.end]
        if measure.kind in _LATEST:
            last = _latest(sorted((r for r in until if r.value is not None), key=lambda reading: reading.date))
            trail.append(None if last is None else progress_at(measure, last))
        else:
            # A week has ended on the day after its Sunday; nothing later than the Sunday is known to it.
            trail.append(score_key_result(measure, span, until, week.end + _DAY).progress)
    return trail


def latest_confidence(readings: Sequence[Reading], today: date) -> int | None:
    """The confidence last stated up to today; a check-in that leaves it open does not withdraw it."""
    stated = [reading for reading in readings if reading.date <= today and reading.confidence is not None]
    return sorted(stated, key=lambda reading: reading.date)[-1].confidence if stated else None


def _share_of_way(measure: Measure, value: Fraction) -> Fraction | None:
    if measure.kind in ("reach", "cumulative", "average"):
        start = measure.start_value
        if start is None and measure.kind == "cumulative":
            start = Decimal(0)
        target = measure.target_value
        if start is None or target is None or start == target:
            return None
        from_start, way = _scale(start, target)
        return (value - from_start) / way
    if measure.kind == "coverage":
        return value / Fraction(measure.population) if measure.population else None
    if measure.kind == "milestone":
        total = sum((Fraction(step.weight) for step in measure.steps), Fraction(0))
        return value / total if total else None
    return None


@lru_cache(maxsize=1024)
def _scale(start: Decimal, target: Decimal) -> tuple[Fraction, Fraction]:
    """Where the way begins and how long it is: every week of a quarter asks for the same."""
    return Fraction(start), Fraction(target) - Fraction(start)


def _scored(current: Decimal | None, progress: Fraction | None, counted: int = 0, met: int = 0) -> Scored:
    if progress is None:
        return Scored(current, None, None, counted, met)
    return Scored(current, float(progress), float(min(max(progress, Fraction(0)), Fraction(1))), counted, met)


def _latest(readings: Sequence[Reading]) -> Decimal | None:
    return readings[-1].value if readings else None


def _sum(readings: Sequence[Reading]) -> Fraction:
    return sum((Fraction(reading.value) for reading in readings if reading.value is not None), Fraction(0))


def _decimal(value: Fraction) -> Decimal:
    return _MEAN.divide(Decimal(value.numerator), Decimal(value.denominator))


def _score_latest(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    current = _latest(readings)
    return _scored(current, Fraction(0) if current is None else _share_of_way(measure, Fraction(current)))


def _score_cumulative(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    if not readings:
        return _scored(None, Fraction(0))
    total = Fraction(measure.start_value or 0) + _sum(readings)
    return _scored(_decimal(total), _share_of_way(measure, total))


def _score_average(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    if not readings:
        return _scored(None, None)
    mean = _sum(readings) / len(readings)
    return _scored(_decimal(mean), _share_of_way(measure, mean))


def _score_milestone(measure: Measure) -> Scored:
    finished = sum((Fraction(step.weight) for step in measure.steps if step.done), Fraction(0))
    return _scored(_decimal(finished), _share_of_way(measure, finished))


def _by_period(kind: str, readings: Sequence[Reading]) -> dict[date, list[Reading]]:
    grouped: dict[date, list[Reading]] = {}
    for reading in readings:
        grouped.setdefault(start_of_period(kind, reading.date), []).append(reading)
    return grouped


def _has_ended(period: Period, span: Span, today: date) -> bool:
    return today > min(period.end, span.end)


def _score_quota(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    if measure.quota is None or measure.period is None:
        return _scored(None, None)
    quota, grouped = Fraction(measure.quota), _by_period(measure.period, readings)
    shares = []
    for period in periods_of(measure.period, span):
        reached = _sum(grouped.get(period.start, ())) / quota
        may_count = period.owed or (measure.period == "month" and reached >= 1)
        if may_count and (reached >= 1 or _has_ended(period, span, today)):
            shares.append(min(reached, Fraction(1)))
    this_period = start_of_period(measure.period, min(today, span.end))
    current = _decimal(_sum(grouped.get(this_period, ()))) if readings else None
    progress = sum(shares, Fraction(0)) / len(shares) if shares else None
    return _scored(current, progress, len(shares), sum(share == 1 for share in shares))


def _score_keep(measure: Measure, span: Span, readings: Sequence[Reading], today: date) -> Scored:
    kind = measure.period or "week"
    grouped = _by_period(kind, readings)
    missing = tuple(
        period.start
        for period in periods_of(kind, span)
        if period.owed and period.start not in grouped and _has_ended(period, span, today)
    )
    current = _latest(readings)
    if measure.target_value is None or measure.limit is None:
        return replace(_scored(current, None), missing_periods=missing)
    inside = sum(_is_inside(measure, group[-1].value) for group in grouped.values())
    progress = Fraction(inside, len(grouped)) if grouped else None
    scored = _scored(current, progress, len(grouped), inside)
    return replace(scored, missing_periods=missing)


def _is_inside(measure: Measure, value: Decimal | None) -> bool:
    if value is None or measure.target_value is None:
        return False
    return value >= measure.target_value if measure.limit == "min" else value <= measure.target_value


_SCORERS = {
    "reach": _score_latest,
    "coverage": _score_latest,
    "cumulative": _score_cumulative,
    "average": _score_average,
    "quota": _score_quota,
    "keep": _score_keep,
}
