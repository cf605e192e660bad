"""What would have been forecast of KGIs in past weeks, where nothing was: before an update, or with no worker."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.db import connection, transaction

from funnel.models import KGI
from objectives.forecasting.key_results import priors_of
from objectives.forecasting.kgis import ADVISORY_LOCK, AFTER_THE_END, forecast_kgis, kgis_of
from objectives.models import KGIForecast
from people import live
from people.models import Organization

logger = logging.getLogger(__name__)

WEEKS_BACK = 5
"""One more than "four weeks ago" asks for."""
WEEK = timedelta(weeks=1)


def forecast_past() -> int:
    """Make up for the weeks in which a KGI that existed was not forecast; the number of forecasts made.

    What was read and reported by each day is what they follow. Once they are made a second call finds nothing to do.
    """
    made = 0
    for organization in Organization.objects.order_by("pk"):
        try:
            made += forecast_past_of(organization)
        except Exception:  # whatever it is, the next round tries again, and the others need not wait
            logger.exception("Organization %s: forecasting past weeks failed.", organization.pk)
    return made


@transaction.atomic
def forecast_past_of(organization: Organization) -> int:
    today = organization.today
    if not missing(organization, today):
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK, organization.pk])
    priors = priors_of(organization)
    made = 0
    for day, kgis in missing(organization, today):
        made += forecast_kgis(organization, day, priors=priors, kgis=kgis)
    if made:
        live.raise_version(organization.pk)
    return made


def missing(organization: Organization, today: date) -> list[tuple[date, list[KGI]]]:
    """Today's weekday in each of the last weeks, with the KGIs of then that were not forecast in the week up to it."""
    days = [today - weeks * WEEK for weeks in range(WEEKS_BACK, 0, -1)]
    kgis = list(kgis_of(organization, days[0]))
    rows = KGIForecast.objects.filter(kgi__in=kgis, date__gt=days[0] - WEEK, date__lt=today)
    told = {(kgi_id, (today - day).days // 7) for kgi_id, day in rows.values_list("kgi", "date")}
    found = []
    for day in days:
        number = (today - day).days // 7
        lacking = [
            kgi
            for kgi in kgis
            if (kgi.pk, number) not in told
            and kgi.created_at.astimezone(organization.zone).date() <= day
            and kgi.period_end is not None
            and kgi.period_end >= day - AFTER_THE_END
        ]
        if lacking:
            found.append((day, lacking))
    return found
