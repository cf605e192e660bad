"""Milestone: steps that are finished one after the other."""

from __future__ import annotations

from math import exp, lgamma, log

from objectives.formulas.forecast.endings import Ending
from objectives.formulas.forecast.shapes import Prior
from objectives.formulas.scoring import Measure

PRIOR_EVENTS, AT_THE_END = 4.0, 1.1
"""How many finished steps the usual rate weighs, and how much faster than evenly steps are finished."""


def ending_of_steps(measure: Measure, time: float, prior: Prior) -> Ending:
    """Where the weight of finished steps, as a share of all, will end. Steps are taken in their order.

    They come at a rate that is a Gamma distribution, at first what is usual; so the number still to come is negative
    binomial, cut where all are done.
    """
    weights = [float(step.weight) for step in measure.steps]
    whole = sum(weights)
    left = [float(step.weight) for step in measure.steps if not step.done]
    done = len(weights) - len(left)
    shape = PRIOR_EVENTS + done
    exposure = PRIOR_EVENTS / (max(prior.landing, 0.05) * len(weights) * AT_THE_END) + time
    share = (1 - time) / (exposure + 1 - time)
    reached = sum(weights) - sum(left)
    points, certain = [], 1.0
    for number in range(len(left)):
        chance = _negative_binomial(number, shape, share)
        points.append((chance, reached / whole))
        certain -= chance
        reached += left[number]
    points.append((max(certain, 0.0), 1.0))
    return Ending(points=tuple(points))


def _negative_binomial(number: int, shape: float, share: float) -> float:
    if share <= 0:
        return float(number == 0)
    ways = lgamma(shape + number) - lgamma(shape) - lgamma(number + 1)
    return exp(ways + shape * log(1 - share) + number * log(share))
