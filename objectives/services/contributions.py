"""Handing a partner the report of what their levers brought in a month."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from funnel.formulas.actuals import next_month
from funnel.formulas.kpi_tree import TreeRefused
from funnel.models import KGI, ContributionReport, PartnerRoom
from objectives.models import NoticeKind
from objectives.queries.contribution_content import all_months, content_of, digest, month_word
from objectives.queries.contributions import open_work
from objectives.services.notices import tell
from objectives.services.sharing import hold_partner
from people.models import Membership
from people.refusals import Refusal, stale


@transaction.atomic
def issue_report(
    partner: Membership,
    kgi: KGI,
    month: date,
    *,
    by: Membership,
    seen: str = "",
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> tuple[ContributionReport, bool]:
    """Hand the partner the report of a month that is over; answers it and whether it is new.

    `seen` is the digest of what the person saw before: what they hand over is that. A `submission_key` that made a
    report is answered by it. A month that was handed over already comes again as the next edition, with a `remark` that
    says why. The partner is told. Whoever may edit the KGI may; `PermissionDenied` for others. Raises `Refusal`:
    `not_a_partner`, `not_over`, `nothing_held`, `tree_refused`, `stale`, `unchanged`, `remark_required`.
    """
    hold_partner(partner)
    if not KGI.objects.editable_by(by).filter(pk=kgi.pk).exists():
        raise PermissionDenied
    same = ContributionReport.objects.filter(membership=partner, kgi=kgi, month=month).order_by("-edition")
    made = same.filter(submission_key=submission_key).first() if submission_key else None
    if made is not None:
        return made, False
    if submission_key is None or ContributionReport.objects.filter(submission_key=submission_key).exists():
        submission_key = uuid.uuid4()
    if next_month(month) > partner.organization.today:
        raise Refusal(
            "not_over", _("This month is not over yet. Its report can be handed over once the next one has begun.")
        )
    content = current_content(partner, kgi, month, by=by)
    if seen and seen != digest(content):
        raise stale()
    last, remark = same.first(), " ".join(remark.split())
    if last is not None and last.content == content:
        raise Refusal(
            "unchanged", _("Nothing has changed since the report was handed over: it stands as it is, no new edition.")
        )
    if last is not None and not remark:
        sentence = _("Say in a sentence why the report comes again: it stands on it.")
        raise Refusal.of_field("remark", "remark_required", sentence)
    report = ContributionReport(
        organization_id=partner.organization_id,
        membership=partner,
        kgi=kgi,
        month=month,
        edition=last.edition + 1 if last is not None else 1,
        content=content,
        remark=remark,
        issued_by=by,
        submission_key=submission_key,
    )
    report.full_clean(exclude=["organization", "membership", "kgi", "issued_by"])
    report.save()
    tell(
        [partner],
        NoticeKind.BROUGHT,
        occasion=f"contribution:{report.pk}",
        by=by,
        text=told_as(report, partner.user.language),
        place=f"partners/reports/{report.pk}/",
        in_own_room=True,
    )
    return report, True


def told_as(report: ContributionReport, language: str) -> str:
    """What a report is called to whom it is handed: its KGI, its month, and its edition where it is not the first."""
    with override(language or settings.LANGUAGE_CODE):
        edition = [_("Edition %(edition)s") % {"edition": report.edition}] if report.edition > 1 else []
        return " · ".join([report.content["kgi"]["name"], month_word(report.month), *edition])


def current_content(partner: Membership, kgi: KGI, month: date, *, by: Membership) -> dict[str, object]:
    """What the month's report says as things stand. Raises `Refusal` `nothing_held`, `tree_refused`."""
    room = PartnerRoom.objects.filter(membership=partner).first()
    try:
        months = all_months(open_work(by, partner, kgi))
        found = months.of(month)
        if found is None or not found.held:
            raise Refusal("nothing_held", _("In this month no lever of this KGI was in their hands."))
        return content_of(months, month, room)
    except TreeRefused as refused:
        raise Refusal("tree_refused", _("The tree of this KGI cannot be calculated at the moment.")) from refused
