#!/usr/bin/env python
"""Django's command line for this checkout. Without a DATABASE_URL it attaches to what `make run` started."""

import os
import sys


def main() -> None:
    from okrplanner.embedded.places import embedded_environment, is_running

    attached = not os.environ.get("DATABASE_URL")
    if attached:
        os.environ |= embedded_environment()
        if sys.argv[1:2] in (["backup"], ["restore"]) and not {"-h", "--help"} & set(sys.argv):
            from okrplanner.embedded.offline import attend

            attend()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from okrplanner.commands import CommandLine
    from okrplanner.starting import stop

    try:
        CommandLine(sys.argv).execute()
    except ImproperlyConfigured as reason:
        stop(reason)
    except OperationalError:
        if not attached or is_running(os.environ["DATABASE_URL"]):
            raise
        sys.exit("The embedded database is not running: start it with `make run`, or give a DATABASE_URL.")


if __name__ == "__main__":
    main()
