"""`make run`: what it starts, what it survives, what it leaves behind."""

import os
import signal
import socket
import stat

import pytest

from tests.run.service import Service, eventually, new_place


@pytest.fixture(scope="module")
def service():
    service = Service(new_place("supervised"), from_nothing=True)
    service.start()
    with service.database() as database:
        database.execute("CREATE TABLE written (line text)")
        database.execute("INSERT INTO written VALUES ('before everything')")
    yield service
    service.end()


def lines_of(service):
    with service.database() as database:
        return [line for (line,) in database.execute("SELECT line FROM written ORDER BY line")]


def write(service, line):
    with service.database() as database:
        database.execute("INSERT INTO written VALUES (%s)", [line])


def started_again(service, name, old):
    return lambda: service.pids().get(name, old) != old and service.is_ready()


def test_it_serves_and_is_ready(service):
    assert service.get("/health/live") == (200, b'{"status": "ok"}')
    status, body = service.get("/health/ready")
    assert status == 200
    assert body == b'{"status": "ok", "database": true, "migrations": true, "broker": true}'


def test_its_settings_are_readable_by_their_owner_only(service):
    settings = service.var / "settings.env"
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert "SECRET_KEY=" in settings.read_text()


def test_it_listens_on_this_machine_only(service):
    with pytest.raises(OSError, match="refused"), socket.socket() as elsewhere:
        elsewhere.connect(("127.0.0.2", service.port))


def test_manage_py_attaches_to_the_running_database(service):
    done = service.manage("shell", "-v0", "-c", "from people.models import User; print('people', User.objects.count())")
    assert "people 0" in done.stdout, done.stderr


def test_a_second_start_from_the_same_directory_is_one_sentence(service):
    second = service.launch()
    printed, _ = second.communicate(timeout=180)
    assert second.returncode == 1
    assert printed == f"okrplanner already runs from this directory as process {service.process.pid}.\n"


def test_a_busy_port_is_one_sentence(service, tmp_path):
    other = Service(tmp_path / "var").launch(PORT=str(service.port))
    printed, _ = other.communicate(timeout=180)
    assert other.returncode == 1
    assert printed.startswith(f"Port {service.port} is busy:")
    assert printed.count("\n") == 1


def test_a_bad_port_is_named(tmp_path):
    other = Service(tmp_path / "var").launch(PORT="eighty")
    printed, _ = other.communicate(timeout=180)
    assert (other.returncode, printed) == (1, "PORT must be a number from 1 to 65535, not 'eighty'.\n")


def test_a_killed_process_of_the_web_server_is_replaced(service):
    killed = service.kill_one_of("web")
    eventually(lambda: killed not in service.children_of("web") and len(service.children_of("web")) == 2)
    assert service.is_ready()


@pytest.mark.parametrize("name", ["web", "beat", "worker", "PostgreSQL"])
def test_a_killed_child_is_started_again_and_nothing_saved_is_lost(service, name):
    line = f"written before {name} was killed"
    write(service, line)
    killed = service.pids()[name]
    os.kill(killed, signal.SIGKILL)
    eventually(started_again(service, name, killed))
    assert line in lines_of(service)


def test_after_the_supervisor_is_killed_nothing_lives_on_and_the_next_start_works(service):
    write(service, "written before the supervisor was killed")
    secret = (service.var / "settings.env").read_text()
    service.stop(signal.SIGKILL)
    assert service.get("/health/live")[0] == 0
    service.start()
    assert {"before everything", "written before the supervisor was killed"} <= set(lines_of(service))
    assert (service.var / "settings.env").read_text() == secret


def test_after_everything_is_killed_at_once_the_next_start_works(service):
    write(service, "written before everything was killed")
    service.note_processes()
    os.kill(service.process.pid, signal.SIGSTOP)
    service.kill_all()
    service.stop(signal.SIGKILL)
    service.start()
    assert "written before everything was killed" in lines_of(service)


def test_ctrl_c_ends_everything_and_manage_py_says_how_to_start(service):
    printed = service.stop(signal.SIGINT)
    assert service.process.returncode == 0
    assert f"http://127.0.0.1:{service.port}/" in printed
    assert not service.pids()
    done = service.manage("showmigrations")
    assert done.returncode == 1
    assert (
        done.stderr.splitlines()[-1]
        == "The embedded database is not running: start it with `make run`, or give a DATABASE_URL."
    )
