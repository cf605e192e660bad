"""Ways in: invitations, the first start, and tokens of other programs. Of every secret only a hash is kept."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from people import clock
from people.models.company import Membership, Organization, Role, Team, User
from people.models.history import Audit

if TYPE_CHECKING:
    from datetime import datetime

AnyKey = TypeVar("AnyKey", bound="Key")


def hash_of(secret: str) -> str:
    """What is stored of a secret with 128 bits or more of chance in it: there is nothing to guess, so no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def two_weeks_on() -> datetime:
    return clock.now() + timedelta(days=14)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, membership: Membership) -> InvitationQuerySet:
        rows = self.filter(organization=membership.organization_id)
        return rows if membership.is_admin else rows.none()

    editable_by = visible_to

    def open(self) -> InvitationQuerySet:
        """Neither used nor withdrawn, expired ones included."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def unsent(self) -> InvitationQuerySet:
        """Open ones whose mail still has to go, whenever that is to be tried."""
        return self.open().filter(sent_at=None, expires_at__gt=clock.now())

    def due(self) -> InvitationQuerySet:
        """Those whose mail is to be tried now: a mail that failed waits a while."""
        return self.unsent().filter(Q(try_at=None) | Q(try_at__lte=clock.now()))


class Invitation(models.Model):
    """A place in the organization that waits for one person, and a link that is good once.

    The link's secret is made from `nonce` and the installation's key, so that the worker can write the mail; `sent_at`
    is empty while the mail still has to go, `failure` says why the last of its `tries` did not, `try_at` when the next
    one may be.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("E-mail address"))
    name = models.CharField(_("Name"), max_length=100, blank=True)
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    team = models.ForeignKey(
        Team, verbose_name=_("Team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    language = models.CharField(max_length=5, blank=True)
    nonce = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(default=two_weeks_on)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    try_at = models.DateTimeField(null=True, blank=True, editable=False)
    failure = models.CharField(max_length=200, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
                violation_error_message=_("This address is invited already."),
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="invitation_email_lower_case"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(sent_at=None, accepted_at=None, withdrawn_at=None),
                name="invitation_unsent",
            )
        ]
        triggers = [Audit("touched.organization_id", unseen=("nonce", "token_hash", "tries", "try_at"))]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= clock.now()


class StartLink(models.Model):
    """The one-time link that lets somebody make a new organization, printed where the product is started."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(default=two_weeks_on)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"start link {self.pk}"


class KeyQuerySet(models.QuerySet[AnyKey]):
    def visible_to(self, membership: Membership) -> Self:
        """One's own; an administrator sees that others have some, and may end them."""
        rows = self.filter(membership__organization=membership.organization_id)
        return rows if membership.is_admin else rows.filter(membership=membership)

    def editable_by(self, membership: Membership) -> Self:
        return self.visible_to(membership)

    def good(self) -> Self:
        """Those that open: not ended, of people who are still here."""
        return self.filter(ended_at=None, membership__left_on=None, membership__user__is_active=True)


class Key(models.Model):
    """What opens a door in the name of one member by a secret. The secret is shown once, when it is made."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    name = models.CharField(_("What it is for"), max_length=100)
    beginning = models.CharField(max_length=12, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
        ordering = ("-id",)
        triggers = [
            Audit(
                "SELECT organization_id FROM people_membership WHERE id = touched.membership_id",
                unseen=("token_hash", "last_used_at"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class APITokenQuerySet(KeyQuerySet["APIToken"]):
    def good(self) -> Self:
        return super().good().filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))


class APIToken(Key):
    """Lets a program act as one member of one organization."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    is_read_only = models.BooleanField(_("May only read"), default=False)
    expires_at = models.DateTimeField(_("Good until"), null=True, blank=True)

    objects = APITokenQuerySet.as_manager()

    @property
    def is_good(self) -> bool:
        return self.ended_at is None and (self.expires_at is None or self.expires_at > clock.now())


class IdempotentAnswerQuerySet(models.QuerySet["IdempotentAnswer"]):
    def outlived(self) -> IdempotentAnswerQuerySet:
        """Those whose 24 hours are over: their keys are free again."""
        return self.filter(created_at__lte=clock.now() - timedelta(hours=24))


class IdempotentAnswer(models.Model):
    """What a write with an `Idempotency-Key` answered, for 24 hours; a row without a status is still being answered."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token = models.ForeignKey(APIToken, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    objects = IdempotentAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "token", "key"], name="idempotent_answer_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.key


class CalendarFeedQuerySet(KeyQuerySet["CalendarFeed"]):
    def visible_to(self, membership: Membership) -> Self:
        """Nobody's but one's own: the link is as good as being signed in, to look."""
        return self.filter(membership=membership)


class CalendarFeed(Key):
    """A secret address from which a calendar reads one person's check-in days, meetings and cycles."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="calendar_feeds")
    language = models.CharField(max_length=5, blank=True)

    objects = CalendarFeedQuerySet.as_manager()


class ShareLinkQuerySet(KeyQuerySet["ShareLink"]):
    def good(self) -> Self:
        return super().good().filter(expires_at__gt=clock.now()).exclude(membership__role=Role.PARTNER)


class ShareLink(Key):
    """A secret address at which somebody without a login sees the company dashboard as its maker does.

    Nothing else opens by it. It shows what the maker may see at the moment it is opened, and ends when they leave.
    """

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="share_links")
    name = models.CharField(_("Whom it is for"), max_length=100)
    language = models.CharField(max_length=5, blank=True)
    expires_at = models.DateTimeField(_("Good until"), default=two_weeks_on)

    objects = ShareLinkQuerySet.as_manager()

    @property
    def is_good(self) -> bool:
        return self.ended_at is None and self.expires_at > clock.now()
