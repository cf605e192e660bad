"""`make run` as a test sees it: started, killed in parts, started again."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg

from okrplanner.embedded import postgres
from okrplanner.embedded.places import CHECKOUT, add_settings, new_secret
from okrplanner.embedded.supervisor import make_var
from tests.database import WORKSPACE, address_of, made_once, tables

T = TypeVar("T")
NOT_PASSED_ON = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "EMBEDDED", "CLOCK_FILE", "DJANGO_SETTINGS_MODULE"}


def eventually(question: Callable[[], T], timeout: float = 60) -> T:
    """Ask until the answer is true; the last answer is the failure's."""
    deadline = time.monotonic() + timeout
    while not (answer := question()):
        assert time.monotonic() < deadline, f"still {answer!r} after {timeout} seconds"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_place(name: str) -> Path:
    """A directory to be, in the workspace of this run: it is removed with it, and PostgreSQL's account can reach it."""
    return Path(os.environ[WORKSPACE]) / f"{name}-{uuid.uuid4().hex[:8]}"


def prepared(environ: dict[str, str]) -> Path:
    """A var directory as its first start leaves it: made once a run, without a company and for each moment with one."""
    clock, demo = environ.get("CLOCK_FILE"), environ["DEMO"] == "1"
    moment = Path(clock).read_text() if clock else "now"
    place = Path(os.environ[WORKSPACE]) / (f"prepared-{moment}" if demo else "prepared")
    with made_once(place) as is_ours_to_make:
        if is_ours_to_make:
            making = place.with_name(f"{place.name}.new")
            if demo:
                copy(prepared({**environ, "DEMO": "0"}), making)
            else:
                make_var(making)
            prepare(
                making,
                is_new=not demo,
                environ={**environ, **add_settings(making, EMBEDDED="1", SECRET_KEY=new_secret())},
            )
            making.rename(place)
    return place


def prepare(var: Path, *, is_new: bool, environ: dict[str, str]) -> None:
    """What the supervisor does before it starts the web server. A new one begins with the tables of this run."""
    server = postgres.for_var(var)
    server.start()
    try:
        server.wait_until_ready()
        if is_new:
            dump = ["--format=custom", "--file", var / "tables", address_of(tables())]
            subprocess.run([server.programs / "pg_dump", *dump], check=True)
            restore = ["--no-owner", "--exit-on-error", "--dbname", server.url(), var / "tables"]
            subprocess.run([server.programs / "pg_restore", *restore], check=True)
            (var / "tables").unlink()
        subprocess.run(
            [sys.executable, "-m", "okrplanner.embedded.prepare"],
            cwd=CHECKOUT,
            env={**environ, "VAR_DIR": str(var), "DATABASE_URL": server.url()},
            check=True,
        )
    finally:
        server.stop()


def copy(var: Path, to: Path) -> None:
    """With its owners: the data are another account's."""
    subprocess.run(["cp", "-a", var, to], check=True)


def is_alive(process: psutil.Process) -> bool:
    """Running, not a zombie; it may end while it is asked."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Service:
    """A supervisor over a var directory of its own; one that is not there yet begins as a copy of a prepared one.

    `from_nothing` is for tests of the first start itself.
    """

    def __init__(self, var: Path, *, from_nothing: bool = False) -> None:
        self.var = var
        self.from_nothing = from_nothing
        self.port = free_port()
        self.environ = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
        self.environ |= {"VAR_DIR": str(var), "PORT": str(self.port), "DEMO": "0"}
        self.environ["API_WRITES_PER_MINUTE"] = "1000000"  # who writes as fast as it can is not to be held back
        self.process: subprocess.Popen[str] | None = None
        self.started: dict[int, psutil.Process] = {}

    def launch(self, **changes: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "okrplanner.embedded", "--until-parent-ends"],
            cwd=CHECKOUT,
            env={**self.environ, **changes},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start(self) -> None:
        """Start it and wait until it is ready."""
        if not self.from_nothing and not self.var.exists():
            copy(prepared(self.environ), self.var)
        self.process = self.launch()
        eventually(lambda: self.process.poll() is not None or self.is_ready(), timeout=400)
        assert self.process.poll() is None, self.process.stdout.read()
        eventually(lambda: self.pids().keys() >= {"web", "beat", "worker", "PostgreSQL"})
        self.note_processes()

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        """Send the supervisor a signal, and answer what it printed when it and all it started are gone."""
        self.note_processes()
        self.process.send_signal(how)
        printed, _ = self.process.communicate(timeout=90)
        eventually(lambda: not self.alive(), timeout=60)
        return printed

    def end(self) -> None:
        """Away with it when a test is over: the guard ends what the supervisor leaves; the worker is not waited for."""
        if self.process.poll() is None:
            self.note_processes()
            worker = self.pids()["worker"]
            self.process.kill()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker, signal.SIGKILL)
            self.process.wait()
        eventually(lambda: not self.alive(), timeout=60)

    def pids(self) -> dict[str, int]:
        with contextlib.suppress(FileNotFoundError):
            return {row[0]: row[1] for row in json.loads((self.var / "run" / "children.json").read_text())}
        return {}

    def note_processes(self) -> None:
        for process in psutil.Process(self.process.pid).children(recursive=True):
            self.started[process.pid] = process

    def alive(self) -> list[psutil.Process]:
        return [process for process in self.started.values() if is_alive(process)]

    def kill_all(self) -> None:
        """Kill what it started, all at once as far as that goes: some end by themselves when others do."""
        for process in self.alive():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def children_of(self, name: str) -> list[int]:
        return [process.pid for process in psutil.Process(self.pids()[name]).children()]

    def kill_one_of(self, name: str) -> int:
        """Kill one of a child's own processes; which there are may change while we look."""

        def kill() -> int:
            with contextlib.suppress(psutil.Error, ProcessLookupError, IndexError):
                pid = self.children_of(name)[0]
                os.kill(pid, signal.SIGKILL)
                return pid
            return 0

        return eventually(kill)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self) -> bool:
        return self.get("/health/ready")[0] == 200

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        url = (self.var / "run" / "database-url").read_text().strip()
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        program = [sys.executable, "manage.py", *arguments]
        return subprocess.run(program, cwd=CHECKOUT, env=self.environ, text=True, capture_output=True, check=False)
