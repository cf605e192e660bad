"""What the dashboard and the weekly digest say: findings as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from dashboards import figures, queries
from funnel.formulas.numbers import format_amount, format_score
from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.models import Intent


def language() -> str:
    return "ja" if (get_language() or "ja").startswith("ja") else "en"


def zone_name(zone_: str, kind: str = "aspirational") -> str:
    if zone_ == "none":
        return _("No report")
    if kind == "committed":
        return _("Below the mark") if zone_ == "below" else _("On the mark")
    return {"below": _("Below"), "in": _("In band"), "above": _("Above")}[zone_]


def standing(zone_: str, value: float | None, kind: str = "aspirational") -> str:
    name = zone_name(zone_, kind)
    return name if value is None else f"{figures.GLYPHS[zone_]} {format_score(value)} {name}"


def finding(
    kgis: Sequence[queries.KGIStanding], spread: queries.Distribution, shift: queries.Shift, *, is_closed: bool
) -> list[str]:
    """The page's title: the KGI, then what a week did to the objectives."""
    # The first KGI speaks for all, unless another has an actual and it has none.
    about_kgi = next((kgi_finding(row) for row in sorted(kgis, key=lambda row: row.value is None)), None)
    if is_closed:
        return [spread_finding(spread, is_closed=True)]
    if not spread.reported:
        about_goals = _("Nobody has reported yet.")
    elif about_kgi is None or not shift.known:
        about_goals = spread_finding(spread, is_closed=False)
    else:
        about_goals = shift_finding(shift)
    return [sentence for sentence in (about_kgi, about_goals) if sentence]


def shift_finding(shift: queries.Shift) -> str:
    named = {"up": shift.up, "down": shift.down}
    if shift.up and shift.down:
        return _("Against the band, %(up)s rose and %(down)s fell since last week.") % named
    if shift.up:
        return (
            ngettext(
                "Against the band, %(up)s objective rose since last week and none fell.",
                "Against the band, %(up)s objectives rose since last week and none fell.",
                shift.up,
            )
            % named
        )
    if shift.down:
        return (
            ngettext(
                "Against the band, %(down)s objective fell since last week and none rose.",
                "Against the band, %(down)s objectives fell since last week and none rose.",
                shift.down,
            )
            % named
        )
    return _("No objective has changed sides of the band since last week.")


def kgi_finding(row: queries.KGIStanding) -> str:
    kgi = row.kgi
    if row.value is None or row.read_on is None:
        return _("%(name)s: no actual is in yet.") % {"name": kgi.name}
    named = {
        "day": date_format(row.read_on, pgettext("format of a day", "j M")),
        "name": kgi.name,
        "value": format_amount(row.value, unit=kgi.unit, language=language()),
        "must_hit": format_amount(kgi.must_hit_value, unit=kgi.unit, language=language()),
    }
    if row.missing is None:
        return _("%(name)s stood at %(value)s on %(day)s.") % named
    if row.is_challenge_reached:
        return _("%(name)s has reached its challenge target.") % named
    if row.is_reached:
        return _("%(name)s has reached its must-hit target of %(must_hit)s.") % named
    named["gap"] = format_amount(abs(row.missing), unit=kgi.unit, language=language())
    return _("%(name)s stood at %(value)s on %(day)s, %(gap)s short of must-hit.") % named


def spread_finding(spread: queries.Distribution, *, is_closed: bool) -> str:
    named = {"total": spread.total, "inside": spread.counts["in"], "below": spread.counts["below"]}
    if spread.total and not spread.reported:
        sentence = ngettext(
            "Nobody has reported on the %(total)s objective yet.",
            "Nobody has reported on any of the %(total)s objectives yet.",
            spread.total,
        )
        return sentence % named
    if is_closed:
        return (
            ngettext(
                "Of %(total)s objective, %(inside)s ended in the band and %(below)s below it.",
                "Of %(total)s objectives, %(inside)s ended in the band and %(below)s below it.",
                spread.total,
            )
            % named
        )
    return (
        ngettext(
            "Of %(total)s objective, %(inside)s heads into the band and %(below)s below it.",
            "Of %(total)s objectives, %(inside)s head into the band and %(below)s below it.",
            spread.total,
        )
        % named
    )


def departments_finding(departments: Sequence[queries.Department], objectives_below: int) -> str:
    last = queries.lowest(departments)
    if last is None:
        return _("No department has reported yet.")
    below = [row for row in departments if row.zone == "below"]
    named = {"name": last.name, "value": format_score(last.landing), "below": len(below), "total": len(departments)}
    if not below:
        if not objectives_below:
            return _("On average no department is below the band.")
        return ngettext(
            "On average no department is below the band, though %(count)s objective is.",
            "On average no department is below the band, though %(count)s objectives are.",
            objectives_below,
        ) % {"count": objectives_below}
    if len(below) == 1:
        return _("On average only %(name)s is below the band, at %(value)s.") % named
    return (
        _("On average %(below)s of %(total)s departments are below the band; %(name)s is furthest, at %(value)s.")
        % named
    )


def silence_finding(silent: Sequence[queries.SilentTeam]) -> str:
    """A team that said nothing for a week is not heard; a check-in a few days late is only that."""
    quiet, overdue = sum(1 for team in silent if team.is_quiet), sum(team.overdue for team in silent)
    if quiet:
        return ngettext("%(teams)s team is not being heard", "%(teams)s teams are not being heard", quiet) % {
            "teams": quiet
        }
    if overdue:
        return ngettext("%(count)s check-in is overdue", "%(count)s check-ins are overdue", overdue) % {
            "count": overdue
        }
    return _("Every team is being heard")


def map_finding(tree: queries.Map, band_lower: float) -> str:
    if tree.root is not None:
        return tree.root.title
    below = [goal for goal in tree.top if goal.zone == "below" and goal.value is not None]
    if not tree.goals:
        return _("No objective is connected yet.")
    if not any(goal.value is not None for goal in tree.top):
        return _("Nobody has reported on the goals at the top yet.")
    if not below:
        return _("No goal at the top is below its mark.")
    # Committed and aspirational goals have marks of their own: only the way to its mark compares the two.
    furthest = min(below, key=lambda goal: (goal.value or 0.0) / mark_of(goal, band_lower))
    named = {
        "title": furthest.title,
        "value": format_score(furthest.value),
        "kind": Intent(furthest.kind).label,
        "count": len(below),
    }
    if len(below) == 1:
        return _("Of the goals at the top, only “%(title)s” is below its mark (%(kind)s, %(value)s).") % named
    return _("%(count)s goals at the top are below their mark, “%(title)s” furthest (%(kind)s, %(value)s).") % named


def mark_of(goal: queries.Goal, band_lower: float) -> float:
    return COMMITTED_ON_TRACK if goal.kind == "committed" else band_lower or 1.0


def root_name(organization: str, cycle: str, kgis: Sequence[queries.KGIStanding]) -> str:
    """What stands over all goals in the map: the first KGI with its targets, else the company and the cycle."""
    kgi = kgis[0].kgi if kgis else None
    if kgi is None or kgi.must_hit_value is None or kgi.challenge_value is None:
        return f"{organization}　{cycle}"
    return _("KGI %(name)s: must-hit %(must_hit)s, challenge %(challenge)s") % {
        "name": kgi.name,
        "must_hit": format_amount(kgi.must_hit_value, unit=kgi.unit, language=language()),
        "challenge": format_amount(kgi.challenge_value, unit=kgi.unit, language=language()),
    }
