"""Every address × everybody × every row: who is let in, who is refused; a refusal changes nothing and tells nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from people import clock
from people.models import AuditEvent, Membership
from people.sessions import BEGAN, SEEN
from tests.authorization import EVERYBODY, INSIDE, NOBODY, STRANGER, TABLE, WRITES, Line, World, kept_world
from tests.url_map import Address, every_address

ADDRESSES = {address.name: address for address in every_address()}
PEOPLE = [NOBODY, STRANGER, *EVERYBODY.split()]
OUTSIDE = [STRANGER, "partner", "guest"]
METHODS = ("GET", *WRITES)
PARTS = 4
# Rows at which only those are asked for who are treated otherwise than at their own.
LIKE_OWN = {"company", "lent", "closed"}
LIBRARYS = {"set_language", "usersessions_list"}
UNKNOWN_IDS = ["0", "999999999", "9" * 18, "9" * 25, "9" * 5_000]
MALFORMED_IDS = ["x", "-1", "1.5", "１２", "²", "%00"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """Made once: whatever is asked here is taken back."""
    with django_db_blocker.unblock(), kept_world(tmp_path_factory.mktemp("clock") / "clock") as made:
        yield made


class Visitor:
    """A browser that forgets after each answer what it was given, so that signing out once is not for good."""

    def __init__(self, membership: Membership | None = None) -> None:
        # What breaks is an answer 500, not an exception that ends the walk.
        self.client = Client(raise_request_exception=False)
        if membership is not None:
            self.client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            session = self.client.session
            session.update({BEGAN: clock.now().timestamp(), SEEN: clock.now().timestamp()})
            session.save()
        self.kept = {name: cookie.value for name, cookie in self.client.cookies.items()}
        self.last_event = 0

    def ask(self, method: str, path: str, sent: dict[str, str]) -> Any:
        self.client.cookies.clear()
        self.client.cookies.load(self.kept)
        if method == "POST" and not path.startswith("/api/"):
            return self.client.post(path, sent)
        if method in WRITES:
            return self.client.generic(method, path, "{}", content_type="application/json")
        return self.client.generic(method, path)


@pytest.fixture
def clients(world: World, db) -> dict[str, Visitor]:
    """A browser of everybody."""
    visitors = {NOBODY: Visitor()} | {who: Visitor(membership) for who, membership in world.memberships.items()}
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    for visitor in visitors.values():
        visitor.last_event = newest
    return visitors


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens in here never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(visitor: Visitor, method: str, path: str, sent: dict[str, str] | None = None) -> Any:
    """The answer to a request that says nothing but `sent`, and how many events of the history it left."""
    with taken_back():
        answer = visitor.ask(method, path, sent or {})
        answer.events = AuditEvent.objects.filter(pk__gt=visitor.last_event).count()
        return answer


def path_of(address: Address, line: Line, slug: str, numbers: dict[str, Any]) -> str:
    if line.path:
        return line.path
    known = {"slug": slug, **numbers, **line.arguments}
    if "pk" not in address.arguments:
        known["parent"] = numbers.get("pk")
    return reverse(address.name, kwargs={name: known[name] for name in address.arguments})


def numbers_of(line: Line, world: World, kind: str) -> dict[str, int]:
    return world.rows[line.noun][kind] if line.noun else {}


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
        return line.answers
    if person == STRANGER:
        return frozenset({404})
    if person in line.refused.split():
        return frozenset({403})
    if person in line.blind.split() or (kind and person not in line.seen.get(kind, "").split()):
        return frozenset({404})
    if person in circle(line, method, kind):
        return line.answers
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


@pytest.mark.parametrize("part", range(PARTS))
def test_every_address_lets_in_whom_its_line_names(world, clients, part):
    wrong = []
    for name in sorted(ADDRESSES.keys() & TABLE.keys())[part::PARTS]:
        wrong += mistakes(ADDRESSES[name], TABLE[name], world, clients)
    assert wrong == [], "\n".join(wrong)


def mistakes(address: Address, line: Line, world: World, clients: dict[str, Visitor]) -> Iterator[str]:
    """Every answer of an address that its line does not foresee."""
    numbers = {
        noun: SimpleNamespace(**{kind: row["pk"] for kind, row in kinds.items()}) for noun, kinds in world.rows.items()
    }
    sent = {field: re.sub(r":(\w+)", r".\1", words).format(**numbers) for field, words in line.sends.items()}
    for kind in kinds_of(line):
        path = path_of(address, line, world.cast.organization.slug, numbers_of(line, world, kind))
        for method, person in asked_for(address, line, kind):
            answer = ask(clients[person], method, path, sent)
            right = expected(address, line, method, kind, person)
            where = f"{address.name}: {person} {method} {path} ({kind or 'no row'})"
            if answer.status_code not in right:
                yield f"{where}: {answer.status_code}, not {sorted(right)}"
            for fault in faults_of(answer, address, line, method, person, world):
                yield f"{where}: {fault}"


def asked_for(address: Address, line: Line, kind: str) -> Iterator[tuple[str, str]]:
    """Everybody with every method of the line, as far as another row can make a difference.

    Of the methods that it does not answer, one by turns: the refusal names all that it does. The library's own views
    answer more methods than their pages use, all with one meaning. For another company's row only those inside ask:
    others do not even get as far, which is seen at the own.
    """
    if kind in {"", "own"}:
        for method in line.who:
            left_out = alike(address, line, method, kind)
            yield from ((method, person) for person in PEOPLE if person not in left_out)
        if not address.name.startswith("account_") and address.name not in LIBRARYS:
            others = [method for method in METHODS if method not in line.who]
            yield from product(others[turn_of(address) % max(1, len(others)) :][:1], (NOBODY, "admin"))
    elif kind == "elsewhere":
        for method in told_apart(line):
            yield method, "member" if method == "GET" else "admin"
    else:
        for method in told_apart(line):
            left_out = alike(address, line, method, kind)
            for person in PEOPLE[2:]:
                is_as_own = expected(address, line, method, kind, person) == expected(
                    address, line, method, "own", person
                )
                if person not in left_out and not (kind in LIKE_OWN and is_as_own):
                    yield method, person


def turn_of(address: Address, kind: str = "") -> int:
    """A number that differs from address to address."""
    return sum(map(ord, address.name + kind))


def alike(address: Address, line: Line, method: str, kind: str) -> set[str]:
    """Of those who are answered alike all but one or two, who take turns from page to page: drawing one takes a while.

    These are who is let in, and who outside may not know of a row or of any. Where a method is not for all of those
    inside, who may write is told apart from who may not: at an own row all of them are asked.
    """
    blind = [person for person in OUTSIDE if expected(address, line, method, kind, person) == {404}]
    if blind:
        blind.remove(blind[turn_of(address, method + kind) % len(blind)])
    return {*blind, *let_in_alike(address, line, method, kind)}


def let_in_alike(address: Address, line: Line, method: str, kind: str) -> set[str]:
    inside = [person for person in INSIDE.split() if expected(address, line, method, kind, person) == line.answers]
    if method != "GET" and kind in {"", "own"} and len(inside) < len(INSIDE.split()):
        return set()
    turn = turn_of(address, kind)
    asked = {inside[turn % len(inside)], inside[(turn + 1) % len(inside)]} if inside else set()
    return set(inside) - asked


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
    for turn, name in enumerate(OF_ORGANIZATION):
        address, line = ADDRESSES[name], TABLE[name]
        own = numbers_of(line, world, next(iter(line.seen), ""))
        places = [("hokuto", own), ("nowhere", own), ("hokuto", dict.fromkeys(own, 999_999_999))]
        paths = dict.fromkeys(path_of(address, line, slug, number) for slug, number in places)
        methods = list(line.who)
        for method in (methods[turn // 2 % len(methods)], "OPTIONS")[turn % 2 :: 2]:
            answers = [ask(clients[STRANGER], method, path) for path in paths]
            assert len({answer.status_code for answer in answers}) == 1, (name, method)
            assert len({without_chance(answer.content) for answer in answers}) == 1, (name, method)
        # At a company that exists nobody meets the same: every line says so.
        method = ("GET", "OPTIONS", "POST")[turn % 3]
        answer = ask(clients[NOBODY], method, path_of(address, line, "nowhere", own))
        assert answer.status_code in expected(address, line, method, "", NOBODY), (name, method)


def without_chance(content: bytes) -> str:
    """A page without its forms' tokens, which differ with every answer, and without what names its own address."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", content.decode())
    return re.sub(r"/o/(hokuto|nowhere)/[^\s\"']*", "", text)


def test_an_odd_or_unknown_number_is_not_found(world, clients):
    """By turns, what leads to no page more rarely: one function fetches every row, and one answer serves them all."""
    for turn, name in enumerate(OF_ORGANIZATION):
        address, line = ADDRESSES[name], TABLE[name]
        if not line.noun:
            continue
        method = next(iter(line.who))
        there = path_of(address, line, "hokuto", dict.fromkeys(("pk", "parent", "kgi", "matrix", "partner"), 424242))
        for place, odd in enumerate((*UNKNOWN_IDS, *MALFORMED_IDS)):
            path = there.replace("424242", odd)
            turns = 3 if leads_somewhere(path) else 6
            if place % turns != turn % turns:
                continue
            assert ask(clients["admin"], method, path).status_code == 404, (name, path[:80])
            if address.is_api:
                assert ask(clients[NOBODY], method, path).status_code == 401, (name, path[:80])


def leads_somewhere(path: str) -> bool:
    try:
        resolve(unquote(path))
    except Resolver404:
        return False
    return True


def test_asking_for_the_head_is_like_asking_for_the_page(world, clients):
    for turn, name in enumerate(name for name in OF_ORGANIZATION if "GET" in TABLE[name].who):
        address, line = ADDRESSES[name], TABLE[name]
        for kind in kinds_of(line)[-2:][turn % 2 :][:1]:
            head = ask(clients["manager"], "HEAD", path_of(address, line, "hokuto", numbers_of(line, world, kind)))
            assert head.status_code in expected(address, line, "GET", kind, "manager"), (name, kind)
            assert head.content == b"", name
            assert head.events == 0, name
