"""Reporting errors to Sentry and traces to OpenTelemetry, where the environment names somewhere to send them.

Both are off by default, and then not even imported. What is sent says what happened and where in the code, never what
somebody typed: no bodies, cookies, headers, query strings, one-time keys, names or addresses.
"""

from typing import Any

from django.conf import settings


def watch_web_process() -> None:
    """In each web process, after the fork: what sends in the background does not survive one."""
    if settings.SENTRY_DSN:
        from okrplanner import error_reports

        error_reports.start()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from okrplanner import traces

        traces.start()
        traces.watch_tasks()


def watch_pages() -> None:
    """Before the pages are loaded: tracing them begins in a middleware of its own."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from okrplanner import traces

        traces.watch_pages()


def watch_worker(**_: Any) -> None:
    """In the worker and in beat, before they fork or begin."""
    if settings.SENTRY_DSN:
        from okrplanner import error_reports

        error_reports.start()


def watch_worker_process(**_: Any) -> None:
    """In each of the worker's processes."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from okrplanner import traces

        traces.start()
        traces.watch_tasks()
