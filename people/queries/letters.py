"""The mail that was written to files, as an administrator reads it where no mail server is set up."""

from __future__ import annotations

import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

BETWEEN_LETTERS = re.compile(rb"^-{79}\n?", re.MULTILINE)
MOST_LETTERS = 30
LONGEST_FILE = 1_000_000


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
