"""What is known of a candidate for a partner: the prompts of the scorecard, and what several people's answers come to.

Answers are 0 no, 1 in part, 2 yes; what somebody did not see is absent. Source: the product's domain notes 3.18.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

NO, IN_PART, YES = 0, 1, 2
ANSWERS = (NO, IN_PART, YES)
ASKED, UNDERSTANDING, WARNING = "asked", "understanding", "warning"
GROUPS = (ASKED, UNDERSTANDING, WARNING)
FEWEST = 4
"""Of fewer prompts than this nothing is said: two lucky questions are no understanding."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to watch for; yes is good, but for a warning sign."""

    code: str
    group: str

    @property
    def is_warning(self) -> bool:
        return self.group == WARNING


PROMPTS = (
    Prompt("unit_price", ASKED),
    Prompt("main_target", ASKED),
    Prompt("profit", ASKED),
    Prompt("delivery", ASKED),
    Prompt("business", UNDERSTANDING),
    Prompt("disagrees", UNDERSTANDING),
    Prompt("price_only", WARNING),
    Prompt("channel_first", WARNING),
)
CODES = frozenset(prompt.code for prompt in PROMPTS)


@dataclass(frozen=True, slots=True)
class Seen:
    """What everybody together saw of one prompt."""

    prompt: Prompt
    answers: tuple[int, ...]

    @property
    def mean(self) -> Fraction | None:
        """Between 0 and 2; None where nobody saw it."""
        return Fraction(sum(self.answers), len(self.answers)) if self.answers else None

    @property
    def answer(self) -> int | None:
        """The mean as an answer, a half counting up.

        >>> [Seen(PROMPTS[0], answers).answer for answers in ((2, 1), (2, 0), (1, 0, 0), ())]
        [2, 1, 0, None]
        """
        return None if self.mean is None else int(self.mean + Fraction(1, 2))

    @property
    def is_disputed(self) -> bool:
        """Whether one says yes and another no."""
        return YES in self.answers and NO in self.answers


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one candidate, prompt by prompt in the order of `PROMPTS`, by so many raters."""

    seen: tuple[Seen, ...]
    raters: int

    @property
    def known(self) -> int:
        """How many prompts somebody answered."""
        return sum(bool(each.answers) for each in self.seen)

    @property
    def is_enough(self) -> bool:
        return self.known >= FEWEST

    @property
    def points(self) -> Fraction:
        """What was seen of good, two points a prompt."""
        return sum((each.mean for each in self.good if each.mean is not None), Fraction(0))

    @property
    def possible(self) -> int:
        """The points there would be if everything that could be known were good."""
        return 2 * sum(bool(each.answers) for each in self.good)

    @property
    def share(self) -> float | None:
        """Points of those possible, 0–1; None where too little is known. Warning signs do not count against it."""
        return float(self.points / self.possible) if self.is_enough and self.possible else None

    @property
    def good(self) -> tuple[Seen, ...]:
        return tuple(each for each in self.seen if not each.prompt.is_warning)

    @property
    def asked(self) -> int:
        """How many of the questions were asked, not only in part."""
        return sum(each.answer == YES for each in self.of(ASKED))

    @property
    def askable(self) -> int:
        """Of how many questions somebody knows whether they were asked."""
        return sum(bool(each.answers) for each in self.of(ASKED))

    @property
    def warnings(self) -> tuple[Seen, ...]:
        """Warning signs that were seen, not only in part."""
        return tuple(each for each in self.of(WARNING) if each.answer == YES)

    @property
    def disputed(self) -> tuple[Seen, ...]:
        return tuple(each for each in self.seen if each.is_disputed)

    def of(self, group: str) -> tuple[Seen, ...]:
        return tuple(each for each in self.seen if each.prompt.group == group)


def standing(ratings: Iterable[Mapping[str, int]]) -> Standing:
    """What several people's answers, by the prompts' codes, come to; who answered nothing is no rater.

    Codes and answers that are none of these are passed over.

    >>> one = {"unit_price": 2, "main_target": 2, "profit": 0, "delivery": 2, "channel_first": 2}
    >>> found = standing([one, one | {"profit": 2, "business": 1}, {}])
    >>> found.raters, found.asked, found.askable, found.points, found.possible, found.share
    (2, 3, 4, Fraction(8, 1), 10, 0.8)
    >>> [each.prompt.code for each in found.warnings], [each.prompt.code for each in found.disputed]
    (['channel_first'], ['profit'])
    >>> standing([{"unit_price": 2, "profit": 2}]).share is None
    True
    """
    given = [{code: answer for code, answer in each.items() if code in CODES and answer in ANSWERS} for each in ratings]
    given = [each for each in given if each]
    seen = (Seen(prompt, tuple(each[prompt.code] for each in given if prompt.code in each)) for prompt in PROMPTS)
    return Standing(tuple(seen), len(given))
