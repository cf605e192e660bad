"""The funnel of a KGI: answered while one types, saved when one says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funnel import services
from funnel.forms.beside import WEIGHTS
from funnel.forms.channels import RATE_OF, ChannelTable, take_rate
from funnel.forms.funnels import COLUMN_NAMES, LEAD_TIMES, NUMBERS, FunnelForm
from funnel.formulas.channels import weighted_mean
from funnel.models import KGI, PLANNERS, Funnel, FunnelChannel
from funnel.presenters import channels, ledger, weeks
from funnel.presenters.shape import shape_of
from funnel.services import COLUMNS, LINKS
from people.access import get_editable, get_membership, get_visible
from people.exports import csv_response
from people.models import Membership, Team
from people.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def funnel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Calculate back from a KGI. A POST with `save` keeps the plan; any other only answers, for readers too.

    `act` changes what stands in the page without keeping it: `add` a channel's row, `spread:<stage>:<column>`,
    `take:<stage>:<column>`. A GET with `weeks` answers the saved plan's weeks as a file.
    """
    membership = get_membership(request, slug)
    rows = KGI.objects.select_related("organization", "funnel")
    saving = request.method == "POST" and "save" in request.POST
    kgi = get_editable(rows, membership, pk=pk) if saving else get_visible(rows, membership, pk=pk)
    may_edit = membership.role in PLANNERS and not kgi.has_own_tree
    teams = teams_for(membership, kgi)
    if request.method != "POST":
        form = FunnelForm(kgi=kgi).calculate_initial()
        if "weeks" in request.GET:
            return weeks_file(form)
        return render(request, "funnel/funnel.html", context(form, ChannelTable(form, teams), may_edit=may_edit))

    form = FunnelForm(request.POST, kgi=kgi)
    valid = form.is_valid()
    table = ChannelTable(form, teams)
    act = request.POST.get("act", "")
    if act:
        form, table = after_act(form, table, act)
    valid = table.is_valid() and valid
    if saving and valid:
        versions: dict[str, Any] = form.expected_versions
        try:
            services.save_funnel(kgi, replace(form.plan(), channels=table.plans()), by=membership, **versions)
        except Refusal as refused:
            valid = False
            if isinstance(beside := refused.fields.get("channels"), dict):
                table.refuse(beside)
            else:
                form.add_error(None, refused.detail)
            kgi.refresh_from_db()
            form.expect(Funnel.objects.values_list("version", flat=True).filter(kgi=kgi).first() or 0, kgi.version)
        else:
            changes = ledger.changes_of_kgi(form)
            messages.success(request, saved_sentence(changes))
            return redirect("funnel", slug, pk)
    status = 200 if valid else 422
    shown = context(form, table, may_edit=may_edit)
    if request.htmx:  # type: ignore[attr-defined]
        shown["whole"] = request.htmx.target == "ledger"  # type: ignore[attr-defined]
        shown["acted"] = bool(act)
        return render(request, "funnel/_answers.html", shown, status=status)
    return render(request, "funnel/funnel.html", shown, status=status)


def teams_for(membership: Membership, kgi: KGI) -> QuerySet[Team]:
    """The open teams a channel may belong to, and closed ones that have a channel here."""
    held = FunnelChannel.objects.filter(funnel__kgi=kgi).values("team")
    offered = Q(closed_on=None) | Q(pk__in=held)
    return Team.objects.visible_to(membership).filter(offered).only("id", "name").order_by("position", "id")


def after_act(form: FunnelForm, table: ChannelTable, act: str) -> tuple[FunnelForm, ChannelTable]:
    """The page as it stands once a button beside the channels was pressed."""
    verb, _colon, rest = act.partition(":")
    stage, _colon, column = rest.partition(":")
    if verb == "add":
        table.add_row()
    elif verb == "spread" and column in COLUMNS:
        table.spread(stage, column)
    elif verb == "take" and stage in RATE_OF and column in COLUMNS:
        pairs = [(row.number("volume", column), row.number("rate", column)) for row in table.standing(stage)]
        mean, rate = weighted_mean(pairs), RATE_OF[stage]
        if mean and rate != form.unknown_number:
            form = take_rate(form, rate, column, mean)
            table = ChannelTable(form, table.teams)
    return form, table


def weeks_file(form: FunnelForm) -> HttpResponse:
    """In which week how much of each stage must happen, for spreadsheets."""
    found = weeks.weeks_of(form, form.kgi.organization.today)
    header = [_("Week from"), *(found.names if found else ())]
    rows = [[week.begin.isoformat(), *week.volumes.values()] for week in found.rows] if found else []
    return csv_response(f"{form.kgi.name} {form.kgi.organization.today.isoformat()}", header, rows)


def saved_sentence(changes: list[str]) -> str:
    if not changes:
        return _("The funnel is saved.")
    return _("The funnel is saved, and with it the KGI: %(changes)s.") % {"changes": _(", ").join(changes)}


def context(form: FunnelForm, table: ChannelTable, *, may_edit: bool) -> dict[str, Any]:
    kgi, today = form.kgi, form.kgi.organization.today
    return {
        "kgi": kgi,
        "form": form,
        "may_edit": may_edit,
        "rows": ledger.lay_out(form),
        "columns": [{"key": column, "name": COLUMN_NAMES[column]} for column in COLUMNS],
        "shape": shape_of(form),
        "finding": ledger.finding(form),
        "warnings": ledger.warnings_of(form),
        "market": ledger.market_shares(form),
        "defaulted": [{"name": LINKS[name].name, "key": name} for name in form.defaulted],
        "kgi_changes": ledger.changes_of_kgi(form),
        "timeline": weeks.timeline(form, today),
        "weeks": weeks.weeks_of(form, today),
        "lead_times": [form[name] for name in LEAD_TIMES.values()],
        "sources": [form.beside[f"{number}_source"] for number in NUMBERS],
        "weights": [form.beside[name] for name in WEIGHTS],
        "table": table,
        "channels": channels.rows_of(form, table),
        "splits": channels.splits_of(form, table),
        "answers_are_old": bool(form.errors or form.beside.errors.keys() - set(WEIGHTS)),
    }
