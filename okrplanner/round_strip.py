"""A small strip of a cycle's rounds: which were reported, skipped, free or are still open. Ink only, nothing in red."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from objectives.formulas.rhythm import RoundTold
from okrplanner.formats import day_short

register = template.Library()

STEP, HEIGHT = 12, 12
MOST_IN_A_ROW = 14
MARKS = {
    "reported": '<rect x="-4" y="-4" width="8" height="8" fill="currentColor"/>',
    "skipped": '<rect x="-3.5" y="-3.5" width="7" height="7" fill="none" stroke="currentColor"/>',
    "free": '<path d="M-3.5 0h7" stroke="currentColor"/>',
    "open": '<circle r="3.5" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    "ahead": '<circle r="1.2" fill="currentColor"/>',
}


def state_word(state: str) -> str:
    return {
        "reported": pgettext("round", "reported"),
        "skipped": pgettext("round", "skipped"),
        "free": pgettext("round", "nothing owed"),
        "open": pgettext("round", "still open"),
        "ahead": pgettext("round", "ahead"),
    }[state]


def round_sentence(rounds: Sequence[RoundTold]) -> str:
    """How many of the rounds that were owed, or reported anyway, were reported: "9 of 11 rounds reported"."""
    reported = sum(one.state == "reported" for one in rounds)
    owed = reported + sum(one.state == "skipped" for one in rounds)
    if not owed:
        return _("No round has ended yet")
    return ngettext("%(reported)s of %(owed)s round reported", "%(reported)s of %(owed)s rounds reported", owed) % {
        "reported": reported,
        "owed": owed,
    }


@register.filter
def rounds_sentence(rounds: Sequence[RoundTold] | None) -> str:
    return round_sentence(rounds) if rounds else ""


def in_a_row(number: int) -> int:
    """How many rounds stand side by side: about a quarter of weeks, so that a year fits where thirteen weeks do.

    >>> [in_a_row(number) for number in (1, 12, 14, 26, 52, 53)]
    [1, 12, 14, 13, 13, 14]
    """
    return ceil(number / ceil(number / MOST_IN_A_ROW))


@register.simple_tag
def round_strip(rounds: Sequence[RoundTold] | None) -> SafeString:
    """The strip alone; its label says every state in words, and each mark what it stands for."""
    if not rounds:
        return SafeString("")
    said = [
        _("from %(day)s: %(state)s") % {"day": day_short(one.round.start), "state": state_word(one.state)}
        for one in rounds
    ]
    row = in_a_row(len(rounds))
    marks = "".join(
        f'<svg x="{number % row * STEP + STEP // 2}" y="{number // row * HEIGHT + HEIGHT // 2}" overflow="visible">'
        f"<g><title>{escape(words)}</title>"
        f'<rect x="-6" y="-6" width="12" height="12" fill="none" pointer-events="all"/>{MARKS[one.state]}</g></svg>'
        for number, (one, words) in enumerate(zip(rounds, said, strict=True))
    )
    label = escape("; ".join([round_sentence(rounds), *said]))
    width, height = row * STEP, ceil(len(rounds) / row) * HEIGHT
    # Every part of it is a constant, a number, or escaped above.
    return mark_safe(  # noqa: S308
        f'<svg class="round-strip" role="img" aria-label="{label}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{marks}</svg>'
    )


@register.simple_tag
def round_legend() -> SafeString:
    """What the marks of a strip mean, with a word for each."""
    items = "".join(
        f'<span><svg class="round-strip" aria-hidden="true" width="{STEP}" height="{HEIGHT}">'
        f'<svg x="6" y="6" overflow="visible">{mark}</svg></svg> {escape(state_word(state))}</span>'
        for state, mark in MARKS.items()
    )
    return mark_safe(f'<span class="round-legend meta-row">{items}</span>')  # noqa: S308
