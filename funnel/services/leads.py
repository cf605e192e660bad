"""Leads: added, changed, moved between cells, removed, brought back and erased.

Every writer shares its matrix's row first (`share_matrix`), then holds the leads in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from funnel.formulas.fits import FIELDS, fit_of
from funnel.formulas.leads import known_as
from funnel.models import Fit, Lead, LeadMove, Matrix, MatrixStage
from funnel.queries.fits import rules_of
from funnel.services.matrices import refuse_used_key, share_matrix
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale
from people.services.owners import hold_owner
from people.services.persons import forget_in_history

MOST_AT_ONCE = 1_000
LONGEST_REASON = 300
EARLIEST = date(1990, 1, 1)

TEXTS = ("company", "contact", "role", "email", "phone", "industry", "region", "source", "note", "reference")
# What is written of a lead besides its stage; its fit follows from the conditions unless it is set.
WRITTEN = (*TEXTS, "employees", "revenue", "owner_id", "fit_is_set")
# What is about a person: it goes when a lead is erased.
PERSONAL = ("contact", "role", "email", "phone", "note", "reference")
ERASED = "erased:"


@transaction.atomic
def add_lead(lead: Lead, *, by: Membership, since: date | None = None, reason: str = "") -> tuple[Lead, bool]:
    """Add a lead to a matrix, in a stage (the first where none is said) `since` a day; answers it and whether it is
    new. Its coming is a move from outside.

    A `submission_key` that made one already is answered by the first. Raises `Refusal`: `retired`, `no_list`,
    `company_missing`, `stage`, `owner`, `day`, `submission_key_used`; `lead_known` with the one that stands there in
    `more["lead"]`.
    """
    hold_owner(lead.owner_id, before=None)
    matrix = share_matrix(lead.matrix_id)
    first = made_before(lead, matrix)
    if first is not None:
        return first, False
    if not matrix.has_leads:
        raise Refusal("no_list", _("This matrix keeps numbers only, no list of leads."))
    lead.organization, lead.created_by = matrix.organization, by
    if not lead.stage_id:
        lead.stage = matrix.stages.all()[0]
    refuse_stage(lead.stage, matrix)
    lead.since = refuse_day(since or clock.today(matrix.organization), matrix)
    tidy(lead)
    judge(lead, matrix)
    refuse_twin(lead)
    check(lead)
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
    except IntegrityError:
        first = made_before(lead, matrix)
        if first is None:
            refuse_twin(lead)
            raise
        return first, False
    LeadMove.objects.create(
        matrix=matrix, lead=lead, to_stage=lead.stage, to_fit=lead.fit, date=lead.since, by=by, reason=short(reason)
    )
    return lead, True


def made_before(lead: Lead, matrix: Matrix) -> Lead | None:
    first = Lead.objects.filter(submission_key=lead.submission_key).first()
    if first is not None and first.matrix_id != matrix.pk:
        refuse_used_key()
    return first


@transaction.atomic
def save_lead(lead: Lead, *, by: Membership, expected_version: int | None = None) -> Lead:
    """Write what is known of a lead, and its fit where it `fit_is_set`; where not, the conditions say it anew. Another
    fit is a move to another cell, today. Its stage stays: see `move_leads`. The same again is harmless.

    Raises `Refusal`: `stale`, `removed`, `retired`, `company_missing`, `owner`, `lead_known`.
    """
    present = Lead.objects.filter(pk=lead.pk).values_list("owner", flat=True).first()
    hold_owner(lead.owner_id, before=present)
    matrix = share_matrix(lead.matrix_id)
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    tidy(lead)
    lead.fit = lead.fit if lead.fit_is_set else held.fit
    if all(getattr(held, name) == getattr(lead, name) for name in (*WRITTEN, "fit")):
        return held
    if expected_version is not None and held.version != expected_version:
        raise stale()
    if held.removed_at is not None:
        raise Refusal("removed", _("This lead was removed. Bring it back before changing it."))
    before = held.fit
    for name in (*WRITTEN, "fit"):
        setattr(held, name, getattr(lead, name))
    judge(held, matrix)
    refuse_twin(held)
    held.version += 1
    check(held)
    try:
        with transaction.atomic():
            held.save()
    except IntegrityError:
        refuse_twin(held)
        raise
    if held.fit != before:
        note_fit(held, before, by)
    return held


def note_fit(lead: Lead, before: str, by: Membership | None) -> None:
    """Keep that a lead came to another fit: it stands in another cell of the same stage."""
    LeadMove.objects.create(
        matrix_id=lead.matrix_id,
        lead=lead,
        from_stage=lead.stage,
        from_fit=before,
        to_stage=lead.stage,
        to_fit=lead.fit,
        date=clock.today(lead.organization),
        by=by,
    )


def tidy(lead: Lead) -> None:
    """Every text on one line, and the name by which it is known. Raises `Refusal` `company_missing`."""
    for name in TEXTS:
        setattr(lead, name, " ".join(getattr(lead, name).replace("\x00", " ").split()))
    if not lead.company:
        raise Refusal.of_field("company", "company_missing", _("Name the company."))
    lead.known_as = known_as(company=lead.company, contact=lead.contact, email=lead.email)


def check(lead: Lead) -> None:
    lead.full_clean(
        exclude=["organization", "matrix", "stage", "owner", "created_by"], validate_unique=False,
        validate_constraints=False,
    )  # fmt: skip


def judge(lead: Lead, matrix: Matrix) -> None:
    """The fit by the conditions that stand, unless somebody set it."""
    if not lead.fit_is_set:
        lead.fit = fit_of({name: getattr(lead, name) for name in FIELDS}, rules_of(matrix))
    elif lead.fit not in Fit.values:
        raise Refusal.of_field("fit", "fit", _("A fit is A, B or C."))


def twin_of(lead: Lead) -> tuple[Lead, str] | None:
    """Another lead of the matrix that is the same, and the field by which it is known."""
    others = Lead.objects.filter(matrix=lead.matrix_id, removed_at=None).exclude(pk=lead.pk)
    if lead.reference and (found := others.filter(reference=lead.reference).first()):
        return found, "reference"
    found = others.filter(known_as=lead.known_as).first()
    return (found, "email" if lead.email else "company") if found else None


def refuse_twin(lead: Lead) -> None:
    """Raise `Refusal` `lead_known` where the same lead stands in the matrix already."""
    twin = twin_of(lead)
    if twin is None:
        return
    other, field = twin
    sentence = _("“%(company)s” stands in this matrix already, in the stage “%(stage)s”.") % {
        "company": other.company,
        "stage": other.stage.name,
    }
    raise Refusal("lead_known", sentence, {field: [sentence]}, more={"lead": other.pk})


def refuse_stage(stage: MatrixStage, matrix: Matrix) -> None:
    if stage.matrix_id != matrix.pk:
        raise Refusal.of_field("stage", "stage", _("Choose a stage of this matrix."))


def refuse_day(day: date, matrix: Matrix) -> date:
    """A day on which something may have happened: not before 1990, not after today."""
    if day > clock.today(matrix.organization):
        raise Refusal.of_field("date", "day", _("This day has not come yet."))
    if day < EARLIEST:
        raise Refusal.of_field("date", "day", _("This day lies too far back."))
    return day


def short(reason: str) -> str:
    reason = " ".join(reason.replace("\x00", " ").split())
    if len(reason) > LONGEST_REASON:
        sentence = _("A criterion has %(most)s characters at most.") % {"most": LONGEST_REASON}
        raise Refusal.of_field("reason", "reason_too_long", sentence)
    return reason


@transaction.atomic
def move_leads(
    matrix: Matrix,
    leads: Collection[int],
    *,
    stage: MatrixStage,
    by: Membership,
    date: date | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> list[LeadMove]:
    """Bring leads, by their ids, to a stage on a day, `reason` being the criterion they met; answers the moves made,
    one for each lead that stood elsewhere. Again is harmless.

    All or none. Leads that are not the matrix's, or were removed, are left out. `expected_version` is that of the one
    lead moved. Raises `Refusal`: `retired`, `stage`, `day`, `too_many`, `reason_too_long`, `stale`, and `before_last`
    where a lead came to its present stage after the day.
    """
    matrix = share_matrix(matrix.pk)
    refuse_stage(stage, matrix)
    day = refuse_day(date or clock.today(matrix.organization), matrix)
    reason = short(reason)
    if len(leads) > MOST_AT_ONCE:
        sentence = _("%(most)s leads at most are moved at once.") % {"most": f"{MOST_AT_ONCE:,}"}
        raise Refusal("too_many", sentence)
    rows = Lead.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=leads, matrix=matrix, removed_at=None
    )
    moving = [lead for lead in rows.order_by("id") if lead.stage_id != stage.pk]
    if not moving:
        return []
    if expected_version is not None and any(lead.version != expected_version for lead in moving):
        raise stale()
    late = [lead for lead in moving if lead.since > day]
    if late:
        raise Refusal.of_field("date", "before_last", came_later(late))
    at = clock.now()
    moves = [
        LeadMove(
            matrix=matrix,
            lead=lead,
            from_stage_id=lead.stage_id,
            from_fit=lead.fit,
            to_stage=stage,
            to_fit=lead.fit,
            date=day,
            reason=reason,
            by=by,
            created_at=at,
        )
        for lead in moving
    ]
    Lead.objects.filter(pk__in=[lead.pk for lead in moving]).update(stage=stage, since=day, version=F("version") + 1)
    return LeadMove.objects.bulk_create(moves)


def came_later(leads: Sequence[Lead]) -> str:
    latest = max(leads, key=lambda lead: lead.since)
    named = {"company": latest.company, "day": latest.since.isoformat()}
    if len(leads) == 1:
        return _("“%(company)s” came to its present stage on %(day)s. Choose that day or a later one.") % named
    return _("%(count)s leads came to their stage later, “%(company)s” on %(day)s. Choose that day or a later one.") % {
        "count": len(leads),
        **named,
    }


def same_act(move: LeadMove) -> Any:
    """The moves made at once with this one."""
    return LeadMove.objects.filter(
        matrix=move.matrix_id, by=move.by_id, created_at=move.created_at, to_stage=move.to_stage_id
    ).exclude(from_stage=None)


@transaction.atomic
def undo_moves(move: LeadMove, *, by: Membership) -> int:
    """Take back a move and those made with it: each lead that one may change returns to the stage where it stood,
    unless it moved on or was removed since; it keeps its fit. Answers how many returned; again is harmless. The moves
    stay, as withdrawn. Raises `Refusal` `retired`.
    """
    share_matrix(move.matrix_id)
    moves = list(same_act(move).filter(withdrawn_at=None).exclude(lead=None))
    own = Lead.objects.editable_by(by).select_for_update(no_key=True, of=("self",))
    rows = own.filter(pk__in=[one.lead_id for one in moves])
    leads = {lead.pk: lead for lead in rows.order_by("id")}
    if not leads:
        return 0
    # The row lock came after the first look: somebody else may have taken the same moves back meanwhile.
    moves = list(same_act(move).filter(withdrawn_at=None, lead__in=leads))
    newest = latest_stage_moves(leads)
    back = []
    for one in moves:
        lead = leads[one.lead_id]  # type: ignore[index]
        if lead.stage_id == one.to_stage_id and newest.get(lead.pk, (one.pk,))[0] == one.pk:
            back.append((one, lead))
    LeadMove.objects.filter(pk__in=[one.pk for one, _lead in back]).update(withdrawn_at=clock.now())
    carry_fits(back, by)
    came = {lead: day for lead, (_pk, day) in latest_stage_moves([lead.pk for _one, lead in back]).items()}
    for one, lead in back:
        lead.stage_id = one.from_stage_id  # type: ignore[assignment]
        lead.since = came.get(lead.pk, min(lead.since, one.date))
        lead.version += 1
    Lead.objects.bulk_update([lead for _one, lead in back], ["stage", "since", "version"], batch_size=500)
    return len(back)


def carry_fits(back: Sequence[tuple[LeadMove, Lead]], by: Membership) -> None:
    """Let leads that return keep their fit: what it came to in the stage they leave, it is where they return to."""
    if not back:
        return
    leads = [lead.pk for _one, lead in back]
    there = LeadMove.objects.filter(lead__in=leads, from_stage=F("to_stage"), to_stage=back[0][0].to_stage_id)
    there.filter(withdrawn_at=None, pk__gt=min(one.pk for one, _lead in back)).update(withdrawn_at=clock.now())
    day = clock.today(by.organization)
    LeadMove.objects.bulk_create(
        LeadMove(
            matrix_id=one.matrix_id,
            lead=lead,
            from_stage_id=one.from_stage_id,
            from_fit=one.from_fit,
            to_stage_id=one.from_stage_id,  # type: ignore[misc]
            to_fit=lead.fit,
            date=day,
            by=by,
        )
        for one, lead in back
        if lead.fit != one.from_fit
    )


def latest_stage_moves(leads: Collection[int]) -> dict[int, tuple[int, date]]:
    """By lead, the id and day of the last move that brought it to the stage it stands in."""
    rows = (
        LeadMove.objects.filter(lead__in=leads, withdrawn_at=None)
        .exclude(from_stage=F("to_stage"))
        .order_by("lead", "-date", "-id")
        .distinct("lead")
    )
    return {lead: (pk, day) for lead, pk, day in rows.values_list("lead", "pk", "date")}


def remove_lead(lead: Lead, *, by: Membership, expected_version: int | None = None) -> Lead:
    """Take one lead out of the matrix. Twice is harmless. Raises `Refusal` `stale`, `retired`.

    Its moves stay with it: whoever counts moves leaves out those of removed leads.
    """
    with transaction.atomic():
        share_matrix(lead.matrix_id)
        held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
        if held.removed_at is None:
            if expected_version is not None and held.version != expected_version:
                raise stale()
            held.removed_at, held.version = clock.now(), held.version + 1
            held.save(update_fields=["removed_at", "version"])
        return held


@transaction.atomic
def restore_lead(lead: Lead, *, by: Membership) -> Lead:
    """Bring a removed lead back to where it stood; its fit is judged by the conditions of now. Twice is harmless.

    Raises `Refusal`: `retired`, `erased`, `lead_known` where the same one was added meanwhile.
    """
    matrix = share_matrix(lead.matrix_id)
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    if held.removed_at is None:
        return held
    if is_erased(held):
        raise Refusal("erased", _("This lead was erased for good. Add it anew if it is needed."))
    before = held.fit
    judge(held, matrix)
    refuse_twin(held)
    held.removed_at, held.version = None, held.version + 1
    try:
        with transaction.atomic():
            held.save(update_fields=["removed_at", "version", "fit"])
    except IntegrityError:
        refuse_twin(held)
        raise
    if held.fit != before:
        note_fit(held, before, by)
    return held


def is_erased(lead: Lead) -> bool:
    return lead.known_as.startswith(ERASED)


@transaction.atomic
def erase_lead(lead: Lead, *, by: Membership) -> Lead:
    """Erase a removed lead's personal data for good, in the history too: contact, position, e-mail, phone, note and
    number elsewhere. Its company and its moves stay, so that what was counted stays true. Twice is harmless.

    Raises `Refusal` `not_removed`.
    """
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    if held.removed_at is None:
        raise Refusal("not_removed", _("Remove the lead first: only a removed one can be erased."))
    if is_erased(held):
        return held
    for name in PERSONAL:
        setattr(held, name, "")
    held.known_as, held.version = f"{ERASED}{held.pk}", held.version + 1
    held.save()
    LeadMove.objects.filter(lead=held).exclude(reason="").update(reason="")
    # After the writing above, whose own event holds what was there before.
    forget_in_history(Lead._meta.db_table, [held.pk], PERSONAL)
    return held
