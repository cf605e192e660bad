"""What the page about several cycles says: of goals and teams, never of persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.formulas.goal_setting import Skill
from dashboards.formulas.reliability import Cell, Reliability, telling, verdict
from dashboards.queries.across import HALF, Across, CycleEnds, Ends
from dashboards.queries.foretold import Foretold
from funnel.formulas.numbers import format_percent, format_score
from objectives.formulas.pace import zone
from people.models import Organization


def percent(share: float | None) -> str:
    """A share in whole per cent: of some dozens of goals a decimal says nothing."""
    return format_percent(None if share is None else round(share, 2))


def scale_words(cell: Cell) -> str:
    """A part of the scale of confidence, as people gave it."""
    return f"{round(cell.low * 10)}–{round(cell.high * 10)}"


def chance_words(cell: Cell) -> str:
    return f"{round(cell.low * 100)}–{round(cell.high * 100)}%"


def page_finding(seen: Across) -> list[str]:
    """The page's title: how goals ended, and what confidence was worth."""
    whole = seen.whole
    if whole is None:
        return [_("No cycle has ended yet")]
    sentences = [ended_finding(whole, len(seen.over))]
    if seen.confidences and telling(seen.confidences[HALF]) is not None:
        sentences.append(confidence_finding(seen.confidences[HALF]))
    return sentences


def ended_finding(whole: CycleEnds, cycles: int) -> str:
    bold, sure = whole.aspirational, whole.committed
    if bold.told:
        named = {
            "total": f"{bold.told:,}",
            "share": percent(bold.share("in")),
            "cycles": cycles,
            "inside": bold.counts["in"],
        }
        if cycles == 1:
            named["cycle"] = whole.cycle.name
            return _("Of %(total)s aspirational objectives in %(cycle)s, %(inside)s ended in the band.") % named
        return _("Of %(total)s aspirational objectives in %(cycles)s cycles, %(share)s ended in the band.") % named
    if sure.told:
        return _("%(met)s of %(total)s committed objectives reached their mark.") % {
            "met": f"{sure.counts['in']:,}",
            "total": f"{sure.told:,}",
        }
    return _("Nothing was reported in these cycles.")


def spread_finding(seen: Across, organization: Organization) -> str:
    """In how many cycles the middle goal ended in the band."""
    medians = [each.aspirational.median for each in seen.ends if each.is_over and each.aspirational.median is not None]
    if not medians:
        return _("How the objectives ended")
    zones = [zone(median, "aspirational", organization.band_lower, organization.band_upper) for median in medians]
    inside, below, above = zones.count("in"), zones.count("below"), zones.count("above")
    if len(medians) == 1:
        named = {"value": format_score(medians[0])}
        return {
            "below": _("The median is %(value)s, below the band"),
            "in": _("The median is %(value)s, in the band"),
            "above": _("The median is %(value)s, above the band"),
        }[zones[0]] % named
    named = {"total": str(len(medians)), "inside": str(inside), "below": str(below), "above": str(above)}
    if inside == len(medians):
        return _("The median ended in the band in all %(total)s cycles") % named
    if 2 * inside >= len(medians) or inside >= max(below, above):
        return _("The median ended in the band in %(inside)s of %(total)s cycles") % named
    if above > below:
        return _("The median ended above the band in %(above)s of %(total)s cycles") % named
    return _("The median ended below the band in %(below)s of %(total)s cycles") % named


def ends_words(ends: Ends, *, committed: bool, is_over: bool) -> str:
    """How the objectives of one intent ended, for a label."""
    named = {
        "total": ends.told,
        "below": ends.counts["below"],
        "inside": ends.counts["in"],
        "above": ends.counts["above"],
        "median": format_score(ends.median),
    }
    if committed:
        return _("Committed: %(inside)s of %(total)s on the mark.") % named
    if is_over:
        return (
            _("Aspirational: %(below)s below the band, %(inside)s in it, %(above)s above; median %(median)s.") % named
        )
    return (
        _("Aspirational: %(below)s head below the band, %(inside)s into it, %(above)s above; median %(median)s.")
        % named
    )


def changed_words(changed: int, graded: int) -> str:
    """How many grades differ from the score; "" where nothing was graded."""
    if not graded:
        return ""
    if not changed:
        return ngettext(
            "%(graded)s grade, as the score has it", "%(graded)s grades, all as the score has them", graded
        ) % {"graded": graded}
    sentence = ngettext(
        "%(changed)s of %(graded)s grades differs from the score",
        "%(changed)s of %(graded)s grades differ from the score",
        changed,
    )
    return sentence % {"changed": changed, "graded": graded}


def confidence_finding(found: Reliability) -> str:
    """What the surest words were worth, half-way through the cycles."""
    cell = telling(found)
    if cell is None:
        return few_words(found.cases)
    named = {"scale": scale_words(cell), "right": f"{cell.right:,}", "cases": f"{cell.cases:,}"}
    return {
        "right": _("Confidence %(scale)s came true in %(right)s of %(cases)s cases: about right."),
        "little_too_sure": _("Confidence %(scale)s came true in %(right)s of %(cases)s cases: a little too sure."),
        "too_sure": _("Confidence %(scale)s came true in %(right)s of %(cases)s cases: far too sure."),
        "little_too_unsure": _("Confidence %(scale)s came true in %(right)s of %(cases)s cases: a little too careful."),
        "too_unsure": _("Confidence %(scale)s came true in %(right)s of %(cases)s cases: far too careful."),
    }[verdict(cell)] % named


def few_words(cases: int) -> str:
    sentence = ngettext("%(cases)s case so far: too few to judge", "%(cases)s cases so far: too few to judge", cases)
    return sentence % {"cases": cases}


def forecast_finding(found: Foretold) -> str:
    told = found.told
    if told.is_few or told.brier is None or told.baseline is None:
        return few_words(told.cases)
    named = {"cases": told.cases}
    if told.is_better:
        return _("Half-way the forecast knew more than the average did, in %(cases)s cases") % named
    return _("Half-way the forecast knew no more than the average did, in %(cases)s cases") % named


def brier_words(found: Reliability) -> str:
    """How far off the chances were, beside what the average alone would have been off by."""
    if found.brier is None or found.baseline is None:
        return ""
    return _("Brier score %(brier)s; the average alone %(baseline)s") % {
        "brier": format_score(found.brier),
        "baseline": format_score(found.baseline),
    }


def cell_words(cell: Cell, scale: str) -> str:
    """One part of the scale, as one points at it."""
    named = {"scale": scale, "said": percent(cell.said), "right": f"{cell.right:,}", "cases": f"{cell.cases:,}"}
    named["share"] = percent(cell.share)
    if cell.is_few:
        return _("%(scale)s: %(right)s of %(cases)s came true, too few to judge") % named
    return _("%(scale)s: said %(said)s, came true %(share)s (%(right)s of %(cases)s)") % named


def share_words(cell: Cell) -> str:
    """What a table says of a cell."""
    if not cell.cases:
        return "–"
    named = {"share": percent(cell.share), "right": f"{cell.right:,}", "cases": f"{cell.cases:,}"}
    if cell.is_few:
        return _("%(right)s of %(cases)s") % named
    return _("%(share)s (%(right)s of %(cases)s)") % named


@dataclass(frozen=True, slots=True)
class HabitWords:
    """A habit: what is seen, and what helps."""

    finding: str
    remedy: str


def habit_words(code: str) -> HabitWords:
    match code:
        case "too_ambitious":
            return HabitWords(
                _("Nearly all goals end below 0.35"),
                _("Begin lower in the next cycle, and mix in key results that are surer."),
            )
        case "too_easy":
            return HabitWords(
                _("Nearly all aspirational goals end at 0.95 or more"),
                _("Set the next targets higher, or call these goals committed."),
            )
        case "too_many":
            return HabitWords(
                _("More objectives than a team can keep in mind"),
                _("Decide what will not be done in this cycle, and write it down."),
            )
        case "died_out":
            return HabitWords(
                _("Half of the key results fall silent four weeks before the end"),
                _("Ask what makes it a burden. Fewer key results and a fixed time in the weekly meeting help."),
            )
    return HabitWords(
        _("Most key results have no activity and no action"),
        _("Ask which key result the work serves. Where there is none, the work or the goal should change."),
    )


def evidence_words(shown: int, judged: int) -> str:
    sentence = ngettext("In %(shown)s of %(judged)s cycle:", "In %(shown)s of %(judged)s cycles:", judged)
    return sentence % {"shown": shown, "judged": judged}


def habits_finding(habits: int, teams: int) -> str:
    if not habits:
        return _("No pattern comes back in these cycles")
    return ngettext("In %(teams)s team a pattern comes back", "In %(teams)s teams a pattern comes back", teams) % {
        "teams": teams
    }


def skill_words(skill: Skill, cycle: str) -> str:
    named = {"cycle": cycle, "share": percent(skill.share), "well": skill.well, "ended": skill.ended}
    if not skill.ended:
        return _("%(cycle)s: no goal ended") % named
    if skill.is_few:
        return _("%(cycle)s: %(well)s of %(ended)s set well, too few to judge") % named
    return _("%(cycle)s: %(share)s set well (%(well)s of %(ended)s)") % named


def apart_words(skill: Skill) -> str:
    """By how much confidence stood above or below what came, in points of a hundred; of too few nothing is said."""
    if skill.apart is None or skill.is_hardly_said:
        return "–"
    points = round(skill.apart * 100)
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{sign}{abs(points)}"


def skill_finding(skills: Sequence[Skill], names: Sequence[str]) -> str:
    """How well goals were set in the last cycle, and in the one before it."""
    told = [(skill, name) for skill, name in zip(skills, names, strict=True) if not skill.is_few]
    if not told:
        return _("How well goals were set")
    last, name = told[-1]
    named = {"share": percent(last.share), "cycle": name}
    if len(told) == 1:
        return _("%(share)s of the goals of %(cycle)s were set well") % named
    before, earlier = told[-2]
    named |= {"before": percent(before.share), "earlier": earlier}
    return _("%(share)s of the goals of %(cycle)s were set well, %(before)s in %(earlier)s") % named
