"""Who is being invited to the example company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.demo.company import Company, key
from people.links import invitation_secret
from people.models import Invitation, Role
from people.models.doors import hash_of

TWO_WEEKS = timedelta(days=14)


@dataclass(frozen=True)
class Invited:
    """Somebody invited so many days ago; `person` is who came."""

    email: str
    name: str
    role: str
    team: str
    days_ago: int
    person: str = ""
    is_withdrawn: bool = False


INVITED = (
    Invited("sugawara@demo.example", "菅原 拓海", Role.MEMBER, "roastery", 70, person="sugawara"),
    Invited("ota@demo.example", "太田 圭", Role.MEMBER, "online", 40),
    Invited("mizuno@demo.example", "水野 沙織", Role.MANAGER, "sales", 21, is_withdrawn=True),
    Invited("hoshino@demo.example", "星野 健", Role.MEMBER, "sales", 2),
    Invited("studio@demo.example", "北窓デザイン", Role.PARTNER, "", 1),
)


def make_invitations(company: Company) -> None:
    """All mails have gone: the worker has nothing to send for the example."""
    for invited in INVITED:
        sent_at = company.at(company.days.today - timedelta(days=invited.days_ago), "10:20")
        nonce = key("invitation", invited.email).hex
        person = company.people.get(invited.person)
        with company.by("ishiguro", sent_at):
            Invitation.objects.create(
                organization=company.organization,
                email=invited.email,
                name=invited.name,
                role=invited.role,
                team=company.teams.get(invited.team),
                language="ja",
                nonce=nonce,
                token_hash=hash_of(invitation_secret(nonce)),
                invited_by=company.people["ishiguro"],
                created_at=sent_at,
                expires_at=sent_at + TWO_WEEKS,
                sent_at=sent_at,
                membership=person,
                accepted_at=later(sent_at) if person else None,
                withdrawn_at=later(sent_at) if invited.is_withdrawn else None,
            )


def later(moment: datetime) -> datetime:
    return moment + timedelta(hours=5)
