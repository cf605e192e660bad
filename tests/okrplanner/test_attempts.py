"""Guessing is slowed down, and nobody is locked out of their own account by it."""

import statistics
import threading
import time

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from people import attempts
from tests.cast import PASSWORD

PAUSED = "signing in is paused"
DOOR = "/accounts/login/"


class Device:
    """A browser at an address."""

    def __init__(self, address, **headers):
        self.client = Client(headers={"accept-language": "en", **headers}, REMOTE_ADDR=address)

    def try_to_enter(self, email, password):
        """`in`, `wrong` or `paused`."""
        answer = self.client.post(DOOR, {"login": email, "password": password})
        if answer.status_code == 302:
            self.client.post("/accounts/logout/")
            return "in"
        return "paused" if PAUSED in answer.content.decode() else "wrong"


@pytest.fixture
def email(cast):
    return cast.member.user.email


def test_five_wrong_passwords_pause_an_address_for_that_account(email, move_clock):
    stranger = Device("192.0.2.1")
    assert [stranger.try_to_enter(email, "wrong") for _ in range(6)] == ["wrong"] * 5 + ["paused"]
    assert stranger.try_to_enter(email, PASSWORD) == "paused"
    move_clock("2026-05-20T10:05:00+09:00")
    assert stranger.try_to_enter(email, PASSWORD) == "in"


def test_a_pause_for_one_account_is_none_for_another(cast, email):
    stranger = Device("192.0.2.1")
    for _ in range(6):
        stranger.try_to_enter(email, "wrong")
    assert stranger.try_to_enter(cast.manager.user.email, PASSWORD) == "in"


def test_strangers_at_many_addresses_are_stopped_and_the_owners_device_still_gets_in(email, move_clock):
    own = Device("198.51.100.7")
    assert own.try_to_enter(email, PASSWORD) == "in"
    said = [Device(f"192.0.2.{number}").try_to_enter(email, "wrong") for number in range(40)]
    assert said.count("wrong") == attempts.BY_ACCOUNT.most - 1
    assert said[-1] == "paused"
    assert Device("203.0.113.5").try_to_enter(email, PASSWORD) == "paused"
    assert own.try_to_enter(email, PASSWORD) == "in"
    move_clock("2026-05-20T11:00:00+09:00")
    assert Device("203.0.113.5").try_to_enter(email, PASSWORD) == "in"


def test_a_stranger_in_the_same_office_does_not_lock_out_a_known_device(email):
    own, neighbour = Device("192.0.2.1"), Device("192.0.2.1")
    assert own.try_to_enter(email, PASSWORD) == "in"
    for _ in range(7):
        neighbour.try_to_enter(email, "wrong")
    assert neighbour.try_to_enter(email, PASSWORD) == "paused"
    assert own.try_to_enter(email, PASSWORD) == "in"


def test_a_known_device_is_limited_too(email):
    own = Device("192.0.2.1")
    own.try_to_enter(email, PASSWORD)
    assert [own.try_to_enter(email, "wrong") for _ in range(11)] == ["wrong"] * 10 + ["paused"]


def test_a_device_known_to_one_account_is_a_strangers_to_another(cast, email):
    own = Device("192.0.2.1")
    own.try_to_enter(email, PASSWORD)
    said = [own.try_to_enter(cast.manager.user.email, "wrong") for _ in range(6)]
    assert said == ["wrong"] * 5 + ["paused"]


@pytest.mark.parametrize("note", ["", "x", "e30:1sABCD:forged", "null", "\u00e9"])
def test_a_forged_note_makes_no_device_known(email, note):
    stranger = Device("192.0.2.1")
    stranger.client.cookies["devices"] = note
    assert [stranger.try_to_enter(email, "wrong") for _ in range(6)][-1] == "paused"


def test_choosing_a_new_password_by_mail_makes_the_device_known(email):
    owner = Device("198.51.100.7")
    for number in range(40):
        Device(f"192.0.2.{number}").try_to_enter(email, "wrong")
    assert owner.try_to_enter(email, PASSWORD) == "paused"
    owner.client.post("/accounts/password/reset/", {"email": email})
    link = mail.outbox[-1].body.split("http://127.0.0.1:8000", 1)[1].split()[0]
    form = owner.client.get(link, follow=True)
    owner.client.post(form.request["PATH_INFO"], {"password1": "a new beginning", "password2": "a new beginning"})
    assert owner.try_to_enter(email, "a new beginning") == "in"


def test_one_address_may_not_try_many_accounts(cast):
    stranger = Device("192.0.2.1")
    said = [stranger.try_to_enter(f"person{number}@hokuto.example", "wrong") for number in range(101)]
    assert said[-2:] == ["wrong", "paused"]
    assert Device("192.0.2.2").try_to_enter(cast.member.user.email, PASSWORD) == "in"


def test_an_office_signs_in_in_the_morning(cast):
    people = [cast.admin, cast.executive, cast.manager, cast.member, cast.colleague]
    said = [Device("192.0.2.1").try_to_enter(person.user.email, PASSWORD) for person in people * 4]
    assert said == ["in"] * 20


def test_a_whole_network_of_new_addresses_is_one_stranger(email):
    said = [Device(f"2001:db8::{number}").try_to_enter(email, "wrong") for number in range(1, 7)]
    assert said == ["wrong"] * 5 + ["paused"]


def test_an_address_that_is_only_claimed_does_not_count(email, settings):
    said = [Device("192.0.2.1", **{"x-forwarded-for": f"10.0.0.{n}"}).try_to_enter(email, "wrong") for n in range(6)]
    assert said[-1] == "paused"


def test_behind_a_proxy_the_address_it_saw_counts(email, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged = [
        Device("172.16.0.1", **{"x-forwarded-for": f"10.0.0.{n}, 192.0.2.9"}).try_to_enter(email, "wrong")
        for n in range(6)
    ]
    assert forged[-1] == "paused"
    assert Device("172.16.0.1", **{"x-forwarded-for": "192.0.2.10"}).try_to_enter(email, PASSWORD) == "in"


def test_a_header_that_names_too_few_proxies_is_no_server_error(email, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    assert Device("172.16.0.1", **{"x-forwarded-for": "192.0.2.9"}).try_to_enter(email, PASSWORD) == "in"
    assert Device("", **{"x-forwarded-for": "nonsense"}).try_to_enter(email, "wrong") == "wrong"


def test_an_account_that_does_not_exist_is_paused_alike(cast):
    stranger = Device("192.0.2.1")
    assert [stranger.try_to_enter("nobody@hokuto.example", "wrong") for _ in range(6)] == ["wrong"] * 5 + ["paused"]


def ask_for_link(device, email):
    return device.client.post("/accounts/password/reset/", {"email": email}, follow=True)


def test_a_mailbox_is_not_filled_and_nobody_is_told(email):
    answers = [ask_for_link(Device("192.0.2.1"), email) for _ in range(8)]
    assert len(mail.outbox) == attempts.RESETS_BY_ACCOUNT_AND_ADDRESS.most
    assert {answer.redirect_chain[-1] for answer in answers} == {("/accounts/password/reset/done/", 302)}


def test_the_owner_still_gets_a_link_from_a_known_device(email):
    own = Device("198.51.100.7")
    own.try_to_enter(email, PASSWORD)
    for number in range(30):
        ask_for_link(Device(f"192.0.2.{number}"), email)
    before = len(mail.outbox)
    assert before == attempts.RESETS_BY_ACCOUNT.most
    ask_for_link(own, email)
    assert len(mail.outbox) == before + 1


def test_one_address_may_not_ask_for_many_links(db):
    stranger = Device("192.0.2.1")
    answers = [ask_for_link(stranger, f"person{number}@hokuto.example") for number in range(21)]
    assert "Many links were asked for from here" in answers[-1].content.decode()
    assert len(mail.outbox) == 20


@pytest.mark.parametrize("path", ["/invitations/accept/", "/start/"])
def test_links_cannot_be_tried_one_after_the_other(db, path):
    stranger = Device("192.0.2.1").client
    said = [stranger.get(f"{path}{number:064}/").status_code for number in range(62)]
    assert said == [404] * 60 + [429] * 2
    assert Device("192.0.2.2").client.get(f"{path}{1:064}/").status_code == 404


def test_neither_words_nor_time_tell_whether_an_account_exists(cast, settings):
    """Roughly: on a busy machine the medians of both lie within a factor of two of each other."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    cast.member.user.set_password(PASSWORD)
    cast.member.user.save()
    took, said = {}, {}
    for who in (cast.member.user.email, "nobody@hokuto.example"):
        times = []
        for number in range(5):
            device = Device(f"192.0.2.{number}")
            began = time.perf_counter()
            answer = device.client.post(DOOR, {"login": who, "password": "wrong"})
            times.append(time.perf_counter() - began)
        took[who], said[who] = statistics.median(times), PAUSED in answer.content.decode()
    known, unknown = took.values()
    assert 0.5 < known / unknown < 2
    assert len(set(said.values())) == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_count_at_once_count_together(move_clock):
    move_clock("2026-05-20T10:02:00+09:00")
    refused = []

    def guess():
        refused.append(attempts.wait(attempts.BY_ACCOUNT, "someone@hokuto.example"))
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(1 for minutes in refused if minutes == 0) == attempts.BY_ACCOUNT.most


def test_redis_counts_alike(redis_url, move_clock, settings):
    move_clock("2026-05-20T10:02:00+09:00")
    settings.CACHES = {"default": {"BACKEND": "okrplanner.cache.PatientRedisCache", "LOCATION": redis_url}}
    refused = [attempts.wait(attempts.BY_DEVICE, "someone@hokuto.example") for _ in range(12)]
    assert refused == [0] * 10 + [3, 3]


def test_a_cache_that_is_away_keeps_nobody_out(move_clock, settings):
    move_clock("2026-05-20T10:02:00+09:00")
    options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
    settings.CACHES = {
        "default": {
            "BACKEND": "okrplanner.cache.PatientRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": options,
        }
    }
    assert [attempts.wait(attempts.BY_DEVICE, "someone") for _ in range(12)] == [0] * 12
