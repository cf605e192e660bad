"""Seal secrets again with the present key, so that an old one can be let go."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Model
from psycopg import sql

from people.sealing import SealedField, open_seal, seal


class Command(BaseCommand):
    help = "Seal all stored secrets with the present SECRET_KEY. Run it before a key leaves SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = lost = 0
        for model in apps.get_models():
            columns = [str(field.column) for field in model._meta.concrete_fields if isinstance(field, SealedField)]
            if columns and not model._meta.proxy:
                done, missing = reseal(model, columns)
                sealed, lost = sealed + done, lost + missing
        self.stdout.write(f"{sealed} secrets sealed with the present key.")
        if lost:
            raise CommandError(f"{lost} secrets open with no key that is set; they are left as they are.")


@transaction.atomic
def reseal(model: type[Model], columns: list[str]) -> tuple[int, int]:
    """How many secrets of a table were sealed anew, and how many open with no key. Who was there holds the rows."""
    table, done, lost = sql.Identifier(model._meta.db_table), 0, 0
    with connection.cursor() as cursor:
        for column in map(sql.Identifier, columns):
            cursor.execute(sql.SQL("SELECT id, {} FROM {} WHERE {} <> '' FOR UPDATE").format(column, table, column))
            for pk, stored in cursor.fetchall():
                plain = open_seal(stored)
                if not plain:
                    lost += 1
                    continue
                cursor.execute(sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(table, column), [seal(plain), pk])
                done += 1
    return done, lost
