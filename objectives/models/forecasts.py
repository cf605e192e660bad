"""Where check-ins say that things will end: written by `objectives.forecasting` alone, always recomputed."""

from __future__ import annotations

from django.db import models

from funnel.models import KGI, AmountColumn
from objectives.models.goals import KeyResult
from people import clock


def probability(**options: object) -> models.FloatField:
    return models.FloatField(null=True, **options)  # type: ignore[arg-type]


class KeyResultForecast(models.Model):
    """The likely end of a key result, in its own unit, as of a day.

    In four of five cases the end lies between `p10` and `p90`. The probabilities are of ending at a score of 0.6 and
    0.7 or above, at the must-hit value and at the target; null where there is none. `readings` is how many check-ins
    it rests on: with few, it is mostly what similar key results did.
    """

    key_result = models.OneToOneField(KeyResult, primary_key=True, on_delete=models.CASCADE, related_name="forecast")
    p10 = AmountColumn(null=True)
    p50 = AmountColumn(null=True)
    p90 = AmountColumn(null=True)
    score_0_6 = probability()
    score_0_7 = probability()
    must_hit = probability()
    target = probability()
    readings = models.PositiveIntegerField(default=0)
    made_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key_result_id}: {self.p50}"


class KGIForecast(models.Model):
    """Where a KGI will land, as it was forecast on a day; the last word of a day replaces the earlier ones.

    `drivers` are the levers whose uncertainty makes the range, each `{"key", "share"}`, largest first; `levers` is how
    many levers the tree has, `spoken` for how many of them there is more than the plan's own word.
    """

    kgi = models.ForeignKey(KGI, on_delete=models.CASCADE, related_name="forecasts")
    date = models.DateField()
    mean = AmountColumn(null=True)
    p10 = AmountColumn(null=True)
    p50 = AmountColumn(null=True)
    p90 = AmountColumn(null=True)
    must_hit = probability()
    challenge = probability()
    drivers = models.JSONField(default=list)
    levers = models.PositiveIntegerField(default=0)
    spoken = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-date",)
        constraints = [models.UniqueConstraint(fields=["kgi", "date"], name="kgi_forecast_once_a_day")]

    def __str__(self) -> str:
        return f"{self.kgi_id} {self.date}: {self.p50}"
