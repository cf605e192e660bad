"""A pytest plugin: one private PostgreSQL for the whole run, shared by xdist's workers, and a Redis for who asks.

Loaded with `-p tests.database`, so that the address is in the environment before pytest-django reads the settings.
With DATABASE_URL given, that server is used instead.
"""

import atexit
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from okrplanner.embedded import accounts
from okrplanner.embedded.places import CHECKOUT, CannotRun
from okrplanner.embedded.postgres import Postgres, end_leftover, end_with_parent
from okrplanner.translations import compile_catalogs

PREFIX = "okrplanner-test-"
WORKSPACE = "OKRPLANNER_TEST_WORKSPACE"
TABLES = "okrplanner_test_tables"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        try:
            start()
        except CannotRun as reason:
            raise pytest.UsageError(str(reason)) from reason
    var = Path(os.environ[WORKSPACE]) / f"var-{worker or 'main'}"
    for name in (".", "celery/queue", "celery/control", "mail", "log", "run", "static"):
        (var / name).mkdir(parents=True, exist_ok=True)
    os.environ["VAR_DIR"] = str(var)
    return (yield)


def start() -> None:
    """Make a workspace of this run and put the settings of a test into the environment."""
    remove_leftovers()
    compile_catalogs()
    workspace = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    workspace.chmod(0o755)
    me = psutil.Process()
    (workspace / "owner.json").write_text(json.dumps([me.pid, me.create_time()]))
    os.environ[WORKSPACE] = str(workspace)
    server = None
    if not os.environ.get("DATABASE_URL"):
        account = accounts.server_account(None)
        server = Postgres(
            data=workspace / "postgres",
            programs=accounts.reachable_programs(account, workspace),
            account=account,
            log=workspace / "postgres.log",
            careless=True,
            sockets_in=workspace,
        )
        server.start()
        server.wait_until_ready()
        os.environ["DATABASE_URL"] = server.url()
    os.environ |= {"SECRET_KEY": "a secret of the tests, " + "x" * 50, "EMBEDDED": "1"}
    for name in ("REDIS_URL", "DEMO_PASSWORD", "EMAIL_URL", "CLOCK_FILE"):
        os.environ.pop(name, None)
    atexit.register(end, os.getpid(), workspace, server)


def end(owner: int, workspace: Path, server: Postgres | None) -> None:
    if os.getpid() != owner:
        return
    if server is not None:
        server.stop(timeout=5)
    elif (workspace / TABLES).exists():
        on_server(f'DROP DATABASE "{TABLES}"')
    shutil.rmtree(workspace, ignore_errors=True)


@contextlib.contextmanager
def made_once(path: Path) -> Iterator[bool]:
    """Whether this worker is the one that makes what stands at the path; all others wait for it."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not path.exists()


def tables() -> str:
    """A database with all tables, which each worker's own begins as a copy of."""
    mark = Path(os.environ[WORKSPACE]) / TABLES
    with made_once(mark) as is_ours_to_make:
        if is_ours_to_make:
            on_server(f'DROP DATABASE IF EXISTS "{TABLES}"', f'CREATE DATABASE "{TABLES}"')
            environ = {**os.environ, "DATABASE_URL": address_of(TABLES)}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, env=environ, check=True)
            mark.touch()
    return TABLES


def on_server(*statements: str) -> None:
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def address_of(database: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()


def remove_leftovers() -> None:
    """What a killed run left: its server, where the system did not end it, and its files."""
    for workspace in Path("/tmp").glob(f"{PREFIX}*"):  # noqa: S108
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            pid, started = json.loads((workspace / "owner.json").read_text())
            if psutil.pid_exists(pid) and abs(psutil.Process(pid).create_time() - started) < 1:
                continue
            end_leftover(workspace / "postgres", timeout=5)
            shutil.rmtree(workspace, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty Redis of this worker's own, which keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is not installed: `make test` installs it or says what to install.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    directory = tmp_path_factory.mktemp("redis")
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, *arguments, "--dir", str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGKILL),
        )
    try:
        deadline = time.monotonic() + 15
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"redis-server does not start: {(directory / 'log').read_text()}")
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()
