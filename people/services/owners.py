"""Who is given something to own stays until that is written."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from people.models import Role
from people.refusals import Refusal


def hold_owner(member_id: int | None, *, before: int | None) -> None:
    """Keep a new owner from leaving until the transaction ends; the present one may have left long ago.

    Before anything they own is held: that is the order in which handing over takes them. Raises `Refusal` `owner` for
    somebody who has left or is a partner.
    """
    if member_id is None or member_id == before:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT left_on, role FROM people_membership WHERE id = %s FOR SHARE", [member_id])
        left_on, role = cursor.fetchone()
    if left_on is not None or role == Role.PARTNER:
        raise Refusal.of_field("owner", "owner", _("Choose a colleague who is still here and is not a partner."))
