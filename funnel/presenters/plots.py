"""Where things stand on a drawn scale: shares of its width as SVG lengths, and round numbers to mark it with."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.presenters.drawing import ticks_between

MOST_TICKS = 5


@dataclass(frozen=True)
class Scale:
    """From `low` to `high` across the whole width of a drawing."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value stands, 0–100, the nearest end for one outside."""
        width = self.high - self.low
        return min(max((value - self.low) / width * 100, 0.0), 100.0) if width > 0 else 50.0

    def at(self, value: float) -> str:
        """The same as an SVG length: "41.27%"."""
        return f"{self.place(value):.2f}%"

    def wide(self, begin: float, end: float) -> str:
        """How wide what goes from one value to another is drawn."""
        return f"{abs(self.place(end) - self.place(begin)):.2f}%"

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def ticks(self, most: int = MOST_TICKS) -> list[float]:
        """Round numbers inside, evenly apart.

        >>> Scale(0, 473).ticks(), Scale(-0.13, 0.42).ticks(4)
        ([0.0, 100.0, 200.0, 300.0, 400.0], [0.0, 0.2, 0.4])
        """
        return ticks_between(self.low, self.high, most)
