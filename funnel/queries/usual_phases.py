"""The phases most customers go through, with what they often think in each: what a new journey begins with."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy


@dataclass(frozen=True)
class UsualPhase:
    """A phase by its usual name, with examples that show what is meant by each of its cells."""

    name: Promise
    thinks: Promise
    wants: Promise
    online: Promise
    offline: Promise
    condition: Promise


USUAL = (
    UsualPhase(
        pgettext_lazy("phase of a journey", "Awareness"),
        _("Our coffee breaks are lifeless. Could that be different?"),
        _("That there is such a service at all"),
        _("Social posts, search"),
        _("Trade fair, word of mouth"),
        _("Visits the site for the first time"),
    ),
    UsualPhase(
        pgettext_lazy("phase of a journey", "Interest"),
        _("This might fit us. How do others use it?"),
        _("Cases of companies like ours"),
        _("Case studies, newsletter"),
        _("Seminar"),
        _("Leaves an address for a document or a newsletter"),
    ),
    UsualPhase(
        pgettext_lazy("phase of a journey", "Comparison"),
        _("Which one is it to be, and what will my boss say?"),
        _("Prices, differences to others, what it brings"),
        _("Price page, comparison table"),
        _("Visit, tasting"),
        _("Asks for a quotation"),
    ),
    UsualPhase(
        pgettext_lazy("phase of a journey", "Purchase"),
        _("I want to begin without trouble."),
        _("Terms, how long it takes, who helps"),
        _("Order form"),
        _("Contract meeting"),
        _("Signs and receives the first delivery"),
    ),
    UsualPhase(
        pgettext_lazy("phase of a journey", "Loyalty"),
        _("It works well. I would tell others."),
        _("How to get more out of it"),
        _("Support page, newsletter for customers"),
        _("Regular visit"),
        _("Recommends us, or orders more"),
    ),
)


def usual_phases() -> tuple[UsualPhase, ...]:
    return USUAL


def example_of(name: str) -> UsualPhase | None:
    """The usual phase of this name in any of our languages, None where there is none."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            for phase in USUAL:
                if str(phase.name) == name:
                    return phase
    return None
