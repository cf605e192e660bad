"""How alike two goals' words are, and which goals of a company repeat or contradict each other. Knows no database."""

from objectives.formulas.likeness.finding import Comparison, Rarity, find, likeness
from objectives.formulas.likeness.goals import Finding, Found, Goal, Measured
from objectives.formulas.likeness.words import DOWN, HOLD, UP, Words, words_of

__all__ = [
    "DOWN",
    "HOLD",
    "UP",
    "Comparison",
    "Finding",
    "Found",
    "Goal",
    "Measured",
    "Rarity",
    "Words",
    "find",
    "likeness",
    "words_of",
]
