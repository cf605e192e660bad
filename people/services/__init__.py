"""Acts on people and organizations that change more than one row."""

from people.services.organizations import add_member, create_organization

__all__ = ["add_member", "create_organization"]
