"""Files that people asked for, made one after the other: the rows remember, a message only wakes.

A file is made outside of any transaction, so that its progress can be seen; its worker holds an advisory lock of the
session meanwhile, so that one process makes files and the others compute scores. Where the worker is killed the lock
goes with its connection, and the next round makes the file again.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from dashboards.queries.branches import branch as branch_of
from dashboards.queries.report import MOST_IN_WORKBOOK, MOST_LISTED, Report, read_report
from dashboards.reports.contribution import contribution_html
from dashboards.reports.pdf import CannotPrint, report_html, write_pdf
from dashboards.reports.workbook import write_workbook
from funnel.models import ContributionReport
from objectives.models import Cycle
from people import clock
from people.models import Export, ExportFailure, ExportKind, ExportState, Membership
from people.models.exports import MOST_TRIES
from people.waiting import work_off
from people.waking import MAKE_EXPORTS

logger = logging.getLogger(__name__)

ADVISORY_LOCK = 7_304

Progress = Callable[[int, int], None]


class Gone(Exception):
    """What the file is about, its asker may not see any more."""


@dataclass(frozen=True)
class File:
    """What was made."""

    content: bytes
    content_type: str
    filename: str


def make_waiting() -> int:
    """Make what waits, and what a killed worker left, until nothing does or the round has lasted; how many ended.

    Nothing while another process makes files. What a long round leaves wakes the next one.
    """
    return work_off(
        ADVISORY_LOCK, Export.objects.unfinished, claim, lambda export, _until: finish(export), task=MAKE_EXPORTS
    )


def claim() -> Export | None:
    """The next file to be made; one begun too often is given up instead."""
    for export in Export.objects.unfinished().defer("content").order_by("id"):
        if export.tries >= MOST_TRIES:
            give_up(export, ExportFailure.BROKEN)
            continue
        begun = {"tries": export.tries + 1, "state": ExportState.MAKING, "done": 0, "total": 0}
        if Export.objects.filter(pk=export.pk).update(**begun):
            return export
    return None


def finish(export: Export) -> bool:
    """Make one file, always to its end; whatever goes wrong with it, those behind it must not wait for it."""

    def progress(done: int, total: int) -> None:
        Export.objects.filter(pk=export.pk).update(done=done, total=total)

    try:
        with translation.override(export.language):
            file = made(export, progress)
    except Gone:
        give_up(export, ExportFailure.GONE)
    except CannotPrint as missing:
        give_up(export, missing.reason)
    except Exception:
        logger.exception("Export %s could not be made.", export.pk)
        give_up(export, ExportFailure.BROKEN)
    else:
        end(export, state=ExportState.DONE, size=len(file.content), **vars(file))
    return True


def give_up(export: Export, failure: ExportFailure) -> None:
    end(export, state=ExportState.FAILED, failure=failure)


def end(export: Export, **what: Any) -> None:
    # It may be gone meanwhile, with its asker's membership: then nobody waits for it.
    Export.objects.filter(pk=export.pk).update(finished_at=clock.now(), **what)


def made(export: Export, progress: Progress) -> File:
    if export.what == ExportKind.CONTRIBUTION:
        return contribution_paper(export, progress)
    progress(0, 4)
    report = report_of(export, MOST_IN_WORKBOOK if export.what == ExportKind.REPORT_WORKBOOK else MOST_LISTED)
    progress(1, 4)
    return MAKERS[ExportKind(export.what)](report, lambda done: progress(done, 4))


def report_of(export: Export, most: int) -> Report:
    """The report with the asker's eyes of now, at most so many objectives listed one by one. Raises `Gone`."""
    membership = asker_of(export)
    if membership.is_partner:
        raise Gone
    cycle = Cycle.objects.visible_to(membership).filter(pk=export.about.get("cycle")).first()
    branch = branch_of(membership, export.about.get("team"))
    if cycle is None or branch is None:
        raise Gone
    return read_report(membership, cycle, membership.organization.today, branch, most=most)


def asker_of(export: Export) -> Membership:
    """Whoever asked for it, while they are still here. Raises `Gone`."""
    memberships = Membership.objects.active().select_related("organization", "user")
    membership = memberships.filter(pk=export.membership_id).first()
    if membership is None:
        raise Gone
    return membership


def contribution_paper(export: Export, progress: Progress) -> File:
    """A contribution report as it was handed over, with the asker's eyes of now. Raises `Gone`."""
    progress(0, 2)
    asker = asker_of(export)
    rows = ContributionReport.objects.visible_to(asker).select_related("kgi", "issued_by__user", "membership__user")
    report = rows.filter(pk=export.about.get("report")).first()
    if report is None:
        raise Gone
    html = contribution_html(report, asker)
    progress(1, 2)
    written = write_pdf(html)
    progress(2, 2)
    content = report.content
    parts = (f"{report.month:%Y-%m}", report.membership.user.name, content["kgi"]["name"], _("contribution report"))
    name = "_".join(filter(None, (file_part(part) for part in parts)))
    edition = f"_{report.edition}" if report.edition > 1 else ""
    return File(written, "application/pdf", f"{name}{edition}.pdf")


def paper(report: Report, step: Callable[[int], None]) -> File:
    html = report_html(report)
    step(2)
    written = write_pdf(html)
    step(4)
    return File(written, "application/pdf", f"{name_of(report)}.pdf")


def workbook(report: Report, step: Callable[[int], None]) -> File:
    written = write_workbook(report)
    step(4)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return File(written, kind, f"{name_of(report)}.xlsx")


MAKERS: dict[ExportKind, Callable[[Report, Callable[[int], None]], File]] = {
    ExportKind.REPORT_PDF: paper,
    ExportKind.REPORT_WORKBOOK: workbook,
}


def name_of(report: Report) -> str:
    """`FY2026-Q1_法人営業_期間レポート`: a name that every file system takes."""
    parts = (report.cycle.name, report.scope, _("cycle report"))
    return "_".join(filter(None, (file_part(part) for part in parts)))


def file_part(text: str) -> str:
    """A person's words as a part of a file's name.

    >>> file_part("FY2026 Q1"), file_part("../法人/営業: “A”")
    ('FY2026-Q1', '法人-営業-“A”')
    """
    kept = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return re.sub(r'[\s/\\:*?"<>|]+', "-", kept).strip("-. ")[:60]
