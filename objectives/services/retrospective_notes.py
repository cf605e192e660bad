"""The notes of a retrospective: written unseen, gathered, voted for, made into lessons and actions."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from objectives.models import (
    Action,
    KeyResult,
    Lesson,
    Retrospective,
    RetrospectiveNote,
    RetrospectivePresence,
    RetrospectiveVote,
    Stage,
)
from objectives.services.actions import add_action
from objectives.services.attendance import note_looking_back
from objectives.services.lessons import add_lesson
from objectives.services.planning import refuse_used_key
from objectives.services.retrospectives import hold, hold_running, written
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

WRITABLE = (Stage.WRITING, Stage.GROUPING)
MOST_NOTES = 300
"""Of one retrospective: a room full of people never writes more, a program gone wrong does."""


# Writing


@transaction.atomic
def add_note(
    retrospective: Retrospective,
    text: str,
    *,
    by: Membership,
    question: str,
    key_result: KeyResult | None = None,
    cause: str = "",
    submission_key: uuid.UUID | None = None,
) -> tuple[RetrospectiveNote, bool]:
    """Write one note; whether it is new. A `submission_key` used here before is answered by its first note.

    Raises `Refusal`: `note_missing`, `not_now` once people vote, `another_key_result`, `too_many`,
    `submission_key_used`, `retrospective_ended`, and `ValidationError` for what is no answer.
    """
    held = hold(retrospective)
    if submission_key is not None:
        first = RetrospectiveNote.objects.filter(submission_key=submission_key).first()
        if first is not None and (first.retrospective_id != held.pk or first.author_id != by.pk):
            refuse_used_key()
        if first is not None:
            return first, False
    refuse_late(held)
    if RetrospectiveNote.objects.filter(retrospective=held).count() >= MOST_NOTES:
        raise Refusal("too_many", _("%(most)s notes lie here already.") % {"most": MOST_NOTES})
    note = RetrospectiveNote(
        retrospective=held,
        author=by,
        question=question,
        text=one_line(text),
        cause=cause,
        key_result=looked_back_at(held, key_result),
        submission_key=submission_key or uuid.uuid4(),
    )
    note.full_clean(validate_unique=False)
    note.save(force_insert=True)
    written(held)
    return note, True


@transaction.atomic
def change_note(
    note: RetrospectiveNote,
    *,
    by: Membership,
    text: str,
    question: str,
    key_result: KeyResult | None,
    cause: str,
    expected_version: int | None = None,
) -> RetrospectiveNote:
    """Say one's own note better. Raises `Refusal`: `stale`, `not_yours`, `not_now`, `note_missing`,
    `another_key_result`, `retrospective_ended`."""
    held, note = hold_note(note)
    refuse_change(note, by)
    if expected_version is not None and note.version != expected_version:
        raise stale()
    note.text, note.question, note.cause = one_line(text), question, cause
    note.key_result = looked_back_at(held, key_result)
    note.full_clean(validate_unique=False)
    return save(held, note)


@transaction.atomic
def withdraw_note(note: RetrospectiveNote, *, by: Membership) -> RetrospectiveNote:
    """Take one's own note back; what lay under it lies by itself again. It can be put back.

    Raises `Refusal`: `not_yours`, `not_now`, `retrospective_ended`.
    """
    held, note = hold_note(note)
    refuse_change(note, by)
    if note.withdrawn_at is not None:
        return note
    RetrospectiveNote.objects.filter(under=note).update(under=None)
    RetrospectiveVote.objects.filter(note=note).delete()
    note.withdrawn_at, note.under = clock.now(), None
    return save(held, note)


@transaction.atomic
def restore_note(note: RetrospectiveNote, *, by: Membership) -> RetrospectiveNote:
    """Put one's own note back. Raises `Refusal`: `not_yours`, `not_now`, `retrospective_ended`."""
    held, note = hold_note(note)
    refuse_change(note, by)
    if note.withdrawn_at is None:
        return note
    note.withdrawn_at = None
    return save(held, note)


@transaction.atomic
def say_ready(retrospective: Retrospective, *, by: Membership, is_ready: bool = True) -> None:
    """Say that one has written all one wants to, or take that back. Raises `Refusal` `retrospective_ended`."""
    held = hold_running(retrospective)
    note_looking_back(held.pk, by.pk, None)
    rows = RetrospectivePresence.objects.filter(retrospective=held, membership=by, is_ready=not is_ready)
    if rows.update(is_ready=is_ready):
        written(held)


# Gathering and sorting


@transaction.atomic
def group_note(note: RetrospectiveNote, under: RetrospectiveNote | None) -> RetrospectiveNote:
    """Lay a note, with all that lies under it, under another one; without `under` let it lie by itself again.

    Laid on a note that lies under a third it comes under that. Votes come along, one of each person. Raises `Refusal`:
    `hidden`, `another_retrospective`, `retrospective_ended`.
    """
    held, note = hold_standing(note)
    target = None
    if under is not None:
        rows = RetrospectiveNote.objects.filter(retrospective=held, withdrawn_at=None)
        target = rows.select_related("under").filter(pk=under.pk).first()
        if target is None:
            sentence = _("Choose a note of this retrospective.")
            raise Refusal.of_field("under", "another_retrospective", sentence)
        target = target.under or target
    if target is not None and target.pk == note.pk:
        return note
    if note.under_id == (target.pk if target else None):
        return note
    if target is not None:
        RetrospectiveNote.objects.filter(under=note).update(under=target)
        bring_votes(note, target)
        if held.current == note.pk:
            held.current = target.pk
    note.under = target
    return save(held, note)


@transaction.atomic
def sort_note(note: RetrospectiveNote, cause: str) -> RetrospectiveNote:
    """Say which cause stands behind a note. Raises `Refusal`: `hidden`, `retrospective_ended`, and `ValidationError`
    for what is no cause."""
    held, note = hold_standing(note)
    if note.cause == cause:
        return note
    note.cause = cause
    note.full_clean(validate_unique=False)
    return save(held, note)


def bring_votes(note: RetrospectiveNote, target: RetrospectiveNote) -> None:
    given = set(RetrospectiveVote.objects.filter(note=target).values_list("membership_id", flat=True))
    rows = RetrospectiveVote.objects.filter(note=note)
    rows.filter(membership__in=given).delete()
    rows.update(note=target)


# Voting


@transaction.atomic
def vote(note: RetrospectiveNote, *, by: Membership, is_given: bool = True) -> RetrospectiveNote:
    """Give one of one's votes to a note, or take it back; given already is harmless.

    Raises `Refusal`: `not_voting`, `no_votes_left`, `retrospective_ended`.
    """
    held, note = hold_note(note)
    if held.stage != Stage.VOTING:
        raise Refusal("not_voting", _("Votes are given while the retrospective is at voting."))
    note = note.under or note
    own = RetrospectiveVote.objects.filter(note__retrospective=held, note__withdrawn_at=None, membership=by)
    if own.filter(note=note).exists() == is_given:
        return note
    if not is_given:
        own.filter(note=note).delete()
    elif own.count() >= held.votes_each:
        raise Refusal("no_votes_left", _("All your votes are given. Take one back first."))
    else:
        RetrospectiveVote.objects.create(note=note, membership=by)
    written(held)
    return note


# Deciding


@transaction.atomic
def learn_from(note: RetrospectiveNote, *, by: Membership, text: str, advice: str = "") -> tuple[Lesson, bool]:
    """Make a lesson of a note; whether it is new: of one note there is one. Raises `Refusal`: `hidden`,
    `retrospective_ended`, and what `add_lesson` refuses."""
    held, note = hold_standing(note)
    lesson, is_new = add_lesson(
        Lesson(
            team=held.team,
            cycle=held.cycle,
            question=note.question,
            text=text,
            advice=advice,
            cause=note.cause,
            objective=held.objective or (note.key_result.objective if note.key_result else None),
            key_result=note.key_result,
            retrospective=held,
            note=note,
        ),
        by=by,
    )
    if is_new:
        written(held)
    return lesson, is_new


@transaction.atomic
def act_on_note(
    note: RetrospectiveNote,
    *,
    by: Membership,
    title: str,
    owner: Membership,
    due_on: date | None,
    submission_key: uuid.UUID | None = None,
) -> Action:
    """Make an action of a note. Raises `Refusal`: `hidden`, `retrospective_ended`, and what `add_action` refuses."""
    held, note = hold_standing(note)
    action = add_action(
        team=held.team,
        title=title,
        owner=owner,
        due_on=due_on,
        by=by,
        key_result=note.key_result,
        retrospective=held,
        submission_key=submission_key,
    )
    written(held)
    return action


# What all of them keep to


def hold_note(note: RetrospectiveNote) -> tuple[Retrospective, RetrospectiveNote]:
    held = hold_running(note.retrospective)
    rows = RetrospectiveNote.objects.select_related("under", "key_result__objective")
    found = rows.get(pk=note.pk)
    found.retrospective = held
    return held, found


def hold_standing(note: RetrospectiveNote) -> tuple[Retrospective, RetrospectiveNote]:
    """The same of a note that everybody reads. Raises `Refusal`: `hidden`, `taken_out` where its writer took it out."""
    held, note = hold_note(note)
    refuse_hidden(held)
    if note.withdrawn_at is not None:
        raise Refusal("taken_out", _("This note was taken out in the meantime."))
    return held, note


def save(held: Retrospective, note: RetrospectiveNote) -> RetrospectiveNote:
    note.version += 1
    note.save()
    written(held)
    return note


def looked_back_at(held: Retrospective, key_result: KeyResult | None) -> KeyResult | None:
    """The key result, if it belongs to what people look back at. Raises `Refusal` `another_key_result`."""
    if key_result is None:
        return None
    goal = key_result.objective
    is_it = goal.pk == held.objective_id if held.objective_id else goal.cycle_id == held.cycle_id
    if not is_it or goal.organization_id != held.organization_id:
        sentence = _("Choose a key result of what you look back at.")
        raise Refusal.of_field("key_result", "another_key_result", sentence)
    return key_result


def one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise Refusal.of_field("text", "note_missing", _("Write a few words."))
    return line


def refuse_late(held: Retrospective) -> None:
    if not held.is_running:
        raise Refusal("retrospective_ended", _("This retrospective has ended. Its result stays as it is."))
    if held.stage not in WRITABLE:
        sentence = _("Notes are written before the voting. The facilitator can go back to reading for a late one.")
        raise Refusal("not_now", sentence)


def refuse_hidden(held: Retrospective) -> None:
    if held.is_writing:
        raise Refusal("hidden", _("Everybody is still writing. Notes are read once they are revealed."))


def refuse_change(note: RetrospectiveNote, by: Membership) -> None:
    """Words are their writer's, and stand once people vote."""
    if note.author_id != by.pk:
        raise Refusal("not_yours", _("Only who wrote a note changes it."))
    refuse_late(note.retrospective)
