"""What the numbers of a plan were before they changed, by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from funnel.models import KGI, KPI, PlanChange, TargetColumn
from people.models import Membership

COLUMNS = tuple(TargetColumn.values)
Values = Mapping[str, Decimal | None]


def values_of(row: KGI | KPI) -> dict[str, Decimal | None]:
    """A row's numbers under the columns' names."""
    return {column: getattr(row, column if isinstance(row, KPI) else f"{column}_value") for column in COLUMNS}


def note_changes(row: KGI | KPI, before: Values, *, by: Membership | None, reason: str = "") -> None:
    """Keep what stood in a row and does no more. A number that was empty has nothing to be kept."""
    after = values_of(row)
    owner = {"kgi": row} if isinstance(row, KGI) else {"kgi_id": row.kgi_id, "kpi": row}
    PlanChange.objects.bulk_create(
        PlanChange(**owner, column=column, before=value, after=after[column], changed_by=by, reason=reason.strip())
        for column, value in before.items()
        if value is not None and value != after[column]
    )
