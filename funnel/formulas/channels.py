"""Several channels bring one stage of a funnel: what they bring together, what is missing, and how to share it out.

Source: the product's domain notes 2.1 (one engine, exact until shown) and the funnel's channel split.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil

Figure = int | Decimal | Fraction


def total(volumes: Iterable[Figure | None]) -> Fraction | None:
    """What the channels bring together; None where none of them says how much.

    >>> total([2400, None, 1500]), total([None])
    (Fraction(3900, 1), None)
    """
    known = [Fraction(volume) for volume in volumes if volume is not None]
    return sum(known, Fraction(0)) if known else None


def weighted_mean(parts: Iterable[tuple[Figure | None, Figure | None]]) -> Fraction | None:
    """The rate of the whole stage from (volume, rate) of its channels: what all pass on ÷ what all bring.

    A mean of the rates alone would count a channel of 10 as much as one of 10,000. None where no channel has both
    numbers, or their volumes are 0.

    >>> weighted_mean([(9_000, Decimal("0.01")), (1_000, Decimal("0.05"))])
    Fraction(7, 500)
    >>> weighted_mean([(100, None), (None, 1)]) is None
    True
    """
    known = [(Fraction(volume), Fraction(rate)) for volume, rate in parts if volume is not None and rate is not None]
    volume = sum((volume for volume, _rate in known), Fraction(0))
    return sum((volume * rate for volume, rate in known), Fraction(0)) / volume if volume else None


def shortfall(need: Figure, brought: Figure) -> int:
    """How many whole ones are missing of a need as it is shown, rounded up; below 0 where more is brought.

    >>> shortfall(Fraction(12_500, 3), 3_900), shortfall(84, 90), shortfall(417, Fraction(833, 2))
    (267, -6, 1)
    """
    return ceil(need) - (Fraction(brought).numerator // Fraction(brought).denominator)


def spread(volumes: Sequence[Figure | None], need: Figure) -> list[int]:
    """Whole volumes that sum to the need, rounded up, and keep the channels' proportions.

    What cannot be divided goes one by one to those whose parts were cut most, the first of equals first. Channels that
    bring nothing yet share evenly. Raises ValueError without a channel, or for numbers below 0.

    >>> spread([2400, 1000, 500], Fraction(12_500, 3))
    [2564, 1069, 534]
    >>> spread([None, 0], 7)
    [4, 3]
    """
    parts = [Fraction(volume or 0) for volume in volumes]
    if not parts or need < 0 or any(part < 0 for part in parts):
        raise ValueError("There is nothing to spread, or a volume lies below 0.")
    goal, whole = ceil(need), sum(parts, Fraction(0))
    shares = [goal * (part / whole if whole else Fraction(1, len(parts))) for part in parts]
    floors = [share.numerator // share.denominator for share in shares]
    by_rest = sorted(range(len(parts)), key=lambda number: (floors[number] - shares[number], number))
    for number in by_rest[: goal - sum(floors)]:
        floors[number] += 1
    return floors


def worth(volume: Figure, rate: Figure, further: Iterable[Figure]) -> Fraction:
    """What a channel's volume comes to at the end: volume × its own rate × every factor further down the chain.

    >>> worth(2_400, Decimal("0.35"), [Decimal("0.2"), 1_200_000])
    Fraction(201600000, 1)
    """
    value = Fraction(volume) * Fraction(rate)
    for factor in further:
        value *= Fraction(factor)
    return value
