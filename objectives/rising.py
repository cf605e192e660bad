"""Letting obstacles that nobody helps with rise, once a day for each organization."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import OuterRef, Subquery

from objectives.formulas.obstacles import TO_MANAGER, rises_to
from objectives.models import Comment, Notice, NoticeKind, Obstacle, ObstacleState, Risen
from objectives.models.obstacles import ObstacleQuerySet
from people import clock, live
from people.models import Membership, Organization, Role, Team, Topic
from people.outbox import tell_channels, tell_people


def raise_aged(organization_id: int) -> int:
    """Let every obstacle of an organization rise as far as it has by its today; how many have.

    How far each has risen stands in its row, so that a second call, or a second worker, tells nobody twice.
    """
    organization = Organization.objects.get(pk=organization_id)
    today = organization.today
    rows = Obstacle.objects.filter(organization=organization, raised_on__lte=today - TO_MANAGER).standing()
    aged = with_last_word(rows.exclude(risen_to=Risen.EXECUTIVE)).select_related("organization").order_by("pk")
    due = [row.pk for row in aged if goal_of(row, today) != row.risen_to]
    return sum(raise_one(pk, today) for pk in due)


def with_last_word(rows: ObstacleQuerySet) -> ObstacleQuerySet:
    words = Comment.objects.standing().filter(obstacle=OuterRef("pk")).order_by("-created_at").values("created_at")
    return rows.annotate(last_word=Subquery(words[:1]))


def goal_of(obstacle: Obstacle, today: date) -> str:
    """How far it has risen by today."""
    return rises_to(
        obstacle.risen_to, obstacle.raised_on, obstacle.risen_on, last_help_on=last_help_on(obstacle), today=today
    )


@transaction.atomic
def raise_one(pk: int, today: date) -> bool:
    rows = with_last_word(Obstacle.objects.standing().filter(pk=pk)).select_related(
        "organization", "key_result__objective__team"
    )
    obstacle = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if obstacle is None or goal_of(obstacle, today) == obstacle.risen_to:
        return False
    goes_to = goal_of(obstacle, today)
    people = managers_of(obstacle) if goes_to == Risen.MANAGER else []
    if not people:
        # Where nobody but its owner leads the team, waiting for a manager would be waiting for nobody.
        goes_to, people = Risen.EXECUTIVE, executives_of(obstacle.organization)
    obstacle.risen_to, obstacle.risen_on = goes_to, today
    obstacle.version += 1
    obstacle.save(update_fields=["risen_to", "risen_on", "version"])
    live.moved(obstacle.organization_id)
    tell(obstacle, people)
    return True


def last_help_on(obstacle: Obstacle) -> date | None:
    """The day of the last word on it while somebody helps."""
    if obstacle.state != ObstacleState.HELPED:
        return None
    words = obstacle.last_word  # type: ignore[attr-defined]
    last = max(words or obstacle.state_changed_at, obstacle.state_changed_at)
    return last.astimezone(obstacle.organization.zone).date()


def managers_of(obstacle: Obstacle) -> list[Membership]:
    """The managers of the nearest team upwards that has one besides whoever clears it."""
    managers = Membership.objects.active().filter(role=Role.MANAGER).exclude(pk=obstacle.owner_id)
    team: Team | None = obstacle.key_result.objective.team
    while team is not None:
        found = list(managers.filter(teams=team).select_related("user"))
        if found:
            return found
        team = team.parent
    return []


def executives_of(organization: Organization) -> list[Membership]:
    """The executives; the administrators where there are none."""
    people = Membership.objects.active().filter(organization=organization).select_related("user")
    executives = list(people.filter(role=Role.EXECUTIVE))
    return executives or list(people.filter(role=Role.ADMIN))


def tell(obstacle: Obstacle, people: list[Membership]) -> None:
    """A line on the week and a message for whom it has risen to, a line for whoever clears it."""
    occasion = f"obstacle:{obstacle.pk}:risen:{obstacle.risen_to}"
    told = {person.pk for person in people} | {obstacle.owner_id}
    Notice.objects.bulk_create(
        [
            Notice(
                membership_id=pk,
                kind=NoticeKind.RISEN,
                objective=obstacle.key_result.objective,
                key_result=obstacle.key_result,
                text=obstacle.text[:1000],
                place=f"obstacles/{obstacle.pk}/",
                occasion=occasion,
                created_at=clock.now(),
            )
            for pk in Membership.objects.active().filter(pk__in=told).values_list("pk", flat=True)
        ],
        ignore_conflicts=True,
    )
    about = {"obstacle": obstacle.pk, "risen_to": obstacle.risen_to}
    tell_people(people, Topic.OBSTACLE, occasion=occasion, about=about)
    tell_channels(
        obstacle.organization,
        Topic.OBSTACLE,
        occasion=occasion,
        about=about,
        teams=[obstacle.key_result.objective.team],
    )
