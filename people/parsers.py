"""What the API reads. Apart from `api`, because DRF reads its settings while its views are still being imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 1_000_000


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("This request is too large: 1 MB at most.")


class JSON(BaseParser):
    """JSON in UTF-8, up to 1 MB. What nests without end is refused like any other text that is no JSON."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            return json.loads(body.decode(), parse_constant=refuse_constant)
        except (ValueError, RecursionError):
            raise ParseError(_("This is no JSON that can be read.")) from None


def refuse_constant(name: str) -> float:
    raise ValueError(name)
