"""LINE WORKS: the Incoming Webhook app takes a title, a text and one button."""

from __future__ import annotations

import json

from people.calling import Answer, Call
from people.channels.message import (
    LONGEST_LINE,
    LONGEST_PARAGRAPH,
    Message,
    Place,
    as_json,
    cut,
    judge,
    lines_of,
    plain,
)
from people.posts import Post, PostLine

# Longer ones the app refuses.
LONGEST_TITLE = 100
LONGEST_TEXT = 1900
LONGEST_LABEL = 20


def line_of(line: PostLine) -> str:
    """One line: the button leads to the page with all of them, so it has no address of its own.

    >>> line_of(PostLine("定期便", "変化なし", "https://okr.example/1"))
    '・定期便　変化なし'
    """
    return cut(f"・{line.text}" + (f"　{line.detail}" if line.detail else ""), LONGEST_LINE)


def text_of(post: Post) -> str:
    lines, has_more = lines_of(post)
    rows = [line_of(line) for line in lines] + (["…"] if has_more else [])
    return plain([*(cut(text, LONGEST_PARAGRAPH) for text in post.paragraphs[:10]), "\n".join(rows), post.footer])


def call_of(place: Place, message: Message) -> Call:
    post = message.post
    document: dict[str, object] = {
        "title": cut(post.subject, LONGEST_TITLE),
        "body": {"text": cut(text_of(post) or post.subject, LONGEST_TEXT)},
    }
    if post.link:
        document["button"] = {"label": cut(post.link_label or "okrplanner", LONGEST_LABEL), "url": post.link}
    return Call(place.address, as_json(document), {"Content-Type": "application/json; charset=utf-8"})


def check(answer: Answer) -> None:
    """It may say in the text what its status does not: `{"code": 400, …}`."""
    judge(answer)
    try:
        code = json.loads(answer.text).get("code")
    except (ValueError, AttributeError):
        return
    if isinstance(code, int) and 400 <= code < 600:
        judge(Answer(code, pause=answer.pause))
