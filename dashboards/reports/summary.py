"""The first sheet of the workbook: counts and means that follow from the others, and the charts drawn from them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboards.figures import GLYPHS
from dashboards.queries.report import Report
from dashboards.reports.sheets import Sheets, column_range
from dashboards.reports.telling import finding
from dashboards.sentences import zone_name
from objectives.models import Intent

if TYPE_CHECKING:
    from dashboards.reports.workbook import Places

COLOURS = {"below": "#C05A1C", "in": "#0F766E", "above": "#2C4FA3", "none": "#A3A09A"}
STEPS = 11
INTENT, HALF_ZONE, VALUE, ZONE = 3, 5, 7, 8


def write_summary(sheets: Sheets, sheet: Any, report: Report, places: Places) -> None:
    """The band to be changed, what follows from it, and the charts."""
    organization = report.membership.organization
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 6, 13)
    sheet.freeze_panes(2, 0)
    sheet.fit_to_pages(1, 1)
    for row, sentence in enumerate(_finding(report), start=2):
        sheet.write_string(row, 0, sentence, sheets.form(bold=True))
    _band(sheets, sheet, organization)
    _facts(sheets, sheet, report, places)
    _zones(sheets, sheet, report, places)
    _spread(sheets, sheet, report, places)


def _finding(report: Report) -> list[str]:
    # As far as there is room above the band; the rest stands in the cells below.
    return finding(report)[:2]


def _band(sheets: Sheets, sheet: Any, organization: Any) -> None:
    sheets.put(sheet, 4, 0, _("Stretch band, from and to (change it, and the zones follow)"))
    sheets.put(sheet, 4, 1, organization.band_lower, "typed")
    sheets.put(sheet, 4, 2, "–", "text")
    sheets.put(sheet, 4, 3, organization.band_upper, "typed")


def follow(
    sheets: Sheets, sheet: Any, report: Report, at: tuple[int, int], formula: str, value: Any, form: str
) -> None:
    """What follows from the objectives' sheet; a number where they are too many to stand there."""
    if report.is_listed:
        sheets.calculate(sheet, *at, formula, value, form)
    else:
        sheets.put(sheet, *at, value, form)


def _facts(sheets: Sheets, sheet: Any, report: Report, places: Places) -> None:
    intents, values = (column_range(places.objectives, place, places.first, places.last) for place in (INTENT, VALUE))
    zones = column_range(places.objectives, ZONE, places.first, places.last)
    aspirational, committed = (_quoted(str(each.label)) for each in (Intent.ASPIRATIONAL, Intent.COMMITTED))
    mean = report.mean
    facts: list[tuple[str, str, Any, str]] = [
        (_("Objectives"), f'=COUNTIFS({intents},"<>")', len(report.standings), "count"),
        (_("Aspirational, on average"), f'=IFERROR(AVERAGEIFS({values},{intents},{aspirational}),"")', mean, "score"),
        (_("Committed"), f"=COUNTIFS({intents},{committed})", len(report.committed), "count"),
        (
            _("Committed, the mark reached") if report.is_over else _("Committed, on the way to the mark"),
            f"=COUNTIFS({intents},{committed},{zones},{_quoted(_zone('in'))})",
            len([one for one in report.committed if one.zone == "in"]),
            "count",
        ),
    ]
    for row, (name, formula, value, form) in enumerate(facts, start=6):
        sheets.put(sheet, row, 0, name)
        follow(sheets, sheet, report, (row, 1), formula, value, form)
    made, asked = report.discipline.made, report.discipline.asked
    row = 6 + len(facts)
    sheets.put(sheet, row, 0, _("Check-ins made, of those owed"))
    sheets.calculate(sheet, row, 1, f'=IF(D{row + 1}=0,"",C{row + 1}/D{row + 1})', report.discipline.share, "percent")
    sheets.put(sheet, row, 2, made, "count")
    sheets.put(sheet, row, 3, asked, "count")


def _zones(sheets: Sheets, sheet: Any, report: Report, places: Places) -> None:
    """Objectives by zone at half-time and at the end, with their chart."""
    top = 13
    end = _("At the end") if report.is_over else _("As of today")
    for place, head in enumerate((_("Objectives against the band"), _("At half-time"), end)):
        sheet.write_string(top, place, head, sheets.named("head"))
    halves, zones = (column_range(places.objectives, place, places.first, places.last) for place in (HALF_ZONE, ZONE))
    before = Counter(one.half_zone for one in report.standings)
    now = report.counts
    for row, zone in enumerate(("below", "in", "above", "none"), start=top + 1):
        sheets.put(sheet, row, 0, _zone(zone))
        follow(sheets, sheet, report, (row, 1), f"=COUNTIFS({halves},A{row + 1})", before[zone], "count")
        follow(sheets, sheet, report, (row, 2), f"=COUNTIFS({zones},A{row + 1})", now[zone], "count")
    name = sheet.get_name()
    chart = sheets.book.add_chart({"type": "column"})
    for column, colour in ((1, "#A39C93"), (2, "#0F766E")):
        chart.add_series(
            {
                "name": [name, top, column],
                "categories": [name, top + 1, 0, top + 4, 0],
                "values": [name, top + 1, column, top + 4, column],
                "fill": {"color": colour},
                "data_labels": {"value": True},
            }
        )
    _dress(chart, _("Half-time and end"))
    sheet.insert_chart("A34", chart, {"description": _("Half-time and end")})


def _spread(sheets: Sheets, sheet: Any, report: Report, places: Places) -> None:
    """How many objectives ended in each tenth of the scale, with their chart."""
    top = 19
    heads = (
        pgettext("column of a workbook", "Attainment"),
        pgettext("column of a workbook", "from"),
        pgettext("column of a workbook", "to below"),
        _("Objectives"),
    )
    for place, head in enumerate(heads):
        sheet.write_string(top, place, head, sheets.named("head"))
    values = column_range(places.objectives, VALUE, places.first, places.last)
    known = [one.value for one in report.standings if one.value is not None]
    for number in range(STEPS):
        row, last = top + 1 + number, number == STEPS - 1
        sheets.put(sheet, row, 0, "1.0–" if last else f"{number / 10:.1f}–{(number + 1) / 10:.1f}")
        lower, upper = (None if number == 0 else number / 10), (None if last else (number + 1) / 10)
        sheets.put(sheet, row, 1, lower, "score")
        sheets.put(sheet, row, 2, upper, "score")
        # A thousand millionth is taken off as everywhere, so that 0.7 does not fall below itself.
        conditions = [f'{values},">="&(B{row + 1}-0.000000001)'] if lower is not None else []
        conditions += [f'{values},"<"&(C{row + 1}-0.000000001)'] if upper is not None else []
        inside = [
            value
            for value in known
            if (lower is None or value >= lower - 1e-9) and (upper is None or value < upper - 1e-9)
        ]
        follow(sheets, sheet, report, (row, 3), f"=COUNTIFS({','.join(conditions)})", len(inside), "count")
    name = sheet.get_name()
    chart = sheets.book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": [name, top, 3],
            "categories": [name, top + 1, 0, top + STEPS, 0],
            "values": [name, top + 1, 3, top + STEPS, 3],
            "fill": {"color": "#57504A"},
            "gap": 20,
            "points": [{"fill": {"color": "#0F766E"}} if number == 6 else None for number in range(STEPS)],
        }
    )
    title = _("Where the objectives ended") if report.is_over else _("Where the objectives are heading")
    _dress(chart, title)
    chart.set_legend({"none": True})
    sheet.insert_chart("E13", chart, {"description": title})


def _dress(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}, "overlay": False})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#DED9D1"}}, "num_format": "0"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 560, "height": 300})


def _zone(zone: str) -> str:
    return f"{GLYPHS[zone]} {zone_name(zone)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
