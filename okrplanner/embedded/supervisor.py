"""Starts PostgreSQL, prepares the data, starts web, worker and beat, and keeps them alive until it is told to stop.

It is one loop in one thread, woken by signals. A child that ends is started again, later each time it does not stay.
When the supervisor itself is killed, the guard ends the children; what even the guard could not end, the next start
does.

SIGUSR1 asks for new processes of web, worker and beat without a pause (see `reload`).
"""

import contextlib
import errno
import fcntl
import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil

from okrplanner.embedded import guard, postgres, reload
from okrplanner.embedded.guard import Running
from okrplanner.embedded.places import CHECKOUT, CannotRun, add_settings, new_secret, var_dir, write_private

HOST = "127.0.0.1"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_PAUSE = 10.0
STAYED = 20.0
LARGEST_LOG = 10_000_000
BETWEEN_LOOKS_AT_LOGS = 60.0
LONGEST_START = 120.0
WORKER_OPTIONS = ("--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat")


def say(sentence: str) -> None:
    """To the terminal, which may be gone."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)


@dataclass
class Child:
    """One of our processes, leader of a group of its own."""

    name: str
    launch: Callable[[], "subprocess.Popen[bytes]"]
    ending: signal.Signals
    patience: float
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause: float = 0.0
    start_again_at: float | None = None

    def start(self) -> None:
        self.process = self.launch()
        self.started_at = time.monotonic()
        self.start_again_at = None

    def running(self) -> Running | None:
        if self.process is None:
            return None
        try:
            started = psutil.Process(self.process.pid).create_time()
        except psutil.Error:
            started = time.time()
        return Running(self.name, self.process.pid, started, int(self.ending))

    def tend(self) -> bool:
        """See to it that it runs; answers whether it was started just now."""
        if self.process is not None and (status := self.process.poll()) is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None
            stayed = time.monotonic() - self.started_at > STAYED
            self.pause = 0.0 if stayed else min(LONGEST_PAUSE, max(0.5, self.pause * 2)) if self.pause else 0.1
            self.start_again_at = time.monotonic() + self.pause
            say(f"{self.name} ended ({describe(status)}) and is started again.")
        if self.start_again_at is not None and time.monotonic() >= self.start_again_at:
            try:
                self.start()
            except (CannotRun, OSError) as reason:
                say(f"{self.name} does not start: {reason}")
                self.pause = min(LONGEST_PAUSE, max(0.5, self.pause * 2))
                self.start_again_at = time.monotonic() + self.pause
            return True
        return False


def describe(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


class Supervisor:
    def __init__(self, environ: dict[str, str], *, until_parent_ends: bool) -> None:
        self.environ = environ
        self.parent = os.getppid() if until_parent_ends else None
        self.var = var_dir(environ)
        self.run_dir = self.var / "run"
        self.port = read_port(environ)
        self.children: list[Child] = []
        self.database: postgres.Postgres | None = None
        self.stopping = False
        self.reload_wanted = False
        self.listener: socket.socket | None = None
        self.logs_looked_at = time.monotonic()
        self.wake_up, wake_up_in = os.pipe()
        os.set_blocking(wake_up_in, False)
        os.set_blocking(self.wake_up, False)
        signal.set_wakeup_fd(wake_up_in, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ending in STOP_SIGNALS:
            signal.signal(ending, self._ask_to_stop)
        signal.signal(signal.SIGUSR1, self._ask_to_reload)
        self.tether_out, self.tether_in = os.pipe()

    def _ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def _ask_to_reload(self, *_: object) -> None:
        self.reload_wanted = True

    def run(self) -> None:
        """From nothing to serving, and back to nothing."""
        make_var(self.var)
        with alone(self.run_dir / "supervisor.lock"):
            end_leftovers(self.run_dir)
            self.listener = take_port(self.port)
            try:
                self._start()
                self._serve()
            finally:
                self._stop()

    def _start(self) -> None:
        kept = add_settings(self.var, EMBEDDED="1", SECRET_KEY=new_secret())
        kept.pop("POSTGRES_HOME", None)
        self.environ = {**kept, **self.environ, "EMBEDDED": "1", "PORT": str(self.port), "VAR_DIR": str(self.var)}
        self.environ["WEB_READY_FILE"] = str(self.run_dir / "web-ready")
        self.environ["TMPDIR"] = str(make_private(self.var / "tmp"))
        guard_program = [sys.executable, "-I", guard.__file__, str(self.tether_out), str(self._children_file)]
        self._add(Child("guard", lambda: self._popen("guard", guard_program, (self.tether_out,)), signal.SIGKILL, 0))
        if not self.environ.get("DATABASE_URL"):
            self.database = postgres.for_var(self.var)
            self._add(Child("PostgreSQL", self.database.start, signal.SIGINT, 20))
            self.database.wait_until_ready()
            self.environ["DATABASE_URL"] = self.database.url()
            write_private(self.run_dir / "database-url", self.database.url() + "\n")
        self._prepare()
        django = [sys.executable, "-m"]
        celery = [*django, "celery", "--app", "okrplanner", "--quiet"]
        web = [] if self.listener is None else ["--bind", f"fd://{self.listener.fileno()}"]
        programs = {
            "worker": [*celery, "worker", "--loglevel", "WARNING", *WORKER_OPTIONS],
            "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
            "web": [*django, "gunicorn", "--config", "python:okrplanner.web_server", *web, "okrplanner.wsgi"],
        }
        for name, program in programs.items():
            handles = (self.listener.fileno(),) if name == "web" and self.listener is not None else ()
            launch = lambda name=name, program=program, handles=handles: self._popen(name, program, handles)  # noqa: E731
            if not self.stopping:
                self._add(Child(name, launch, signal.SIGTERM, 25 if name == "worker" else 15))

    def _prepare(self, *options: str) -> None:
        """Run it as a child, so that a stop or a kill in the middle ends it as well."""
        if self.stopping:
            return
        program = [sys.executable, "-m", "okrplanner.embedded.prepare", *options]
        process = subprocess.Popen(
            program, cwd=CHECKOUT, env=self.environ, stdin=subprocess.DEVNULL, start_new_session=True
        )
        child = Child("prepare", lambda: process, signal.SIGTERM, 5)
        self._add(child)
        while process.poll() is None and not self.stopping:
            self._wait()
        failed = bool(process.poll())
        end_child(child)
        self.children.remove(child)
        self._write_children()
        if failed:
            raise CannotRun("Not started; the reason stands above.")

    def _serve(self) -> None:
        announced = False
        while not self.stopping:
            started = [child.name for child in self.children if child.tend()]
            if started:
                self._write_children()
            if self.reload_wanted and announced:
                self.reload_wanted = False
                reload.answer(self.run_dir, self._reload())
            if time.monotonic() > self.logs_looked_at + BETWEEN_LOOKS_AT_LOGS:
                self.logs_looked_at = time.monotonic()
                trim_logs(self.var)
            if not announced and answers(self.port):
                announced = True
                self._announce()
            self._wait(0.05 if not announced else 0.5)

    def _reload(self) -> str:
        """New processes take over from the running ones: nobody waits, no task is lost. Answers what went wrong.

        The web server's successor shares its socket and must have loaded everything before the old one is asked to
        finish what it began; if it does not come up, the old one stays.
        """
        say("Reloading.")
        try:
            self._prepare("--again")
            web = self._child("web")
            successor = Child("web", web.launch, web.ending, web.patience)
            self._add(successor)
            if not self._wait_for_web(successor):
                end_child(successor)
                self.children.remove(successor)
                self._write_children()
                raise CannotRun(f"The new web server does not start; {self.var / 'log' / 'web.log'} says why.")
            self._retire(web)
            worker = self._child("worker")
            self._add(Child("worker", worker.launch, worker.ending, worker.patience))
            self._retire(worker)
            beat = self._child("beat")
            self._retire(beat)
            self._add(Child("beat", beat.launch, beat.ending, beat.patience))
        except CannotRun as reason:
            say(f"Not reloaded, everything runs as before: {reason}")
            return str(reason)
        say("Reloaded.")
        return ""

    def _child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def _retire(self, child: Child) -> None:
        """It finishes what it began; then it is forgotten."""
        end_child(child, hurry=lambda: self.stopping)
        self.children.remove(child)
        self._write_children()

    def _wait_for_web(self, successor: Child) -> bool:
        """Until the new master says that it has loaded everything."""
        deadline = time.monotonic() + LONGEST_START
        while not self.stopping and time.monotonic() < deadline:
            if successor.process is None or successor.process.poll() is not None:
                return False
            with contextlib.suppress(OSError):
                if (self.run_dir / "web-ready").read_text() == str(successor.process.pid):
                    return True
            self._wait(0.05)
        return False

    def _announce(self) -> None:
        example = json.loads((self.run_dir / "example.json").read_text())
        say(f"\nokrplanner: http://{HOST}:{self.port}/\n")
        if example["accounts"]:
            password = example["password"] or "(the one given when the example company was loaded)"
            say(f"  Sign in as  {'  '.join(example['accounts'])}\n  Password    {password}\n")
        if example["start_link"]:
            # It opens a door: it stands on the terminal and nowhere else, not even for a moment.
            write_private(self.run_dir / "example.json", json.dumps({**example, "start_link": None}))
            say(f"  Start your own company:\n  {example['start_link']}\n")
        say(f"Ctrl-C stops it. What happens stands in {self.var / 'log'}.")

    def _stop(self) -> None:
        """Web, beat, worker, PostgreSQL: nobody loses what they still need. A second Ctrl-C does not wait."""
        self.stopping = False
        order = ("prepare", "web", "beat", "worker", "PostgreSQL", "guard")
        for child in sorted(self.children, key=lambda child: order.index(child.name)):
            end_child(child, hurry=lambda: self.stopping)
        if self.database is not None:
            self.database.close()
        (self.run_dir / "database-url").unlink(missing_ok=True)
        self._children_file.unlink(missing_ok=True)

    def _add(self, child: Child) -> None:
        self.children.append(child)
        child.start()
        self._write_children()

    @property
    def _children_file(self) -> Path:
        return self.run_dir / "children.json"

    def _write_children(self) -> None:
        """For the guard and for the next start, in the order in which they should end."""
        running = [child.running() for child in reversed(self.children) if child.name != "guard"]
        write_private(self._children_file, json.dumps([row for row in running if row is not None]))

    def _popen(self, name: str, program: list[str], handles: tuple[int, ...] = ()) -> "subprocess.Popen[bytes]":
        with (self.var / "log" / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                program,
                cwd=CHECKOUT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=handles,
            )

    def _wait(self, seconds: float = 0.5) -> None:
        """Until a signal arrives or the time is over; then see whether who started us is still there."""
        select.select([self.wake_up], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake_up, 4096)
        if self.parent is not None and os.getppid() != self.parent:
            self.stopping = True


def end_child(child: Child, hurry: Callable[[], bool] = lambda: False) -> None:
    process = child.process
    if process is None:
        return
    if process.poll() is None:
        process.send_signal(child.ending)
    deadline = time.monotonic() + child.patience
    while process.poll() is None and time.monotonic() < deadline and not hurry():
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    child.process = None


def read_port(environ: dict[str, str]) -> int:
    text = environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def make_private(directory: Path) -> Path:
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def make_var(var: Path) -> None:
    """The directories of everything that is written; var/ itself can be entered by PostgreSQL's account."""
    try:
        if not var.exists():
            var.mkdir()
            var.chmod(0o755)
        for name in ("run", "log", "mail"):
            make_private(var / name)
            if not os.access(var / name, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "not ours")
        trim_logs(var)
    except OSError as reason:
        owner = var.owner() if var.exists() else "nobody"
        raise CannotRun(f"{var} cannot be written here; it belongs to {owner}: run this as {owner}.") from reason


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of this var directory. One that is stopping is waited for, one that serves is named."""
    with path.open("a+") as lock:
        deadline = time.monotonic() + 3
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as reason:
                lock.seek(0)
                owner = lock.read().strip()
                if time.monotonic() > deadline:
                    raise CannotRun(f"okrplanner already runs from this directory as process {owner}.") from reason
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def end_leftovers(run_dir: Path) -> None:
    """What a killed start left: its processes, if they really are those, and its socket's directory."""
    children_file = run_dir / "children.json"
    left = [child for child in guard.read_children(children_file) if is_left(child)]
    if left:
        say("Ending what the last start left behind.")
    guard.end(left, patience=15, is_gone=lambda child: not is_left(child))
    children_file.unlink(missing_ok=True)
    address = run_dir / "database-url"
    with contextlib.suppress(OSError):
        sockets = Path(parse_qs(urlsplit(address.read_text().strip()).query)["host"][0])
        if sockets.name.startswith("okr-") and not sockets.is_symlink():
            shutil.rmtree(sockets, ignore_errors=True)
    address.unlink(missing_ok=True)


def is_left(child: Running) -> bool:
    """Whether this process, or its group without it, lives on; identifiers are used again, start times are not."""
    try:
        process = psutil.Process(child.pid)
        return abs(process.create_time() - child.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return child.started > psutil.boot_time() and guard.group_lives(child.pid)
    except psutil.Error:
        return False


def take_port(port: int) -> socket.socket:
    """The socket that the web server, and who takes over from it, listens on; it stays while they change."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
    except OSError as reason:
        taken.close()
        if reason.errno == errno.EADDRINUSE:
            raise CannotRun(
                f"Port {port} is busy: stop what listens there, or choose another with PORT={port + 1} make run."
            ) from reason
        raise CannotRun(f"Port {port} cannot be used: {reason.strerror}.") from reason
    return taken


def trim_logs(var: Path) -> None:
    """Set a log that became too large aside; who writes to it goes on in the emptied file."""
    for log in (var / "log").glob("*.log"):
        with contextlib.suppress(OSError):
            if log.stat().st_size > LARGEST_LOG:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
