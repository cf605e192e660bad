"""Errors to Sentry and traces to OpenTelemetry: off by default, and never more than what happened and where."""

import gzip
import json
import os
import subprocess
import sys
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from okrplanner.embedded.places import CHECKOUT
from okrplanner.version import VERSION

SECRETS = (
    "s3cret-of-the-database",
    "typed-password-1234",
    "someone@sample.example",
    "session-cookie-5678",
    "bearer-token-9012",
    "looked-for-payroll",
    "0ne-time-key-3456",
)

# A web process whose database is away: everything that is asked of it fails on the way.
FAILING = """
import os, sys
from okrplanner.wsgi import application
from okrplanner import observing
observing.watch_web_process()
from django.test import RequestFactory
ask = RequestFactory(headers={
    "host": "localhost", "authorization": "Bearer bearer-token-9012", "x-request-id": "reported-0001",
    "cookie": "sessionid=session-cookie-5678", "user-agent": "Browser of someone@sample.example",
})
def answer(request):
    said = []
    b"".join(application(request.environ, lambda status, headers: said.append(status)))
    return said[0]
print(answer(ask.post("/api/v1/o/demo/key-results/1/check-ins/?q=looked-for-payroll", {
    "login": "someone@sample.example", "password": "typed-password-1234"})))
print(answer(ask.get("/accounts/password/reset/key/1-0ne-time-key-3456/?q=looked-for-payroll")))
from objectives.tasks import rescore_ancestors
rescore_ancestors.apply()
if "sentry_sdk" in sys.modules:
    import sentry_sdk
    sentry_sdk.flush(10)
if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
    from opentelemetry import trace
    trace.get_tracer_provider().force_flush(10_000)
"""


@pytest.fixture
def receiver():
    """Somebody else's server: keeps what is sent to it."""
    received: list[tuple[str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            match self.headers.get("Content-Encoding"):
                case "gzip":
                    body = gzip.decompress(body)
                case "br":
                    body = brotli.decompress(body)
                case "deflate":
                    body = zlib.decompress(body)
            received.append((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], received
    server.shutdown()


def run(program, **changes):
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "okrplanner.settings",
        "DATABASE_URL": "postgresql://okr:s3cret-of-the-database@127.0.0.1:1/okr",
        **changes,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_are_off_and_not_even_loaded_by_default():
    printed = run(
        """
import sys
from okrplanner.wsgi import application
from okrplanner import observing
from okrplanner.celery import app
app.loader.import_default_modules()
observing.watch_web_process()
observing.watch_worker()
observing.watch_worker_process()
sending = ("sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation", "opentelemetry.sdk.trace")
print(sorted(name for name in sys.modules if name.startswith(sending)))
"""
    )
    assert printed == "[]\n"


def test_sentry_is_told_which_error_and_nothing_that_was_typed(receiver):
    port, received = receiver
    printed = run(FAILING, SENTRY_DSN=f"http://key@127.0.0.1:{port}/7", SENTRY_ENVIRONMENT="trial")
    assert "500" in printed
    assert {path for path, _body in received} == {"/api/7/envelope/"}
    everything = b"".join(body for _path, body in received)
    assert [secret for secret in SECRETS if secret.encode() in everything] == []
    events = [
        json.loads(line)
        for _path, body in received
        for line in body.splitlines()
        if line.startswith(b"{") and b'"exception"' in line
    ]
    pages = [event for event in events if event.get("request", {}).get("url", "").endswith("/check-ins/")]
    page = next(event for event in pages if event["exception"]["values"][-1]["type"] == "OperationalError")
    assert page["request"] == {"method": "POST", "url": "http://localhost/api/v1/o/demo/key-results/1/check-ins/"}
    assert page["release"] == f"okrplanner@{VERSION}"
    assert page["environment"] == "trial"
    assert page["tags"]["request_id"] == "reported-0001"
    assert not any("vars" in frame for frame in page["exception"]["values"][-1]["stacktrace"]["frames"])
    assert any(event.get("transaction") == "objectives.tasks.rescore_ancestors" for event in events)


def test_opentelemetry_is_told_what_took_how_long_and_nothing_that_was_typed(receiver):
    port, received = receiver
    run(FAILING, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    assert {path for path, _body in received} == {"/v1/traces"}
    everything = b"".join(body for _path, body in received)
    assert [secret for secret in SECRETS if secret.encode() in everything] == []
    spans, resources = [], []
    for _path, body in received:
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resources.append({item.key: item.value.string_value for item in group.resource.attributes})
            spans += [span for scope in group.scope_spans for span in scope.spans]
    assert {(resource["service.name"], resource["service.version"]) for resource in resources} == {
        ("okrplanner", VERSION)
    }
    names = {span.name for span in spans}
    assert any(name.startswith("POST api/v1/o/<slug:slug>/") for name in names)
    assert "run/objectives.tasks.rescore_ancestors" in names
    assert all(span.end_time_unix_nano > span.start_time_unix_nano for span in spans)
