"""Who works here, who may come in, and what was done by whom."""

from people.models.company import (
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
from people.models.doors import APIToken, IdempotentAnswer, Invitation, StartLink
from people.models.history import Audit, AuditEvent, Door
from people.models.search import Searched, SearchEntry, SearchKind
from people.models.system import Heartbeat
from people.models.units import Better, Unit

__all__ = [
    "APIToken",
    "Audit",
    "AuditEvent",
    "Better",
    "Door",
    "Heartbeat",
    "IdempotentAnswer",
    "Invitation",
    "Membership",
    "MembershipQuerySet",
    "Organization",
    "Role",
    "SearchEntry",
    "SearchKind",
    "Searched",
    "StartLink",
    "Team",
    "TeamQuerySet",
    "Unit",
    "User",
    "UserManager",
    "Weekday",
    "below",
    "normalize_email",
    "validate_time_zone",
]
