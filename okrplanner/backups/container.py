"""The file of a backup: what PostgreSQL dumped, what was in it, and a seal that every missing or changed byte breaks.

    okrplanner backup 1\\n | the dump | a manifest in JSON | its length, 8 bytes | SHA-256 of all before | end mark

The seal stands at the end, so that a backup is written in one go and one that was cut off has none.
"""

import contextlib
import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from okrplanner.backups import Refused

BEGINNING = b"okrplanner backup 1\n"
END = b"\nokrplanner end\n"
LENGTH = struct.Struct(">Q")
SEAL = hashlib.sha256().digest_size
TRAILER = LENGTH.size + SEAL + len(END)
PIECE = 1 << 20
LARGEST_MANIFEST = 1 << 24


@dataclass(frozen=True)
class Backup:
    """An open file whose seal is whole: its manifest, and where the dump lies in it."""

    file: BinaryIO
    manifest: dict[str, Any]
    dump_ends_at: int

    def dump(self) -> Iterator[bytes]:
        self.file.seek(len(BEGINNING))
        left = self.dump_ends_at - len(BEGINNING)
        while left > 0:
            piece = self.file.read(min(PIECE, left))
            if not piece:
                raise Refused("The file became shorter while it was read.")
            left -= len(piece)
            yield piece


def write(path: Path, dump: Iterable[bytes], manifest: Callable[[], dict[str, Any]]) -> int:
    """Write a backup in one step: the finished file appears under its name, or nothing does. Answers its size."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            seal = hashlib.sha256()

            def put(piece: bytes) -> None:
                file.write(piece)
                seal.update(piece)

            put(BEGINNING)
            for piece in dump:
                put(piece)
            described = json.dumps(manifest(), indent=1, sort_keys=True).encode()
            put(described)
            put(LENGTH.pack(len(described)))
            file.write(seal.digest() + END)
            size = file.tell()
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return size


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The backup in a file. Raises `Refused` where it is none, is not whole, or was changed."""
    try:
        file = path.open("rb")
    except OSError as reason:
        raise Refused(f"{path} cannot be read: {reason.strerror}.") from reason
    with file:
        yield check(file, path)


def check(file: BinaryIO, path: Path) -> Backup:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise Refused(f"{path} is empty.")
    if file.read(len(BEGINNING)) != BEGINNING[:size]:
        raise Refused(f"{path} is not a backup of okrplanner.")
    file.seek(max(0, size - TRAILER))
    trailer = file.read(TRAILER)
    if size < len(BEGINNING) + TRAILER or not trailer.endswith(END):
        raise Refused(f"{path} is not whole: its end is missing. Take another backup or copy it again.")
    file.seek(0)
    seal = hashlib.sha256()
    left = size - SEAL - len(END)
    while left > 0 and (piece := file.read(min(PIECE, left))):
        seal.update(piece)
        left -= len(piece)
    if seal.digest() != trailer[LENGTH.size : LENGTH.size + SEAL]:
        raise Refused(f"{path} was changed or damaged: its checksum is not the one it was written with.")
    (length,) = LENGTH.unpack(trailer[: LENGTH.size])
    if not 0 < length <= min(LARGEST_MANIFEST, size):
        raise Refused(f"{path} is not a backup of okrplanner.")
    file.seek(size - TRAILER - length)
    try:
        manifest = json.loads(file.read(length))
    except ValueError as reason:
        raise Refused(f"{path} is not a backup of okrplanner.") from reason
    return Backup(file, manifest, size - TRAILER - length)
