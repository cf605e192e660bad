"""Acts on people and organizations that change more than one row."""

from people.services.invitations import (
    Guest,
    accept_invitation,
    invite_people,
    renew_invitation,
    withdraw_invitation,
)
from people.services.keys import end_key
from people.services.organizations import add_member, create_organization
from people.services.start import Founder, found_organization, make_start_link
from people.services.teams import change_team, create_team
from people.services.tokens import make_token

__all__ = [
    "Founder",
    "Guest",
    "accept_invitation",
    "add_member",
    "change_team",
    "create_organization",
    "create_team",
    "end_key",
    "found_organization",
    "invite_people",
    "make_start_link",
    "make_token",
    "renew_invitation",
    "withdraw_invitation",
]
