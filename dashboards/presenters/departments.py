"""Departments and teams on their way through the cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dashboards import figures
from dashboards.presenters.carrying import band_of
from dashboards.queries.branches import Unit
from dashboards.queries.departments import Department
from dashboards.sentences import standing
from funnel.formulas.numbers import format_score
from objectives.formulas.pace import elapsed_share, zone
from objectives.models import Cycle
from objectives.queries.bars import monday_of, weeks_in
from people.models import Membership


def panel_of(row: Department, name: str, address: str) -> figures.Panel:
    return figures.Panel(
        name=name,
        address=address,
        scores=row.scores,
        paces=row.paces,
        landing=row.landing,
        zone=row.zone,
        verdict=_("Heading for %(standing)s") % {"standing": standing(row.zone, row.landing)},
    )


@dataclass(frozen=True)
class Ways:
    """The addresses around a unit: one level down, and its objectives."""

    slug: str
    cycle: Cycle
    view: str
    reading: str = ""

    def page(self, **changed: Any) -> str:
        """This page with what differs from where one is; None leaves something out."""
        asked = {"cycle": self.cycle.pk, "view": self.view, "reading": self.reading} | changed
        kept = [(name, value) for name, value in asked.items() if value not in (None, "", [])]
        return f"{reverse('departments', args=[self.slug])}?{urlencode(kept, doseq=True)}"

    def objectives(self, unit: Unit) -> str:
        return f"{reverse('objectives', args=[self.slug])}?{urlencode({'cycle': self.cycle.pk, 'team': unit.pk})}"

    def into(self, unit: Unit) -> str:
        """Where a unit's name leads: to the teams below it, to its objectives where there are none."""
        return self.page(team=unit.pk) if unit.opens and not unit.is_own else self.objectives(unit)


def unit_name(unit: Unit) -> str:
    """A team's own goals beside those of the teams below it are named as such."""
    return _("%(name)s, its own") % {"name": unit.name} if unit.is_own else unit.name


def week_heads(cycle: Cycle, today: Any) -> list[dict[str, Any]]:
    """The weeks of a cycle with their days, and which one is the present."""
    heads, short = [], pgettext("format of a day", "j M")
    for number in range(weeks_in(cycle)):
        monday = monday_of(cycle.start) + timedelta(weeks=number)
        first, last = max(monday, cycle.start), min(monday + timedelta(days=6), cycle.end)
        heads.append(
            {
                "number": number + 1,
                "days": f"{date_format(first, short)} – {date_format(last, short)}",
                "name": _("Week %(week)s") % {"week": number + 1},
                "is_now": first <= today <= last,
            }
        )
    return heads


def course_rows(
    departments: Sequence[Department], membership: Membership, cycle: Cycle, ways: Ways
) -> list[dict[str, Any]]:
    """Each unit with its drawing, its words and where it leads."""
    band, weeks = band_of(membership), weeks_in(cycle)
    heads = week_heads(cycle, membership.organization.today)
    now = weeks * elapsed_share(cycle.span, membership.organization.today)
    rows = []
    for row in departments:
        unit = row.unit
        name = unit_name(unit)
        panel = panel_of(row, name, ways.into(unit))
        said = [point_words(heads[number], score, row.paces[number]) for number, score in enumerate(row.scores)]
        drawn = figures.course(
            panel, band, weeks=weeks, now=now, closed=cycle.is_closed, said=said, label=f"{name}: {panel.verdict}"
        )
        rows.append(
            {
                "unit": unit,
                "name": name,
                "row": row,
                "address": panel.address,
                "opens": unit.opens and not unit.is_own,
                "objectives": ways.objectives(unit),
                "drawn": safe(drawn),
            }
        )
    return rows


def point_words(head: dict[str, Any], score: float | None, pace: float | None) -> str:
    named = {"week": head["name"], "days": head["days"], "score": format_score(score), "pace": format_score(pace)}
    if score is None:
        return _("%(week)s (%(days)s): no report yet") % named
    return _("%(week)s (%(days)s): score %(score)s, pace %(pace)s") % named


def safe(drawn: str) -> SafeString:
    # Every part of a drawing is a constant, a number, or escaped where it is drawn.
    return mark_safe(drawn)  # noqa: S308


def course_finding(departments: Sequence[Department], membership: Membership, *, is_closed: bool) -> list[str]:
    """Who is below the band, and who fell below it or rose out of it since last week."""
    heading = [row for row in departments if row.landing is not None]
    if not heading:
        return [_("No team has reported yet.")]
    below = [row for row in heading if row.zone == "below"]
    named = {"below": len(below), "total": len(heading)}
    if len(below) == 1 and len(heading) > 1:
        only = {"name": unit_name(below[0].unit), "value": format_score(below[0].landing)}
        sentences = [_("Only %(name)s is below the band on average, at %(value)s.") % only]
    elif len(heading) == 1:
        only = {"name": unit_name(heading[0].unit), "standing": standing(heading[0].zone, heading[0].landing)}
        sentences = [
            (_("%(name)s ended on average at %(standing)s.") if is_closed else _("%(name)s: on average %(standing)s."))
            % only
        ]
    elif not below:
        sentences = [_("On average no team is below the band.")]
    else:
        sentences = [_("On average %(below)s of %(total)s teams are below the band.") % named]
    moved = [] if is_closed else moves(heading, membership)
    return sentences + moved


def moves(departments: Sequence[Department], membership: Membership) -> list[str]:
    organization = membership.organization

    def was(row: Department) -> str:
        return zone(row.landings[-2], "aspirational", organization.band_lower, organization.band_upper)

    known = [row for row in departments if len(row.landings) > 1 and row.landings[-2] is not None]
    fell = [row for row in known if row.zone == "below" and was(row) != "below"]
    rose = [row for row in known if row.zone != "below" and was(row) == "below"]
    return [
        *changed(fell, _("%(name)s fell below it since last week."), _fell),
        *changed(rose, _("%(name)s came back up since last week."), _rose),
    ]


def changed(rows: Sequence[Department], one: str, more: Callable[[int], str]) -> list[str]:
    if not rows:
        return []
    return [one % {"name": unit_name(rows[0].unit)}] if len(rows) == 1 else [more(len(rows))]


def _fell(count: int) -> str:
    return ngettext(
        "%(count)s team fell below it since last week.", "%(count)s teams fell below it since last week.", count
    ) % {"count": count}


def _rose(count: int) -> str:
    return ngettext(
        "%(count)s team came back up since last week.", "%(count)s teams came back up since last week.", count
    ) % {"count": count}
