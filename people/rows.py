"""Rows of several models by one statement written by hand: what `select_related` does, without building the query anew.

A page that is opened all day spends more time on writing its statements than the database on answering them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models


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
