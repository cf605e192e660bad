"""A key result's whole cycle, as it was reported, and what was known of it on a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from objectives.formulas.forecast.periods import last_whole_sum
from objectives.formulas.scoring import Measure, Reading, Scored, Span, Step, score_key_result

DAY = timedelta(days=1)


@dataclass(frozen=True)
class History:
    """`family` names the course it took, `finished_on` when each step of a milestone was done, None for never."""

    family: str
    intent: str
    measure: Measure
    span: Span
    readings: tuple[Reading, ...]
    finished_on: tuple[date | None, ...] = ()

    @property
    def kind(self) -> str:
        return self.measure.kind

    def day_at(self, share: float) -> date:
        return self.span.start + DAY * round(share * ((self.span.end - self.span.start).days + 1) - 1)

    def until(self, day: date) -> tuple[Measure, list[Reading]]:
        """The measure as it stood and what had been said by the end of a day."""
        measure = self.measure
        if measure.kind == "milestone":
            steps = tuple(
                Step(step.weight, on is not None and on <= day)
                for step, on in zip(measure.steps, self.finished_on, strict=True)
            )
            measure = replace(measure, steps=steps)
        return measure, [reading for reading in self.readings if reading.date <= day]

    def scored(self, day: date) -> Scored:
        measure, said = self.until(day)
        return score_key_result(measure, self.span, said, day)

    @cached_property
    def outcome(self) -> Scored:
        return self.scored(self.span.end + DAY)

    def present(self, day: date) -> float | None:
        """What a forecast's end is compared with: the figure on a day, a quota's last whole period at the end."""
        measure, said = self.until(day)
        if measure.kind == "quota" and day > self.span.end:
            return last_whole_sum(measure, self.span, said)
        current = self.scored(day).current_value
        if current is None and measure.kind in ("reach", "cumulative", "coverage"):
            return float(measure.start_value or 0)
        return None if current is None else float(current)

    @property
    def unit(self) -> float:
        """What a width of 1 means: the way from start to target, a quota, all there are, the limit."""
        measure = self.measure
        if measure.kind in ("reach", "cumulative", "average"):
            return abs(float(measure.target_value or 0) - float(measure.start_value or 0))
        if measure.kind == "milestone":
            return float(sum(step.weight for step in measure.steps))
        return abs(float(measure.quota or measure.population or measure.target_value or 1))
