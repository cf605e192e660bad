"""`make reload`: ask the running supervisor for new processes, and wait for its answer."""

import fcntl
import json
import os
import secrets
import signal
import time
from pathlib import Path

from okrplanner.embedded.places import CannotRun, write_private

PATIENCE = 300.0


def ask(var: Path) -> None:
    """Return when new processes have taken over. Raises `CannotRun` where nothing runs or they did not start."""
    run_dir = var / "run"
    supervisor = running_supervisor(run_dir / "supervisor.lock")
    name = secrets.token_hex(8)
    write_private(run_dir / "reload-request", name)
    os.kill(supervisor, signal.SIGUSR1)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answered = read(run_dir / "reload-answer")
        if answered.get("request") == name:
            if answered["failure"]:
                raise CannotRun(f"Not reloaded, everything runs as before: {answered['failure']}")
            return
        running_supervisor(run_dir / "supervisor.lock")
        time.sleep(0.1)
    raise CannotRun(f"No answer within {PATIENCE:.0f} seconds; {var / 'log'} says more.")


def answer(run_dir: Path, failure: str) -> None:
    """The supervisor's part: it is done, or why it is not."""
    try:
        name = (run_dir / "reload-request").read_text(encoding="utf-8")
    except OSError:
        return
    write_private(run_dir / "reload-answer", json.dumps({"request": name, "failure": failure}))


def read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def running_supervisor(path: Path) -> int:
    """Who holds the lock of this var directory."""
    try:
        with path.open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(lock.read().strip())
    except (OSError, ValueError):
        pass
    raise CannotRun("okrplanner does not run from this directory: start it with `make run`.")
