"""What Sentry is told: which error, where in the code, in which request; never what it held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import ignore_logger
from structlog.contextvars import get_contextvars

from okrplanner.version import VERSION
from people.masking import masked

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT_OF_REQUEST = ("method", "url")


def start() -> None:
    """Report this process's errors. `SENTRY_ENVIRONMENT` is read by the library itself."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"okrplanner@{VERSION}",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=20,
        auto_session_tracking=False,
        send_client_reports=False,
        traces_sample_rate=None,
        before_send=without_what_it_held,
        before_breadcrumb=lambda crumb, hint: None if crumb.get("category") in {"query", "httplib"} else crumb,
        default_integrations=True,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration()],
    )
    ignore_logger("django.security.DisallowedHost")
    ignore_logger("django_structlog.celery.receivers")  # the task's own error is reported


def without_what_it_held(whole: Event, hint: Hint) -> Event:
    """The event as it may leave the house, with the request's id to look it up in the logs."""
    event = cast("dict[str, Any]", whole)
    request = event.pop("request", None) or {}
    kept = {name: str(request[name]).split("?")[0] for name in KEPT_OF_REQUEST if name in request}
    user = event.pop("user", None) or {}
    for name in ("extra", "modules"):
        event.pop(name, None)
    release = event.pop("release", None)
    event = {**masked_everywhere(event), "release": release}
    if kept:
        event["request"] = masked_everywhere(kept)
    told = get_contextvars()
    if user.get("id"):
        event["user"] = {"id": str(user["id"])}
    event["tags"] = {**(event.get("tags") or {}), "request_id": str(told.get("request_id", ""))}
    return cast("Event", event)


def masked_everywhere(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_everywhere(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked_everywhere(part) for part in value]
    return value
