"""Forms about people, and the fields with which other forms name people and teams."""

from people.forms.fields import MOST_IN_A_LIST, MOST_SUGGESTED, PersonField, ReasonForm, TeamField, find_people
from people.forms.refused import add_refusal
from people.forms.versions import ExpectsVersion

__all__ = [
    "MOST_IN_A_LIST",
    "MOST_SUGGESTED",
    "ExpectsVersion",
    "PersonField",
    "ReasonForm",
    "TeamField",
    "add_refusal",
    "find_people",
]
