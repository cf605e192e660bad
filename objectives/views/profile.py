"""One's own page: how others read one, when one is reminded, and one's calendar."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from objectives.views.editing import PAGE_METHODS
from people.access import get_editable, get_membership
from people.forms import add_refusal
from people.forms.members import ProfileForm
from people.forms.reminders import FeedForm, ReminderForm
from people.models import CalendarFeed, Membership, ReminderPreference
from people.refusals import Refusal
from people.services.calendar_feeds import make_feed
from people.services.keys import end_key, reopen_key
from people.services.persons import correct_person
from people.services.reminders import save_preference
from people.views.once import just_made, keep_secret


@never_cache
@require_http_methods(PAGE_METHODS)
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Three forms, each saved by its own button: the person, reminders, and a new calendar link."""
    membership = get_membership(request, slug)
    sent = request.POST.get("form", "person") if request.method == "POST" else ""

    def data(name: str) -> Any:
        return request.POST if sent == name else None

    present = ReminderPreference.objects.filter(membership=membership).first()
    form = ProfileForm(data("person"), member=membership)
    reminders = ReminderForm(
        data("reminders"),
        instance=present or ReminderPreference(membership=membership),
        member=membership,
        auto_id="id_reminders_%s",
    )
    feed = FeedForm(data("calendar"))
    answer = None
    if sent == "person" and form.is_valid():
        answer = saved_person(request, membership, form)
    elif sent == "reminders" and reminders.is_valid():
        answer = saved_reminders(request, membership, reminders)
    elif sent == "calendar" and feed.is_valid():
        answer = made_feed(request, membership, feed)
    if answer is not None:
        return answer
    new, secret = just_made(request, CalendarFeed, membership)
    rows = CalendarFeed.objects.visible_to(membership).filter(ended_at=None)
    shown: dict[str, Any] = {
        "form": form,
        "reminders": reminders,
        "feed": feed,
        "feeds": list(rows),
        "new": new,
        "address": settings.SITE_URL.rstrip("/") + reverse("calendar_feed", args=[secret]) if secret else "",
    }
    wrong = any(each.errors for each in (form, reminders, feed))
    return render(request, "objectives/profile.html", shown, status=422 if wrong else 200)


def saved_person(request: HttpRequest, membership: Membership, form: ProfileForm) -> HttpResponse | None:
    typed = form.cleaned_data
    try:
        user = correct_person(membership, by=membership, name=typed["name"], reading=typed["reading"])
    except (Refusal, ValidationError) as error:
        form.add_error(None, error.detail if isinstance(error, Refusal) else error.messages)
        return None
    if (user.language, user.is_reminded) != (typed["language"], typed["is_reminded"]):
        user.language, user.is_reminded = typed["language"], typed["is_reminded"]
        user.save(update_fields=["language", "is_reminded"])
    messages.success(request, _("Saved."))
    answer = redirect("profile", membership.organization.slug)
    if user.language:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
    return answer


def saved_reminders(request: HttpRequest, membership: Membership, form: ReminderForm) -> HttpResponse | None:
    try:
        save_preference(form.save(commit=False), expected_version=form.expected_version)
    except Refusal as refusal:
        add_refusal(form, refusal)
        if refusal.code == "stale":
            rows = ReminderPreference.objects.filter(membership=membership)
            form.expect(rows.values_list("version", flat=True).first() or 0)
        return None
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    messages.success(request, _("Saved: when and how you are reminded."))
    return back(membership, "reminders")


def made_feed(request: HttpRequest, membership: Membership, form: FeedForm) -> HttpResponse | None:
    """Make the link and keep its secret for the next page, which shows it once."""
    try:
        feed, secret = make_feed(membership, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, refusal.detail)
        return None
    keep_secret(request, feed, secret)
    return back(membership, "calendar")


def back(membership: Membership, part: str) -> HttpResponseRedirect:
    return redirect(reverse("profile", args=[membership.organization.slug]) + f"#{part}")


@require_POST
def end_feed(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a calendar link of one's own."""
    membership = get_membership(request, slug)
    feed = end_key(get_editable(CalendarFeed.objects, membership, pk=pk))
    undo = reverse("restore_feed", args=[slug, pk])
    messages.success(
        request, _("Ended: “%(title)s”. Calendars read nothing there any more.") % {"title": feed.name}, extra_tags=undo
    )
    return back(membership, "calendar")


@require_POST
def restore_feed(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    feed = reopen_key(get_editable(CalendarFeed.objects, membership, pk=pk))
    messages.success(request, _("“%(title)s” is read again.") % {"title": feed.name})
    return back(membership, "calendar")
