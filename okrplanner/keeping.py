"""Parts of a page that are written once for what they show: `{% kept key … %}…{% endkept %}`.

A frame, a row of a list or a line of a log says the same to everybody who sees the same facts. So its key names the
facts, all of them, and nothing has to be forgotten when they change: other facts are another key. What differs by the
request alone is put in afterwards: `{% csrf_token %}`, and the address as `{{ here }}`. Always loaded in templates.
"""

from __future__ import annotations

import secrets
from sys import getsizeof
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# How many pieces each place in a template keeps per process, and how many bytes with their keys; the oldest give way.
MOST_KEPT = 2_000
MOST_BYTES = 4 * 1024 * 1024
# Nobody can type these: whoever could would have somebody else's token put into a link.
TOKEN = f"token-{secrets.token_hex(16)}"
HERE = f"here-{secrets.token_hex(16)}"


class Kept(template.Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, keys: list[FilterExpression]):
        self.nodelist = nodelist
        self.keys = keys
        self.written: dict[tuple[Any, ...], str] = {}
        self.bytes = 0

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(each.resolve(context) for each in self.keys))
        written = self.written.get(key)
        if written is None:
            with context.push(csrf_token=TOKEN, here=HERE):
                written = self.nodelist.render(context)
            self.keep(key, written)
        if TOKEN in written:
            written = written.replace(TOKEN, str(context.get("csrf_token", "")))
        if HERE in written:
            written = written.replace(HERE, escape(context["request"].get_full_path()))
        return SafeString(written)

    def keep(self, key: tuple[Any, ...], written: str) -> None:
        if key in self.written:
            return
        self.written[key] = written
        self.bytes += size_of(key) + size_of(written)
        while len(self.written) > 1 and (len(self.written) > MOST_KEPT or self.bytes > MOST_BYTES):
            oldest = next(iter(self.written))
            self.bytes -= size_of(oldest) + size_of(self.written.pop(oldest, ""))


def size_of(value: Any) -> int:
    """About how many bytes a piece or its key takes; of what a key holds, texts and tuples count."""
    return getsizeof(value) + (sum(map(size_of, value)) if isinstance(value, tuple) else 0)


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """Write what stands inside once for each language and each value of the keys, which name all that it shows.

    A key may be any value that can be hashed. `{% term %}` and whatever else counts what stood before it on the page
    has no place inside.
    """
    keys = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodelist, keys)
