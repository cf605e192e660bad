"""What the coach says of a draft, as it stands in the margin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from objectives.forms.coaching import Reading, read_key_result
from objectives.formulas.drafting.coach import check
from objectives.formulas.drafting.draft import OBJECTIVE, Check, Draft, DraftKeyResult, Finding, place_of
from objectives.models import Kind, Objective
from objectives.queries.coaching import Written, draft_of
from objectives.sentences.drafting import strength_in_words, worded
from people.models import Membership

# What is simply not there yet is named in one line, not in one note each.
NOT_THERE_YET = {
    "kr_no_unit": "unit",
    "kr_no_baseline": "start_value",
    "kr_no_owner": "owner",
    "kr_no_measuring_method": "measured_how",
}
MOST_OPEN = 2
# The row of the one key result that an editor is about: its fields have no prefix.
EDITED = "key_result"
# “新規契約 0 → 30件” as a key result: what it is called, where it begins and where it is to end.
WAY = re.compile(r"(?P<title>.+?)[:：]? (?P<start>[\d,.]+) → (?P<target>[\d,.]+)\s*(?P<unit>[^\d\s].{0,19})?")
# Where a number is typed, where that is not the field of its name.
FIELDS: dict[tuple[str, str], str] = {
    (Kind.QUOTA, "target_value"): "quota",
    (Kind.COVERAGE, "target_value"): "population",
}


@dataclass(frozen=True)
class Note:
    """One finding: what was found and why it matters, one better version, and the field that `replacement` is for.

    `key_result` is a key result that it proposes to add, `row` what would stand in its fields.
    """

    rule: str
    severity: str
    what: str
    why: str
    suggestion: str = ""
    replacement: str = ""
    field: str = ""
    key_result: str = ""

    @property
    def row(self) -> str:
        """The fields of the key result to add, as JSON for the page."""
        way = WAY.fullmatch(self.key_result)
        if way is None:
            return json.dumps({"title": self.key_result})
        names = {"title": "title", "start": "start_value", "target": "target_value", "unit": "unit"}
        return json.dumps({names[name]: text for name, text in way.groupdict().items() if text})


@dataclass(frozen=True)
class Margin:
    """What stands beside the objective or one key result: what is open, what is folded, what is not there yet."""

    where: str
    open: tuple[Note, ...] = ()
    folded: tuple[Note, ...] = ()
    missing: tuple[Note, ...] = ()

    @property
    def missing_names(self) -> str:
        names = {
            "kr_no_unit": _("unit"),
            "kr_no_baseline": _("baseline"),
            "kr_no_owner": _("owner"),
            "kr_no_measuring_method": _("how it is measured"),
        }
        return _(", ").join(names[note.rule] for note in self.missing)


@dataclass(frozen=True)
class Coach:
    """The coach's answer to a page: `strength` None while nothing is written."""

    strength: int | None = None
    count: int = 0
    margins: Mapping[str, Margin] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The strength in words."""
        return "" if self.strength is None else strength_in_words(self.strength)

    def margin(self, where: str) -> Margin:
        return self.margins.get(where) or Margin(where)


NOTHING = Coach()


def coach_of(draft: Draft, tokens: Sequence[str] = ()) -> Coach:
    """The coach's answer to a draft whose key results stand in the rows of these tokens, by which margins are found.

    A key result without a token is found by its place.
    """
    answer = check(draft)
    margins = {OBJECTIVE: margin_of(answer, OBJECTIVE, OBJECTIVE)}
    for number, key_result in enumerate(key_results_of(draft)):
        place = place_of(number)
        token = tokens[number] if number < len(tokens) else ""
        prefix = "" if token == EDITED else f"{token}-"
        margins[token or place] = margin_of(answer, place, token or place, kind=key_result.kind, prefix=prefix)
    return Coach(answer.strength, len(answer.findings), margins)


def key_results_of(draft: Draft) -> tuple[DraftKeyResult, ...]:
    return draft.key_results if isinstance(draft.key_results, tuple) else ()


def margin_of(answer: Check, place: str, where: str, *, kind: str = "", prefix: str = "") -> Margin:
    notes = [note_of(finding, kind, prefix) for finding in answer.at(place)]
    missing = tuple(note for note in notes if note.rule in NOT_THERE_YET)
    # One thing that is missing is said as a note like any other.
    if len(missing) == 1:
        missing = ()
    said = [note for note in notes if note not in missing]
    return Margin(where, tuple(said[:MOST_OPEN]), tuple(said[MOST_OPEN:]), missing)


def note_of(finding: Finding, kind: str, prefix: str) -> Note:
    words = worded(finding)
    name = FIELDS.get((kind, words.about), words.about)
    return Note(
        rule=words.rule,
        severity=words.severity,
        what=words.what,
        why=words.why,
        suggestion=words.suggestion,
        replacement=words.replacement,
        field=f"{prefix}{name}" if words.replacement and name else "",
        key_result=words.key_result,
    )


def coach_of_saved(membership: Membership, objective: Objective) -> Coach:
    """What the coach says of an objective as it is saved."""
    return coach_of(draft_of(membership, objective))


def coach_of_reading(reading: Reading) -> Coach:
    return NOTHING if reading.is_empty else coach_of(reading.draft, reading.tokens)


def coach_of_key_result(membership: Membership, saved: Written, data: QueryDict, pk: int | None) -> Coach:
    """The answer to one key result being written below a saved objective."""
    draft, place = read_key_result(data, membership, saved, pk)
    return coach_of(draft, [EDITED if number == place else "" for number in range(len(key_results_of(draft)))])
