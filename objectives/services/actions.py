"""Actions: written down for oneself or others, done, taken back, dropped with a reason."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from funnel.models import KPI, TouchPoint
from objectives.access import teams_decided_by
from objectives.models import (
    Action,
    ActionState,
    Approach,
    HealthKPI,
    KeyResult,
    Meeting,
    MinuteLine,
    NoticeKind,
    Objective,
    Obstacle,
    Retrospective,
)
from objectives.services.notices import tell
from objectives.services.planning import refuse_used_key
from people.models import Membership, Team
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.teams import refuse_closed_team

LONGEST_TITLE: int = Action._meta.get_field("title").max_length or 0
# What a page or a program writes of the plan; the rest follows from acts, and what came of it is told elsewhere.
WRITTEN = (
    "title",
    "team_id",
    "owner_id",
    "starts_on",
    "due_on",
    "expected_effect",
    "expected_change",
    "cost",
    "approach",
    "merits",
    "risks",
    "why_nobody",
    "key_result_id",
    "kpi_id",
    "touch_point_id",
)
LINES = ("expected_effect", "merits", "risks", "why_nobody")
# What of it stays inside the organization: partners are told none of it, and write none.
INSIDE = {"expected_change", "cost", "kpi_id", "touch_point_id"}


@transaction.atomic
def add_action(
    *,
    team: Team,
    title: str,
    owner: Membership,
    due_on: date | None,
    by: Membership,
    key_result: KeyResult | None = None,
    kpi: KPI | None = None,
    obstacle: Obstacle | None = None,
    health_kpi: HealthKPI | None = None,
    minute_line: MinuteLine | None = None,
    retrospective: Retrospective | None = None,
    touch_point: TouchPoint | None = None,
    starts_on: date | None = None,
    expected_effect: str = "",
    expected_change: Decimal | None = None,
    cost: Decimal | None = None,
    approach: str = Approach.UNSAID,
    merits: str = "",
    risks: str = "",
    why_nobody: str = "",
    submission_key: uuid.UUID | None = None,
) -> Action:
    """Write down an action and tell a new owner of it.

    `expected_change` is in the lever's own number (rates 0–1), `cost` in the organization's currency. A
    `submission_key` or a `minute_line` that made one already is answered by the first. Raises `Refusal`:
    `title_missing`, `not_yours_to_give`, `not_shared`, `team_closed`, `owner`, `submission_key_used`,
    `why_nobody_missing`, `days_out_of_order`, `cost_negative`, `not_for_partners`.
    """
    action = Action(
        organization_id=by.organization_id,
        team=team,
        title=one_line(title, cut=minute_line is not None),
        owner=owner,
        starts_on=starts_on,
        due_on=due_on,
        expected_effect=expected_effect,
        expected_change=expected_change,
        cost=cost,
        approach=approach,
        merits=merits,
        risks=risks,
        why_nobody=why_nobody,
        key_result=key_result,
        kpi=kpi,
        touch_point=touch_point,
        obstacle=obstacle,
        health_kpi=health_kpi,
        minute_line=minute_line,
        retrospective=retrospective,
        created_by=by,
        submission_key=submission_key or uuid.uuid4(),
    )
    write_on_lines(action)
    refuse_inside({name for name in INSIDE if getattr(action, name) is not None}, by)
    refuse_place(action, by)
    refuse_plan(action)
    action.full_clean(exclude=["organization"], validate_unique=False)
    refuse_closed_team(team.pk)
    hold_new_owner(action, by, before=None)
    try:
        with transaction.atomic():
            action.save(force_insert=True)
    except IntegrityError:
        return first_of(action)
    tell_owner(action, by)
    return action


@transaction.atomic
def save_action(action: Action, *, by: Membership, expected_version: int | None = None) -> Action:
    """Write a changed action; the same again is harmless, and a new owner is told.

    Raises `Refusal`: `stale`, `title_missing`, `not_yours_to_give`, `not_shared`, `team_closed`, `owner`,
    `why_nobody_missing`, `days_out_of_order`, `cost_negative`, `not_for_partners`.
    """
    before = Action.objects.get(pk=action.pk)
    action.title = one_line(action.title)
    write_on_lines(action)
    if before.team_id != action.team_id:
        refuse_closed_team(action.team_id)
    hold_new_owner(action, by, before=before.owner_id)
    held = hold(action)
    changed = {name for name in WRITTEN if getattr(held, name) != getattr(action, name)}
    if not changed:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_inside(changed & INSIDE, by)
    if changed & {"owner_id", "team_id", "key_result_id", "kpi_id"}:
        refuse_place(action, by, given="owner_id" in changed)
    for name in WRITTEN:
        setattr(held, name, getattr(action, name))
    refuse_plan(held)
    held.version += 1
    held.full_clean(exclude=["organization", "minute_line"], validate_unique=False)
    held.save()
    if "owner_id" in changed:
        tell_owner(held, by)
    return held


@transaction.atomic
def begin_action(action: Action, *, by: Membership, expected_version: int | None = None) -> Action:
    """Take an open action up; under way already is harmless, and keeps the day it began.

    Raises `Refusal`: `stale`, `already_done`, `dropped`.
    """
    held = hold_open(action, _("It is done already. Take that back before beginning it again."))
    if held.began_on is not None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    held.began_on = by.organization.today
    return written(held)


@transaction.atomic
def pause_action(action: Action, *, by: Membership, expected_version: int | None = None) -> Action:
    """Put an open action back among those to do; not begun is harmless. Raises what beginning raises."""
    held = hold_open(action, _("It is done already. Take that back before putting it back."))
    if held.began_on is None:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    held.began_on = None
    return written(held)


def finish_action(action: Action, *, by: Membership) -> Action:
    """Tick it off; done already is harmless. Raises `Refusal` `dropped`."""
    return close(action, ActionState.DONE, by=by)


@transaction.atomic
def reopen_action(action: Action, *, by: Membership) -> Action:
    """Undo that it is done, and let it be under way if it was; open already is harmless. Raises `Refusal` `dropped`."""
    held = hold(action)
    if held.state == ActionState.DROPPED:
        refuse_dropped()
    return reopen(held)


def drop_action(action: Action, *, by: Membership, reason: str) -> Action:
    """Take an open action off the list, for a reason; dropped already is harmless.

    Raises `Refusal`: `reason_missing`, `already_done`.
    """
    if not reason.strip():
        raise Refusal.of_field("reason", "reason_missing", _("Say why it is dropped: others will want to know."))
    return close(action, ActionState.DROPPED, by=by, reason=reason)


@transaction.atomic
def restore_action(action: Action, *, by: Membership) -> Action:
    """Bring back what was dropped; harmless where nothing was."""
    held = hold(action)
    return reopen(held) if held.state == ActionState.DROPPED else held


@transaction.atomic
def set_state(
    action: Action, *, to: str, by: Membership, reason: str = "", expected_version: int | None = None
) -> Action:
    """Bring an action into a state by the act that leads there; in it already is harmless.

    Raises `Refusal`: `stale`, and what finishing, dropping and bringing back raise.
    """
    held = hold(action)
    if held.state == to:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if to == ActionState.DONE:
        return finish_action(held, by=by)
    return drop_action(held, by=by, reason=reason) if to == ActionState.DROPPED else reopen(held)


def may_give(
    by: Membership,
    *,
    team_id: int,
    key_result: KeyResult | None,
    minute_line: MinuteLine | None,
    retrospective: int | None = None,
) -> bool:
    """Whether the person may write an action for others: leads of the team or the goal, and who is in the meeting, or
    takes part in the retrospective."""
    if by.is_partner:
        return False
    if retrospective is not None and Retrospective.objects.editable_by(by).filter(pk=retrospective).exists():
        return True
    if teams_decided_by(by).filter(pk=team_id).exists():
        return True
    if key_result is not None and Objective.objects.editable_by(by).filter(pk=key_result.objective_id).exists():
        return True
    return minute_line is not None and Meeting.objects.editable_by(by).filter(pk=minute_line.meeting_id).exists()


def team_for(by: Membership, key_result: KeyResult | None) -> Team:
    """The team of the goal an action serves, else the person's own, else the company."""
    if key_result is not None:
        return key_result.objective.team
    own = by.teams.filter(closed_on=None).order_by("-parent", "position", "pk").first()
    return own or Team.objects.get(organization=by.organization_id, parent=None)


def refuse_place(action: Action, by: Membership, *, given: bool = True) -> None:
    """Raise `Refusal` `not_shared` or `not_yours_to_give` where the person may not write this action.

    With `given` it is given to its owner by this act.
    """
    if by.is_partner:
        checkable = KeyResult.objects.checkable_by(by)
        if action.key_result_id is None or not checkable.filter(pk=action.key_result_id).exists():
            sentence = _("Choose a key result that is shared with you for writing.")
            raise Refusal.of_field("key_result", "not_shared", sentence)
    if not given or action.owner_id == by.pk:
        return
    if not may_give(
        by,
        team_id=action.team_id,
        key_result=action.key_result,
        minute_line=action.minute_line,
        retrospective=action.retrospective_id,
    ):
        sentence = _(
            "Only those who lead the team give actions to others. Write it for yourself, or ask in the meeting."
        )
        raise Refusal.of_field("owner", "not_yours_to_give", sentence)


def refuse_inside(names: set[str], by: Membership) -> None:
    """Raise `Refusal` `not_for_partners` where a partner writes what only those inside are told."""
    if by.is_partner and names:
        sentence = _("What an action moves, costs and brings stays inside the organization.")
        raise Refusal.of_field(min(names).removesuffix("_id"), "not_for_partners", sentence)


def hold_new_owner(action: Action, by: Membership, *, before: int | None) -> None:
    """Keep whoever is given the action from leaving until the transaction ends; a partner takes only their own."""
    if action.owner_id != by.pk:
        hold_owner(action.owner_id, before=before)


def one_line(title: str, *, cut: bool = False) -> str:
    """A title as it is kept; with `cut` one that is too long ends in an ellipsis. Raises `Refusal` `title_missing`."""
    line = " ".join(title.split())
    if not line:
        raise Refusal.of_field("title", "title_missing", _("Say in a few words what is to be done."))
    return f"{line[: LONGEST_TITLE - 1]}…" if cut and len(line) > LONGEST_TITLE else line


def write_on_lines(action: Action) -> None:
    """Bring what is said in words onto one line each."""
    for name in LINES:
        setattr(action, name, " ".join(getattr(action, name).split()))


def refuse_plan(action: Action) -> None:
    """Raise `Refusal` where what is planned does not hold together, beside the field it concerns."""
    if action.approach == Approach.UNTRIED and not action.why_nobody:
        sentence = _("Before trying what nobody does, say why nobody does it.")
        raise Refusal.of_field("why_nobody", "why_nobody_missing", sentence)
    if action.starts_on is not None and action.due_on is not None and action.due_on < action.starts_on:
        raise Refusal.of_field("due_on", "days_out_of_order", _("It is to be done by a day before it begins."))
    if action.cost is not None and action.cost < 0:
        raise Refusal.of_field("cost", "cost_negative", _("A cost is 0 or more."))


def hold_open(action: Action, done: str) -> Action:
    """The action locked, as long as it is open; `done` is what is said of one that is done."""
    held = hold(action)
    if held.state == ActionState.DROPPED:
        refuse_dropped()
    if held.state == ActionState.DONE:
        raise Refusal("already_done", done)
    return held


def hold(action: Action) -> Action:
    """The action as it is, locked until the transaction ends."""
    return Action.objects.select_for_update(no_key=True, of=("self",)).get(pk=action.pk)


@transaction.atomic
def close(action: Action, state: str, *, by: Membership, reason: str = "") -> Action:
    held = hold(action)
    if held.state == state:
        return held
    if held.state == ActionState.DROPPED:
        refuse_dropped()
    if held.state == ActionState.DONE:
        raise Refusal("already_done", _("It is done already. Take that back before dropping it."))
    held.state, held.closed_on, held.closed_by = state, by.organization.today, by
    held.dropped_reason = reason.strip()[:300]
    return written(held)


def reopen(held: Action) -> Action:
    if held.is_open:
        return held
    held.state, held.closed_on, held.closed_by, held.dropped_reason = ActionState.OPEN, None, None, ""
    return written(held)


def written(held: Action) -> Action:
    held.version += 1
    held.save()
    return held


def refuse_dropped() -> NoReturn:
    raise Refusal("dropped", _("This action was dropped in the meantime. Bring it back before changing it."))


def first_of(action: Action) -> Action:
    """The action that the same form, or the same line of the minutes, made before."""
    known: dict[str, Any] = {"organization": action.organization_id}
    first = Action.objects.filter(**known, submission_key=action.submission_key).first()
    if first is None and action.minute_line_id is not None:
        first = Action.objects.filter(**known, minute_line=action.minute_line_id).first()
    if first is None:
        refuse_used_key()
    return first  # type: ignore[return-value]


def tell_owner(action: Action, by: Membership) -> None:
    tell(
        [action.owner_id],
        NoticeKind.ACTION,
        occasion=f"action:{action.pk}:{action.version}",
        key_result=action.key_result,
        by=by,
        text=action.title,
        place=f"actions/{action.pk}/",
    )
