"""What the API's document says of every address: who may ask, what a head may carry, how a refusal looks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

READING = {"GET", "HEAD", "OPTIONS"}
REFUSALS = {
    "400": "Something that was sent is not understood or not allowed; `fields` says what.",
    "401": "Not signed in, or the token is not good any more.",
    "403": "It may be seen, but not done by this person or with this token.",
    "404": "There is no such row here, or it may not be seen.",
    "406": "Answers are JSON.",
    "409": "The state of things does not allow it: `code` says why. Beside `stale` stands the row as it is now.",
    "413": "The body is larger than 1 MB.",
    "415": "The body is no JSON.",
    "429": "Too many requests in this minute; `Retry-After` says in how many seconds the next one is answered.",
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Repeating a write with the same key within 24 hours answers the first result and changes nothing.",
)
VERSION = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^((W/)?"\d{1,9}"|\d{1,9}|\*)$', "example": '"3"'},
    OpenApiParameter.HEADER,
    description="The `version` the change was made for. If the row has another one by now, the answer is 409 `stale`.",
)
TAG = {"ETag": {"schema": {"type": "string"}, "description": 'The row\'s `version`, like `"3"`.'}}
WAIT = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}


class RefusalSerializer(serializers.Serializer):
    """Every refusal: `code` for programs, `detail` for people, `fields` only where the input was bad."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]
    current = serializers.DictField(required=False, help_text="The row as it is now, beside the code `stale`.")


class BrowserSessionScheme(SessionScheme):
    target_class = "people.authentication.BrowserSession"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return super().get_security_definition(auto_schema) | {
            "description": "The browser's session; writes need the `X-CSRFToken` of the page."
        }


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "people.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from Settings → API tokens, or `manage.py create_api_token`.",
        }


class AmountField(OpenApiSerializerFieldExtension):
    target_class = "funnel.fields.AmountSerializerField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Answered as a number; taken as a number or as people type it."""
        number = {"type": "number"}
        if direction == "response":
            return number
        return {"oneOf": [number, {"type": "string", "example": "3.2億"}]}


class Described(AutoSchema):
    """Adds to each operation what all of its kind share, so that nouns only say what is theirs."""

    @property
    def is_below_organization(self) -> bool:
        return "{slug}" in self.path

    @property
    def is_writing(self) -> bool:
        return self.method not in READING and not getattr(self.view, "changes_nothing", False)

    def get_tags(self) -> list[str]:
        """The noun; of one below another noun's row, its own name."""
        words = self._tokenize_path()
        return [words[1] if hasattr(self.view, "parents") and len(words) > 1 else words[0]]

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "given_class", None) or super().get_request_serializer()

    def get_override_parameters(self) -> list[Any]:
        if not self.is_writing:
            return []
        return [KEY, VERSION] if "{id}" in self.path else [KEY]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            if parameter["name"] == "slug":
                parameter["description"] = "The organization, as in the addresses of its pages."
            elif parameter["schema"].get("type") == "integer":
                parameter["schema"] |= {"minimum": 1, "maximum": 2**63 - 1}
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers = super()._get_response_bodies(direction)
        one_row = "{id}" in self.path or getattr(self.view, "action", "") == "create"
        if one_row and hasattr(self.view, "version_of"):
            for code, answer in answers.items():
                if code.startswith("2") and code != "204":
                    answer["headers"] = TAG | answer.get("headers", {})
        for code in self.refusals():
            if code not in answers:
                answers[code] = self._get_response_for_code(RefusalSerializer, code)
                answers[code]["description"] = REFUSALS[code]
                if code == "429":
                    answers[code]["headers"] = WAIT
        return answers

    def refusals(self) -> list[str]:
        codes = {"401", "406", "429"}
        if self.is_below_organization:
            codes |= {"403", "404"}
        if self.is_writing:
            codes |= {"400", "403", "409"}
        if self.method not in READING:
            codes |= {"400", "413", "415"}
        elif self._is_list_view() or self._get_filter_parameters() or getattr(self.view, "checks_parameters", False):
            codes.add("400")
        return sorted(codes)
