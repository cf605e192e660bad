"""What every endpoint shares: how a refusal looks, how lists are paged."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from people.refusals import Refusal


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


class UnknownAddress(APIView):
    """Any address the API does not know: 401 for whoever has not signed in, else 404 in the one shape."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        super().initial(request, *args, **kwargs)
        raise Http404


def answer_refusal(refused: Exception, context: dict[str, Any]) -> Response | None:
    """Give every refusal the shape `{"code", "detail", "fields"}`; `fields` only for bad input."""
    if isinstance(refused, Refusal):
        return answer(
            status.HTTP_400_BAD_REQUEST if refused.fields else status.HTTP_409_CONFLICT,
            refused.code,
            refused.detail,
            refused.fields,
        )
    if isinstance(refused, Http404):
        refused = exceptions.NotFound(_("There is nothing here."))
    elif isinstance(refused, PermissionDenied):
        refused = exceptions.PermissionDenied(_("You may see this, but not change it."))
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


def first_sentence(errors: Any) -> str:
    while isinstance(errors, dict | list):
        errors = next(iter(errors.values() if isinstance(errors, dict) else errors), "")
    return str(errors)


def answer(code: int, reason: str, detail: str, fields: Any = None) -> Response:
    return Response({"code": reason, "detail": detail} | ({"fields": fields} if fields else {}), status=code)
