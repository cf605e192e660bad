"""Who works here, who may come in, and what was done by whom."""

from people.models.channels import Channel, ChannelKind, Delivery, ReminderPreference, Topic
from people.models.company import (
    Holidays,
    Membership,
    MembershipQuerySet,
    Organization,
    Role,
    Team,
    TeamQuerySet,
    User,
    UserManager,
    Weekday,
    below,
    normalize_email,
    validate_time_zone,
)
from people.models.doors import APIToken, CalendarFeed, IdempotentAnswer, Invitation, ShareLink, StartLink
from people.models.exports import Export, ExportFailure, ExportKind, ExportState
from people.models.history import Audit, AuditEvent, Door
from people.models.live import LiveVersion
from people.models.rhythm import Cadence, DayOff, EveryWeeks, KPIRound, Review
from people.models.search import Searched, SearchEntry, SearchKind
from people.models.system import Heartbeat
from people.models.units import Better, Unit
from people.models.views import SavedView, ViewedPage

__all__ = [
    "APIToken",
    "Audit",
    "AuditEvent",
    "Better",
    "Cadence",
    "CalendarFeed",
    "Channel",
    "ChannelKind",
    "DayOff",
    "Delivery",
    "Door",
    "EveryWeeks",
    "Export",
    "ExportFailure",
    "ExportKind",
    "ExportState",
    "Heartbeat",
    "Holidays",
    "IdempotentAnswer",
    "Invitation",
    "KPIRound",
    "LiveVersion",
    "Membership",
    "MembershipQuerySet",
    "Organization",
    "ReminderPreference",
    "Review",
    "Role",
    "SavedView",
    "SearchEntry",
    "SearchKind",
    "Searched",
    "ShareLink",
    "StartLink",
    "Team",
    "TeamQuerySet",
    "Topic",
    "Unit",
    "User",
    "UserManager",
    "ViewedPage",
    "Weekday",
    "below",
    "normalize_email",
    "validate_time_zone",
]
