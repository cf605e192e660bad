"""What every test may ask for: the cast, a moved clock, a signed-in client."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, settings

from okrplanner.garbage import spare_what_is_loaded
from people import clock
from people.models import AuditEvent
from people.sessions import BEGAN, SEEN
from tests.cast import NOW, Cast, make_cast
from tests.database import tables

# It changes the schedule of whoever imports it.
collect_ignore = ["run/often.py"]

# A file is one worker's: its tests share a service or a browser. The longest begin first, all else fills up.
LONG = (
    "tests/test_authorization",
    "tests/test_api_fuzz",
    "tests/browser/test_every_page",
    "tests/run/",
    "tests/dashboards/test_load_demo",
    "tests/browser/",
    "tests/test_",
    "tests/dashboards/",
)

# Before a real browser or real processes a busy machine now and then breaks what is right: who fails twice has failed.
ASKED_TWICE = ("tests/browser/", "tests/run/")

# How long an example takes says how busy the machine is: seconds are asked for where a test is about them.
settings.register_profile("okrplanner", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("okrplanner")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        return next((place for place, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    items.sort(key=turn)
    for item in items:
        if item.nodeid.startswith(ASKED_TWICE):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    spare_what_is_loaded()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Tests that commit are followed by emptying all tables, the history too, which nobody else may."""
    connection.settings_dict["TEST"]["TEMPLATE"] = tables()
    (guard,) = [trigger for trigger in AuditEvent._meta.triggers if trigger.name == "never_emptied"]
    options = connection.settings_dict["OPTIONS"]
    options["options"] = options["options"].replace("ignore={}", f"ignore={{{guard.get_pgid(AuditEvent)}}}")


@pytest.fixture
def move_clock(settings, tmp_path: Path) -> Callable[[str], None]:
    """Set the house's clock: `move_clock("2026-05-20T10:00:00+09:00")`."""
    settings.CLOCK_FILE = str(tmp_path / "clock")

    def move(moment: str) -> None:
        datetime.fromisoformat(moment)
        Path(settings.CLOCK_FILE).write_text(moment)

    return move


@pytest.fixture(autouse=True)
def own_language():
    """Let no test begin in the language the one before it asked for."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def quick(settings):
    """Hash quickly and serve static files uncollected: no test here is about either."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def cast(db, move_clock) -> Cast:
    """The company of `tests.cast`, on Wednesday 20 May 2026."""
    move_clock(NOW)
    return make_cast()


@pytest.fixture
def sign_in(settings) -> Callable[..., Client]:
    """A client signed in as a member of the cast: `sign_in(cast.member)`, English with `language="en"`."""

    def client_of(membership, *, language: str = "ja") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        # A session in the middle of its day: noting that one began is no part of what is tested or counted.
        session = client.session
        session.update({BEGAN: clock.now().timestamp(), SEEN: clock.now().timestamp()})
        session.save()
        return client

    return client_of
