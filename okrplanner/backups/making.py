"""Making a backup while people work: one snapshot of the database, dumped, counted and sealed."""

import contextlib
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
from django.conf import settings
from django.db import connection

from okrplanner.backups import Refused, container, contents, programs, stamp
from okrplanner.version import VERSION
from people import clock
from people.models import Heartbeat

SUFFIX = ".okrbackup"
NAME = re.compile(r"okrplanner-\d{8}T\d{6}Z-[\w.]+(-\d+)?\.okrbackup")


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    rows: int
    seconds: float


def default_directory() -> Path:
    return Path(settings.VAR_DIR) / "backups"


def backup(to: Path | None = None) -> Made:
    """Write everything there is at this moment into one file, into a directory or under a name.

    Raises `Refused` where PostgreSQL's programs are missing or fail, or the disk is full; no half file is left then.
    """
    began = time.monotonic()
    place = programs.programs()
    path = where(to)
    try:
        with snapshot() as (reader, name):
            tables = contents.described(reader)
            manifest = {
                "format": 1,
                "version": VERSION,
                "made_at": clock.now().isoformat(),
                "server": programs.server_version(),
                "migrations": contents.migrations(reader),
                "tables": tables,
            }
            size = container.write(path, dumped(place, name), lambda: manifest)
    except OSError as reason:
        raise Refused(f"{path} cannot be written: {reason.strerror or reason}.") from reason
    except psycopg.errors.UndefinedTable as reason:
        raise Refused("There is nothing to back up yet: the database holds no tables.") from reason
    made = Made(path, size, sum(rows for rows, _sum in tables.values()), time.monotonic() - began)
    told = {"file": made.path.name, "bytes": made.size, "seconds": round(made.seconds, 1)}
    Heartbeat.objects.update_or_create(name="backup", defaults={"at": clock.now(), "detail": told})
    return made


def where(to: Path | None) -> Path:
    """The file to write: a name that is given, or a new one in a directory."""
    if to is not None and to.suffix == SUFFIX and not to.is_dir():
        return to.absolute()
    directory = (to or default_directory()).absolute()
    name = f"okrplanner-{stamp(clock.now())}-{VERSION}"
    free = (directory / f"{name}{more}{SUFFIX}" for more in ("", *(f"-{number}" for number in range(2, 100))))
    return next(path for path in free if not path.exists())


@contextlib.contextmanager
def snapshot() -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A connection that sees one moment of the database, and the name by which pg_dump sees the same."""
    parameters = {name: value for name, value in connection.get_connection_params().items() if name != "cursor_factory"}
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = reader.execute("SELECT pg_export_snapshot()").fetchone()
        yield reader, row[0] if row else ""


def dumped(place: Path, snapshot_name: str) -> Iterator[bytes]:
    """What pg_dump writes, piece by piece."""
    left_out = [f"--exclude-table-data={table}" for table in contents.LEFT_OUT]
    with tempfile.TemporaryFile() as errors:
        program = subprocess.Popen(
            [
                place / "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot_name}",
                *left_out,
            ],
            env=programs.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            out = cast(BinaryIO, program.stdout)
            while piece := out.read(container.PIECE):
                yield piece
            if program.wait() != 0:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()
                raise Refused(f"pg_dump failed: {said[-1] if said else program.returncode}")
        finally:
            program.kill()
            program.wait()


def prune(directory: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a directory; files with names of their own are left alone."""
    found = sorted((path for path in directory.iterdir() if NAME.fullmatch(path.name)), key=lambda path: path.stem)
    old = found[: max(0, len(found) - keep)]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def due_in(directory: Path, every: int) -> float:
    """How many seconds until the next backup of a directory is due; nothing or less when it is."""
    times = [path.stat().st_mtime for path in directory.glob(f"*{SUFFIX}") if NAME.fullmatch(path.name)]
    return max(times) + every - time.time() if times else 0
