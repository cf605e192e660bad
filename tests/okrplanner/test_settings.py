"""A missing or bad setting stops the start with its name; importing the settings starts nothing."""

import runpy

import pytest
from django.core.exceptions import ImproperlyConfigured

from okrplanner.embedded.places import CHECKOUT

GOOD = {
    "SECRET_KEY": "x" * 60,
    "DATABASE_URL": "postgresql://someone:secret@db.example:5432/okr",
    "ALLOWED_HOSTS": "okr.example",
}
OPTIONAL = ("REDIS_URL", "EMAIL_URL", "CSRF_TRUSTED_ORIGINS", "VAR_DIR", "STATIC_ROOT", "CLOCK_FILE")


@pytest.fixture
def read(monkeypatch):
    """The settings as a process with just these variables would have them."""

    def read(**changes):
        for name in (*OPTIONAL, "EMBEDDED"):
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
