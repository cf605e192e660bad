"""Retrospectives: begun, led from writing to deciding, ended, opened again.

Whoever changes a running one holds its row, so that two who act at the same moment lose nothing, and counts its
`version` up, by which open pages see that something has changed.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.formulas.retrospectives import LONGEST_SECONDS, seconds_left
from objectives.models import Cycle, NoticeKind, Objective, Retrospective, RetrospectiveNote, Stage
from objectives.queries.looked_back import ended_objectives, frozen
from objectives.queries.meetings import REOPENED_WITHIN
from objectives.queries.retrospectives import standing_retrospective, those_concerned, took_part
from objectives.services.attendance import note_looking_back
from objectives.services.notices import tell
from people import clock
from people.models import Membership, Team
from people.refusals import Refusal
from people.services.teams import keep_team, refuse_closed_team

REVEALED = (Stage.GROUPING, Stage.VOTING, Stage.TALKING)
"""The stages between which one goes to and fro; back to hidden notes nobody goes, as they have been read."""
MINUTE = 60
LONGEST_SUMMARY = Retrospective._meta.get_field("summary").max_length or 0


# Beginning and ending


@transaction.atomic
def start_retrospective(
    cycle: Cycle,
    team: Team,
    *,
    by: Membership,
    objective: Objective | None = None,
    facilitator: Membership | None = None,
    votes_each: int = 3,
    minutes: int | None = None,
    submission_key: uuid.UUID | None = None,
) -> tuple[Retrospective, bool]:
    """Begin to look back at a team's cycle, or at one objective of it, or join what was begun; whether it is new.

    `minutes` is what the timer is set to, without starting it. Raises `Refusal`: `team_closed`, `not_begun`,
    `another_cycle`.
    """
    held = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    first = standing_retrospective(cycle, held, objective)
    if first is not None:
        note_looking_back(first.pk, by.pk, None)
        return first, False
    refuse_closed_team(held.pk)
    if cycle.start > by.organization.today:
        sentence = _("This cycle has not begun yet: there is nothing to look back at.")
        raise Refusal.of_field("cycle", "not_begun", sentence)
    if objective is not None and (objective.cycle_id != cycle.pk or objective.team_id != held.pk):
        sentence = _("This objective belongs to another cycle or another team.")
        raise Refusal.of_field("objective", "another_cycle", sentence)
    if submission_key and Retrospective.objects.filter(submission_key=submission_key).exists():
        submission_key = None  # who went back on the page and chose another team sends the same key
    row = Retrospective(
        organization_id=held.organization_id,
        cycle=cycle,
        team=held,
        objective=objective,
        facilitator=facilitator or by,
        votes_each=votes_each,
        kept=paused_at(minutes * MINUTE if minutes else 0),
        submission_key=submission_key or uuid.uuid4(),
    )
    row.full_clean(exclude=["organization", "kept", "ended_by"], validate_unique=False, validate_constraints=False)
    row.save(force_insert=True)
    note_looking_back(row.pk, by.pk, None)
    tell(
        those_concerned(row),
        NoticeKind.LOOK_BACK,
        occasion=f"look_back:{row.pk}",
        objective=objective,
        cycle=cycle,
        by=by,
        text=held.name,
        place=place_of(row),
    )
    return row, True


@transaction.atomic
def end_retrospective(retrospective: Retrospective, *, by: Membership) -> Retrospective:
    """End it, keep who was there and how the objectives stand, and tell everybody; ended already is harmless.

    Raises `Refusal` `still_hidden` while people write.
    """
    held = hold(retrospective)
    if not held.is_running:
        return held
    if held.is_writing:
        raise Refusal("still_hidden", _("Reveal the notes first: nobody has read them yet."))
    present = list(dict.fromkeys([held.facilitator_id, *took_part(held)]))
    held.kept = {"present": present, "objectives": frozen(ended_objectives(held, held.organization))}
    held.stage, held.ended_at, held.ended_by, held.timer_ends_at = Stage.ENDED, clock.now(), by, None
    written(held)
    tell(
        {*present, *(person.pk for person in those_concerned(held))},
        NoticeKind.LOOKED,
        occasion=f"looked:{held.pk}",
        objective=held.objective,
        cycle=held.cycle,
        by=by,
        text=held.team.name,
        place=place_of(held),
    )
    return held


@transaction.atomic
def reopen_retrospective(retrospective: Retrospective, *, by: Membership) -> Retrospective:
    """Undo the end of a retrospective, within a day; running already is harmless. Raises `Refusal` `ended_long_ago`."""
    held = hold(retrospective)
    if held.ended_at is None:
        return held
    if clock.now() - held.ended_at > REOPENED_WITHIN:
        raise Refusal("ended_long_ago", _("This retrospective ended more than a day ago. Its result stays as it is."))
    held.stage, held.ended_at, held.ended_by, held.kept = Stage.TALKING, None, None, {}
    written(held)
    note_looking_back(held.pk, by.pk, None)
    return held


@transaction.atomic
def discard_retrospective(retrospective: Retrospective) -> None:
    """Take back one that was begun by mistake. Raises `Refusal` `has_notes` once somebody has written."""
    held = hold(retrospective)
    if not held.is_writing or RetrospectiveNote.objects.filter(retrospective=held).exists():
        raise Refusal("has_notes", _("Somebody has written already. End it instead: what was written is kept."))
    held.delete()


# Leading


@transaction.atomic
def move_stage(retrospective: Retrospective, to: str) -> Retrospective:
    """Go on to a stage, or back to one; in it already is harmless.

    From writing the one way is to reveal everything. What was revealed is never hidden again: who wants to add a note
    later adds it for all to see. Raises `Refusal`: `retrospective_ended`, `no_way_there`.
    """
    held = hold_running(retrospective)
    if held.stage == to:
        return held
    if to not in REVEALED or (held.is_writing and to != Stage.GROUPING):
        raise Refusal("no_way_there", _("From here the retrospective cannot go there."))
    held.stage = to
    held.timer_ends_at, held.kept = None, paused_at(0)
    return written(held)


@transaction.atomic
def hand_over(retrospective: Retrospective, facilitator: Membership) -> Retrospective:
    """Let somebody else lead. Raises `Refusal`: `retrospective_ended`, `nobody_here`."""
    held = hold_running(retrospective)
    rows = Membership.objects.filter(organization=held.organization_id).colleagues()
    if not rows.filter(pk=facilitator.pk).exists():
        raise Refusal.of_field("facilitator", "nobody_here", _("Choose somebody of this company."))
    if held.facilitator_id == facilitator.pk:
        return held
    held.facilitator = facilitator
    return written(held)


@transaction.atomic
def talk_about(retrospective: Retrospective, note: RetrospectiveNote) -> Retrospective:
    """Show a note large to everybody. Raises `Refusal` `retrospective_ended`."""
    held = hold_running(retrospective)
    current = note.under_id or note.pk
    if held.current == current:
        return held
    held.current = current
    return written(held)


@transaction.atomic
def write_summary(retrospective: Retrospective, text: str, *, was: str | None = None) -> Retrospective:
    """Write down what people take with them; `was` is the text this one was written over.

    Raises `Refusal`: `retrospective_ended`, `too_long`, `stale` where somebody else has written since.
    """
    held = hold_running(retrospective)
    text = tidy(text)
    if held.summary == text:
        return held
    if len(text) > LONGEST_SUMMARY:
        sentence = _("Use %(most)s characters at most.") % {"most": LONGEST_SUMMARY}
        raise Refusal.of_field("summary", "too_long", sentence)
    if was is not None and held.summary != tidy(was):
        sentence = _("Somebody else has changed these words meanwhile. Yours are still here: put both together.")
        raise Refusal.of_field("summary", "stale", sentence)
    held.summary = text
    return written(held)


def tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


# The timer


@transaction.atomic
def start_timer(retrospective: Retrospective, seconds: int | None = None) -> Retrospective:
    """Let the timer run: for so long, else for what it was paused at. Raises `Refusal`: `retrospective_ended`,
    `no_time` where it is set to nothing, or to more than three hours."""
    held = hold_running(retrospective)
    now = clock.now()
    left = seconds if seconds is not None else left_of(held, now)
    if not 0 < left <= LONGEST_SECONDS:
        raise Refusal.of_field("minutes", "no_time", _("Set the timer to between 1 and 180 minutes."))
    if seconds is None and held.timer_ends_at is not None:
        return held
    held.timer_ends_at, held.kept = now + timedelta(seconds=left), paused_at(0)
    return written(held)


@transaction.atomic
def pause_timer(retrospective: Retrospective) -> Retrospective:
    """Stop the timer where it is; stopped already is harmless. Raises `Refusal` `retrospective_ended`."""
    held = hold_running(retrospective)
    if held.timer_ends_at is None:
        return held
    held.timer_ends_at, held.kept = None, paused_at(left_of(held, clock.now()))
    return written(held)


@transaction.atomic
def add_minute(retrospective: Retrospective) -> Retrospective:
    """One minute more, running or not. Raises `Refusal` `retrospective_ended`."""
    held = hold_running(retrospective)
    now = clock.now()
    left = min(LONGEST_SECONDS, left_of(held, now) + MINUTE)
    if held.timer_ends_at is not None:
        held.timer_ends_at = now + timedelta(seconds=left)
    else:
        held.kept = paused_at(left)
    return written(held)


@transaction.atomic
def clear_timer(retrospective: Retrospective) -> Retrospective:
    """Take the timer away. Raises `Refusal` `retrospective_ended`."""
    held = hold_running(retrospective)
    held.timer_ends_at, held.kept = None, paused_at(0)
    return written(held)


def paused_at(seconds: int) -> dict[str, int]:
    """What a running retrospective's row keeps of a timer that stands still."""
    return {"left": seconds} if seconds else {}


def left_of(retrospective: Retrospective, now: datetime) -> int:
    """The seconds that the timer shows."""
    kept = retrospective.kept if isinstance(retrospective.kept, dict) else {}
    return seconds_left(retrospective.timer_ends_at, kept.get("left", 0), now)


# What all of them keep to


def hold(retrospective: Retrospective) -> Retrospective:
    """The row as it is, locked until the transaction ends; its team before it, which an action needs as it is.

    Raises `Refusal` `taken_back` where somebody took it back a moment ago.
    """
    keep_team(retrospective.team_id)
    rows = Retrospective.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("organization", "team", "cycle", "objective").filter(pk=retrospective.pk).first()
    if held is None:
        raise Refusal("taken_back", _("This retrospective was taken back in the meantime."))
    return held


def hold_running(retrospective: Retrospective) -> Retrospective:
    held = hold(retrospective)
    if not held.is_running:
        raise Refusal("retrospective_ended", _("This retrospective has ended. Its result stays as it is."))
    return held


def written(held: Retrospective) -> Retrospective:
    held.version += 1
    held.save()
    return held


def place_of(retrospective: Retrospective) -> str:
    return f"retrospectives/{retrospective.pk}/"
