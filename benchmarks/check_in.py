"""A check-in by the browser's door, and how many a second eight writers bring in.

The floor of one is its SQL by hand, committed, and a trivial signed-in page of twenty rows. The rate is that of eight
processes that record check-ins with history, score and audit, each committed; with the address of a running server also
that of eight browsers: `python -m benchmarks.check_in [demo-2000 [http://127.0.0.1:8000]]`.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import re
import sys
import threading
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.measuring import compare, head, set_up

os.environ.setdefault("LOG_LEVEL", "WARNING")  # else a line for each request
set_up()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.floor import ADDRESS, with_trivial_page  # noqa: E402
from objectives import rollup  # noqa: E402
from objectives.models import CheckIn, KeyResult  # noqa: E402
from objectives.services import record_check_in  # noqa: E402
from people.history import told  # noqa: E402
from people.models import Door, Membership, Organization, Role  # noqa: E402

WRITERS, EACH, WARM, ROUNDS = 8, 60, 5, 40
BY_HAND = (
    "SELECT id FROM objectives_objective WHERE id = %(objective)s FOR NO KEY UPDATE",
    """INSERT INTO objectives_checkin (key_result_id, author_id, date, value, confidence, steps_done, going_well,
           obstacle, next_step, submission_key, created_at)
       VALUES (%(key_result)s, %(author)s, %(day)s, 41, 7, '{}', '', '', '', gen_random_uuid(), now())""",
    "SELECT date, value, confidence FROM objectives_checkin WHERE key_result_id = %(key_result)s ORDER BY date, id",
    """UPDATE objectives_keyresultscore SET own_value = 41, own_progress = 0.4, own_score = 0.4, current_value = 41,
           progress = 0.4, score = 0.4, landing = 0.4 / NULLIF(pace, 0), check_in_count = check_in_count + 1
       WHERE key_result_id = %(key_result)s""",
    """UPDATE objectives_objectivescore o SET score = m.score, pace = m.pace, landing = m.score / NULLIF(m.pace, 0)
       FROM (SELECT SUM(s.share * s.score) / SUM(s.share) AS score, SUM(s.share * s.pace) / SUM(s.share) AS pace
             FROM objectives_keyresult kr JOIN objectives_keyresultscore s ON s.key_result_id = kr.id
             WHERE kr.objective_id = %(objective)s) m
       WHERE o.objective_id = %(objective)s""",
    """INSERT INTO objectives_pendingrollup (organization_id, objective_id, created_at)
       VALUES (%(organization)s, %(objective)s, now())""",
)
HEADERS = {"host": "localhost", "accept-encoding": "gzip", "accept-language": "ja"}


def said(organization: Organization) -> dict[str, object]:
    return {"value": "41", "confidence": "7", "date": organization.today, "submission_key": uuid.uuid4()}


def one(organization: Organization, author: Membership, key_results: list[KeyResult]) -> None:
    """Each turn on a key result of its own: a quarter's history, not that of all turns before."""
    client = Client(headers=HEADERS)
    client.force_login(author.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    turns, floors = iter(key_results), iter(key_results)

    def check_in() -> None:
        address = f"/o/{organization.slug}/key-results/{next(turns).pk}/check-ins/"
        answer = client.post(address, said(organization))
        assert answer.status_code == 302, answer.status_code

    def floor() -> None:
        key_result = next(floors)
        values = {
            "objective": key_result.objective_id,
            "key_result": key_result.pk,
            "author": author.pk,
            "organization": organization.pk,
            "day": organization.today,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in BY_HAND:
                cursor.execute(statement, values)
        assert client.get(ADDRESS.format(slug=organization.slug)).status_code == 200

    head()
    with with_trivial_page():
        compare("a check-in with history, score and audit, committed", check_in, floor, rounds=ROUNDS)


def signed_in(server: str, email: str, password: str) -> tuple[str, str]:
    """The cookies of a session, and the token that its forms carry."""
    place = urlsplit(server)
    cookies: dict[str, str] = {}
    token = ""
    for body in (None, {"login": email, "password": password}):
        door = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        sent = urlencode({**body, "csrfmiddlewaretoken": token}) if body else None
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Referer": server}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if sent else {}
        door.request("POST" if sent else "GET", "/accounts/login/", sent, headers)
        answer = door.getresponse()
        page = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            cookies[name] = value
        token = (re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page) or [token])[0]
    return "; ".join(f"{name}={value}" for name, value in cookies.items()), cookies["csrftoken"]


def many(server: str, organization: Organization, key_results: list[KeyResult]) -> float:
    """Check-ins a second, of eight browsers that send at once, each to objectives of its own."""
    cookies, token = signed_in(server, f"{Role.ADMIN}@demo.example", settings.EXAMPLE_PASSWORD)
    place = urlsplit(server)
    headers = {"Cookie": cookies, "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"}
    refused: list[int] = []

    def write(mine: list[KeyResult], begin: Any) -> None:
        door = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        begin.wait()
        for key_result in mine:
            address = f"/o/{organization.slug}/key-results/{key_result.pk}/check-ins/"
            door.request("POST", address, urlencode(said(organization)), headers)
            answer = door.getresponse()
            answer.read()
            if answer.status != 302:
                refused.append(answer.status)
        door.close()

    rate = at_once(key_results, write, threading.Thread, threading.Barrier(WRITERS + 1))
    assert not refused, refused
    return rate


def recorded(author: Membership, key_results: list[KeyResult]) -> float:
    """The same without the browser and its door: the act itself, eight processes at once that ran before."""
    apart = multiprocessing.get_context("fork")

    def write(mine: list[KeyResult], begin: Any) -> None:
        with told(Door.COMMAND):
            for turn, key_result in enumerate(mine):
                if turn == WARM:
                    begin.wait()
                record_check_in(key_result, author=author, value=Decimal(41), confidence=7)

    connection.close()
    return at_once(key_results, write, apart.Process, apart.Barrier(WRITERS + 1), already=WARM)


def at_once(key_results: list[KeyResult], write: Callable[..., None], kind: Any, begin: Any, already: int = 0) -> float:
    """How many a second eight writers write, each its part of the key results, ``already`` of them beforehand."""
    writers = [kind(target=write, args=(key_results[turn::WRITERS], begin)) for turn in range(WRITERS)]
    for writer in writers:
        writer.start()
    begin.wait()
    began = time.perf_counter()
    for writer in writers:
        writer.join()
    return (len(key_results) - already * WRITERS) / (time.perf_counter() - began)


def main(slug: str = "", server: str = "") -> None:
    organizations = (
        Organization.objects.filter(slug=slug) if slug else Organization.objects.filter(slug__startswith="demo-")
    )
    organization = organizations.latest("pk")
    author = Membership.objects.active().filter(organization=organization, role=Role.ADMIN).select_related("user")[0]
    rows = KeyResult.objects.filter(objective__organization=organization, kind="reach").open()
    chosen = list(
        rows.select_related("objective")
        .order_by("objective_id", "pk")
        .distinct("objective_id")[: 1 + ROUNDS + 2 * WRITERS * EACH]
    )
    turns, acts, sends = chosen[: 1 + ROUNDS], chosen[1 + ROUNDS :: 2], chosen[2 + ROUNDS :: 2]
    newest = CheckIn.objects.latest("pk").pk
    print(f"{organization.slug}\n")
    try:
        one(organization, author, turns)
        print(f"\n{WRITERS} writers: {recorded(author, acts):,.0f} check-ins a second; at least 250")
        if server:
            print(f"{WRITERS} browsers: {many(server, organization, sends):,.0f} check-ins a second")
    finally:
        with transaction.atomic():
            CheckIn.objects.filter(pk__gt=newest, key_result__in=chosen).delete()
            for key_result in chosen:
                rollup.rescore(organization, [key_result.pk], key_result.objective_id, organization.today)


if __name__ == "__main__":
    main(*sys.argv[1:])
