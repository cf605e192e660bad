"""The scorecard for candidates in words: what to watch for, why it matters, and what an answer is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from objectives.formulas.candidates import ASKED, IN_PART, NO, UNDERSTANDING, WARNING, YES


@dataclass(frozen=True, slots=True)
class Wording:
    """A prompt in a word for a column's head, in a sentence, and why it is watched for."""

    short: Promise
    sentence: Promise
    why: Promise


WORDINGS: Mapping[str, Wording] = {
    "unit_price": Wording(
        pgettext_lazy("prompt of a scorecard", "Unit price"),
        gettext_lazy("They asked for the unit price."),
        gettext_lazy("Without it nobody can say what one more order is worth."),
    ),
    "main_target": Wording(
        pgettext_lazy("prompt of a scorecard", "Main target"),
        gettext_lazy("They asked who the main target is."),
        gettext_lazy("Whoever does not know the customer addresses everybody."),
    ),
    "profit": Wording(
        pgettext_lazy("prompt of a scorecard", "Profit"),
        gettext_lazy("They asked how profit is made."),
        gettext_lazy("Revenue can grow while nothing is left of it."),
    ),
    "delivery": Wording(
        pgettext_lazy("prompt of a scorecard", "Delivery"),
        gettext_lazy("They asked how the value is delivered."),
        gettext_lazy("What cannot be delivered should not be promised."),
    ),
    "business": Wording(
        pgettext_lazy("prompt of a scorecard", "Business"),
        gettext_lazy("They talk about the business and not only about channels."),
        gettext_lazy("A channel is a means; the KGI is what it is for."),
    ),
    "disagrees": Wording(
        pgettext_lazy("prompt of a scorecard", "Disagrees"),
        gettext_lazy("They would disagree with us."),
        gettext_lazy("Who only agrees will not stop us from a mistake."),
    ),
    "price_only": Wording(
        pgettext_lazy("prompt of a scorecard", "Price and date only"),
        gettext_lazy("They name a price and a date only."),
        gettext_lazy("An offer without a question was not made for us."),
    ),
    "channel_first": Wording(
        pgettext_lazy("prompt of a scorecard", "Channel first"),
        gettext_lazy("They start with a channel before the goal."),
        gettext_lazy("“Let us begin with Instagram” answers a question nobody has asked yet."),
    ),
}
GROUP_NAMES: Mapping[str, Promise] = {
    ASKED: gettext_lazy("Questions they asked"),
    UNDERSTANDING: gettext_lazy("Understanding"),
    WARNING: gettext_lazy("Warning signs"),
}
NOT_SEEN = pgettext_lazy("answer of a scorecard", "Not seen")
ANSWER_NAMES: Mapping[int, Promise] = {
    YES: pgettext_lazy("answer of a scorecard", "Yes"),
    IN_PART: pgettext_lazy("answer of a scorecard", "In part"),
    NO: pgettext_lazy("answer of a scorecard", "No"),
}


def answer_name(answer: int | None) -> str:
    return str(NOT_SEEN if answer is None else ANSWER_NAMES[answer])
