"""A missing or bad setting stops the start with its name; importing the settings starts nothing."""

import os
import runpy
import secrets
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from okrplanner.embedded.places import CHECKOUT

GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DATABASE_URL": "postgresql://someone:secret@db.example:5432/okr",
    "ALLOWED_HOSTS": "okr.example",
}
OPTIONAL = ("REDIS_URL", "EMAIL_URL", "SITE_URL", "CSRF_TRUSTED_ORIGINS", "VAR_DIR", "STATIC_ROOT", "CLOCK_FILE")


@pytest.fixture
def read(monkeypatch):
    """The settings as a process with just these variables would have them."""

    def read(**changes):
        for name in (*OPTIONAL, "EMBEDDED", "DEBUG", "BEHIND_TLS_PROXY", "TRUSTED_PROXY_COUNT"):
            monkeypatch.delenv(name, raising=False)
        for name, text in {**GOOD, **changes}.items():
            if text is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, text)
        return runpy.run_path(str(CHECKOUT / "okrplanner" / "settings.py"))

    return read


def test_production_is_the_default(read):
    settings = read()
    assert not settings["EMBEDDED"]
    assert not settings["DEBUG"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["ALLOWED_HOSTS"] == ["okr.example"]


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "https://okr.example"),
        ({"ALLOWED_HOSTS": ".okr.example,other.example"}, "https://okr.example"),
        ({"SITE_URL": "https://goals.example/"}, "https://goals.example"),
        ({"EMBEDDED": "1"}, "http://127.0.0.1:8000"),
        ({"EMBEDDED": "1", "PORT": "8931"}, "http://127.0.0.1:8931"),
    ],
)
def test_links_in_mails_lead_to_where_people_open_the_product(read, monkeypatch, changes, address):
    monkeypatch.delenv("PORT", raising=False)
    assert read(**changes)["SITE_URL"] == address


def test_embedded_mode_answers_to_this_machine_only(read):
    assert read(EMBEDDED="1", ALLOWED_HOSTS="okr.example")["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("DATABASE_URL", None),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "db.example"),
        ("DATABASE_URL", "sqlite:///okr.sqlite3"),
        ("DATABASE_URL", "postgresql://db.example:port/okr"),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", ""),
        ("REDIS_URL", "localhost"),
        ("EMAIL_URL", "mail.example"),
        ("SITE_URL", "okr.example"),
        ("SITE_URL", "https://okr.example/path"),
        ("EMBEDDED", "perhaps"),
        ("TRUSTED_PROXY_COUNT", "some"),
        ("BEHIND_TLS_PROXY", "perhaps"),
    ],
)
def test_a_missing_or_bad_setting_is_named(read, name, text):
    with pytest.raises(ImproperlyConfigured, match=name):
        read(**{name: text})


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_empty_optional_setting_is_as_if_it_were_not_there(read, name):
    assert read(**{name: ""})[name] == read()[name]


def test_a_database_password_with_odd_characters_is_understood(read):
    settings = read(DATABASE_URL="postgresql://o:p%40s%2Fs@db.example/okr")
    assert settings["DATABASES"]["default"]["PASSWORD"] == "p@s/s"


def test_a_mail_server_is_used_where_one_is_given(read):
    settings = read(EMAIL_URL="submission://post:secret@mail.example")
    assert settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert settings["EMAIL_HOST"] == "mail.example"
    assert settings["EMAIL_PORT"] == 587
    assert settings["EMAIL_USE_TLS"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": "k3" * 12}, "SECRET_KEY is too short: 50 characters at least, it has 24"),
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY repeats itself"),
        ({"SECRET_KEY": "abcdefghijkl" * 5}, "SECRET_KEY repeats itself"),
        ({"SECRET_KEY": "django-insecure-" + secrets.token_urlsafe(48)}, "SECRET_KEY is an example's"),
        ({"SECRET_KEY": "change_me-" + secrets.token_urlsafe(48)}, "SECRET_KEY is an example's"),
        ({"DEBUG": "1"}, "DEBUG is set"),
        ({"DEBUG": "True"}, "DEBUG is set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS names '\\*', which is every host"),
        ({"ALLOWED_HOSTS": "okr.example,*.example"}, "ALLOWED_HOSTS names '\\*.example', which is every host"),
        ({"ALLOWED_HOSTS": "okr.example,."}, "ALLOWED_HOSTS names '.', which is every host"),
        ({"ALLOWED_HOSTS": "okr.example,"}, "ALLOWED_HOSTS names '', which is every host"),
        ({"ALLOWED_HOSTS": "https://okr.example"}, "ALLOWED_HOSTS names 'https://okr.example': give host names"),
        ({"ALLOWED_HOSTS": "okr.example:8443"}, "ALLOWED_HOSTS names 'okr.example:8443': give host names"),
        ({"CSRF_TRUSTED_ORIGINS": "okr.example"}, "CSRF_TRUSTED_ORIGINS names 'okr.example': give scheme"),
        ({"CSRF_TRUSTED_ORIGINS": "https://*"}, "CSRF_TRUSTED_ORIGINS names"),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT must be from 0 to 10"),
        ({"BEHIND_TLS_PROXY": "1"}, "TRUSTED_PROXY_COUNT is 0 although BEHIND_TLS_PROXY"),
    ],
)
def test_a_deployment_that_would_be_open_does_not_start(read, changes, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        read(**changes)


def test_what_a_deployment_usually_has_is_taken(read):
    settings = read(
        ALLOWED_HOSTS="okr.example, .branches.example,192.0.2.7,[2001:db8::1]",
        CSRF_TRUSTED_ORIGINS="https://okr.example, https://*.branches.example:8443",
        BEHIND_TLS_PROXY="1",
        TRUSTED_PROXY_COUNT="1",
        DEBUG="0",
    )
    assert settings["ALLOWED_HOSTS"] == ["okr.example", ".branches.example", "192.0.2.7", "[2001:db8::1]"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://okr.example", "https://*.branches.example:8443"]
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1


@pytest.mark.parametrize(
    "program",
    [
        ["-m", "gunicorn", "--config", "python:okrplanner.web_server", "okrplanner.wsgi"],
        ["-m", "celery", "--app", "okrplanner", "worker"],
        ["-m", "celery", "--app", "okrplanner", "beat"],
        ["manage.py", "migrate"],
        ["manage.py", "create_organization", "Sample"],
    ],
    ids=["web", "worker", "beat", "migrate", "command"],
)
def test_every_program_stops_with_the_sentence_alone(program):
    unsafe = {**GOOD, "ALLOWED_HOSTS": "*", "EMBEDDED": "0"}
    done = subprocess.run(
        [sys.executable, *program],
        cwd=CHECKOUT,
        env={**os.environ, **unsafe},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Not started: ALLOWED_HOSTS names '*', which is every host: name your own hosts.\n"
    assert done.stdout == ""


def test_no_check_of_a_deployment_is_silenced_and_none_warns():
    proxied = {**GOOD, "EMBEDDED": "0", "BEHIND_TLS_PROXY": "1", "TRUSTED_PROXY_COUNT": "1"}
    environ = {name: text for name, text in os.environ.items() if name not in OPTIONAL}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=CHECKOUT,
        env={**environ, **proxied},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr
