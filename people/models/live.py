"""What an open dashboard asks about once a second: whether anything has changed since."""

from __future__ import annotations

from django.db import models

from people import clock
from people.models.company import Organization


class LiveVersion(models.Model):
    """One row per organization, whose number rises with everything its dashboards show.

    `forecast_version` is the number at which the KGIs were last forecast: where the two differ, the worker has that to
    do. `people.live` writes it.
    """

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="live_version"
    )
    version = models.BigIntegerField(default=0)
    forecast_version = models.BigIntegerField(default=-1)
    changed_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.version}"
