"""What is said about an obstacle."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from objectives.models import Obstacle, ObstacleKind
from people.forms import PersonField
from people.models import Membership, MembershipQuerySet
from people.queries import possible_owners


class ObstacleForm(forms.Form):
    """What sort it is, and who clears it."""

    kind = forms.ChoiceField(label=gettext_lazy("What sort of obstacle"), choices=ObstacleKind.choices, required=False)

    def __init__(self, *args: Any, obstacle: Obstacle, membership: Membership, suggestions: str, **kwargs: Any):
        super().__init__(*args, **kwargs | {"initial": {"kind": obstacle.kind, "owner": obstacle.owner}})
        self.fields["owner"] = PersonField(
            possible_clearers(membership, obstacle), suggestions=suggestions, label=gettext_lazy("Who clears it")
        )


def possible_clearers(membership: Membership, obstacle: Obstacle) -> MembershipQuerySet:
    """Whom an obstacle can be given to: colleagues, and whose it is; for a partner oneself."""
    if membership.is_partner:
        return Membership.objects.filter(pk__in={membership.pk, obstacle.owner_id})
    return possible_owners(membership, obstacle.owner_id)


class SolutionForm(forms.Form):
    """What helped, in one line; it may stay empty."""

    solution = forms.CharField(
        label=gettext_lazy("What helped?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
