"""The lines of a meeting's minutes, and the actions that come of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.formulas.minutes import ACTION, Reading, read_line
from objectives.models import Action, ActionState, HealthKPI, KeyResult, LineKind, Meeting, MinuteLine, Obstacle
from objectives.queries.meetings import people_named
from objectives.services.actions import add_action, drop_action, restore_action, save_action
from objectives.services.meetings import hold, hold_running, refuse_ended, refuse_unknown, written
from objectives.services.planning import refuse_used_key
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

LONGEST_LINE: int = MinuteLine._meta.get_field("text").max_length or 0


@dataclass(frozen=True)
class Wish:
    """What the writer of a line says it is, beyond how it reads: None leaves that to the reading."""

    kind: str | None = None
    owner: Membership | None = None
    due: date | None = None
    has_due: bool = False


AS_READ = Wish()


def reading_of(typed: str, meeting: Meeting, author: Membership) -> Reading:
    """How a line would be read in this meeting."""
    return read_line(typed, people=people_named(meeting.organization_id), said_on=meeting.date, author=author.pk)


@transaction.atomic
def add_line(
    meeting: Meeting,
    typed: str,
    *,
    by: Membership,
    item: str = "",
    wish: Wish = AS_READ,
    submission_key: uuid.UUID | None = None,
) -> tuple[MinuteLine, bool]:
    """Write one line; one that says who does what by when becomes an action. Whether it is new.

    A `submission_key` used in this meeting is answered by its first line. Raises `Refusal`: `line_missing`,
    `meeting_ended`, `submission_key_used`, and what `add_action` refuses.
    """
    held = hold(meeting)
    if submission_key is not None:
        first = MinuteLine.objects.filter(submission_key=submission_key).first()
        if first is not None and first.meeting_id != held.pk:
            refuse_used_key()
        if first is not None:
            return first, False
    refuse_ended(held)
    refuse_empty(typed)
    if item:
        refuse_unknown(item)
    reading = reading_of(typed, held, by)
    kind = wish.kind or reading.kind
    line = MinuteLine.objects.create(
        meeting=held,
        kind=kind,
        text=(reading.text or typed.strip())[:LONGEST_LINE],
        item=item,
        key_result_id=key_result_of(item, held),
        author=by,
        submission_key=submission_key or uuid.uuid4(),
    )
    owner = wish.owner or owner_of(reading)
    if kind == ACTION and owner is not None:
        give(line, reading.task or line.text, owner, wish.due if wish.has_due else reading.due, by=by)
    written(held)
    return line, True


@transaction.atomic
def change_line(
    line: MinuteLine,
    *,
    by: Membership,
    text: str,
    kind: str,
    owner: Membership | None,
    due: date | None,
    expected_version: int | None = None,
) -> MinuteLine:
    """Change a line of a running meeting, and the action that came of it with it.

    A line that is an action no more drops its action; one that becomes one again brings it back. Raises `Refusal`:
    `stale`, `line_missing`, `meeting_ended`, and what `save_action` refuses.
    """
    held, line = hold_line(line)
    if expected_version is not None and line.version != expected_version:
        raise stale()
    refuse_empty(text)
    reading = reading_of(text, held, by)
    line.text = " ".join(text.split())[:LONGEST_LINE]
    line.kind = kind
    if kind == ACTION and owner is not None:
        task = reading.task if reading.kind == ACTION and reading.task else line.text
        give(line, task, owner, due, by=by)
    else:
        take_back(line, by=by)
    line.version += 1
    line.save(update_fields=["text", "kind", "version"])
    written(held)
    return line


@transaction.atomic
def withdraw_line(line: MinuteLine, *, by: Membership) -> MinuteLine:
    """Take a line out of the minutes, its action with it; it can be put back. Raises `Refusal` `meeting_ended`."""
    held, line = hold_line(line)
    if line.withdrawn_at is None:
        take_back(line, by=by)
        line.withdrawn_at = clock.now()
        line.version += 1
        line.save(update_fields=["withdrawn_at", "version"])
        written(held)
    return line


@transaction.atomic
def restore_line(line: MinuteLine, *, by: Membership) -> MinuteLine:
    """Put a line back that was taken out. Raises `Refusal` `meeting_ended`."""
    held, line = hold_line(line)
    if line.withdrawn_at is not None:
        action = Action.objects.filter(minute_line=line, state=ActionState.DROPPED).first()
        if action is not None and line.kind == LineKind.ACTION:
            restore_action(action, by=by)
        line.withdrawn_at = None
        line.version += 1
        line.save(update_fields=["withdrawn_at", "version"])
        written(held)
    return line


def give(line: MinuteLine, task: str, owner: Membership, due: date | None, *, by: Membership) -> None:
    """Make the line's action, or change the one there is."""
    action = Action.objects.filter(minute_line=line).select_related("key_result", "minute_line").first()
    if action is None:
        noun, _colon, number = line.item.partition(":")
        about: dict[str, Any] = {"key_result": line.key_result}
        if noun == "obstacle":
            about["obstacle"] = Obstacle.objects.filter(pk=number, organization=by.organization_id).first()
        elif noun == "kpi":
            about["health_kpi"] = HealthKPI.objects.filter(pk=number, organization=by.organization_id).first()
        add_action(team=line.meeting.team, title=task, owner=owner, due_on=due, by=by, minute_line=line, **about)
        return
    if action.state == ActionState.DROPPED:
        action = restore_action(action, by=by)
    action.title, action.owner, action.due_on = task[:200], owner, due
    save_action(action, by=by)


def take_back(line: MinuteLine, *, by: Membership) -> None:
    action = Action.objects.filter(minute_line=line, state=ActionState.OPEN).first()
    if action is not None:
        drop_action(action, by=by, reason=_("Taken out of the minutes."))


def owner_of(reading: Reading) -> Membership | None:
    return Membership.objects.filter(pk=reading.owner).first() if reading.owner else None


def key_result_of(key: str, meeting: Meeting) -> int | None:
    """The key result an item of the agenda is about, of the team's own."""
    noun, _colon, number = key.partition(":")
    rows: Any = {
        "kr": KeyResult.objects.filter(objective__organization=meeting.organization_id).values_list("pk"),
        "step": KeyResult.objects.filter(objective__organization=meeting.organization_id).values_list("pk"),
        "obstacle": Obstacle.objects.filter(organization=meeting.organization_id).values_list("key_result_id"),
        "action": Action.objects.filter(organization=meeting.organization_id).values_list("key_result_id"),
        "line": MinuteLine.objects.filter(meeting__organization=meeting.organization_id).values_list("key_result_id"),
    }.get(noun)
    found = rows.filter(pk=number).first() if rows is not None else None
    return found[0] if found else None


def hold_line(line: MinuteLine) -> tuple[Meeting, MinuteLine]:
    held = hold_running(line.meeting)
    found = MinuteLine.objects.select_related("key_result").get(pk=line.pk)
    found.meeting = held
    return held, found


def refuse_empty(text: str) -> None:
    if not text.strip():
        raise Refusal.of_field("text", "line_missing", _("Write a few words."))
