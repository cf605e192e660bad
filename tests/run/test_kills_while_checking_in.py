"""Every process is killed in turn while people check in: nothing acknowledged is lost, and the scores come right."""

import http.cookiejar
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest

from tests.run.service import Service, eventually, new_place

pytestmark = pytest.mark.xdist_group("supervisor")

LEAST_BETWEEN_KILLS = 10
IN_TIME = 120


class Person:
    """A browser without a face: signs in and sends check-ins, repeating one until it is answered."""

    def __init__(self, port: int, email: str) -> None:
        self.home = f"http://127.0.0.1:{port}"
        self.email = email
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def token(self) -> str:
        return next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")

    def sign_in(self) -> None:
        self.opener.open(f"{self.home}/accounts/login/", timeout=10)
        form = {"login": self.email, "password": "try-okr-planner", "csrfmiddlewaretoken": self.token()}
        self.opener.open(f"{self.home}/accounts/login/", urllib.parse.urlencode(form).encode(), timeout=10)

    def check_in(self, key_result: int, value: int, key: str) -> int:
        request = urllib.request.Request(  # noqa: S310 (our own server)
            f"{self.home}/api/v1/o/demo/key-results/{key_result}/check-ins/",
            json.dumps({"value": value, "confidence": 6, "submission_key": key}).encode(),
            {"Content-Type": "application/json", "X-CSRFToken": self.token()},
        )
        with self.opener.open(request, timeout=10) as answer:
            return answer.status


class CheckingIn(threading.Thread):
    """Sends one check-in of 1 after the other; what got no answer is sent again under the same key."""

    def __init__(self, person: Person, key_result: int) -> None:
        super().__init__(daemon=True)
        self.person, self.key_result = person, key_result
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.refused: list[int] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            key = str(uuid.uuid4())
            self.sent.add(key)
            while not self.enough.is_set():
                try:
                    self.person.check_in(self.key_result, 1, key)
                except urllib.error.HTTPError as failure:
                    if failure.code < 500:
                        self.refused.append(failure.code)
                        return
                except OSError:
                    pass
                else:
                    self.acknowledged.append(key)
                    break
                time.sleep(0.05)

    def wait_for_more(self) -> None:
        already = len(self.acknowledged)
        eventually(lambda: self.refused or len(self.acknowledged) >= already + LEAST_BETWEEN_KILLS, timeout=60)
        assert self.refused == []


SCORES = "SELECT objective_id, round(score::numeric, 9), health FROM objectives_objectivescore ORDER BY 1"


@pytest.fixture(scope="module")
def service():
    service = Service(new_place("killed"))
    service.environ["DEMO"] = "1"
    service.start()
    yield service
    if service.process.poll() is None:
        service.stop()


def test_nothing_saved_is_lost_and_the_scores_come_right(service):
    with service.database() as database:
        (key_result,) = database.execute(
            """
            SELECT kr.id FROM objectives_keyresult kr
            JOIN objectives_objective o ON o.id = kr.objective_id AND o.state = 'active'
            JOIN objectives_cycle c ON c.id = o.cycle_id AND c.state = 'active'
                AND (now() AT TIME ZONE 'Asia/Tokyo')::date BETWEEN c.start AND c.end
            JOIN objectives_alignment a ON a.child_id = o.id AND a.link = 'contributes'
            WHERE kr.kind = 'cumulative' AND kr.dropped_at IS NULL AND o.level = 'team'
            ORDER BY kr.id LIMIT 1
            """
        ).fetchone()
    person = Person(service.port, "admin@demo.example")
    person.sign_in()
    people = CheckingIn(person, key_result)
    people.start()
    people.wait_for_more()

    killed = []
    for name in ("worker", "beat", "web", "PostgreSQL"):
        old = service.pids()[name]
        os.kill(old, signal.SIGKILL)
        killed.append(name)
        eventually(lambda name=name, old=old: service.pids().get(name, old) != old and service.is_ready(), timeout=60)
        people.wait_for_more()
    for name in ("web", "worker"):
        service.kill_one_of(name)
        people.wait_for_more()

    service.note_processes()
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    eventually(lambda: not service.alive(), timeout=40)
    service.start()
    people.wait_for_more()
    people.enough.set()
    people.join(timeout=30)

    with service.database() as database:
        stored = [
            str(key)
            for (key,) in database.execute(
                "SELECT submission_key FROM objectives_checkin WHERE key_result_id = %s", [key_result]
            )
            if str(key) in people.sent
        ]
        assert len(stored) == len(set(stored))
        assert set(people.acknowledged) <= set(stored)
        assert len(stored) >= LEAST_BETWEEN_KILLS * 8
        eventually(
            lambda: database.execute("SELECT count(*) = 0 FROM objectives_pendingrollup").fetchone()[0],
            timeout=IN_TIME,
        )
        total, shown = database.execute(
            """
            SELECT COALESCE(kr.start_value, 0) + sum(ci.value), s.current_value
            FROM objectives_keyresult kr
            JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
            JOIN objectives_checkin ci ON ci.key_result_id = kr.id
            WHERE kr.id = %s AND NOT EXISTS (SELECT 1 FROM objectives_checkin later WHERE later.corrects_id = ci.id)
            GROUP BY kr.start_value, s.current_value
            """,
            [key_result],
        ).fetchone()
        assert shown == total
        before = database.execute(SCORES).fetchall()
        recomputed = service.manage(
            "shell",
            "-v0",
            "-c",
            "from people.models import Organization; from objectives import rollup; "
            "demo = Organization.objects.get(slug='demo'); rollup.rescore_organization(demo, demo.today)",
        )
        assert recomputed.returncode == 0, recomputed.stderr
        assert database.execute(SCORES).fetchall() == before
