"""Reading a page as somebody does who scrolls through all of it."""

from __future__ import annotations

import html
import re
from typing import Any

LATER = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="(?:revealed|load|toggle)[^"]*"')


def whole(client: Any, address: str) -> str:
    """The page's text with every part that is asked for when it comes into view or is unfolded."""
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    text = page.content.decode()
    for part in LATER.findall(text):
        answer = client.get(html.unescape(part), headers={"HX-Request": "true"})
        assert answer.status_code == 200, (part, answer.status_code)
        text += answer.content.decode()
    return text
