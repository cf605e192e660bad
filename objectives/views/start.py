"""The first start: from a one-time link to an organization with a plan, in five steps that may be left for later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.formulas.back_calculation import VOLUMES, FunnelResult
from funnel.formulas.fiscal import fiscal_year
from funnel.formulas.planning import divide_to_cycle
from funnel.models import KGI
from funnel.presenters import ledger
from funnel.services import LINKS
from objectives.forms.from_funnel import DivideForm, OwnerField, ProposedForm
from objectives.forms.proposals import first_picks, propose
from objectives.forms.start import (
    CalendarForm,
    FirstObjectiveForm,
    FiveNumbersForm,
    FoundForm,
    TeamsForm,
    guests_of,
)
from objectives.formulas.calendar import fiscal_quarter
from objectives.formulas.calendar import fiscal_year as named_year
from objectives.models import Cycle, CycleState, Intent, KeyResult, Level, Objective
from objectives.queries.worth import months_for
from objectives.services import start as services
from objectives.views.editing import PAGE_METHODS
from people.access import get_membership, refuse
from people.forms import add_refusal
from people.formulas.outline import write_outline
from people.models import Invitation, Membership, StartLink, Team, User
from people.models.company import SetupStep
from people.refusals import Refusal
from people.services import Founder, make_start_link
from people.services.start import find_start_link, is_open
from people.services.units import unit_of_money
from people.views.doors import account_quietly, account_with, enter, paused

LATER = "later"


@dataclass(frozen=True)
class Step:
    """One step as the head of each shows them all."""

    key: str
    url_name: str
    name: Promise


STEPS = (
    Step("", "start_organization", pgettext_lazy("a step", "Company")),
    Step(SetupStep.CALENDAR, "start_calendar", gettext_lazy("Calendar")),
    Step(SetupStep.TEAMS, "start_teams", gettext_lazy("Teams")),
    Step(SetupStep.KGI, "start_kgi", gettext_lazy("KGI")),
    Step(SetupStep.OBJECTIVE, "start_objective", gettext_lazy("Objective")),
)
BY_KEY = {step.key: step for step in STEPS}
# Those that answer while one types.
ANSWERING = {SetupStep.CALENDAR, SetupStep.TEAMS, SetupStep.KGI}


def steps(step: str, membership: Membership | None) -> list[dict[str, Any]]:
    """The five steps with the present one, and the way to those one may go to."""
    rows = []
    for each in STEPS:
        reached = membership is not None and each.key and services.is_reached(membership.organization, each.key)
        address = reverse(each.url_name, args=[membership.organization.slug]) if reached and membership else ""
        rows.append({"name": each.name, "is_here": each.key == step, "address": address, "is_done": False})
    here = [row["is_here"] for row in rows].index(True)
    for number, row in enumerate(rows):
        row["is_done"] = number < here
    return rows


# Step 1: by the link


@never_cache
@login_not_required
@require_http_methods(PAGE_METHODS)
def start_organization(request: HttpRequest, secret: str) -> HttpResponse:
    """Name the company and oneself. The link is used up by it; one that opens nothing says so."""
    link = find_start_link(secret)
    if link is None or not is_open(link):
        if link is not None and link.used_at is not None and request.method == "POST":
            return sent_again(request)
        return (paused(request) if link is None else None) or closed(request, link)
    user = person_here(request)
    form = FoundForm(request.POST if request.method == "POST" else None, is_signed_in=user is not None)
    if request.method == "POST" and form.is_valid():
        founder = user or founder_of(request, form)
        if founder is not None:
            try:
                membership = services.found(
                    link, founder, name=form.cleaned_data["name"], slug=form.cleaned_data["slug"]
                )
            except Refusal as refusal:
                if refusal.code == "link_used":
                    return sent_again(request)
                add_refusal(form, refusal)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                if user is None:
                    enter(request, membership.user)
                request.session["organization"] = membership.organization.slug
                return redirect("start_calendar", membership.organization.slug)
    shown = {"form": form, "person": user, "steps": steps("", None)}
    return render(request, "objectives/start_organization.html", shown, status=422 if form.errors else 200)


def person_here(request: HttpRequest) -> User | None:
    """Who is signed in, unless it is somebody of the example company, whose password everybody knows."""
    user = request.user
    if not isinstance(user, User) or user.email.endswith("@" + settings.EXAMPLE_DOMAIN):
        return None
    return user


def founder_of(request: HttpRequest, form: FoundForm) -> User | Founder | None:
    """The account of the address typed, by its own password, or a new one; None with the reason in the form."""
    typed = form.cleaned_data
    if not form.has_account:
        return Founder(email=typed["email"], name=typed["person"], password=typed["password"])
    try:
        user = account_with(request, email=typed["email"], password=typed["password"])
    except ValidationError as error:
        form.add_error("password", error)
        return None
    if user is None:
        sentence = _("This address has an account already, with another password.")
        way = format_html('<a href="{}">{}</a>', reverse("account_reset_password"), _("Choose a new password"))
        form.add_error("password", format_html("{} {}", sentence, way))
    return user


def sent_again(request: HttpRequest) -> HttpResponse:
    """The link was used meanwhile. Who sent the same form twice goes on; anybody else is told."""
    user = account_quietly(
        request, email=request.POST.get("email", "").strip().lower(), password=request.POST.get("password", "")
    )
    if user is not None:
        enter(request, user)
        return redirect("home")
    return closed(request, None, is_used=True)


def closed(request: HttpRequest, link: StartLink | None, *, is_used: bool = False) -> HttpResponse:
    is_used = is_used or (link is not None and link.used_at is not None)
    status = 410 if is_used or link is not None else 404
    return render(request, "objectives/start_closed.html", {"is_used": is_used}, status=status)


@require_POST
def start_own(request: HttpRequest, slug: str) -> HttpResponse:
    """From the example company to one's own: a start link, and the way to it. Only where one plays on one machine."""
    get_membership(request, slug)
    if not settings.EMBEDDED or slug not in settings.EXAMPLE_SLUGS:
        raise Http404
    return redirect("start_organization", make_start_link(replace=False))


# The steps inside the organization


@require_safe
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead to the step that is next."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    return redirect(next_url(membership), slug)


def next_url(membership: Membership) -> str:
    step = membership.organization.setup_step
    return BY_KEY[step].url_name if step else "start_done"


def take(request: HttpRequest, slug: str, step: str) -> Membership | HttpResponse:
    """The administrator at a step that may be taken now, or where to go instead: done, or a step that comes before."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    if request.method == "POST" and request.POST.get("act") == LATER:
        membership.organization = services.skip_step(step, by=membership)
        after = STEPS[[each.key for each in STEPS].index(step) + 1 :]
        return redirect(after[0].url_name if after else "start_done", slug)
    if not services.is_reached(membership.organization, step):
        return redirect(next_url(membership), slug)
    return membership


def go_on(membership: Membership, step: str) -> HttpResponse:
    """To the step after this one."""
    after = STEPS[[each.key for each in STEPS].index(step) + 1 :]
    return redirect(after[0].url_name if after else "start_done", membership.organization.slug)


def act(form: Any, service: Callable[[], Any]) -> bool:
    """Call the service; where it refuses, the form says why."""
    try:
        service()
    except Refusal as refusal:
        if refusal.code == "setup_done":
            return True
        add_refusal(form, refusal)
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


def is_asking(request: HttpRequest) -> bool:
    """Whether only an answer is wanted while somebody types, and nothing is to be saved."""
    return request.method == "POST" and bool(request.htmx or "answer" in request.POST)  # type: ignore[attr-defined]


def page(request: HttpRequest, membership: Membership, step: str, shown: dict[str, Any], form: Any) -> HttpResponse:
    """A step as a page, or the part of it that answers while one types."""
    name = BY_KEY[step].url_name
    shown |= {"form": form, "steps": steps(step, membership), "step": step}
    status = 422 if form.is_bound and form.errors else 200
    if request.htmx and step in ANSWERING:  # type: ignore[attr-defined]
        return render(request, f"objectives/_{name}_answer.html", shown, status=200)
    return render(request, f"objectives/{name}.html", shown, status=status)


@require_http_methods(PAGE_METHODS)
def start_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """By which calendar the company plans, said in words; the running quarter follows from it."""
    membership = take(request, slug, SetupStep.CALENDAR)
    if isinstance(membership, HttpResponse):
        return membership
    organization = membership.organization
    data = request.POST if request.method == "POST" else None
    form = CalendarForm(data, organization=organization)
    saving = data is not None and form.is_valid() and not is_asking(request)
    if saving and act(form, lambda: services.set_calendar(by=membership, **form.cleaned_data)):
        return go_on(membership, SetupStep.CALENDAR)
    first = organization.fiscal_year_start
    if form.is_bound and "fiscal_year_start" in getattr(form, "cleaned_data", {}):
        first = form.cleaned_data["fiscal_year_start"]
    shown = {
        "quarter": fiscal_quarter(organization.today, first),
        "year": named_year(organization.today, first),
        "zones": sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")),
    }
    return page(request, membership, SetupStep.CALENDAR, shown, form)


@require_http_methods(PAGE_METHODS)
def start_teams(request: HttpRequest, slug: str) -> HttpResponse:
    """The teams as an outline, and who is invited into them."""
    membership = take(request, slug, SetupStep.TEAMS)
    if isinstance(membership, HttpResponse):
        return membership
    data = request.POST if request.method == "POST" else None
    present = write_outline(services.teams_by_path(membership.organization))
    form = TeamsForm(data, organization=membership.organization, initial={"teams": present})
    if data is not None and form.is_valid() and not is_asking(request):
        typed = form.cleaned_data
        guests = guests_of(form.lines)
        if act(
            form,
            lambda: services.set_teams(
                form.paths,
                by=membership,
                guests=guests,
                language=typed["language"],
                submission_key=typed["submission_key"],
            ),
        ):
            if guests:
                sentence = ngettext(
                    "%(count)s invitation is on its way.", "%(count)s invitations are on their way.", len(guests)
                )
                messages.success(request, sentence % {"count": len(guests)})
            return go_on(membership, SetupStep.TEAMS)
    if not form.is_bound:
        paths = list(services.teams_by_path(membership.organization))
    else:
        paths = form.paths
    tree = [{"name": path[-1], "depth": min(len(path), 4)} for path in paths]
    return page(request, membership, SetupStep.TEAMS, {"tree": tree, "lines": form.lines}, form)


@require_http_methods(PAGE_METHODS)
def start_kgi(request: HttpRequest, slug: str) -> HttpResponse:
    """The year's revenue calculated back through five numbers, for the year and for the running quarter."""
    membership = take(request, slug, SetupStep.KGI)
    if isinstance(membership, HttpResponse):
        return membership
    kgi = services.first_kgi(membership.organization) or new_kgi(membership)
    data = request.POST if request.method == "POST" else None
    form = FiveNumbersForm(data, kgi=kgi)
    if data is not None and form.is_valid() and not is_asking(request):
        kgi.name = form.cleaned_data["name"]
        if kgi._state.adding:
            kgi.submission_key = form.cleaned_data["submission_key"] or uuid.uuid4()
        if act(form, lambda: services.set_first_kgi(kgi, form.funnel.plan(), by=membership)):
            return go_on(membership, SetupStep.KGI)
    if not form.is_bound:
        form.funnel.is_valid()
    cycle = running_cycle(membership)
    shown = {"kgi": kgi, "cycle": cycle} | answers(form, kgi, cycle)
    return page(request, membership, SetupStep.KGI, shown, form)


def new_kgi(membership: Membership) -> KGI:
    """The year's revenue: what nearly every company begins with."""
    organization = membership.organization
    begin, end = fiscal_year(organization.today, organization.fiscal_year_start)
    year = named_year(organization.today, organization.fiscal_year_start).name
    return KGI(
        organization=organization,
        name=_("Revenue of %(year)s") % {"year": year},
        unit=unit_of_money(organization.currency),
        owner=membership,
        period_start=begin,
        period_end=end,
    )


def running_cycle(membership: Membership) -> Cycle | None:
    """The cycle that plans are made in now, if one is open."""
    cycles = Cycle.objects.visible_to(membership).exclude(state=CycleState.CLOSED)
    return cycles.current_on(membership.organization.today)


def answers(form: FiveNumbersForm, kgi: KGI, cycle: Cycle | None) -> dict[str, Any]:
    """What each stage must become, in the year and in the cycle, for both targets."""
    if not form.has_answers:
        return {"rows": [], "finding": None, "warnings": []}
    funnel = form.funnel
    share = months_for(kgi, cycle).share if cycle is not None else None
    rows = [
        {
            "name": LINKS[key].name,
            "year": figures(funnel.answers, key, Fraction(1)),
            "cycle": figures(funnel.answers, key, share) if share is not None else None,
        }
        for key in VOLUMES
    ]
    return {"rows": rows, "finding": ledger.finding(funnel), "warnings": ledger.warnings_of(funnel)}


def figures(found: dict[str, FunnelResult | None], key: str, share: Fraction) -> dict[str, int | None]:
    return {
        column: divide_to_cycle(getattr(answer, key), share) if (answer := found[column]) is not None else None
        for column in ("must_hit", "challenge")
    }


@require_http_methods(PAGE_METHODS)
def start_objective(request: HttpRequest, slug: str) -> HttpResponse:
    """The first objective of the company, with key results out of the funnel; as a draft, or begun at once."""
    membership = take(request, slug, SetupStep.OBJECTIVE)
    if isinstance(membership, HttpResponse):
        return membership
    cycle = running_cycle(membership)
    if cycle is None:
        messages.error(request, _("There is no cycle to plan in. Choose the calendar first."))
        return redirect("start_calendar", slug)
    kgi = services.first_kgi(membership.organization)
    data = request.POST if request.method == "POST" else None
    company = Team.objects.get(organization=membership.organization, parent=None)
    objective = Objective(
        organization=membership.organization,
        cycle=cycle,
        team=company,
        owner=membership,
        level=Level.COMPANY,
        kind=Intent.ASPIRATIONAL,
        kgi=kgi,
    )
    form = FirstObjectiveForm(data, instance=objective)
    rows = proposed_rows(membership, kgi, cycle, data)
    if data is not None and all([form.is_valid(), *(row.is_valid() for row in rows)]):
        drafts = [row.draft() for row in rows if row.is_picked]
        begin = data.get("act") == "begin"
        written = form.save(commit=False)
        if act(form, lambda: services.set_first_objective(written, drafts, by=membership, begin=begin)):
            return go_on(membership, SetupStep.OBJECTIVE)
    shown = {"kgi": kgi, "cycle": cycle, "rows": rows}
    answer = page(request, membership, SetupStep.OBJECTIVE, shown, form)
    if any(row.errors for row in rows):
        answer.status_code = 422
    return answer


def proposed_rows(membership: Membership, kgi: KGI | None, cycle: Cycle, data: Any) -> list[ProposedForm]:
    """The key results that the KGI's funnel offers for this cycle, the most telling ones ticked."""
    if kgi is None or getattr(kgi, "funnel", None) is None:
        return []
    proposals = [row for row in propose(kgi, DivideForm(None, kgi=kgi, cycle=cycle).share) if not row.obstacle]
    owner = OwnerField(membership, reverse("people_suggestions", args=[membership.organization.slug]))
    picks = first_picks([row for row in proposals if row.start is not None], {})
    return [
        ProposedForm(data, proposal=proposal, owner=owner, picked=proposal.kpi.key in picks, taken=None)
        for proposal in proposals
    ]


@require_safe
def start_done(request: HttpRequest, slug: str) -> HttpResponse:
    """What was made, and what comes next."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    organization = membership.organization
    objective = (
        Objective.objects.visible_to(membership)
        .filter(level=Level.COMPANY)
        .select_related("cycle", "owner__user")
        .order_by("pk")
        .first()
    )
    key_results = KeyResult.objects.visible_to(membership).filter(objective=objective) if objective else ()
    shown = {
        "kgi": services.first_kgi(organization),
        "objective": objective,
        "key_results": list(key_results),
        "cycle": running_cycle(membership),
        "teams": max(Team.objects.filter(organization=organization).open().count() - 1, 0),
        "invited": Invitation.objects.visible_to(membership).open().count(),
        "people": Membership.objects.visible_to(membership).active().count(),
        "open_step": BY_KEY[organization.setup_step] if organization.setup_step else None,
    }
    return render(request, "objectives/start_done.html", shown)
