"""A web server that is told to go answers everybody who already waits at its door."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from okrplanner.embedded.places import CHECKOUT
from okrplanner.embedded.postgres import end_with_parent
from tests.run.service import eventually, free_port

WAITING = 8


def slow(environ, start_response):
    """A page that takes its time, so that others wait behind it."""
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.2)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def answered(port, path="/slow"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", path, b"x")
        return connection.getresponse().status == 200
    return False


def answers_of_those_who_wait(worker_class):
    """How many of those who stood in the queue when the server was told to go got their answer."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"),
            *("--worker-class", worker_class, "--graceful-timeout", "10", "--no-control-socket"),
            *("--log-level", "critical", "tests.run.test_web_worker:slow"),
        ],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    try:
        eventually(lambda: answered(port, "/"))
        results = []
        people = [threading.Thread(target=lambda: results.append(answered(port))) for _ in range(WAITING)]
        for person in people:
            person.start()
        eventually(lambda: results)
        server.send_signal(signal.SIGTERM)
        for person in people:
            person.join(timeout=30)
        assert server.wait(timeout=30) == 0
        return sum(results)
    finally:
        server.kill()
        server.wait()


def test_everybody_who_waits_is_answered():
    assert answers_of_those_who_wait("okrplanner.web_worker.PoliteWorker") == WAITING


@pytest.mark.skipif(sys.platform != "linux", reason="what happens to the queue of a closed socket differs")
def test_the_usual_worker_would_turn_them_away():
    assert answers_of_those_who_wait("sync") < WAITING
