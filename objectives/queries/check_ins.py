"""What was reported on a key result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet, Window
from django.db.models.functions import Lag

from funnel.fields import plain
from objectives.formulas.bar import Bar
from objectives.formulas.reporting import expected_value, is_falling
from objectives.models import CheckIn, KeyResult, Kind
from objectives.queries.bars import key_result_bar
from people.models import Membership, Organization

ADDED_KINDS = {Kind.CUMULATIVE, Kind.QUOTA}


@dataclass(frozen=True)
class Standing:
    """A key result as the check-in shows it: what was said last and where it should be."""

    last: CheckIn | None
    expected: Decimal | None
    falling: bool
    bar: Bar

    @property
    def last_typed(self) -> str:
        """What was said last, as it is typed."""
        return plain(self.last.value) if self.last else ""


def counted(key_result: KeyResult, *, corrects: CheckIn | None = None) -> list[CheckIn]:
    """The check-ins that count, oldest first, without the one that is about to be corrected."""
    return [row for row in key_result.check_ins.counted().oldest_first() if corrects is None or row.pk != corrects.pk]


def standing(key_result: KeyResult, organization: Organization, *, corrects: CheckIn | None = None) -> Standing:
    """What the check-in form stands on; the key result comes with `objective__cycle`, `scored` and its steps."""
    counting = key_result.check_ins.counted().newest_first()
    if corrects is not None:
        counting = counting.exclude(pk=corrects.pk)
    measure = key_result.measure
    scored = getattr(key_result, "scored", None)
    return Standing(
        last=counting.first(),
        expected=expected_value(measure, scored.pace) if scored else None,
        falling=is_falling(measure),
        bar=key_result_bar(key_result, organization, organization.today),
    )


def log_rows(rows: Iterable[CheckIn], membership: Membership) -> list[CheckIn]:
    """Check-ins of one page of a log, each with `before` (the value before it) and `is_mine`.

    Each row comes with its key result, author and `corrected_by`.
    """
    page = list(rows)
    present = {row.key_result_id for row in page if row.key_result.kind not in {*ADDED_KINDS, Kind.MILESTONE}}
    before = dict(
        CheckIn.objects.counted()
        .filter(key_result__in=present)
        .annotate(
            before=Window(
                Lag("value"),
                partition_by="key_result_id",
                order_by=[F("date").asc(), F("created_at").asc(), F("id").asc()],
            )
        )
        .values_list("pk", "before")
        if present
        else ()
    )
    for row in page:
        row.is_mine = row.author_id == membership.pk  # type: ignore[attr-defined]
        previous = before.get(row.pk)
        row.change = None if previous is None else row.value - previous  # type: ignore[attr-defined]
    return page


def log_of(key_results: Sequence[int] | QuerySet[KeyResult]) -> QuerySet[CheckIn]:
    """Everything said about the key results, corrected check-ins too, newest first."""
    return (
        CheckIn.objects.filter(key_result__in=key_results)
        .select_related("author__user", "key_result", "corrected_by__author__user")
        .newest_first()
    )
