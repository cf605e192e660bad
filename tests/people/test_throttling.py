"""How much one program may ask for in a minute, and that limits neither miscount nor take the service down."""

import threading

import pytest
from django.core.cache import caches
from django.test import Client

from okrplanner.cache import CountingDatabaseCache
from people import services, throttling

SLOW = "/api/v1/o/hokuto/key-results/{}/check-ins/"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.API_READS_PER_MINUTE = 3
    settings.API_WRITES_PER_MINUTE = 2


@pytest.fixture
def address(cast):
    return SLOW.format(cast.objective().key_results.first().pk)


def program(membership):
    secret = services.make_token(membership, name="表計算")[1]
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})


def post(client, address):
    return client.post(address, {"value": 1}, content_type="application/json")


def test_beyond_the_limit_a_program_is_told_when_to_come_again(cast, address, move_clock):
    client = program(cast.member)
    move_clock("2026-05-20T10:00:20+09:00")
    assert [client.get(address).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(address)
    assert refused["Retry-After"] == "40"
    assert refused.json() == {"code": "throttled", "detail": "Too many requests. Come again in 40 s."}
    move_clock("2026-05-20T10:01:00+09:00")
    assert client.get(address).status_code == 200


def test_reads_and_writes_are_counted_apart_and_each_token_for_itself(cast, address):
    first, second = program(cast.member), program(cast.member)
    assert [post(first, address).status_code for _ in range(3)] == [201, 201, 429]
    assert first.get(address).status_code == 200
    assert post(second, address).status_code == 201


def test_a_person_in_a_browser_is_counted_whatever_browser_it_is(cast, address, sign_in):
    assert [post(sign_in(cast.member), address).status_code for _ in range(3)] == [201, 201, 429]
    assert post(sign_in(cast.manager), address).status_code == 201


def test_calculating_counts_as_reading(cast):
    client = program(cast.member)
    found = [
        client.post("/api/v1/calculate/roll-up/", {"objectives": []}, content_type="application/json").status_code
        for _ in range(4)
    ]
    assert found == [200, 200, 200, 429]


def test_asking_for_what_is_not_there_counts_too(cast):
    client = program(cast.member)
    assert [client.get("/api/v1/o/hokuto/nothing/").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_an_address_that_keeps_sending_wrong_tokens_is_held_up_and_right_ones_are_not(cast, address, monkeypatch):
    monkeypatch.setattr(throttling, "FAILURES_PER_MINUTE", 2)
    good = program(cast.member)
    stranger = Client(headers={"authorization": "Bearer okr_guess"})
    assert [stranger.get(address).status_code for _ in range(3)] == [401, 401, 429]
    assert int(stranger.get(address)["Retry-After"]) > 0
    assert stranger.get(address, REMOTE_ADDR="10.9.8.7").status_code == 401
    network = [stranger.get(address, REMOTE_ADDR=f"2001:db8:7::{number}").status_code for number in range(1, 4)]
    assert network == [401, 401, 429], "whoever has one address of a network has them all"
    wrapped = [stranger.get(address, REMOTE_ADDR=f"::ffff:192.0.2.{number}").status_code for number in range(1, 4)]
    assert wrapped == [401] * 3, "each IPv4 address is one, also where a proxy writes it as IPv6"
    assert good.get(address).status_code == 200


def test_a_cache_that_is_away_refuses_nobody(cast, address, monkeypatch, caplog):
    def gone(self, key, *, timeout):
        raise ConnectionError("gone")

    monkeypatch.setattr(CountingDatabaseCache, "count", gone)
    client = program(cast.member)
    assert [client.get(address).status_code for _ in range(5)] == [200] * 5
    assert "Requests could not be counted" in caplog.text


def count_from_many_threads(cache, key):
    from django.db import connection

    begin = threading.Barrier(8)
    found = []

    def work():
        begin.wait()
        found.extend(cache.count(key, timeout=60) for _ in range(25))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_processes_that_count_at_the_same_moment_count_together_in_the_database():
    found = count_from_many_threads(caches["default"], "together")
    assert sorted(found) == list(range(1, 201))


def test_processes_that_count_at_the_same_moment_count_together_in_redis(settings, redis_url):
    settings.CACHES = {"default": {"BACKEND": "okrplanner.cache.PatientRedisCache", "LOCATION": redis_url}}
    found = count_from_many_threads(caches["default"], "together")
    assert sorted(found) == list(range(1, 201))


def test_redis_away_counts_nothing(settings, cast, address):
    settings.CACHES = {
        "default": {"BACKEND": "okrplanner.cache.PatientRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    client = program(cast.member)
    assert [client.get(address).status_code for _ in range(5)] == [200] * 5


@pytest.mark.django_db
def test_counts_that_are_over_do_not_pile_up():
    from django.db import connection

    cache = caches["default"]
    cache.clear()  # a test that commits leaves its counts: the table is no model's
    for number in range(5):
        cache.count(f"over-{number}", timeout=-1)
    cache.count("new", timeout=60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:new"]
