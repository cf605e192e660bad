"""What every figure needs on its way to the page."""

from __future__ import annotations

import orjson
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboards import figures
from people.models import Membership


def script(element_id: str, figure: figures.Figure) -> SafeString:
    """A figure as the page carries it, in a script element that nothing in it can leave."""
    text = mark_safe(escaped(orjson.dumps(figure).decode()))  # noqa: S308
    return format_html('<script id="{}" type="application/json">{}</script>', element_id, text)


def escaped(text: str) -> str:
    """JSON as a script element may hold it."""
    for sign, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(sign, escape)
    return text


def address_of(request: HttpRequest, objective_id: int) -> str:
    return reverse("objective", args=[request.membership.organization.slug, objective_id])  # type: ignore[attr-defined]


def band_of(membership: Membership) -> figures.Band:
    return figures.Band(membership.organization.band_lower, membership.organization.band_upper)
