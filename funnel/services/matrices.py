"""Setting up a matrix: its days, its stages with their criteria, and the conditions of a fit.

Whoever writes leads shares the matrix's row, whoever changes what they are judged by holds it alone: so every lead is
judged by the conditions that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from funnel.formulas.fits import Condition, ConditionRefused, case_sql, read_conditions
from funnel.models import (
    CellCount,
    CellTarget,
    CountsAs,
    Fit,
    FitRule,
    Lead,
    LeadMove,
    Matrix,
    MatrixStage,
    MoveTarget,
    StageKind,
)
from funnel.queries.fits import rules_of
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

MOST_STAGES = 20
MOST_MATRICES = 100
WRITTEN = ("name", "kgi_id", "has_leads", "starts_on", "ends_on")
OF_STAGE = ("name", "kind", "counts_as", "criteria", "assumed_rate")

Default = tuple[Promise, StageKind, CountsAs, Promise]
DEFAULT_STAGES: tuple[Default, ...] = (
    (
        pgettext_lazy("stage of a matrix", "Unaware"),
        StageKind.OPEN,
        CountsAs.NONE,
        gettext_lazy("We only know the name, from a list or a business card. There was no answer to us yet."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Warming up"),
        StageKind.OPEN,
        CountsAs.NONE,
        gettext_lazy("Answered once without being asked: opened a mail, read an article, downloaded a paper."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Interested"),
        StageKind.OPEN,
        CountsAs.CV,
        gettext_lazy("Came to a seminar, asked for documents or sent an inquiry."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Meeting likely"),
        StageKind.OPEN,
        CountsAs.NONE,
        gettext_lazy("We spoke with the person in charge, who is willing to meet."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Meeting agreed"),
        StageKind.OPEN,
        CountsAs.NONE,
        gettext_lazy("The day and hour of a meeting are agreed."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Met"),
        StageKind.OPEN,
        CountsAs.NONE,
        gettext_lazy("We met, and heard at least two of: the problem, the budget, who decides, by when."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Deal"),
        StageKind.OPEN,
        CountsAs.DEAL,
        gettext_lazy("They asked for the price, a proposal or a quotation."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Won"),
        StageKind.WON,
        CountsAs.ORDER,
        gettext_lazy("The signed contract or the written order is here."),
    ),
    (
        pgettext_lazy("stage of a matrix", "Lost"),
        StageKind.LOST,
        CountsAs.NONE,
        gettext_lazy("They chose somebody else or decided against it. The reason is in the note."),
    ),
    (
        pgettext_lazy("stage of a matrix", "No target"),
        StageKind.OUT,
        CountsAs.NONE,
        gettext_lazy("Outside our industries, sizes and regions, or a competitor."),
    ),
    (
        pgettext_lazy("stage of a matrix", "On hold"),
        StageKind.HOLD,
        CountsAs.NONE,
        gettext_lazy("They said: not now. The month to ask again is in the note."),
    ),
)


def hold_matrix(matrix_id: int) -> Matrix:
    """Lock a matrix for a change of what its leads are judged by. Raises `Refusal` `retired`."""
    matrix = Matrix.objects.select_for_update(no_key=True).get(pk=matrix_id)
    refuse_retired(matrix)
    return matrix


def share_matrix(matrix_id: int) -> Matrix:
    """Keep a matrix, its stages and its conditions as they are while leads are written. Raises `Refusal` `retired`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM funnel_matrix WHERE id = %s FOR SHARE", [matrix_id])
    matrix = Matrix.objects.select_related("organization").get(pk=matrix_id)
    refuse_retired(matrix)
    return matrix


def refuse_retired(matrix: Matrix) -> None:
    if matrix.retired_at is not None:
        raise Refusal("retired", _("This matrix was retired. Bring it back before changing it."))


@transaction.atomic
def add_matrix(
    matrix: Matrix, *, by: Membership, stages: Iterable[tuple[Any, str, str, Any]] = DEFAULT_STAGES
) -> tuple[Matrix, bool]:
    """Make a matrix with its stages, named in the maker's language; answers it and whether it is new.

    A `submission_key` that made one already is answered by the first. `stages` are name, kind, what it counts as and
    criteria. Raises `Refusal`: `name_missing`, `kgi`, `too_many`, `submission_key_used`; and `ValidationError` for what
    cannot be.
    """
    # Two clicks at once must not make two rows: the second waits here for the first.
    organization = type(by.organization).objects.select_for_update(no_key=True).get(pk=by.organization_id)
    first = Matrix.objects.filter(submission_key=matrix.submission_key).first()
    if first is not None:
        if first.organization_id != organization.pk:
            refuse_used_key()
        return first, False
    if Matrix.objects.filter(organization=organization, retired_at=None).count() >= MOST_MATRICES:
        sentence = _("An organization has %(most)s matrices at most. Retire one that is no longer needed.")
        raise Refusal("too_many", sentence % {"most": MOST_MATRICES})
    matrix.organization, matrix.created_by = organization, by
    check_matrix(matrix, by)
    matrix.save(force_insert=True)
    MatrixStage.objects.bulk_create(
        MatrixStage(
            matrix=matrix,
            name=str(name),
            kind=str(kind),
            counts_as=str(counts_as),
            criteria=str(criteria),
            position=position,
        )
        for position, (name, kind, counts_as, criteria) in enumerate(stages)
    )
    return matrix, True


def refuse_used_key() -> None:
    raise Refusal("submission_key_used", _("This form was already sent for something else. Open it again."))


def check_matrix(matrix: Matrix, by: Membership) -> None:
    matrix.name = " ".join(matrix.name.split())
    if not matrix.name:
        raise Refusal.of_field("name", "name_missing", _("Name the matrix after its market."))
    if matrix.kgi_id is not None and (matrix.kgi is None or matrix.kgi.organization_id != by.organization_id):
        raise Refusal.of_field("kgi", "kgi", _("Choose a KGI of this organization."))
    matrix.full_clean(exclude=["organization", "created_by", "kgi"], validate_unique=False)


@transaction.atomic
def save_matrix(matrix: Matrix, *, by: Membership, expected_version: int | None = None) -> Matrix:
    """Write a changed name, KGI, span of days, or whether there is a list of leads; the same again is harmless.

    Raises `Refusal`: `stale`, `retired`, `name_missing`, `kgi`; `has_leads` where leads stand in a matrix that is to
    keep numbers only, `has_counts` where numbers were counted in one that is to keep a list.
    """
    held = Matrix.objects.select_for_update(no_key=True).get(pk=matrix.pk)
    if all(getattr(held, name) == getattr(matrix, name) for name in WRITTEN):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_retired(held)
    if held.has_leads and not matrix.has_leads and Lead.objects.filter(matrix=held, removed_at=None).exists():
        sentence = _("Leads stand in this matrix. Remove them first, or make another matrix for numbers only.")
        raise Refusal.of_field("has_leads", "has_leads", sentence)
    if matrix.has_leads and not held.has_leads and has_counts(held):
        sentence = _("Numbers were counted here already. Make another matrix for a list of leads.")
        raise Refusal.of_field("has_leads", "has_counts", sentence)
    for name in WRITTEN:
        setattr(held, name, getattr(matrix, name))
    check_matrix(held, by)
    held.version += 1
    held.save()
    return held


def has_counts(matrix: Matrix) -> bool:
    counted = LeadMove.objects.filter(matrix=matrix, lead=None, withdrawn_at=None)
    return counted.exists() or CellCount.objects.filter(matrix=matrix).exists()


@transaction.atomic
def retire_matrix(matrix: Matrix, *, by: Membership, expected_version: int | None = None) -> Matrix:
    """Take a matrix out of the lists with its leads; nothing is deleted. Twice is harmless.

    Raises `Refusal` `stale`.
    """
    held = Matrix.objects.select_for_update(no_key=True).get(pk=matrix.pk)
    if held.retired_at is None:
        if expected_version is not None and held.version != expected_version:
            raise stale()
        held.retired_at, held.version = clock.now(), held.version + 1
        held.save(update_fields=["retired_at", "version"])
    return held


@transaction.atomic
def restore_matrix(matrix: Matrix, *, by: Membership) -> Matrix:
    """Undo retiring it. Twice is harmless."""
    held = Matrix.objects.select_for_update(no_key=True).get(pk=matrix.pk)
    if held.retired_at is not None:
        held.retired_at, held.version = None, held.version + 1
        held.save(update_fields=["retired_at", "version"])
    return held


@transaction.atomic
def add_stage(stage: MatrixStage, *, by: Membership) -> tuple[MatrixStage, bool]:
    """Add a stage: one on the way behind the last of those, any other at the end. Answers it and whether it is new.

    One of the same name is answered where it says the same. Raises `Refusal`: `retired`, `name_missing`, `named_twice`,
    `counts_twice`, `rate`, `too_many`.
    """
    matrix = hold_matrix(stage.matrix_id)
    standing = list(matrix.stages.all())
    tidy_stage(stage)
    same = next((row for row in standing if row.name == stage.name), None)
    if same is not None and all(getattr(same, name) == getattr(stage, name) for name in OF_STAGE):
        return same, False
    if len(standing) >= MOST_STAGES:
        sentence = _("A matrix has %(most)s stages at most. Remove one that is not needed.") % {"most": MOST_STAGES}
        raise Refusal("too_many", sentence)
    refuse_stage(stage, standing)
    last = max((at for at, row in enumerate(standing) if row.kind == StageKind.OPEN), default=-1)
    at = last + 1 if stage.kind == StageKind.OPEN else len(standing)
    stage.position = at
    stage.save(force_insert=True)
    place([*standing[:at], stage, *standing[at:]])
    return stage, True


@transaction.atomic
def save_stage(stage: MatrixStage, *, by: Membership, expected_version: int | None = None) -> MatrixStage:
    """Write a stage's name, meaning, what it counts as, criteria and assumed share; the same again is harmless.

    Raises `Refusal`: `stale`, and what `add_stage` does.
    """
    matrix = hold_matrix(stage.matrix_id)
    standing = list(matrix.stages.all())
    held = next((row for row in standing if row.pk == stage.pk), None)
    if held is None:
        raise stale()
    tidy_stage(stage)
    if all(getattr(held, name) == getattr(stage, name) for name in OF_STAGE):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    refuse_stage(stage, standing)
    for name in OF_STAGE:
        setattr(held, name, getattr(stage, name))
    held.version += 1
    held.save()
    return held


def tidy_stage(stage: MatrixStage) -> None:
    stage.name, stage.criteria = " ".join(stage.name.split()), " ".join(stage.criteria.split())
    if not stage.name:
        raise Refusal.of_field("name", "name_missing", _("Name the stage in a word or two."))


def refuse_stage(stage: MatrixStage, standing: Sequence[MatrixStage]) -> None:
    others = [row for row in standing if row.pk != stage.pk]
    if any(row.name == stage.name for row in others):
        raise Refusal.of_field("name", "named_twice", _("There is already a stage of this name."))
    counting = next((row for row in others if stage.counts_as and row.counts_as == stage.counts_as), None)
    if counting is not None:
        sentence = _("“%(stage)s” counts as this already. Change that stage first.") % {"stage": counting.name}
        raise Refusal.of_field("counts_as", "counts_twice", sentence)
    if stage.assumed_rate is not None and not 0 <= stage.assumed_rate <= 1:
        raise Refusal.of_field("assumed_rate", "rate", _("A share lies between 0% and 100%."))
    stage.clean_fields(exclude=["matrix"])


@transaction.atomic
def move_stage(stage: MatrixStage, *, to: int, by: Membership) -> MatrixStage:
    """Put a stage at another place of the order, from 0; a place beyond the ends is the end. Raises `Refusal`
    `retired`, `stale`.
    """
    matrix = hold_matrix(stage.matrix_id)
    standing = list(matrix.stages.all())
    held = next((row for row in standing if row.pk == stage.pk), None)
    if held is None:
        raise stale()
    others = [row for row in standing if row is not held]
    at = min(max(to, 0), len(others))
    place([*others[:at], held, *others[at:]])
    return held


def place(stages: Sequence[MatrixStage]) -> None:
    """Let stages stand in this order; only those whose place changes are written."""
    for position, stage in enumerate(stages):
        if stage.position != position:
            stage.position, stage.version = position, F("version") + 1  # type: ignore[assignment]
            stage.save(update_fields=["position", "version"])
            stage.refresh_from_db(fields=["version"])


@transaction.atomic
def remove_stage(stage: MatrixStage, *, by: Membership) -> None:
    """Remove a stage that nothing stands in or ever moved through; again is harmless.

    Raises `Refusal`: `retired`, `last_stage`, `stage_in_use` with the numbers of what holds it in `more`.
    """
    matrix = hold_matrix(stage.matrix_id)
    held = MatrixStage.objects.filter(pk=stage.pk, matrix=matrix).first()
    if held is None:
        return
    if matrix.stages.count() == 1:
        raise Refusal("last_stage", _("A matrix keeps at least one stage. Rename this one instead."))
    leads = Lead.objects.filter(stage=held, removed_at=None).count()
    moves = (LeadMove.objects.filter(to_stage=held) | LeadMove.objects.filter(from_stage=held)).count()
    removed = Lead.objects.filter(stage=held).exclude(removed_at=None).exists()
    counted = CellCount.objects.filter(stage=held).exists()
    aimed = (
        CellTarget.objects.filter(stage=held, count__gt=0).exists()
        or (
            (MoveTarget.objects.filter(to_stage=held) | MoveTarget.objects.filter(from_stage=held)).filter(count__gt=0)
        ).exists()
    )
    if leads or moves or removed or counted or aimed:
        raise Refusal(
            "stage_in_use", held_by(held, leads, moves, counted, aimed), more={"leads": leads, "moves": moves}
        )
    CellTarget.objects.filter(stage=held).delete()
    (MoveTarget.objects.filter(to_stage=held) | MoveTarget.objects.filter(from_stage=held)).delete()
    held.delete()
    place(list(matrix.stages.all()))


def held_by(stage: MatrixStage, leads: int, moves: int, counted: bool, aimed: bool) -> str:
    """Why a stage stays, and what to do instead."""
    if leads:
        others = MatrixStage.objects.filter(matrix=stage.matrix_id).exclude(pk=stage.pk)
        near = min(others, key=lambda row: (abs(row.position - stage.position), row.position))
        return ngettext(
            "%(count)s lead stands in “%(stage)s”. Move it to another stage first, for example to “%(other)s”.",
            "%(count)s leads stand in “%(stage)s”. Move them to another stage first, for example to “%(other)s”.",
            leads,
        ) % {"count": leads, "stage": stage.name, "other": near.name}
    if aimed and not moves and not counted:
        sentence = _("Targets are set for “%(stage)s”. Take them away on the matrix first.")
        return sentence % {"stage": stage.name}
    sentence = _(
        "Leads have moved through “%(stage)s”, so it stays for the history. Rename it, or put it last in the order."
    )
    return sentence % {"stage": stage.name}


def save_fit_rule(
    matrix: Matrix,
    *,
    fit: str,
    conditions: Sequence[Any],
    by: Membership,
    expected_version: int | None = None,
) -> tuple[FitRule, int]:
    """Let these be the conditions of A or B; answers the rule and how many leads came to another fit. Raises `Refusal`
    as `save_fit_rules` does.
    """
    expected = {} if expected_version is None else {fit: expected_version}
    rules, changed = save_fit_rules(matrix, {fit: conditions}, by=by, expected_versions=expected)
    return rules[0], changed


@transaction.atomic
def save_fit_rules(
    matrix: Matrix,
    conditions: Mapping[str, Sequence[Any]],
    *,
    by: Membership,
    expected_versions: Mapping[str, int] | None = None,
) -> tuple[list[FitRule], int]:
    """Let these be the conditions of fits, A or B, and judge all leads anew whose fit nobody set; answers the rules and
    how many leads came to another fit. Each of them has moved to another cell today.

    `expected_versions` are the rules', 0 for one that is not written yet. The same conditions again are harmless.
    Raises `Refusal`: `retired`, `stale`, `fit`, and beside `conditions` what `ConditionRefused` says.
    """
    held = hold_matrix(matrix.pk)
    standing = {rule.fit: rule for rule in FitRule.objects.filter(matrix=held)}
    expected = expected_versions or {}
    rules = []
    for fit, asked in conditions.items():
        if fit not in (Fit.A, Fit.B):
            raise Refusal.of_field("fit", "fit", _("Conditions belong to A or to B: what is neither is C."))
        kept = [condition.written() for condition in conditions_of(asked)]
        rule = standing.get(fit) or FitRule(matrix=held, fit=fit, version=0)
        if rule.conditions != kept or rule.pk is None:
            if fit in expected and rule.version != expected[fit]:
                raise stale()
            rule.conditions, rule.version = kept, rule.version + 1
            rule.save()
        rules.append(rule)
    return rules, judge_anew(held, by)


def conditions_of(kept: Sequence[Any]) -> list[Condition]:
    """Conditions as they are sent. Raises `Refusal` beside `conditions`, by the condition's number."""
    try:
        return read_conditions(kept)
    except ConditionRefused as refused:
        sentence = str(CONDITION_SENTENCES[refused.code])
        raise Refusal(
            f"condition_{refused.code}", sentence, {"conditions": {str(refused.place): [sentence]}}
        ) from refused


CONDITION_SENTENCES = {
    "field": gettext_lazy("Choose what the condition asks about."),
    "is": gettext_lazy("Choose how this is compared."),
    "value_missing": gettext_lazy("Say what it is compared with."),
    "value_too_long": gettext_lazy("A word has 100 characters at most, a condition 100 words."),
    "not_a_number": gettext_lazy("Type a number, like 100 or 3億."),
    "too_many": gettext_lazy("A fit has 20 conditions at most."),
}


JUDGE_ANEW = """
WITH judged AS (
    SELECT lead.id, lead.stage_id, lead.fit AS before, {case} AS fit
    FROM funnel_lead lead WHERE lead.matrix_id = %s AND NOT lead.fit_is_set AND lead.removed_at IS NULL
), changed AS (
    UPDATE funnel_lead lead SET fit = judged.fit, version = lead.version + 1
    FROM judged WHERE lead.id = judged.id AND judged.fit <> judged.before
    RETURNING lead.id, lead.stage_id, lead.since, judged.before, lead.fit
)
INSERT INTO funnel_leadmove (
    matrix_id, lead_id, from_stage_id, from_fit, to_stage_id, to_fit, date, count, reason, by_id, created_at
)
SELECT %s, id, stage_id, before, stage_id, fit, %s, 1, %s, %s, %s FROM changed
"""


def judge_anew(matrix: Matrix, by: Membership | None) -> int:
    """Give every lead of a matrix that is held the fit its conditions say, in one statement; how many changed.

    `since` stays: the lead stands in its stage as long as before.
    """
    case, values = case_sql(rules_of(matrix), "lead")
    reason = _("The conditions of the fit have changed.")
    told: list[Any] = [matrix.pk, clock.today(matrix.organization), reason, by.pk if by else None, clock.now()]
    with connection.cursor() as cursor:
        cursor.execute(JUDGE_ANEW.format(case=case), [*values, matrix.pk, *told])
        return cursor.rowcount
