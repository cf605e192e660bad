"""What a key result measures, changed while people work on it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from funnel.models import AmountColumn
from objectives.models.goals import OF_KEY_RESULT, KeyResult
from people import clock
from people.models import Audit, Membership


class TargetChange(models.Model):
    """What a key result measures, changed in mid-cycle, with the reason; the old line stays on the chart.

    A baseline found by measuring first has no reason: it was awaited. `what` names the parts that are not numbers, and
    whether the key result itself was added or brought back. A share is the part of the objective's score it carries.
    """

    PARTS = {
        "added": _("key result added"),
        "restored": _("key result brought back"),
        "weight": _("weight"),
        "kind": _("kind"),
        "limit": _("minimum or maximum"),
        "period": _("period"),
        "combine": _("how contributions count"),
        "measure_first": _("measure first"),
        "steps": _("steps and their weights"),
    }
    ARRIVALS = ("added", "restored")

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="target_changes")
    changed_on = models.DateField()
    changed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    old_start = AmountColumn(null=True)
    new_start = AmountColumn(null=True)
    old_must_hit = AmountColumn(null=True)
    old_target = AmountColumn(null=True)
    new_must_hit = AmountColumn(null=True)
    new_target = AmountColumn(null=True)
    old_share = models.FloatField(null=True)
    new_share = models.FloatField(null=True)
    what = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("changed_on", "id")
        triggers = [Audit(OF_KEY_RESULT)]

    @property
    def parts(self) -> str:
        """What is measured differently beside the numbers, in words."""
        said = {*self.ARRIVALS, "weight"}
        return str(_(", ")).join(str(self.PARTS.get(name, name)) for name in self.what if name not in said)

    @property
    def arrival(self) -> str:
        """That the key result itself was added or brought back, in words, else nothing."""
        return next((str(self.PARTS[name]) for name in self.what if name in self.ARRIVALS), "")
