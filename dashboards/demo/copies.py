"""Rows that are like others, written by the database itself: how a large organization is filled in a minute."""

from __future__ import annotations

from typing import cast

from django.db import connection
from django.db.models import Model

from objectives.models import CheckIn, KeyResult, KeyResultScore, Obstacle
from people.models import Organization, SearchEntry, SearchKind

# Every key result of the objectives from the first `patterns` on, beside the one it is to be like.
WANTED = """
CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT o.id AS objective_id, o.owner_id, kr.id AS like_id
FROM objectives_objective o
JOIN objectives_objective first ON first.organization_id = o.organization_id
     AND first.position = o.position %% %(patterns)s AND first.id <> o.id
JOIN objectives_keyresult kr ON kr.objective_id = first.id
WHERE o.organization_id = %(organization)s
ORDER BY o.id, kr.position
"""
MADE = """
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT kr.id, kr.objective_id, wanted.owner_id, wanted.like_id
FROM wanted
JOIN objectives_keyresult was ON was.id = wanted.like_id
JOIN objectives_keyresult kr ON kr.objective_id = wanted.objective_id AND kr.position = was.position
"""
NEW_KEY = "gen_random_uuid()"


def copy_key_results(organization: Organization, patterns: int) -> None:
    """Give every objective whose position is `patterns` or more the key results of the one at its position's rest.

    With check-ins, scores, obstacles and what search finds. The triggers are to be at rest, or every row is written
    into the history and cut into pairs again.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE objectives_objective, objectives_keyresult")
        cursor.execute(WANTED, {"organization": organization.pk, "patterns": patterns})
        cursor.execute(
            _insert(KeyResult, {"objective_id": "t.objective_id", "owner_id": "t.owner_id", "submission_key": NEW_KEY})
            + "FROM wanted t JOIN objectives_keyresult was ON was.id = t.like_id ORDER BY t.objective_id, was.position"
        )
        cursor.execute("ANALYZE wanted, objectives_objective, objectives_keyresult")
        cursor.execute(MADE)
        cursor.execute("ANALYZE made")
        cursor.execute(
            _insert(CheckIn, {"key_result_id": "t.id", "author_id": "t.owner_id", "submission_key": NEW_KEY})
            # As people write them: week after week, and not key result by key result.
            + "FROM made t JOIN objectives_checkin was ON was.key_result_id = t.like_id ORDER BY was.date, t.id"
        )
        cursor.execute(
            _insert(KeyResultScore, {"key_result_id": "t.id"})
            + "FROM made t JOIN objectives_keyresultscore was ON was.key_result_id = t.like_id ORDER BY t.id"
        )
        cursor.execute("ANALYZE objectives_checkin, objectives_keyresultscore")
        cursor.execute(
            _insert(
                Obstacle,
                {
                    "key_result_id": "t.id",
                    "check_in_id": "said.id",
                    "raised_by_id": "t.owner_id",
                    "owner_id": "t.owner_id",
                },
            )
            + """FROM made t
            JOIN objectives_obstacle was ON was.key_result_id = t.like_id
            JOIN objectives_checkin named ON named.id = was.check_in_id
            JOIN objectives_checkin said ON said.key_result_id = t.id
                 AND said.date = named.date AND said.created_at = named.created_at
            ORDER BY t.id"""
        )
        _copy_search(cursor, SearchKind.KEY_RESULT, "SELECT id AS row, like_id AS like_row, objective_id FROM made")
        _copy_search(
            cursor,
            SearchKind.CHECK_IN,
            """SELECT said.id AS row, was.id AS like_row, made.objective_id
            FROM made
            JOIN objectives_checkin was ON was.key_result_id = made.like_id
                 AND (was.going_well <> '' OR was.obstacle <> '' OR was.next_step <> '')
            JOIN objectives_checkin said ON said.key_result_id = made.id
                 AND said.date = was.date AND said.created_at = was.created_at""",
        )
        _copy_search(
            cursor,
            SearchKind.OBSTACLE,
            """SELECT mine.id AS row, was.id AS like_row, made.objective_id
            FROM made
            JOIN objectives_obstacle was ON was.key_result_id = made.like_id
            JOIN objectives_obstacle mine ON mine.key_result_id = made.id AND mine.raised_on = was.raised_on""",
        )
        cursor.execute("DROP TABLE wanted, made")


def _insert(model: type[Model], others: dict[str, str]) -> str:
    """`INSERT … SELECT` of all columns from `was`, but for those that are another's; the key is the sequence's."""
    table = model._meta
    columns = [
        column
        for field in table.concrete_fields
        if (column := cast("str", field.column)) != "id" or not field.primary_key
    ]
    chosen = ", ".join(others.get(column, f'was."{column}"') for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table.db_table}" ({named}) SELECT {chosen} '


def _copy_search(cursor, kind: str, pairs: str) -> None:
    cursor.execute(
        _insert(SearchEntry, {"row": "t.row", "branch": "t.objective_id"})
        + f"FROM ({pairs}) t JOIN people_searchentry was ON was.kind = %s AND was.row = t.like_row ORDER BY t.row",
        [kind],
    )
