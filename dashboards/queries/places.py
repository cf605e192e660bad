"""The organizations somebody works for, each seen with their own eyes there: its KGIs, and what is due for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from dashboards.queries.aims import KGIStanding, kgis_between
from objectives.models import Action, Notice
from objectives.queries.forecasts import Landing, kgi_landings
from objectives.queries.owed import owed_of
from people.formulas.rhythm import monday_of
from people.models import Membership


@dataclass(frozen=True, slots=True)
class Place:
    """One organization of a person: the KGIs that run there, and what waits for the person.

    `owed` check-ins are due by the end of this week there, `owed_late` of them since an earlier week; `actions` of the
    person's own are to be done by the end of the week, `actions_late` of them are past their day.
    """

    membership: Membership
    kgis: Sequence[KGIStanding]
    landings: Mapping[int, Landing]
    owed: int
    owed_late: int
    actions: int
    actions_late: int
    unread: int

    @property
    def is_quiet(self) -> bool:
        return not (self.owed or self.actions or self.unread)


def place_of(membership: Membership) -> Place:
    """What stands and waits in one organization, in so many queries whatever there is.

    Nothing of it reads another organization: every row is asked for with this one membership.
    """
    today = membership.organization.today
    monday = monday_of(today)
    sunday = monday + timedelta(days=6)
    rows = kgis_between(membership, today, today, today)
    late = Count("pk", filter=Q(scored__due_on__lt=monday))
    owed = owed_of(membership).order_by().aggregate(all=Count("pk"), late=late)
    own = Action.objects.visible_to(membership).open().filter(owner=membership.pk, due_on__lte=sunday)
    actions = own.order_by().aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    return Place(
        membership=membership,
        kgis=rows,
        landings=kgi_landings(membership, [row.kgi for row in rows], today) if rows else {},
        owed=owed["all"],
        owed_late=owed["late"],
        actions=actions["all"],
        actions_late=actions["late"],
        unread=Notice.objects.visible_to(membership).unread().count(),
    )
