"""Bringing a backup back: into a new database beside the old one, compared row by row, then swapped in one step.

Until the swap nothing of the old data is touched, and after it they are kept under another name until the next restore.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote, urlsplit

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from okrplanner.backups import Refused, container, contents, programs, stamp
from okrplanner.backups.container import Backup
from okrplanner.version import VERSION
from people import clock

MAINTENANCE = ("postgres", "template1")
# pg_restore of 17 and later says this to servers that do not know it yet.
UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;\n"
LONGEST_NAME = 63
RESTORING, BEFORE = "restoring", "before"
LOCK = 0x6F6B72
CHECKOUT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Restored:
    made_at: str
    version: str
    rows: int
    kept_as: str


def restore(path: Path, *, say: Callable[[str], None] = lambda sentence: None) -> Restored:
    """Put the database of `DATABASE_URL` back to what stands in the file, brought to this release's tables.

    Everybody is disconnected for the moment of the swap. Raises `Refused` where the file is none of ours, not whole,
    changed or from a newer release, or where the database's role may not make databases; the old data then stand as
    they were.
    """
    with container.opened(path) as backup:
        refuse_newer(backup.manifest, path)
        place = programs.programs()
        ours = database_name()
        moment = stamp(clock.now()).lower()
        new, before = named(ours, f"{RESTORING}_{moment}"), named(ours, f"{BEFORE}_{moment}")
        with maintenance() as server:
            refuse_another(server)
            for left_behind in made_by_restores(server, ours, RESTORING):
                drop(server, left_behind)
            say("The file is whole. Restoring beside the present data.")
            create_like(server, ours, new)
            try:
                fill(backup, place, new, server.info.server_version)
                compare(backup.manifest, new)
                missing = missing_migrations(backup.manifest)
                if missing:
                    say(f"Bringing it from {backup.manifest['version']} to {VERSION}.")
                migrate(new)
                say("Everything is there, row by row. Swapping.")
                swap(server, ours, becomes=before, takes=new)
            except BaseException:
                drop(server, new)
                raise
            forget_earlier(server, ours, keep=before)
    cache.clear()
    rows = sum(rows for rows, _sum in backup.manifest["tables"].values())
    return Restored(backup.manifest["made_at"], backup.manifest["version"], rows, before)


def undo(*, say: Callable[[str], None] = lambda sentence: None) -> str:
    """Swap back what stood before the last restore; what was there meanwhile is kept in its place. Answers its name."""
    ours = database_name()
    with maintenance() as server:
        refuse_another(server)
        earlier = made_by_restores(server, ours, BEFORE)
        if not earlier:
            raise Refused("No data from before a restore are kept.")
        meanwhile = named(ours, f"{BEFORE}_{stamp(clock.now()).lower()}")
        if meanwhile == earlier[-1]:
            raise Refused("This was restored less than a second ago.")
        say("Swapping back.")
        swap(server, ours, becomes=meanwhile, takes=earlier[-1])
    cache.clear()
    return meanwhile


def refuse_newer(manifest: dict[str, Any], path: Path) -> None:
    if manifest.get("format") != 1 or not isinstance(manifest.get("tables"), dict):
        raise Refused(f"{path} was made by a newer okrplanner: restore it with that one.")
    unknown = set(manifest["migrations"]) - known_migrations()
    if unknown or as_numbers(manifest["version"]) > as_numbers(VERSION):
        raise Refused(
            f"{path} was made by okrplanner {manifest['version']}, which is newer than this {VERSION}: "
            "update first, then restore."
        )


def as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def known_migrations() -> set[str]:
    loader = MigrationLoader(None)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return {f"{app}.{name}" for app, name in {*loader.disk_migrations, *replaced}}


def missing_migrations(manifest: dict[str, Any]) -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations} - set(manifest["migrations"])


def database_name() -> str:
    return str(connection.settings_dict["NAME"])


def named(ours: str, more: str) -> str:
    """A database's name beside ours; PostgreSQL cuts names off."""
    return f"{ours[: LONGEST_NAME - len(more) - 1]}_{more}"


@contextlib.contextmanager
def connected(database: str) -> Iterator[psycopg.Connection[Any]]:
    parameters = {name: value for name, value in connection.get_connection_params().items() if name != "cursor_factory"}
    parameters.pop("context", None)
    with psycopg.connect(**{**parameters, "dbname": database}, autocommit=True) as other:
        yield other


@contextlib.contextmanager
def maintenance() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the server that is not one to our database."""
    for database in MAINTENANCE:
        try:
            chosen = connected(database)
            server = chosen.__enter__()
        except psycopg.OperationalError:
            continue
        try:
            yield server
        finally:
            chosen.__exit__(None, None, None)
        return
    raise Refused(f"The database's role can connect to neither {' nor '.join(MAINTENANCE)}, which a restore needs.")


def create_like(server: psycopg.Connection[Any], ours: str, new: str) -> None:
    """An empty database that sorts and compares as ours does."""
    row = server.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s", [ours]
    ).fetchone()
    if row is None:
        raise Refused(f"There is no database {ours}: make it first, it may be empty.")
    statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}"
    try:
        server.execute(sql.SQL(statement).format(sql.Identifier(new), *(sql.Literal(part) for part in row)))
    except psycopg.errors.InsufficientPrivilege as reason:
        role = sql.Identifier(server.info.user).as_string(server)
        raise Refused(
            f"The database's role may not make databases: ALTER ROLE {role} CREATEDB, then again."
        ) from reason
    except psycopg.errors.DiskFull as reason:
        raise Refused(
            "The database's disk is full: a restore needs room for both, the old data and the new."
        ) from reason


def fill(backup: Backup, place: Path, new: str, server_version: int) -> None:
    """pg_restore turns the dump into statements, psql carries them out in one transaction."""
    with tempfile.TemporaryFile() as errors:
        reading = subprocess.Popen(
            [place / "pg_restore", "--no-owner", "--no-privileges", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=programs.environment(new),
        )
        writing = subprocess.Popen(
            [place / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=programs.environment(new),
        )
        statements, carried_out = cast(BinaryIO, reading.stdout), cast(BinaryIO, writing.stdin)
        feeder = threading.Thread(target=feed, args=(backup, cast(BinaryIO, reading.stdin)), daemon=True)
        feeder.start()
        try:
            with contextlib.suppress(BrokenPipeError):  # psql ended; what it said is told below
                in_the_beginning = server_version < 170_000
                for line in statements:
                    if in_the_beginning and line == UNKNOWN_TO_OLDER:
                        in_the_beginning = False
                        continue
                    carried_out.write(line)
            with contextlib.suppress(BrokenPipeError):
                carried_out.close()
            statements.close()
            statuses = (reading.wait(), writing.wait())
        finally:
            for program in (reading, writing):
                program.kill()
                program.wait()
            feeder.join()
        if statuses != (0, 0):
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise Refused(f"PostgreSQL could not restore it; nothing was changed: {said[-1] if said else statuses}")


def feed(backup: Backup, pipe: BinaryIO) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        for piece in backup.dump():
            pipe.write(piece)


def compare(manifest: dict[str, Any], new: str) -> None:
    with connected(new) as restored:
        found = contents.described(restored)
    wrong = sorted(
        table for table in {*found, *manifest["tables"]} if found.get(table) != manifest["tables"].get(table)
    )
    if wrong:
        raise Refused(f"What was restored is not what was backed up, in {', '.join(wrong)}; nothing was changed.")


def migrate(new: str) -> None:
    """By a process of its own, whose database it is: this one's stays what it was."""
    address = os.environ["DATABASE_URL"]
    environ = {**os.environ, "DATABASE_URL": address_of(address, new), "EMBEDDED": "1" if settings.EMBEDDED else "0"}
    commands = [["migrate", "--no-input"]] + ([] if settings.REDIS_URL else [["createcachetable"]])
    for command in commands:
        done = subprocess.run(
            [sys.executable, "manage.py", *command, "--verbosity", "0"],
            cwd=CHECKOUT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            raise Refused(f"It could not be brought to {VERSION}; nothing was changed: {said[-1] if said else ''}")


def address_of(address: str, database: str) -> str:
    return urlsplit(address)._replace(path=f"/{quote(database)}").geturl()


def swap(server: psycopg.Connection[Any], ours: str, *, becomes: str, takes: str) -> None:
    """Rename both in one transaction: whoever kills this in the middle has changed nothing.

    A rename keeps newcomers waiting and gives those who are there five seconds to leave; they are shown out meanwhile.
    """
    connections.close_all()
    done = threading.Event()
    hindrances: list[psycopg.Error] = []
    with maintenance() as usher:
        showing_out = threading.Thread(target=show_out, args=(usher, (ours, takes), done, hindrances), daemon=True)
        showing_out.start()
        try:
            rename_both(server, ours, becomes, takes)
        except psycopg.Error as reason:
            said = str(hindrances[0] if hindrances else reason).strip()
            raise Refused(f"Others could not be disconnected; nothing was changed: {said}") from reason
        finally:
            done.set()
            showing_out.join()


def show_out(
    usher: psycopg.Connection[Any], databases: tuple[str, ...], done: threading.Event, hindrances: list[psycopg.Error]
) -> None:
    leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)"
    while not done.wait(0.05):
        try:
            usher.execute(leave, [list(databases)])
        except psycopg.Error as reason:
            hindrances.append(reason)


def rename_both(server: psycopg.Connection[Any], ours: str, becomes: str, takes: str) -> None:
    for last in (False, False, True):
        try:
            with server.transaction():
                rename(server, ours, becomes)
                rename(server, takes, ours)
            return
        except psycopg.errors.ObjectInUse:
            if last:
                raise


def rename(server: psycopg.Connection[Any], old: str, new: str) -> None:
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def drop(server: psycopg.Connection[Any], database: str) -> None:
    with contextlib.suppress(psycopg.Error):
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def refuse_another(server: psycopg.Connection[Any]) -> None:
    """One restore at a time, until this connection ends: what another has half done is not ours to remove."""
    if server.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() != (True,):
        raise Refused("Another restore is running.")


def made_by_restores(server: psycopg.Connection[Any], ours: str, kind: str) -> list[str]:
    """The databases beside ours that restores made, oldest first; never one that somebody else named alike."""
    moment = "00000000t000000z"
    beginning = named(ours, f"{kind}_{moment}").removesuffix(moment)
    ending = re.compile(r"\d{8}t\d{6}z")
    names = [name for (name,) in server.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()]
    return [name for name in names if name.startswith(beginning) and ending.fullmatch(name.removeprefix(beginning))]


def forget_earlier(server: psycopg.Connection[Any], ours: str, *, keep: str) -> None:
    for name in made_by_restores(server, ours, BEFORE):
        if name != keep:
            drop(server, name)
