"""What pages read about people: the tree of teams, who can own a goal, and the mail that was written to files."""

from __future__ import annotations

import email.policy
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

from django.db.models import Q

from people.models import Membership, MembershipQuerySet, Team

BETWEEN_LETTERS = re.compile(rb"^-{79}\n?", re.MULTILINE)
MOST_LETTERS = 30
LONGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Branch:
    """A team with its place in the tree: 0 for the company, and the names of the teams above it, company left out."""

    team: Team
    depth: int
    above: tuple[str, ...]


def team_tree(teams: Iterable[Team]) -> list[Branch]:
    """The teams as one reads an organization chart: each followed by all that is below it.

    A team whose parent is not among them stands at the top, so that part of a tree can be shown too.
    """
    rows = list(teams)
    known = {team.pk for team in rows}
    children: dict[int | None, list[Team]] = defaultdict(list)
    for team in rows:
        children[team.parent_id if team.parent_id in known else None].append(team)
    tree: list[Branch] = []
    waiting = [Branch(team, 0, ()) for team in reversed(children[None])]
    while waiting:
        branch = waiting.pop()
        tree.append(branch)
        above = (*branch.above, branch.team.name) if branch.team.parent_id is not None else branch.above
        waiting.extend(Branch(child, branch.depth + 1, above) for child in reversed(children[branch.team.pk]))
    return tree


def possible_owners(membership: Membership, present: int | None) -> MembershipQuerySet:
    """The colleagues, and the present owner even after leaving: an edit must not hand a goal on unnoticed."""
    people = Membership.objects.filter(organization=membership.organization_id)
    return people.filter(Q(pk=present) | Q(pk__in=people.colleagues().values("pk")))


@dataclass(frozen=True)
class Letter:
    """A mail as it lies in a file, in plain text."""

    subject: str
    to: str
    written_at: datetime | None
    body: str


def letters_in(directory: Path) -> list[Letter]:
    """The newest mails of a directory that Django's file backend writes to; one it cannot read is left out."""
    files = sorted(directory.glob("*.log"), key=lambda path: path.name, reverse=True) if directory.is_dir() else []
    letters: list[Letter] = []
    for path in files:
        try:
            if path.stat().st_size > LONGEST_FILE:
                continue
            written = path.read_bytes()
        except OSError:
            continue
        parts = [part for part in BETWEEN_LETTERS.split(written) if part.strip()]
        letters.extend(read_letter(part) for part in reversed(parts))
        if len(letters) >= MOST_LETTERS:
            break
    return letters[:MOST_LETTERS]


def read_letter(written: bytes) -> Letter:
    message = message_from_bytes(written, _class=EmailMessage, policy=email.policy.default)
    part = message.get_body(("plain", "html"))
    try:
        body = part.get_content() if part is not None else ""
    except (KeyError, LookupError, UnicodeError):
        body = written.decode(errors="replace")
    written_at = getattr(message.get("Date"), "datetime", None)
    if written_at is not None and written_at.tzinfo is None:
        written_at = written_at.replace(tzinfo=UTC)  # "-0000" names UTC, and Python then answers a bare time
    return Letter(
        subject=str(message.get("Subject", "")),
        to=str(message.get("To", "")),
        written_at=written_at,
        body=str(body).strip(),
    )
