"""Acts on people and organizations that change more than one row."""

from people.services.organizations import add_member, create_organization
from people.services.teams import change_team, create_team

__all__ = ["add_member", "change_team", "create_organization", "create_team"]
