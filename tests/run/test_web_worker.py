"""A web server answers whoever speaks, and when it is told to go everybody who already waits at its door."""

import contextlib
import http.client
import os
import signal
import socket
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


def answered(port, path="/slow", timeout=30):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", path, b"x")
        return connection.getresponse().status == 200
    return False


@contextlib.contextmanager
def serving(worker_class):
    """A server of one worker, and its port."""
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
        yield server, port
    finally:
        server.kill()
        server.wait()


def answers_of_those_who_wait(worker_class):
    """How many of those who stood in the queue when the server was told to go got their answer."""
    with serving(worker_class) as (server, port):
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


def connected(port):
    """Like a browser that thinks it may soon want to ask something."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def test_who_connects_and_says_nothing_keeps_nobody_waiting_and_is_answered_when_they_speak():
    with serving("okrplanner.web_worker.PoliteWorker") as (server, port):
        silent = [connected(port) for _ in range(120)]
        assert all(answered(port, "/") for _ in range(3))
        silent[-1].sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert silent[-1].recv(100).startswith(b"HTTP/1.0 200 OK")
        assert silent[0].recv(100) == b""  # of so many only the latest are kept
        silent[-2].close()
        assert answered(port, "/")
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def test_the_usual_worker_would_wait_for_them():
    with serving("sync") as (_server, port), connected(port):
        assert not answered(port, "/", timeout=2)


def test_everybody_who_waits_is_answered():
    assert answers_of_those_who_wait("okrplanner.web_worker.PoliteWorker") == WAITING


@pytest.mark.skipif(sys.platform != "linux", reason="what happens to the queue of a closed socket differs")
def test_the_usual_worker_would_turn_them_away():
    assert answers_of_those_who_wait("sync") < WAITING
