"""The board of a cycle: what each team plans, beside what it leaves undone and what the KGIs still lack."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from objectives.access import choose_cycle, leads, possible_acts, teams_decided_by, teams_planned_by, teams_seen_by
from objectives.forms.goals import NotDoingForm
from objectives.models import Cycle, NotDoing, Objective, ObjectiveState
from objectives.queries.agreement import agreements_of
from objectives.queries.closing import cycle_to_close
from objectives.queries.next_cycle import cycle_before, next_cycle_of
from objectives.queries.plan import (
    DROPPED,
    Board,
    Filters,
    TeamPlan,
    board_of,
    days_until,
    dropped_in,
    gaps_of,
    kgi_plans,
)
from objectives.views.board import board_words, dressed, mark_conflicts
from people.access import get_editable, get_membership, read_id, refuse
from people.forms import MOST_SUGGESTED, find_people
from people.models import Membership, Team
from people.queries import Branch


@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    cycle = choose_cycle(request, membership)
    if cycle is None:
        return render(request, "objectives/plan.html", {"board": None})
    filters = read_filters(request.GET, membership)
    is_open = not cycle.is_closed
    planned = list(teams_planned_by(membership).values_list("pk", flat=True)) if is_open else []
    decided = list(teams_decided_by(membership).values_list("pk", flat=True)) if is_open else []
    board = board_of(membership, cycle, filters, planned=planned, decided=decided)
    rows = dressed([row for plan_of_team in board.plans for row in plan_of_team.rows], cycle)
    conflict_count = mark_conflicts(membership, cycle, rows)
    shown: dict[str, Any] = {"board": board, "filters": filters, "cycle": cycle, "is_open": is_open}
    if request.htmx and request.htmx.target == "board":  # type: ignore[attr-defined]
        return render(request, "objectives/_board.html", shown)
    shown |= {
        "finding": finding(board, cycle, membership),
        "days_until": days_until(cycle, membership.organization.today),
        "states": [*ObjectiveState.choices, (DROPPED, pgettext("objective", "Dropped"))],
        "kgis": kgi_plans(membership, cycle),
        "gaps": None if membership.is_partner or cycle.is_closed else gaps_of(membership, cycle),
        "dropped": dropped_in(membership, cycle),
        "may_add": bool(planned),
        "next_cycle": next_cycle_of(membership),
        "to_close": None if membership.is_partner else cycle_to_close([cycle], membership.organization.today),
        "today": membership.organization.today,
        "may_carry": bool(planned) and cycle_before(cycle) is not None,
        "words": board_words(),
        "conflict_count": conflict_count,
    }
    return render(request, "objectives/plan.html", shown)


def read_filters(asked: QueryDict, membership: Membership) -> Filters:
    """What the address asks for; what it does not know is left out."""
    state = asked.get("state", "")
    return Filters(
        team=teams_seen_by(membership).filter(pk=read_id(asked.get("team")) or 0).first(),
        state=state if state in {*ObjectiveState.values, DROPPED} else "",
        words=asked.get("q", "").replace("\0", "").strip()[:100],
        waits_for_me=asked.get("waits") == "me",
    )


def finding(board: Board, cycle: Cycle, membership: Membership) -> list[str]:
    """The plan in one sentence, in parts between which a line may break."""
    states: Counter[str] = board.states
    waiting = states[ObjectiveState.DRAFT] + states[ObjectiveState.PROPOSED]
    agreed, active = states[ObjectiveState.AGREED], states[ObjectiveState.ACTIVE]
    count = waiting
    values = {"cycle": cycle.name, "active": active}
    if membership.is_partner:
        return shared_finding(board, cycle)
    # Translators: “|” marks where the title may break into two lines.
    if not board.total:
        sentence = _("The plan for %(cycle)s|begins with one sentence.")
    elif waiting and active:
        sentence = ngettext(
            "%(cycle)s: |%(active)s under way, |%(count)s more to agree on.",
            "%(cycle)s: |%(active)s under way, |%(count)s more to agree on.",
            count,
        )
    elif waiting:
        sentence = ngettext("%(cycle)s: |%(count)s more to agree on.", "%(cycle)s: |%(count)s more to agree on.", count)
    elif agreed and cycle.start > membership.organization.today:
        count = agreed
        sentence = ngettext(
            "%(cycle)s: |%(count)s objective is agreed.", "%(cycle)s: |all %(count)s objectives are agreed.", count
        )
    elif agreed:
        count = agreed
        sentence = ngettext(
            "%(cycle)s: |%(count)s agreed objective can start.",
            "%(cycle)s: |%(count)s agreed objectives can start.",
            count,
        )
    elif active:
        count = active
        sentence = ngettext(
            "%(cycle)s: |%(count)s objective is under way.", "%(cycle)s: |%(count)s objectives are under way.", count
        )
    else:
        count = board.total
        sentence = ngettext(
            "%(cycle)s: |%(count)s objective is closed.", "%(cycle)s: |%(count)s objectives are closed.", count
        )
    return [part % (values | {"count": count}) for part in sentence.split("|")]


def shared_finding(board: Board, cycle: Cycle) -> list[str]:
    """What a partner is told: how many objectives are shared with them, and nothing of the plan round them."""
    # Translators: “|” marks where the title may break into two lines.
    sentence = ngettext(
        "%(cycle)s: |%(count)s objective is shared with you.",
        "%(cycle)s: |%(count)s objectives are shared with you.",
        board.total,
    )
    return [part % {"cycle": cycle.name, "count": board.total} for part in sentence.split("|")]


@require_safe
def objective_menu(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the reader may do with an objective of the board, fetched when its menu opens: it keeps the board light."""
    membership = get_membership(request, slug)
    objective = get_editable(Objective.objects.select_related("cycle"), membership, pk=pk)
    if objective.cycle.is_closed:
        refuse()
    try:
        came_from = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    except ValueError:  # a header may claim anything to be an address
        came_from = None
    is_owner = objective.owner_id == membership.pk
    agreement = agreements_of([objective])[pk]
    shown = {
        "objective": objective,
        "agreement": agreement,
        "asks_me": agreement.waits_for_person(membership),
        "acts": possible_acts(objective, may_edit=True, may_lead=leads(membership, objective), is_owner=is_owner),
        "next": f"{(came_from or reverse('plan', args=[slug])).partition('#')[0]}#objective-{pk}",
    }
    return render(request, "objectives/_objective_menu.html", shown)


@require_POST
def add_not_doing(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down what a team will not do. Said twice, it stands there once."""
    membership = get_membership(request, slug)
    asked = request.GET.copy()
    asked.update(request.POST)
    team = decided_team(membership, asked.get("team", ""))
    cycle = open_cycle(request, membership)
    form = NotDoingForm(asked)
    if not form.is_valid():
        return not_doing_part(request, membership, cycle, team, form=form, status=422)
    NotDoing.objects.get_or_create(
        cycle=cycle, team=team, text=form.cleaned_data["text"], defaults={"written_by": membership}
    )
    return not_doing_part(request, membership, cycle, team)


@require_POST
def remove_not_doing(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a line away; it can be put back at once."""
    membership = get_membership(request, slug)
    rows = NotDoing.objects.filter(cycle__organization=membership.organization_id, pk=pk)
    wont = rows.select_related("cycle", "team").first()
    if wont is None or membership.is_partner:
        raise Http404
    if not teams_decided_by(membership).filter(pk=wont.team_id).exists() or wont.cycle.is_closed:
        refuse()
    wont.delete()
    again = QueryDict(mutable=True)
    again.update({"team": str(wont.team_id), "cycle": str(wont.cycle_id), "text": wont.text})
    undo = f"{reverse('add_not_doing', args=[slug])}?{again.urlencode()}"
    removed = {"text": wont.text, "undo_url": undo}
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, _("Removed: “%(text)s”.") % {"text": wont.text}, extra_tags=undo)
    return not_doing_part(request, membership, wont.cycle, wont.team, removed=removed)


def decided_team(membership: Membership, asked: str) -> Team:
    team = get_object_or_404(Team.objects.visible_to(membership).open(), pk=read_id(asked))
    if not teams_decided_by(membership).filter(pk=team.pk).exists():
        refuse()
    return team


def open_cycle(request: HttpRequest, membership: Membership) -> Cycle:
    cycle = choose_cycle(request, membership)
    if cycle is None:
        raise Http404
    if cycle.is_closed:
        refuse()
    return cycle


def not_doing_part(
    request: HttpRequest,
    membership: Membership,
    cycle: Cycle,
    team: Team,
    *,
    form: NotDoingForm | None = None,
    removed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The lines of one team as htmx swaps them in; without it, back to the board, or the form with its error."""
    if not request.htmx and form is None:  # type: ignore[attr-defined]
        address = reverse("plan", args=[membership.organization.slug])
        return redirect(f"{address}?cycle={cycle.pk}#team-{team.pk}")
    plan_of_team = TeamPlan(
        Branch(team, 0, ()), not_doing=list(NotDoing.objects.filter(cycle=cycle, team=team)), may_decide=True
    )
    shown = {"plan": plan_of_team, "cycle": cycle, "form": form, "removed": removed}
    template = "objectives/_not_doing.html" if request.htmx else "objectives/not_doing.html"  # type: ignore[attr-defined]
    return render(request, template, shown, status=status)


@require_safe
def people_suggestions(request: HttpRequest, slug: str) -> HttpResponse:
    """The names that fit what is being typed, for the list below a person's field."""
    membership = get_membership(request, slug)
    typed = next(iter(request.GET.values()), "").replace("\0", "")[:100]
    people = Membership.objects.visible_to(membership).colleagues()
    found = list(find_people(people, typed)[:MOST_SUGGESTED])
    names = Counter(person.user.name for person in found)
    options = [
        (person.user.name if names[person.user.name] == 1 else f"{person.user.name} {person.user.email}", person)
        for person in found
    ]
    return render(request, "objectives/_people_options.html", {"options": options})
