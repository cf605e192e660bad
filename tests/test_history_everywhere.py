"""No write goes unseen: every table is kept or said not to be, and every door leaves its name."""

import os
import signal
import subprocess
import sys
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from objectives.models import Cycle
from okrplanner.embedded.places import CHECKOUT
from okrplanner.embedded.postgres import end_with_parent
from okrplanner.embedded.supervisor import WORKER_OPTIONS
from people.models import APIToken, Audit, AuditEvent, Invitation
from people.models.doors import hash_of
from people.tasks import send_invitations
from tests.run.service import eventually

OURS = {"people", "funnel", "objectives", "dashboards"}
NOT_KEPT = {
    "people.AuditEvent": "the history itself, which its own triggers keep from being changed",
    "people.SearchEntry": "derived by triggers from rows that are kept",
    "people.StartLink": "opens an empty installation once; it belongs to no organization",
    "people.IdempotentAnswer": "what a write answered, for 24 hours; the write itself is kept",
    "people.Delivery": "what is to be sent, and what became of it; its cause is kept itself",
    "people.Export": "a file made of what is kept itself, for a week",
    "people.LiveVersion": "a number that says that something changed",
    "people.Heartbeat": "when a part of the installation was last seen",
    "people.User_groups": "Django's own permissions, which the product does not use",
    "people.User_user_permissions": "Django's own permissions, which the product does not use",
    "people.Membership_teams": "kept by its proxy `MembershipTeam`",
    "funnel.LeadMove": "is itself the history of where leads stood",
    "funnel.LeadImport": "a file on its way into leads, which are kept themselves",
    "objectives.KeyResultScore": "derived: always recomputed from check-ins",
    "objectives.ObjectiveScore": "derived: always recomputed from key results",
    "objectives.ObjectiveSnapshot": "derived: what a score was at the end of a day",
    "objectives.KeyResultForecast": "derived: always recomputed from check-ins",
    "objectives.KGIForecast": "derived: where the plan's levers were heading on a day",
    "objectives.PendingRollUp": "work that waits, for moments",
    "objectives.PendingComparison": "work that waits, for moments",
    "objectives.Attendance": "who has a running meeting open just now; who was there stays with the meeting",
    "objectives.RetrospectiveVote": "a voice among others: nobody is to look up whose it was",
    "objectives.RetrospectivePresence": "who has a running retrospective open just now",
    "objectives.Notice": "what people were told of acts that are kept themselves",
}


def is_kept(model) -> bool:
    return any(isinstance(trigger, Audit) for trigger in getattr(model._meta, "triggers", ()))


def test_every_table_is_kept_or_its_reason_is_written_here():
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS]
    loose = {model._meta.label for model in models if not is_kept(model)}
    assert loose == set(NOT_KEPT)


def test_every_trigger_is_installed(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_audit_%'")
        installed = {table for (table,) in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'pgtrigger_audit_%' AND tgenabled = 'O'")
        assert cursor.fetchone() == (len(installed),)
    assert installed == {model._meta.db_table for model in apps.get_models() if is_kept(model)}


@pytest.fixture
def company(transactional_db, cast):
    """The cast, in rows that other processes see too."""
    return cast


@pytest.fixture
def database() -> str:
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def environ(settings, database) -> dict[str, str]:
    """The environment of another process on the same database, at the same moment."""
    moment = {"DATABASE_URL": database, "CLOCK_FILE": settings.CLOCK_FILE}
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "okrplanner.settings", **moment}


def newest(table: str) -> AuditEvent | None:
    return AuditEvent.objects.filter(table=table).first()


def told_by(event: AuditEvent) -> tuple:
    return (event.door, event.user_id, event.token, event.address)


def test_a_page_is_told_with_its_person_and_its_address(company, sign_in):
    client = sign_in(company.admin)
    answer = client.post(company.url("cycles/new/"), {"name": "FY2026 Q2", "start": "2026-07-06", "end": "2026-10-04"})
    assert answer.status_code == 302
    event = newest("objectives_cycle")
    assert told_by(event) == ("page", company.admin.user_id, None, company.url("cycles/new/"))
    assert event.at.isoformat() == "2026-05-20T01:00:00+00:00"
    assert event.request_id == answer["X-Request-ID"]


def test_the_api_is_told_with_its_person_and_its_token(company, sign_in, client):
    key_result = company.objective().key_results.first()
    address = f"/api/v1/o/hokuto/key-results/{key_result.pk}/check-ins/"
    assert sign_in(company.member).post(address, {"value": 3}, content_type="application/json").status_code == 201
    assert told_by(newest("objectives_checkin")) == ("api", company.member.user_id, None, address)
    token = APIToken.objects.create(membership=company.manager, name="BI", token_hash=hash_of("a secret of 26 letters"))
    answer = client.post(
        address,
        {"value": 4},
        content_type="application/json",
        headers={"Authorization": "Bearer a secret of 26 letters"},
    )
    assert answer.status_code == 201
    assert told_by(newest("objectives_checkin")) == ("api", company.manager.user_id, token.pk, address)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_auditevent event WHERE event::text LIKE '%a secret of%'")
        assert cursor.fetchone() == (0,)


def test_a_command_is_told_by_its_name(company, environ):
    made = subprocess.run(
        [sys.executable, "manage.py", "add_member", "new@hokuto.example", "--organization", "hokuto"],
        cwd=CHECKOUT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    event = newest("people_membership")
    assert told_by(event) == ("command", None, None, "add_member")
    assert event.at.isoformat() == "2026-05-20T01:00:00+00:00"


def test_a_task_in_a_worker_is_told_by_its_name(company, environ, tmp_path):
    Invitation.objects.create(
        organization=company.organization,
        email="new@hokuto.example",
        nonce="a nonce",
        token_hash="a hash",
        invited_by=company.admin,
    )
    program = [sys.executable, "-m", "celery", "--app", "okrplanner", "--quiet", "worker", *WORKER_OPTIONS]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [*program, "--loglevel", "WARNING"],
            cwd=CHECKOUT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGKILL),
        )
    try:
        send_invitations.delay()
        eventually(lambda: newest("people_invitation").act == "update", timeout=120)
    finally:
        worker.terminate()
        worker.wait(60)
    event = newest("people_invitation")
    assert event.after["sent_at"]
    assert told_by(event) == ("task", None, None, "people.tasks.send_invitations")


def test_whoever_comes_by_no_door_of_ours_is_told_as_the_database(company, database):
    with psycopg.connect(database) as other:
        other.execute("UPDATE objectives_cycle SET name = 'by hand' WHERE id = %s", [company.cycle.pk])
        assert newest("objectives_cycle").after != {"name": "by hand"}
    event = newest("objectives_cycle")
    assert (event.before, event.after) == ({"name": "FY2026 Q1"}, {"name": "by hand"})
    assert told_by(event) == ("database", None, None, "")
    with psycopg.connect(database) as other:
        other.execute("DELETE FROM objectives_cycle WHERE id = %s", [company.closed_cycle.pk])
        other.rollback()
    assert Cycle.objects.filter(pk=company.closed_cycle.pk).exists()
    assert newest("objectives_cycle") == event


def test_what_one_request_told_does_not_reach_the_next_writer(company, sign_in):
    objective = company.objective()
    sign_in(company.admin).post(company.url(f"cycles/{company.cycle.pk}/state/"), {"to": "closed"})
    assert newest("objectives_cycle").user_id == company.admin.user_id
    objective.key_results.update(target_value=Decimal(7))
    assert told_by(newest("objectives_keyresult")) == ("database", None, None, "")
