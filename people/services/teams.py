"""The tree of teams: making, naming and moving them.

Whoever changes the tree holds the organization first, so that two moves that would close a loop together meet there.
Then come the teams, and only then what belongs to them.
"""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from people.models import Organization, Team, below
from people.refusals import Refusal, stale


def hold_tree(organization_id: int) -> None:
    """Let one act at a time change the organization's teams and roles, until the transaction ends."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def hold_team(team: Team) -> Team:
    """Lock a team, its tree held before, until the transaction ends: who writes a goal for it meanwhile waits."""
    hold_tree(team.organization_id)
    return Team.objects.select_for_update().get(pk=team.pk)


def keep_team(team_id: int) -> tuple[str, date | None]:
    """A team's name and since when it is closed, which stays so until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, closed_on FROM people_team WHERE id = %s FOR SHARE", [team_id])
        name, closed_on = cursor.fetchone()
    return name, closed_on


def refuse_closed_team(team_id: int, *, is_chosen: bool = True) -> None:
    """For whoever writes a goal of a team: nobody closes it until the transaction ends. `Refusal` `team_closed`.

    A goal that comes back to the team it had, `is_chosen` or not, has no other to choose.
    """
    name, closed_on = keep_team(team_id)
    if closed_on is None:
        return
    if not is_chosen:
        raise Refusal("team_closed", _("“%(team)s” is closed. Open the team again first.") % {"team": name})
    raise Refusal.of_field("team", "team_closed", _("“%(team)s” is closed. Choose another team.") % {"team": name})


def refuse_taken_name(name: str, parent: Team | None, *, besides: Team | None = None) -> None:
    """Below one team every open team has a name of its own. `Refusal` `team_name_taken`."""
    twins = Team.objects.open().filter(parent=parent, name=name)
    if besides is not None:
        twins = twins.exclude(pk=besides.pk)
    if parent is not None and twins.exists():
        raise Refusal.of_field(
            "name",
            "team_name_taken",
            _("“%(parent)s” already has a team named “%(name)s”. Choose another name.")
            % {"parent": parent.name, "name": name},
        )


def refuse_closed_parent(parent: Team) -> None:
    if parent.closed_on is not None:
        raise Refusal.of_field(
            "parent", "team_closed", _("“%(team)s” is closed. Choose another team.") % {"team": parent.name}
        )


def refuse_other_organization(team: Team, other: Team, field: str) -> None:
    if team.organization_id != other.organization_id:
        raise Refusal.of_field(field, "other_organization", _("Choose a team of this organization."))


@transaction.atomic
def create_team(organization: Organization, *, name: str, parent: Team | None = None) -> Team:
    """Add a team below `parent`, or below the company; it comes last there.

    Raises `Refusal`: `team_name_taken`, `team_closed`, `other_organization`; and `ValidationError` for a name that is
    none.
    """
    hold_tree(organization.pk)
    parent = Team.objects.get(pk=parent.pk) if parent else Team.objects.get(organization=organization, parent=None)
    team = Team(organization=organization, parent=parent, name=" ".join(name.split()))
    refuse_other_organization(team, parent, "parent")
    refuse_closed_parent(parent)
    refuse_taken_name(team.name, parent)
    last = parent.children.order_by("-position").values_list("position", flat=True).first()
    team.position = 0 if last is None else last + 1
    team.full_clean(validate_constraints=False)
    team.save()
    return team


@transaction.atomic
def change_team(
    team: Team,
    *,
    name: str | None = None,
    parent: Team | None = None,
    position: int | None = None,
    expected_version: int | None = None,
) -> Team:
    """Rename a team, move it with all that is below it, or give it another place among its open siblings, from 0.

    What is None stays; moved without a position, it comes last. The same again is harmless. Raises `Refusal`: `stale`,
    `team_closed`, `team_name_taken`, `company_stays` for a move of the company itself, `loop` for one below itself,
    `other_organization`; and `ValidationError` for a name that is none.
    """
    held = hold_team(team)
    above = held.parent
    if parent is not None:
        refuse_other_organization(held, parent, "parent")
        above = Team.objects.get(pk=parent.pk)
    name = held.name if name is None else " ".join(name.split())
    moves = (above and above.pk) != held.parent_id
    if not moves and name == held.name and position is None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.closed_on is not None:
        raise Refusal("team_closed", _("This team is closed. Open it again before changing it."))
    if held.parent_id is None and (parent is not None or position):
        raise Refusal.of_field("parent", "company_stays", _("The company stays at the top."))
    if moves and above is not None:
        refuse_closed_parent(above)
        if Team.objects.filter(pk=above.pk, pk__in=below([held.pk])).exists():
            raise Refusal.of_field(
                "parent",
                "loop",
                _("“%(parent)s” is this team or lies below it; it cannot be above it too.") % {"parent": above.name},
            )
    if moves or name != held.name:
        refuse_taken_name(name, above, besides=held)
    held.name, held.parent, held.version = name, above, held.version + 1
    if above is not None and (moves or position is not None):
        arrange(held, above, position)
    held.full_clean(validate_constraints=False)
    held.save()
    return held


def arrange(team: Team, parent: Team, position: int | None) -> None:
    """Give the team its place among the open teams below `parent`, and each of them the number of its own."""
    siblings = list(Team.objects.open().filter(parent=parent).exclude(pk=team.pk).order_by("position", "pk"))
    place = len(siblings) if position is None else max(0, min(position, len(siblings)))
    siblings.insert(place, team)
    for number, sibling in enumerate(siblings):
        if sibling.position != number:
            sibling.position = number
            if sibling is not team:
                sibling.save(update_fields=["position"])
