"""A word from a lead to somebody whose check-in is waited for."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.access import may_nudge
from objectives.models import Notice, NoticeKind
from objectives.queries.owed import owed_of
from objectives.services.notices import tell
from people.access import refuse
from people.models import Membership, Topic
from people.outbox import tell_people
from people.refusals import Refusal


@transaction.atomic
def nudge(person: Membership, *, by: Membership) -> bool:
    """Tell a person that a lead waits for their check-in, with a line on their week and a message in their own way.

    At most once a day from the same lead: False where that was done today. Who does not lead the person is refused as
    everywhere (403). Raises `Refusal`: `yourself`, `left`, `nothing_owed`.
    """
    if person.pk == by.pk:
        raise Refusal("yourself", _("You need no word from yourself: your check-ins are on this week's page."))
    if not may_nudge(by, person):
        refuse()
    if not Membership.objects.active().filter(pk=person.pk).exists():
        raise Refusal("left", _("%(name)s is not here any more.") % {"name": person.user.name})
    first = owed_of(person).first()
    if first is None:
        raise Refusal("nothing_owed", _("%(name)s owes no check-in at present.") % {"name": person.user.name})
    occasion = f"nudge:{by.pk}:{by.organization.today}"
    if Notice.objects.filter(membership=person, occasion=occasion).exists():
        return False
    place = f"this-week/?key_result={first.pk}"
    tell([person], NoticeKind.NUDGED, occasion=occasion, key_result=first, by=by, place=place)
    tell_people([person], Topic.NUDGE, occasion=occasion, about={"by": by.pk})
    return True
