"""What staff of the installation see at `/admin/`, where it is turned on: mostly to read, nothing to bypass services.

People are let in, placed and let go by the product's own pages, whose acts have consequences.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from people.models import AuditEvent, Heartbeat, Membership, Organization, User


class ReadMostly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows are neither added nor removed here; only `editable` fields are written."""

    editable: tuple[str, ...] = ()
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.editable) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = self.fields or [field.name for field in self.opts.fields]
        return [str(name) for name in shown if name not in self.editable]


@admin.register(User)
class UserAdmin(ReadMostly):
    """Accounts. Who is staff is decided here; the password's hash is not shown."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name", "reading")
    ordering = ("email",)
    fields = (
        "email",
        "name",
        "reading",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "created_at",
        "erased_at",
    )
    editable = ("is_active", "is_staff", "is_superuser")


@admin.register(Organization)
class OrganizationAdmin(ReadMostly):
    list_display = ("name", "slug", "time_zone", "currency", "created_at")
    search_fields = ("name", "slug")
    editable = ("name",)


@admin.register(Membership)
class MembershipAdmin(ReadMostly):
    list_display = ("user", "organization", "role", "left_on")
    list_filter = ("role", "organization")
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "user__name")
    fields = ("user", "organization", "role", "teams", "left_on", "created_at")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadMostly):
    """The history, as it was written: nobody changes it."""

    list_display = ("at", "organization", "table", "row", "act", "door", "user_id", "address")
    list_filter = ("organization", "act", "door")
    list_select_related = ("organization",)
    show_full_result_count = False
    fields = (
        "at",
        "organization",
        "table",
        "row",
        "act",
        "before",
        "after",
        "user_id",
        "token",
        "door",
        "address",
        "request_id",
    )


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadMostly):
    list_display = ("name", "at", "detail")
