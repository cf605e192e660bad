"""A real worker on either broker, and what a request feels when the broker is away."""

import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection

from objectives import rollup, services
from objectives.models import Link, ObjectiveScore, PendingRollUp
from okrplanner.celery import app
from okrplanner.embedded.places import CHECKOUT
from okrplanner.embedded.postgres import end_with_parent
from okrplanner.embedded.supervisor import WORKER_OPTIONS
from tests.run.service import eventually

CHECK_IN = """
import sys, time
from decimal import Decimal
import django
django.setup()
from objectives.models import KeyResult
from objectives.services import record_check_in
from people.models import Membership
key_result, author, value, *lose_the_message = sys.argv[1:]
author = Membership.objects.get(pk=author)
key_result = KeyResult.objects.get(pk=key_result)
began = time.monotonic()
record_check_in(key_result, author=author, value=Decimal(value))
print(time.monotonic() - began)
if lose_the_message:
    from objectives.tasks import sweep
    from okrplanner.celery import app
    assert app.control.purge()
    sweep.delay()
"""


@pytest.fixture(params=["filesystem", "redis"])
def broker(request):
    """The settings of a process that uses this broker."""
    return {} if request.param == "filesystem" else {"REDIS_URL": request.getfixturevalue("redis_url")}


@pytest.fixture
def environ_of(settings, transactional_db, cast):
    """The environment of another process on the same database, at the same moment of the moved clock."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()

    def environ(**changes):
        moment = {"DATABASE_URL": address, "CLOCK_FILE": settings.CLOCK_FILE}
        return {**os.environ, "DJANGO_SETTINGS_MODULE": "okrplanner.settings", **moment, **changes}

    return environ


@pytest.fixture
def start_worker(environ_of, tmp_path):
    """Workers as `make run` starts them, ended before the tables are flushed."""
    workers = []

    def start(**changes):
        program = [sys.executable, "-m", "celery", "--app", "okrplanner", "--quiet", "worker", *WORKER_OPTIONS]
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [*program, "--loglevel", "WARNING"],
                cwd=CHECKOUT,
                env=environ_of(**changes),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        workers.append(worker)

    yield start
    for worker in workers:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def check_in(environ, cast, key_result, value, *more):
    """Check in from a process of its own; answers the seconds it took."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK_IN, str(key_result.pk), str(cast.member.pk), str(value), *more],
        cwd=CHECKOUT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def family(cast):
    """An objective of the company and one of sales that contributes to it."""
    parent, child = cast.objective(team=cast.company), cast.objective()
    services.align(child, to=parent, link=Link.CONTRIBUTES)
    rollup.drain()
    return parent, child


def score_of(objective):
    return ObjectiveScore.objects.values_list("score", flat=True).get(objective=objective)


def test_a_check_in_reaches_the_company_through_the_worker(broker, environ_of, start_worker, cast):
    parent, child = family(cast)
    start_worker(**broker)
    before = score_of(parent)
    check_in(environ_of(**broker), cast, child.key_results.first(), 80)
    eventually(lambda: not PendingRollUp.objects.exists())
    assert score_of(parent) > before


def test_what_a_lost_message_announced_is_taken_by_the_sweep(broker, environ_of, start_worker, cast):
    parent, child = family(cast)
    before = score_of(parent)
    check_in(environ_of(**broker), cast, child.key_results.first(), 80, "lose the message")
    assert PendingRollUp.objects.exists()
    start_worker(**broker)
    eventually(lambda: not PendingRollUp.objects.exists())
    assert score_of(parent) > before


@pytest.mark.parametrize("state", ["stopped", "frozen"])
def test_a_check_in_is_saved_without_a_long_wait_while_redis_is_away(state, environ_of, cast):
    _parent, child = family(cast)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        if state == "frozen":
            deaf.listen()
        environ = environ_of(REDIS_URL=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        seconds = check_in(environ, cast, child.key_results.first(), 80)
    assert seconds < 5
    assert PendingRollUp.objects.exists()


def test_a_cache_without_redis_is_empty_and_nobody_sees_an_error(settings):
    settings.CACHES = {
        "default": {"BACKEND": "okrplanner.cache.PatientRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    cache = caches["default"]
    cache.set("tries", 1)
    assert cache.get("tries", "nothing") == "nothing"
    assert cache.incr("tries") == 1
    assert cache.add("tries", 1)
    assert cache.get_many(["tries"]) == {}
    assert not cache.delete("tries")


def test_every_task_of_the_schedule_is_one_the_worker_knows():
    app.loader.import_default_modules()
    for entry in django_settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] < entry["schedule"]
