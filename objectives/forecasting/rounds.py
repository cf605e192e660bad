"""Carrying forecasts to the organization's today: they change with the calendar, because less is left."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

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

    A batch at a time, each for good. One does it at a time, another one who comes has nothing left to do. An
    organization in which it fails is logged and does not keep the others waiting.
    """
    with alone() as is_alone:
        return is_alone and forecast_until(time.monotonic() + longest)


def forecast_until(end: float) -> bool:
    for organization_id in list(Organization.objects.order_by("pk").values_list("pk", flat=True)):
        try:
            while forecast_some(organization_id):
                if time.monotonic() > end:
                    return True
        except Exception:  # whatever it is, the next round tries again
            logger.exception("Organization %s: forecasting its key results failed.", organization_id)
    return False


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else is at it; the database lets go of whoever is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [ADVISORY_LOCK])
        (is_alone,) = cursor.fetchone()
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [ADVISORY_LOCK])


@transaction.atomic
def forecast_some(organization_id: int) -> bool:
    """Forecast a batch of an organization's key results; whether there was one.

    No check-in's forecast is made meanwhile, or an older reading could be written over a newer one.
    """
    organization = Organization.objects.get(pk=organization_id)
    stale = open_and_stale(organization, organization.today).order_by("pk").values_list("pk", flat=True)
    if not stale.exists():
        return False
    lock_roll_up(organization_id)
    ids = list(stale[:AT_ONCE])
    if not ids:
        return False
    forecast_key_results(organization, ids, organization.today)
    if not stale.exists():
        live.raise_version(organization_id)
    return True
