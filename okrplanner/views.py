"""Pages that belong to no room: the door, the switches, and what is shown when something breaks."""

from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from okrplanner.context import THEMES
from okrplanner.terms import chapters
from people.models import Membership

STYLES = ("tokens", "layout", "components", "navigation", "pages")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to this week of one's organization, to all of them where there are several, or say that there is none.

    An administrator whose organization is still being set up is led to the step that comes next.
    """
    membership = last_membership(request)
    if membership is None:
        return render(request, "no_organization.html", status=200)
    is_being_set_up = membership.is_admin and membership.organization.setup_step
    if not is_being_set_up and Membership.objects.active().filter(user=request.user.pk).count() > 1:
        return redirect("organizations")
    return redirect("start" if is_being_set_up else "this_week", membership.organization.slug)


def last_membership(request: HttpRequest) -> Membership | None:
    """The person's place in the organization they worked in last, else in the first."""
    memberships = Membership.objects.active().filter(user=request.user.pk).select_related("organization", "user")
    memberships = memberships.prefetch_related("teams")
    last = request.session.get("organization")
    return memberships.filter(organization__slug=last).first() or memberships.order_by("pk").first()


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """The words of the product, for everybody; whoever is signed in keeps the masthead of their organization."""
    membership = last_membership(request) if request.user.is_authenticated else None
    if membership is not None:
        request.membership = membership  # type: ignore[attr-defined]
    return render(request, "glossary.html", {"chapters": chapters(membership)})


@login_not_required
@require_POST
def switch_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark on this device; anything else follows the system again."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        year = 60 * 60 * 24 * 365
        response.set_cookie("theme", theme, max_age=year, samesite="Lax", secure=request.is_secure(), httponly=True)
    else:
        response.delete_cookie("theme")
    return response


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Shown when everything else failed, so it asks nothing of the session or the database."""
    shown = {"LANGUAGE_CODE": get_language(), "mark": "", "styles": []}
    with suppress(ValueError):  # files not collected: the page then stands without its clothes
        shown["mark"] = static("img/mark.svg")
        shown["styles"] = [static(f"css/{name}.css") for name in STYLES]
    return HttpResponseServerError(get_template("500.html").render(shown))
