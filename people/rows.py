"""Rows of several models by one statement written by hand: what `select_related` does, without building the query anew.

A page that is opened all day spends more time on writing its statements than the database on answering them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, models


class Part:
    """The columns of one model in a statement, below an alias; all of them, or only some."""

    def __init__(self, model: type[models.Model], alias: str, *only: str):
        self.model = model
        self.fields = tuple(only) or tuple(field.attname for field in model._meta.concrete_fields)
        self.columns = ", ".join(
            f'{alias}."{field.column}"' for field in model._meta.concrete_fields if field.attname in self.fields
        )
        self.fields = tuple(field.attname for field in model._meta.concrete_fields if field.attname in self.fields)
        self.width = len(self.fields)

    def of(self, values: Sequence[Any]) -> Any:
        """The row, None where the join found none."""
        place = next(n for n, field in enumerate(self.model._meta.concrete_fields) if field.primary_key)
        key = self.model._meta.concrete_fields[place].attname
        if values[self.fields.index(key)] is None:
            return None
        return self.model.from_db("default", self.fields, values)


def columns(parts: Sequence[Part]) -> str:
    return ", ".join(part.columns for part in parts)


def taken(parts: Sequence[Part], row: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
    """The rows of the parts, and whatever else stands behind them."""
    found, place = [], 0
    for part in parts:
        found.append(part.of(row[place : place + part.width]))
        place += part.width
    return found, row[place:]


class Prepared:
    """A statement that the database plans once for each connection: for those whose plan takes longer than their work.

    `types` names the parameters of the statement, `%(name)s`, and the type of each. It is kept by the session, so what
    stands between us and the database hands a session to one process at a time, if it pools them at all.
    """

    def __init__(self, name: str, sql: str, **types: str):
        self.name, self.types = name, types
        places = {parameter: f"${place}" for place, parameter in enumerate(types, 1)}
        self.preparation = f"PREPARE {name} ({', '.join(types.values())}) AS {sql % places}"
        self.execution = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"
        self.known: WeakKeyDictionary[psycopg.Connection[Any], bool] = WeakKeyDictionary()

    def execute(self, cursor: Any, values: Mapping[str, Any]) -> Any:
        """The cursor, with the rows that it found."""
        if not self.known.get(connection.connection):
            cursor.execute(self.preparation)
            self.known[connection.connection] = True
        return cursor.execute(self.execution, values)
