"""Whether an owner's confidence says more than the numbers do.

A confidence c moves the odds by w · (c − 6) ÷ 2. The weight w is fitted on the courses the model was tuned on, for
three sorts of owners, and tried on courses held out and on what the example company's people said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log
from random import Random
from statistics import mean

from benchmarks.forecasts.history import History
from benchmarks.forecasts.judging import SHARES, by_model
from objectives.formulas.pace import key_result_pace
from objectives.formulas.scoring import latest_confidence

MIDDLE = 6
WEIGHTS = [place / 20 for place in range(-10, 31)]
Asked = tuple[float, bool, int]
"""What the model says, what came, and how sure the owner was."""


def by_habit(random: Random, history: History, share: float) -> float:
    return 6.5


def by_the_numbers(random: Random, history: History, share: float) -> float:
    day = history.day_at(share)
    progress = history.scored(day).progress or 0.0
    return 3 + 5 * min(progress / key_result_pace(history.kind, history.span, day), 1.2)


def by_knowing_more(random: Random, history: History, share: float) -> float:
    """An owner who sees half of what is still to come."""
    final = min(max(history.outcome.progress or 0.0, 0.0), 1.2)
    return 0.5 * by_the_numbers(random, history, share) + 0.5 * (3 + 5 * final)


OWNERS = {"by habit": by_habit, "from the numbers": by_the_numbers, "who know half of the rest": by_knowing_more}


def asked(histories: Sequence[History], owner: Callable[[Random, History, float], float] | None) -> list[Asked]:
    random, found = Random(8), []
    for history in histories:
        for share in SHARES:
            told = by_model(history, share)
            if told is None:
                continue
            if owner is None:
                sure = latest_confidence(history.readings, history.day_at(share))
            else:
                sure = min(max(round(random.gauss(owner(random, history, share), 1.2)), 0), 10)
            if sure is not None:
                found += [(chance, came, sure) for chance, came in zip(told.chances, told.came, strict=True)]
    return found


def brier(rows: Sequence[Asked], weight: float) -> float:
    return mean((moved(chance, sure, weight) - came) ** 2 for chance, came, sure in rows)


def moved(chance: float, sure: int, weight: float) -> float:
    if not 0 < chance < 1:
        return chance
    return 1 / (1 + exp(-(log(chance / (1 - chance)) + weight * (sure - MIDDLE) / 2)))


def compare(training: Sequence[History], held_out: Sequence[History], example: Sequence[History]) -> None:
    print("\n### Does confidence help?\n")
    print("| owners | weight fitted | Brier, held out: without | with | example company: without | with |")
    print("|---|---:|---:|---:|---:|---:|")
    own = asked(example, None)
    for name, owner in OWNERS.items():
        learned, new = asked(training, owner), asked(held_out, owner)
        weight = min(WEIGHTS, key=lambda one: brier(learned, one))
        parts = [brier(new, 0), brier(new, weight), brier(own, 0), brier(own, weight)]
        print(f"| {name} | {weight:.2f} | {' | '.join(f'{part:.4f}' for part in parts)} |")
    best = min(WEIGHTS, key=lambda one: brier(own, one))
    print(
        f"| the example company's, fitted on itself | {best:.2f} | | | {brier(own, 0):.4f} | {brier(own, best):.4f} |"
    )
