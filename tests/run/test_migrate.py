"""Migrations run once, also when two machines begin at the same moment."""

import os
import subprocess
import sys
import uuid
from urllib.parse import urlsplit

import psycopg
import pytest

from okrplanner.embedded.places import CHECKOUT


@pytest.fixture
def empty_database():
    """The address of a new database on the test's server."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = f"empty_{uuid.uuid4().hex[:8]}"
    server = address._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield address._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_two_that_migrate_at_once_do_not_meet(empty_database):
    """With the first tables: without the lock they would meet at the very first one."""
    environ = {**os.environ, "DATABASE_URL": empty_database}
    both = [
        subprocess.Popen(
            [sys.executable, "manage.py", "migrate", "people", "0001", "--no-input"],
            cwd=CHECKOUT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert sorted("No migrations to apply." in text for text in printed) == [False, True]
