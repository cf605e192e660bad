"""What the example company's administrator had made: the last quarter as a workbook."""

from __future__ import annotations

from dashboards import exports
from dashboards.demo.company import Company, key
from people.models import Export, ExportKind, ExportState


def make_file(company: Company, cycle: str, person: str) -> None:
    """A report as a workbook, made on the spot, as the worker would have."""
    chosen, membership = company.cycles[cycle], company.people[person]
    export = Export.objects.create(
        organization=company.organization,
        membership=membership,
        what=ExportKind.REPORT_WORKBOOK,
        state=ExportState.MAKING,
        about={"cycle": chosen.pk, "team": None, "address": f"/o/{company.organization.slug}/company/report/"},
        title=f"期間レポート：{chosen.name} {company.organization.name}（Excel）",
        language="ja",
        submission_key=key("file", cycle),
    )
    exports.finish(export)
