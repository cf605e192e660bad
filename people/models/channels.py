"""How people are reached outside the pages: channels, what is to be sent, and when each person wants it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people import clock
from people.models.company import Membership, Organization, Team, Weekday
from people.models.history import Audit
from people.sealing import SealedField


class ChannelKind(models.TextChoices):
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"
    CHATWORK = "chatwork", "Chatwork"
    LINE_WORKS = "lineworks", "LINE WORKS"
    WEBHOOK = "webhook", _("Webhook")


class Topic(models.TextChoices):
    """What a message is about; a channel takes some."""

    REMINDER = "reminder", _("Check-ins that are due")
    NUDGE = "nudge", _("A nudge from a colleague")
    OBSTACLE = "obstacle", _("Obstacles that need help")
    KPI = "kpi", _("KPIs below their mark")
    MEETING = "meeting", _("Minutes of meetings")
    DIGEST = "digest", _("The week in figures")
    TEST = "test", _("A trial message")


# What a room that several people read can take: a nudge is between two people, a trial is asked for.
FOR_ROOMS = tuple(topic for topic in Topic if topic not in (Topic.NUDGE, Topic.TEST))


def every_topic() -> list[str]:
    return [topic.value for topic in FOR_ROOMS]


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, membership: Membership) -> ChannelQuerySet:
        """One's own; those of the company and of teams for administrators, a team's also for its managers."""
        rows = self.filter(organization=membership.organization_id)
        if membership.is_admin:
            return rows.filter(Q(membership=None) | Q(membership=membership.pk))
        if membership.is_manager:
            led = Team.objects.led_by(membership).values("pk")
            return rows.filter(Q(membership=membership.pk) | Q(membership=None, team__in=led))
        return rows.filter(membership=membership.pk)

    editable_by = visible_to

    def at_work(self) -> ChannelQuerySet:
        return self.filter(is_on=True, retired_at=None)


class Channel(models.Model):
    """A place in a chat, or another program, to which messages go: the company's, a team's or a person's.

    `address` is where messages are posted; whoever knows it can write there, so it is sealed. `token` is Chatwork's
    API token, or the secret a webhook's messages are signed with. `room` is Chatwork's room.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="channels")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(_("Service"), max_length=9, choices=ChannelKind.choices)
    name = models.CharField(_("Name"), max_length=60)
    address = SealedField(_("Address"), blank=True)
    token = SealedField(_("Secret"), blank=True)
    room = models.CharField(_("Room"), max_length=40, blank=True)
    language = models.CharField(_("Language"), max_length=5, blank=True)
    topics = ArrayField(models.CharField(max_length=10, choices=Topic.choices), default=every_topic)
    is_on = models.BooleanField(_("Messages are sent"), default=True)
    last_sent_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=200, blank=True, editable=False)
    created_by = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind_known"),
            models.CheckConstraint(condition=Q(team=None) | Q(membership=None), name="channel_of_team_or_person"),
        ]
        triggers = [
            Audit(
                "touched.organization_id",
                unseen=("last_sent_at", "failing_since", "failure"),
                secret=("address", "token"),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def topic_names(self) -> list[str]:
        """What the channel takes, in words and in the order of the topics."""
        return [str(topic.label) for topic in FOR_ROOMS if topic in self.topics]


class ReminderPreference(models.Model):
    """When and how one person wants to be reminded. Without a row: by mail, at nine on the day a check-in is due.

    `weekday` empty is the day on which something is due. `channel` empty is mail. `digest` empty follows from the
    role: executives and administrators get the weekly digest.
    """

    membership = models.OneToOneField(
        Membership, primary_key=True, on_delete=models.CASCADE, related_name="reminder_preference"
    )
    is_on = models.BooleanField(_("Remind me of check-ins"), default=True)
    weekday = models.PositiveSmallIntegerField(_("Remind me on"), choices=Weekday.choices, null=True, blank=True)
    hour = models.PositiveSmallIntegerField(_("Remind me at"), default=9)
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.BooleanField(_("The week in figures"), null=True, blank=True)
    digest_weekday = models.PositiveSmallIntegerField(_("Digest on"), choices=Weekday.choices, default=Weekday.MONDAY)
    digest_hour = models.PositiveSmallIntegerField(_("Digest at"), default=8)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hour__range=(0, 23), digest_hour__range=(0, 23)),
                name="reminder_hours",
                violation_error_message=_("An hour lies between 0 and 23."),
            ),
            models.CheckConstraint(
                condition=(Q(weekday=None) | Q(weekday__range=(0, 6))) & Q(digest_weekday__range=(0, 6)),
                name="reminder_weekdays",
            ),
        ]
        triggers = [Audit("SELECT organization_id FROM people_membership WHERE id = touched.membership_id")]

    def __str__(self) -> str:
        return f"reminders of {self.membership_id}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, membership: Membership) -> DeliveryQuerySet:
        """Those to channels one may see, and to oneself; for administrators to everybody."""
        rows = self.filter(organization=membership.organization_id)
        to_channels = Q(channel__in=Channel.objects.visible_to(membership).values("pk"))
        people = Q(membership__isnull=False) if membership.is_admin else Q(membership=membership.pk)
        return rows.filter(to_channels | people)

    editable_by = visible_to

    def unsettled(self) -> DeliveryQuerySet:
        return self.filter(sent_at=None, cancelled_at=None, given_up_at=None)

    def outlived(self) -> DeliveryQuerySet:
        """Those that nobody asks for any more: settled, and of more than a year ago."""
        long_ago = clock.now() - timedelta(days=400)
        return self.filter(created_at__lt=long_ago).exclude(pk__in=self.unsettled().values("pk"))

    def due(self) -> DeliveryQuerySet:
        """What is to be tried now, by channels that are at work and to people who are still here."""
        here = Q(membership=None) | Q(membership__left_on=None, membership__user__is_active=True)
        way = Q(channel=None) | Q(channel__is_on=True, channel__retired_at=None)
        return self.unsettled().filter(here, way, try_at__lte=clock.now())


class Delivery(models.Model):
    """One message to one person or channel: the record that it is to be sent, and what became of it.

    It is unique by `occasion`, so that however many workers and beats find the same reason, one message goes. What it
    says is written when it is sent, in the reader's language and from the rows as they are then; where there is
    nothing left to say it is cancelled. Without a channel it goes by mail.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, null=True, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="deliveries")
    topic = models.CharField(max_length=10, choices=Topic.choices)
    occasion = models.CharField(max_length=80)
    about = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    try_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "membership", "channel"], name="delivery_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=False) | Q(channel__isnull=False), name="delivery_to_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["try_at"],
                condition=Q(sent_at=None, cancelled_at=None, given_up_at=None),
                name="delivery_waiting",
            ),
            models.Index(fields=["channel", "-id"], name="delivery_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.occasion}"
