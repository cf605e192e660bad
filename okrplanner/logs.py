"""What is written down about the work: one line per request and per task, the same request id in all of them.

`LOG_FORMAT=json` writes one JSON object a line, for machines; `console` writes a line to read. Web server, worker, beat
and commands write alike, to standard error. Passwords, cookies, query strings, one-time keys and e-mail addresses are
in no line: a person is a number.
"""

import logging.config
import re
import time
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import orjson
import structlog
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject

from people.masking import masked, without_secrets

Line = MutableMapping[str, Any]
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# Asked every few seconds by machines, or cached for a year: worth a line only when it goes wrong.
QUIET = re.compile(r"/(?:health|static)/")

request_logger = structlog.get_logger("okrplanner.request")


def start(logging_settings: dict[str, str]) -> None:
    """Django's `LOGGING_CONFIG`: the standard library's loggers and structlog's write the same lines."""
    logging.config.dictConfig(configuration(**logging_settings))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *added_to_every_line(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def configuration(*, form: str, level: str) -> dict[str, Any]:
    """Everything at this level and above, in one form, to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "okrplanner.logs.formatter", "form": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level},
            "django.request": {"level": "ERROR"},  # what was refused stands in the request's own line
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "celery": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},  # each task has a line of its own
            "kombu": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},  # below that it writes the addresses of chat rooms
        },
    }


def added_to_every_line() -> list[structlog.types.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", key="time"),
    ]


def formatter(form: str) -> logging.Formatter:
    write: structlog.types.Processor
    if form == "json":
        write = structlog.processors.JSONRenderer(serializer=as_json)
    else:
        write = structlog.dev.ConsoleRenderer(colors=False, timestamp_key="time", pad_event_to=0)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=added_to_every_line(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask_line,
            write,
        ],
    )


def as_json(line: Line, **_: Any) -> str:
    return orjson.dumps(line, default=repr).decode()


def mask_line(_logger: Any, _method: str, line: Line) -> Line:
    """Nothing secret, whoever wrote the line."""
    for name, value in line.items():
        if isinstance(value, BaseException):
            value = line[name] = repr(value)
        if isinstance(value, str) and name not in {"time", "level", "logger", "request_id"}:
            line[name] = masked(value)
    return line


def request_id_of(request: HttpRequest) -> str:
    """The caller's own id if it looks like one, so that a proxy's log and ours meet; else a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if SANE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def log_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, outermost: a request has an id, answers it, and leaves one line when it is done."""

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        request_id = request_id_of(request)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = get_response(request)
        response["X-Request-ID"] = request_id
        # Open meetings ask each second whether anything has changed: that nothing has is no news.
        if response.status_code >= 400 or not (response.status_code == 304 or QUIET.match(request.path)):
            write_line(request, response, time.perf_counter() - began)
        return response

    return answer


@receiver(request_finished)
def forget_request(**_: Any) -> None:
    """Only now: Django itself writes a line about a failed answer after every middleware."""
    structlog.contextvars.clear_contextvars()


def write_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    write = request_logger.info if response.status_code < 500 else request_logger.warning
    route = request.resolver_match
    write(
        "request",
        method=request.method,
        path=without_secrets(escape_uri_path(request.path)),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        bytes=None if response.streaming else len(response.content),
        user=person_of(request),
        organization=route.kwargs.get("slug") if route else None,
    )


def person_of(request: HttpRequest) -> int | None:
    """The number of who asked, if the request came to ask; a line asks no database, which may be away."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return getattr(user, "pk", None)
