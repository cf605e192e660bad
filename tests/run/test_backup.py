"""Backup and restore, while people work: nothing is missing, nothing is different, and no bad file does harm."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from okrplanner.backups import Refused, container, in_words, making, restoring
from okrplanner.embedded import accounts
from okrplanner.embedded.places import CHECKOUT
from okrplanner.embedded.postgres import end_with_parent
from okrplanner.management.commands.backup import at_least_one, duration
from okrplanner.version import VERSION
from tests.run.checking_in import CheckingIn, Person, fed_key_result
from tests.run.service import Service, eventually, new_place

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# Who was signed in and what was only remembered is in no backup; signs of life and what is sent change while we look.
NOT_COMPARED = {"django_session", "usersessions_usersession", "cache", "people_heartbeat", "people_delivery"}


def backup_of(service, directory, *options):
    done = service.manage("backup", "--to", str(directory), *options)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.split(": ")[0])


def manifest_of(path):
    with container.opened(path) as backup:
        return backup.manifest


def rows_of(service):
    """Every row of every table, as text."""
    with service.database() as database:
        tables = [table for (table,) in database.execute(TABLES) if table not in NOT_COMPARED]
        return {table: sorted(row for (row,) in database.execute(f"SELECT t::text FROM {table} t")) for table in tables}  # noqa: S608


def rows_at_rest(service):
    """Every row when the worker has nothing left to do."""
    with service.database() as database:
        eventually(lambda: database.execute("SELECT count(*) = 0 FROM objectives_pendingrollup").fetchone()[0])
    return rows_of(service)


def keys_of(service):
    with service.database() as database:
        return {str(key) for (key,) in database.execute("SELECT submission_key FROM objectives_checkin")}


def databases_of(service):
    with service.database() as database:
        return {name for (name,) in database.execute("SELECT datname FROM pg_database")}


@pytest.fixture(scope="module")
def service():
    service = Service(new_place("backed-up"))
    service.environ["DEMO"] = "1"
    service.start()
    yield service
    service.end()


@pytest.fixture(scope="module")
def directory():
    place = new_place("backups")
    place.mkdir()
    return place


@pytest.fixture(scope="module")
def made_under_load(service, directory):
    """A backup taken while two people check in, what they had been answered before it, and what after."""
    key_result = fed_key_result(service)
    people = []
    for _browser in range(2):
        person = Person(service.port, "admin@demo.example")
        person.sign_in()
        people.append(CheckingIn(person, key_result))
        people[-1].start()
    for one in people:
        one.wait_for_more()
    before = {key for one in people for key in list(one.acknowledged)}
    path = backup_of(service, directory)
    during = {key for one in people for key in list(one.acknowledged)} - before
    for one in people:
        one.wait_for_more()
        one.enough.set()
        one.join(timeout=30)
    sent = {key for one in people for key in one.sent}
    return path, before, during, sent


def test_a_backup_under_load_is_restored_on_a_new_machine(service, made_under_load):
    path, before, during, sent = made_under_load
    assert before
    assert during, "nobody checked in while the backup was made"
    new = Service(new_place("restored"))
    restored = new.manage("restore", str(path), "--yes")
    assert restored.returncode == 0, restored.stderr
    assert not (new.var / "run" / "database-url").exists()
    new.start()
    try:
        keys = keys_of(new)
        assert before <= keys
        assert keys & sent <= sent
        assert keys <= keys_of(service)
        with new.database() as database:
            apart = database.execute(
                """
                SELECT kr.id, kr.start_value + sum(ci.value), s.current_value
                FROM objectives_keyresult kr
                JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
                JOIN objectives_checkin ci ON ci.key_result_id = kr.id
                WHERE kr.id = %s
                GROUP BY kr.id, kr.start_value, s.current_value
                HAVING COALESCE(kr.start_value, 0) + sum(ci.value) <> s.current_value
                """,
                [fed_key_result(new)],
            ).fetchall()
            assert apart == [], "the scores are of another moment than the check-ins"
            (events,) = database.execute("SELECT count(*) FROM people_auditevent").fetchone()
        person = Person(new.port, "admin@demo.example")
        person.sign_in()
        assert person.check_in(fed_key_result(new), 1, "8f7f9c1e-0a54-4d5e-9b7e-5d1f6f6f0001") == 201
        with new.database() as database:
            later = database.execute(
                'SELECT "table", act, door FROM people_auditevent ORDER BY id OFFSET %s', [events]
            ).fetchall()
        assert ("objectives_checkin", "insert", "api") in later
    finally:
        new.end()


def test_every_row_comes_back_and_nothing_else_stays(service, directory):
    saved = rows_at_rest(service)
    path = backup_of(service, directory)
    with service.database() as database:
        database.execute("DELETE FROM objectives_checkin WHERE id = (SELECT max(id) FROM objectives_checkin)")
        database.execute("UPDATE people_team SET name = name || '?'")
        database.execute("CREATE TABLE made_later (line text)")
        left_behind = restoring.named(database.info.dbname, "restoring_20260501t010000z")  # by one that was killed
        database.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(left_behind)))
    assert rows_of(service) != saved
    restored = service.manage("restore", str(path), "--yes")
    assert restored.returncode == 0, restored.stderr
    eventually(service.is_ready)
    assert left_behind not in databases_of(service)
    found = rows_of(service)
    assert found.keys() == saved.keys()
    assert {table for table in saved if found[table] != saved[table]} == set()
    with service.database() as database:
        assert database.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
    undone = service.manage("restore", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert "made_later" in rows_of(service)
    assert len([name for name in databases_of(service) if "_before_" in name]) == 1


def test_the_last_backup_is_remembered(service, made_under_load):
    with service.database() as database:
        (detail,) = database.execute("SELECT detail FROM people_heartbeat WHERE name = 'backup'").fetchone()
    assert detail.keys() == {"file", "bytes", "seconds"}
    assert detail["bytes"] > 10_000


def test_a_backup_is_its_owners_alone_and_holds_no_secret(service, made_under_load):
    path = made_under_load[0]
    assert path.stat().st_mode & 0o777 == 0o600
    secret = next(
        line.partition("=")[2]
        for line in (service.var / "settings.env").read_text().splitlines()
        if line.startswith("SECRET_KEY=")
    )
    assert secret.encode() not in path.read_bytes()


def test_a_file_that_is_not_whole_changes_nothing(service, made_under_load):
    half = made_under_load[0].with_name("half.okrbackup")
    half.write_bytes(made_under_load[0].read_bytes()[: -(1 << 15)])
    before, databases = rows_at_rest(service), databases_of(service)
    done = service.manage("restore", str(half), "--yes")
    assert done.returncode == 1
    assert "is not whole" in done.stderr
    assert rows_of(service) == before
    assert databases_of(service) == databases


def test_a_restore_that_fails_half_way_changes_nothing(service, made_under_load):
    """A whole file whose dump PostgreSQL cannot read, and one that does not hold what it says."""
    path, manifest = made_under_load[0], manifest_of(made_under_load[0])
    before, databases = rows_at_rest(service), databases_of(service)
    unreadable = path.with_name("unreadable.okrbackup")
    container.write(unreadable, [b"PGDMP but nothing else"], lambda: manifest)
    done = service.manage("restore", str(unreadable), "--yes")
    assert (done.returncode, "could not restore it; nothing was changed" in done.stderr) == (1, True), done.stderr
    untrue = path.with_name("untrue.okrbackup")
    manifest["tables"]["public.people_user"][0] += 1
    with container.opened(path) as backup:
        container.write(untrue, backup.dump(), lambda: manifest)
    done = service.manage("restore", str(untrue), "--yes")
    assert done.returncode == 1
    assert "is not what was backed up, in public.people_user; nothing was changed" in done.stderr
    assert rows_of(service) == before
    assert databases_of(service) == databases
    assert service.is_ready()


def test_nobody_restores_by_a_slip(service, made_under_load):
    done = service.manage("restore", str(made_under_load[0]))
    assert done.returncode == 1
    assert "say so with --yes" in done.stderr


def test_a_full_disk_leaves_no_half_file(service, directory):
    place = directory / "full"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, "manage.py", "backup", "--to", str(place)],
        cwd=CHECKOUT,
        env=service.environ,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert list(place.iterdir()) == []


def test_the_schedule_makes_one_when_it_is_due_and_ends_when_told(service, directory):
    place = directory / "scheduled"
    program = subprocess.Popen(
        [sys.executable, "manage.py", "backup", "--every", "24h", "--keep", "3", "--to", str(place)],
        cwd=CHECKOUT,
        env=service.environ,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    try:
        assert "rows" in program.stdout.readline()
        assert 86_000 < making.due_in(place, 86_400) <= 86_400
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=30) == 0
    finally:
        program.kill()
    assert len(list(place.iterdir())) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("more", ["", "_" * 40])
def test_a_restore_takes_no_database_for_its_own_that_somebody_else_named_alike(more):
    ours = (restoring.database_name() + more)[:60]
    kept = restoring.named(ours, "before_20260501t010000z")
    own = ours[:40] + "_before_update"
    with restoring.maintenance() as server:
        try:
            for name in (kept, own):
                server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            assert restoring.made_by_restores(server, ours, "before") == [kept]
            restoring.forget_earlier(server, ours, keep="")
            names = {name for (name,) in server.execute("SELECT datname FROM pg_database")}
            assert {kept, own} & names == {own}
        finally:
            restoring.drop(server, kept)
            restoring.drop(server, own)


# The file alone: every refusal comes before the database is asked for anything.


@pytest.fixture
def whole(tmp_path):
    """A backup as it is written, of a dump that nobody reads."""
    path = tmp_path / "whole.okrbackup"
    manifest = {"format": 1, "version": VERSION, "migrations": [], "tables": {}, "made_at": "2026-05-20T10:00:00+09:00"}
    container.write(path, [b"a dump " * 1000], lambda: manifest)
    return path


@pytest.mark.django_db
def test_one_restores_at_a_time(whole):
    with restoring.maintenance() as server:
        restoring.refuse_another(server)
        for act in (lambda: restoring.restore(whole), restoring.undo):
            with pytest.raises(Refused, match="Another restore is running"):
                act()


def test_what_was_written_is_read(whole):
    with container.opened(whole) as backup:
        assert b"".join(backup.dump()) == b"a dump " * 1000
        assert backup.manifest["version"] == VERSION


def lengths(size):
    return {0, 1, 10, 20, 21, 60, size // 2, size - 60, size - 40, size - 16, size - 15, size - 1}


def test_a_file_cut_off_anywhere_is_refused(whole):
    content = whole.read_bytes()
    for length in lengths(len(content)):
        whole.write_bytes(content[:length])
        with pytest.raises(Refused, match=r"is empty|is not whole|is not a backup"):
            restoring.restore(whole)


def test_a_changed_byte_anywhere_is_refused(whole):
    content = whole.read_bytes()
    for place in lengths(len(content)) - {len(content) // 2} | {len(content) // 2, len(content) - 200}:
        changed = bytearray(content)
        changed[place] ^= 0x20
        whole.write_bytes(changed)
        with pytest.raises(Refused, match=r"was changed or damaged|is not whole|is not a backup"):
            restoring.restore(whole)


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 " * 50, b"PGDMP\x01\x0f" * 50, b"\x00" * 500, b"okrplanner backup 2\n" * 9]
)
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "foreign.okrbackup"
    path.write_bytes(content)
    with pytest.raises(Refused, match="is not a backup of okrplanner"):
        restoring.restore(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot be read: No such file"):
        restoring.restore(tmp_path / "nothing.okrbackup")


@pytest.mark.parametrize(
    "newer",
    [{"version": "99.0.0"}, {"migrations": ["people.0999_of_the_future"]}, {"format": 2}],
    ids=["release", "tables", "format"],
)
def test_a_backup_of_a_newer_release_is_refused(tmp_path, whole, newer):
    path = tmp_path / "newer.okrbackup"
    manifest = {**manifest_of(whole), **newer}
    container.write(path, [b""], lambda: manifest)
    with pytest.raises(Refused, match="newer"):
        restoring.restore(path)


def test_only_the_oldest_of_our_own_are_removed(tmp_path):
    days = [f"okrplanner-2026050{day}T010000Z-0.1.0.okrbackup" for day in range(1, 6)]
    for name in [*days, "okrplanner-before-the-move.okrbackup", "notes.txt"]:
        (tmp_path / name).write_text("kept")
    making.prune(tmp_path, keep=2)
    assert {path.name for path in tmp_path.iterdir()} == {
        *days[3:],
        "okrplanner-before-the-move.okrbackup",
        "notes.txt",
    }
    for more in (2, 3, 4, 100):
        making.prune(tmp_path, keep=more)
        assert len(list(tmp_path.iterdir())) == 4


def test_the_next_backup_is_due_a_day_after_the_last_file(tmp_path):
    assert making.due_in(tmp_path, 86_400) <= 0
    last = tmp_path / "okrplanner-20260501T010000Z-0.1.0.okrbackup"
    last.touch()
    os.utime(last, (time.time() - 80_000,) * 2)
    assert 6_300 < making.due_in(tmp_path, 86_400) < 6_500


@pytest.mark.parametrize(("text", "seconds"), [("24h", 86_400), ("90m", 5_400), ("7d", 604_800)])
def test_a_time_between_backups_is_read(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "0h", "daily", "-1h", "1.5h"])
def test_no_time_is_refused(text):
    with pytest.raises(ArgumentTypeError):
        duration(text)


def test_none_kept_is_refused():
    with pytest.raises(ArgumentTypeError):
        at_least_one("0")


def test_a_size_is_said_in_words():
    assert [in_words(size) for size in (0, 999, 393_600, 7_500_000_000)] == [
        "0 bytes",
        "999 bytes",
        "393.6 kB",
        "7.5 GB",
    ]


# Other servers

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's PostgreSQL 15 is not installed here")
def test_it_works_on_postgresql_15_with_a_role_that_is_no_superuser(tmp_path_factory):
    place = new_place("pg15")
    place.mkdir()
    place.chmod(0o755)
    account = accounts.server_account(None)
    data, sockets = place / "data", place / "s"
    for path in (data, sockets):
        accounts.make_directory(path, account)
    run = {"env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, "stdout": subprocess.DEVNULL, **accounts.run_as(account)}
    initdb = [DEBIAN_15 / "initdb", "-D", data, "-U", "root_of_it", "--auth=trust", "--no-sync", "--locale=C"]
    subprocess.run([*initdb, "--encoding=UTF8"], check=True, cwd=data, **run)
    server = subprocess.Popen(
        [DEBIAN_15 / "postgres", "-D", data, "-c", "listen_addresses=", "-k", sockets, "-c", "fsync=off"],
        cwd=data,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGQUIT),
        **run,
    )
    try:
        root = f"postgresql://root_of_it@/postgres?host={sockets}"

        def connected():
            try:
                return psycopg.connect(root, autocommit=True)
            except psycopg.OperationalError:
                return None

        with eventually(connected) as database:
            database.execute("CREATE ROLE okr LOGIN")
            database.execute("CREATE DATABASE okr OWNER okr")
        service = Service(place / "var")
        service.environ |= {"DATABASE_URL": f"postgresql://okr@/okr?host={sockets}", "EMBEDDED": "1", "SECRET_KEY": "x"}
        for command in (
            ["migrate"],
            ["createcachetable"],
            ["create_organization", "Sample", "--admin", "a@sample.example"],
        ):
            done = service.manage(*command)
            assert done.returncode == 0, done.stderr
        path = backup_of(service, place / "backups")
        with psycopg.connect(service.environ["DATABASE_URL"], autocommit=True) as database:
            database.execute("UPDATE people_organization SET name = 'Another'")
        refused = service.manage("restore", str(path), "--yes")
        assert refused.returncode == 1
        assert 'ALTER ROLE "okr" CREATEDB' in refused.stderr
        with psycopg.connect(root, autocommit=True) as database:
            database.execute("ALTER ROLE okr CREATEDB")
        restored = service.manage("restore", str(path), "--yes")
        assert restored.returncode == 0, restored.stderr
        with psycopg.connect(service.environ["DATABASE_URL"]) as database:
            assert database.execute("SELECT name FROM people_organization").fetchone() == ("Sample",)
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=30)
        shutil.rmtree(place, ignore_errors=True)
