"""What the coach says of a draft, as it stands in the margin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from objectives.forms.coaching import Reading, asked_of, draft_from, read_key_result, read_objective
from objectives.formulas.drafting.coach import check
from objectives.formulas.drafting.draft import OBJECTIVE, Check, Draft, DraftKeyResult, Finding, place_of
from objectives.models import KeyResult, Kind, Lesson, Objective
from objectives.queries.coaching import Written, draft_of, written_of
from objectives.queries.recalling import Asked, recalled
from objectives.sentences.drafting import strength_in_words, worded
from objectives.services.planning import FEWEST_KEY_RESULTS
from people.access import read_id
from people.models import Membership

# What is simply not there yet is named in one line, not in one note each.
NOT_THERE_YET = frozenset({"kr_no_target", "kr_no_baseline", "kr_no_unit", "kr_no_owner", "kr_no_measuring_method"})
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
    """What stands beside the objective or one key result: what is open, what is folded, what is not there yet, and what
    was learned before about the same measure."""

    where: str
    open: tuple[Note, ...] = ()
    folded: tuple[Note, ...] = ()
    missing: tuple[Note, ...] = ()
    learned: tuple[Lesson, ...] = ()

    @property
    def says_anything(self) -> bool:
        return bool(self.open or self.folded or self.missing)

    @property
    def missing_names(self) -> str:
        names = {
            "kr_no_target": _("Target"),
            "kr_no_baseline": _("Baseline"),
            "kr_no_unit": _("Unit"),
            "kr_no_owner": _("Owner"),
            "kr_no_measuring_method": _("How it is measured"),
        }
        return _(", ").join(names[note.rule] for note in self.missing)


@dataclass(frozen=True)
class Coach:
    """The coach's answer to a page: `strength` None while nothing is written."""

    strength: int | None = None
    count: int = 0
    margins: Mapping[str, Margin] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The strength in words."""
        return "" if self.strength is None else strength_in_words(self.strength)

    @property
    def told(self) -> list[tuple[str, Margin]]:
        """Everything found, below the title of the key result it is about."""
        return [(self.titles.get(where, ""), margin) for where, margin in self.margins.items() if margin.says_anything]

    def margin(self, where: str) -> Margin:
        return self.margins.get(where) or Margin(where)

    def recalling(self, membership: Membership, asked: Mapping[str, Asked]) -> Coach:
        """The same answer with the lessons that fit each key result in its margin."""
        found = recalled(membership, asked)
        if not found:
            return self
        margins = {where: replace(self.margin(where), learned=tuple(rows)) for where, rows in found.items()}
        return replace(self, margins={**self.margins, **margins})


NOTHING = Coach()


def coach_of(draft: Draft, tokens: Sequence[str] = (), *, but: frozenset[str] = frozenset()) -> Coach:
    """The coach's answer to a draft whose key results stand in the rows of these tokens, by which margins are found.

    A key result without a token is found by its place. Rules named in `but` are not asked.
    """
    answer = check(draft, but=but)
    margins, titles = {OBJECTIVE: margin_of(answer, OBJECTIVE, OBJECTIVE)}, {}
    for number, key_result in enumerate(key_results_of(draft)):
        place = place_of(number)
        token = tokens[number] if number < len(tokens) else ""
        prefix = "" if token == EDITED else f"{token}-"
        titles[token or place] = key_result.title
        margins[token or place] = margin_of(answer, place, token or place, kind=key_result.kind, prefix=prefix)
    return Coach(answer.strength, len(answer.findings), margins, titles)


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


def beside_objective(membership: Membership, objective: Objective, data: QueryDict | None) -> Margin:
    """What stands beside the objective's own words in their editor, as saved or as they were sent."""
    (saved,) = written_of([objective])
    draft = read_objective(data, membership, saved) if data is not None else draft_from(membership, saved)
    return coach_of(draft).margin(OBJECTIVE)


def beside_key_result(membership: Membership, key_result: KeyResult, data: QueryDict | None) -> Margin:
    """What stands beside a key result in its editor, as saved or as it was sent; nothing while a new one is empty."""
    (saved,) = written_of([key_result.objective])
    if data is not None:
        return coach_of_key_result(membership, saved, data, key_result.pk).margin(EDITED)
    tokens = [EDITED if row.pk == key_result.pk else "" for row in saved.key_results]
    coach = coach_of(draft_from(membership, saved), tokens)
    return coach.recalling(membership, asked_of(tokens, saved.key_results, saved.objective)).margin(EDITED)


def coach_of_reading(membership: Membership, reading: Reading) -> Coach:
    """The answer to a draft as it is typed; that the first key result of a new one stands alone is not said."""
    if reading.is_empty:
        return NOTHING
    is_first = reading.is_new and len(reading.tokens) < FEWEST_KEY_RESULTS
    but = frozenset({"kr_count"}) if is_first else frozenset()
    return coach_of(reading.draft, reading.tokens, but=but).recalling(membership, reading.asked)


def coach_of_key_result(membership: Membership, saved: Written, data: QueryDict, pk: int | None) -> Coach:
    """The answer to one key result being written below a saved objective."""
    draft, place = read_key_result(data, membership, saved, pk)
    rows = key_results_of(draft)
    coach = coach_of(draft, [EDITED if number == place else "" for number in range(len(rows))])
    asked = Asked(rows[place].title, read_id(data.get("kpi")), saved.objective.team_id)
    return coach.recalling(membership, {EDITED: asked})
