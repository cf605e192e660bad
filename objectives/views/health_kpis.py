"""The board of health KPIs, and one of them: its course, its numbers, what is done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives.access import teams_decided_by, teams_seen_by
from objectives.forms.health_kpis import HealthActionForm, HealthKPIForm, HealthReadingForm
from objectives.formulas.health_kpis import step
from objectives.models import Action, HealthKPI, HealthKPIReading, Period
from objectives.presenters.health_board import Line, file_row, groups_of, line_of, review_word
from objectives.presenters.health_chart import large_chart
from objectives.queries.health_kpis import health_standings, watched
from objectives.sentences.health_kpis import board_finding, mark_of, outside_for, period_word, side_word
from objectives.services import health_kpis as services
from objectives.services.actions import add_action
from objectives.services.health_readings import GivenReading, record_health_reading
from objectives.views.editing import PAGE_METHODS, back
from objectives.views.health_grid import grid
from people.access import get_editable, get_insider, get_membership, get_visible, read_id, refuse
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership, Team, Unit
from people.queries.rhythms import rhythms_of
from people.refusals import Refusal

MOST_READINGS = 200


@require_http_methods(PAGE_METHODS)
def health_kpis(request: HttpRequest, slug: str) -> HttpResponse:
    """The board, and with `?view=grid` the grid in which its numbers are entered."""
    membership = get_insider(request, slug)
    team = team_asked(request, membership)
    rows = watched(membership, team)
    period = request.GET.get("period", "")
    if period in Period.values:
        rows = rows.filter(period=period)
    standings = health_standings(rows, today=membership.organization.today)
    shown: dict[str, Any] = {
        "team": team,
        "teams": teams_seen_by(membership).open(),
        "period": period if period in Period.values else "",
        "periods": Period.choices,
        "finding": board_finding(standings),
        "count": len(standings),
        "may_add": teams_decided_by(membership).exists(),
        "may_enter": HealthKPI.objects.enterable_by(membership).standing().exists(),
        "review": review_word(rhythms_of(membership.organization), (team or company_of(membership)).pk),
        "query": kept(request),
    }
    if request.method == "POST" or request.GET.get("view") == "grid":
        return grid(request, membership, standings, shown)
    if request.GET.get("download") == "csv":
        return board_csv(standings)
    editable = set(HealthKPI.objects.editable_by(membership).standing().values_list("pk", flat=True))
    groups = groups_of(standings, editable)
    return render(request, "objectives/health_kpis.html", shown | {"groups": groups})


def company_of(membership: Membership) -> Team:
    return Team.objects.get(organization=membership.organization_id, parent=None)


def team_asked(request: HttpRequest, membership: Membership) -> Team | None:
    number = read_id(request.GET.get("team"))
    return teams_seen_by(membership).filter(pk=number).first() if number else None


def kept(request: HttpRequest) -> str:
    """What the address says besides the view, for links to the other one."""
    query = request.GET.copy()
    for name in ("view", "download", "until"):
        query.pop(name, None)
    return query.urlencode() + "&" if query else ""


def board_csv(standings: Sequence[Any]) -> HttpResponse:
    header = [
        _("Team"),
        _("Name"),
        _("Unit"),
        _("Counted over"),
        _("At least"),
        _("At most"),
        _("Owner"),
        _("Last period"),
        _("Value"),
        _("Attainment in per cent"),
        _("State"),
        _("Periods outside in a row"),
        _("Trend"),
        _("Cause"),
        _("Counter-measure"),
    ]
    return csv_response(_("Health KPIs"), header, (file_row(standing) for standing in standings))


# One of them


def get_health_kpi(membership: Membership, pk: int) -> HealthKPI:
    return get_visible(
        HealthKPI.objects.select_related("team", "owner__user", "organization", "kpi__kgi"), membership, pk=pk
    )


@require_http_methods(PAGE_METHODS)
def health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its course, all its readings, and a form for one of them: a missing one, or `?reading=` an old one."""
    membership = get_membership(request, slug)
    kpi = get_health_kpi(membership, pk)
    may_enter = HealthKPI.objects.enterable_by(membership).filter(pk=pk).exists() and kpi.retired_on is None
    if request.method == "POST" and not may_enter:
        refuse()
    if request.GET.get("download") == "csv":
        return readings_csv(kpi)
    form = reading_form(request, kpi) if may_enter else None
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        given = GivenReading(
            kpi,
            said["period_start"],
            said["value"],
            said["cause"],
            said["countermeasure"],
            version=form.expected_version,
        )
        try:
            recorded = record_health_reading(given, by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                present = kpi.readings.filter(period_start=given.place[1]).first()
                form.expect(present.version if present else 0)
                was = line_of(kpi, present) if present else None
                form.add_error(None, _("Saved now: %(value)s") % {"value": was.value if was else _("nothing")})
        else:
            messages.success(request, saved_word(kpi, given, written=recorded.written))
            return redirect(request.path)
    return render(
        request,
        "objectives/health_kpi.html",
        page_of(request, membership, kpi, form=form, may_enter=may_enter),
        status=422 if form is not None and form.errors else 200,
    )


def saved_word(kpi: HealthKPI, given: GivenReading, *, written: int) -> str:
    if not written:
        return _("Nothing has changed.")
    return _("Saved for %(period)s.") % {"period": period_word(kpi, given.place[1])}


def reading_form(request: HttpRequest, kpi: HealthKPI) -> HealthReadingForm:
    """For the period asked for, else the first that is missing, else the one that runs."""
    today = kpi.organization.today
    asked = day_of(request.POST.get("period_start") if request.method == "POST" else request.GET.get("reading"))
    (standing,) = health_standings([kpi], today=today)
    first = step(kpi.period, asked or (standing.missing or [today])[0], 0)
    reading = kpi.readings.filter(period_start=first).first()
    data = request.POST if request.method == "POST" else None
    return HealthReadingForm(data, kpi=kpi, reading=reading, first=first)


def day_of(text: Any) -> date | None:
    try:
        found = date.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None


def page_of(
    request: HttpRequest,
    membership: Membership,
    kpi: HealthKPI,
    *,
    form: HealthReadingForm | None,
    may_enter: bool,
    action_form: HealthActionForm | None = None,
) -> dict[str, Any]:
    """What the page of one KPI shows."""
    (standing,) = health_standings([kpi], today=kpi.organization.today)
    last = standing.last
    if may_enter and action_form is None and standing.is_outside:
        action_form = HealthActionForm(
            membership=membership,
            kpi=kpi,
            title=last.countermeasure if last else "",
        )
    return {
        "kpi": kpi,
        "standing": standing,
        "mark": mark_of(kpi),
        "side": side_word(standing.side),
        "how_long": outside_for(standing) if standing.is_outside else "",
        "last": line_of(kpi, kpi.readings.get(pk=last.pk)) if last else None,
        "missing": [period_word(kpi, first) for first in standing.missing],
        "chart": large_chart(standing) if last else "",
        "lines": lines_of(kpi),
        "form": form,
        "chosen": form["period_start"].value() if form is not None else None,
        "may_enter": may_enter,
        "may_edit": HealthKPI.objects.editable_by(membership).filter(pk=kpi.pk).exists(),
        "actions": Action.objects.visible_to(membership)
        .filter(health_kpi=kpi)
        .exclude(state="dropped")
        .select_related("owner__user")
        .order_by("state", "due_on", "pk"),
        "action_form": action_form,
    }


def lines_of(kpi: HealthKPI) -> list[Line]:
    """Its readings, the latest first."""
    rows = HealthKPIReading.objects.filter(health_kpi=kpi).select_related("recorded_by__user")
    return [line_of(kpi, reading) for reading in rows[:MOST_READINGS]]


def readings_csv(kpi: HealthKPI) -> HttpResponse:
    header = [
        _("Period"),
        _("Value"),
        _("Unit"),
        _("State"),
        _("Cause"),
        _("Counter-measure"),
        _("Written by"),
        _("Written on"),
    ]

    def rows() -> Iterable[Sequence[Any]]:
        for line in lines_of(kpi):
            reading = line.reading
            yield (
                f"{reading.period_start:%Y-%m-%d}",
                reading.value,
                kpi.unit,
                line.word,
                reading.cause,
                reading.countermeasure,
                reading.recorded_by.user.name,
                f"{reading.recorded_at.astimezone(kpi.organization.zone):%Y-%m-%d}",
            )

    return csv_response(kpi.name, header, rows())


@require_POST
def act_on_health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make the counter-measure an action of somebody, with a day."""
    membership = get_membership(request, slug)
    kpi = get_health_kpi(membership, pk)
    if not HealthKPI.objects.enterable_by(membership).filter(pk=pk).exists():
        refuse()
    form = HealthActionForm(request.POST, membership=membership, kpi=kpi)
    if form.is_valid():
        said = form.cleaned_data
        try:
            action = add_action(
                team=kpi.team,
                title=said["title"],
                owner=said["owner"],
                due_on=said["due_on"],
                by=membership,
                health_kpi=kpi,
                submission_key=said["submission_key"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Written down: “%(title)s”.") % {"title": action.title})
            return redirect("health_kpi", slug, pk)
    shown = page_of(
        request, membership, kpi, form=reading_form_of(kpi), may_enter=kpi.retired_on is None, action_form=form
    )
    return render(request, "objectives/health_kpi.html", shown, status=422)


def reading_form_of(kpi: HealthKPI) -> HealthReadingForm:
    first = step(kpi.period, kpi.organization.today, 0)
    return HealthReadingForm(kpi=kpi, reading=kpi.readings.filter(period_start=first).first(), first=first)


# What is watched


@require_http_methods(PAGE_METHODS)
def new_health_kpi(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if not teams_decided_by(membership).exists():
        refuse()
    team = teams_decided_by(membership).open().filter(pk=read_id(request.GET.get("team")) or 0).first()
    kpi = HealthKPI(organization=membership.organization, team=team or Team(), owner=None)
    if team is None:
        kpi.team_id = None  # type: ignore[assignment]
    return edit(request, membership, kpi)


@require_http_methods(PAGE_METHODS)
def edit_health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    kpi = get_editable(HealthKPI.objects.select_related("team", "organization"), membership, pk=pk)
    return edit(request, membership, kpi)


def edit(request: HttpRequest, membership: Membership, kpi: HealthKPI) -> HttpResponse:
    """The page of what is watched, new or not."""
    is_new, name, slug = kpi._state.adding, kpi.name, membership.organization.slug
    more: dict[str, Any] = {"membership": membership, "suggestions": reverse("people_suggestions", args=[slug])}
    form = HealthKPIForm(request.POST if request.method == "POST" else None, instance=kpi, **more)
    if request.method == "POST" and form.is_valid():
        expected = None if is_new else form.expected_version
        try:
            saved = services.save_health_kpi(form.save(commit=False), by=membership, expected_version=expected)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.meet(HealthKPIForm(instance=HealthKPI.objects.get(pk=kpi.pk), **more))
        except ValidationError as wrong:
            for field_name, sentences in wrong.message_dict.items():
                form.add_error(field_name if field_name in form.fields else None, sentences)
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": saved.name})
            return redirect("health_kpi", slug, saved.pk)
    shown = {
        "form": form,
        "kpi": None if is_new else kpi,
        "name": name,
        "units": Unit.objects.filter(organization=membership.organization_id, retired_on=None).values_list(
            "name", flat=True
        ),
    }
    return render(request, "objectives/edit_health_kpi.html", shown, status=422 if form.errors else 200)


@require_POST
def retire_health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Watch it no longer; the toast can undo it."""
    membership = get_membership(request, slug)
    kpi = services.retire_health_kpi(get_editable(HealthKPI.objects, membership, pk=pk), by=membership)
    undo = reverse("restore_health_kpi", args=[slug, pk])
    messages.success(request, _("“%(title)s” is no longer watched.") % {"title": kpi.name}, extra_tags=undo)
    return redirect("health_kpis", slug)


@require_POST
def restore_health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    kpi = get_editable(HealthKPI.objects, membership, pk=pk)
    try:
        services.restore_health_kpi(kpi, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("“%(title)s” is watched again.") % {"title": kpi.name})
    return redirect("health_kpi", slug, pk)


@require_POST
def move_health_kpi(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One place up, or down with `to=down`."""
    membership = get_membership(request, slug)
    kpi = get_editable(HealthKPI.objects, membership, pk=pk)
    services.move_health_kpi(kpi, to=services.DOWN if request.POST.get("to") == services.DOWN else services.UP)
    return back(request, f"{reverse('health_kpis', args=[slug])}#health-kpi-{pk}")
