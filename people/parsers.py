"""What the API reads. Apart from `api`, because DRF reads its settings while its views are still being imported."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isinf
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 1_000_000
DEEPEST = 50
# Written alone it is no text that could be stored or answered; written in pairs it is an ordinary character.
HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This request is too large: 1 MB at most.")


class JSON(BaseParser):
    """JSON in UTF-8, up to 1 MB.

    What nests deeper than anybody needs, or holds halves of characters, is refused like any other text that is no JSON.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            parsed = json.loads(body.decode(), parse_constant=NotFinite, parse_float=number)
            if HALF_A_CHARACTER.search(body):
                json.dumps(parsed, ensure_ascii=False, default=repr).encode()
            if body.count(b"[") + body.count(b"{") > DEEPEST:
                refuse_deeper(parsed)
            return parsed
        except (ValueError, RecursionError):
            raise ParseError(_("This is no JSON that can be read.")) from None


def refuse_deeper(parsed: Any) -> None:
    """Whoever walks through what was sent does so by recursion, which ends somewhere. Raises `ValueError`."""
    level = [parsed]
    for _depth in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError(DEEPEST)


class NotFinite:
    """Stands where a number should: whichever field meets it refuses it, beside its own name."""

    def __init__(self, written: str):
        self.written = written

    def __repr__(self) -> str:
        return self.written


def number(digits: str) -> float | NotFinite:
    """What is too large for a number would become infinity, which no field takes and no answer can say."""
    value = float(digits)
    return NotFinite(digits[:20]) if isinf(value) else value
