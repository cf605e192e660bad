"""How gunicorn serves the pages: `gunicorn --config python:okrplanner.web_server okrplanner.wsgi`.

Sync workers serve pages best, and one import before the fork starts them faster and shares their memory.
"""

import ipaddress
import os
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from okrplanner.garbage import spare_what_is_loaded


class WebServerLogger(Logger):
    """gunicorn's own lines through Django's handler, and none per request: those are ours."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        pass


bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "okrplanner.web_worker.PoliteWorker"
preload_app = True
timeout = 60
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
logger_class = WebServerLogger
proc_name = "okrplanner-web"
control_socket_disable = True
if os.access("/dev/shm", os.W_OK | os.X_OK):  # noqa: S108 gunicorn makes private files
    worker_tmp_dir = "/dev/shm"  # noqa: S108 a slow disk must not look like a hanging worker


def is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if os.environ.get("EMBEDDED", "").lower() in {"1", "true", "yes", "on"} and not is_loopback(bind):
    raise SystemExit(f"EMBEDDED=1 is for this machine alone: BIND must be on 127.0.0.1, not {bind}.")


def when_ready(server: Any) -> None:
    """Everything is loaded: whoever hands over to this process may end the one before."""
    spare_what_is_loaded()
    if ready := os.environ.get("WEB_READY_FILE"):
        Path(ready).write_text(str(os.getpid()))


def post_fork(server: Any, worker: Any) -> None:
    from okrplanner.observing import watch_web_process  # the settings are known only now

    watch_web_process()
