"""What concerns a person wherever they belong: their name, and its being forgotten."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import pgtrigger
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.utils.translation import gettext as _

from people import clock
from people.models import AuditEvent, IdempotentAnswer, Invitation, Membership, User
from people.refusals import Refusal

# Mail servers repeat the address in what they say of a mail they did not take.
TELLING = ("name", "email", "reading", "failure")

FORGET = """
UPDATE people_auditevent
SET before = jsonb_set(before, ARRAY[telling], '"…"', false), after = jsonb_set(after, ARRAY[telling], '"…"', false)
FROM (SELECT %s::text AS telling) AS one
WHERE "table" = %s AND "row" = ANY(%s) AND (before ? telling OR after ? telling)
"""


def belongs_elsewhere(member: Membership) -> bool:
    """Whether the person works for another organization too: their name is not one organization's matter then."""
    others = Membership.objects.active().filter(user=member.user_id)
    return others.exclude(organization=member.organization_id).exists()


@transaction.atomic
def correct_person(member: Membership, *, by: Membership, name: str, reading: str) -> User:
    """Write a person's name and reading as they should be; people do it for themselves, administrators for others.

    The same again is harmless. Raises `Refusal` `belongs_elsewhere` where an administrator would rename somebody who
    works for others too, and `erased`; and `ValidationError` for a name that is none.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=member.user_id)
    name, reading = " ".join(name.split()), " ".join(reading.split())
    if (user.name, user.reading) == (name, reading):
        return user
    refuse_erased(user)
    if by.user_id != user.pk and belongs_elsewhere(member):
        sentence = _("This person works for others too and changes their name themselves.")
        raise Refusal.of_field("name", "belongs_elsewhere", sentence)
    user.name, user.reading = name, reading
    user.full_clean(exclude=["password", "email"], validate_unique=False, validate_constraints=False)
    user.save(update_fields=["name", "reading"])
    return user


def refuse_erased(user: User) -> None:
    if user.erased_at is not None:
        raise Refusal("erased", _("This person's data was erased."))


def refuse_to_erase(user: User) -> None:
    """`Refusal` `still_here` while the person belongs to any organization."""
    if Membership.objects.filter(user=user, left_on=None).exists():
        raise Refusal(
            "still_here",
            _("Only who has left can be erased: hand over what they own and let them leave, everywhere, first."),
        )


@transaction.atomic
def erase_person(user: User) -> User:
    """Forget who somebody was: name, reading, address and password go, in the history too; what they wrote stays.

    The account is closed for good and gets a neutral name. Twice is harmless. Raises `Refusal` `still_here` for
    somebody who has not left every organization.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.erased_at is not None:
        return user
    refuse_to_erase(user)
    address = user.email
    user.name = _("Former member %(number)s") % {"number": user.pk}
    user.email = f"erased-{secrets.token_hex(8)}@erased.invalid"
    user.reading, user.language = "", ""
    user.is_active, user.is_staff, user.is_superuser = False, False, False
    user.last_login, user.erased_at = None, clock.now()
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.filter(user=user).delete()
    UserSession.objects.filter(user=user).delete()
    IdempotentAnswer.objects.filter(user=user).delete()
    invitations = list(Invitation.objects.filter(email=address).values_list("pk", flat=True))
    Invitation.objects.filter(pk__in=invitations).update(name="", email=user.email, failure="")
    # After the writing above, whose own events hold what was there before.
    forget_in_history("people_user", [user.pk])
    forget_in_history("people_invitation", invitations)
    return user


def forget_in_history(table: str, rows: Iterable[int], telling: Iterable[str] = TELLING) -> None:
    """Black out who somebody was in what the history keeps of these rows: the one change it ever takes."""
    rows = list(rows)
    if not rows:
        return
    with pgtrigger.ignore(f"{AuditEvent._meta.label}:append_only"), connection.cursor() as cursor:
        for key in telling:
            cursor.execute(FORGET, [key, table, rows])
