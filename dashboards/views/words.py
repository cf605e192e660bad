"""What the page says: its findings as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboards import figures, queries
from funnel.formulas.numbers import format_amount, format_score


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
    about_kgi = next((sentence for row in kgis if (sentence := kgi_finding(row))), None)
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
        return _("Against the band, %(up)s objectives rose and %(down)s fell since last week.") % named
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


def kgi_finding(row: queries.KGIStanding) -> str | None:
    kgi = row.kgi
    if row.value is None:
        return None
    named = {
        "name": kgi.name,
        "value": format_amount(row.value, unit=kgi.unit, language=language()),
        "must_hit": format_amount(kgi.must_hit_value, unit=kgi.unit, language=language()),
    }
    if row.missing is None:
        return _("%(name)s stands at %(value)s.") % named
    if row.is_challenge_reached:
        return _("%(name)s has reached its challenge target.") % named
    if row.is_reached:
        return _("%(name)s has reached its must-hit target of %(must_hit)s.") % named
    named["gap"] = format_amount(abs(row.missing), unit=kgi.unit, language=language())
    return _("%(name)s stands at %(value)s, %(gap)s short of must-hit.") % named


def spread_finding(spread: queries.Distribution, *, is_closed: bool) -> str:
    named = {"total": spread.total, "inside": spread.counts["in"], "below": spread.counts["below"]}
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


def departments_finding(departments: Sequence[queries.Department]) -> str:
    last = queries.lowest(departments)
    if last is None:
        return _("No department has reported yet.")
    below = [row for row in departments if row.zone == "below"]
    named = {"name": last.name, "value": format_score(last.landing), "below": len(below), "total": len(departments)}
    if not below:
        return _("No department is below the band.")
    if len(below) == 1:
        return _("Only %(name)s is below the band, at %(value)s.") % named
    return _("%(below)s of %(total)s departments are below the band; %(name)s is furthest, at %(value)s.") % named


def map_finding(tree: queries.Map) -> str:
    if tree.root is not None:
        return tree.root.title
    below = [goal for goal in tree.top if goal.zone == "below" and goal.value is not None]
    if not tree.goals:
        return _("No objective is connected yet.")
    if not below:
        return _("No goal at the top is below the band.")
    weakest = min(below, key=lambda goal: goal.value or 0.0)
    return _("Of the goals at the top, “%(title)s” is lowest, at %(value)s.") % {
        "title": weakest.title,
        "value": format_score(weakest.value),
    }


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
