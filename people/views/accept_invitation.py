"""Where an invitation's link leads: into the organization, by a new account or by the one somebody has."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import services
from people.forms.invitations import PasswordForm
from people.models import Invitation, Membership, User
from people.refusals import Refusal
from people.services.invitations import account_of, find_invitation, refuse_closed_door
from people.views.doors import account_quietly, enter, paused


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Says who invites to what; a POST takes the place. Whatever the link opens no longer is said on a page."""
    invitation = find_invitation(secret)
    if invitation is None:
        return paused(request) or closed(request, None, status=404)
    user = request.user if isinstance(request.user, User) else None
    if invitation.accepted_at is not None and is_theirs(request, invitation, user):
        return redirect("this_week", invitation.organization.slug)
    try:
        refuse_closed_door(invitation)
    except Refusal as refusal:
        return closed(request, refusal.code, invitation=invitation)
    if user is not None and user.email != invitation.email:
        return show(request, invitation, status=200 if request.method != "POST" else 422, other=user)
    if user is None and account_of(invitation) is not None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    data = request.POST if request.method == "POST" else None
    form = None
    if user is None:
        form = PasswordForm(data, email=invitation.email, initial={"name": invitation.name})
    if data is not None and (form is None or form.is_valid()):
        membership = accepted(request, invitation, user, form)
        if isinstance(membership, HttpResponse):
            return membership
        sentence = _("Welcome to %(organization)s.") % {"organization": membership.organization.name}
        messages.success(request, sentence)
        return redirect("this_week", membership.organization.slug)
    return show(request, invitation, form=form, status=422 if form is not None and form.errors else 200)


def accepted(
    request: HttpRequest, invitation: Invitation, user: User | None, form: PasswordForm | None
) -> Membership | HttpResponse:
    typed: dict[str, Any] = form.cleaned_data if form is not None else {}
    try:
        membership = services.accept_invitation(
            invitation, user=user, name=typed.get("name", ""), password=typed.get("password", "")
        )
    except Refusal as refusal:
        if refusal.code == "accepted":
            # The same form, sent twice at the same moment.
            return redirect(request.path) if user is not None else accept_invitation(request, secret_in(request))
        if refusal.code == "account_exists":
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
        return closed(request, refusal.code, invitation=invitation)
    except ValidationError as error:
        if form is None:
            raise
        form.add_error("name", error.messages)
        return show(request, invitation, form=form, status=422)
    if user is None:
        enter(request, membership.user)
    request.session["organization"] = membership.organization.slug
    return membership


def secret_in(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["secret"]) if match else ""


def is_theirs(request: HttpRequest, invitation: Invitation, user: User | None) -> bool:
    """Whether who asks is the one who accepted it: signed in, or with the password just chosen, sent once more."""
    if invitation.membership is None:
        return False
    if user is None and request.method == "POST":
        user = account_quietly(request, email=invitation.email, password=request.POST.get("password", ""))
        if user is not None and user == invitation.membership.user:
            enter(request, user)
    place = Membership.objects.active().filter(pk=invitation.membership.pk)
    return user is not None and user == invitation.membership.user and place.exists()


def show(request: HttpRequest, invitation: Invitation, *, status: int, **shown: Any) -> HttpResponse:
    shown = {"invitation": invitation, "form": None, "other": None} | shown
    return render(request, "people/accept_invitation.html", shown, status=status)


def closed(
    request: HttpRequest, code: str | None, *, invitation: Invitation | None = None, status: int = 410
) -> HttpResponse:
    """A link that opens nothing: unknown, used, expired, withdrawn, or of an account that was closed."""
    shown = {"code": code, "invitation": invitation}
    return render(request, "people/invitation_closed.html", shown, status=status)
