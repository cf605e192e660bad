"""Where messages go besides mail: the company's channels, the teams', and one's own."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from people import clock
from people.access import get_editable, get_membership
from people.channels.wording import in_words
from people.forms.channels import ChannelForm, NewChannelForm
from people.forms.refused import add_refusal
from people.letters import is_mail_sent
from people.models import Channel, ChannelKind, Delivery, Membership, Topic
from people.queries.deliveries import latest_of, troubles
from people.refusals import Refusal
from people.sealing import open_seal, seal
from people.services import channels as services

PAGE_METHODS = ["GET", "HEAD", "POST"]
NEW = "channel_just_made"


def get_insider(request: HttpRequest, slug: str) -> Membership:
    """For partners there are no channels."""
    membership = get_membership(request, slug)
    if membership.is_partner:
        raise Http404
    return membership


def show(
    request: HttpRequest, membership: Membership, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page, with moments as the organization's clocks show them."""
    with timezone.override(membership.organization.zone):
        return render(request, template, context, status=status)


def get_channel(membership: Membership, pk: int) -> Channel:
    return get_editable(Channel.objects.select_related("team", "organization", "membership"), membership, pk=pk)


@require_http_methods(["GET", "HEAD"])
def channels(request: HttpRequest, slug: str) -> HttpResponse:
    """All channels one may set up, how they are doing, and whether mails go out."""
    membership = get_insider(request, slug)
    rows = Channel.objects.visible_to(membership).filter(retired_at=None).select_related("team", "created_by__user")
    shown = [named(row) for row in rows.order_by("team__position", "team_id", "name", "id")]
    groups = [
        (_("The whole company"), [row for row in shown if row.team_id is None and row.membership_id is None]),
        (_("Teams"), [row for row in shown if row.team_id is not None]),
        (_("Only for me"), [row for row in shown if row.membership_id is not None]),
    ]
    context = {
        "groups": [(name, rows) for name, rows in groups if rows],
        "failing": [row for row in shown if row.failing_since and row.is_on],
        "is_mail_sent": is_mail_sent(),
        "troubles": troubles(membership) if membership.is_admin else None,
    }
    return show(request, membership, "people/channels.html", context)


def named(channel: Channel) -> Channel:
    """With the reason of its failure in words."""
    channel.reason = in_words(channel.failure)  # type: ignore[attr-defined]
    return channel


@never_cache
@require_http_methods(PAGE_METHODS)
def new_channel(request: HttpRequest, slug: str) -> HttpResponse:
    """First the service, then what it needs."""
    membership = get_insider(request, slug)
    kind = request.GET.get("kind", "")
    if kind not in ChannelKind.values:
        return render(request, "people/new_channel.html", {"kinds": ChannelKind.choices})
    form = NewChannelForm(request.POST if request.method == "POST" else None, kind=kind, membership=membership)
    if request.method == "POST" and form.is_valid():
        made = add(request, membership, form)
        if made is not None:
            return redirect("channel", slug, made.pk)
    shown = {"form": form, "kind": kind, "service": ChannelKind(kind).label}
    return render(request, "people/new_channel.html", shown, status=422 if form.errors else 200)


def add(request: HttpRequest, membership: Membership, form: NewChannelForm) -> Channel | None:
    """The new channel; where that is refused the form says why."""
    try:
        channel, secret = services.add_channel(
            membership,
            kind=form.kind,
            setup=form.setup(),
            team=form.team,
            is_own=form.is_own,
            submission_key=form.cleaned_data["submission_key"],
        )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
    except ValidationError as error:
        form.add_error(None, error)
        return None
    show_once(request, channel, secret)
    messages.success(request, _("“%(title)s” is set up. Send a trial message.") % {"title": channel.name})
    return channel


def show_once(request: HttpRequest, channel: Channel, secret: str) -> None:
    """Keep a webhook's secret for the next page. A form sent twice leaves that of the first time where it is."""
    if secret:
        request.session[NEW] = {"channel": channel.pk, "sealed": seal(secret)}


def just_made(request: HttpRequest, channel: Channel) -> str:
    kept = request.session.get(NEW)
    if request.method != "GET" or not kept or kept["channel"] != channel.pk or request.headers.get("HX-Request"):
        return ""
    del request.session[NEW]
    return open_seal(kept["sealed"])


@never_cache
@require_http_methods(PAGE_METHODS)
def channel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One channel: what it is, whether it works, its last messages. htmx asks for the messages alone."""
    membership = get_insider(request, slug)
    one = get_channel(membership, pk)
    if one.retired_at is not None:
        return redirect("channels", slug)
    if request.method == "GET" and request.headers.get("HX-Request"):
        return show(request, membership, "people/_channel_messages.html", messages_of(one))
    form = ChannelForm(request.POST if request.method == "POST" else None, kind=one.kind, channel=one)
    if request.method == "POST" and form.is_valid() and saved(form, one):
        messages.success(request, _("Saved: “%(title)s”.") % {"title": form.cleaned_data["name"]})
        return redirect("channel", slug, pk)
    shown: dict[str, Any] = {
        "form": form,
        "kind": one.kind,
        "secret": just_made(request, one),
        "trial_key": uuid.uuid4(),
        **messages_of(one),
    }
    return show(request, membership, "people/channel.html", shown, status=422 if form.errors else 200)


def saved(form: ChannelForm, one: Channel) -> bool:
    try:
        services.save_channel(one, form.setup(), expected_version=form.expected_version)
    except Refusal as refusal:
        if refusal.code == "stale":
            form.expect(Channel.objects.values_list("version", flat=True).get(pk=one.pk))
        add_refusal(form, refusal)
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def messages_of(one: Channel) -> dict[str, Any]:
    """The channel's last messages, and whether the page should look again soon."""
    rows = latest_of(one)
    soon = clock.now()
    trial = next((row for row in rows if row.topic == Topic.TEST), None)
    is_waiting = trial is not None and trial.state == "waiting" and (soon - trial.created_at).total_seconds() < 180
    return {"channel": named(one), "deliveries": rows, "trial": trial, "is_waiting": is_waiting}


@require_POST
def try_channel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send a trial message; the page then says what became of it."""
    membership = get_insider(request, slug)
    one = get_channel(membership, pk)
    try:
        key = request.POST.get("key", "").replace("\0", "")[:40]
        services.send_trial(one, key=key or str(uuid.uuid4()))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    if request.headers.get("HX-Request"):
        return show(request, membership, "people/_channel_messages.html", messages_of(one))
    return redirect(reverse("channel", args=[slug, pk]) + "#channel-messages")


@require_POST
def switch_channel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Pause it, or let it work again."""
    one = get_channel(get_insider(request, slug), pk)
    services.switch_channel(one, is_on=request.POST.get("is_on") == "1")
    return redirect("channel", slug, pk)


@require_POST
def retire_channel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Send nothing there any more; undo brings it back."""
    one = get_channel(get_insider(request, slug), pk)
    services.retire_channel(one)
    sentence = _("“%(title)s” is retired. Nothing is sent there any more.") % {"title": one.name}
    messages.success(request, sentence, extra_tags=reverse("restore_channel", args=[slug, pk]))
    return redirect("channels", slug)


@require_POST
def restore_channel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    one = get_channel(get_insider(request, slug), pk)
    services.restore_channel(one)
    messages.success(request, _("“%(title)s” is back.") % {"title": one.name})
    return redirect("channel", slug, pk)


@require_POST
def renew_channel_secret(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A new secret to sign with, shown once."""
    one = get_channel(get_insider(request, slug), pk)
    try:
        renewed, secret = services.renew_secret(one)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        show_once(request, renewed, secret)
    return redirect("channel", slug, pk)


@require_POST
def retry_delivery(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Try a message once more, now."""
    membership = get_insider(request, slug)
    delivery = get_editable(Delivery.objects, membership, pk=pk)
    services.try_again(delivery)
    messages.success(request, _("It is tried again now."))
    if delivery.channel_id:
        return redirect(reverse("channel", args=[slug, delivery.channel_id]) + "#channel-messages")
    return redirect("deliveries" if membership.is_admin else "channels", slug)
