"""Chatwork: a message to a room by its API, in a frame with a title. Square brackets are its tags."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from people.calling import Answer, Call
from people.channels.message import (
    LONGEST_LINE,
    LONGEST_PARAGRAPH,
    LONGEST_SUBJECT,
    Message,
    Place,
    cut,
    judge,
    lines_of,
    plain,
)
from people.posts import Post, PostLine

API = "https://api.chatwork.com/v2"


def defused(text: str) -> str:
    """A text in which nothing is a tag: `[To:1]` calls nobody.

    >>> defused("[toall] 急ぎ[/info]")
    '［toall］ 急ぎ［/info］'
    """
    return text.replace("[", "［").replace("]", "］")


def address(text: str) -> str:
    return text.replace("[", "%5B").replace("]", "%5D")


def line_of(line: PostLine) -> str:
    r"""One line with what is said of it and its address, each on a line of its own.

    >>> line_of(PostLine("定期便", "変化なし", "https://okr.example/1")).splitlines()
    ['・定期便', '\u3000変化なし', '\u3000https://okr.example/1']
    """
    parts = [f"・{defused(cut(line.text, LONGEST_LINE))}"]
    parts += [f"　{defused(cut(line.detail, LONGEST_LINE))}"] if line.detail else []
    parts += [f"　{address(line.link)}"] if line.link else []
    return "\n".join(parts)


def body_of(post: Post) -> str:
    """The message in Chatwork's notation.

    >>> print(body_of(Post("[1] 期限です", ("よろしく。",), link="https://okr.example/w", link_label="開く")))
    [info][title]［1］ 期限です[/title]よろしく。
    <BLANKLINE>
    開く
    https://okr.example/w[/info]
    """
    lines, has_more = lines_of(post)
    rows = [line_of(line) for line in lines] + (["…"] if has_more else [])
    parts = [defused(cut(text, LONGEST_PARAGRAPH)) for text in post.paragraphs[:10]]
    parts.append("\n".join(rows))
    parts.append(f"{defused(post.link_label)}\n{address(post.link)}".strip() if post.link else "")
    parts.append(("[hr]" + defused(cut(post.footer, LONGEST_PARAGRAPH))) if post.footer else "")
    return f"[info][title]{defused(cut(post.subject, LONGEST_SUBJECT))}[/title]{plain(parts)}[/info]"


def call_of(place: Place, message: Message) -> Call:
    """`self_unread`: also whoever lent the token sees that there is something new."""
    base = place.address or API
    return Call(
        f"{base.rstrip('/')}/rooms/{quote(place.room, safe='')}/messages",
        urlencode({"body": body_of(message.post), "self_unread": "1"}).encode(),
        {"Content-Type": "application/x-www-form-urlencoded", "X-ChatWorkToken": place.token},
    )


def check(answer: Answer) -> None:
    judge(answer)
