"""What pages read about people: the tree of teams, and who can own a goal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from people.models import Membership, MembershipQuerySet, Team


@dataclass(frozen=True)
class Branch:
    """A team with its place in the tree: 0 for the company, and the names of the teams above it, company left out."""

    team: Team
    depth: int
    above: tuple[str, ...]


def team_tree(teams: Iterable[Team]) -> list[Branch]:
    """The teams as one reads an organization chart: each followed by all that is below it.

    A team whose parent is not among them stands at the top, so that part of a tree can be shown too.
    """
    rows = list(teams)
    known = {team.pk for team in rows}
    children: dict[int | None, list[Team]] = defaultdict(list)
    for team in rows:
        children[team.parent_id if team.parent_id in known else None].append(team)
    tree: list[Branch] = []
    waiting = [Branch(team, 0, ()) for team in reversed(children[None])]
    while waiting:
        branch = waiting.pop()
        tree.append(branch)
        above = (*branch.above, branch.team.name) if branch.team.parent_id is not None else branch.above
        waiting.extend(Branch(child, branch.depth + 1, above) for child in reversed(children[branch.team.pk]))
    return tree


def possible_owners(membership: Membership, present: int | None) -> MembershipQuerySet:
    """The colleagues, and the present owner even after leaving: an edit must not hand a goal on unnoticed."""
    people = Membership.objects.filter(organization=membership.organization_id)
    return people.filter(Q(pk=present) | Q(pk__in=people.colleagues().values("pk")))
