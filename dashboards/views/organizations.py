"""The home of whoever works for several organizations: their KGIs side by side, and what is due in each."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboards.presenters.kgi import kgi_row
from dashboards.queries.places import Place, place_of
from people.models import Membership

PER_PAGE = 10


@never_cache
@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """Each of one's organizations as one sees it when inside; whoever has one is led there."""
    memberships = Membership.objects.active().filter(user=request.user.pk).select_related("organization", "user")
    page = Paginator(memberships.order_by("organization__name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    if page.paginator.count < 2:
        return redirect("home")
    places = [place_of(membership) for membership in page.object_list]
    shown = {
        "page": page,
        "rows": [{"place": place, "kgis": kgis_of(place)} for place in places],
        "owed": sum(place.owed for place in places),
        "actions": sum(place.actions for place in places),
        "waiting": sum(not place.is_quiet for place in places),
    }
    return render(request, "dashboards/organizations.html", shown)


def kgis_of(place: Place) -> list:
    return [kgi_row(row, place.landings.get(row.kgi.pk)) for row in place.kgis]
