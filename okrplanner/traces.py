"""What OpenTelemetry is told: which page or task took how long. `OTEL_*` variables are read by the library itself."""

import os
from collections.abc import Mapping, Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

from okrplanner.version import VERSION
from people.masking import masked

# Who asked, from where, with which programs and for what exactly.
LEFT_OUT = {
    "client.address",
    "enduser.id",
    "http.client_ip",
    "http.user_agent",
    "net.peer.ip",
    "net.peer.name",
    "network.peer.address",
    "url.query",
    "user_agent.original",
}


class Masking(SpanExporter):
    """Hands on spans from which everything is taken that could open something or name somebody."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.exporter.export([without_secrets(span) for span in spans])

    def shutdown(self) -> None:
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.exporter.force_flush(timeout_millis)


def without_secrets(span: ReadableSpan) -> ReadableSpan:
    description = span.status.description
    return ReadableSpan(
        name=masked(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=kept(span.attributes),
        events=[Event(event.name, kept(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, masked(description) if description else None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def kept(attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
    return {
        name: masked(value.partition("?")[0] if name.startswith(("http.", "url.")) else value)
        if isinstance(value, str)
        else value
        for name, value in (attributes or {}).items()
        if name not in LEFT_OUT
    }


def start() -> None:
    """Send this process's spans from now on."""
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: "okrplanner"}
    provider = TracerProvider(resource=Resource.create({**named, SERVICE_VERSION: VERSION}))
    provider.add_span_processor(BatchSpanProcessor(Masking(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)


def watch_pages() -> None:
    DjangoInstrumentor().instrument()


def watch_tasks() -> None:
    CeleryInstrumentor().instrument()
