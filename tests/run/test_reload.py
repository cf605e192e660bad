"""`make reload`: new processes take over while people work, and nobody notices."""

import http.client
import json
import subprocess
import sys
import threading
import uuid

import psutil
import pytest

from okrplanner.embedded import supervisor
from okrplanner.embedded.places import CHECKOUT
from tests.run.checking_in import Person, fed_key_result
from tests.run.service import Service, eventually, new_place

ENOUGH = 20
# Between two check-ins, in seconds: shorter than any gap that somebody would notice, and time for what is tested.
BREATH = 0.02


class Working(threading.Thread):
    """Sends one check-in after the other, each of them once: whatever goes wrong is kept."""

    def __init__(self, person: Person, key_result: int) -> None:
        super().__init__(daemon=True)
        self.person, self.key_result = person, key_result
        self.acknowledged: list[str] = []
        self.failures: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            key = str(uuid.uuid4())
            try:
                self.person.check_in(self.key_result, 1, key)
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(repr(failure))
            else:
                self.acknowledged.append(key)
            self.enough.wait(BREATH)

    def wait_for_more(self) -> None:
        already = len(self.acknowledged)
        eventually(lambda: self.failures or len(self.acknowledged) >= already + ENOUGH)


@pytest.fixture(scope="module")
def service():
    service = Service(new_place("reloaded"))
    service.environ |= {"DEMO": "1", "LOG_FORMAT": "json"}
    service.start()
    yield service
    service.end()


def reload(service):
    return subprocess.run(
        [sys.executable, "-m", "okrplanner.embedded", "reload"],
        cwd=CHECKOUT,
        env=service.environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_nobody_notices_that_every_process_is_a_new_one(service):
    key_result = fed_key_result(service)
    people = []
    for _browser in range(2):
        person = Person(service.port, "admin@demo.example")
        person.sign_in()
        people.append(Working(person, key_result))
        people[-1].start()
    for one in people:
        one.wait_for_more()
    before = service.pids()
    old = {name: psutil.Process(before[name]) for name in ("web", "worker", "beat")}

    done = reload(service)
    assert (done.returncode, done.stdout) == (0, "Reloaded: new processes have taken over.\n"), done.stderr
    for one in people:
        one.wait_for_more()
        one.enough.set()
        one.join(timeout=30)

    assert [failure for one in people for failure in one.failures] == []
    after = service.pids()
    assert after["PostgreSQL"] == before["PostgreSQL"]
    assert all(after[name] != before[name] for name in old)
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in old.values())
    acknowledged = {key for one in people for key in one.acknowledged}
    assert len(acknowledged) >= ENOUGH * 4
    with service.database() as database:
        stored = {str(key) for (key,) in database.execute("SELECT submission_key FROM objectives_checkin")}
        assert acknowledged <= stored
        eventually(lambda: database.execute("SELECT count(*) = 0 FROM objectives_pendingrollup").fetchone()[0])


def test_new_processes_that_do_not_start_leave_the_old_ones_at_work(service):
    before = service.pids()
    with service.database() as database:
        database.execute("ALTER TABLE django_migrations RENAME TO django_migrations_elsewhere")
        try:
            done = reload(service)
            assert done.returncode == 1
            assert "Not reloaded, everything runs as before" in done.stderr
            assert service.get("/accounts/login/")[0] == 200
        finally:
            database.execute("DROP TABLE IF EXISTS django_migrations")
            database.execute("ALTER TABLE django_migrations_elsewhere RENAME TO django_migrations")
    assert service.pids() == before, "what prepared in vain is not started over and over"
    assert service.is_ready()


def test_a_request_and_the_task_it_caused_share_an_id(service):
    person = Person(service.port, "admin@demo.example")
    person.sign_in()
    person.opener.addheaders = [("X-Request-ID", "seen-in-both-logs")]
    person.check_in(fed_key_result(service), 1, str(uuid.uuid4()))

    def lines(name):
        text = (service.var / "log" / f"{name}.log").read_text()
        return [json.loads(line) for line in text.splitlines() if '"request_id":"seen-in-both-logs"' in line]

    (request,) = eventually(lambda: lines("web"))
    (task,) = eventually(lambda: lines("worker"))
    assert request["status"] == 201
    assert task["task"] == "objectives.tasks.rescore_ancestors"
    assert task["event"] == "task_succeeded"
    assert task["duration_ms"] >= 0


def test_an_unready_worker_does_not_make_the_product_unready(service):
    """Pages need no worker: work waits in the database until one comes."""
    worker = psutil.Process(service.pids()["worker"])
    family = [worker, *worker.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        assert service.get("/health/ready") == (
            200,
            b'{"status": "ok", "database": true, "migrations": true, "broker": true}',
        )
    finally:
        for process in family:
            process.resume()


def test_nothing_to_reload_is_one_sentence():
    service = Service(new_place("not-running"))
    done = reload(service)
    assert done.returncode == 1
    assert done.stderr == "okrplanner does not run from this directory: start it with `make run`.\n"


def test_a_log_that_became_large_is_set_aside(tmp_path):
    (tmp_path / "log").mkdir()
    log = tmp_path / "log" / "web.log"
    with log.open("a") as writer:
        writer.write("x" * (supervisor.LARGEST_LOG + 1))
        writer.flush()
        supervisor.trim_logs(tmp_path)
        writer.write("later\n")
        writer.flush()
    assert log.read_text() == "later\n"
    assert log.with_suffix(".log.1").stat().st_size == supervisor.LARGEST_LOG + 1
