"""The rhythm of every team: when it reports and meets, and on which days nobody works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from objectives.access import teams_paced_by
from objectives.forms.rhythms import CadenceForm, DayOffForm
from objectives.sentences.rhythm import decided_words, rhythm_words
from objectives.services.rhythms import add_days_off, remove_days_off, save_cadence
from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership, get_visible, refuse
from people.forms import add_refusal
from people.models import Cadence, DayOff, Membership, Team
from people.queries import days_off_of, decisions_of, rhythm_of, team_tree
from people.queries.people import Branch
from people.refusals import Refusal

HOLIDAYS_AHEAD = timedelta(days=183)
DAYS_BACK = timedelta(days=31)


@dataclass(frozen=True)
class Paced:
    """A team in the tree: what holds for it, what it decided itself, and whether the reader may change that."""

    branch: Branch
    words: str
    own: str
    may_edit: bool


@require_http_methods(PAGE_METHODS)
def rhythms(request: HttpRequest, slug: str) -> HttpResponse:
    """The tree of teams with their rhythms; administrators add days off here."""
    membership = get_membership(request, slug)
    if membership.is_partner or (request.method == "POST" and not membership.is_admin):
        refuse()
    form = None
    if membership.is_admin:
        # A row taken away comes back by its address, which names it.
        sent = request.POST if "name" in request.POST else request.GET
        form = DayOffForm(sent if request.method == "POST" else None, organization=membership.organization)
        if request.method == "POST" and form.is_valid() and added(request, form):
            return redirect("rhythms", slug)
    organization = membership.organization
    days_off, today = days_off_of(organization), organization.today
    rows = DayOff.objects.visible_to(membership)
    shown: dict[str, Any] = {
        "form": form,
        "paced": paced_teams(membership),
        "days_off": rows.filter(last__gte=today - DAYS_BACK),
        "past": rows.filter(last__lt=today - DAYS_BACK).count(),
        "today": today,
        "holidays": days_off.holidays_between(today, today + HOLIDAYS_AHEAD, (get_language() or "ja")[:2]),
    }
    return render(request, "objectives/rhythms.html", shown, status=422 if form is not None and form.errors else 200)


def paced_teams(membership: Membership) -> list[Paced]:
    organization = membership.organization
    days_off, decisions = days_off_of(organization), decisions_of(organization)
    may_edit = set(teams_paced_by(membership).values_list("pk", flat=True))
    found = []
    for branch in team_tree(Team.objects.visible_to(membership).open().order_by("position", "pk")):
        pk = branch.team.pk
        own = {name: decision.value for name, decision in decisions[pk].items() if decision.team == pk}
        words = rhythm_words(rhythm_of(decisions[pk], organization, days_off))
        found.append(Paced(branch, words, decided_words(own), pk in may_edit))
    return found


def added(request: HttpRequest, form: DayOffForm) -> bool:
    try:
        row = add_days_off(form.save(commit=False))
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("Days off: “%(title)s”. Due days follow in a moment.") % {"title": row.name})
    return True


@require_POST
def remove_day_off(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    row = get_editable(DayOff.objects, membership, pk=pk)
    remove_days_off(row, by=membership)
    again = urlencode({"name": row.name, "first": row.first.isoformat(), "last": row.last.isoformat()})
    undo = reverse("rhythms", args=[slug]) + "?" + again
    messages.success(request, _("Taken away: “%(title)s”.") % {"title": row.name}, extra_tags=undo)
    return redirect("rhythms", slug)


@require_http_methods(PAGE_METHODS)
def edit_rhythm(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What one team decides itself: administrators for all, managers for the teams they lead."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        refuse()
    team = get_visible(Team.objects.select_related("organization", "parent"), membership, pk=pk)
    if not teams_paced_by(membership).filter(pk=pk).exists():
        refuse()
    decisions = decisions_of(membership.organization)
    above = decisions[team.parent_id] if team.parent_id is not None else {}
    present = Cadence.objects.filter(team=team).first()
    form = CadenceForm(
        request.POST if request.method == "POST" else None,
        instance=present or Cadence(team=team),
        team=team,
        above=above,
        names=dict(Team.objects.filter(organization=membership.organization_id).values_list("pk", "name")),
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_cadence(form.save(commit=False), expected_version=form.expected_version)
        except Refusal as refusal:
            add_refusal(form, refusal)
            if refusal.code == "stale":
                form.expect(Cadence.objects.filter(team=team).values_list("version", flat=True).first() or 0)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The rhythm of “%(team)s” is saved.") % {"team": team.name})
            return redirect(reverse("rhythms", args=[slug]) + f"#team-{pk}")
    words = rhythm_words(rhythm_of(decisions[pk], membership.organization, days_off_of(membership.organization)))
    shown = {"form": form, "team": team, "words": words, "below": team.children.filter(closed_on=None).count()}
    return render(request, "objectives/edit_rhythm.html", shown, status=422 if form.errors else 200)
