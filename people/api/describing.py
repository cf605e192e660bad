"""What the API's document says of nouns that are written otherwise than they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view


def written_as(given: Any, answered: Any, **acts: Any) -> Callable[[Any], Any]:
    """Of a noun with `Adding` or `Changing`: what is taken and what is answered; `acts` names what more acts take."""

    def describe(noun: Any) -> Any:
        said = {name: extend_schema(request=taken, responses=answered) for name, taken in acts.items()}
        if hasattr(noun, "create"):
            said["create"] = extend_schema(request=given, responses={201: answered})
        if hasattr(noun, "partial_update"):
            said["partial_update"] = extend_schema(request=given, responses=answered)
        return extend_schema_view(**said)(noun)

    return describe
