"""Recording a check-in: the act the whole product rests on."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date as Date
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from funnel.models import KPI, KPIPeriod, ReadingSpan
from funnel.services import record_reading
from objectives import rollup, tasks
from objectives.models import CheckIn, Cycle, CycleState, KeyResult, Kind, Objective, ObjectiveState
from objectives.services.obstacles import heed_check_in
from people.models import Membership
from people.refusals import Refusal
from people.rows import Part, Prepared, columns, taken

# Their check-ins report what came in since the one before.
ADDING = {Kind.CUMULATIVE, Kind.QUOTA}

HELD = (Part(KeyResult, "kr"), Part(Objective, "o"), Part(Cycle, "c"))
HOLD = Prepared(
    "hold_key_result",
    f"""
SELECT {columns(HELD)} FROM objectives_keyresult kr
JOIN objectives_objective o ON o.id = kr.objective_id
JOIN objectives_cycle c ON c.id = o.cycle_id
WHERE kr.id = %(id)s
FOR SHARE OF c FOR NO KEY UPDATE OF o FOR NO KEY UPDATE OF kr
""",  # noqa: S608 (names of columns)
    id="bigint",
)
SENT = "SELECT id FROM objectives_checkin WHERE key_result_id = %s AND submission_key = %s"


@transaction.atomic
def record_check_in(
    key_result: KeyResult,
    *,
    author: Membership,
    value: Decimal | None = None,
    steps_done: Collection[int] | None = None,
    date: Date | None = None,
    confidence: int | None = None,
    going_well: str = "",
    obstacle: str = "",
    next_step: str = "",
    corrects: CheckIn | None = None,
    obstacle_kind: str = "",
    solved: Collection[int] = (),
    submission_key: uuid.UUID | None = None,
) -> tuple[CheckIn, bool]:
    """Add a check-in and rescore the key result and its objective; whoever stands above is rescored by the worker.

    Returns the check-in and whether it is new: a `submission_key` already used on this key result answers the first
    one and changes nothing. A milestone takes `steps_done`, the ids of all steps finished by then; every other kind
    takes `value`. `obstacle` becomes an obstacle of `obstacle_kind`, unless the same words stand already; `solved` are
    the ids of those of the key result that are out of the way. Raises `Refusal`: `cycle_closed`,
    `objective_closed`, `not_active`, `date_in_future`, `date_outside_cycle`, `value_missing`, `unknown_step`,
    `already_corrected`, `corrects_another`, `unknown_obstacle`, `gone`.
    """
    key_result = hold(key_result.pk)
    objective, cycle = key_result.objective, key_result.objective.cycle
    submission_key = submission_key or uuid.uuid4()
    if (first := sent_before(key_result, submission_key)) is not None:
        return first, False

    if cycle.state == CycleState.CLOSED:
        raise Refusal("cycle_closed", _("This cycle is closed. Check-ins are no longer taken."))
    if objective.state == ObjectiveState.CLOSED:
        raise Refusal("objective_closed", _("This objective is closed. Check-ins are no longer taken."))
    if objective.state != ObjectiveState.ACTIVE or objective.dropped_at or key_result.dropped_at:
        raise Refusal("not_active", _("This objective is not active yet. Check-ins begin when it is."))
    today = author.organization.today
    date = date or (corrects.date if corrects else today)
    if date > today:
        raise Refusal.of_field("date", "date_in_future", _("This day has not come yet."))
    if not cycle.start <= date <= cycle.end:
        raise Refusal.of_field("date", "date_outside_cycle", _("This day lies outside the cycle."))
    if corrects is not None:
        refuse_correction(corrects, key_result)

    finished: list[int] = []
    if key_result.kind == Kind.MILESTONE:
        finished = sorted(set(steps_done or ()))
        value = weight_done(key_result, finished)
    elif value is None:
        raise Refusal.of_field("value", "value_missing", _("Type a number."))

    check_in = CheckIn.objects.create(
        key_result=key_result,
        author=author,
        date=date,
        value=value,
        steps_done=finished,
        confidence=confidence,
        going_well=going_well,
        obstacle=obstacle,
        next_step=next_step,
        corrects=corrects,
        submission_key=submission_key,
    )
    heed_check_in(check_in, kind=obstacle_kind, solved=solved)
    feed_kpi(check_in)
    rollup.rescore(author.organization, [key_result.pk], objective.pk, today, is_held=True)
    tasks.wake()
    return check_in, True


def hold(key_result_id: int) -> KeyResult:
    """The key result with its objective and cycle, as they are and as they stay until this transaction ends.

    Locked in the order in which closing a cycle takes them: the cycle, which other check-ins may hold as well, the
    objective, the key result. Raises `Refusal` `gone`.
    """
    with connection.cursor() as cursor:
        row = HOLD.execute(cursor, {"id": key_result_id}).fetchone()
        if row is None:  # moved while we waited for where it was; there is no second wait
            row = HOLD.execute(cursor, {"id": key_result_id}).fetchone()
    if row is None:
        sentence = _("You may no longer check in on this key result, or it is gone. What you typed is still here.")
        raise Refusal("gone", sentence)
    (key_result, objective, cycle), _rest = taken(HELD, row)
    key_result.objective, objective.cycle = objective, cycle
    return key_result


def sent_before(key_result: KeyResult, submission_key: uuid.UUID) -> CheckIn | None:
    """What was recorded under this key. Asked once the key result is held: who came first has committed by then."""
    with connection.cursor() as cursor:
        cursor.execute(SENT, [key_result.pk, submission_key])
        row = cursor.fetchone()
    return CheckIn.objects.get(pk=row[0]) if row else None


def refuse_correction(corrects: CheckIn, key_result: KeyResult) -> None:
    if corrects.key_result_id != key_result.pk:
        raise Refusal.of_field(
            "corrects", "corrects_another", _("The check-in to be corrected belongs to another key result.")
        )
    if CheckIn.objects.filter(corrects=corrects).exists():
        raise Refusal.of_field(
            "corrects", "already_corrected", _("This check-in has been corrected already. Correct the newer one.")
        )


def weight_done(key_result: KeyResult, steps_done: Collection[int]) -> Decimal:
    """What the finished steps weigh together."""
    weights = dict(key_result.steps.values_list("pk", "weight"))
    if not weights.keys() >= set(steps_done):
        raise Refusal.of_field("steps_done", "unknown_step", _("One of these steps no longer exists."))
    if not weights:
        raise Refusal.of_field("steps_done", "value_missing", _("This milestone has no steps yet."))
    return sum((weights[pk] for pk in steps_done), Decimal(0))


def feed_kpi(check_in: CheckIn) -> None:
    """A key result tied to a KPI feeds it: what is typed in per cent is stored as a rate.

    Of a volume, what a cumulative or quota key result reports is what came in; any other key result of a volume, such
    as visits a month 10,000 → 12,000, reports how much a month brings now. Of a level, a cumulative key result says
    how far its sum has brought it.
    """
    key_result = check_in.key_result
    kpi = key_result.kpi
    if kpi is None or key_result.kind == Kind.MILESTONE:
        return
    if check_in.corrects_id:
        kpi.readings.filter(source=source_of(check_in.corrects_id)).delete()
    if not kpi.period and key_result.kind == Kind.CUMULATIVE:
        feed_sums(check_in, kpi)
    else:
        feed(check_in, kpi, check_in.value)


def feed_sums(check_in: CheckIn, kpi: KPI) -> None:
    """How far a key result has come with a check-in, and with those of later days: it may come after them."""
    since = min(check_in.date, check_in.corrects.date) if check_in.corrects else check_in.date
    sum_so_far = check_in.key_result.start_value or Decimal(0)
    rows = CheckIn.objects.counted().filter(key_result=check_in.key_result_id).select_related("key_result", "author")
    for counted in rows.order_by("date", "pk"):
        sum_so_far += counted.value
        if counted.date >= since:
            feed(counted, kpi, sum_so_far)


def feed(check_in: CheckIn, kpi: KPI, value: Decimal) -> None:
    record_reading(
        kpi,
        date=check_in.date,
        value=value / 100 if kpi.is_rate else value,
        recorded_by=check_in.author,
        source=source_of(check_in.pk),
        span=span_fed(check_in.key_result, kpi),
    )


def source_of(check_in_id: int) -> str:
    return f"check-in:{check_in_id}"


def span_fed(key_result: KeyResult, kpi: KPI) -> str:
    """What a key result's check-ins say of the KPI it feeds: a day, or its whole week or month."""
    if not kpi.period or key_result.kind in ADDING:
        return ReadingSpan.DAY
    return ReadingSpan.WEEK if kpi.period == KPIPeriod.WEEK else ReadingSpan.MONTH
