"""Candidates for a partner: who is considered, what everybody noted of them, and who may read that already."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch
from django.http import QueryDict

from funnel.models import Candidate, CandidateRating, CandidateState
from funnel.models.candidates import CandidateQuerySet
from objectives.formulas.candidates import ANSWERS, FEWEST, GROUPS, Seen, Standing, standing
from objectives.sentences.candidates import GROUP_NAMES, WORDINGS, Wording, answer_name
from people.models import Membership

NEWEST, UNDERSTANDING, WARNINGS, NAME = "newest", "understanding", "warnings", "name"
SORTS = (NEWEST, UNDERSTANDING, WARNINGS, NAME)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to, and in which order those under consideration stand."""

    search: str = ""
    sort: str = NEWEST

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search)


def wanted_from(asked: QueryDict) -> Wanted:
    """What the address asks for; what is not understood is left out."""
    sort = asked.get("sort", "")
    search = asked.get("q", "").replace("\0", "").strip()[:200]
    return Wanted(search=search, sort=sort if sort in SORTS else NEWEST)


@dataclass(frozen=True)
class Shown:
    """A prompt with what everybody together saw of it."""

    seen: Seen
    wording: Wording

    @property
    def word(self) -> str:
        return answer_name(self.seen.answer)

    @property
    def mark(self) -> str:
        return mark_of(self.seen.answer)


@dataclass(frozen=True)
class Voices:
    """Who answered a prompt the same way, and what they said with it."""

    answer: str
    mark: str
    remarks: Sequence[tuple[str, str]]


@dataclass
class Rated:
    """A candidate with the ratings; what others noted is hidden until the reader has written theirs, or it is decided.

    First impressions stay each person's own that way.
    """

    candidate: Candidate
    reader: Membership

    @cached_property
    def ratings(self) -> Sequence[CandidateRating]:
        return list(self.candidate.ratings.all())

    @cached_property
    def mine(self) -> CandidateRating | None:
        return next((each for each in self.ratings if each.membership_id == self.reader.pk), None)

    @property
    def is_open(self) -> bool:
        return self.candidate.state == CandidateState.OPEN

    @property
    def is_readable(self) -> bool:
        return not self.is_open or self.mine is not None

    @cached_property
    def standing(self) -> Standing:
        """What everybody together saw; nothing at all as long as the reader may not know it."""
        return standing(each.answers for each in self.ratings) if self.is_readable else standing(())

    @cached_property
    def raters(self) -> int:
        """How many answered something, which is told to everybody."""
        return standing(each.answers for each in self.ratings).raters

    @property
    def percent(self) -> int | None:
        """The share of understanding in per cent; None where it is hidden or too little is known."""
        share = self.standing.share
        return None if share is None else int(share * 100 + 0.5)

    @property
    def is_too_little(self) -> bool:
        """Whether something is known, but not enough to say how well they understand."""
        return self.is_readable and not self.standing.is_enough

    @property
    def missing(self) -> int:
        """How many more prompts have to be answered before something is said."""
        return max(0, FEWEST - self.standing.known)

    @property
    def cells(self) -> list[Shown]:
        return [Shown(each, WORDINGS[each.prompt.code]) for each in self.standing.seen]

    @property
    def disputed(self) -> list[Wording]:
        return [WORDINGS[each.prompt.code] for each in self.standing.disputed]

    @property
    def warnings(self) -> list[Wording]:
        return [WORDINGS[each.prompt.code] for each in self.standing.warnings]

    @property
    def groups(self) -> list[tuple[str, list[tuple[Shown, list[Voices]]]]]:
        """The prompts by their groups, each with who answered what."""
        return [
            (
                str(GROUP_NAMES[group]),
                [
                    (shown, self.voices_of(shown.seen.prompt.code))
                    for shown in self.cells
                    if shown.seen.prompt.group == group
                ],
            )
            for group in GROUPS
        ]

    @property
    def asked_in_words(self) -> list[tuple[str, str]]:
        """The questions that each rater heard."""
        return [(each.membership.user.name, each.questions) for each in self.ratings if each.questions]

    @property
    def impressions(self) -> list[tuple[str, str]]:
        return [(each.membership.user.name, each.impression) for each in self.ratings if each.impression]

    def voices_of(self, code: str) -> list[Voices]:
        """Yes first; last those who saw nothing of it and still had something to say."""
        found = []
        for answer in (*reversed(ANSWERS), None):
            same = [each for each in self.ratings if each.answers.get(code) == answer]
            if answer is None:
                same = [each for each in same if each.notes.get(code)]
            if same:
                remarks = [(each.membership.user.name, each.notes.get(code, "")) for each in same]
                found.append(Voices(answer_name(answer), mark_of(answer), remarks))
        return found


def mark_of(answer: int | None) -> str:
    """What a style sheet knows an answer by."""
    return "" if answer is None else str(answer)


def all_rated(membership: Membership) -> list[Rated]:
    """Every candidate of the organization with its ratings, the newest first; by two queries."""
    rows = Candidate.objects.visible_to(membership).prefetch_related("ratings")
    return [Rated(candidate, membership) for candidate in rows]


def with_people(rows: CandidateQuerySet) -> CandidateQuerySet:
    """Rows with all that the page of a candidate names."""
    ratings = CandidateRating.objects.select_related("membership__user")
    return rows.select_related("created_by__user", "decided_by__user", "membership__user").prefetch_related(
        Prefetch("ratings", ratings)
    )


def spelled(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def narrowed(rows: Iterable[Rated], wanted: Wanted) -> list[Rated]:
    """Those that hold every word searched for, those under consideration first, in the order asked for."""
    words = spelled(wanted.search).split()
    found = [
        row for row in rows if all(word in spelled(f"{row.candidate.name} {row.candidate.purpose}") for word in words)
    ]
    considered = [row for row in found if row.is_open]
    match wanted.sort:
        case "understanding":
            considered.sort(key=lambda row: (row.percent is None, -(row.standing.share or 0)))
        case "warnings":
            considered.sort(key=lambda row: (not row.is_readable, len(row.standing.warnings)))
        case "name":
            considered.sort(key=lambda row: spelled(row.candidate.name))
    decided = [row for row in found if not row.is_open]
    decided.sort(key=lambda row: (row.candidate.decided_at, row.candidate.pk), reverse=True)
    return [*considered, *decided]


@dataclass(frozen=True)
class Overview:
    """How many are considered, how many of them wait for the reader's rating, and who stands out."""

    count: int
    considered: int
    waiting: int
    best: Candidate | None


def overview(rows: Sequence[Rated]) -> Overview:
    """`best` is the one company that understands most as far as the reader may know, None while some are hidden."""
    considered = [row for row in rows if row.is_open]
    waiting = sum(row.mine is None for row in considered)
    shares = sorted(((row.standing.share or 0, row.candidate.pk) for row in considered), reverse=True)
    stands_out = not waiting and len(shares) > 1 and shares[0][0] > shares[1][0]
    best = next((row.candidate for row in considered if stands_out and row.candidate.pk == shares[0][1]), None)
    return Overview(len(rows), len(considered), waiting, best)


def scored_as(partner: Membership, membership: Membership) -> Sequence[Candidate]:
    """As which candidates a partner was considered before; several where companies became one."""
    return list(Candidate.objects.visible_to(membership).filter(membership=partner))
