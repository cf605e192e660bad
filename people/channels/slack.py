"""Slack: an incoming webhook takes blocks. What people wrote stands in plain text blocks, where nothing is markup."""

from __future__ import annotations

import re
from typing import Any

from people.calling import Answer, Call
from people.channels.message import (
    LONGEST_LINE,
    LONGEST_PARAGRAPH,
    LONGEST_SUBJECT,
    Message,
    Place,
    as_json,
    cut,
    judge,
    lines_of,
)
from people.posts import Post, PostLine

WORD = re.compile(r"[a-z][a-z_]{2,39}\Z")


def escaped(text: str) -> str:
    """A text for mrkdwn in which nothing is a tag, and nobody is called.

    >>> escaped("<!channel> A & B > 3")
    '&lt;!channel&gt; A &amp; B &gt; 3'
    >>> escaped("@here 急ぎ") == "@\u2060here 急ぎ"
    True
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=channel|here|everyone)", "@\u2060", text)


def link(address: str, label: str) -> str:
    """A link in mrkdwn.

    >>> link("https://okr.example/o/x/?a=1&b=2", "開く|見る")
    '<https://okr.example/o/x/?a=1&amp;b=2|開く|見る>'
    """
    return f"<{escaped(address).replace('|', '%7C')}|{escaped(label)}>"


def line_of(line: PostLine) -> str:
    text = cut(line.text, LONGEST_LINE)
    shown = link(line.link, text) if line.link else escaped(text)
    return f"• {shown}" + (f"\n   {escaped(cut(line.detail, LONGEST_LINE))}" if line.detail else "")


def plain_text(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, most), "emoji": False}


def marked(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def blocks(post: Post) -> list[dict[str, Any]]:
    """The message as blocks: a title, paragraphs, lines, the way on, and why one gets it."""
    lines, has_more = lines_of(post)
    shown: list[dict[str, Any]] = [{"type": "header", "text": plain_text(post.subject, LONGEST_SUBJECT)}]
    paragraphs = [text for text in post.paragraphs if text]
    shown += [{"type": "section", "text": plain_text(text, LONGEST_PARAGRAPH)} for text in paragraphs[:10]]
    shown += [marked(line_of(line)) for line in lines]
    if has_more:
        shown.append(marked("…"))
    if post.link:
        shown.append(marked(f"*{link(post.link, post.link_label or post.link)}*"))
    if post.footer:
        shown.append({"type": "context", "elements": [plain_text(post.footer, LONGEST_PARAGRAPH)]})
    return shown


def call_of(place: Place, message: Message) -> Call:
    document = {
        "text": escaped(cut(message.post.subject, LONGEST_SUBJECT)),
        "blocks": blocks(message.post),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return Call(place.address, as_json(document), {"Content-Type": "application/json; charset=utf-8"})


def check(answer: Answer) -> None:
    """Slack answers a refusal with one word, `no_service` for example."""
    word = answer.text.strip()
    judge(answer, word if WORD.match(word) else "")
