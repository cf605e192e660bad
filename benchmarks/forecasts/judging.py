"""How good a set of forecasts was, and the plain baselines beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean

from benchmarks.forecasts.history import DAY, History
from objectives.formulas.forecast import Prior, forecast_key_result
from objectives.formulas.pace import key_result_pace

SHARES = (0.25, 0.5, 0.75)
LIMITS = (0.6, 0.7, 1.0)
ALMOST = 1e-9


@dataclass(frozen=True)
class Told:
    """A forecast beside what came: probabilities of the three limits, the range of the end, in the history's unit."""

    kind: str
    family: str
    share: float
    chances: tuple[float, float, float]
    came: tuple[bool, bool, bool]
    low: float | None
    middle: float | None
    high: float | None
    end: float | None

    @property
    def brier(self) -> tuple[float, ...]:
        return tuple((chance - came) ** 2 for chance, came in zip(self.chances, self.came, strict=True))

    @property
    def is_inside(self) -> bool | None:
        if self.low is None or self.high is None or self.end is None:
            return None
        return self.low - ALMOST <= self.end <= self.high + ALMOST

    @property
    def pinball(self) -> float | None:
        if self.low is None or self.middle is None or self.high is None or self.end is None:
            return None
        parts = zip((0.1, 0.5, 0.9), (self.low, self.middle, self.high), strict=True)
        return mean(max(share * (self.end - at), (share - 1) * (self.end - at)) for share, at in parts)


Teller = Callable[[History, float], Told | None]


def told(history: History, share: float, chances: Sequence[float | None], ends: Sequence[float | None]) -> Told | None:
    """None for what has no score in the end: nothing came that a probability could be held against."""
    outcome, end = history.outcome.progress, history.present(history.span.end + DAY)
    if outcome is None:
        return None
    low, middle, high = (None if place is None else place / history.unit for place in ends)
    return Told(
        history.kind,
        history.family,
        share,
        tuple(0.5 if chance is None else chance for chance in chances),  # type: ignore[arg-type]
        tuple(outcome >= limit - ALMOST for limit in LIMITS),  # type: ignore[arg-type]
        low,
        middle,
        high,
        None if end is None else end / history.unit,
    )


def by_model(history: History, share: float, prior: Prior | None = None) -> Told | None:
    day = history.day_at(share)
    measure, said = history.until(day)
    found = forecast_key_result(measure, history.intent, history.span, said, day, prior)
    return told(history, share, (found.score_0_6, found.score_0_7, found.target), (found.p10, found.p50, found.p90))


def stays(history: History, day: date) -> tuple[float, float | None]:
    """The last value stays: progress, and the end."""
    return history.scored(day).progress or 0.0, history.present(day)


def straight(history: History, day: date) -> tuple[float, float | None]:
    """It goes on as it went: progress ÷ pace. What measures a level has a pace of 1 and stays."""
    progress, present = stays(history, day)
    pace = key_result_pace(history.kind, history.span, day)
    start = float(history.measure.start_value or 0) if history.kind in ("reach", "cumulative") else 0.0
    return progress / pace, None if present is None else start + (present - start) / pace


Plain = Callable[[History, date], tuple[float, float | None]]


def plainly(plain: Plain) -> Teller:
    """The baseline as it speaks: one number, and certainty."""

    def tell(history: History, share: float) -> Told | None:
        progress, end = plain(history, history.day_at(share))
        return told(history, share, [float(progress >= limit - ALMOST) for limit in LIMITS], (end, end, end))

    return tell


class WithItsErrors:
    """The baseline with the errors it made on the training set, by kind and elapsed share: its fair probabilities."""

    def __init__(self, plain: Plain, training: Iterable[History]) -> None:
        self.plain = plain
        self.errors: dict[tuple[str, float], tuple[list[float], list[float]]] = {}
        for history in training:
            for share in SHARES:
                outcome, came = history.outcome.progress, history.present(history.span.end + DAY)
                progress, end = plain(history, history.day_at(share))
                missed, off = self.errors.setdefault((history.kind, share), ([], []))
                if outcome is not None:
                    missed.append(outcome - progress)
                if end is not None and came is not None:
                    off.append((came - end) / history.unit * _sign(history))
        for missed, off in self.errors.values():
            missed.sort()
            off.sort()

    def __call__(self, history: History, share: float) -> Told | None:
        progress, end = self.plain(history, history.day_at(share))
        missed, off = self.errors[history.kind, share]
        chances = [1 - bisect_left(missed, limit - progress - ALMOST) / len(missed) for limit in LIMITS]
        ends: list[float | None] = [None, None, None]
        if end is not None:
            turned = _sign(history) * history.unit
            ends = sorted(end + turned * off[int(part * (len(off) - 1))] for part in (0.1, 0.5, 0.9))  # type: ignore[assignment]
        return told(history, share, chances, ends)


def _sign(history: History) -> int:
    """Errors are kept in the direction of the goal, so that falling and rising targets learn from each other."""
    measure = history.measure
    if measure.kind == "keep":
        return 1 if measure.limit == "min" else -1
    return 1 if float(measure.target_value or 1) >= float(measure.start_value or 0) else -1


@dataclass(frozen=True)
class Quality:
    number: int
    brier: tuple[float, float, float]
    coverage: float
    width: float
    pinball: float


def quality(rows: Sequence[Told]) -> Quality:
    ranged = [row for row in rows if row.is_inside is not None]
    return Quality(
        len(rows),
        tuple(mean(row.brier[place] for row in rows) for place in range(3)),  # type: ignore[arg-type]
        mean(bool(row.is_inside) for row in ranged) if ranged else float("nan"),
        mean((row.high or 0) - (row.low or 0) for row in ranged) if ranged else float("nan"),
        mean(row.pinball or 0 for row in ranged) if ranged else float("nan"),
    )


def calibration(rows: Sequence[Told]) -> list[tuple[float, float, int]]:
    """Said, come and how many, by tenths of the probability of reaching 0.6 and 0.7."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for row in rows:
        for chance, came in zip(row.chances[:2], row.came[:2], strict=True):
            bins[min(int(chance * 10), 9)].append((chance, came))
    return [(mean(c for c, _ in one), mean(float(came) for _, came in one), len(one)) for one in bins if one]
