"""A contribution report on paper: A4, with lines to sign on."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import get_language

from dashboards.reports.inks import inked
from funnel.models import ContributionReport
from objectives.presenters.contributions import told_of
from objectives.queries.contributions import sees_fee
from people.models import Membership


def contribution_html(report: ContributionReport, reader: Membership) -> str:
    """The report as a document of its own, in the language of the moment; of what was kept with it alone.

    The fee stands in it where the reader may know it.
    """
    shown = {
        "report": report,
        "told": told_of(report.content, report.membership.user.name, sees_fee=sees_fee(reader, report.membership)),
        "language": get_language() or "ja",
    }
    return inked(render_to_string("dashboards/contribution_report_pdf.html", shown))
