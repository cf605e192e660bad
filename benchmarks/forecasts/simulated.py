"""Key results of every kind on every course, reported as people report: late, rounded, not at all.

Ends, sizes, noise and habits are drawn from distributions that the model does not assume; a seed fixes them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from benchmarks.forecasts.courses import HELD_OUT, NOISY, SILENT, TUNED, Course
from benchmarks.forecasts.history import DAY, History
from objectives.formulas.scoring import KINDS, Measure, Reading, Span, Step

CYCLES = (
    (date(2025, 4, 1), date(2025, 6, 30)),
    (date(2025, 7, 1), date(2025, 9, 30)),
    (date(2025, 10, 1), date(2026, 3, 31)),
)


def histories(
    number: int, *, held_out: bool, seed: int, courses: Mapping[str, Callable[[Random], Course]] | None = None
) -> Iterator[History]:
    """So many of every kind on every course: of the tuned ones, of those held out, or of those given."""
    random = Random(seed)
    for family, make in (courses or (HELD_OUT if held_out else TUNED)).items():
        for kind in KINDS:
            for _ in range(number):
                yield _history(random, family, kind, make(random), held_out)


def _history(random: Random, family: str, kind: str, course: Course, held_out: bool) -> History:
    span = Span(*random.choices(CYCLES, (5, 3, 2))[0])
    days = _reported_on(random, span, family in SILENT)
    intent = "committed" if random.random() < 0.3 else "aspirational"
    end = _end(random, intent, held_out)
    noise = random.uniform(0.12, 0.4) if family in NOISY else random.choice((0, 0.01, 0.02, 0.04, 0.08))
    made = _MAKERS[kind](random, span, days, course, end, noise)
    return History(family, intent, *made)


def _reported_on(random: Random, span: Span, falls_silent: bool) -> list[date]:
    """Once a week or every other, on nearly the same weekday, with weeks left out; the silent stop some day."""
    long = (span.end - span.start).days + 1
    every, left_out = random.choice((7, 7, 7, 14)), random.choice((0.0, 0.1, 0.3))
    weekday = random.randrange(7)
    until = random.uniform(0.15, 0.8) * long if falls_silent else long
    days = set()
    for week in range(0, long, every):
        day = week + weekday + random.choice((0, 0, 0, 1, -1))
        if 0 <= day < until and random.random() >= left_out:
            days.add(span.start + timedelta(days=day))
    if not falls_silent and random.random() < 0.5:
        days.add(span.end)
    return sorted(days)


def _end(random: Random, intent: str, held_out: bool) -> float:
    """Where progress ends: some far off, most around the band, some exactly there, a few far beyond."""
    if held_out:
        return random.choice((random.uniform(0, 1.3), random.gauss(0.75, 0.25), 1 / random.uniform(0.7, 3)))
    draw = random.random()
    if draw < 0.2:
        return random.uniform(0, 0.35)
    if draw < 0.65:
        return random.triangular(0.3, 1.05, 0.7)
    if draw < 0.85 or intent == "committed":
        return random.gauss(1.0, 0.06)
    return random.lognormvariate(0.1, 0.35)


def _share(span: Span, day: date) -> float:
    return ((day - span.start).days + 1) / ((span.end - span.start).days + 1)


def _decimal(value: float, places: int = 2) -> Decimal:
    return round(Decimal(repr(value)), places)


def _scale(random: Random) -> tuple[Decimal, Decimal]:
    """Start and target as companies write them, falling ones among them."""
    start = Decimal(random.choice((0, 12, 20, 32, 45, 68, 320, 1100, 10000)))
    way = max(abs(start), Decimal(10)) * _decimal(random.uniform(0.1, 1.5))
    return start, start + (way if random.random() < 0.7 else -way)


Made = tuple[Measure, Span, tuple[Reading, ...]] | tuple[Measure, Span, tuple[Reading, ...], tuple[date | None, ...]]


def _strayed(random: Random, noise: float, number: int) -> list[float]:
    """Errors that hang together a little from one reading to the next."""
    errors, last, hang = [], 0.0, random.uniform(0, 0.7)
    for _ in range(number):
        last = hang * last + random.gauss(0, noise) * (1 - hang**2) ** 0.5
        errors.append(last)
    return errors


def _reach(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    start, target = _scale(random)
    errors = _strayed(random, noise, len(days))
    said = [
        Reading(day, _decimal(float(start) + (end * course(_share(span, day)) + error) * float(target - start)))
        for day, error in zip(days, errors, strict=True)
    ]
    return Measure("reach", start, target, start + (target - start) * Decimal("0.6")), span, tuple(said)


def _cumulative(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    target = random.choice((3, 8, 15, 30, 30, 60, 100, 400, 2000))
    lumps = max(1.0, noise * 20) * random.uniform(0.7, 1.5)
    said, before = [], 0.0
    for day in days:
        now = max(course(_share(span, day)), before)
        expected, before = max(end * (now - before) * target, 0.0), now
        size = lumps if target < 200 else lumps * target / 60
        added = round(size * _poisson(random, expected / size))
        said.append(Reading(day, Decimal(added)))
    return Measure("cumulative", None, Decimal(target), Decimal(target) / 2), span, tuple(said)


def _poisson(random: Random, mean: float) -> int:
    if mean > 50:
        return max(round(random.gauss(mean, mean**0.5)), 0)
    number, left = 0, random.expovariate(1)
    while left < mean:
        number, left = number + 1, left + random.expovariate(1)
    return number


def _coverage(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    population = random.choice((8, 12, 20, 40, 50, 120))
    said, best = [], 0.0
    for day in days:
        best = max(best, min(end * course(_share(span, day)) + random.gauss(0, noise / 2), 1.0))
        said.append(Reading(day, Decimal(round(best * population))))
    return Measure("coverage", population=Decimal(population)), span, tuple(said)


def _average(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    start, target = _scale(random)
    moves = random.uniform(0, 0.8)
    said = []
    for day, error in zip(days, _strayed(random, max(noise, 0.03) * 1.5, len(days)), strict=True):
        level = end * (1 - moves / 2 + moves * course(_share(span, day))) + error
        said.append(Reading(day, _decimal(float(start) + level * float(target - start))))
    return Measure("average", start, target, start + (target - start) * Decimal("0.6")), span, tuple(said)


def _quota(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    period = random.choice(("week", "week", "month"))
    quota = random.choice((1, 2, 3, 10, 20)) if period == "week" else random.choice((4, 10, 20, 100))
    moves, rate = random.uniform(0, 0.6), end * random.uniform(0.95, 1.4)
    said, last = [], span.start - DAY
    lumps = max(1.0, noise * 8)
    for day in days:
        slope = (course(_share(span, day)) - course(max(_share(span, day) - 0.1, 0))) / min(0.1, _share(span, day))
        gone = (day - last).days / (7 if period == "week" else 30.4)
        expected = max(rate * quota * gone * (1 - moves + moves * min(slope, 3)), 0.0)
        regular = random.random() < 0.5
        added = expected * random.uniform(0.9, 1.1) if regular else lumps * _poisson(random, expected / lumps)
        said.append(Reading(day, Decimal(round(added))))
        last = day
    return Measure("quota", quota=Decimal(quota), period=period), span, tuple(said)


def _keep(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    limit, is_least = Decimal(random.choice((1, 2, 95, 3000))), random.random() < 0.5
    spread = float(limit) * random.uniform(0.01, 0.1)
    # Most keep well inside their limit, some hover at it, some come to it or lose it on the way.
    first, last = random.choice(((1.5, 1.5), (0.8, 0.8), (0.2, 0.2), (-1, 1.5), (1.5, -1), (end * 2 - 1, end)))
    said = []
    for day, error in zip(days, _strayed(random, 1.0 + 2 * noise, len(days)), strict=True):
        margin = first + (last - first) * course(_share(span, day)) + error
        said.append(Reading(day, _decimal(float(limit) + (1 if is_least else -1) * margin * spread)))
    period = random.choice(("week", "week", "month", None))
    return Measure("keep", target_value=limit, limit="min" if is_least else "max", period=period), span, tuple(said)


def _milestone(random: Random, span: Span, days: Sequence[date], course: Course, end: float, noise: float) -> Made:
    number = random.randint(2, 8)
    weights = [Decimal(random.choice((1, 1, 1, 2, 3))) for _ in range(number)]
    whole, reached = float(sum(weights)), 0.0
    finished: list[date | None] = []
    for weight in weights:
        reached += float(weight)
        shares = [
            day
            for day in days
            if end * course(_share(span, day)) + random.gauss(0, noise / 3) >= reached / whole - 0.03
        ]
        finished.append(shares[0] if shares else None)
    for place in range(1, number):  # a step is not finished before the one it follows
        before, own = finished[place - 1], finished[place]
        finished[place] = None if before is None or own is None else max(before, own)
    said = [
        Reading(
            day, sum((w for w, on in zip(weights, finished, strict=True) if on is not None and on <= day), Decimal(0))
        )
        for day in days
    ]
    steps = tuple(Step(weight, on is not None) for weight, on in zip(weights, finished, strict=True))
    return Measure("milestone", steps=steps), span, tuple(said), tuple(finished)


_MAKERS = {
    "reach": _reach,
    "cumulative": _cumulative,
    "coverage": _coverage,
    "average": _average,
    "quota": _quota,
    "keep": _keep,
    "milestone": _milestone,
}
