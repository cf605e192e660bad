"""Which teams stand side by side: those below a chosen one, in the order of the organization, never by a score."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from objectives.access import teams_seen_by
from people.models import Membership

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Place:
    """A team in the tree as the reader sees it."""

    pk: int
    name: str
    parent: int | None
    is_company: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A team with all teams below it; where `is_own`, its own goals alone.

    `opens` says whether it has teams below it to look at, `above` names the teams it stands below where the list does
    not say so itself.
    """

    pk: int
    name: str
    is_own: bool = False
    opens: bool = False
    above: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """What a page about teams shows: the way down to the chosen team, and the units that stand side by side.

    `homes` says for each team of the branch which of the units its goals count for, by their place in `units`.
    """

    trail: tuple[Place, ...]
    units: tuple[Unit, ...]
    homes: Mapping[int, tuple[int, ...]]
    is_whole: bool
    wanted: str = ""

    @property
    def top(self) -> Place | None:
        return self.trail[-1] if self.trail else None

    def gather(self, found: Mapping[int, Kept]) -> list[list[Kept]]:
        """What was found for teams, for each unit a list."""
        gathered: list[list[Kept]] = [[] for _unit in self.units]
        for team, what in found.items():
            for unit in self.homes.get(team, ()):
                gathered[unit].append(what)
        return gathered


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def branch(membership: Membership, team: int | None = None, wanted: str = "") -> Branch | None:
    """The teams below one, or below the company; with `wanted` all those whose name holds it, however deep they are.

    None for a team the reader does not see. One query. A reader who does not see the company sees the highest teams
    there are.
    """
    columns = ("pk", "name", "parent_id", "closed_on")
    rows = teams_seen_by(membership).distinct().order_by("position", "pk").values_list(*columns)
    tree = {pk: Place(pk, name, parent, parent is None, closed is not None) for pk, name, parent, closed in rows}
    if team is not None and team not in tree:
        return None
    top = tree[team] if team is not None else next((place for place in tree.values() if place.is_company), None)
    below: dict[int | None, list[Place]] = defaultdict(list)
    for place in tree.values():
        below[place.parent if place.parent in tree else None].append(place)
    inside = list(in_order(below, top))
    if wanted.strip():
        units = [
            Unit(place.pk, place.name, opens=bool(below[place.pk]), above=above_of(place, tree))
            for place in inside
            if folded(wanted.strip()) in folded(place.name)
        ]
    else:
        children = below[top.pk] if top is not None else below[None]
        units = [Unit(top.pk, top.name, is_own=bool(children))] if top is not None else []
        units += [Unit(place.pk, place.name, opens=bool(below[place.pk])) for place in children]
    return Branch(
        trail=tuple(trail_to(top, tree)),
        units=tuple(units),
        homes=homes_of(inside, units, tree),
        is_whole=top is None or top.is_company,
        wanted=wanted.strip(),
    )


def in_order(below: Mapping[int | None, list[Place]], top: Place | None) -> Iterable[Place]:
    """The top and everything below it, each team followed by its own."""
    waiting = [top] if top is not None else list(reversed(below.get(None, [])))
    while waiting:
        place = waiting.pop()
        yield place
        waiting.extend(reversed(below.get(place.pk, [])))


def trail_to(place: Place | None, tree: Mapping[int, Place]) -> list[Place]:
    trail: list[Place] = []
    while place is not None:
        trail.insert(0, place)
        place = tree.get(place.parent) if place.parent is not None else None
    return trail


def above_of(place: Place, tree: Mapping[int, Place]) -> str:
    return " / ".join(each.name for each in trail_to(place, tree)[:-1] if not each.is_company)


def homes_of(inside: Iterable[Place], units: list[Unit], tree: Mapping[int, Place]) -> dict[int, tuple[int, ...]]:
    whole = {unit.pk: number for number, unit in enumerate(units) if not unit.is_own}
    own = {unit.pk: number for number, unit in enumerate(units) if unit.is_own}
    found: dict[int, tuple[int, ...]] = {}
    for place in inside:
        above = () if place.parent is None else found.get(place.parent, ())
        # What stands above has been met already: a team comes after the one it belongs to.
        carried = tuple(number for number in above if not units[number].is_own)
        mine = tuple(numbers[place.pk] for numbers in (whole, own) if place.pk in numbers)
        found[place.pk] = carried + mine
    return found
