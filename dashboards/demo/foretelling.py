"""What the example company's check-ins say of the end, today and on the same weekday of the weeks before."""

from __future__ import annotations

from dashboards.demo.company import Company
from dashboards.demo.days import WEEK
from objectives.forecasting.key_results import forecast_key_results, learn, open_and_stale
from objectives.forecasting.kgis import forecast_kgis
from people import clock

WEEKS_TOLD = 5


def foretell(company: Company) -> None:
    """Forecast all that is open, and the KGIs as they would have been forecast week by week."""
    organization, today = company.organization, company.days.today
    priors = learn(organization)
    ids = open_and_stale(organization, today).values_list("pk", flat=True)
    forecast_key_results(organization, ids, today, priors)
    for weeks in range(WEEKS_TOLD, -1, -1):
        day = today - weeks * WEEK
        with clock.telling_of(company.at(day, "00:05")):
            forecast_kgis(organization, day, priors=priors if weeks else None)
