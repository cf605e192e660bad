"""Where a key result is likely to end: a range, and the probabilities of what matters.

Every kind is foretold in its own way; all start from where similar key results ended, and say so by their width. Held
against two plain baselines in `benchmarks/forecast.py`. Source of what is asked: the product's domain notes 2.4.
"""

from objectives.formulas.forecast.carried import forecast_sum
from objectives.formulas.forecast.model import forecast_key_result, path
from objectives.formulas.forecast.priors import DEFAULT_PRIORS, default_prior, learn_priors
from objectives.formulas.forecast.shapes import Ended, Forecast, Place, Prior

__all__ = [
    "DEFAULT_PRIORS",
    "Ended",
    "Forecast",
    "Place",
    "Prior",
    "default_prior",
    "forecast_key_result",
    "forecast_sum",
    "learn_priors",
    "path",
]
