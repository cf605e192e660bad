"""One private PostgreSQL 18 from the installed package: made, started, found again after a kill, stopped.

It listens on a socket in a short directory that only its account can enter, and on no address.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from okrplanner.embedded import accounts
from okrplanner.embedded.accounts import Account
from okrplanner.embedded.places import CannotRun, add_settings, read_settings

MAJOR = "18"
ROLE = DATABASE = "okrplanner"
SETTINGS = {
    "listen_addresses": "",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Vacuumed between two tests, a table that is about to be filled counts as empty, and is read whole for each row.
CARELESS_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "100",
}
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(ending: signal.Signals) -> Callable[[], None] | None:
    """What to run between fork and exec so that Linux sends this signal when our main thread ends, killed or not."""
    if _libc is None:
        return None
    libc, parent = _libc, os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(ending))
        if os.getppid() != parent:
            os._exit(1)

    return tie


@dataclass
class Postgres:
    """A server over one data directory. `careless` trades safety for speed and is for tests only."""

    data: Path
    programs: Path
    account: Account | None
    log: Path
    careless: bool = False
    sockets_in: Path | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    sockets: Path | None = field(default=None, init=False)

    def url(self, database: str = DATABASE) -> str:
        """The address for DATABASE_URL. Valid from `start` to `close`."""
        return f"postgresql://{ROLE}@/{database}?host={self.sockets}"

    def start(self) -> "subprocess.Popen[bytes]":
        """Make the data directory if there is none, end what an earlier start left over it, and start the server."""
        self._initialise()
        end_leftover(self.data)
        if self.sockets is None:
            self.sockets = self._make_socket_directory()
        settings = {**SETTINGS, **(CARELESS_SETTINGS if self.careless else {})}
        settings["unix_socket_directories"] = str(self.sockets)
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *arguments],
                cwd=self.data,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(self._stop_signal()),
                **accounts.run_as(self.account),
            )
        return self.process

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Wait for the first answer and see that our database is there. Raises `CannotRun` if none comes."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5) as connection:
                    there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                    if there is None:
                        connection.execute(f'CREATE DATABASE "{DATABASE}"')
                return
            except psycopg.OperationalError as error:
                ended = self.process is None or self.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise CannotRun(f"PostgreSQL does not start; {self.log} says why.") from error
            time.sleep(0.02)

    def stop(self, timeout: float = 20) -> None:
        """End the server: a fast shutdown, which rolls back what is unfinished; harder if it does not listen."""
        if self.process is not None:
            for ending in (self._stop_signal(), signal.SIGQUIT, signal.SIGKILL):
                if self.process.poll() is not None:
                    break
                self.process.send_signal(ending)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(timeout)
        self.close()

    def close(self) -> None:
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def _stop_signal(self) -> signal.Signals:
        return signal.SIGQUIT if self.careless else signal.SIGINT

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def _make_socket_directory(self) -> Path:
        """Short, because a socket's path is limited to about a hundred bytes; new, so that nobody made it for us."""
        shared = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()  # noqa: S108 the name below it is random
        parent = self.sockets_in or shared
        directory = Path(tempfile.mkdtemp(prefix="okr-", dir=parent))
        if self.account is not None:
            os.chown(directory, self.account.uid, self.account.gid)
        return directory

    def _initialise(self) -> None:
        """Run initdb beside the final place and move the result there, so that a kill leaves no half-made directory."""
        if self.data.exists():
            version = (self.data / "PG_VERSION").read_text().strip()
            if version != MAJOR:
                raise CannotRun(
                    f"The data in {self.data} are PostgreSQL {version}'s, this is {MAJOR}: move them with pg_dump."
                )
            return
        making = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(making, ignore_errors=True)
        accounts.make_directory(making, self.account)
        arguments = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        if self.careless:
            arguments.append("--no-sync")
        with self.log.open("ab") as log:
            done = subprocess.run(
                [self.programs / "initdb", "-D", making, "-U", ROLE, "--auth=trust", "--no-instructions", *arguments],
                cwd=making,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
                start_new_session=True,
                **accounts.run_as(self.account),
            )
        if done.returncode != 0:
            raise CannotRun(f"PostgreSQL's data directory cannot be made in {self.data}; {self.log} says why.")
        making.rename(self.data)


def for_var(var: Path) -> Postgres:
    """The embedded server of a var directory. Where its data lie is decided once and kept in settings.env."""
    kept = read_settings(var).get("POSTGRES_HOME")
    home = Path(kept) if kept else var
    account = accounts.server_account(home / "postgres")
    if account is not None and not accounts.can_enter(account, home):
        if kept:
            raise CannotRun(f"The account {account.name} cannot reach the data in {home} any more.")
        home = accounts.make_reachable_home(account)
        print(f"PostgreSQL runs as {account.name}, who cannot reach this checkout: its data are in {home}.")
        add_settings(var, POSTGRES_HOME=str(home))
    programs = accounts.reachable_programs(account, home)
    return Postgres(data=home / "postgres", programs=programs, account=account, log=var / "log" / "postgres.log")


def end_leftover(data: Path, timeout: float = 20) -> None:
    """Stop the server that an earlier start left running over this directory, and wait for what it forked.

    A dead server's postmaster.pid stays: PostgreSQL looks through it for processes that still use the data. Only
    when the identifier in it belongs to somebody else by now, over which the server would stumble, does it go.
    """
    lock = data / "postmaster.pid"
    try:
        leader = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    processes = list(servers_of(data))
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        for process in processes:
            if process.pid == leader or ending is not signal.SIGINT:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(ending)
        _, processes = psutil.wait_procs(processes, timeout)
        if not processes:
            break
    if psutil.pid_exists(leader):
        lock.unlink(missing_ok=True)


def servers_of(data: Path) -> Iterator[psutil.Process]:
    """PostgreSQL's processes that work in this directory."""
    place = data.resolve()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith("postgres") and Path(process.cwd()) == place:
                yield process
