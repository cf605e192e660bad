"""What is opened to an outside partner, one thing at a time; and what they are told of the business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from funnel.models import KGI, KPI, KGIShare, KPIShare, PartnerLever, PartnerRoom
from objectives.models import Objective, ObjectiveShare
from people.models import Membership, Role
from people.refusals import Refusal, stale

SHEET = ("customer", "value", "delivery", "price", "profit", "agreement")
TERMS = ("margin", "monthly_fee")


def hold_partner(partner: Membership) -> None:
    """Keep the partner from leaving or becoming somebody else meanwhile. Raises `Refusal` `not_a_partner`."""
    held = Membership.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if held.role != Role.PARTNER or held.left_on is not None:
        raise Refusal("not_a_partner", _("Only partners who still work with you have something shared with them."))


@transaction.atomic
def share_kgi(kgi: KGI, partner: Membership, *, by: Membership, shared: bool) -> list[KPI]:
    """Open a whole KGI to a partner, its tree, funnel and numbers, or close it again; twice is harmless.

    Answers the levers of it that stay open after closing, each by itself: those that are in the partner's hands.
    Whoever may edit the KGI may; `PermissionDenied` for others. Raises `Refusal` `not_a_partner`.
    """
    hold_partner(partner)
    if not KGI.objects.editable_by(by).filter(pk=kgi.pk).exists():
        raise PermissionDenied
    if shared:
        KGIShare.objects.get_or_create(kgi=kgi, membership=partner)
        return []
    KGIShare.objects.filter(kgi=kgi, membership=partner).delete()
    held = PartnerLever.objects.held(partner.organization.today).filter(membership=partner)
    kept = list(KPI.objects.standing().filter(kgi=kgi, pk__in=held.values("kpi")).order_by("position", "pk"))
    for kpi in kept:
        KPIShare.objects.get_or_create(kpi=kpi, membership=partner)
    return kept


@transaction.atomic
def share_kpi(kpi: KPI, partner: Membership, *, by: Membership, shared: bool) -> None:
    """Open one KPI to a partner, without the rest of its tree, or close it again; as `share_kgi`.

    Raises also `lever_held`: a lever in their hands stays open unless its whole KGI is.
    """
    hold_partner(partner)
    if not KPI.objects.editable_by(by).filter(pk=kpi.pk).exists():
        raise PermissionDenied
    if shared:
        KPIShare.objects.get_or_create(kpi=kpi, membership=partner)
        return
    held = PartnerLever.objects.held(partner.organization.today).filter(kpi=kpi, membership=partner)
    if held.exists() and not KGIShare.objects.filter(kgi=kpi.kgi_id, membership=partner).exists():
        sentence = _("“%(name)s” is in their hands: take the lever back first, then stop sharing it.")
        raise Refusal("lever_held", sentence % {"name": kpi})
    KPIShare.objects.filter(kpi=kpi, membership=partner).delete()


@transaction.atomic
def share_objective(
    objective: Objective, partner: Membership, *, by: Membership, shared: bool, may_write: bool = False
) -> None:
    """Open an objective and all that contributes to it, or close it again; `may_write` lets the partner check in.

    Whoever may edit the objective may; `PermissionDenied` for others. Raises `Refusal` `not_a_partner`.
    """
    hold_partner(partner)
    if not Objective.objects.editable_by(by).filter(pk=objective.pk).exists():
        raise PermissionDenied
    if not shared:
        ObjectiveShare.objects.filter(objective=objective, membership=partner).delete()
        return
    share, made = ObjectiveShare.objects.get_or_create(
        objective=objective, membership=partner, defaults={"may_write": may_write}
    )
    if not made and share.may_write != may_write:
        share.may_write = may_write
        share.save(update_fields=["may_write"])


@transaction.atomic
def save_room(partner: Membership, *, by: Membership, sheet: Mapping[str, Any], expected_version: int) -> PartnerRoom:
    """Write what a partner is told of the business and by what their work is judged; the same again is harmless.

    `sheet` has the fields of `SHEET`, and those of `TERMS` where they are written too: the margin 0–1, the fee in the
    organization's currency, None where there is none. Version 0 is that of a room nothing was written in. Raises
    `Refusal`: `not_a_partner`, `stale`.
    """
    hold_partner(partner)
    room = PartnerRoom.objects.filter(membership=partner).first()
    if room is None:
        room = PartnerRoom(organization_id=partner.organization_id, membership=partner, version=0)
    written: dict[str, Any] = {name: " ".join(sheet.get(name, "").split()) for name in SHEET}
    written |= {name: sheet[name] for name in TERMS if name in sheet}
    if all(getattr(room, name) == value for name, value in written.items()) and room.version:
        return room
    if room.version != expected_version:
        raise stale()
    for name, value in written.items():
        setattr(room, name, value)
    room.version += 1
    room.full_clean(exclude=["organization", "membership"])
    room.save()
    return room
