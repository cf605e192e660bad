"""Lessons: written down once, tied to what they are about, changed, retired and brought back."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from objectives.models import Experiment, Lesson
from objectives.services.actions import team_for
from objectives.services.planning import refuse_used_key
from people.models import Membership, Team
from people.refusals import Refusal, stale
from people.services.putting_away import bring_back, put_away

# What a page or a program writes; the rest follows from acts.
WRITTEN = (
    "team_id",
    "cycle_id",
    "question",
    "text",
    "advice",
    "cause",
    "objective_id",
    "key_result_id",
    "measure",
    "kpi_id",
)
LINES = ("text", "advice", "measure")


@transaction.atomic
def add_lesson(lesson: Lesson, *, by: Membership) -> tuple[Lesson, bool]:
    """Write down what was learned; answers the lesson and whether it is new.

    What is not said is taken from what it is about: its key result, else its objective, else its retrospective or note
    name the team, the cycle and the lever. A `submission_key` that made one already is answered by the first; so is a
    second one of the same `note`, which brings the first back if it was retired. Raises `Refusal`: `text_missing`,
    `other_organization`, `partner`, `submission_key_used`.
    """
    refuse_partner(by)
    lesson.organization, lesson.author = by.organization, by
    first = made_before(lesson)
    if first is not None:
        return first, False
    fill(lesson, by)
    tidy(lesson)
    refuse_foreign(lesson, by)
    lesson.full_clean(exclude=["organization", "author", "note"], validate_unique=False)
    try:
        with transaction.atomic():
            lesson.save(force_insert=True)
    except IntegrityError:
        first = made_before(lesson)
        if first is None:
            raise
        return first, False
    return lesson, True


@transaction.atomic
def save_lesson(lesson: Lesson, *, by: Membership, expected_version: int | None = None) -> Lesson:
    """Write a changed lesson; the same again is harmless.

    Raises `Refusal`: `stale`, `retired`, `text_missing`, `other_organization`.
    """
    tidy(lesson)
    held = hold(lesson)
    changed = {name for name in WRITTEN if getattr(held, name) != getattr(lesson, name)}
    if not changed:
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.retired_at is not None:
        raise Refusal("retired", _("This lesson was retired. Bring it back before changing it."))
    for name in WRITTEN:
        setattr(held, name, getattr(lesson, name))
    if "key_result_id" in changed and held.key_result is not None:
        held.objective_id = held.key_result.objective_id
    refuse_foreign(held, by)
    held.version += 1
    held.full_clean(exclude=["organization", "author", "note"], validate_unique=False)
    held.save()
    return held


@transaction.atomic
def retire_lesson(lesson: Lesson, *, by: Membership, expected_version: int | None = None) -> Lesson:
    """Let it come back nowhere any more; it stays in the history. Twice is harmless. Raises `Refusal` `stale`."""
    return put_away(hold(lesson), "retired_at", expected_version=expected_version)


@transaction.atomic
def restore_lesson(lesson: Lesson, *, by: Membership) -> Lesson:
    """Undo retiring it. Twice is harmless."""
    return bring_back(hold(lesson), "retired_at")


def made_before(lesson: Lesson) -> Lesson | None:
    """The lesson that the same form, or the same note, made before. Raises `Refusal` `submission_key_used`."""
    first = Lesson.objects.filter(submission_key=lesson.submission_key).first()
    if first is not None:
        if first.organization_id != lesson.organization_id:
            refuse_used_key()
        return first
    if lesson.note_id is None:
        return None
    first = Lesson.objects.filter(note=lesson.note_id, organization=lesson.organization_id).first()
    return restore_lesson(first, by=lesson.author) if first is not None else None


def fill(lesson: Lesson, by: Membership) -> None:
    """Take what is not said from what it is about; without anything, it is the author's own team's."""
    note = lesson.note
    if note is not None:
        lesson.retrospective = note.retrospective
        lesson.text = lesson.text or note.text
        lesson.cause = lesson.cause or note.cause
        lesson.key_result = lesson.key_result or note.key_result
    looked_back = lesson.retrospective
    if lesson.key_result is not None:
        lesson.objective = lesson.key_result.objective
        if lesson.kpi_id is None:
            lesson.kpi_id = lesson.key_result.kpi_id
    elif lesson.objective_id is None and looked_back is not None:
        lesson.objective_id = looked_back.objective_id
    sources = [source for source in (lesson.objective, looked_back) if source is not None]
    for source in sources:
        if lacks(lesson, "team_id"):
            lesson.team_id = source.team_id
        if lesson.cycle_id is None:
            lesson.cycle_id = source.cycle_id
    if lacks(lesson, "team_id"):
        lesson.team = team_for(by, None)


def lacks(row: Lesson | Experiment, name: str) -> bool:
    """Whether a row that is only being written does not say yet what every saved one does."""
    return getattr(row, name) is None


def tidy(row: Lesson) -> None:
    """Every text on one line. Raises `Refusal` `text_missing`."""
    for name in LINES:
        setattr(row, name, " ".join(getattr(row, name).split()))
    if not row.text:
        raise Refusal.of_field("text", "text_missing", _("Say in a sentence what you learned."))


def refuse_foreign(row: Lesson | Experiment, by: Membership) -> None:
    """Raise `Refusal` `other_organization` where something it is tied to is another organization's."""
    here = by.organization_id
    if not Team.objects.filter(pk=row.team_id, organization=here).exists():
        raise Refusal.of_field("team", "other_organization", _("Choose a team of this organization."))
    homes = {
        "key_result": row.key_result.objective.organization_id if row.key_result else here,
        "kpi": row.kpi.kgi.organization_id if row.kpi else here,
    }
    if isinstance(row, Lesson):
        homes |= {
            "cycle": row.cycle.organization_id if row.cycle else here,
            "objective": row.objective.organization_id if row.objective else here,
            "retrospective": row.retrospective.organization_id if row.retrospective else here,
        }
    else:
        homes["action"] = row.action.organization_id if row.action else here
    for name, home in homes.items():
        if home != here:
            raise Refusal.of_field(name, "other_organization", _("This belongs to another organization."))


def refuse_partner(by: Membership) -> None:
    if by.is_partner:
        raise Refusal("partner", _("Lessons and experiments stay inside the organization."))


def hold(lesson: Lesson) -> Lesson:
    """The lesson as it is, locked until the transaction ends."""
    return Lesson.objects.select_for_update(no_key=True, of=("self",)).get(pk=lesson.pk)
