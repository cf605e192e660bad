"""How the API answers: every refusal in one shape, every list in pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from people.parsers import BodyTooLarge
from people.refusals import Refusal


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


def answer_refusal(refused: Exception, context: dict[str, Any]) -> Response | None:
    """Give every refusal the shape `{"code", "detail", "fields"}`; `fields` only for bad input."""
    if isinstance(refused, Refusal):
        code = status.HTTP_400_BAD_REQUEST if refused.fields else status.HTTP_409_CONFLICT
        return answer(code, refused.code, refused.detail, refused.fields, refused.more)
    refused = translated(refused)
    response = exception_handler(refused, context)
    if response is None or not isinstance(refused, exceptions.APIException):
        return response
    if isinstance(refused, exceptions.ValidationError):
        fields = refused.detail if isinstance(refused.detail, dict) else {"non_field_errors": refused.detail}
        # DRF answers lists of sentences; the first one stands for the whole.
        return answer(response.status_code, "invalid", first_sentence(fields), fields)
    shaped = answer(response.status_code, str(refused.get_codes()), str(refused.detail))
    for name, value in response.headers.items():
        shaped.headers.setdefault(name, value)
    return shaped


def translated(refused: Exception) -> Exception:
    """What Django and the models refuse, as the exception of the API that says the same."""
    match refused:
        case Http404():
            return exceptions.NotFound(_("There is nothing here."))
        case PermissionDenied():
            return exceptions.PermissionDenied(_("You may see this, but not change it."))
        case ValidationError():
            fields = refused.message_dict if hasattr(refused, "error_dict") else {NON_FIELD_ERRORS: refused.messages}
            whole = fields.pop(NON_FIELD_ERRORS, None)
            return exceptions.ValidationError(fields | ({"non_field_errors": whole} if whole else {}))
        case RequestDataTooBig():
            return BodyTooLarge()
        case SuspiciousOperation() | MultiPartParserError():
            return exceptions.ParseError(_("This is no JSON that can be read."))
    return refused


def first_sentence(errors: Any) -> str:
    while isinstance(errors, dict | list):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors), "")
    return str(errors)


def answer(code: int, reason: str, detail: str, fields: Any = None, more: Any = None) -> Response:
    said = {"code": reason, "detail": detail} | ({"fields": fields} if fields else {}) | (more or {})
    return Response(said, status=code)
