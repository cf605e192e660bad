"""Experiments: begun, changed, decided with what came out, withdrawn and brought back."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from objectives.models import Action, Decision, Experiment, Lesson
from objectives.services.actions import add_action, may_give, team_for
from objectives.services.lessons import lacks, refuse_foreign, refuse_partner
from objectives.services.planning import refuse_used_key
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.putting_away import bring_back, put_away
from people.services.teams import refuse_closed_team

# What a page or a program writes; the rest follows from acts.
WRITTEN = (
    "team_id",
    "owner_id",
    "title",
    "hypothesis",
    "sign",
    "key_result_id",
    "kpi_id",
    "action_id",
    "starts_on",
    "ends_on",
)
LONGEST_EFFECT: int = Action._meta.get_field("expected_effect").max_length or 0
LINES = ("title", "hypothesis", "sign", "result")


@transaction.atomic
def add_experiment(experiment: Experiment, *, by: Membership) -> tuple[Experiment, bool]:
    """Begin a small trial; answers it and whether it is new.

    What is not said is taken from the action it belongs to, team and lever from its key result.

    A `submission_key` that made one already is answered by the first. Raises `Refusal`: `title_missing`, `owner`,
    `not_yours_to_give`, `other_organization`, `team_closed`, `not_decided`, `partner`, `submission_key_used`;
    `ValidationError` for days in the wrong order.
    """
    refuse_partner(by)
    experiment.organization, experiment.created_by = by.organization, by
    first = made_before(experiment)
    if first is not None:
        return first, False
    if lacks(experiment, "owner_id"):
        experiment.owner = by
    tie_to_action(experiment)
    if experiment.key_result is not None and experiment.kpi_id is None:
        experiment.kpi_id = experiment.key_result.kpi_id
    if lacks(experiment, "team_id"):
        experiment.team = team_for(by, experiment.key_result)
    tidy(experiment)
    refuse_foreign(experiment, by)
    refuse_closed_team(experiment.team_id)
    refuse_given(experiment, by, before=None)
    refuse_follows(experiment)
    experiment.full_clean(exclude=["organization", "created_by", "follows"], validate_unique=False)
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
    except IntegrityError:
        first = made_before(experiment)
        if first is None:
            raise
        return first, False
    return experiment, True


@transaction.atomic
def save_experiment(experiment: Experiment, *, by: Membership, expected_version: int | None = None) -> Experiment:
    """Write a changed experiment; the same again is harmless.

    Raises `Refusal`: `stale`, `withdrawn`, `title_missing`, `owner`, `not_yours_to_give`, `other_organization`,
    `team_closed`; `ValidationError` for days in the wrong order.
    """
    tidy(experiment)
    team, before = Experiment.objects.values_list("team", "owner").get(pk=experiment.pk)
    refuse_foreign(experiment, by)
    if team != experiment.team_id:
        refuse_closed_team(experiment.team_id)
    refuse_given(experiment, by, before=before)
    held = hold(experiment)
    if all(getattr(held, name) == getattr(experiment, name) for name in WRITTEN):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_withdrawn(held)
    for name in WRITTEN:
        setattr(held, name, getattr(experiment, name))
    return written(held)


@transaction.atomic
def decide_experiment(
    experiment: Experiment, *, decision: str, result: str, by: Membership, expected_version: int | None = None
) -> Experiment:
    """Say what came out and what follows from it; the same again is harmless, and "" lets it go on.

    Raises `Refusal`: `stale`, `withdrawn`, `result_missing`.
    """
    held = hold(experiment)
    result = " ".join(result.split())
    if (held.decision, held.result) == (decision, result):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_withdrawn(held)
    if decision and not result:
        raise Refusal.of_field("result", "result_missing", _("Say what came out before deciding what follows."))
    if held.decision != decision:
        is_open = decision == Decision.OPEN
        held.decided_on, held.decided_by = (None, None) if is_open else (by.organization.today, by)
    held.decision, held.result = decision, result
    return written(held)


@transaction.atomic
def withdraw_experiment(experiment: Experiment, *, by: Membership, expected_version: int | None = None) -> Experiment:
    """Take back what was never tried, or written by mistake. Twice is harmless. Raises `Refusal` `stale`."""
    return put_away(hold(experiment), "withdrawn_at", expected_version=expected_version)


@transaction.atomic
def restore_experiment(experiment: Experiment, *, by: Membership) -> Experiment:
    """Undo withdrawing it. Twice is harmless."""
    return bring_back(hold(experiment), "withdrawn_at")


@transaction.atomic
def scale_experiment(experiment: Experiment, *, by: Membership) -> tuple[Action, bool]:
    """Make what was tried an action at full size; answers it and whether it is new.

    An experiment that belongs to an action is answered by that one, and so is a second time. The owner is the
    experiment's where the person may give it to them, else the person. Raises `Refusal`: `withdrawn`, `not_scaled`,
    `team_closed`, `owner`.
    """
    held = hold(experiment)
    if held.action is not None:
        return held.action, False
    refuse_withdrawn(held)
    if held.decision != Decision.SCALE:
        raise Refusal("not_scaled", _("Decide first to do it on a large scale."))
    gives = held.owner_id == by.pk or may_give(by, team_id=held.team_id, key_result=held.key_result, minute_line=None)
    action = add_action(
        team=held.team,
        title=held.title,
        owner=held.owner if gives and held.owner.left_on is None else by,
        due_on=None,
        by=by,
        key_result=held.key_result,
        kpi=held.kpi if held.key_result is None or held.key_result.kpi_id != held.kpi_id else None,
        expected_effect=held.hypothesis[:LONGEST_EFFECT],
        submission_key=uuid.uuid5(held.submission_key, "action"),
    )
    held.action = action
    written(held)
    return action, True


def tie_to_action(experiment: Experiment) -> None:
    """Take from the action what is not said: what it serves, and the team."""
    action = experiment.action
    if action is None:
        return
    if experiment.key_result_id is None and experiment.kpi_id is None:
        experiment.key_result, experiment.kpi = action.key_result, action.kpi
    if lacks(experiment, "team_id"):
        experiment.team = action.team


def lesson_key(experiment: Experiment) -> uuid.UUID:
    """The submission key of the one lesson that an experiment makes, whoever writes it down."""
    return uuid.uuid5(experiment.submission_key, "lesson")


def lesson_of(experiment: Experiment) -> Lesson | None:
    """The lesson that was made of it, retired or not."""
    return Lesson.objects.filter(organization=experiment.organization_id, submission_key=lesson_key(experiment)).first()


def made_before(experiment: Experiment) -> Experiment | None:
    first = Experiment.objects.filter(submission_key=experiment.submission_key).first()
    if first is not None and first.organization_id != experiment.organization_id:
        refuse_used_key()
    return first


def tidy(row: Experiment) -> None:
    """Every text on one line. Raises `Refusal` `title_missing`."""
    for name in LINES:
        setattr(row, name, " ".join(getattr(row, name).split()))
    if not row.title:
        raise Refusal.of_field("title", "title_missing", _("Say in a few words what you try."))


def refuse_given(experiment: Experiment, by: Membership, *, before: int | None) -> None:
    """Raise `Refusal` `owner` or `not_yours_to_give` where the person may not give the experiment to its new owner."""
    if experiment.owner_id in {before, by.pk}:
        return
    if experiment.owner.organization_id != by.organization_id or not may_give(
        by, team_id=experiment.team_id, key_result=experiment.key_result, minute_line=None
    ):
        sentence = _("Only those who lead the team give experiments to others. Write it for yourself.")
        raise Refusal.of_field("owner", "not_yours_to_give", sentence)
    hold_owner(experiment.owner_id, before=before)


def refuse_follows(experiment: Experiment) -> None:
    """One follows another of the organization, after that one was decided. `Refusal` `not_decided`."""
    before = experiment.follows
    if before is None:
        return
    if before.organization_id != experiment.organization_id or before.is_running:
        raise Refusal.of_field("follows", "not_decided", _("Decide the experiment before trying again."))


def refuse_withdrawn(held: Experiment) -> None:
    if held.withdrawn_at is not None:
        raise Refusal("withdrawn", _("This experiment was taken back. Bring it back before changing it."))


def hold(experiment: Experiment) -> Experiment:
    """The experiment as it is, locked until the transaction ends."""
    return Experiment.objects.select_for_update(no_key=True, of=("self",)).get(pk=experiment.pk)


def written(held: Experiment) -> Experiment:
    held.version += 1
    held.full_clean(exclude=["organization", "created_by", "follows"], validate_unique=False)
    held.save()
    return held
