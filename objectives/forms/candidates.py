"""A candidate for a partner as people write it: who they are, what one noticed, and what was decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from funnel.models import Candidate, CandidateRating, CandidateState
from objectives.forms.goals import VersionedForm
from objectives.formulas.candidates import GROUPS, IN_PART, NO, PROMPTS, YES
from objectives.queries.partners import partners_of
from objectives.sentences.candidates import ANSWER_NAMES, GROUP_NAMES, NOT_SEEN, WORDINGS
from objectives.services.candidates import LONGEST_REMARK
from people.forms import ExpectsVersion
from people.models import Membership

CHOICES = [*((str(answer), ANSWER_NAMES[answer]) for answer in (YES, IN_PART, NO)), ("", NOT_SEEN)]


class CandidateForm(VersionedForm):
    """Who they are, and what one looks for a partner for."""

    class Meta:
        model = Candidate
        fields = ("name", "purpose", "note")
        labels = {"purpose": pgettext_lazy("candidate", "What for")}
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "purpose": gettext_lazy("For example: more inquiries from offices."),
            "note": gettext_lazy("How you came across them, whom you met, what they offered."),
        }
        error_messages = {"name": {"required": gettext_lazy("Say who they are.")}}


class RatingForm(ExpectsVersion, forms.Form):
    """What one person noticed: a row of answers for each prompt, with words where one wants them."""

    questions = forms.CharField(
        label=gettext_lazy("What they asked"),
        help_text=gettext_lazy("In their own words, one question on each line."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    impression = forms.CharField(
        label=gettext_lazy("What else was noticed"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, rating: CandidateRating | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for prompt in PROMPTS:
            wording = WORDINGS[prompt.code]
            said = str(rating.answers.get(prompt.code, "")) if rating is not None else ""
            self.fields[f"answer_{prompt.code}"] = forms.ChoiceField(
                label=str(wording.sentence),
                choices=CHOICES,
                required=False,
                initial=said,
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": gettext_lazy("Answer with yes, in part or no.")},
            )
            self.fields[f"note_{prompt.code}"] = forms.CharField(
                label=gettext_lazy("In words"),
                max_length=LONGEST_REMARK,
                required=False,
                initial=rating.notes.get(prompt.code, "") if rating is not None else "",
                widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": gettext_lazy("In words")}),
            )
        if rating is not None:
            self.fields["questions"].initial, self.fields["impression"].initial = rating.questions, rating.impression
        self.opened_on(rating.version if rating is not None else 0)

    @property
    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The rows by their groups, as the page draws them."""
        return [
            (
                str(GROUP_NAMES[group]),
                [
                    {
                        "answer": self[f"answer_{prompt.code}"],
                        "note": self[f"note_{prompt.code}"],
                        "wording": WORDINGS[prompt.code],
                    }
                    for prompt in PROMPTS
                    if prompt.group == group
                ],
            )
            for group in GROUPS
        ]

    def said(self) -> dict[str, Any]:
        """What the form says, as the service takes it."""
        typed = self.cleaned_data
        return {
            "answers": {each.code: int(said) for each in PROMPTS if (said := typed[f"answer_{each.code}"])},
            "notes": {each.code: typed[f"note_{each.code}"] for each in PROMPTS},
            "questions": typed["questions"],
            "impression": typed["impression"],
        }


class DecideForm(ExpectsVersion, forms.Form):
    """Whether to work with them, and why."""

    state = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[
            (CandidateState.CHOSEN, gettext_lazy("We choose them")),
            (CandidateState.DECLINED, gettext_lazy("We decline")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whether you choose or decline them.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed to decline; helpful either way."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = candidate.reason
        if candidate.state != CandidateState.OPEN:
            self.fields["state"].initial = candidate.state
        self.opened_on(candidate.version)


class PartnerChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.user.name)


class ConnectForm(ExpectsVersion, forms.Form):
    """Which partner of the organization a chosen company became."""

    partner = PartnerChoice(
        Membership.objects.none(),
        label=gettext_lazy("Partner"),
        required=False,
        empty_label=gettext_lazy("None"),
        error_messages={"invalid_choice": gettext_lazy("Choose a partner who still works with you.")},
    )

    def __init__(self, *args: Any, candidate: Candidate, membership: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = partners_of(membership)  # type: ignore[attr-defined]
        self.fields["partner"].initial = candidate.membership_id
        self.opened_on(candidate.version)
