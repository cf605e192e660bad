"""What a table of actions comes to, in a sentence or two."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.formulas.action_effects import FEWEST, Summary


def finding_of(summary: Summary) -> list[str]:
    """How well we expect, from the finished actions; what is lacking where too few say."""
    if not summary.done:
        return [_("No action is finished yet:"), _("what came of them will stand here.")]
    if not summary.told:
        done = ngettext("%(number)s action is finished;", "%(number)s actions are finished;", summary.done)
        return [done % {"number": summary.done}, _("none says yet what it was to move and what it moved.")]
    told = ngettext(
        "%(hits)s of %(number)s action reached what was expected:",
        "%(hits)s of %(number)s actions reached what was expected:",
        summary.told,
    ) % {"hits": summary.hits, "number": summary.told}
    return [told, leaning_of(summary)]


def leaning_of(summary: Summary) -> str:
    """Whether we expect too much or too little."""
    sentences = {
        "too_much": _("we expect more than comes."),
        "too_little": _("more comes than we expect."),
        "right": _("our expectations hold."),
    }
    return sentences.get(summary.leaning) or _("too few to judge, it takes %(fewest)s.") % {"fewest": FEWEST}
