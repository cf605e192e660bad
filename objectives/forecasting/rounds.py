"""Carrying forecasts to the organization's today: they change with the calendar, because less is left."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import connection, transaction

from objectives.forecasting.key_results import AT_ONCE, forecast_key_results, open_and_stale
from objectives.rollup.rounds import lock_roll_up
from people import live
from people.models import Organization

logger = logging.getLogger(__name__)

ADVISORY_LOCK = 0x666376  # "fcv": the first half of the two-part lock key
LONGEST = 10.0
"""Seconds one round may take: who waits for a check-in's scores must not wait for it."""


def forecast_open(longest: float = LONGEST) -> bool:
    """Forecast open key results that were not forecast today, until all are or time is up; whether some are left.

    A batch at a time, each for good; what fails is logged, stays as it was and keeps nothing else waiting.
    """
    end = time.monotonic() + longest
    for organization in Organization.objects.order_by("pk"):
        after = 0
        while ids := batch_of(organization, after):
            if not forecast_each(organization, ids):
                break
            after = ids[-1]
            if time.monotonic() > end:
                return True
        if after:
            live.raise_version(organization.pk)
    return False


def batch_of(organization: Organization, after: int) -> list[int]:
    """The next of its open key results that were not forecast today, by number."""
    rows = open_and_stale(organization, organization.today).filter(pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def forecast_each(organization: Organization, ids: Sequence[int]) -> bool:
    """Forecast these, those that fail by ever smaller parts; False where somebody else is at it already."""
    try:
        return forecast_some(organization, ids)
    except Exception:  # whatever it is, the next round tries again
        if len(ids) == 1:
            logger.exception("Organization %s: forecasting key result %s failed.", organization.pk, ids[0])
            return True
    middle = len(ids) // 2
    return forecast_each(organization, ids[:middle]) and forecast_each(organization, ids[middle:])


@transaction.atomic
def forecast_some(organization: Organization, ids: Sequence[int]) -> bool:
    """Forecast those of an organization's key results; False where somebody else is at it already.

    No check-in's forecast is made meanwhile, or an older reading could be written over a newer one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, organization.pk])
        if not cursor.fetchone()[0]:
            return False
    lock_roll_up(organization.pk)
    forecast_key_results(organization, ids, organization.today)
    return True
