"""What the API's document says of our own authentication and our own numbers. Loaded by `okrplanner.api`."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiSerializerFieldExtension


class BrowserSessionScheme(SessionScheme):
    target_class = "people.authentication.BrowserSession"
    priority = 1


class AmountField(OpenApiSerializerFieldExtension):
    target_class = "funnel.fields.AmountSerializerField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Answered as a number; taken as a number or as people type it."""
        number = {"type": "number"}
        if direction == "response":
            return number
        return {"oneOf": [number, {"type": "string", "example": "3.2億"}]}
