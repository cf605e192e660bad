"""What came of an action: what its lever moved by, what it cost and brought, and what people say of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from objectives.models import Action, ActionState
from objectives.services.actions import hold, refuse_inside
from people.models import Membership
from people.refusals import Refusal, stale

OUTCOME = ("actual_change", "result", "cost", "deals", "orders", "revenue")
# What stays inside the organization.
INSIDE = {"actual_change", "cost", "deals", "orders", "revenue"}
NOT_NEGATIVE = ("cost", "deals", "orders", "revenue")


@transaction.atomic
def record_outcome(
    action: Action,
    *,
    by: Membership,
    actual_change: Decimal | None,
    result: str,
    cost: Decimal | None,
    deals: int | None,
    orders: int | None,
    revenue: Decimal | None,
    expected_version: int | None = None,
) -> Action:
    """Write down what came of an action, open or done; the same again is harmless, and None is not known (yet).

    `actual_change` is in the lever's own number (rates 0–1), signed, for the period the lever is counted over; `cost`
    and `revenue` are in the organization's currency. Raises `Refusal`: `stale`, `dropped`, `no_lever`,
    `not_for_partners`, `negative`, `invalid`.
    """
    held = hold(action)
    said: dict[str, Any] = {
        "actual_change": actual_change,
        "result": " ".join(result.split()),
        "cost": cost,
        "deals": deals,
        "orders": orders,
        "revenue": revenue,
    }
    changed = {name for name in OUTCOME if getattr(held, name) != said[name]}
    if not changed:
        return held
    refuse_inside(changed & INSIDE, by)
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.state == ActionState.DROPPED:
        raise Refusal("dropped", _("Nothing came of an action that was dropped. Bring it back before saying more."))
    if "actual_change" in changed and actual_change is not None and not has_lever(held):
        raise Refusal.of_field("actual_change", "no_lever", _("This action moves no lever: say first which one."))
    for name in changed:
        if name in NOT_NEGATIVE and said[name] is not None and said[name] < 0:
            raise Refusal.of_field(name, "negative", _("Type a number of 0 or more."))
        setattr(held, name, said[name])
    held.version += 1
    try:
        held.full_clean(exclude=["organization", "minute_line"], validate_unique=False)
    except ValidationError as wrong:
        raise Refusal("invalid", " ".join(wrong.messages), wrong.message_dict) from wrong
    held.save()
    return held


def has_lever(action: Action) -> bool:
    """Whether it moves a lever: its own, or the one its key result measures."""
    return action.kpi_id is not None or (action.key_result is not None and action.key_result.kpi_id is not None)
