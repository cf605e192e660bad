"""PostgreSQL's own programs: those of the installed package, of the PATH, or of Debian's directories."""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from okrplanner.backups import Refused
from okrplanner.embedded.accounts import packaged_programs
from okrplanner.embedded.places import CannotRun

NEEDED = ("pg_dump", "pg_restore", "psql")


def places() -> Iterator[Path]:
    """Debian's directories stand first: its programs on the PATH choose a version by themselves."""
    yield from (path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin")) if has_all(path))
    for name in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if name and has_all(Path(name)):
            yield Path(name)
    try:
        yield packaged_programs()
    except CannotRun:
        return


def has_all(place: Path) -> bool:
    return all(os.access(place / program, os.X_OK) for program in NEEDED)


@cache
def major_of(place: Path) -> int:
    """The version of the programs in a directory; 0 where they do not run."""
    try:
        said = subprocess.run([place / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0
    found = re.search(r" (\d+)", said)
    return int(found[1]) if found else 0


def server_version() -> int:
    """`180004` for 18.4."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def programs() -> Path:
    """The directory whose programs fit the server: its own major version, or else the next later one."""
    server = server_version() // 10_000
    fitting = sorted(((major_of(place), place) for place in places()), key=lambda found: found[0])
    for major, place in fitting:
        if major >= server:
            return place
    raise Refused(
        f"pg_dump {server} or later is needed for this server: install PostgreSQL's client programs {server}."
    )


def environment(database: str | None = None) -> dict[str, str]:
    """What leads libpq's programs to our database, or another of the same server; no password on a command line."""
    told: dict[str, Any] = connection.get_connection_params()
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
    led = {names[name]: str(value) for name, value in told.items() if name in names and value not in {None, ""}}
    if database is not None:
        led["PGDATABASE"] = database
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **led, "PGTZ": "UTC", "PGAPPNAME": "okrplanner-backup", "PGCONNECT_TIMEOUT": "10"}
