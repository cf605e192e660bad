"""Departments beside the band: where they head now, and what a week did to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dashboards.queries.branches import Branch, Unit
from dashboards.queries.spread import TeamSums
from objectives.formulas.pace import zone
from people.models import Membership, Team

REACHED = frozenset({"in", "above"})


@dataclass(frozen=True, slots=True)
class Turn:
    """A child of the company with all teams below it: means over its objectives that were reported on.

    `landing` and `zone` are those of all of them now. A change compares the same objectives: over those that had a
    landing at both moments, `week` is the mean of a week ago and `same` that of now, so that one that reports for the
    first time moves nothing. Of `open` key results `reported` were reported on within a week.
    """

    pk: int
    name: str
    objectives: int
    score: float | None
    pace: float | None
    landing: float | None
    zone: str
    week: float | None
    week_zone: str
    same: float | None
    same_zone: str
    open: int
    reported: int

    @property
    def has_fallen(self) -> bool:
        """Whether it fell below the band this week."""
        return self.zone == self.same_zone == "below" and self.week_zone in REACHED

    @property
    def has_come(self) -> bool:
        """Whether it rose into the band, or over it, this week."""
        return self.week_zone == "below" and self.same_zone in REACHED and self.zone in REACHED

    @property
    def change(self) -> float | None:
        return None if self.same is None or self.week is None else self.same - self.week


@dataclass(slots=True)
class _Sums:
    numbers: list[float] = field(default_factory=lambda: [0.0] * 11)

    def add(self, other: list[float]) -> None:
        self.numbers = [mine + more for mine, more in zip(self.numbers, other, strict=True)]


@dataclass(frozen=True, slots=True)
class Tree:
    """The teams the reader sees, in their order: names and parents."""

    names: Mapping[int, str]
    parents: Mapping[int, int | None]

    @property
    def departments(self) -> list[int]:
        """The company itself, then its children."""
        top = [pk for pk, parent in self.parents.items() if parent is None]
        return top + [pk for pk, parent in self.parents.items() if parent in top]

    def home(self, pk: int, departments: set[int]) -> int:
        """The department a team belongs to; one the reader does not see in the tree stands for itself."""
        at, seen = pk, set()
        while at not in departments and at not in seen:
            seen.add(at)
            parent = self.parents.get(at)
            if parent is None or parent not in self.parents:
                break
            at = parent
        return at if at in departments else pk


def tree_of(membership: Membership) -> Tree:
    found = list(Team.objects.visible_to(membership).order_by("position", "pk").values_list("pk", "name", "parent_id"))
    return Tree({pk: name for pk, name, _parent in found}, {pk: parent for pk, _name, parent in found})


def turns(
    membership: Membership, tree: Tree, teams: Mapping[int, TeamSums], heard: Mapping[int, tuple[int, int]]
) -> list[Turn]:
    """Every department with objectives, in the order of the organization."""
    organization = membership.organization
    order = tree.departments
    departments = set(order)
    folded: dict[int, _Sums] = {pk: _Sums() for pk in order}
    for pk, sums in teams.items():
        numbers = [
            sums.objectives,
            sums.scored,
            sums.score,
            sums.pace,
            sums.heading,
            sums.landing,
            sums.both_heading,
            sums.week_landing,
            sums.same_landing,
            *heard.get(pk, (0, 0)),
        ]
        folded.setdefault(tree.home(pk, departments), _Sums()).add(numbers)

    names = {**tree.names, **names_of(folded.keys() - tree.names.keys())}

    def turn(pk: int, sums: _Sums) -> Turn:
        count, scored, score, pace, heading, landing, both, week, same, open_, reported = sums.numbers
        now, then, now_of_same = mean(landing, heading), mean(week, both), mean(same, both)

        def side(value: float | None) -> str:
            return zone(value, "aspirational", organization.band_lower, organization.band_upper)

        return Turn(
            pk=pk,
            name=names[pk],
            objectives=int(count),
            score=mean(score, scored),
            pace=mean(pace, scored),
            landing=now,
            zone=side(now),
            week=then,
            week_zone=side(then),
            same=now_of_same,
            same_zone=side(now_of_same),
            open=int(open_),
            reported=int(reported),
        )

    return [turn(pk, sums) for pk, sums in folded.items() if sums.numbers[0]]


def side_by_side(tree: Tree, departments: Sequence[Turn]) -> Branch:
    """The same departments as a page about teams takes them."""
    order = set(tree.departments)
    places = {row.pk: place for place, row in enumerate(departments)}
    homes = {pk: tree.home(pk, order) for pk in {*tree.names, *places}}
    return Branch(
        trail=(),
        units=tuple(Unit(row.pk, row.name) for row in departments),
        homes={pk: (places[home],) for pk, home in homes.items() if home in places},
        is_whole=True,
    )


def names_of(team_ids: Collection[int]) -> dict[int, str]:
    """The names of teams whose goals are shared with a partner who is not in them."""
    return dict(Team.objects.filter(pk__in=team_ids).values_list("pk", "name")) if team_ids else {}


def mean(total: float, count: float) -> float | None:
    return total / count if count else None


def turned(departments: list[Turn]) -> tuple[list[Turn], list[Turn]]:
    """Those that fell below the band this week, and those that came into it or above, each in their order."""
    return [row for row in departments if row.has_fallen], [row for row in departments if row.has_come]
