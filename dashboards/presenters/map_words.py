"""What the alignment map says in sentences: its findings, and what is missing in the chains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.presenters.map_parts import grouped
from dashboards.queries.forest import Forest


@dataclass(frozen=True, slots=True)
class GapLine:
    """One kind of what is missing, with how often and where the list of it is."""

    gap: str
    count: int
    sentence: str
    address: str


def reach_finding(forest: Forest, gaps: Mapping[str, list[int]]) -> list[str]:
    """The page's title: how much of the company leads to its goals, and how much hangs nowhere."""
    if forest.is_partner:
        return [_("The goals shared with you, and what contributes to them.")]
    below = sum(1 for goal in forest.own if goal.level != "company")
    if not below:
        return [_("Nobody below the company has a goal in this cycle yet.")]
    named = grouped(total=below, reaching=len(forest.reaching))
    said = [
        ngettext(
            "Of %(total)s objective below the company's, %(reaching)s leads up to a company goal.",
            "Of %(total)s objectives below the company's, %(reaching)s lead up to a company goal.",
            below,
        )
        % named
    ]
    hanging = len(gaps["hanging"])
    if hanging:
        sentence = ngettext("%(count)s hangs nowhere.", "%(count)s hang nowhere.", hanging)
        said.append(sentence % grouped(count=hanging))
    return said


def scope_finding(counts: Mapping[str, int], *, is_sought: bool, is_closed: bool) -> str:
    """The map's title: how many goals it holds, and how many of them are below the band."""
    total, below = counts["total"], counts["below"]
    named = grouped(total=total, below=below)
    if not total:
        return _("Nothing fits these words.") if is_sought else _("No objective stands below it.")
    if counts["silent"] == total:
        return (
            ngettext(
                "Nobody has reported on the %(total)s objective yet.",
                "Nobody has reported on any of the %(total)s objectives yet.",
                total,
            )
            % named
        )
    if not below:
        sentence = ngettext(
            "%(total)s objective, not below the band.", "%(total)s objectives, none below the band.", total
        )
    elif is_closed:
        sentence = ngettext(
            "%(total)s objective, %(below)s ended below the band.",
            "%(total)s objectives, %(below)s ended below the band.",
            total,
        )
    elif is_sought:
        sentence = ngettext(
            "%(total)s objective found, %(below)s heading below the band.",
            "%(total)s objectives found, %(below)s heading below the band.",
            total,
        )
    else:
        sentence = ngettext(
            "%(total)s objective, %(below)s heading below the band.",
            "%(total)s objectives, %(below)s heading below the band.",
            total,
        )
    return sentence % named


def gap_name(gap: str) -> str:
    return {
        "unhelped": _("Company goals nobody works on"),
        "unbroken": _("Longer goals without one of this cycle below"),
        "hanging": _("Objectives that hang nowhere"),
        "headless": _("Chains that begin below the company"),
        "ending": _("Goals that nobody below carries on"),
    }[gap]


def gap_meaning(gap: str) -> str:
    """What it means, and what to do about it."""
    return {
        "unhelped": _("No objective contributes to them or supports them. Ask the departments which of them will."),
        "unbroken": _("Nothing of this cycle leads up to them: what is done for them now?"),
        "hanging": _("They help nothing and nothing helps them. Align them, or ask whether they are needed."),
        "headless": _("Others contribute to them, but they themselves lead to no goal above."),
        "ending": _("They have something above them, and teams or people below, but no goal below takes them up."),
    }[gap]
