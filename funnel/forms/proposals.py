"""Lever values that were calculated and wait for a word: kept as a scenario, or taken over as targets."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy

from funnel.models import KGI, KPI
from people.refusals import stale

SALT = "funnel.proposals"


@dataclass(frozen=True)
class Proposal:
    """`values` and `versions` by the levers' ids, rates 0–1: the levers that move, and all as they were read."""

    kgi: int
    column: str
    values: Mapping[int, Decimal]
    versions: Mapping[int, int]

    @classmethod
    def of(cls, kgi: KGI, column: str, values: Mapping[KPI, Decimal], levers: list[KPI]) -> Proposal:
        read = {lever.pk: lever.version for lever in levers}
        return cls(kgi.pk, column, {lever.pk: value for lever, value in values.items()}, read)

    def sealed(self) -> str:
        """As a page carries it: nobody but us can have written it."""
        told = {
            "kgi": self.kgi,
            "column": self.column,
            "values": {str(pk): str(value) for pk, value in self.values.items()},
            "versions": {str(pk): version for pk, version in self.versions.items()},
        }
        return signing.dumps(told, salt=SALT, compress=True)

    @classmethod
    def opened(cls, sealed: str, kgi: KGI) -> Proposal:
        """Raises `Refusal` `stale` for what we did not write, or not for this KGI."""
        try:
            told = signing.loads(sealed, salt=SALT)
        except signing.BadSignature:
            raise stale() from None
        if told["kgi"] != kgi.pk:
            raise stale()
        return cls(
            told["kgi"],
            told["column"],
            {int(pk): Decimal(value) for pk, value in told["values"].items()},
            {int(pk): version for pk, version in told["versions"].items()},
        )


class ProposalForm(forms.Form):
    """What is said with it: a name for a scenario, a reason for a change of plan."""

    name = forms.CharField(label=gettext_lazy("Name of the scenario"), max_length=120, required=False)
    reason = forms.CharField(label=gettext_lazy("Why does it change?"), max_length=500, required=False)
    proposal = forms.CharField(widget=forms.HiddenInput)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @classmethod
    def offering(cls, proposal: Proposal, name: str) -> ProposalForm:
        initial: dict[str, Any] = {
            "name": name,
            "proposal": proposal.sealed(),
            "submission_key": uuid.uuid4(),
        }
        return cls(initial=initial)
