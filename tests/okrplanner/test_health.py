"""`/health/live` and `/health/ready`: what a load balancer is told, without signing in and without secrets."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from okrplanner.embedded.places import CHECKOUT

ASK = """
import django
django.setup()
from django.test import Client
for path in ("/health/live", "/health/ready"):
    answer = Client(SERVER_NAME="localhost").get(path)
    print(answer.status_code, answer.content.decode())
"""


def test_everything_there_is_ready(client, db):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "database": True, "migrations": True, "broker": True},
    )
    assert "no-store" in answer["Cache-Control"]


def test_a_migration_that_did_not_run_makes_it_unready(client, db):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'objectives'")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "database": True, "migrations": False, "broker": True},
    )


def test_a_broker_that_is_away_makes_it_unready(client, db, settings, tmp_path):
    folders = {"data_folder_in": str(tmp_path / "away"), "control_folder": str(tmp_path / "away")}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = settings.CELERY_BROKER_TRANSPORT_OPTIONS | folders
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["broker"]) == (503, False)


def test_a_database_that_is_away_is_named_and_the_process_lives():
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "okrplanner.settings",
        "DATABASE_URL": "postgresql://okr:s3cret@127.0.0.1:1/okr",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False
    )
    live, ready = done.stdout.splitlines()
    assert live == '200 {"status": "ok"}'
    assert ready == '503 {"status": "unavailable", "database": false, "migrations": false, "broker": true}'
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_only_reading_is_answered(client, db, path):
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405
