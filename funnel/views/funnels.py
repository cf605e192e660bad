"""The funnel of a KGI: answered while one types, saved when one says so."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel import services
from funnel.forms.funnels import COLUMN_NAMES, LEAD_TIMES, FunnelForm
from funnel.models import KGI, Funnel
from funnel.services import COLUMNS, LINKS
from funnel.views import ledger
from people.access import get_editable, get_membership, get_visible
from people.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def funnel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Calculate back from a KGI. A POST with `save` keeps the plan; any other only answers, for readers too."""
    membership = get_membership(request, slug)
    rows = KGI.objects.select_related("organization", "funnel")
    saving = request.method == "POST" and "save" in request.POST
    kgi = get_editable(rows, membership, pk=pk) if saving else get_visible(rows, membership, pk=pk)
    may_edit = KGI.objects.editable_by(membership).filter(pk=kgi.pk).exists()
    if request.method != "POST":
        form = FunnelForm(kgi=kgi).calculate_initial()
        return render(request, "funnel/funnel.html", context(form, may_edit=may_edit))

    form = FunnelForm(request.POST, kgi=kgi)
    valid = form.is_valid()
    if saving and valid:
        versions: dict[str, Any] = form.expected_versions
        try:
            services.save_funnel(kgi, form.plan(), by=membership, **versions)
        except Refusal as refused:
            form.add_error(None, refused.detail)
            kgi.refresh_from_db()
            form.expect(Funnel.objects.values_list("version", flat=True).filter(kgi=kgi).first() or 0, kgi.version)
            valid = False
        else:
            changes = ledger.changes_of_kgi(form)
            messages.success(request, saved_sentence(changes))
            return redirect("funnel", slug, pk)
    status = 200 if valid else 422
    shown = context(form, may_edit=may_edit)
    if request.htmx:  # type: ignore[attr-defined]
        shown["whole"] = request.htmx.target == "ledger"  # type: ignore[attr-defined]
        return render(request, "funnel/_answers.html", shown, status=status)
    return render(request, "funnel/funnel.html", shown, status=status)


def saved_sentence(changes: list[str]) -> str:
    if not changes:
        return _("The funnel is saved.")
    return _("The funnel is saved, and with it the KGI: %(changes)s.") % {"changes": _(", ").join(changes)}


def context(form: FunnelForm, *, may_edit: bool) -> dict[str, Any]:
    kgi = form.kgi
    return {
        "kgi": kgi,
        "form": form,
        "may_edit": may_edit,
        "rows": ledger.lay_out(form),
        "columns": [{"key": column, "name": COLUMN_NAMES[column]} for column in COLUMNS],
        "finding": ledger.finding(form),
        "warnings": ledger.warnings_of(form),
        "market": ledger.market_share(form),
        "defaulted": [{"name": LINKS[name].name, "key": name} for name in form.defaulted],
        "kgi_changes": ledger.changes_of_kgi(form),
        "timeline": ledger.timeline(form, kgi.organization.today),
        "lead_times": [form[name] for name in LEAD_TIMES.values()],
        "answers_are_old": bool(form.errors),
    }
