"""What was done: every write leaves an event, written by the database itself.

A trigger sees what no hook of the application can: bulk changes, raw SQL, a shell. Who and through which door is told
by `people.history.told`, which pghistory hands to the database with each statement.
"""

from __future__ import annotations

from functools import cache

import pgtrigger
from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Audit(pgtrigger.Trigger):
    """Writes an `AuditEvent` for every row that is inserted, updated or deleted.

    `organization` is the column of the row's organization, or a query for the ids of those it belongs to, with the row
    as `touched`.
    `unseen` columns are derived or say nothing: they are left out, and a change of nothing else is no event. Of
    `secret` columns it is kept that they changed, not what they held. Rows of an `is_sealed` table bear no names: their
    changes are kept, but nobody reads in the product who wrote which.
    """

    name = "audit"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("touched", "record")]

    def __init__(
        self,
        organization: str,
        *,
        unseen: tuple[str, ...] = (),
        secret: tuple[str, ...] = (),
        is_sealed: bool = False,
    ) -> None:
        super().__init__()
        self.organization = organization if organization.startswith("SELECT") else f"SELECT {organization}"
        self.unseen = ("version", "submission_key", *unseen)
        self.secret = secret
        self.is_sealed = is_sealed

    def get_func(self, model: type[models.Model]) -> str:  # type: ignore[override]
        def array(names: tuple[str, ...]) -> str:
            return "'{" + ",".join(names) + "}'::text[]"

        return f"""
            IF TG_OP = 'DELETE' THEN touched := OLD; ELSE touched := NEW; END IF;
            PERFORM people_write_audit(
                organization, TG_TABLE_NAME::text, touched.{model._meta.pk.column}, TG_OP,
                to_jsonb(OLD), to_jsonb(NEW), {array(self.unseen)}, {array(self.secret)})
            FROM ({self.organization}) AS belongs(organization) WHERE organization IS NOT NULL;
            RETURN NULL;
        """


class Door(models.TextChoices):
    PAGE = "page", _("Page")
    API = "api", _("API")
    TASK = "task", _("Task")
    COMMAND = "command", _("Command")
    DATABASE = "database", _("Database")


@cache
def sealed_tables() -> tuple[str, ...]:
    """The tables of which nobody reads who wrote what."""
    return tuple(
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(trigger, Audit) and trigger.is_sealed for trigger in getattr(model._meta, "triggers", ()))
    )


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def unsealed(self) -> AuditEventQuerySet:
        """Without what was written where notes bear no names."""
        return self.exclude(table__in=sealed_tables())

    def visible_to(self, membership) -> AuditEventQuerySet:
        """The whole history of an organization is for its administrators; of single rows each page shows its own."""
        rows = self.filter(organization=membership.organization_id).unsealed()
        return rows if membership.is_admin else rows.none()


class AuditEvent(models.Model):
    """One row, before and after. Of an update only the columns that changed are kept. It can only be added to."""

    class Act(models.TextChoices):
        INSERT = "insert", _("Added")
        UPDATE = "update", _("Changed")
        DELETE = "delete", _("Removed")

    organization = models.ForeignKey("people.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    act = models.CharField(max_length=6, choices=Act.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    user = models.ForeignKey(
        "people.User", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    token = models.BigIntegerField(null=True)
    door = models.CharField(max_length=8, choices=Door.choices, default=Door.DATABASE)
    address = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "table", "-at", "-id"], name="audit_of_table"),
            models.Index(fields=["organization", "user", "-at", "-id"], name="audit_by_user"),
            # Almost everything comes by a page and is no removal: what is rare is found by an index of its own.
            models.Index(
                fields=["organization", "door", "-at", "-id"], condition=~Q(door=Door.PAGE), name="audit_by_door"
            ),
            models.Index(fields=["organization", "-at", "-id"], condition=Q(act="delete"), name="audit_removed"),
            GinIndex(
                fields=["before"], opclasses=["jsonb_path_ops"], condition=Q(act="delete"), name="audit_removed_of"
            ),
            models.Index(fields=["table", "row", "-id"], name="audit_of_row"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'The history can only be added to.';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row} {self.act}"
