"""What was learned: the list, one lesson, writing it down, retiring it and bringing it back."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.models import KPI
from objectives.access import choose_cycle, teams_seen_by
from objectives.forms.lessons import LessonForm
from objectives.models import Cause, Cycle, Decision, Experiment, KeyResult, Lesson, Objective, Question
from objectives.queries.lessons import UNSORTED, Wanted, lessons_wanted, most_common_cause, wanted_from, with_names
from objectives.services import lessons as services
from objectives.services.actions import team_for
from objectives.services.experiments import lesson_key, lesson_of
from objectives.views.editing import PAGE_METHODS, back
from people.access import get_editable, get_insider, get_visible, get_within_reach, read_id
from people.exports import csv_response
from people.forms import add_refusal
from people.models import Membership
from people.refusals import Refusal

PAGE = 30
MOST_ROWS_IN_A_FILE = 10_000


@require_safe
def lessons(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_insider(request, slug)
    wanted = wanted_from(request.GET)
    rows = lessons_wanted(membership, wanted)
    if request.GET.get("download") == "csv":
        return lessons_csv(list(rows[:MOST_ROWS_IN_A_FILE]), membership.organization.zone)
    count, cause = most_common_cause(membership)
    query = request.GET.copy()
    for name in ("page", "download"):
        query.pop(name, None)
    shown = {
        "wanted": wanted,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "count": count,
        "cause": Cause(cause).label if cause else "",
        "teams": teams_seen_by(membership),
        "cycles": Cycle.objects.visible_to(membership).order_by("-start", "-pk"),
        "causes": [(value or UNSORTED, value, label) for value, label in Cause.choices],
        "questions": Question.choices,
        "levers": levers_named(membership, wanted),
        "about": about(membership, wanted),
        "query": query.urlencode() + "&" if query else "",
    }
    is_part = request.htmx and request.htmx.target == "rows"  # type: ignore[attr-defined]
    return render(request, "objectives/_lesson_rows.html" if is_part else "objectives/lessons.html", shown)


def levers_named(membership: Membership, wanted: Wanted) -> list[KPI]:
    """The levers that lessons are about, and the one chosen."""
    named = Lesson.objects.visible_to(membership).exclude(kpi=None).order_by().values("kpi")
    return list(KPI.objects.visible_to(membership).filter(pk__in=named).order_by("kgi", "position", "pk"))


def about(membership: Membership, wanted: Wanted) -> Objective | None:
    """The objective that the list is narrowed to."""
    if wanted.objective is None:
        return None
    return Objective.objects.readable_by(membership).filter(pk=wanted.objective).first()


def lessons_csv(rows: list[Lesson], zone: ZoneInfo) -> HttpResponse:
    header = [
        _("What we learned"),
        _("What to do next time"),
        _("About"),
        _("Cause"),
        _("Measure"),
        _("Lever"),
        _("Team"),
        _("Cycle"),
        _("Written by"),
        _("Day"),
    ]
    return csv_response(
        _("Lessons"),
        header,
        [
            [
                row.text,
                row.advice,
                row.get_question_display(),
                row.get_cause_display() if row.cause else "",
                row.about,
                row.kpi.name if row.kpi else "",
                row.team.name,
                row.cycle.name if row.cycle else "",
                row.author.user.name,
                row.created_at.astimezone(zone).date().isoformat(),
            ]
            for row in rows
        ],
    )


@require_safe
def lesson(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One lesson with all it is tied to; retired ones only for whoever may bring them back."""
    membership = get_insider(request, slug)
    rows = with_names(Lesson.objects.all()).select_related("objective", "retrospective", "kpi__kgi")
    gone = rows.within_reach_of(membership).exclude(retired_at=None).filter(pk=pk).first()
    found = gone or get_visible(rows, membership, pk=pk)
    shown = {
        "lesson": found,
        "may_edit": Lesson.objects.within_reach_of(membership).filter(pk=pk).exists(),
        "experiment": experiment_of(found, membership),
    }
    return render(request, "objectives/lesson.html", shown)


def experiment_of(found: Lesson, membership: Membership) -> Experiment | None:
    """The experiment it was made of: its key says which, among those of the same team."""
    rows = Experiment.objects.visible_to(membership).filter(team=found.team_id).exclude(decision=Decision.OPEN)
    return next((row for row in rows if lesson_key(row) == found.submission_key), None)


@require_http_methods(PAGE_METHODS)
def new_lesson(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a lesson down, about what the address names: a key result, an objective, a lever, an experiment."""
    membership = get_insider(request, slug)
    begun = Lesson(organization=membership.organization, author=membership)
    experiment = get_visible(Experiment.objects, membership, pk=pk) if (pk := named(request, "experiment")) else None
    if experiment is not None and request.method != "POST" and (first := lesson_of(experiment)) is not None:
        return redirect("lesson", slug, first.pk)
    start(begun, request, membership)
    if experiment is not None:
        learned(begun, experiment)
    return edit(request, membership, begun, experiment=experiment)


def named(request: HttpRequest, name: str) -> int | None:
    return read_id(request.GET.get(name))


def start(begun: Lesson, request: HttpRequest, membership: Membership) -> None:
    """What a new lesson opens with: all that follows from what the address names."""
    key_results = KeyResult.objects.visible_to(membership).select_related("objective__team", "objective__cycle")
    begun.key_result = key_results.filter(pk=named(request, "key_result") or 0).first()
    objectives = Objective.objects.visible_to(membership).select_related("team", "cycle")
    begun.objective = objectives.filter(pk=named(request, "objective") or 0).first()
    if begun.key_result is not None:
        begun.objective, begun.kpi_id = begun.key_result.objective, begun.key_result.kpi_id
    begun.kpi = begun.kpi or KPI.objects.visible_to(membership).filter(pk=named(request, "lever") or 0).first()
    if begun.objective is not None:
        begun.team, begun.cycle = begun.objective.team, begun.objective.cycle
        return
    asked = teams_seen_by(membership).filter(pk=named(request, "team") or 0).first()
    begun.team = asked or team_for(membership, None)
    begun.cycle = choose_cycle(request, membership)


def learned(begun: Lesson, experiment: Experiment) -> None:
    """What an experiment taught, in its own words, to be put better."""
    begun.text = experiment.result[:300]
    begun.team, begun.kpi = experiment.team, experiment.kpi
    begun.key_result = experiment.key_result
    if experiment.key_result is not None:
        begun.objective, begun.cycle = experiment.key_result.objective, experiment.key_result.objective.cycle
    begun.measure = experiment.title[:120] if experiment.key_result is None else ""
    begun.question, begun.cause = Question.IMPROVE, Cause.UNSORTED
    if experiment.decision == Decision.SCALE:
        begun.question = Question.SUCCEEDED
        begun.advice = _("Do it on a large scale: %(title)s") % {"title": experiment.title}
    elif experiment.decision == Decision.STOP:
        begun.cause = Cause.METHOD
        begun.advice = _("Leave it: %(title)s") % {"title": experiment.title}


@require_http_methods(PAGE_METHODS)
def edit_lesson(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    rows = Lesson.objects.select_related("team", "key_result__objective__team", "organization")
    return edit(request, membership, get_editable(rows, membership, pk=pk))


def edit(
    request: HttpRequest, membership: Membership, row: Lesson, *, experiment: Experiment | None = None
) -> HttpResponse:
    """The page of a lesson, new or not."""
    is_new, slug = row._state.adding, membership.organization.slug
    form = LessonForm(request.POST if request.method == "POST" else None, instance=row, membership=membership)
    if request.method == "POST" and form.is_valid():
        saved = write(form, membership, experiment)
        if saved is not None:
            messages.success(request, _("The lesson is kept. It comes back where it helps."))
            return back(request, reverse("lesson", args=[slug, saved.pk]))
    shown = {"form": form, "lesson": None if is_new else row, "experiment": experiment}
    return render(request, "objectives/edit_lesson.html", shown, status=422 if form.errors else 200)


def write(form: LessonForm, membership: Membership, experiment: Experiment | None) -> Lesson | None:
    """The lesson the form says, written; None where it was refused, which the form then says."""
    row = form.save(commit=False)
    try:
        if not row._state.adding:
            return services.save_lesson(row, by=membership, expected_version=form.expected_version)
        if experiment is not None:
            row.submission_key = lesson_key(experiment)
        return services.add_lesson(row, by=membership)[0]
    except Refusal as refusal:
        add_refusal(form, refusal)
        if refusal.code == "stale":
            form.meet(LessonForm(instance=Lesson.objects.get(pk=row.pk), membership=membership))
        return None


@require_POST
def retire_lesson(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let it come back no more; the toast can undo it. Again is harmless."""
    membership = get_insider(request, slug)
    services.retire_lesson(get_within_reach(Lesson.objects, membership, pk=pk), by=membership)
    undo = reverse("restore_lesson", args=[slug, pk])
    messages.success(request, _("The lesson is retired."), extra_tags=undo)
    return redirect("lessons", slug)


@require_POST
def restore_lesson(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_insider(request, slug)
    services.restore_lesson(get_within_reach(Lesson.objects, membership, pk=pk), by=membership)
    messages.success(request, _("The lesson is back."))
    return redirect("lesson", slug, pk)
