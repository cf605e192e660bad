"""What was read on the levers of a KGI: the grid to look at and to type into, and the same as a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from funnel import services
from funnel.forms.readings import MOST_ROWS, Grid, bounds_of, step
from funnel.forms.readings_file import ReadingsFileForm, judge
from funnel.formulas.actuals import MONTH, WEEK, month_of, months_between, weeks_between
from funnel.formulas.numbers import format_percent
from funnel.models import KGI, KPI, PLANNERS
from funnel.presenters.names import name_of
from funnel.presenters.weeks import label_of
from funnel.queries.actuals import Book, read_book
from funnel.services import Saved, Written
from funnel.trees import kpis_of, reachable
from people.access import get_editable, get_membership, get_visible, refuse
from people.exports import csv_response
from people.refusals import Refusal

SUSPICIOUS = 20
MOST_DOUBTS = 3


@require_http_methods(["GET", "HEAD", "POST"])
def readings(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Levers × weeks or months: looked at by everybody, typed into by whoever plans."""
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization"), membership, pk=pk)
    may_edit = membership.role in PLANNERS
    if request.method == "POST" and not may_edit:
        refuse()
    if request.method != "POST" and request.GET.get("download") == "csv":
        return readings_csv(kgi, span_asked(request))
    page, grid = open_grid(request, kgi)
    if request.method == "POST" and grid.is_valid:
        try:
            saved = services.save_readings(kgi, grid.written, recorded_by=membership)
        except Refusal as refused:
            grid.refuse(refused.fields)
            if not refused.fields:
                messages.error(request, refused.detail)
        else:
            messages.success(request, said_of(saved))
            for question in doubts(grid.written):
                messages.warning(request, question)
            return redirect(request.get_full_path())
    return render(
        request,
        "funnel/readings.html",
        {
            "kgi": kgi,
            "grid": grid,
            "page": page,
            "may_edit": may_edit,
            "wrong": sum(len(row.errors) for row in grid.rows),
            "earlier": step(grid, -1) if grid.has_earlier else None,
            "later": step(grid, 1) if grid.has_later else None,
            "heads": [(column, label_of(column.first, at == 0)) for at, column in enumerate(grid.columns)],
            "is_week": grid.by == WEEK,
        },
        status=422 if request.method == "POST" else 200,
    )


def open_grid(request: HttpRequest, kgi: KGI) -> tuple[Page[KPI], Grid]:
    page = Paginator(measured(kgi), MOST_ROWS).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    grid = Grid(
        read_book(kgi, shown, today=kgi.organization.today),
        shown,
        by=span_asked(request),
        until=parse_day(request.GET.get("until", "")),
        names=name_of,
        typed=request.POST if request.method == "POST" else None,
    )
    return page, grid


def parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def span_asked(request: HttpRequest) -> str:
    return WEEK if request.GET.get("by") == WEEK else MONTH


def measured(kgi: KGI) -> list[KPI]:
    """What is read of a KGI: itself, then the levers of its tree as they are read, then those beside it."""
    rows = kpis_of(kgi)
    goal = next((kpi for kpi in rows if kpi.is_goal), None)
    inside = reachable(rows, goal.key) if goal else []
    ordered = inside + [kpi for kpi in rows if kpi not in inside]
    return [kpi for kpi in ordered if kpi.is_goal or kpi.is_lever]


def said_of(saved: Saved) -> str:
    """What saving did, in words."""
    if not saved.written:
        return _("Nothing has changed.")
    return ngettext("%(count)s number is saved.", "%(count)s numbers are saved.", saved.written) % {
        "count": saved.written
    }


def doubts(written: list[Written]) -> list[str]:
    """Rates that were hardly meant: 0.2 is read as 0.2 per cent, where the lever stands at twenty."""
    tiny = [
        (one.kpi, one.value)
        for one in written
        if one.kpi.is_rate and one.value and one.kpi.current and 0 < one.value < one.kpi.current / SUSPICIOUS
    ]
    return [
        _("%(rate)s is read as %(percents)s. Is %(instead)s meant?")
        % {"rate": name_of(kpi), "percents": format_percent(value), "instead": format_percent(value * 100)}
        for kpi, value in tiny[:MOST_DOUBTS]
    ]


def readings_csv(kgi: KGI, by: str) -> HttpResponse:
    """All weeks or months of the KGI's period with what was read in them, as a file that can be read in again."""
    kpis = measured(kgi)
    book = read_book(kgi, kpis, today=kgi.organization.today)
    start, end = bounds_of(book)
    firsts = (weeks_between(start, end) if by == WEEK else months_between(month_of(start), end)) if start <= end else []
    header: list[Any] = [_("Lever"), _("Key"), _("Unit"), *(heading_of(first, by) for first in firsts)]
    return csv_response(
        _("%(name)s actuals") % {"name": kgi.name}, header, (line_of(book, kpi, by, firsts) for kpi in kpis)
    )


def heading_of(first: date, by: str) -> str:
    """As a spreadsheet leaves it alone, or rewrites it so that it can still be read."""
    if by == WEEK:
        year, week, _day = first.isocalendar()
        return f"{year}-W{week:02}"
    return date_format(first, pgettext("format of a month in a file", "Y-m"))


def line_of(book: Book, kpi: KPI, by: str, firsts: list[date]) -> list[Any]:
    actuals = book.by_key[kpi.key]
    values = actuals.weeks if by == WEEK else actuals.months
    return [
        name_of(kpi),
        kpi.key,
        "%" if kpi.is_rate else kpi.unit,
        *(cell_of(kpi, values.get(first)) for first in firsts),
    ]


def cell_of(kpi: KPI, value: Decimal | None) -> str:
    """A number without the commas that a file would be read with; a rate in per cent."""
    if value is None:
        return ""
    rounded = round(value, 12 if kpi.is_rate else 6)
    text = f"{kpi.in_people_units(rounded):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if kpi.is_rate else text


@require_http_methods(["GET", "HEAD", "POST"])
def import_readings(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Read a file of actuals: first what it would do, then, confirmed, it is done."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGI.objects.select_related("organization"), membership, pk=pk)
    form = ReadingsFileForm(request.POST or None, request.FILES or None)
    judgement = None
    if request.method == "POST" and form.is_valid():
        kpis = measured(kgi)
        book = read_book(kgi, kpis, today=kgi.organization.today)
        judgement = judge(form.cleaned_data["sheet"], book, names=name_of)
        if "confirm" in request.POST:
            try:
                saved = services.save_readings(kgi, judgement.written, recorded_by=membership)
            except Refusal as refused:
                form.add_error(None, refused.detail)
            else:
                messages.success(request, said_of(saved))
                return redirect("readings", slug, pk)
    return render(
        request,
        "funnel/import_readings.html",
        {
            "kgi": kgi,
            "form": form,
            "judgement": judgement,
            "text": form.cleaned_data.get("text", "") if judgement else "",
        },
        status=422 if form.errors or (request.method == "POST" and judgement is None) else 200,
    )
