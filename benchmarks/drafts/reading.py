"""Read the labelled drafts; the notation is told in README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

FOLDER = Path(__file__).parent
LANGUAGES = ("ja", "en")
QUALITIES = ("good", "fair", "poor")
INTENTS = ("committed", "aspirational")
RULES = (
    "objective_has_number",
    "objective_vague",
    "objective_too_long",
    "kr_count",
    "kr_is_activity",
    "kr_no_unit",
    "kr_no_baseline",
    "kr_no_owner",
    "kr_no_measuring_method",
    "kr_scale_ambiguous",
    "kr_rate_above_one",
    "kr_same_as_start",
    "kr_restates_another",
    "only_process_measures",
    "only_result_measures",
    "same_as_last_cycle",
    "too_easy",
    "out_of_reach",
    "too_many_objectives",
    "no_kgi",
)
OBJECTIVE = "objective"


@dataclass(frozen=True)
class Label:
    """A rule that applies, and the places of which any one is right to name: two that say the same are two places."""

    rule: str
    places: tuple[str, ...]


@dataclass
class LabelledDraft:
    """A request as a program sends it to the draft check, and what should be found in it.

    `arguable` holds rules at places on which two coaches would differ: neither false alarms nor misses.
    """

    language: str
    title: str
    quality: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    expected: list[Label] = field(default_factory=list)
    arguable: set[tuple[str, str]] = field(default_factory=set)

    @property
    def is_held_out(self) -> bool:
        """Whether it is one of the third that nobody may look at while mending rules; a new draft moves no other."""
        return crc32(self.title.encode()) % 3 == 0


def drafts(languages: Iterable[str] = LANGUAGES) -> list[LabelledDraft]:
    return [
        draft
        for language in languages
        for path in sorted((FOLDER / language).glob("*.txt"))
        for draft in read(language, path.read_text())
    ]


def read(language: str, text: str) -> Iterator[LabelledDraft]:
    """Every draft of a file. Raises ValueError, naming the line, for anything that is not in the notation."""
    for block in re.split(r"^= ", text, flags=re.MULTILINE)[1:]:
        title, *lines = block.splitlines()
        draft = LabelledDraft(language, title)
        draft.request = {"language": language, "objective": {"title": title}}
        for line in filter(None, map(str.strip, lines)):
            try:
                take(draft, line)
            except (KeyError, IndexError, ValueError) as error:
                raise ValueError(f"{title}: {line}: {error}") from error
        if draft.quality not in QUALITIES:
            raise ValueError(f"{title}: good, fair or poor?")
        yield draft


def take(draft: LabelledDraft, line: str) -> None:
    key_results = draft.request.get("key_results", [])
    where = f"key_results.{len(key_results) - 1}" if key_results else OBJECTIVE
    word, _, rest = line.partition(" ")
    if word == "-":
        draft.request.setdefault("key_results", []).append(key_result(rest))
    elif line == "without key results":
        draft.request["key_results"] = []
    elif word == "finds":
        draft.expected += [Label(known(rule), (where,)) for rule in rest.split()]
    elif word == "arguable":
        draft.arguable |= {(known(rule), where) for rule in rest.split()}
    elif word == "restates":
        draft.expected.append(Label("kr_restates_another", (f"key_results.{int(rest)}", where)))
    elif word == "past":
        draft.request.setdefault("history", []).append(past(rest))
    else:
        draft.quality, *facts = line.split("; ")
        for fact in facts:
            tell(draft.request, fact)


def tell(request: dict[str, Any], fact: str) -> None:
    name, _, value = fact.partition(" ")
    if name in INTENTS:
        request["objective"]["kind"] = name
    elif name == "sales":
        request["objective"]["team_kind"] = name
    elif name == "in_team":
        request["objectives_in_team"] = int(value)
    elif name in {"kgi", "team_kind"}:
        request["objective"][name] = words(value)
    else:
        raise ValueError(f"What is {name}?")


def past(line: str) -> dict[str, Any]:
    said, *numbers = (part.strip() for part in line.split("|"))
    score, _, measure = said.partition(" ")
    request: dict[str, Any] = {"measure": measure, "score": number(score)}
    if numbers:
        unit, values, end = numbers
        start, target = values.split("->")
        request |= {
            "unit": unit,
            "start_value": number(start),
            "target_value": number(target),
            "end_value": number(end),
        }
    return request


def key_result(line: str) -> dict[str, Any]:
    kind, title, *more = (part.strip() for part in line.split("|"))
    request: dict[str, Any] = {"title": title, "kind": kind}
    if more:
        request["unit"] = words(more[0])
    if len(more) > 1:
        start, target = more[1].split("->") if "->" in more[1] else ("null", more[1])
        request |= {"start_value": number(start), "target_value": number(target)}
    return request | {
        name: words(value) for name, value in zip(("owner", "measured_how", "measure_type"), more[2:], strict=False)
    }


def known(rule: str) -> str:
    if rule not in RULES:
        raise ValueError(f"No such rule: {rule}")
    return rule


def words(value: str) -> str | None:
    return None if value == "null" else value


def number(value: str) -> int | float | None:
    value = value.strip()
    if value == "null":
        return None
    return float(value) if "." in value else int(value)
