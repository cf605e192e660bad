"""What pages say about a retrospective: its finding, what to do at each stage, and what each question really asks."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from objectives.models import Question, Stage


def prompt_of(question: str) -> str:
    """A quiet line under a question: why, never who."""
    return {
        Question.SUCCEEDED: _("What made the difference? Would it work again?"),
        Question.IMPROVE: _("With the same people and the same time: what would you do differently?"),
        Question.MISSED: _("Ask why, not who. Then ask why once more."),
        Question.MEASURE: _("Did the number show what we wanted to know? What would have shown it earlier?"),
    }[Question(question)]


def task_of(stage: str) -> str:
    """What everybody does at a stage."""
    return {
        Stage.WRITING: _("Everybody writes for themselves. Nobody sees a note of anybody else until all are revealed."),
        Stage.GROUPING: _("Read all of it. Lay notes about the same thing on each other, and sort what was missed."),
        Stage.VOTING: _("Give your votes to what you want to talk about. The counts are told when voting ends."),
        Stage.TALKING: _("Take one after the other: why was it so, and what follows from it?"),
        Stage.ENDED: "",
    }[Stage(stage)]


def onwards(stage: str) -> str:
    """What the button says that goes on from a stage."""
    return {
        Stage.WRITING: _("Reveal all notes"),
        Stage.GROUPING: _("On to voting"),
        Stage.VOTING: _("End the voting"),
        Stage.TALKING: _("End the retrospective"),
    }.get(Stage(stage), "")


def finding(notes: int, lessons: int, actions: int) -> list[str]:
    """What came of it, in parts between which a line may break."""
    if not lessons and not actions:
        return [
            ngettext("%(count)s note, nothing decided.", "%(count)s notes, nothing decided.", notes) % {"count": notes}
        ]
    parts = []
    if lessons:
        parts.append(ngettext("%(count)s lesson,", "%(count)s lessons,", lessons) % {"count": lessons})
    parts.append(ngettext("%(count)s action.", "%(count)s actions.", actions) % {"count": actions})
    return parts
