"""The image and the composed services, as they are written: what is let in and out, and what waits for what."""

import fnmatch
import re

import pytest
import yaml

from okrplanner import settings
from okrplanner.embedded.places import CHECKOUT

COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
IMAGE = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
STEPS = [line for line in IMAGE.splitlines() if line and not line.startswith("#")]
PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+[\w.-]*")


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_every_part_of_the_product_is_there():
    assert SERVICES.keys() == {
        "proxy", "web", "web-2", "worker", "beat", "backup", "migrate", "postgres", "redis"
    }  # fmt: skip
    assert {"web", "web-2", "worker", "beat", "backup", "migrate"} == OURS


def test_there_is_one_port_and_by_default_on_this_machine_only():
    published = [(name, port) for name, service in SERVICES.items() for port in service.get("ports", [])]
    assert published == [("proxy", "${PUBLISH:-127.0.0.1:8000}:8080")]


def test_databases_cannot_be_reached_from_outside_nor_reach_out():
    inside = {name for name, network in COMPOSE["networks"].items() if network and network.get("internal")}
    for name in ("postgres", "redis"):
        assert set(SERVICES[name]["networks"]) <= inside
    assert not set(SERVICES["proxy"]["networks"]) & set(SERVICES["postgres"]["networks"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    if name in OURS:
        assert "cap_add" not in service
        assert "user" not in service
    assert "/var/run/docker.sock" not in str(service)


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OURS))
def test_an_image_of_others_is_named_by_its_version(name):
    assert PINNED.fullmatch(SERVICES[name]["image"])


@pytest.mark.parametrize("name", ["web", "web-2", "worker", "beat", "backup"])
def test_what_needs_the_tables_waits_until_they_are_there(name):
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert waits["redis"] == {"condition": "service_healthy"}


def test_migrations_run_once_and_wait_for_the_database():
    migrate = SERVICES["migrate"]
    assert migrate["restart"] == "on-failure"
    assert migrate["command"] == "python manage.py migrate --no-input"
    assert migrate["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert [name for name in OURS if "migrate" in str(SERVICES[name].get("command"))] == ["migrate"]


def test_the_port_opens_when_both_web_servers_answer():
    assert SERVICES["proxy"]["depends_on"] == {
        "web": {"condition": "service_healthy"},
        "web-2": {"condition": "service_healthy"},
    }
    servers = re.findall(r"^    server (\S+) (\S+) check", (CHECKOUT / "haproxy.cfg").read_text(), re.MULTILINE)
    assert servers == [("web", "web:8000"), ("web-2", "web-2:8000")]


def test_who_works_has_time_to_finish():
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
    graceful = int(re.search(r"graceful_timeout = (\d+)", (CHECKOUT / "okrplanner/web_server.py").read_text())[1])
    for name in ("web", "web-2"):
        assert seconds(SERVICES[name]["stop_grace_period"]) > graceful


def test_whoever_answers_is_asked_for_its_health():
    for name in ("postgres", "redis"):
        assert SERVICES[name]["healthcheck"]["test"]
    for name in ("worker", "beat", "backup", "migrate"):
        assert SERVICES[name]["healthcheck"] == {"disable": True}
    for name in ("web", "web-2"):
        assert "healthcheck" not in SERVICES[name]
    assert "okrplanner/health_check.py" in next(line for line in STEPS if line.startswith("HEALTHCHECK"))


def test_no_secret_stands_in_the_files():
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "ALLOWED_HOSTS"):
        assert f"${{{name}:?" in (CHECKOUT / "docker-compose.yml").read_text()
    for step in STEPS:
        assert not re.match(r"(ENV|ARG)\b.*(SECRET|PASSWORD|TOKEN|DATABASE_URL)", step)
    assert 'SECRET_KEY="$(head -c 48 /dev/urandom | base64)"' in IMAGE


def test_backups_are_made_by_themselves_and_kept_beside_the_data():
    backup = SERVICES["backup"]
    assert backup["command"].startswith(
        "python manage.py backup --every ${BACKUP_EVERY:-24h} --keep ${BACKUP_KEEP:-14}"
    )
    assert backup["restart"] == "unless-stopped"
    assert "backups:/var/okrplanner/backups" in backup["volumes"]
    assert COMPOSE["volumes"].keys() == {"data", "var", "backups"}


def test_the_image_is_somebody_without_rights():
    users = [step for step in STEPS if step.startswith("USER")]
    assert users == ["USER 10001:10001"]
    assert STEPS.index(users[0]) < STEPS.index(next(step for step in STEPS if step.startswith("CMD")))
    assert not any("chmod" in step or "--chown" in step for step in STEPS)


def test_the_image_comes_out_the_same_again():
    assert re.fullmatch(r"ARG BASE=python:3\.\d+\.\d+-slim-\w+", STEPS[0])
    assert {step for step in STEPS if step.startswith("FROM")} == {
        f"FROM ${{BASE}} AS {stage}" for stage in ("packages", "bundle", "app")
    }
    installed = next(step for step in STEPS if "pip install" in step)
    assert "--require-hashes --requirement requirements.lock" in installed
    # Of Debian only what sets reports, as its pinned release has it, in one layer that keeps no lists.
    (brought,) = [step for step in STEPS if "apt-get" in step]
    assert brought.count("apt-get install") == 1
    assert brought.endswith("rm -rf /var/lib/apt/lists/*")
    assert IMAGE.count("--invalidation-mode unchecked-hash") == 2


def test_everything_the_product_is_made_of_is_in_the_image():
    last = STEPS[STEPS.index("FROM ${BASE} AS app") :]
    copied = {step.split()[-2].rstrip("/") for step in last if step.startswith("COPY")}
    folders = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert copied == folders | {"templates", "static", "manage.py", "/venv", "/app/bundle"}


def test_nothing_private_is_sent_to_the_builder():
    ignored = [line for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#!"]
    for path in (".git", ".env", ".venv", "var", "tests", "docs"):
        assert any(fnmatch.fnmatch(path, pattern) for pattern in ignored), path
    for step in STEPS:
        for source in step.split()[1:-1] if step.startswith("COPY") else ():
            assert not any(fnmatch.fnmatch(source.rstrip("/"), pattern) for pattern in ignored), source
