"""What the statements of a dashboard have in common: whom they speak of, and where a value lies against the band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from objectives.formulas.pace import COMMITTED_ON_TRACK
from objectives.models import Cycle, Objective, ObjectiveState
from people.models import Membership, Organization

WORKING = (ObjectiveState.ACTIVE, ObjectiveState.CLOSED)
ZONES = ("below", "in", "above", "none")

# At which score an objective would end, or ended.
VALUE = """
    CASE WHEN {row}.health IN ('not_started', 'measure_first') THEN NULL
         WHEN {row}.health = 'closed' THEN {row}.score
         ELSE {row}.landing END
"""

# At which score an objective `o` with its grade `g` ended, or would: before it is closed a grade is only proposed.
ENDED = f"COALESCE(CASE WHEN o.state = 'closed' THEN COALESCE(g.override, g.computed) END, {VALUE.format(row='s')})"

# The score of what was reported: an objective just begun says nothing yet, and is no zero in a mean.
REPORTED = "CASE WHEN {row}.health NOT IN ('not_started', 'measure_first') THEN {row}.score END"

# The twin of `objectives.formulas.pace.zone`; a test holds both equal.
ZONE = f"""
    CASE WHEN {{value}} IS NULL THEN 'none'
         WHEN {{kind}} = 'committed' THEN CASE WHEN {{value}} < {COMMITTED_ON_TRACK} - 1e-9 THEN 'below' ELSE 'in' END
         WHEN {{value}} < %(lower)s::float8 - 1e-9 THEN 'below'
         WHEN {{value}} <= %(upper)s::float8 + 1e-9 THEN 'in'
         ELSE 'above' END
"""


def working(membership: Membership, cycle: Cycle) -> QuerySet[Objective]:
    """The objectives a dashboard speaks of: visible, active or already closed. Drafts are plans, not results."""
    return Objective.objects.visible_to(membership).in_cycle(cycle).filter(state__in=WORKING)


def rows(sql: str, visible: QuerySet, values: dict[str, Any], columns: Sequence[str] = ("pk",)) -> list[tuple]:
    """Run `sql`, in which `{visible}` stands for the sub-query of what the reader may see: its ids, or its `columns`.

    `FROM {visible} o` reads a table once where `WHERE id IN {visible}` reads it twice.
    """
    inner, parameters = visible.values(*columns).order_by().query.sql_with_params()
    named = {f"visible_{index}": parameter for index, parameter in enumerate(parameters)}
    inner %= tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{visible}", f"({inner})"), {**named, **values})
        return cursor.fetchall()


def band_of(organization: Organization) -> dict[str, float]:
    return {"lower": organization.band_lower, "upper": organization.band_upper}
