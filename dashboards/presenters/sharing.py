"""A page as somebody outside may have it: what it says stays, what leads or asks inside goes."""

from __future__ import annotations

import re

import orjson

from dashboards.presenters.carrying import escaped

LINK = re.compile(r"<a\b[^>]*\bhref=\"(?:/|\?|https?:)[^\"]*\"[^>]*>(.*?)</a>", re.DOTALL)
ACTS = re.compile(r"<(form|dialog)\b.*?</\1>", re.DOTALL)
ASKING = re.compile(r"\s(?:data-)?hx-[\w-]+=(?:\"[^\"]*\"|'[^']*')")
BUTTON = re.compile(r"<a\b[^>]*\bclass=\"button\"[^>]*>.*?</a>", re.DOTALL)
FIGURE = re.compile(r'(<script id="[^"]*" type="application/json">)(.*?)(</script>)', re.DOTALL)


def without_ways_in(page: str) -> str:
    """The same page without addresses of the organization: links become words, acts go, charts lead nowhere.

    Applied to the whole page rather than asked of each part, so that a part written next year cannot forget it. Our
    templates escape what people typed, so that no tag here is theirs.

    >>> without_ways_in('<p><a href="/o/x/objectives/1/">Goal</a> <a class="button" href="/o/x/">Go</a></p>')
    '<p><span>Goal</span> </p>'
    """
    page = BUTTON.sub("", ACTS.sub("", page))
    page = ASKING.sub("", LINK.sub(r"<span>\1</span>", page))
    return FIGURE.sub(lambda found: found[1] + escaped(leading_nowhere(found[2])) + found[3], page)


def leading_nowhere(text: str) -> str:
    """A figure's JSON whose marks carry no addresses."""
    figure = orjson.loads(text)
    for trace in figure.get("data", ()):
        trace.pop("customdata", None)
    return orjson.dumps(figure).decode()
