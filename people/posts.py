"""What a message says, before a channel or a mail gives it its form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PostLine:
    """One thing among several: what it is, what is to be said of it, and where it is. `link` is a whole address."""

    text: str
    detail: str = ""
    link: str = ""


@dataclass(frozen=True)
class Post:
    """A message in the reader's language, as plain texts without markup.

    `subject` is one line, `paragraphs` what comes before the `lines`, `link` the one place to go next with
    `link_label` on its button, `footer` why one gets this and where to change that.
    """

    subject: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[PostLine, ...] = ()
    link: str = ""
    link_label: str = ""
    footer: str = ""
