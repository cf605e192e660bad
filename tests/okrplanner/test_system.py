"""The state of the system: administrators see what is at work, and what to do where something is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.utils import translation

from objectives import tasks
from objectives.models import PendingRollUp
from okrplanner import beating
from okrplanner.system import ago, in_bytes
from okrplanner.version import VERSION
from people import clock
from people.models import Heartbeat, Invitation
from people.models.doors import hash_of


@pytest.fixture
def page(cast, sign_in):
    return lambda: sign_in(cast.admin, language="en").get(cast.url("settings/system/"))


def beat(name, *, minutes=0, **detail):
    Heartbeat.objects.update_or_create(
        name=name, defaults={"at": clock.now() - timedelta(minutes=minutes), "detail": detail}
    )


def test_administrators_see_it_and_nobody_else(cast, sign_in, page):
    answer = page()
    assert answer.status_code == 200
    for word in ("Worker", "Beat", "Last backup", "PostgreSQL", VERSION):
        assert word in answer.text
    for who, status in (("executive", 403), ("member", 403), ("partner", 403), ("stranger", 404)):
        assert sign_in(getattr(cast, who)).get(cast.url("settings/system/")).status_code == status


def test_what_was_never_seen_wants_a_look_and_stands_first(cast, page):
    signs = page().context["signs"]
    assert [sign.is_good for sign in signs] == sorted(sign.is_good for sign in signs)
    bad = {sign.name for sign in signs if not sign.is_good}
    assert {"Worker", "Beat", "Last sweep", "Last backup"} <= bad


def test_a_sweep_shows_the_worker_and_itself_and_takes_what_waits(cast, page):
    PendingRollUp.objects.create(organization=cast.organization)
    assert "1 waits" in page().text
    tasks.sweep()
    signs = {sign.name: sign for sign in page().context["signs"]}
    for name in ("Worker", "Last sweep", "Scores to be renewed"):
        assert signs[name].is_good, name
    assert Heartbeat.objects.get(pk="sweep").detail.keys() == {"seconds"}


def test_a_part_that_falls_silent_wants_a_look(cast, page):
    for name in ("worker", "beat", "sweep"):
        beat(name, minutes=2, seconds=1)
    beat("backup", minutes=60 * 30, file="a.okrbackup", bytes=12_500_000)
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert all(signs[name].is_good for name in ("Worker", "Beat", "Last sweep", "Last backup"))
    assert signs["Last backup"].what == "1 day ago: a.okrbackup, 12.5 MB"
    for name in ("worker", "beat", "sweep"):
        beat(name, minutes=4, seconds=1)
    beat("backup", minutes=60 * 50, file="a.okrbackup", bytes=12_500_000)
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert not any(signs[name].is_good for name in ("Worker", "Beat", "Last sweep", "Last backup"))


def test_work_that_waits_too_long_wants_a_look(cast, page):
    late = clock.now() - timedelta(minutes=6)
    PendingRollUp.objects.create(organization=cast.organization, created_at=late)
    Invitation.objects.create(
        organization=cast.organization, email="a@b.example", token_hash=hash_of("a"), created_at=late
    )
    PendingRollUp.objects.create(organization=cast.stranger.organization, created_at=late)
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert signs["Scores to be renewed"].what == "1 waits", "only this organization's"
    assert not signs["Scores to be renewed"].is_good
    assert not signs["Invitations to be sent"].is_good


def test_a_time_set_by_hand_and_missing_mail_are_named(cast, page, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert not signs["Mail"].is_good
    assert not signs["Clock"].is_good
    assert "CLOCK_FILE" in signs["Clock"].advice
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "mail.hokuto.example"
    settings.CLOCK_FILE = ""
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert signs["Mail"].what == "Sent by mail.hokuto.example"
    assert signs["Clock"].is_good


def test_a_broker_that_is_away_is_no_error(cast, page, settings, tmp_path: Path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path / "gone"), "control_folder": "/gone"}
    signs = {sign.name: sign for sign in page().context["signs"]}
    assert not signs["Messages to the worker"].is_good


# Beat


@pytest.fixture
def as_beat(monkeypatch):
    """This process is beat while a test lasts."""
    monkeypatch.setattr(beating._Beat, "is_here", False)
    monkeypatch.setattr(beating._Beat, "wrote_at", None)
    monkeypatch.setattr("django.db.connection.close", lambda: None)


def test_beat_writes_that_it_is_there_at_most_every_half_minute(cast, as_beat, move_clock, monkeypatch):
    beating.note_beat()
    assert not Heartbeat.objects.filter(pk="beat").exists(), "whoever else sends a message is not beat"
    beating.begin_beating()
    first = Heartbeat.objects.get(pk="beat").at
    move_clock("2026-05-20T10:00:20+09:00")
    beating.note_beat()
    assert Heartbeat.objects.get(pk="beat").at == first
    monkeypatch.setattr(beating._Beat, "wrote_at", beating._Beat.wrote_at - beating.AT_MOST_EVERY)
    beating.note_beat()
    assert Heartbeat.objects.get(pk="beat").at > first


def test_beat_goes_on_while_the_database_is_away(cast, as_beat, monkeypatch, caplog):
    def away(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(type(Heartbeat.objects), "seen", away)
    beating.begin_beating()
    assert "Beat could not write" in caplog.text


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "less than a minute ago"),
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=2, hours=5), "2 days ago"),
    ],
)
def test_how_long_ago_is_said_in_words(span, words):
    with translation.override("en"):
        assert ago(span) == words


def test_sizes_are_said_in_words():
    assert [in_bytes(size) for size in (None, 12, 640_000, 12_500_000, 3_000_000_000)] == [
        "–",
        "12 B",
        "640 kB",
        "12.5 MB",
        "3 GB",
    ]


def test_the_number_of_queries_stays_small(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.admin)
    client.get(cast.url("settings/system/"))
    for number in range(40):
        PendingRollUp.objects.create(organization=cast.organization)
        beat(f"part {number}")
    with django_assert_max_num_queries(20):
        client.get(cast.url("settings/system/"))
