"""The embedded database for one command while `make run` does not run: `make backup` and `make restore` need it."""

import atexit
import os
import sys

from okrplanner.embedded import accounts, postgres
from okrplanner.embedded.places import CannotRun, add_settings, embedded_environment, is_running, new_secret, var_dir
from okrplanner.embedded.supervisor import alone, end_leftovers, make_var


def attend() -> None:
    """See to it that the database of this process's environment answers until the process ends.

    Where nothing runs, the server is started for this process alone, and made if there was none: a backup can be
    restored on a new machine before its first start.
    """
    var = var_dir()
    try:
        accounts.become_owner(var)
        if is_running(os.environ["DATABASE_URL"]):
            return
        make_var(var)
        lock = alone(var / "run" / "supervisor.lock")
        lock.__enter__()
        atexit.register(lock.__exit__, None, None, None)
        end_leftovers(var / "run")
        add_settings(var, EMBEDDED="1", SECRET_KEY=new_secret())
        server = postgres.for_var(var)
        server.start()
        atexit.register(server.stop)
        server.wait_until_ready()
    except CannotRun as reason:
        sys.exit(str(reason))
    os.environ |= embedded_environment()
    os.environ["DATABASE_URL"] = server.url()
