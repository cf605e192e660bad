"""What was saved a moment ago, with the way to correct it, and the question where it looks like a slip."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from objectives.forms.check_ins import CheckInForm
from objectives.formulas.doubts import Doubt
from objectives.models import CheckIn
from objectives.queries.previews import doubt_of
from people.access import read_id
from people.models import Membership


@dataclass(frozen=True)
class JustSaved:
    """`mend` is the form that corrects it to what was likely meant; `arrived_before` if other words were sent again."""

    row: CheckIn
    doubt: Doubt | None
    mend: CheckInForm | None
    arrived_before: bool = False


def just_saved(row: CheckIn, membership: Membership, *, arrived_before: bool = False) -> JustSaved:
    """Of a check-in fetched with its key result, objective and cycle."""
    doubt = doubt_of(row, membership.organization)
    mend = None
    if doubt is not None and doubt.meant is not None:
        mend = CheckInForm(key_result=row.key_result, membership=membership, corrects=row, auto_id=False)
        mend.initial["value"] = doubt.meant
    return JustSaved(row, doubt, mend, arrived_before)


def find_just_saved(request: HttpRequest, membership: Membership) -> JustSaved | None:
    """The same of a check-in named in the address: one's own, of today, that nobody has corrected yet."""
    number = read_id(request.GET.get("saved"))
    if number is None:
        return None
    rows = CheckIn.objects.visible_to(membership).counted().filter(author=membership, pk=number)
    row = rows.select_related("key_result__objective__cycle").first()
    if row is None or row.created_at.astimezone(membership.organization.zone).date() != membership.organization.today:
        return None
    return just_saved(row, membership, arrived_before="again" in request.GET)
