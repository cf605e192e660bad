"""Work that waits in a table: taken by whoever comes first, kept where it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

from objectives.models import PendingComparison, PendingRollUp

logger = logging.getLogger(__name__)


def drain_each(
    pending: type[PendingRollUp] | type[PendingComparison], one_round: Callable[[int], int | None], what: str
) -> int:
    """Do what is recorded as pending, organization by organization; the sum of what `one_round` answers.

    `one_round` does some of it for the organization with this id, None where nothing was left. An organization in
    which it fails is logged as `what`, stays recorded, and does not keep the others waiting.
    """
    done = 0
    for organization_id in list(pending.objects.values_list("organization_id", flat=True).distinct()):
        try:
            while (more := one_round(organization_id)) is not None:
                done += more
        except Exception:  # whatever it is, the rows are still there for the next sweep
            logger.exception("Organization %s: %s failed.", organization_id, what)
    return done
