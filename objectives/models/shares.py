"""What a partner may see: the branches shared with them."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from people.models import Membership

# One step down per objective by an index: joined by either of two columns, each step would read all alignments.
SHARED_BRANCH = """
    WITH RECURSIVE branch(id) AS (
        SELECT root.id
        FROM objectives_objectiveshare share
        JOIN objectives_objective root ON root.id = share.objective_id AND root.dropped_at IS NULL
        WHERE share.membership_id = %s {may_write}
        UNION
        SELECT child.id
        FROM branch
        CROSS JOIN LATERAL (
            SELECT child_id FROM objectives_alignment
            WHERE parent_objective_id = branch.id AND link = 'contributes'
            UNION ALL
            SELECT child_id FROM objectives_alignment
            WHERE link = 'contributes' AND parent_key_result_id = ANY(ARRAY(
                SELECT id FROM objectives_keyresult WHERE objective_id = branch.id AND dropped_at IS NULL))
        ) AS alignment
        JOIN objectives_objective child ON child.id = alignment.child_id AND child.dropped_at IS NULL
    ) SELECT id FROM branch
"""


@models.BigAutoField.register_lookup
class Among(models.Lookup):
    """`pk__among=ids`: thousands of ids as one array, which is looked up in row by row and joined with nothing."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, as_array(self.rhs))


def in_shared_branch(membership: Membership, objective: str = "", *, may_write: bool = False) -> Q:
    """Of the objectives shared with a partner and all that contributes to them; `objective` is the way there.

    Mere support comes from other branches, whose people offered help and nothing more.
    """
    way = f"{objective}__pk" if objective else "pk"
    read: list[int] | None = membership.__dict__.get("branch_read")
    if read is not None and not may_write:
        return Q(**{f"{way}__among": read})
    branch = RawSQL(SHARED_BRANCH.format(may_write="AND may_write" if may_write else ""), [membership.pk])  # noqa: S611
    return Q(**{f"{way}__in": branch})


def read_branch_once(membership: Membership) -> list[int]:
    """The ids of the branch; this object then sees by them, so that what asks often in one request walks down once."""
    if "branch_read" not in membership.__dict__:
        with connection.cursor() as cursor:
            cursor.execute(SHARED_BRANCH.format(may_write=""), [membership.pk])
            membership.__dict__["branch_read"] = [pk for (pk,) in cursor.fetchall()]
    return membership.__dict__["branch_read"]


def as_array(ids: list[int]) -> str:
    """Ids as PostgreSQL writes an array: thousands of parameters would take longer to prepare than to look up."""
    return "{" + ",".join(map(str, ids)) + "}"


def cycles_of_shared_branch(membership: Membership) -> RawSQL:
    """The cycles that the objectives shared with a partner belong to."""
    cycles = "SELECT cycle_id FROM objectives_objective WHERE id"
    read: list[int] | None = membership.__dict__.get("branch_read")
    if read is not None:
        return RawSQL(f"{cycles} = ANY(%s::bigint[])", [as_array(read)])  # noqa: S611
    return RawSQL(f"{cycles} IN ({SHARED_BRANCH.format(may_write='')})", [membership.pk])  # noqa: S611
