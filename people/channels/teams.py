"""Microsoft Teams: a workflow's webhook takes a message with an Adaptive Card.

What people wrote stands in text runs, which know no Markdown and call nobody.
"""

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
from people.failures import Failure
from people.posts import Post, PostLine

# Teams refuses a message of more than 28 KB.
MOST_BYTES = 26_000
# The old connectors say in the text of a 200 that the message was not taken.
REFUSED = re.compile(r"HTTP error (\d{3})")


def run(text: str, most: int, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": cut(text, most), **look}


def rich(*runs: dict[str, Any], **look: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs), **look}


def line_of(line: PostLine) -> dict[str, Any]:
    """One line: what it is, a link where it has one, and what is said of it.

    >>> line_of(PostLine("定期便", "4週間 変化なし"))["inlines"][1]["text"]
    '  4週間 変化なし'
    """
    goes = {"selectAction": {"type": "Action.OpenUrl", "url": line.link}} if line.link else {}
    runs = [run(line.text, LONGEST_LINE, weight="Bolder", **goes)]
    if line.detail:
        runs.append(run(f"  {line.detail}", LONGEST_LINE, isSubtle=True))
    return rich(*runs, spacing="Small")


def card(post: Post, most_lines: int) -> dict[str, Any]:
    lines, has_more = lines_of(post)
    body = [rich(run(post.subject, LONGEST_SUBJECT, size="Large", weight="Bolder"))]
    body += [rich(run(text, LONGEST_PARAGRAPH)) for text in [text for text in post.paragraphs if text][:8]]
    body += [line_of(line) for line in lines[:most_lines]]
    if has_more or len(lines) > most_lines:
        body.append(rich(run("…", 1)))
    if post.footer:
        body.append(rich(run(post.footer, LONGEST_PARAGRAPH, size="Small", isSubtle=True), separator=True))
    goes = [{"type": "Action.OpenUrl", "title": cut(post.link_label or post.link, 60), "url": post.link}]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
        "actions": goes if post.link else [],
    }


def call_of(place: Place, message: Message) -> Call:
    body = b""
    for most_lines in (20, 12, 6, 2):
        attachment = {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": card(message.post, most_lines),
        }
        body = as_json({"type": "message", "attachments": [attachment]})
        if len(body) <= MOST_BYTES:
            break
    return Call(place.address, body, {"Content-Type": "application/json; charset=utf-8"})


def check(answer: Answer) -> None:
    refused = REFUSED.search(answer.text[:2000]) if answer.status == 200 else None
    if refused:
        status = int(refused[1])
        judge(Answer(status, pause=answer.pause))
        raise Failure("answer", str(status))
    judge(answer)
