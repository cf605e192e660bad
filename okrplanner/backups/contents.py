"""What a database holds, in a few lines that can be compared: rows and a sum over them, table by table."""

from typing import Any

import psycopg
from psycopg import sql

# Who was signed in and what was only remembered: a file that could sign somebody in is no backup.
LEFT_OUT = ("django_session", "usersessions_usersession", "cache")

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, 2
"""
# The same whatever order the rows come in; any changed, missing or doubled row changes it.
ROWS = """
    SELECT count(*), COALESCE(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text FROM {} AS t
"""


def described(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """`{"public.people_user": [rows, sum]}` as this connection's snapshot sees it."""
    connection.execute("SET TIME ZONE 'UTC'")
    connection.execute("SET extra_float_digits = 1")
    found = {}
    for schema, table in connection.execute(TABLES).fetchall():
        if table not in LEFT_OUT:
            row = connection.execute(sql.SQL(ROWS).format(sql.Identifier(schema, table))).fetchone()
            found[f"{schema}.{table}"] = list(row or ())
    return found


def migrations(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall()
    return [f"{app}.{name}" for app, name in rows]
