"""Choosing a partner: candidates, what each who met them noted, the decision, and the partner they became."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from funnel.models import Candidate, CandidateRating, CandidateState
from objectives.formulas.candidates import ANSWERS, CODES
from objectives.services.planning import refuse_used_key
from objectives.services.sharing import hold_partner
from people import clock
from people.models import Membership
from people.refusals import Refusal, stale

WRITTEN = ("name", "purpose", "note")
LONGEST_REMARK = 300


@transaction.atomic
def add_candidate(candidate: Candidate, *, by: Membership) -> tuple[Candidate, bool]:
    """Take a company into consideration; answers the candidate and whether it is new.

    A `submission_key` that made one already is answered by the first. Raises `Refusal`: `name_missing`,
    `submission_key_used`.
    """
    candidate.organization, candidate.created_by = by.organization, by
    first = made_before(candidate)
    if first is not None:
        return first, False
    tidy(candidate)
    clean(candidate)
    try:
        with transaction.atomic():
            candidate.save(force_insert=True)
    except IntegrityError:
        first = made_before(candidate)
        if first is None:
            raise
        return first, False
    return candidate, True


@transaction.atomic
def save_candidate(candidate: Candidate, *, by: Membership, expected_version: int | None = None) -> Candidate:
    """Write a changed name, purpose or note; the same again is harmless. Raises `Refusal`: `stale`, `name_missing`."""
    tidy(candidate)
    held = hold(candidate)
    if all(getattr(held, name) == getattr(candidate, name) for name in WRITTEN):
        return held
    refuse_stale(held, expected_version)
    for name in WRITTEN:
        setattr(held, name, getattr(candidate, name))
    return written(held)


@transaction.atomic
def rate_candidate(
    candidate: Candidate,
    *,
    by: Membership,
    answers: Mapping[str, int],
    notes: Mapping[str, str],
    questions: str = "",
    impression: str = "",
    expected_version: int | None = None,
) -> CandidateRating:
    """Write one's own rating, the first time or again; the same again is harmless.

    `answers` are 0 no, 1 in part, 2 yes by the prompts' codes, without what was not seen; `notes` words under the same
    codes. Version 0 is that of a rating nobody wrote yet. Raises `Refusal`: `partner`, `decided`, `unknown_answer`,
    `stale`.
    """
    if by.is_partner:
        raise Refusal("partner", _("Partners do not rate whom else one might work with."))
    refuse_unknown(answers, notes)
    held = hold(candidate)
    rating = CandidateRating.objects.filter(candidate=held, membership=by).first()
    if rating is None:
        rating = CandidateRating(candidate=held, membership=by, version=0)
    told = {
        "answers": dict(answers),
        "notes": {code: text for code, said in notes.items() if (text := " ".join(said.split()))},
        "questions": questions.strip(),
        "impression": impression.strip(),
    }
    if rating.version and all(getattr(rating, name) == value for name, value in told.items()):
        return rating
    refuse_decided(held)
    if expected_version is not None and rating.version != expected_version:
        raise stale()
    for name, value in told.items():
        setattr(rating, name, value)
    rating.written_at = clock.now()
    rating.version += 1
    rating.full_clean(exclude=["candidate", "membership"], validate_unique=False, validate_constraints=False)
    rating.save()
    return rating


@transaction.atomic
def decide_candidate(
    candidate: Candidate, *, state: str, reason: str, by: Membership, expected_version: int | None = None
) -> Candidate:
    """Choose or decline, and say why; the same again is harmless.

    Raises `Refusal`: `unknown_state`, `reason_missing` (to decline), `stale`.
    """
    reason = " ".join(reason.split())
    if state not in (CandidateState.CHOSEN, CandidateState.DECLINED):
        raise Refusal.of_field("state", "unknown_state", _("Say whether you choose or decline them."))
    held = hold(candidate)
    if (held.state, held.reason) == (state, reason):
        return held
    refuse_stale(held, expected_version)
    if state == CandidateState.DECLINED and not reason:
        sentence = _("Say why you decline: whoever thinks of them again will want to know.")
        raise Refusal.of_field("reason", "reason_missing", sentence)
    if held.state != state:
        held.decided_by, held.decided_at = by, clock.now()
    held.state, held.reason = state, reason
    return written(held)


@transaction.atomic
def reopen_candidate(candidate: Candidate, *, by: Membership, expected_version: int | None = None) -> Candidate:
    """Consider them again; what was decided stays in the history. Twice is harmless. Raises `Refusal` `stale`."""
    held = hold(candidate)
    if held.state == CandidateState.OPEN:
        return held
    refuse_stale(held, expected_version)
    held.state, held.reason, held.decided_by, held.decided_at = CandidateState.OPEN, "", None, None
    return written(held)


@transaction.atomic
def connect_candidate(
    candidate: Candidate, *, partner: Membership | None, by: Membership, expected_version: int | None = None
) -> Candidate:
    """Say which partner the chosen company became, None for none; the same again is harmless.

    Raises `Refusal`: `not_chosen`, `not_a_partner`, `stale`.
    """
    if partner is not None:
        refuse_no_partner(partner, by)
    held = hold(candidate)
    if held.membership_id == (partner.pk if partner else None):
        return held
    refuse_stale(held, expected_version)
    if partner is not None and held.state != CandidateState.CHOSEN:
        raise Refusal("not_chosen", _("Choose them before connecting them with a partner."))
    held.membership = partner
    return written(held)


def refuse_no_partner(partner: Membership, by: Membership) -> None:
    """Raise `Refusal` `not_a_partner` for whoever is no partner of this organization, and keep them from leaving."""
    if partner.organization_id != by.organization_id:
        raise Refusal.of_field("partner", "not_a_partner", _("Choose a partner of this organization."))
    try:
        hold_partner(partner)
    except Refusal as refusal:
        sentence = _("Choose a partner who still works with you.")
        raise Refusal.of_field("partner", refusal.code, sentence) from refusal


def refuse_unknown(answers: Mapping[str, int], notes: Mapping[str, str]) -> None:
    """Raise `Refusal` `unknown_answer` for what the scorecard does not ask or cannot be answered so."""
    for code, answer in answers.items():
        if code not in CODES or isinstance(answer, bool) or answer not in ANSWERS:
            raise Refusal.of_field("answers", "unknown_answer", _("Answer with yes, in part or no."))
    for code, text in notes.items():
        if code not in CODES:
            raise Refusal.of_field("notes", "unknown_answer", _("The scorecard has no such prompt."))
        if len(text) > LONGEST_REMARK:
            sentence = _("At most %(count)s characters.") % {"count": LONGEST_REMARK}
            raise Refusal.of_field("notes", "too_long", sentence)


def refuse_decided(held: Candidate) -> None:
    if held.state != CandidateState.OPEN:
        raise Refusal("decided", _("This was decided meanwhile. Once it is reopened, ratings can be written again."))


def refuse_stale(held: Candidate, expected_version: int | None) -> None:
    if expected_version is not None and held.version != expected_version:
        raise stale()


def tidy(row: Candidate) -> None:
    """Name and purpose on one line. Raises `Refusal` `name_missing`."""
    row.name, row.purpose, row.note = " ".join(row.name.split()), " ".join(row.purpose.split()), row.note.strip()
    if not row.name:
        raise Refusal.of_field("name", "name_missing", _("Say who they are."))


def made_before(candidate: Candidate) -> Candidate | None:
    """The candidate that the same form made before. Raises `Refusal` `submission_key_used`."""
    first = Candidate.objects.filter(submission_key=candidate.submission_key).first()
    if first is not None and first.organization_id != candidate.organization_id:
        refuse_used_key()
    return first


def hold(candidate: Candidate) -> Candidate:
    """The candidate as it is, locked until the transaction ends."""
    return Candidate.objects.select_for_update(no_key=True, of=("self",)).get(pk=candidate.pk)


def written(held: Candidate) -> Candidate:
    held.version += 1
    clean(held)
    held.save()
    return held


def clean(row: Candidate) -> None:
    """Raise `ValidationError` for what is longer than its column."""
    others = ["organization", "created_by", "decided_by", "membership"]
    row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
