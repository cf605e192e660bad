"""Closing a cycle's objectives: the teams' checklists, one team's objectives, one objective, and what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from objectives import services
from objectives.access import choose_cycle, leads, teams_decided_by
from objectives.forms.closing import GradeForm
from objectives.forms.health_kpis import HealthKPIForm
from objectives.formulas.closing import final_from, is_time_to_close
from objectives.models import Cycle, HealthKPI, KeyResult, Objective, ObjectiveState, Outcome, Retrospective
from objectives.queries.closing import ENDING, Ending, closing_of, ending_rows, endings_of, following_of
from objectives.queries.keeping_up import kept_up_as
from objectives.queries.meetings import teams_meeting_with
from objectives.sentences.closing import closing_finding, ending_word, team_finding
from objectives.services.health_kpis import save_health_kpi
from objectives.views.editing import PAGE_METHODS, back, page_of
from people.access import get_editable, get_insider, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import Membership, Team, Unit
from people.refusals import Refusal

AT_ONCE = 30


@require_safe
def closing(request: HttpRequest, slug: str) -> HttpResponse:
    """What each team has done of closing the cycle, and what is left."""
    membership = get_insider(request, slug)
    cycle = choose_cycle(request, membership)
    if cycle is None:
        return render(request, "objectives/closing.html", {"cycle": None})
    found, today = closing_of(membership, cycle), membership.organization.today
    shown = {
        "cycle": cycle,
        "closing": found,
        "finding": closing_finding(found),
        "today": today,
        "is_time": is_time_to_close(cycle.end, today),
        "days_left": (cycle.end - today).days,
        "own_teams": set(membership.team_ids),
        "led_teams": set(teams_meeting_with(membership).values_list("pk", flat=True)),
        "may_close": membership.is_admin,
    }
    return render(request, "objectives/closing.html", shown)


# One team


def place_of(slug: str, team: int, cycle: Cycle, *, at: Objective | None = None) -> str:
    """The page of a team's objectives, where one of them stands."""
    address = f"{reverse('team_closing', args=[slug, team])}?cycle={cycle.pk}"
    return address if at is None else f"{address}&at={at.pk}#objective-{at.pk}"


@require_http_methods(PAGE_METHODS)
def team_closing(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A team's objectives one under another, each with its grade; POST closes all that need no word."""
    membership = get_insider(request, slug)
    team = get_visible(Team.objects, membership, pk=pk)
    decides = teams_decided_by(membership).filter(pk=pk).exists()
    if request.method == "POST" and not decides:
        refuse()
    cycle = choose_cycle(request, membership)
    if cycle is None:
        return redirect("closing", slug)
    rows = ending_rows(membership, cycle, team).order_by("position", "pk")
    pages = Paginator(rows, AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    endings = endings_of(membership, page.object_list, cycle)  # type: ignore[arg-type]
    if request.method == "POST":
        return close_without_a_word(request, membership, team, cycle, endings)
    at = read_id(request.GET.get("at")) or next((row.objective.pk for row in endings if not row.is_closed), None)
    asked = "at" in request.GET
    closed = pages.count if cycle.is_closed else rows.filter(state=ObjectiveState.CLOSED).count()
    shown = {
        "cycle": cycle,
        "team": team,
        "page": page,
        "page_query": f"cycle={cycle.pk}&",
        "lines": [line_of(ending, at=at, focused=asked) for ending in endings],
        "finding": team_finding(closed, pages.count),
        "no_word": [ending for ending in endings if ending.needs_no_word and ending.may_close],
        "decides": decides,
        "is_done": closed == pages.count,
        "looked_back": Retrospective.objects.filter(cycle=cycle, team=team, objective=None).first(),
        "may_look_back": teams_meeting_with(membership).filter(pk=pk).exists(),
        "following": following_of(cycle),
        "finals_begun": finals_begun(membership, cycle),
        "next": place_of(slug, pk, cycle),
    }
    return render(request, "objectives/team_closing.html", shown)


def finals_begun(membership: Membership, cycle: Cycle) -> bool:
    """Whether the days of the final check-ins have begun: before, none of them is missing yet."""
    return membership.organization.today >= final_from(cycle.end)


def line_of(
    ending: Ending, *, at: int | None = None, focused: bool = False, form: GradeForm | None = None
) -> dict[str, Any]:
    """What is shown of one objective, with its form for those who may say something; the one `at` hand stands out, and
    is typed into at once where it is `focused`."""
    may_say = ending.may_close or ending.may_propose
    if form is None and may_say:
        form = GradeForm(objective=ending.objective, grade=ending.grade, is_here=focused and ending.objective.pk == at)
    return {
        "ending": ending,
        "objective": ending.objective,
        "form": form,
        "reading": ending_word(ending),
        "is_here": ending.objective.pk == at,
    }


def close_without_a_word(
    request: HttpRequest, membership: Membership, team: Team, cycle: Cycle, endings: Sequence[Ending]
) -> HttpResponse:
    """Close at once what landed where it should; the toast can take it back."""
    slug = membership.organization.slug
    wanted = [ending.objective for ending in endings if ending.needs_no_word and ending.may_close]
    try:
        closed = services.close_objectives(wanted, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect(place_of(slug, team.pk, cycle))
    services.carry_on(closed, by=membership)
    if closed:
        sentence = ngettext("%(count)s objective was closed.", "%(count)s objectives were closed.", len(closed))
        pairs = "-".join(f"{row.pk}.{row.version}" for row in closed)
        undo = f"{reverse('undo_closing', args=[slug, team.pk])}?cycle={cycle.pk}&closed={pairs}"
        messages.success(request, sentence % {"count": len(closed)}, extra_tags=undo)
    else:
        messages.info(request, _("There was nothing left that needs no word."))
    return redirect(place_of(slug, team.pk, cycle))


@require_POST
def undo_closing(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take back what was closed at once, as far as nobody has touched it since."""
    membership = get_insider(request, slug)
    team = get_visible(Team.objects, membership, pk=pk)
    if not teams_decided_by(membership).filter(pk=pk).exists():
        refuse()
    versions = versions_from(request.GET.get("closed", ""))
    try:
        begun = services.undo_closing(versions, by=membership)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        sentence = (
            ngettext("%(count)s objective runs again.", "%(count)s objectives run again.", len(begun))
            if begun
            else _("There was nothing to take back: somebody has changed it since.")
        )
        messages.success(request, sentence % {"count": len(begun)})
    cycle = choose_cycle(request, membership)
    return redirect("closing", slug) if cycle is None else redirect(place_of(slug, team.pk, cycle))


def versions_from(text: str) -> dict[int, int]:
    """What `12.5-13.7` says: versions by number; what is no such pair is left out."""
    found = {}
    for pair in text.split("-")[: services.MOST_AT_ONCE]:
        row, _dot, version = pair.partition(".")
        pk, number = read_id(row), read_id(version)
        if pk is not None and number is not None:
            found[pk] = number
    return found


# One objective


@require_http_methods(PAGE_METHODS)
def close_objective(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One objective's end: its grade and what becomes of it, closed by those who lead, proposed by its owner."""
    membership = get_membership(request, slug)
    found = get_editable(Objective.objects.select_related("cycle", "team"), membership, pk=pk)
    if request.method == "POST":
        refused = say_of_end(request, membership, found)
        if isinstance(refused, HttpResponse):
            return refused
    else:
        refused = None
    rows = Objective.objects.visible_to(membership).filter(pk=pk)
    (ending,) = endings_of(membership, rows, found.cycle)
    shown = {
        "cycle": found.cycle,
        "team": found.team,
        "line": line_of(ending, at=pk, form=refused),
        "can_end": found.state in ENDING,
        "following": following_of(found.cycle),
        "finals_begun": finals_begun(membership, found.cycle),
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "objectives/close_objective.html", shown, status=422 if refused is not None else 200)


def say_of_end(request: HttpRequest, membership: Membership, found: Objective) -> HttpResponse | GradeForm:
    """Close it or keep what is proposed, and lead on; the form where it was refused."""
    slug = membership.organization.slug
    closes = request.POST.get("act", "close" if leads(membership, found) else "propose") == "close"
    act = services.close_objective if closes else services.propose_grade
    form = GradeForm(request.POST, objective=found, grade=getattr(found, "grade", None))
    if not form.is_valid():
        return form
    try:
        objective = act(found, by=membership, expected_version=form.expected_version, **form.word)
    except Refusal as refusal:
        add_refusal(form, refusal)
        if refusal.code == "stale":
            form.expect(Objective.objects.values_list("version", flat=True).get(pk=found.pk))
        return form
    told(request, objective, closes=closes)
    if closes and objective.grade.outcome == Outcome.CARRIED:
        tell_carried(request, membership, objective)
    if closes and objective.grade.outcome == Outcome.HEALTH_KPI:
        only = list(objective.key_results.filter(dropped_at=None)[:2])
        if len(only) == 1 and teams_decided_by(membership).exists():
            return redirect("keep_up_key_result", slug, only[0].pk)
    return lead_on(request, slug, objective)


def told(request: HttpRequest, objective: Objective, *, closes: bool) -> None:
    sentence = _("Closed: “%(title)s”.") if closes else _("Kept as a proposal: “%(title)s”.")
    undo = ""
    if closes:
        slug = objective.organization.slug
        undo = f"{reverse('undo_closing', args=[slug, objective.team_id])}?cycle={objective.cycle_id}"
        undo += f"&closed={objective.pk}.{objective.version}"
    messages.success(request, sentence % {"title": objective.title}, extra_tags=undo)


def tell_carried(request: HttpRequest, membership: Membership, objective: Objective) -> None:
    made = services.carry_on([objective], by=membership)
    if made:
        sentence = _("It stands in %(cycle)s as a draft.") % {"cycle": made[0].cycle.name}
    else:
        sentence = _("It is offered when somebody chooses what goes on in the next cycle.")
    messages.info(request, sentence)


def lead_on(request: HttpRequest, slug: str, objective: Objective) -> HttpResponseRedirect:
    """To the next objective of the team that is still open, where the person came from the team's page."""
    asked = request.POST.get("next", "")
    of_team = reverse("team_closing", args=[slug, objective.team_id])
    if not asked.startswith(of_team):
        return back(request, page_of(objective, slug))
    rows = Objective.objects.in_cycle(objective.cycle).filter(team=objective.team_id, dropped_at=None)
    order = list(rows.filter(state__in=ENDING).order_by("position", "pk").values_list("pk", "state"))
    at = next((place for place, (pk, _state) in enumerate(order) if pk == objective.pk), -1)
    turned = order[at + 1 :] + order[: max(at, 0)]
    then = next((pk for pk, state in turned if state == ObjectiveState.ACTIVE), None)
    page = 1 + next((place for place, (pk, _state) in enumerate(order) if pk == then), 0) // AT_ONCE
    where = Objective(pk=then) if then is not None else None
    address = place_of(slug, objective.team_id, objective.cycle, at=where)
    return HttpResponseRedirect(address.replace("?", f"?page={page}&", 1) if page > 1 else address)


@require_http_methods(PAGE_METHODS)
def keep_up_key_result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A key result that was reached becomes a health KPI: filled in from where it ended."""
    membership = get_insider(request, slug)
    rows = KeyResult.objects.select_related(
        "objective__cycle", "objective__team", "objective__owner", "owner", "scored"
    )
    key_result = get_visible(rows, membership, pk=pk)
    if not teams_decided_by(membership).exists():
        refuse()
    kpi = kept_up_as(key_result, membership)
    more: dict[str, Any] = {
        "membership": membership,
        "suggestions": reverse("people_suggestions", args=[slug]),
    }
    form = HealthKPIForm(request.POST if request.method == "POST" else None, instance=kpi, **more)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_health_kpi(form.save(commit=False), by=membership)
        except Refusal as refusal:
            add_refusal(form, refusal)
        except ValidationError as wrong:
            for name, sentences in wrong.message_dict.items():
                form.add_error(name if name in form.fields else None, sentences)
        else:
            messages.success(request, _("“%(title)s” is watched as a health KPI from now on.") % {"title": saved.name})
            return redirect("health_kpi", slug, saved.pk)
    standing = HealthKPI.objects.filter(made_from=key_result, retired_on=None).first()
    shown = {
        "form": form,
        "key_result": key_result,
        "standing": standing,
        "units": Unit.objects.visible_to(membership).offered().values_list("name", flat=True),
    }
    return render(request, "objectives/keep_up_key_result.html", shown, status=422 if form.errors else 200)
