"""Where the embedded mode keeps things, and the settings it keeps for the next start.

var/settings.env        made on the first start, readable by its owner only; what stands in it is a default for
                        every `manage.py` of this checkout that is not given a DATABASE_URL
var/run/database-url    the running server's address; there while it runs
var/postgres/           the data, unless the account PostgreSQL runs as cannot reach it (see `accounts`)
var/log/ var/mail/ var/celery/ var/beat/ var/static/
"""

import os
import secrets
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class CannotRun(Exception):
    """One sentence for the person who typed `make run`."""


def var_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The directory of everything that is written while running: `VAR_DIR`, or var/ of the checkout."""
    return Path(environ.get("VAR_DIR") or CHECKOUT / "var").absolute()


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader sees the old text or the new; readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_settings(var: Path) -> dict[str, str]:
    """The lines `NAME=value` of settings.env; none where it was never made."""
    try:
        text = (var / "settings.env").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def add_settings(var: Path, **values: str) -> dict[str, str]:
    """Add what is missing to settings.env, leave what stands there, and answer all of it."""
    kept = read_settings(var)
    missing = {name: value for name, value in values.items() if name not in kept}
    if missing:
        path = var / "settings.env"
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if kept else ""
        write_private(path, text + "".join(f"{name}={value}\n" for name, value in missing.items()))
    return {**missing, **kept}


def new_secret() -> str:
    return secrets.token_urlsafe(48)


def is_running(address: str) -> bool:
    """Whether somebody listens on the socket an address of the embedded server names."""
    directory = parse_qs(urlsplit(address).query).get("host", [""])[0]
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(f"{directory}/.s.PGSQL.5432") == 0


def embedded_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What settings.py reads where no DATABASE_URL is given: the kept settings and the running server's address.

    The environment wins over the file. Without a running server the address leads nowhere; connecting then fails,
    and `manage.py` says how to start it.
    """
    var = var_dir(environ)
    try:
        address = (var / "run" / "database-url").read_text(encoding="utf-8").strip()
    except OSError:
        address = f"postgresql://okrplanner@/okrplanner?host={var / 'run' / 'not-running'}"
    made_for_this_process = {"SECRET_KEY": new_secret()}
    return {**made_for_this_process, **read_settings(var), **environ, "DATABASE_URL": address, "EMBEDDED": "1"}
