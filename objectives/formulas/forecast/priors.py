"""Where key results usually end, before this one has said much; and what an organization's own past adds to that.

The defaults are the product's: aspirational results land well at 0.6–0.7, committed ones are expected in full (domain
notes 2.3), and both spread widely. They weigh as much as eight ended key results.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from objectives.formulas.forecast.shapes import Ended, Prior

DEFAULT_PRIORS = {
    ("reach", "aspirational"): Prior(0.60, 0.40),
    ("reach", "committed"): Prior(0.80, 0.40),
    ("cumulative", "aspirational"): Prior(0.65, 0.40),
    ("cumulative", "committed"): Prior(0.85, 0.40),
    ("coverage", "aspirational"): Prior(0.65, 0.35),
    ("coverage", "committed"): Prior(0.85, 0.30),
    ("milestone", "aspirational"): Prior(0.70, 0.35),
    ("milestone", "committed"): Prior(0.85, 0.30),
    ("average", "aspirational"): Prior(0.55, 0.50),
    ("average", "committed"): Prior(0.75, 0.50),
    ("quota", "aspirational"): Prior(0.75, 0.30),
    ("quota", "committed"): Prior(0.85, 0.25),
    ("keep", "aspirational"): Prior(0.85, 0.20),
    ("keep", "committed"): Prior(0.88, 0.18),
}
DEFAULT_WEIGHT = 8
# A key result that ended at five times its target says that the target was wrong, not that others will do so.
LOWEST, HIGHEST = -0.5, 2.0
NARROWEST, WIDEST = 0.1, 0.7


def default_prior(kind: str, intent: str) -> Prior:
    """The product's own expectation; any intent but committed reads as aspirational.

    >>> default_prior("reach", "aspirational").landing
    0.6
    """
    return DEFAULT_PRIORS[kind, "committed" if intent == "committed" else "aspirational"]


def learn_priors(ended: Iterable[Ended]) -> dict[tuple[str, str], Prior]:
    """What finished key results add to the default of their kind and intent, for every such pair among them.

    The default counts as eight of them, so that two lucky quarters do not promise a third.

    >>> learn_priors([Ended("reach", "aspirational", 0.2)] * 8)["reach", "aspirational"].weight
    8.0
    """
    landings: dict[tuple[str, str], list[float]] = {}
    for row in ended:
        landings.setdefault((row.kind, row.intent), []).append(min(max(row.progress, LOWEST), HIGHEST))
    return {key: _learned(default_prior(*key), found) for key, found in landings.items()}


def _learned(default: Prior, landings: list[float]) -> Prior:
    number = len(landings)
    whole = DEFAULT_WEIGHT + number
    mean = (DEFAULT_WEIGHT * default.landing + sum(landings)) / whole
    squares = sum((landing - mean) ** 2 for landing in landings)
    squares += DEFAULT_WEIGHT * (default.spread**2 + (default.landing - mean) ** 2)
    return Prior(mean, min(max(sqrt(squares / whole), NARROWEST), WIDEST), float(number))
