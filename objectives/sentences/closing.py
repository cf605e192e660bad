"""How objectives and cycles ended, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.formulas.closing import Reading
from objectives.queries.closing import Closing, Ending


def reading_word(reading: Reading, *, is_closed: bool) -> str:
    """What a score at the end says, in a sentence; of a goal that still runs, what it would say."""
    sentences = {
        "none": _("There is nothing to read a score from."),
        "out_of_reach": _("It was out of reach. Begin lower next time, or mix in surer key results."),
        "short": _("It fell short of the band. What was in the way is worth a look."),
        "in_band": _("It landed in the band: as ambitious as it should be."),
        "strong": _("It landed above the band: a strong result."),
        "too_easy": _("It was reached in full. Was it bold enough?"),
        "passed": _("It was reached: a committed goal passes at 1.0."),
        "nearly": _("It came within 0.05 of the mark of 1.0: that counts as reached."),
        "missed": _("It was missed: a committed goal passes at 1.0. Say in a sentence why."),
    }
    if is_closed or reading == "none":
        return sentences[reading]
    now = {
        "out_of_reach": _("As it stands, it would be out of reach."),
        "short": _("As it stands, it would fall short of the band."),
        "in_band": _("As it stands, it lands in the band."),
        "strong": _("As it stands, it lands above the band."),
        "too_easy": _("It is reached in full."),
        "passed": _("It is reached."),
        "nearly": _("As it stands, it comes within 0.05 of the mark of 1.0: that counts as reached."),
        "missed": _("As it stands, it would be missed: a committed goal passes at 1.0. Say in a sentence why."),
    }
    return now[reading]


def closing_finding(closing: Closing) -> list[str]:
    """Where closing the cycle stands, in one sentence, in parts between which a line may break."""
    values = {"cycle": closing.cycle.name, "ready": closing.ready, "total": len(closing.teams)}
    # Translators: “|” marks where the title may break into two lines.
    if closing.cycle.is_closed:
        sentence = _("%(cycle)s is closed: |its scores stay as they are.")
    elif not closing.teams:
        sentence = _("%(cycle)s has nothing |that could be closed.")
    elif closing.ready == len(closing.teams):
        sentence = _("Every team is ready |to close %(cycle)s.")
    elif not closing.ready:
        sentence = _("No team is ready |to close %(cycle)s yet.")
    else:
        sentence = ngettext(
            "%(ready)s of %(total)s team is ready |to close %(cycle)s.",
            "%(ready)s of %(total)s teams are ready |to close %(cycle)s.",
            len(closing.teams),
        )
    return [part % values for part in sentence.split("|")]


def team_finding(closed: int, total: int) -> list[str]:
    """How many of a team's objectives are closed."""
    # Translators: “|” marks where the title may break into two lines.
    if not total:
        sentence = _("This team has nothing |that could be closed.")
    elif closed == total:
        sentence = _("All objectives are closed.")
    elif not closed:
        sentence = ngettext("%(total)s objective |is to be closed.", "%(total)s objectives |are to be closed.", total)
    else:
        sentence = ngettext(
            "%(closed)s of %(total)s objective |is closed.", "%(closed)s of %(total)s objectives |are closed.", total
        )
    return [part % {"closed": closed, "total": total} for part in sentence.split("|")]


def ending_word(ending: Ending) -> str:
    return reading_word(ending.reading, is_closed=ending.is_closed)
