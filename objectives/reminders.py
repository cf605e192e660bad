"""Reminding those who plan that the next cycle begins soon."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from objectives.models import Cycle, CycleState, Notice, NoticeKind, Objective
from objectives.queries.next_cycle import AHEAD, cycle_before
from people import clock
from people.models import Membership, MembershipQuerySet, Role

DAY = timedelta(days=1)


def remind_to_draft() -> int:
    """Tell everybody who plans and has no draft yet, once per person and cycle, from two weeks ahead; how many.

    Each gets a line on their week and a mail. Two rounds at once tell nobody twice: the occasion is unique.
    """
    today = clock.now().date()
    # A day more at both ends: today is not the same everywhere.
    soon = Cycle.objects.filter(start__gte=today - DAY, start__lte=today + AHEAD + DAY, organization__setup_step="")
    told = 0
    for cycle in soon.exclude(state=CycleState.CLOSED).select_related("organization"):
        here = cycle.organization.today
        if here < cycle.start <= here + AHEAD:
            told += tell_to_draft(cycle)
    return told


def tell_to_draft(cycle: Cycle) -> int:
    occasion = f"draft-now:{cycle.pk}"
    waiting = without_draft(cycle).exclude(pk__in=Notice.objects.filter(occasion=occasion).values("membership"))
    notices = [
        Notice(membership=person, kind=NoticeKind.DRAFT_NOW, cycle=cycle, occasion=occasion, mail_due_at=clock.now())
        for person in waiting
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def without_draft(cycle: Cycle) -> MembershipQuerySet:
    """Managers, and owners of what is being worked on in the cycle before, as far as they own nothing in this one."""
    before = cycle_before(cycle)
    running = Objective.objects.filter(cycle=before, dropped_at=None) if before else Objective.objects.none()
    drafting = Objective.objects.filter(cycle=cycle, dropped_at=None).values("owner")
    people = Membership.objects.filter(organization=cycle.organization_id).colleagues()
    return people.filter(Q(role=Role.MANAGER) | Q(pk__in=running.values("owner"))).exclude(pk__in=drafting)
