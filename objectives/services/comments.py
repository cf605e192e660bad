"""Saying something about goals, check-ins and obstacles, and taking note of what others said."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from objectives.formulas.talk import mentions
from objectives.models import (
    CheckIn,
    Comment,
    CommentKind,
    KeyResult,
    Notice,
    NoticeKind,
    Objective,
    Obstacle,
    Reaction,
)
from objectives.queries.comments import (
    About,
    about_of,
    fields_of,
    names_of,
    objective_of,
    people_to_name,
    said_about,
    sees,
)
from objectives.services.notices import tell
from objectives.services.planning import refuse_used_key
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale


@transaction.atomic
def add_comment(
    about: About,
    *,
    by: Membership,
    text: str,
    kind: str = CommentKind.COMMENT,
    submission_key: uuid.UUID | None = None,
) -> Comment:
    """Say something about an objective, key result, check-in or obstacle; who is named or concerned is told.

    A `submission_key` used before is answered by the first comment. Raises `Refusal`: `text_missing`,
    `name_ambiguous`, `cannot_see`, `submission_key_used`.
    """
    words = words_of(text)
    objective = objective_of(about)
    comment = Comment(
        organization_id=by.organization_id,
        **fields_of(about),
        kind=kind,
        author=by,
        text=words,
        mentioned=named_in(words, by, objective),
        submission_key=submission_key or uuid.uuid4(),
    )
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
    except IntegrityError:
        return first_of(comment)
    tell_of(comment, about)
    return comment


def first_of(comment: Comment) -> Comment:
    """The comment already made with the same key, if it is the same person's about the same thing."""
    first = Comment.objects.filter(submission_key=comment.submission_key).first()
    same = ("author_id", "objective_id", "key_result_id", "check_in_id", "obstacle_id")
    if first is None or any(getattr(first, name) != getattr(comment, name) for name in same):
        refuse_used_key()
    return first


@transaction.atomic
def change_comment(comment: Comment, *, by: Membership, text: str, expected_version: int | None = None) -> Comment:
    """Say it better; it is marked as edited, and who is named only now is told.

    The same words again change nothing. Raises `Refusal` as `add_comment` does, and `stale`.
    """
    words = words_of(text)
    held = hold(comment)
    if held.text == words:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    about = about_of(held)
    before = set(held.mentioned)
    held.text, held.mentioned = words, named_in(words, by, objective_of(about))
    held.edited_at, held.version = clock.now(), held.version + 1
    held.save(update_fields=["text", "mentioned", "edited_at", "version"])
    Notice.objects.filter(occasion__in=occasions_of(held)).update(text=words[:1000])
    tell_named(held, about, set(held.mentioned) - before)
    return held


@transaction.atomic
def withdraw_comment(comment: Comment, *, by: Membership, expected_version: int | None = None) -> Comment:
    """Take a comment back; again is harmless. Nobody is told its words any more."""
    held = hold(comment)
    if held.withdrawn_at is None:
        if expected_version is not None and held.version != expected_version:
            raise stale()
        held.withdrawn_at, held.version = clock.now(), held.version + 1
        held.save(update_fields=["withdrawn_at", "version"])
        Notice.objects.filter(occasion__in=occasions_of(held)).update(text="", read_at=clock.now())
    return held


@transaction.atomic
def restore_comment(comment: Comment, *, by: Membership) -> Comment:
    """Bring back what was taken back; again is harmless."""
    held = hold(comment)
    if held.withdrawn_at is not None:
        held.withdrawn_at, held.version = None, held.version + 1
        held.save(update_fields=["withdrawn_at", "version"])
        Notice.objects.filter(occasion__in=occasions_of(held)).update(text=held.text[:1000])
    return held


def hold(comment: Comment) -> Comment:
    related = "objective", "key_result__objective", "check_in__key_result__objective", "obstacle__key_result__objective"
    return Comment.objects.select_for_update(no_key=True, of=("self",)).select_related(*related).get(pk=comment.pk)


def words_of(text: str) -> str:
    words = text.strip()
    if not words:
        raise Refusal.of_field("text", "text_missing", _("Write a word or two."))
    return words


def named_in(text: str, by: Membership, objective: Objective) -> list[int]:
    """The people a text names with @. A name that could mean two people is never guessed.

    Raises `Refusal` `name_ambiguous`, and `cannot_see` where somebody named may not see the objective.
    """
    if "@" not in text and "＠" not in text:
        return []
    people = people_to_name(by, objective.pk)
    found: dict[int, None] = {}
    for mention in mentions(text, names_of(people.values())):
        if len(mention.people) > 1:
            raise Refusal.of_field(
                "text",
                "name_ambiguous",
                _("More than one person is called %(name)s. Choose from the list, so that the right one is told.")
                % {"name": text[mention.start + 1 : mention.end]},
            )
        found[mention.people[0]] = None
    for pk in found:
        if not sees(people[pk], objective.pk):
            raise Refusal.of_field(
                "text",
                "cannot_see",
                _("%(name)s cannot see this objective, so a mention would not arrive. Leave the @ out, or share it.")
                % {"name": people[pk].user.name},
            )
    return list(found)


# Telling


def occasions_of(comment: Comment) -> list[str]:
    return [f"comment:{comment.pk}", f"comment:{comment.pk}:named"]


def tell_of(comment: Comment, about: About) -> None:
    """Tell who is named, and who is concerned: whose it is, and who spoke before."""
    tell_named(comment, about, set(comment.mentioned))
    concerned = concerned_by(about) - set(comment.mentioned)
    kind = NoticeKind.OFFERED if comment.kind == CommentKind.OFFER else NoticeKind.ANSWERED
    if kind == NoticeKind.OFFERED and isinstance(about, Obstacle):
        owners = {about.owner_id, about.raised_by_id}
        notify(owners - set(comment.mentioned), kind, comment, about, occasions_of(comment)[0])
        concerned -= owners
    notify(concerned, NoticeKind.ANSWERED, comment, about, occasions_of(comment)[0])


def concerned_by(about: About) -> set[int]:
    """Whose it is, and who has spoken about it."""
    people = set(said_about(about).standing().order_by().values_list("author", flat=True))
    match about:
        case Objective():
            people.add(about.owner_id)
        case KeyResult():
            people.add(about.owner_id or about.objective.owner_id)
        case CheckIn():
            people.add(about.author_id)
        case Obstacle():
            people |= {about.owner_id, about.raised_by_id}
    return people


def tell_named(comment: Comment, about: About, people: set[int]) -> None:
    notify(people, NoticeKind.MENTIONED, comment, about, occasions_of(comment)[1])


def notify(people: set[int], kind: str, comment: Comment, about: About, occasion: str) -> None:
    if not people:
        return
    key_result = about if isinstance(about, KeyResult) else getattr(about, "key_result", None)
    tell(
        people,
        kind,
        occasion=occasion,
        objective=objective_of(about),
        key_result=key_result,
        by=comment.author,
        text=comment.text,
        place=f"{place_of(about)}#comment-{comment.pk}",
    )


def place_of(about: About) -> str:
    """Where below the organization's address the comments about this stand."""
    match about:
        case Objective():
            return f"objectives/{about.pk}/comments/"
        case KeyResult():
            return f"key-results/{about.pk}/comments/"
        case CheckIn():
            return f"check-ins/{about.pk}/comments/"
        case Obstacle():
            return f"obstacles/{about.pk}/"


# Reactions


@transaction.atomic
def react(about: CheckIn | Comment, *, by: Membership, kind: str, on: bool) -> None:
    """Say one of the four words to a check-in or a comment, or take it back; the same again changes nothing.

    The author of a check-in is told once of each person, however many words and turns there are.
    """
    place = {"check_in": about} if isinstance(about, CheckIn) else {"comment": about}
    if not on:
        Reaction.objects.filter(**place, membership=by, kind=kind).delete()
        return
    Reaction.objects.bulk_create([Reaction(**place, membership=by, kind=kind)], ignore_conflicts=True)
    if isinstance(about, CheckIn):
        tell(
            [about.author_id],
            NoticeKind.REACTED,
            occasion=f"reacted:{about.pk}:{by.pk}",
            key_result=about.key_result,
            by=by,
            place=place_of(about),
        )
