"""What a partner's levers brought to a KGI: the page of a month, handing it over, and the report as it was."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from funnel.formulas.actuals import month_of, next_month
from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, PLANNERS, ContributionReport, PartnerRoom
from funnel.models.kgis import EARLIEST, LATEST
from funnel.presenters.names import name_of
from funnel.sentences import sentence_of
from funnel.trees import kpis_of
from objectives.forms.entrusting import IssueForm
from objectives.presenters.contributions import Told, contribution_csv, told_of
from objectives.queries.contribution_content import all_months, content_of, digest, month_word
from objectives.queries.contributions import editions_of, kgis_held, open_work, sees_fee
from objectives.services.contributions import issue_report
from objectives.views.partners import get_partner
from people.access import get_insider, get_membership, get_visible, read_id, refuse
from people.forms import add_refusal
from people.models import ExportKind, Membership
from people.refusals import Refusal
from people.services.exports import ask_export


@dataclass(frozen=True)
class Opened:
    """A month of a partner's work on a KGI. Where there is nothing to say, `missing` says why, with `told` None."""

    kgis: list[KGI]
    kgi: KGI | None = None
    told: Told | None = None
    months: tuple[date, ...] = ()
    seen: str = ""
    missing: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the month may be handed over."""
        organization = self.kgi.organization if self.kgi is not None else None
        return bool(self.told and organization and next_month(self.told.month) <= organization.today)


def month_asked(text: str) -> date | None:
    """The first day of the month an address names as 2026-10."""
    try:
        month = date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
    return month if month is not None and EARLIEST <= month <= LATEST else None


def open_month(membership: Membership, one: Membership, asked: Any) -> Opened:
    """The month that is asked for by `kgi` and `month`: without, the first KGI's last month that is over."""
    kgis = kgis_held(membership, one)
    number = read_id(asked.get("kgi"))
    kgi = next((row for row in kgis if number is None or row.pk == number), None)
    if kgi is None and kgis:
        raise Http404
    if kgi is None:
        return Opened([])
    work = None
    try:
        work = open_work(membership, one, kgi)
        if work.planned is None:
            return Opened(kgis, kgi, missing="no_tree")
        if not work.months:
            return Opened(kgis, kgi, missing="not_begun")
        found = all_months(work)
        running = month_of(work.today)
        over = [month for month in work.months if month < running]
        chosen = month_asked(asked.get("month", ""))
        month = chosen if chosen in work.months else (over or work.months)[-1]
        room = PartnerRoom.objects.visible_to(membership).filter(membership=one).first()
        content = content_of(found, month, room)
        rows = [{"month": row.month.isoformat(), "own": row.own, "read": row.read} for row in found.rows]
        told = told_of(content, one.user.name, sees_fee=sees_fee(membership, one), running=running, all_months=rows)
        return Opened(kgis, kgi, told, tuple(work.months), digest(content))
    except TreeRefused as refused:
        names = {kpi.key: name_of(kpi) for kpi in kpis_of(kgi)}
        return Opened(kgis, kgi, months=tuple(work.months) if work else (), missing=sentence_of(refused, names))


@require_safe
def contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the levers in a partner's hands brought in `?month=` to `?kgi=`; `?download=csv` as a file."""
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    opened = open_month(membership, one, request.GET)
    if request.GET.get("download") == "csv" and opened.told is not None:
        answer: HttpResponse = contribution_csv(opened.told)
        return answer
    return render(request, "objectives/contribution.html", shown(membership, one, opened, IssueForm()))


def shown(membership: Membership, one: Membership, opened: Opened, form: IssueForm) -> dict[str, Any]:
    """What the page of a month shows."""
    told, months = opened.told, opened.months
    editions = editions_of(one, opened.kgi, told.month) if told and opened.kgi else []
    here = months.index(told.month) if told else 0
    form.fields["seen"].initial = opened.seen
    return {
        "one": one,
        "opened": opened,
        "kgi": opened.kgi,
        "told": told,
        "form": form,
        "may_edit": membership.role in PLANNERS,
        "editions": editions,
        "is_same": bool(editions and told and editions[0].content == told.content),
        "months": [(month.isoformat()[:7], month_word(month)) for month in reversed(months)],
        "before": months[here - 1].isoformat()[:7] if here else "",
        "after": months[here + 1].isoformat()[:7] if told and here + 1 < len(months) else "",
        "month": told.month.isoformat()[:7] if told else "",
        "month_url": f"{reverse('contribution', args=[one.organization.slug, one.pk])}?kgi={opened.kgi.pk}&month="
        if opened.kgi
        else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def issue_contribution(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Hand the partner the report of the month that was looked at; sent twice it is one report. Who opens the address
    is led to the page of the month.
    """
    membership = get_insider(request, slug)
    one = get_partner(membership, pk)
    if request.method != "POST":
        number, month = read_id(request.GET.get("kgi")), month_asked(request.GET.get("month", ""))
        asked = f"?kgi={number}&month={month:%Y-%m}" if number and month else ""
        return redirect(reverse("contribution", args=[slug, pk]) + asked)
    if membership.role not in PLANNERS:
        refuse()
    month, number = month_asked(request.POST.get("month", "")), read_id(request.POST.get("kgi"))
    if month is None or number is None:
        raise BadRequest
    kgi = get_visible(KGI.objects, membership, pk=number)
    form = IssueForm(request.POST)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            report, is_new = issue_report(
                one,
                kgi,
                month,
                by=membership,
                seen=sent["seen"],
                remark=sent["remark"],
                submission_key=sent["submission_key"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if is_new:
                messages.success(request, _("Handed over to %(name)s.") % {"name": one.user.name})
            return redirect("contribution_report", slug, report.pk)
    opened = open_month(membership, one, {"kgi": str(kgi.pk), "month": request.POST.get("month", "")})
    # What stands on the page now is what the next sending hands over.
    form.data = form.data.copy()
    form.data["seen"] = opened.seen
    return render(request, "objectives/contribution.html", shown(membership, one, opened, form), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def contribution_report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A report as it was handed over, for those inside and the partner it is about. Posting asks for its PDF."""
    membership = get_membership(request, slug)
    rows = ContributionReport.objects.select_related("membership__user", "issued_by__user", "kgi", "organization")
    report = get_visible(rows, membership, pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            export = ask_export(membership, **wanted(report, slug, request.POST.get("submission_key", "")))
        except Refusal as refusal:
            problem = refusal.detail
        else:
            return redirect("export", slug, export.pk)
    told = told_of(report.content, report.membership.user.name, sees_fee=sees_fee(membership, report.membership))
    if request.GET.get("download") == "csv":
        answer: HttpResponse = contribution_csv(told)
        return answer
    editions = editions_of(report.membership, report.kgi, report.month)
    page = {
        "report": report,
        "told": told,
        "others": [row for row in editions if row.pk != report.pk],
        "later": editions[0] if editions and editions[0].edition > report.edition else None,
        "is_partner": membership.is_partner,
        "problem": problem,
        "submission_key": uuid.uuid4(),
    }
    return render(request, "objectives/contribution_report.html", page, status=422 if problem else 200)


def wanted(report: ContributionReport, slug: str, key: str) -> dict[str, Any]:
    """The report as a PDF, in the language of whoever asks."""
    named = {"month": month_word(report.month), "kgi": report.content["kgi"]["name"], "edition": report.edition}
    try:
        submission_key = uuid.UUID(key)
    except ValueError:
        submission_key = None
    return {
        "what": ExportKind.CONTRIBUTION,
        "about": {"report": report.pk, "address": reverse("contribution_report", args=[slug, report.pk])},
        "title": _("Contribution report: %(kgi)s, %(month)s, edition %(edition)s (PDF)") % named,
        "language": get_language() or "ja",
        "submission_key": submission_key,
    }
