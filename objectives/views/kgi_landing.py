"""Where a KGI lands: today's forecast, what makes its range, and how it went week by week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from funnel.models import KGI, PLANNERS
from objectives.presenters.kgi_landing import Told, plots_of, told_of
from objectives.queries.forecasts import kgi_landings, past_of
from objectives.sentences import forecast as words
from people.access import get_membership, get_visible
from people.exports import csv_response


@require_safe
def kgi_landing(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    membership = get_membership(request, slug)
    kgi = get_visible(KGI.objects.select_related("organization", "funnel"), membership, pk=pk)
    today = membership.organization.today
    told = told_of(past_of(kgi, today))
    if request.GET.get("download") == "csv":
        return landing_csv(kgi, told)
    landing = kgi_landings(membership, [kgi], today).get(kgi.pk)
    shown: dict[str, Any] = {
        "kgi": kgi,
        "landing": landing,
        "told": told,
        "plots": plots_of(told, kgi),
        "may_edit": membership.role in PLANNERS,
    }
    if landing is not None:
        shown |= {
            "range_words": words.range_words(landing, kgi),
            "chance_words": words.chance_words(landing),
            "spoken_words": words.spoken_words(landing),
            "ago_words": words.ago_words(landing, kgi),
            "chances": words.target_chances(landing, kgi),
            "drivers": [(driver, words.chance(driver.share)) for driver in landing.drivers if driver.share >= 0.01],
        }
    is_part = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "objectives/_kgi_landing.html" if is_part else "objectives/kgi_landing.html", shown)


def landing_csv(kgi: KGI, told: Sequence[Told]) -> HttpResponse:
    """The forecasts week by week as a file."""
    unit = {"unit": kgi.unit}
    header = [
        _("Day"),
        _("1 in 10 below (%(unit)s)") % unit,
        _("Middle (%(unit)s)") % unit,
        _("1 in 10 above (%(unit)s)") % unit,
        _("Probability of must-hit (%(unit)s)") % {"unit": "%"},
        _("Probability of the challenge (%(unit)s)") % {"unit": "%"},
    ]
    rows = [[one.date.isoformat(), *one.amounts, *one.percents] for one in told]
    return csv_response(_("%(name)s forecast") % {"name": kgi.name}, header, rows)
