"""Every address × everybody × every row: who is let in, who is refused; a refusal changes nothing and tells nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from people.models import AuditEvent
from tests.authorization import EVERYBODY, NOBODY, STRANGER, TABLE, WRITES, Line, World, make_world
from tests.cast import NOW
from tests.url_map import Address, every_address

ADDRESSES = {address.name: address for address in every_address()}
PEOPLE = [NOBODY, STRANGER, *EVERYBODY.split()]
METHODS = ("GET", *WRITES)
LET_IN = frozenset({200, 201, 202, 204, 302, 303, 304, 400, 409, 422})
UNKNOWN_IDS = ["0", "999999999", "9" * 18, "9" * 25, "9" * 5_000]
MALFORMED_IDS = ["x", "-1", "1.5", "１２", "²", "%00"]


@pytest.fixture
def world(db, move_clock) -> World:
    move_clock(NOW)
    return make_world()


@pytest.fixture
def clients(world: World) -> dict[str, Callable[[], Client]]:
    """A fresh browser of everybody; what breaks is an answer 500, not an exception that ends the walk."""
    keys = {NOBODY: ""}
    for who, membership in world.memberships.items():
        client = Client()
        client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        keys[who] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def browser(key: str) -> Client:
        client = Client(raise_request_exception=False)
        if key:
            client.cookies[settings.SESSION_COOKIE_NAME] = key
        return client

    return {who: partial(browser, key) for who, key in keys.items()}


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens in here never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Callable[[], Client], method: str, path: str, sent: dict[str, str] | None = None) -> Any:
    """The answer to a request that says nothing but `sent`, and how many events of the history it left."""
    with taken_back():
        before = AuditEvent.objects.count()
        if method == "POST" and not path.startswith("/api/"):
            answer = browser().post(path, sent)
        elif method in WRITES:
            answer = browser().generic(method, path, "{}", content_type="application/json")
        else:
            answer = browser().generic(method, path)
        answer.events = AuditEvent.objects.count() - before
        return answer


def path_of(address: Address, line: Line, slug: str, pk: Any = 1) -> str:
    if line.path:
        return line.path
    kwargs = dict(line.arguments)
    if "slug" in address.arguments:
        kwargs["slug"] = slug
    if "pk" in address.arguments:
        kwargs["pk"] = pk
    return reverse(address.name, kwargs=kwargs)


def circle(line: Line, method: str, kind: str) -> set[str]:
    """Who is let in to a row of this kind."""
    who = line.who.get(method, "")
    if who == "see":
        return set(line.seen.get(kind, "").split())
    return set((who if isinstance(who, str) else who.get(kind, "")).split())


def expected(address: Address, line: Line, method: str, kind: str, person: str) -> frozenset[int]:
    """The statuses that are right; `kind` is empty where no row is named."""
    if line.is_open:
        return line.answers if method in line.who else frozenset({405})
    if person == NOBODY:
        return frozenset({401} if address.is_api else {302})
    if method not in line.who:
        return frozenset({405})
    if not address.is_of_organization:
        return line.answers or LET_IN
    if person == STRANGER:
        return frozenset({404})
    if person in line.blind.split() or (kind and person not in line.seen.get(kind, "").split()):
        return frozenset({404})
    if person in circle(line, method, kind):
        return line.answers or LET_IN
    return frozenset({403})


def kinds_of(line: Line) -> list[str]:
    return [*line.seen, "elsewhere"] if line.noun else [""]


def test_every_address_has_a_line():
    assert sorted(ADDRESSES.keys() - TABLE.keys()) == [], "Say in tests/authorization.py who may do what here."


def test_every_line_has_an_address():
    assert sorted(TABLE.keys() - ADDRESSES.keys()) == []


def test_names_of_addresses_are_unique():
    names = [address.name for address in every_address()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("room", sorted({address.room for address in ADDRESSES.values()}))
def test_every_address_lets_in_whom_its_line_names(world, clients, room):
    wrong = []
    for name, address in ADDRESSES.items():
        if address.room == room and name in TABLE:
            wrong += mistakes(address, TABLE[name], world, clients)
    assert wrong == [], "\n".join(wrong)


def mistakes(address: Address, line: Line, world: World, clients: dict[str, Callable[[], Client]]) -> Iterator[str]:
    """Every answer of an address that its line does not foresee."""
    numbers = {noun: SimpleNamespace(**kinds) for noun, kinds in world.rows.items()}
    sent = {field: re.sub(r":(\w+)", r".\1", words).format(**numbers) for field, words in line.sends.items()}
    for kind in kinds_of(line):
        path = path_of(address, line, world.cast.organization.slug, world.rows[line.noun][kind] if line.noun else 1)
        for method, person in asked_for(address, line, first=kind in {"", "own", "elsewhere"}):
            answer = ask(clients[person], method, path, sent)
            right = expected(address, line, method, kind, person)
            where = f"{address.name}: {person} {method} {path} ({kind or 'no row'})"
            if answer.status_code not in right:
                yield f"{where}: {answer.status_code}, not {sorted(right)}"
            for fault in faults_of(answer, address, line, method, person, world):
                yield f"{where}: {fault}"


def asked_for(address: Address, line: Line, *, first: bool) -> Iterator[tuple[str, str]]:
    """Everybody with every method of the line. That others are refused is no matter of who asks, or of which row.

    The library's own views answer more methods than their pages use, all with one meaning.
    """
    yield from product((method for method in line.who if first or method in told_apart(line)), PEOPLE)
    if first and not address.name.startswith("account_") and address.name != "set_language":
        yield from product([method for method in METHODS if method not in line.who], (NOBODY, "admin"))


def told_apart(line: Line) -> set[str]:
    """One method of each circle: where the same people may read and write, the rows are told apart by the writing."""
    return set({str(who): method for method, who in line.who.items()}.values())


def faults_of(answer: Any, address: Address, line: Line, method: str, person: str, world: World) -> Iterator[str]:
    """What an answer may never do, whatever its address: change something when it refuses or is only read, or tell."""
    status = answer.status_code
    is_led = person == NOBODY and status == 302 and not line.is_open
    if is_led and not answer["Location"].startswith(reverse(settings.LOGIN_URL)):
        yield f"leads to {answer['Location']}"
    if answer.events and (status >= 400 or method == "GET"):
        yield f"changed something ({answer.events} events)"
    text = "" if answer.streaming else answer.content.decode()
    for words, seen_by in world.said.items():
        if person not in seen_by.split() and words in text:
            yield f"tells “{words}”"
    if status == 405:
        # `Allow` names exactly the methods of the line, with those that go with them.
        said = {allowed.strip() for allowed in answer["Allow"].split(",")} - {"HEAD", "OPTIONS", ""}
        if said != line.who.keys():
            yield f"Allow is {sorted(said)}, not {sorted(line.who)}"
    if address.is_api and status >= 400 and not line.is_open and "code" not in answer.json():
        yield "refuses in another shape"


OF_ORGANIZATION = [name for name in TABLE if name in ADDRESSES and ADDRESSES[name].is_of_organization]


def test_an_unknown_organization_is_like_anothers(world, clients):
    """Neither the status nor the words tell a stranger whether a company or a row exists."""
    for name in OF_ORGANIZATION:
        address, line = ADDRESSES[name], TABLE[name]
        pk = world.rows[line.noun][next(iter(line.seen))] if line.noun else 1
        places = [("hokuto", pk), ("nowhere", pk), ("hokuto", 999_999_999)]
        paths = [path_of(address, line, slug, number) for slug, number in places]
        for person, method in product((NOBODY, STRANGER), ("GET", "OPTIONS", "POST")):
            answers = [ask(clients[person], method, path) for path in paths]
            assert len({answer.status_code for answer in answers}) == 1, (name, person, method)
            if person == STRANGER:
                assert len({without_chance(answer.content) for answer in answers}) == 1, (name, method)


def without_chance(content: bytes) -> str:
    """A page without its forms' tokens, which differ with every answer, and without what names its own address."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", content.decode())
    return re.sub(r"/o/(hokuto|nowhere)/[^\s\"']*", "", text)


def test_an_odd_or_unknown_number_is_not_found(world, clients):
    for name in OF_ORGANIZATION:
        address, line = ADDRESSES[name], TABLE[name]
        if "pk" not in address.arguments:
            continue
        method = next(iter(line.who))
        there = path_of(address, line, "hokuto", 424242)
        for odd in (*UNKNOWN_IDS, *MALFORMED_IDS):
            path = there.replace("424242", odd)
            assert ask(clients["admin"], method, path).status_code == 404, (name, path[:80])
            if address.is_api:
                assert ask(clients[NOBODY], method, path).status_code == 401, (name, path[:80])


def test_asking_for_the_head_is_like_asking_for_the_page(world, clients):
    for name in OF_ORGANIZATION:
        address, line = ADDRESSES[name], TABLE[name]
        if "GET" not in line.who:
            continue
        for kind in kinds_of(line)[-2:]:
            path = path_of(address, line, "hokuto", world.rows[line.noun][kind] if line.noun else 1)
            head = ask(clients["manager"], "HEAD", path)
            assert head.status_code == ask(clients["manager"], "GET", path).status_code, (name, kind)
            assert head.content == b"", name
