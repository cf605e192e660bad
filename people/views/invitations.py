"""Inviting people: one, or a pasted list; who is invited, and what became of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from people import clock, services
from people.access import get_editable, get_membership, refuse
from people.forms.invitations import LONGEST_NAME, InviteForm, PasteForm
from people.letters import is_mail_sent
from people.links import invitation_link
from people.models import Invitation, Membership, Role, Team
from people.refusals import Refusal
from people.services.invitations import Guest, state_of

PER_PAGE = 50
NEW = "invitations_just_made"
STATES = ("open", "expired", "accepted", "withdrawn", "all")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    """The invitations of an organization, and the forms that make more. A pasted list is shown before it is sent."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    teams = list(Team.objects.visible_to(membership).open().order_by("position", "pk"))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    one = InviteForm(request.POST if act == "one" else None, teams=teams, begun=begun_with(request))
    many = PasteForm(
        request.POST if act in ("check", "send") else None, organization=membership.organization, teams=teams
    )
    valid = True
    if act == "one":
        valid = one.is_valid()
        if valid and sent(request, membership, one, [one.guest()]):
            return redirect("invitations", slug)
        valid = not one.errors
    elif act:
        valid = many.is_valid() and not many.problems
        if valid and act == "send" and sent(request, membership, many, [line.guest() for line in many.lines]):
            return redirect("invitations", slug)
        valid = valid and not many.errors
    shown = listing(request, membership) | {"one": one, "many": many, "teams": teams, "roles": Role.choices}
    return render(request, "people/invitations.html", shown, status=200 if valid else 422)


def begun_with(request: HttpRequest) -> dict[str, Any]:
    """What the address says of the person to be invited; what is not understood is left out."""
    role, name = request.GET.get("role", ""), request.GET.get("name", "").replace("\0", "").strip()
    return ({"role": role} if role in Role.values else {}) | ({"name": name[:LONGEST_NAME]} if name else {})


def sent(request: HttpRequest, membership: Membership, form: InviteForm | PasteForm, guests: list[Guest]) -> bool:
    """Invite them; where that is refused the form says why."""
    typed = form.cleaned_data
    try:
        made = services.invite_people(
            membership.organization,
            guests,
            by=membership,
            language=typed["language"],
            submission_key=typed["submission_key"],
        )
    except Refusal as refusal:
        form.add_error(next((name for name in refusal.fields if name in form.fields), None), refusal.detail)
        return False
    say_sent(request, made)
    return True


def say_sent(request: HttpRequest, made: list[Invitation]) -> None:
    if is_mail_sent():
        sentence = ngettext("%(count)s invitation is on its way.", "%(count)s invitations are on their way.", len(made))
    else:
        request.session[NEW] = [invitation.pk for invitation in made]
        sentence = ngettext(
            "%(count)s link is ready to be passed on.", "%(count)s links are ready to be passed on.", len(made)
        )
    messages.success(request, sentence % {"count": len(made)})


def listing(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    """The invitations in the state asked for, a page of them; and the links of those just made, this once."""
    asked = request.GET.get("state", "")
    state = asked if asked in STATES else STATES[0]
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = in_state(Invitation.objects.visible_to(membership), state)
    for word in words.split():
        rows = rows.filter(Q(email__icontains=word) | Q(name__icontains=word) | Q(team__name__icontains=word))
    page = Paginator(rows.select_related("team", "invited_by__user"), PER_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.state = state_of(row)
    return {"page": page, "state": state, "q": words, "states": named_states(), "links": new_links(request, membership)}


def in_state(rows: QuerySet[Invitation], state: str) -> QuerySet[Invitation]:
    now = clock.now()
    waiting = Q(accepted_at=None, withdrawn_at=None)
    match state:
        case "open":
            return rows.filter(waiting, expires_at__gt=now)
        case "expired":
            return rows.filter(waiting, expires_at__lte=now)
        case "accepted":
            return rows.exclude(accepted_at=None)
        case "withdrawn":
            return rows.exclude(withdrawn_at=None)
    return rows


def named_states() -> list[tuple[str, str]]:
    names = [_("Waiting"), _("Expired"), _("Accepted"), _("Withdrawn"), _("All")]
    return list(zip(STATES, names, strict=True))


def new_links(request: HttpRequest, membership: Membership) -> list[dict[str, Any]]:
    made = request.session.pop(NEW, []) if request.method == "GET" else []
    rows = Invitation.objects.visible_to(membership).open().filter(pk__in=made).order_by("pk") if made else ()
    return [{"invitation": row, "link": invitation_link(row)} for row in rows]


@require_POST
def renew_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write again with a new link; also what brings a withdrawn one back."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    invitation = get_editable(Invitation.objects, membership, pk=pk)
    try:
        renewed = services.renew_invitation(invitation, expected=request.POST.get("state"))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        say_sent(request, [renewed])
    return redirect("invitations", slug)


@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let its link open nothing any more; at once one can invite again."""
    membership = get_membership(request, slug)
    if not membership.is_admin:
        refuse()
    invitation = get_editable(Invitation.objects, membership, pk=pk)
    try:
        withdrawn = services.withdraw_invitation(invitation)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        undo = reverse("renew_invitation", args=[slug, pk])
        sentence = _("The invitation of %(email)s is withdrawn.") % {"email": withdrawn.email}
        messages.success(request, sentence, extra_tags=undo)
    return redirect("invitations", slug)
