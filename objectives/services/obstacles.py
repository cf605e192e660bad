"""What becomes of obstacles: named in a check-in, helped with, cleared."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.formulas.obstacles import folded
from objectives.models import CheckIn, Comment, CommentKind, Notice, NoticeKind, Obstacle, ObstacleState
from objectives.models.obstacles import STANDING
from objectives.services.comments import add_comment
from objectives.services.notices import tell
from people import clock, live
from people.models import Membership
from people.refusals import Refusal, stale


def heed_check_in(check_in: CheckIn, *, kind: str = "", solved: Collection[int] = ()) -> None:
    """Let a check-in just made clear the obstacles it ticks and raise the one it names.

    Without words for an obstacle nothing is cleared: somebody may be helping. The key result is held by the caller,
    so that no two check-ins raise the same obstacle. Raises `Refusal` `unknown_obstacle`.
    """
    clear(check_in, solved)
    corrected = Obstacle.objects.filter(check_in=check_in.corrects_id).first() if check_in.corrects_id else None
    if corrected is not None:
        mend(corrected, check_in, kind=kind)
    elif check_in.obstacle.strip():
        raise_obstacle(check_in, kind=kind)


def clear(check_in: CheckIn, solved: Collection[int]) -> None:
    wanted = set(solved)
    if not wanted:
        return
    rows = list(Obstacle.objects.filter(key_result=check_in.key_result_id, pk__in=wanted))
    if len(rows) < len(wanted):
        raise Refusal.of_field(
            "solved_obstacles", "unknown_obstacle", _("One of these obstacles is not in the way of this key result.")
        )
    for row in rows:
        solve_obstacle(row, by=check_in.author)


def raise_obstacle(check_in: CheckIn, *, kind: str = "") -> Obstacle:
    """The obstacle a check-in names: the standing one of its key result with the same words, else a new one."""
    words = folded(check_in.obstacle)
    standing = Obstacle.objects.filter(key_result=check_in.key_result_id, state__in=STANDING)
    same = next((row for row in standing if folded(row.text) == words), None)
    if same is not None:
        if kind and not same.kind:
            same.kind = kind
            save(same, "kind")
        return same
    return Obstacle.objects.create(
        organization_id=check_in.author.organization_id,
        key_result_id=check_in.key_result_id,
        check_in=check_in,
        kind=kind,
        text=check_in.obstacle.strip(),
        raised_by_id=check_in.author_id,
        raised_on=check_in.date,
        owner_id=check_in.author_id,
    )


def mend(obstacle: Obstacle, check_in: CheckIn, *, kind: str) -> None:
    """Let the obstacle that a corrected check-in raised say what its correction says, or withdraw it."""
    said = check_in.corrects.obstacle if check_in.corrects is not None else ""
    held = hold(obstacle)
    held.check_in, held.raised_on = check_in, check_in.date
    if not check_in.obstacle.strip():
        if held.is_standing:
            held.state, held.state_changed_at = ObstacleState.WITHDRAWN, clock.now()
    elif folded(check_in.obstacle) != folded(said):
        held.text = check_in.obstacle.strip()
        if held.state == ObstacleState.WITHDRAWN:
            held.state, held.state_changed_at = ObstacleState.OPEN, clock.now()
    held.kind = kind or held.kind
    save(held, "check_in", "raised_on", "text", "kind", "state", "state_changed_at")


@transaction.atomic
def offer_help(obstacle: Obstacle, *, by: Membership, text: str, submission_key: uuid.UUID | None = None) -> Comment:
    """Offer a hand: whoever clears it and whoever named it are told, and it counts as being helped.

    Raises `Refusal` as `add_comment` does, and `not_standing`.
    """
    return help_with(obstacle, by=by, text=text, kind=CommentKind.OFFER, submission_key=submission_key)


@transaction.atomic
def answer_obstacle(
    obstacle: Obstacle, *, by: Membership, text: str, submission_key: uuid.UUID | None = None
) -> Comment:
    """Answer as somebody who leads; it counts as being helped. Raises `Refusal` as `offer_help` does."""
    return help_with(obstacle, by=by, text=text, kind=CommentKind.ANSWER, submission_key=submission_key)


def help_with(obstacle: Obstacle, *, by: Membership, text: str, kind: str, submission_key: uuid.UUID | None) -> Comment:
    held = hold(obstacle)
    sent = Comment.objects.filter(submission_key=submission_key).first() if submission_key else None
    if sent is None:
        refuse_over(held)
    said = add_comment(held, by=by, text=text, kind=kind, submission_key=submission_key)
    if sent is None:
        begin_help(held)
    return said


@transaction.atomic
def take_over_obstacle(obstacle: Obstacle, *, by: Membership) -> Obstacle:
    """Become who clears it; that one already is harmless. Raises `Refusal` `not_standing`."""
    return change_obstacle(obstacle, by=by, owner=by)


@transaction.atomic
def change_obstacle(
    obstacle: Obstacle,
    *,
    by: Membership,
    kind: str | None = None,
    owner: Membership | None = None,
    expected_version: int | None = None,
) -> Obstacle:
    """Say what sort it is and who clears it; a new owner is told, and somebody else than who named it helps.

    None leaves a field as it is. Raises `Refusal`: `stale`, `not_standing`, `owner`.
    """
    held = hold(obstacle)
    changed = []
    if kind is not None and held.kind != kind:
        held.kind = kind
        changed.append("kind")
    if owner is not None and held.owner_id != owner.pk:
        refuse_over(held)
        refuse_owner(held, owner)
        held.owner = owner
        changed.append("owner")
    if not changed:
        return held
    refuse_stale(held, expected_version)
    save(held, *changed)
    if "owner" in changed:
        if held.owner_id != held.raised_by_id:
            begin_help(held)
        notify(held, {held.owner_id, held.raised_by_id}, NoticeKind.OFFERED, by=by, turn=f"owner:{held.version}")
    return held


@transaction.atomic
def solve_obstacle(
    obstacle: Obstacle, *, by: Membership, solution: str = "", expected_version: int | None = None
) -> Obstacle:
    """Say that an obstacle is out of the way, and what helped; who named it and who helped are told.

    Solved already, it is harmless: only what helped is added where nothing was said. Raises `Refusal` `stale`.
    """
    held = hold(obstacle)
    words = solution.strip()
    if held.state == ObstacleState.SOLVED:
        if words and words != held.solution:
            refuse_stale(held, expected_version)
            held.solution = words
            save(held, "solution")
        return held
    refuse_stale(held, expected_version)
    held.state, held.state_changed_at = ObstacleState.SOLVED, clock.now()
    held.solution, held.solved_by, held.solved_on = words, by, by.organization.today
    save(held, "state", "state_changed_at", "solution", "solved_by", "solved_on")
    helpers = set(Comment.objects.standing().filter(obstacle=held).values_list("author", flat=True))
    people = helpers | {held.owner_id, held.raised_by_id}
    notify(held, people, NoticeKind.SOLVED, by=by, turn=f"solved:{held.version}", text=words)
    put_aside(held)
    return held


@transaction.atomic
def reopen_obstacle(obstacle: Obstacle, *, by: Membership, expected_version: int | None = None) -> Obstacle:
    """Let it stand again, solved or withdrawn by mistake; standing already is harmless. Raises `Refusal` `stale`."""
    held = hold(obstacle)
    if held.is_standing:
        return held
    refuse_stale(held, expected_version)
    helped = Comment.objects.standing().filter(obstacle=held).exclude(kind=CommentKind.COMMENT).exists()
    held.state = ObstacleState.HELPED if helped else ObstacleState.OPEN
    held.state_changed_at, held.solved_by, held.solved_on = clock.now(), None, None
    save(held, "state", "state_changed_at", "solved_by", "solved_on")
    said = Notice.objects.filter(kind=NoticeKind.SOLVED, occasion__startswith=f"obstacle:{held.pk}:solved:")
    said.filter(read_at=None).update(read_at=clock.now())
    return held


@transaction.atomic
def withdraw_obstacle(obstacle: Obstacle, *, by: Membership, expected_version: int | None = None) -> Obstacle:
    """Say that it was none; again is harmless, and a solved one stays solved. Raises `Refusal` `stale`."""
    held = hold(obstacle)
    if not held.is_standing:
        return held
    refuse_stale(held, expected_version)
    held.state, held.state_changed_at = ObstacleState.WITHDRAWN, clock.now()
    save(held, "state", "state_changed_at")
    put_aside(held)
    return held


@transaction.atomic
def write_obstacle(
    obstacle: Obstacle,
    *,
    by: Membership,
    expected_version: int | None = None,
    kind: str | None = None,
    owner: Membership | None = None,
    state: str = "",
    solution: str | None = None,
) -> Obstacle:
    """What other programs write at once: its kind and owner, then whether it stands, and what helped.

    Raises `Refusal` as the single acts do, and `not_solved` for what helped with an obstacle that still stands.
    """
    held = hold(obstacle)
    refuse_stale(held, expected_version)
    if state == ObstacleState.OPEN:
        held = reopen_obstacle(held, by=by)
    held = change_obstacle(held, by=by, kind=kind, owner=owner)
    if state == ObstacleState.SOLVED:
        return solve_obstacle(held, by=by, solution=solution or "")
    if state == ObstacleState.WITHDRAWN:
        held = withdraw_obstacle(held, by=by)
    if solution and held.state != ObstacleState.SOLVED:
        raise Refusal.of_field("solution", "not_solved", _("Say what helped when it is solved."))
    return solve_obstacle(held, by=by, solution=solution) if solution else held


def begin_help(held: Obstacle) -> None:
    if held.state == ObstacleState.OPEN:
        held.state, held.state_changed_at = ObstacleState.HELPED, clock.now()
        save(held, "state", "state_changed_at")


def refuse_over(held: Obstacle) -> None:
    if not held.is_standing:
        raise Refusal("not_standing", _("This obstacle is out of the way already. Open it again if it is not."))


def refuse_owner(held: Obstacle, owner: Membership) -> None:
    """Who clears it is here, and sees it."""
    here = Membership.objects.active().filter(pk=owner.pk, organization=held.organization_id).exists()
    if not here or not Obstacle.objects.visible_to(owner).filter(pk=held.pk).exists():
        raise Refusal.of_field("owner", "owner", _("Choose somebody who sees this key result."))


def refuse_stale(held: Obstacle, expected_version: int | None) -> None:
    if expected_version is not None and held.version != expected_version:
        raise stale()


def notify(held: Obstacle, people: set[int], kind: str, *, by: Membership, turn: str, text: str = "") -> None:
    tell(
        people,
        kind,
        occasion=f"obstacle:{held.pk}:{turn}",
        key_result=held.key_result,
        by=by,
        text=text or held.text,
        place=f"obstacles/{held.pk}/",
    )


def put_aside(held: Obstacle) -> None:
    """What nobody is waited for any more counts as read."""
    rows = Notice.objects.filter(kind=NoticeKind.RISEN, occasion__startswith=f"obstacle:{held.pk}:risen:", read_at=None)
    rows.update(read_at=clock.now())


def hold(obstacle: Obstacle) -> Obstacle:
    """The row as it is now; nobody else changes it until this transaction ends."""
    rows = Obstacle.objects.select_for_update(no_key=True, of=("self",)).select_related("key_result__objective")
    return rows.get(pk=obstacle.pk)


def save(held: Obstacle, *fields: str) -> None:
    held.version += 1
    held.save(update_fields=[*fields, "version"])
    live.moved(held.organization_id)
