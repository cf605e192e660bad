"""Every process is killed in turn while people check in: nothing acknowledged is lost, and the scores come right."""

import os
import signal

import pytest

from tests.run.checking_in import LEAST_AT_A_TIME, CheckingIn, Person, fed_key_result
from tests.run.service import Service, eventually, new_place

IN_TIME = 120


SCORES = "SELECT objective_id, round(score::numeric, 9), health FROM objectives_objectivescore ORDER BY 1"


@pytest.fixture(scope="module")
def service():
    service = Service(new_place("killed"))
    service.environ["DEMO"] = "1"
    service.start()
    yield service
    service.end()


def test_nothing_saved_is_lost_and_the_scores_come_right(service):
    key_result = fed_key_result(service)
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
        assert len(stored) >= LEAST_AT_A_TIME * 8
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
