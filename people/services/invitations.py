"""Inviting people, and what becomes of an invitation.

Whoever changes who belongs to an organization holds it first (`hold_tree`), then the invitation.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from people import clock, tasks
from people.history import tell
from people.letters import is_mail_sent
from people.links import invitation_secret
from people.models import Invitation, Membership, Organization, Role, Team, User, normalize_email
from people.models.doors import hash_of, two_weeks_on
from people.refusals import Refusal
from people.services.teams import hold_tree


@dataclass(frozen=True)
class Guest:
    """Somebody to be invited."""

    email: str
    name: str = ""
    role: str = Role.MEMBER
    team: Team | None = None


def members_among(organization: Organization, emails: Sequence[str]) -> set[str]:
    """Those of the addresses whose people belong to the organization already."""
    rows = Membership.objects.active().filter(organization=organization, user__email__in=emails)
    return set(rows.values_list("user__email", flat=True))


def invited_among(
    organization: Organization, emails: Sequence[str], *, submission_key: uuid.UUID | None = None
) -> set[str]:
    """Those of the addresses that an invitation waits for which still opens, but for those of this same form."""
    rows = Invitation.objects.open().filter(organization=organization, email__in=emails, expires_at__gt=clock.now())
    if submission_key is not None:
        rows = rows.exclude(token_hash__in=hashes_of(organization, submission_key, emails))
    return set(rows.values_list("email", flat=True))


def hashes_of(organization: Organization, submission_key: uuid.UUID, emails: Sequence[str]) -> list[str]:
    return [hash_of(invitation_secret(nonce_of(organization, submission_key, email))) for email in emails]


@transaction.atomic
def invite_people(
    organization: Organization,
    guests: Sequence[Guest],
    *,
    by: Membership,
    language: str = "",
    submission_key: uuid.UUID | None = None,
) -> list[Invitation]:
    """Invite people, all or none; the worker writes to them. An expired invitation of an address gives way to the new.

    A form sent twice, known by its `submission_key`, is answered with what it made. Raises `Refusal`: `already_member`,
    `already_invited`, `repeated` for an address that is named twice, `partner_without_team`.
    """
    hold_tree(organization.pk)
    emails = [normalize_email(guest.email) for guest in guests]
    nonces = [nonce_of(organization, submission_key, email) for email in emails]
    hashes = [hash_of(invitation_secret(nonce)) for nonce in nonces]
    made_before = {row.token_hash: row for row in Invitation.objects.filter(token_hash__in=hashes)}
    if made_before and len(made_before) == len(hashes) and all(row.is_open for row in made_before.values()):
        return [made_before[one] for one in hashes]
    refuse_guests(organization, guests, emails)
    Invitation.objects.open().filter(organization=organization, email__in=emails).update(withdrawn_at=clock.now())
    if made_before:
        nonces = [nonce_of(organization, None, email) for email in emails]
    invitations = [
        Invitation(
            organization=organization,
            email=email,
            name=" ".join(guest.name.split()),
            role=guest.role,
            team=guest.team,
            language=language or get_language() or "",
            nonce=nonce,
            token_hash=hash_of(invitation_secret(nonce)),
            invited_by=by,
        )
        for guest, email, nonce in zip(guests, emails, nonces, strict=True)
    ]
    Invitation.objects.bulk_create(invitations)
    tasks.wake()
    return invitations


def nonce_of(organization: Organization, submission_key: uuid.UUID | None, email: str) -> str:
    """By chance, or the same for the same form: it opens nothing without the installation's key."""
    if submission_key is None:
        return secrets.token_hex(32)
    return hashlib.sha256(f"{organization.pk} {submission_key} {email}".encode()).hexdigest()


def refuse_guests(organization: Organization, guests: Sequence[Guest], emails: Sequence[str]) -> None:
    if len(set(emails)) < len(emails):
        twice = next(email for email in emails if emails.count(email) > 1)
        raise Refusal.of_field("email", "repeated", _("%(email)s stands here twice.") % {"email": twice})
    for email in sorted(members_among(organization, emails)):
        sentence = _("%(email)s belongs to the organization already.") % {"email": email}
        raise Refusal.of_field("email", "already_member", sentence)
    for email in sorted(invited_among(organization, emails)):
        sentence = _("%(email)s is invited already. Send that invitation again, or withdraw it first.")
        raise Refusal.of_field("email", "already_invited", sentence % {"email": email})
    if any(guest.role == Role.PARTNER and guest.team is not None for guest in guests):
        raise Refusal.of_field(
            "team",
            "partner_without_team",
            _("A partner is in no team: they see what is shared with them. Leave the team out."),
        )


def hold_invitation(invitation: Invitation) -> Invitation:
    hold_tree(invitation.organization_id)
    return Invitation.objects.select_for_update(of=("self",)).select_related("organization").get(pk=invitation.pk)


def refuse_accepted(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise Refusal("accepted", _("This invitation has been accepted meanwhile."))


@transaction.atomic
def renew_invitation(invitation: Invitation, *, expected: str | None = None) -> Invitation:
    """Write again, with a new link that is good from today; the old one no longer opens. One withdrawn opens again.

    `expected` is the `state` of the row one saw: what was renewed since is left as it is. Raises `Refusal`:
    `accepted`, `already_member`, `already_invited` by another invitation.
    """
    held = hold_invitation(invitation)
    if expected is not None and expected != state_of(held):
        return held
    refuse_accepted(held)
    if members_among(held.organization, [held.email]):
        sentence = _("%(email)s belongs to the organization already.") % {"email": held.email}
        raise Refusal("already_member", sentence)
    others = Invitation.objects.open().filter(organization=held.organization_id, email=held.email).exclude(pk=held.pk)
    if others.filter(expires_at__gt=clock.now()).exists():
        sentence = _("%(email)s is invited already. Send that invitation again, or withdraw it first.")
        raise Refusal("already_invited", sentence % {"email": held.email})
    others.update(withdrawn_at=clock.now())
    held.nonce = secrets.token_hex(32)
    held.token_hash = hash_of(invitation_secret(held.nonce))
    held.expires_at, held.withdrawn_at = two_weeks_on(), None
    held.sent_at, held.tries, held.try_at, held.failure = None, 0, None, ""
    held.save()
    tasks.wake()
    return held


def state_of(invitation: Invitation) -> str:
    """Another one as soon as the invitation is renewed."""
    return invitation.token_hash[:12]


@transaction.atomic
def withdraw_invitation(invitation: Invitation) -> Invitation:
    """Let the link open nothing any more; again is harmless, and `renew_invitation` undoes it.

    Raises `Refusal` `accepted`.
    """
    held = hold_invitation(invitation)
    refuse_accepted(held)
    if held.withdrawn_at is None:
        held.withdrawn_at = clock.now()
        held.save(update_fields=["withdrawn_at"])
    return held


def find_invitation(secret: str) -> Invitation | None:
    """What a link opens, in whatever state it is."""
    rows = Invitation.objects.select_related("organization", "team", "invited_by__user", "membership__user")
    return rows.filter(token_hash=hash_of(secret)).first()


def account_of(invitation: Invitation) -> User | None:
    """The account of the address invited, if there is one that somebody can sign in to."""
    user = User.objects.filter(email=invitation.email).first()
    return user if user is not None and user.has_usable_password() else None


@transaction.atomic
def accept_invitation(
    invitation: Invitation, *, user: User | None = None, name: str = "", password: str = ""
) -> Membership:
    """Give the invited person their place: `user` who is signed in, or a new account of this name and password.

    Who left gets the old place back, with the role and team of the invitation. Accepting again is harmless. Raises
    `Refusal`: `accepted` by this address before, `withdrawn`, `expired`, `other_account`, `account_exists` where one
    has to sign in first, `account_waits` for its password elsewhere, `account_closed`.
    """
    held = hold_invitation(invitation)
    if held.accepted_at is not None and held.membership is not None and held.membership.user == user:
        return held.membership
    refuse_closed_door(held)
    if user is not None and user.email != held.email:
        raise Refusal("other_account", _("This invitation is for another address. Sign in with that one."))
    if user is None:
        user = open_account(held, name, password)
    tell(user=user.pk)
    membership = give_place(held, user)
    held.accepted_at, held.membership = clock.now(), membership
    held.save(update_fields=["accepted_at", "membership"])
    return membership


def refuse_closed_door(invitation: Invitation) -> None:
    refuse_accepted(invitation)
    if invitation.withdrawn_at is not None:
        raise Refusal("withdrawn", _("This invitation was withdrawn."))
    if invitation.is_expired:
        raise Refusal("expired", _("This invitation has expired."))


def open_account(invitation: Invitation, name: str, password: str) -> User:
    """The account of the address; one without a password was made for this person and gets theirs."""
    rows = User.objects.select_for_update(no_key=True)
    user = rows.filter(email=invitation.email).first() or User(email=invitation.email)
    if user.pk is not None and not user.is_active:
        raise Refusal("account_closed", _("The account of this address is closed. Ask your administrator."))
    refuse_unproven(invitation, user)
    if user.pk is not None and user.has_usable_password():
        raise Refusal("account_exists", _("This address has an account already. Sign in first."))
    user.name = " ".join(name.split()) or user.name
    user.language = user.language or get_language() or ""
    user.set_password(password)
    user.full_clean(exclude=["password"], validate_unique=False)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refusal("account_exists", _("This address has an account already. Sign in first.")) from None
    return user


def refuse_unproven(invitation: Invitation, user: User) -> None:
    """Where no mail is sent, administrators see the links: theirs must not open what somebody has elsewhere."""
    if user.pk is None or is_mail_sent():
        return
    elsewhere = Membership.objects.filter(user=user).exclude(organization=invitation.organization_id)
    if elsewhere.exists() and not user.has_usable_password():
        sentence = _("This address waits for its first password elsewhere. Choose it there, then open this link again.")
        raise Refusal("account_waits", sentence)


def give_place(invitation: Invitation, user: User) -> Membership:
    membership, is_new = Membership.objects.select_for_update().get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    team = present_team(invitation.team)
    if membership.left_on is not None:
        membership.left_on, membership.role = None, invitation.role
        membership.version += 1
        membership.save(update_fields=["left_on", "role", "version"])
        membership.teams.clear()
        is_new = True
    if is_new and team is not None:
        membership.teams.add(team)
    return membership


def present_team(team: Team | None) -> Team | None:
    """The team, or the one it was merged into since; none where it was closed."""
    while team is not None and team.closed_on is not None:
        team = team.merged_into
    return team
