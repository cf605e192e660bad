"""A cycle report in the reader's language: its finding, its drawings, its sentences. The page and the PDF show the
same.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dashboards import figures
from dashboards.figures.attainment import attainment
from dashboards.queries.departments import Department
from dashboards.queries.report import MOST_LISTED, Report, TeamReport
from dashboards.sentences import kgi_finding, standing, zone_name
from funnel.formulas.numbers import format_percent, format_score
from objectives.formulas.pace import elapsed_share
from objectives.models import Outcome
from objectives.queries.bars import weeks_in

ZONES = (*figures.ZONES, "none")


def safe(drawn: str) -> SafeString:
    # Every part of a drawing is a constant, a number, or escaped where it is drawn.
    return mark_safe(drawn)  # noqa: S308


def told(report: Report) -> dict[str, Any]:
    """Everything that the templates of a report show."""
    band = figures.Band(report.membership.organization.band_lower, report.membership.organization.band_upper)
    return {
        "report": report,
        "cycle": report.cycle,
        "organization": report.membership.organization,
        "today": report.today,
        "finding": finding(report),
        "is_empty": report.is_empty,
        "most_listed": MOST_LISTED,
        "reached": len([one for one in report.committed if one.zone == "in"]),
        "attained": safe(attained(report, band)) if any(one.value is not None for one in report.standings) else "",
        "spread_title": spread_title(report),
        "bars": bars_of(report),
        "teams": [team_row(team, report, band) for team in report.teams],
        "courses": [course_row(row, report, band) for row in report.courses] if len(report.courses) > 1 else [],
        "kgis": [{"row": row, "words": kgi_finding(row, report.landings.get(row.kgi.pk))} for row in report.kgis],
        "check_ins": format_percent(share, figures=2) if (share := report.discipline.share) is not None else "",
        "causes": causes_of(report.causes),
        "outcomes": outcomes(report),
    }


def period_words(report: Report) -> str:
    """The days of the cycle, as they stand on a title page."""
    form = pgettext("format of a day with its year", "j M Y")
    return f"{date_format(report.cycle.start, form)} – {date_format(report.cycle.end, form)}"


def finding(report: Report) -> list[str]:
    """How the aspirational objectives stand against the band, and how many committed ones reached the mark."""
    if report.is_empty:
        return [_("Nothing to report on in %(cycle)s yet.") % {"cycle": report.cycle.name}]
    said = []
    zones = Counter(one.zone for one in report.aspirational)
    named = {"total": len(report.aspirational), "in": zones["in"], "above": zones["above"], "below": zones["below"]}
    if report.aspirational and zones["none"] == len(report.aspirational):
        said.append(_("Nobody has reported on the aspirational objectives yet."))
    elif report.aspirational:
        sentence = (
            _("Of %(total)s aspirational objectives, %(in)s ended in the band, %(above)s above, %(below)s below.")
            if report.is_over
            else _("Of %(total)s aspirational objectives, %(in)s head into the band, %(above)s above, %(below)s below.")
        )
        said.append(sentence % named)
    if report.committed:
        reached = len([one for one in report.committed if one.zone == "in"])
        sentence = (
            _("Of %(total)s committed ones, %(reached)s reached the mark.")
            if report.is_over
            else _("Of %(total)s committed ones, %(reached)s are on the way to the mark.")
        )
        said.append(sentence % {"total": len(report.committed), "reached": reached})
    return said


def spread_title(report: Report) -> str:
    """What the distribution shows, against half-time where that is known."""
    before, now = report.half_counts, report.counts
    if before is None:
        return _("Where the objectives ended") if report.is_over else _("Where the objectives are heading")
    named = {"before": before["in"] + before["above"], "now": now["in"] + now["above"]}
    if named["now"] == named["before"]:
        return _("As at half-time, %(now)s objectives reach the band or their mark.") % named
    return _("At half-time %(before)s objectives were heading for the band or their mark; now it is %(now)s.") % named


def attained(report: Report, band: figures.Band) -> str:
    known = [
        (figures.bin_of(one.value, one.zone, band, committed=one.is_committed), one.zone)
        for one in report.standings
        if one.value is not None
    ]
    piles, wide = Counter(place for place, _zone in known), figures.BIN
    said = {
        place: _("%(from)s–%(to)s: %(objectives)s")
        % {"from": f"{place * wide:.2f}", "to": f"{(place + 1) * wide:.2f}", "objectives": objectives(count)}
        if place < figures.BINS
        else _("1.0 and above: %(objectives)s") % {"objectives": objectives(count)}
        for place, count in piles.items()
    }
    return attainment(known, band, said=said, label=counts_words(report.counts))


def objectives(count: int) -> str:
    return ngettext("%(count)s objective", "%(count)s objectives", count) % {"count": count}


def counts_words(counts: dict[str, int]) -> str:
    words = [f"{zone_name(zone)}: {objectives(counts[zone])}" for zone in ZONES if counts[zone]]
    return str(_(", ")).join(words)


def bars_of(report: Report) -> list[dict[str, Any]]:
    """The objectives by zone at half-time and at the end, as two bars of one scale."""
    end = _("At the end") if report.is_over else _("As of today")
    parts: list[tuple[str, date | None, dict[str, int] | None]] = [
        (_("At half-time"), report.half_on, report.half_counts),
        (end, None, report.counts),
    ]
    most = max(len(report.standings), 1)
    return [
        {
            "name": name,
            "day": day,
            "counts": counts,
            "drawn": safe(
                figures.shares(
                    counts,
                    most=most,
                    said={zone: f"{zone_name(zone)}: {objectives(counts[zone])}" for zone in ZONES},
                    label=f"{name}: {counts_words(counts)}",
                )
            ),
        }
        for name, day, counts in parts
        if counts is not None and any(counts.values())
    ]


def team_row(team: TeamReport, report: Report, band: figures.Band) -> dict[str, Any]:
    """A team with its objectives by zone and the way of its mean from half-time to the end."""
    return {
        "team": team,
        "words": counts_words(team.counts),
        "between": safe(figures.between(team.half, bounded(team.mean), band, label=way_words(team))),
        "causes": causes_of(team.causes),
    }


def bounded(value: float | None) -> float | None:
    return None if value is None else min(max(value, 0.0), 1.0)


def way_words(team: TeamReport) -> str:
    named = {"name": team.name, "half": format_score(team.half), "end": format_score(team.mean)}
    if team.half is None:
        return _("%(name)s: %(end)s on average") % named
    return _("%(name)s: heading for %(half)s on average at half-time, then %(end)s") % named


def course_row(row: Department, report: Report, band: figures.Band) -> dict[str, Any]:
    """A team's way through the cycle, week by week, with all teams below it."""
    weeks = weeks_in(report.cycle)
    name = _("%(name)s, its own") % {"name": row.unit.name} if row.unit.is_own else row.unit.name
    verdict = standing(row.zone, row.landing)
    said = [
        _("Week %(week)s: score %(score)s, pace %(pace)s")
        % {"week": number, "score": format_score(score), "pace": format_score(row.paces[number - 1])}
        if score is not None
        else _("Week %(week)s: no report yet") % {"week": number}
        for number, score in enumerate(row.scores, start=1)
    ]
    panel = figures.Panel(name, "", row.scores, row.paces, row.landing, row.zone, verdict)
    drawn = figures.course(
        panel,
        band,
        weeks=weeks,
        now=weeks * elapsed_share(report.cycle.span, report.today),
        closed=report.is_over,
        said=said,
        label=f"{name}: {verdict}",
    )
    return {"name": name, "row": row, "drawn": safe(drawn)}


def causes_of(found: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Causes with their counts, and how wide a bar shows them, as per cent of the most frequent."""
    most = max((count for _name, count in found), default=1)
    return [{"name": name, "count": count, "share": round(100 * count / most)} for name, count in found]


ORDER = (Outcome.CARRIED, Outcome.HEALTH_KPI, Outcome.DROPPED, Outcome.FINISHED, Outcome.OPEN)


def outcomes(report: Report) -> list[dict[str, Any]]:
    """The listed objectives by what becomes of them; while the cycle runs only what was decided already."""
    found = report.outcomes
    shown = ORDER if report.is_over else ORDER[:-1]
    return [{"name": Outcome(each).label, "key": each.value, "goals": found[each]} for each in shown if found.get(each)]
