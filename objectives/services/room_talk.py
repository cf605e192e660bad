"""Saying something in a partner's room: remarks, questions, and answers to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from funnel.models import RoomMessage
from objectives.models import Notice, NoticeKind
from objectives.models.notices import NoticeQuerySet
from objectives.queries.room_talk import looking_after, may_settle
from objectives.services.comments import words_of
from objectives.services.notices import tell
from objectives.services.planning import refuse_used_key
from people import clock
from people.models import Membership, Role
from people.refusals import Refusal, stale

LONGEST = 2000


def hold_room(partner: Membership, by: Membership) -> Membership:
    """Keep the partner from leaving meanwhile.

    Raises `Refusal` `left` where they have, and `PermissionDenied` for another partner and for strangers.
    """
    held = Membership.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if held.organization_id != by.organization_id or (by.is_partner and by.pk != held.pk):
        raise PermissionDenied
    if held.role != Role.PARTNER or held.left_on is not None:
        raise Refusal("left", _("This partner no longer works with you, so nothing is written here any more."))
    return held


@transaction.atomic
def say_in_room(
    partner: Membership,
    *,
    by: Membership,
    text: str,
    is_question: bool = False,
    question: RoomMessage | None = None,
    submission_key: uuid.UUID | None = None,
) -> RoomMessage:
    """Write a remark or a question in a partner's room, or an answer to a `question`; those concerned are told.

    A `submission_key` used before is answered by the first message. Raises `Refusal`: `text_missing`, `too_long`,
    `left`, `question_gone`, `submission_key_used`.
    """
    words = written(text)
    held = hold_room(partner, by)
    if question is not None:
        question = hold(question)
        if question.room_of_id != held.pk or not question.is_question or question.withdrawn_at is not None:
            raise Refusal("question_gone", _("This question was taken back. Write your answer as a message instead."))
    message = RoomMessage(
        organization_id=by.organization_id,
        room_of=held,
        question=question,
        is_question=is_question and question is None,
        author=by,
        text=words,
        submission_key=submission_key or uuid.uuid4(),
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return first_of(message)
    tell_of(message, question)
    return message


def first_of(message: RoomMessage) -> RoomMessage:
    """The message already written with the same key, if it is the same person's in the same place."""
    first = RoomMessage.objects.filter(submission_key=message.submission_key).first()
    same = ("author_id", "room_of_id", "question_id")
    if first is None or any(getattr(first, name) != getattr(message, name) for name in same):
        refuse_used_key()
    return first


@transaction.atomic
def change_message(
    message: RoomMessage, *, by: Membership, text: str, expected_version: int | None = None
) -> RoomMessage:
    """Say it better; it is marked as edited. The same words again change nothing.

    Raises `Refusal`: `text_missing`, `too_long`, `left`, `stale`.
    """
    words = written(text)
    hold_room(message.room_of, by)
    held = hold(message)
    if held.text == words:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    held.text, held.edited_at, held.version = words, clock.now(), held.version + 1
    held.save(update_fields=["text", "edited_at", "version"])
    if held.withdrawn_at is None:
        told_of(held).update(text=words[:1000])
    return held


@transaction.atomic
def withdraw_message(message: RoomMessage, *, by: Membership) -> RoomMessage:
    """Take a message back; again is harmless. Nobody is told its words any more. Raises `Refusal` `left`."""
    hold_room(message.room_of, by)
    held = hold(message)
    if held.withdrawn_at is None:
        held.withdrawn_at, held.version = clock.now(), held.version + 1
        held.save(update_fields=["withdrawn_at", "version"])
        told_of(held).update(text="", read_at=clock.now())
    return held


@transaction.atomic
def restore_message(message: RoomMessage, *, by: Membership) -> RoomMessage:
    """Bring back what was taken back; again is harmless. Raises `Refusal` `left`."""
    hold_room(message.room_of, by)
    held = hold(message)
    if held.withdrawn_at is not None:
        held.withdrawn_at, held.version = None, held.version + 1
        held.save(update_fields=["withdrawn_at", "version"])
        told_of(held).update(text=held.text[:1000])
    return held


@transaction.atomic
def settle_question(question: RoomMessage, *, by: Membership, settled: bool) -> RoomMessage:
    """Say that a question is settled, or open again; the same again is harmless.

    `PermissionDenied` for a partner who did not ask it. Raises `Refusal`: `left`, `question_gone`.
    """
    hold_room(question.room_of, by)
    held = hold(question)
    if not held.is_question or not may_settle(held, by):
        raise PermissionDenied
    if (held.settled_at is not None) == settled:
        return held
    if held.withdrawn_at is not None:
        raise Refusal("question_gone", _("This question was taken back."))
    held.settled_at, held.settled_by = (clock.now(), by) if settled else (None, None)
    held.version += 1
    held.save(update_fields=["settled_at", "settled_by", "version"])
    return held


def hold(message: RoomMessage) -> RoomMessage:
    return RoomMessage.objects.select_for_update(no_key=True, of=("self",)).get(pk=message.pk)


def written(text: str) -> str:
    words = words_of(text)
    if len(words) > LONGEST:
        raise Refusal.of_field(
            "text", "too_long", _("That is too long: at most %(number)s characters.") % {"number": LONGEST}
        )
    return words


# Telling


def told_of(message: RoomMessage) -> NoticeQuerySet:
    return Notice.objects.filter(occasion=f"room:{message.pk}")


def tell_of(message: RoomMessage, question: RoomMessage | None) -> None:
    """An answer tells whoever asked; else the partner is told by those inside, and they by the partner."""
    author, partner = message.author, message.room_of
    asker = Membership.objects.active().filter(pk=question.author_id).first() if question is not None else None
    if author.pk == partner.pk:
        if asker is not None and asker.pk != partner.pk:
            notify([asker], NoticeKind.ANSWERED, message)
        else:
            notify(looking_after(partner), NoticeKind.ROOM, message)
        return
    if asker is not None and asker.pk != partner.pk:
        notify([asker], NoticeKind.ANSWERED, message)
    is_answer = asker is not None and asker.pk == partner.pk
    tell(
        [partner],
        NoticeKind.ANSWERED if is_answer else NoticeKind.ROOM,
        occasion=f"room:{message.pk}",
        by=author,
        text=message.text,
        place=f"room/#message-{message.pk}",
        in_own_room=True,
    )


def notify(inside: Iterable[Membership], kind: str, message: RoomMessage) -> None:
    tell(
        inside,
        kind,
        occasion=f"room:{message.pk}",
        by=message.author,
        text=message.text,
        place=f"partners/{message.room_of_id}/room/#message-{message.pk}",
    )
