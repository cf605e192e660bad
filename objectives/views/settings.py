"""Settings of the organization; changing band or calendar rescores its goals."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings as configuration
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from objectives import services
from objectives.forms.settings import OrganizationForm, months
from objectives.views.editing import PAGE_METHODS
from people.access import get_membership, refuse
from people.forms import add_refusal
from people.queries import letters_in
from people.refusals import Refusal

FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@require_http_methods(PAGE_METHODS)
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    organization = membership.organization
    form = None
    if membership.is_admin:
        data = request.POST if request.method == "POST" else None
        # A form of its own row: a refused edit must not show in the masthead.
        form = OrganizationForm(data, instance=type(organization).objects.get(pk=organization.pk))
        if request.method == "POST" and form.is_valid():
            try:
                services.save_organization(form.save(commit=False), expected_state=form.expected_state)
            except Refusal as refusal:
                add_refusal(form, refusal)
                form.meet(type(organization).objects.get(pk=organization.pk))
            else:
                messages.success(request, _("Settings saved. Where scores depend on them, they follow in a moment."))
                return redirect("settings", slug)
    elif request.method == "POST":
        refuse()
    shown: dict[str, Any] = {"form": form, "first_month": dict(months())[organization.fiscal_year_start]}
    if form is not None:
        shown["zones"] = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        shown["letters"] = letters()
    return render(request, "objectives/settings.html", shown, status=422 if form is not None and form.errors else 200)


def letters() -> list[Any] | None:
    """The mails written to files, where mail goes nowhere else; None where it is really sent."""
    if not configuration.EMBEDDED or configuration.EMAIL_BACKEND != FILE_BACKEND:
        return None
    return letters_in(configuration.EMAIL_FILE_PATH)
