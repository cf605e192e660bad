"""Bringing a partner's work into the house: the steps, how far they are, and what still lies in the partner's hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from funnel.models import PLANNERS, HandoverStep, KGIShare, KPIShare, PartnerLever, PartnerRoom
from objectives.models import Action, CycleState, ObjectiveShare
from people.models import Membership


@dataclass(frozen=True)
class Fact:
    """Something that is still in the partner's hands: how much of it, and where that is changed."""

    label: str
    number: int
    address: str


@dataclass(frozen=True)
class Handover:
    """The steps in their order as one person sees them; `on` is the day from which the work is done in-house."""

    partner: Membership
    on: date | None
    version: int
    """That of the room, 0 where nothing was written in it yet."""
    steps: Sequence[HandoverStep]
    dropped: Sequence[HandoverStep]
    facts: Sequence[Fact]
    may_plan: bool

    @property
    def done(self) -> int:
        return sum(step.done_at is not None for step in self.steps)

    @property
    def overdue(self) -> int:
        return sum(step.is_overdue for step in self.steps)  # type: ignore[attr-defined]

    @property
    def is_all_done(self) -> bool:
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def left(self) -> int:
        """How many things are still in the partner's hands."""
        return sum(fact.number for fact in self.facts)

    @property
    def is_finished(self) -> bool:
        return self.is_all_done and not self.left

    @property
    def is_planned(self) -> bool:
        return self.on is not None


def handover_of(partner: Membership, membership: Membership, *, with_facts: bool = True) -> Handover:
    """The handover of one partner's work by a constant number of queries; a partner sees no facts and nothing dropped.

    Each step has `is_overdue`, `may_tick` and its place in the list, counted from 0.
    """
    room = PartnerRoom.objects.visible_to(membership).filter(membership=partner).first()
    rows = HandoverStep.objects.visible_to(membership).filter(partner=partner)
    found = list(rows.select_related("owner__user", "done_by__user").order_by("position", "pk"))
    steps = [step for step in found if step.dropped_at is None]
    plans = membership.role in PLANNERS
    for place, step in enumerate(steps):
        step.place = place  # type: ignore[attr-defined]
        due = step.due_on
        step.is_overdue = step.done_at is None and due is not None and due < partner.organization.today  # type: ignore[attr-defined]
        step.may_tick = step.by_partner if membership.is_partner else plans or step.owner_id == membership.pk  # type: ignore[attr-defined]
    return Handover(
        partner=partner,
        on=room.handover_on if room is not None else None,
        version=room.version if room is not None else 0,
        steps=steps,
        dropped=[step for step in found if step.dropped_at is not None] if plans else [],
        facts=facts_of(partner, membership) if with_facts and not membership.is_partner else [],
        may_plan=plans,
    )


def facts_of(partner: Membership, membership: Membership) -> list[Fact]:
    """What the partner still has in hand, counted from the rows themselves."""
    slug = membership.organization.slug
    page = reverse("partner", args=[slug, partner.pk])
    levers = PartnerLever.objects.visible_to(membership).held(partner.organization.today).filter(membership=partner)
    shares = ObjectiveShare.objects.filter(membership=partner, objective__dropped_at=None, may_write=True)
    writable = shares.exclude(objective__cycle__state=CycleState.CLOSED)
    actions = Action.objects.visible_to(membership).open().filter(owner=partner)
    kgis = KGIShare.objects.filter(membership=partner, kgi__dropped_at=None)
    kpis = KPIShare.objects.filter(membership=partner, kpi__dropped_at=None, kpi__kgi__dropped_at=None)
    their_actions = f"{reverse('actions', args=[slug])}?whose=all&owner={partner.pk}"
    return [
        Fact(_("Levers in their hands"), levers.count(), f"{page}#levers"),
        Fact(_("Objectives they may check in"), writable.count(), f"{page}#objectives"),
        Fact(_("Open actions of theirs"), actions.count(), their_actions),
        Fact(_("KGIs shared as a whole"), kgis.count(), f"{page}#kgis"),
        Fact(_("Single KPIs shared"), kpis.count(), f"{page}#kgis"),
    ]
