"""What a KGI really is, written down by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel import services
from funnel.forms.actuals import ActualForm
from funnel.forms.funnels import suffix_of
from funnel.models import KGI
from people.access import get_editable, get_membership


@require_http_methods(["GET", "HEAD", "POST"])
def write_actual(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Note what the KGI was on a day."""
    membership = get_membership(request, slug)
    kgi = get_editable(KGI.objects.select_related("organization"), membership, pk=pk)
    form = ActualForm(request.POST or None, kgi=kgi)
    if request.method == "POST" and form.is_valid():
        services.record_actual(
            kgi, date=form.cleaned_data["date"], value=form.cleaned_data["value"], recorded_by=membership
        )
        messages.success(request, _("The actual is written down."))
        return redirect("kgi", slug, pk)
    shown = {"form": form, "kgi": kgi, "suffix": suffix_of(kgi.unit)}
    return render(request, "funnel/write_actual.html", shown, status=422 if request.method == "POST" else 200)
