"""Whether what was said of the end came true: stated chances against what happened.

A chance is right when as many cases come true as it says: of those called 70 %, seven in ten. That is asked of many
cases together, never of one, and of teams, never of a person. Source: the product's domain notes 2.4 and 3.12; the
score is G. W. Brier's (1950), its baseline the share that came true, said of every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# How people read the scale of 0 to 10: unsure, perhaps, rather sure, sure.
CONFIDENCES = ((0, 3), (4, 6), (7, 8), (9, 10))
# Fifths: narrower ones would hold a case or two each in a company of thirty people.
CHANCES = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0))
# Below five, one case more or less decides.
FEWEST = 5
# A score over the whole scale is a mean of squares, and wilder.
FEWEST_IN_ALL = 10
# One case in seven apart is chance with a handful of cases; four in ten is another world.
ABOUT, LITTLE = 0.15, 0.4


@dataclass(frozen=True, slots=True)
class Said:
    """A chance (0–1) that was given to so many `cases`, of which `right` came true."""

    chance: float
    cases: int
    right: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The cases of one part of the scale: the mean chance that was said of them, and how many came true."""

    low: float
    high: float
    cases: int = 0
    right: int = 0
    said: float = 0.0

    @property
    def share(self) -> float | None:
        """The share that came true, 0–1; None without a case."""
        return self.right / self.cases if self.cases else None

    @property
    def is_few(self) -> bool:
        """Whether there are too few cases to judge."""
        return self.cases < FEWEST


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cells from the lowest chance to the highest, and how far the chances were off in all (0 is best, 1 worst).

    `baseline` is what it would have been, had everyone said of every case the share that came true; None without cases.
    """

    cells: tuple[Cell, ...]
    brier: float | None = None
    baseline: float | None = None

    @property
    def cases(self) -> int:
        return sum(cell.cases for cell in self.cells)

    @property
    def is_few(self) -> bool:
        """Whether there are too few cases to speak of all together."""
        return self.cases < FEWEST_IN_ALL

    @property
    def is_better(self) -> bool:
        """Whether the chances said more than the share that came true."""
        return self.brier is not None and self.baseline is not None and self.brier < self.baseline


def brier(said: Iterable[Said]) -> float | None:
    """The mean square of what each chance was off by; None without cases.

    >>> brier([Said(0.9, 1, 1), Said(0.7, 1, 0)]), brier([])
    (0.25, None)
    """
    rows = list(said)
    cases = sum(row.cases for row in rows)
    if not cases:
        return None
    off = sum(row.right * (1 - row.chance) ** 2 + (row.cases - row.right) * row.chance**2 for row in rows)
    return round(off / cases, 12)


def baseline(cases: int, right: int) -> float | None:
    """The same for one chance said of all: the share that came true.

    >>> baseline(10, 6), baseline(4, 4), baseline(0, 0)
    (0.24, 0.0, None)
    """
    return round(right / cases * (1 - right / cases), 12) if cases else None


def reliability(said: Iterable[Said], parts: Sequence[tuple[float, float]] = CHANCES) -> Reliability:
    """What was said by parts of the scale against what came true. A limit between two parts belongs to the upper one.

    >>> found = reliability([Said(0.1, 4, 0), Said(0.65, 6, 4), Said(0.75, 4, 3), Said(1.0, 1, 1)])
    >>> [(cell.cases, cell.right, cell.is_few) for cell in found.cells]
    [(4, 0, True), (0, 0, True), (0, 0, True), (10, 7, False), (1, 1, True)]
    >>> round(found.cells[3].said, 2), round(found.brier, 3), round(found.baseline, 3)
    (0.69, 0.142, 0.249)
    """
    rows = [row for row in said if row.cases]
    inside: list[list[Said]] = [[] for _part in parts]
    for row in rows:
        inside[part_of(row.chance, parts)].append(row)
    cells = tuple(_cell(low, high, found) for (low, high), found in zip(parts, inside, strict=True))
    return Reliability(
        cells, brier(rows), baseline(sum(cell.cases for cell in cells), sum(cell.right for cell in cells))
    )


def confidence(said: Iterable[Said]) -> Reliability:
    """The same for confidences of 0 to 10, each read as so many tenths, by `CONFIDENCES`.

    >>> [cell.cases for cell in confidence([Said(0.3, 2, 0), Said(0.4, 3, 1), Said(0.8, 4, 3), Said(1.0, 5, 3)]).cells]
    [2, 3, 4, 5]
    """
    return reliability(said, [(low / 10, high / 10) for low, high in CONFIDENCES])


def part_of(chance: float, parts: Sequence[tuple[float, float]]) -> int:
    """The number of the part of the scale that a chance falls in.

    >>> [part_of(chance, CHANCES) for chance in (0.0, 0.2, 0.599999, 1.0)]
    [0, 1, 2, 4]
    """
    return max((number for number, (low, _high) in enumerate(parts) if chance >= low - 1e-9), default=0)


def _cell(low: float, high: float, found: Sequence[Said]) -> Cell:
    cases = sum(row.cases for row in found)
    said = sum(row.chance * row.cases for row in found) / cases if cases else 0.0
    return Cell(low, high, cases, sum(row.right for row in found), said)


def verdict(cell: Cell) -> str:
    """How a cell reads: `few`, `right`, `little_too_sure`, `too_sure`, `little_too_unsure` or `too_unsure`.

    >>> [verdict(Cell(0.9, 1.0, cases, right, 0.95)) for cases, right in ((4, 0), (10, 9), (10, 6), (10, 2))]
    ['few', 'right', 'little_too_sure', 'too_sure']
    >>> verdict(Cell(0.0, 0.3, 10, 5, 0.2))
    'little_too_unsure'
    """
    if cell.is_few or cell.share is None:
        return "few"
    apart = cell.said - cell.share
    if abs(apart) <= ABOUT + 1e-9:
        return "right"
    which = "sure" if apart > 0 else "unsure"
    return f"little_too_{which}" if abs(apart) <= LITTLE + 1e-9 else f"too_{which}"


def telling(found: Reliability) -> Cell | None:
    """The cell to speak of first: of those with enough cases the surest; None where there is none.

    Overconfidence is what plans break on, so sure words are looked at before unsure ones.

    >>> telling(confidence([Said(0.7, 6, 4), Said(0.9, 4, 1)])).low
    0.7
    >>> telling(confidence([Said(0.9, 4, 1)]))
    """
    return next((cell for cell in reversed(found.cells) if not cell.is_few), None)
