"""What must be true before the web server starts: tables, words, static files, the example company.

Run by the supervisor as `python -m okrplanner.embedded.prepare`; running it again changes nothing.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError

from okrplanner.embedded.places import CHECKOUT, write_private
from okrplanner.translations import compile_catalogs

DEMO_ACCOUNTS = ("admin", "executive", "manager", "member", "partner", "consultant")


def main() -> None:
    compile_catalogs()
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static_files()
    if "--again" in sys.argv:  # a reload: whoever was to be greeted has been
        return
    if os.environ.get("DEMO", "1") != "0":
        load_example()
    write_private(settings.VAR_DIR / "run" / "example.json", json.dumps(describe_example()))


def collect_static_files() -> None:
    """Only when a file or the lock changed since the last time."""
    now = hashlib.sha256((CHECKOUT / "requirements.lock").read_bytes())
    # Whose name says which bundle was built, if one was.
    now.update(f"{settings.STATICFILES_DIRS}\n".encode())
    for path in sorted((CHECKOUT / "static").rglob("*")):
        state = path.stat()
        now.update(f"{path.relative_to(CHECKOUT)} {state.st_size} {state.st_mtime_ns}\n".encode())
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if mark.exists() and mark.read_text() == now.hexdigest():
        return
    print("Collecting static files.", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(now.hexdigest())


def load_example() -> None:
    from people.history import told
    from people.models import Door, Organization

    if not Organization.objects.exists():
        print("Loading the example company.", flush=True)
        with told(Door.COMMAND, address="load_demo"):
            call_command("load_demo", verbosity=0)


def describe_example() -> dict[str, object]:
    """Whom the person at the terminal can sign in as, and whether the password is the one we would print."""
    from people.models import User

    emails = [f"{name}@demo.example" for name in DEMO_ACCOUNTS]
    users = {user.email: user for user in User.objects.filter(email__in=emails)}
    password = os.environ.get("DEMO_PASSWORD") or settings.EXAMPLE_PASSWORD
    known = any(user.check_password(password) for user in list(users.values())[:1])
    return {
        "accounts": [email for email in emails if email in users],
        "password": password if known else None,
        "start_link": begin_link(),
    }


def begin_link() -> str | None:
    """Where somebody starts their own company, as long as nobody has; made anew at each start."""
    from people.history import told
    from people.links import start_link
    from people.models import Door
    from people.services.start import is_own_company_missing, make_start_link

    if not is_own_company_missing():
        return None
    with told(Door.COMMAND, address="make run"):
        return start_link(make_start_link())


if __name__ == "__main__":
    try:
        main()
    except ImproperlyConfigured as reason:
        sys.exit(str(reason))
    except OperationalError as reason:
        sys.exit(f"The database of DATABASE_URL does not answer: {str(reason).strip()}")
