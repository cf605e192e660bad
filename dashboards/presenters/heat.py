"""Team by week: how each cell of the heat map reads, as a colour, a sign or a number, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import figures
from dashboards.presenters.departments import Ways, safe, unit_name, week_heads
from dashboards.queries.branches import Unit
from dashboards.queries.departments import Department, weeks_begun
from dashboards.queries.heat import Cell, Reporting, added
from dashboards.sentences import zone_name
from funnel.formulas.numbers import format_percent, format_score
from objectives.formulas.pace import zone
from objectives.models import Cycle
from objectives.queries.bars import weeks_in
from people.models import Organization


def reporting_rows(
    reported: Sequence[Reporting], cycle: Cycle, today: date, ways: Ways, week_of: Callable[[Unit], str]
) -> list[dict[str, Any]]:
    """The share of owed check-ins that were made; `week_of` says where a unit's present week can be opened, or ""."""
    heads = week_heads(cycle, today)
    rows = []
    for one in reported:
        week, objectives, name = week_of(one.unit), ways.objectives(one.unit), unit_name(one.unit)
        cells = [
            {
                **cell_of(cell),
                "address": week if week and heads[cell.week - 1]["is_now"] else objectives,
                "words": _("%(name)s, %(week)s (%(days)s): %(said)s")
                % {**heads[cell.week - 1], "week": heads[cell.week - 1]["name"], "name": name, "said": words_of(cell)},
            }
            for cell in one.cells
        ]
        rows.append(row_of(one.unit, name, ways, cells, whole(one.made, one.asked)))
    return rows


def drawn(cells: Iterable[dict[str, Any]]) -> SafeString:
    """The cells of a row. Written as text in Python, as a map shows hundreds of them."""
    return safe("".join(map(cell_drawn, cells)))


def cell_drawn(cell: dict[str, Any]) -> str:
    marks = f'data-state="{cell["state"]}"'
    text = cell["text"]
    if cell.get("zone"):
        marks += f' data-zone="{cell["zone"]}"'
        sign, word = figures.GLYPHS[cell["zone"]], escape(zone_name(cell["zone"]))
        text = f'<span aria-hidden="true">{sign}</span>{text}<span class="visually-hidden"> {word}</span>'
    if cell.get("step") is not None:
        marks += f' data-step="{cell["step"]}"'
    if cell["is_link"] and cell.get("address"):
        text = f'<a href="{escape(cell["address"])}" tabindex="-1">{text}</a>'
    return f'<td {marks} title="{escape(cell["words"])}" data-value="{cell["text"]}">{text}</td>'


def row_of(unit: Unit, name: str, ways: Ways, cells: list[dict[str, Any]], summed: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit": unit,
        "name": name,
        "address": ways.into(unit),
        "opens": unit.opens and not unit.is_own,
        "cells": drawn(cells),
        "whole": summed,
    }


def cell_of(cell: Cell) -> dict[str, Any]:
    share = cell.share
    shown = {"owed": "", "open": "", "free": "–", "ahead": ""}[cell.state]
    return {
        "state": cell.state,
        "step": figures.step(share) if share is not None else None,
        "text": format_percent(share, figures=2) if share is not None else shown,
        "is_link": cell.state in ("owed", "open"),
    }


def whole(made: int, asked: int) -> dict[str, Any]:
    return {
        "text": format_percent(made / asked, figures=2) if asked else "–",
        "words": check_ins_made(made, asked) if asked else _("no check-in owed"),
    }


def check_ins_made(made: int, asked: int) -> str:
    return ngettext("%(made)s of %(asked)s check-in made", "%(made)s of %(asked)s check-ins made", asked) % {
        "made": made,
        "asked": asked,
    }


def words_of(cell: Cell) -> str:
    if cell.state == "free":
        return _("no check-in owed")
    if cell.state == "ahead":
        return _("not begun yet")
    said = check_ins_made(cell.made, cell.asked)
    return _("%(said)s so far") % {"said": said} if cell.state == "open" else said


def reporting_total(reported: Sequence[Reporting], cycle: Cycle, today: date) -> SafeString:
    """All units together, week by week."""
    cells = [
        {**cell_of(cell), "words": f"{head['name']} ({head['days']}): {words_of(cell)}"}
        for head, cell in zip(
            week_heads(cycle, today), added((one.cells for one in reported), cycle, today), strict=True
        )
    ]
    return drawn(cells)


def reporting_finding(reported: Sequence[Reporting]) -> list[str]:
    """How many of the check-ins owed were made, so far and in the last week that is over."""
    made, asked = sum(one.made for one in reported), sum(one.asked for one in reported)
    if not reported:
        return [_("No key result is under way in this cycle.")]
    if not asked:
        return [_("No check-in has been owed yet.")]
    sentences = [
        ngettext(
            "Of %(asked)s check-in owed, %(made)s was made (%(share)s).",
            "Of %(asked)s check-ins owed, %(made)s were made (%(share)s).",
            asked,
        )
        % {"asked": asked, "made": made, "share": format_percent(made / asked, figures=2)}
    ]
    last = max(
        (cell.week for one in reported for cell in one.cells if cell.state == "owed" and cell.asked), default=None
    )
    quiet = [
        one.unit
        for one in reported
        for cell in one.cells
        if cell.week == last and cell.state == "owed" and cell.asked and not cell.made
    ]
    if len(quiet) == 1 and len(reported) > 1:
        sentences.append(_("In week %(week)s none came from %(name)s.") % {"week": last, "name": unit_name(quiet[0])})
    elif len(quiet) > 1:
        sentences.append(_("In week %(week)s none came from %(count)s teams.") % {"week": last, "count": len(quiet)})
    return sentences


def landing_rows(
    departments: Iterable[Department], cycle: Cycle, today: date, ways: Ways, organization: Organization
) -> list[dict[str, Any]]:
    """Where the objectives of a unit headed on average at the end of each week, against the band."""
    heads, weeks = week_heads(cycle, today), weeks_in(cycle)
    begun = weeks_begun(cycle, today)
    rows = []
    for row in departments:
        name, objectives, cells = unit_name(row.unit), ways.objectives(row.unit), []
        for number in range(weeks):
            landing = row.landings[number] if number < len(row.landings) else None
            told = (row.reachings[number], row.headings[number]) if landing is not None else (0, 0)
            cell = landing_cell(landing, *told, organization, is_ahead=number >= begun)
            words = {**heads[number], "week": heads[number]["name"], "name": name, "said": cell["words"]}
            cells.append({**cell, "address": objectives, "words": _("%(name)s, %(week)s (%(days)s): %(said)s") % words})
        rows.append(row_of(row.unit, name, ways, cells, {"zone": row.zone, "landing": row.landing}))
    return rows


def landing_cell(
    landing: float | None, reaching: int, heading: int, organization: Organization, *, is_ahead: bool
) -> dict[str, Any]:
    if is_ahead:
        return {"state": "ahead", "text": "", "is_link": False, "words": _("not begun yet")}
    if landing is None:
        return {"state": "silent", "text": "–", "is_link": False, "words": _("no report yet")}
    found = zone(landing, "aspirational", organization.band_lower, organization.band_upper)
    words = ngettext(
        "on average heading for %(landing)s (%(zone)s); %(reaching)s of %(heading)s objective reaches its mark",
        "on average heading for %(landing)s (%(zone)s); %(reaching)s of %(heading)s objectives reach their mark",
        heading,
    )
    named = {
        "landing": format_score(landing),
        "zone": zone_name(found),
        "reaching": reaching,
        "heading": heading,
    }
    return {
        "state": "told",
        "zone": found,
        "text": format_score(landing),
        "is_link": True,
        "words": words % named,
    }


def landing_total(
    departments: Sequence[Department], cycle: Cycle, today: date, organization: Organization
) -> SafeString:
    """All units together: the mean over every objective of the branch."""
    heads, begun, cells = week_heads(cycle, today), weeks_begun(cycle, today), []
    for number in range(weeks_in(cycle)):
        told = [row for row in departments if number < len(row.landings) and row.landings[number] is not None]
        heading = sum(row.headings[number] for row in told)
        summed = sum((row.landings[number] or 0.0) * row.headings[number] for row in told)
        cell = landing_cell(
            summed / heading if heading else None,
            sum(row.reachings[number] for row in told),
            heading,
            organization,
            is_ahead=number >= begun,
        )
        cells.append({**cell, "words": f"{heads[number]['name']} ({heads[number]['days']}): {cell['words']}"})
    return drawn(cells)


def landing_finding(departments: Sequence[Department], organization: Organization) -> list[str]:
    """In how many teams the objectives head below the band now, and how many there were four weeks ago."""
    told = [row for row in departments if row.landings and row.landings[-1] is not None]
    if not told:
        return [_("No team has reported yet.")]

    def below(week: int) -> int:
        zones = [
            zone(row.landings[week], "aspirational", organization.band_lower, organization.band_upper) for row in told
        ]
        return zones.count("below")

    weeks = len(told[0].landings)
    named = {"week": weeks, "below": below(weeks - 1), "total": len(told)}
    sentences = [
        ngettext(
            "In week %(week)s %(below)s of %(total)s team is below the band on average.",
            "In week %(week)s %(below)s of %(total)s teams are below the band on average.",
            len(told),
        )
        % named
    ]
    if weeks > 4:
        earlier = {"week": weeks - 4, "below": below(weeks - 5)}
        sentences.append(_("In week %(week)s it was %(below)s.") % earlier)
    return sentences
