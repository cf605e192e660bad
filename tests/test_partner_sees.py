"""An outside partner learns nothing that is not shared with them: at every address, by every question, in every mail.

Two proofs over all addresses, made from Django's own list of them. By words: nothing that a partner is answered holds a
hidden text, amount or number. By change: whatever happens to hidden rows, and however many more there are, every answer
stays as it was, byte by byte; so no count, share, chart, forecast or length of a list tells of them either.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.http import QueryDict
from django.test import Client, override_settings
from django.urls import Resolver404, resolve, reverse
from pypdf import PdfReader

from dashboards.tasks import find_reminders, send_messages
from objectives.tasks import remind, send_reminders
from people import clock
from people.models import Heartbeat, Membership
from people.sessions import BEGAN, SEEN
from tests.authorization import EVERYBODY, SEE, TABLE, names_of
from tests.authorization import SEEN as NOUNS
from tests.cast import NOW
from tests.partner_world import (
    DERIVED,
    HIDDEN,
    LEAKED,
    MARK,
    NOBODYS,
    PartnerWorld,
    every_table,
    lay_hidden,
    make_partner_world,
)
from tests.test_api_fuzz import document
from tests.test_authorization import path_of, taken_back
from tests.url_map import Address, every_address

ADDRESSES = {address.name: address for address in every_address() if address.name in TABLE}
OTHER = "vywr"
"""A word that stands nowhere; as long as `MARK`."""
FRIDAY = "2026-05-22T09:00:00+09:00"
MOST_ROWS = 2
MOST_LINKS = 2
MOST_ALIKE = 12
WORDS = {"q", "search", "text", "name", "title", "find", "word"}
"""Names of a query by which rows are looked for by their words."""
SENT_ALONG = {"id", "csrfmiddlewaretoken"}
COMPARED = ("Content-Type", "Location", "Content-Disposition", "ETag", "Allow", "Last-Modified", "Link", "HX-Trigger")
OUTSIDE = {"home", "organizations", "usersessions_list"}
"""Addresses above all organizations where one's own place in them shows."""


@dataclass
class Walk:
    """What the partner was answered: by address, and by which names of the query each view looked at."""

    answers: dict[str, str] = field(default_factory=dict)
    asked_names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, str] = field(default_factory=dict)
    """By route, the first address of it that was there."""
    letters: str = ""


@dataclass
class Seen:
    """The world, and what the partner saw of it before and after everything hidden was laid."""

    world: PartnerWorld
    before: Walk
    after: Walk


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Seen]:
    """Laid and looked at once, and taken back at the end."""
    told = tmp_path_factory.mktemp("clock") / "clock"
    told.write_text(NOW)
    changes: dict[str, Any] = {
        "CLOCK_FILE": str(told),
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "API_READS_PER_MINUTE": 10**9,
        "API_WRITES_PER_MINUTE": 10**9,
        "STORAGES": settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    }
    with django_db_blocker.unblock(), override_settings(**changes), transaction.atomic():
        yield look_twice(told)
        transaction.set_rollback(True)


def look_twice(told: Path) -> Seen:
    world = make_partner_world()
    client = browser_of(world.partner)
    before = walk(world, client)
    before.letters = letters(world, told)
    lay_hidden(world)
    after = walk(world, client, like=before)
    after.letters = letters(world, told)
    return Seen(world, before, after)


# Asking


def browser_of(membership: Membership) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session.update({BEGAN: clock.now().timestamp(), SEEN: clock.now().timestamp()})
    session.save()
    return client


def asked(client: Client, path: str, method: str = "GET", *, in_part: bool = False) -> str:
    """All that an answer says, without what differs from one answer to the next whatever stands in the database."""
    with taken_back():
        headers = {"HX-Request": "true"} if in_part else {}
        if method == "POST" and not path.startswith("/api/"):
            answer = client.post(path, {}, headers=headers)
        elif method == "GET":
            answer = client.get(path, headers=headers)
        else:
            answer = client.generic(method, path, "{}", content_type="application/json", headers=headers)
    assert answer.status_code < 500, f"{method} {path} failed."
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    head = [str(answer.status_code), *(f"{name}: {answer[name]}" for name in COMPARED if name in answer)]
    return "\n".join([*head, without_chance(text_of(content, answer.get("Content-Type", "")))])


def text_of(content: bytes, kind: str) -> str:
    if kind.startswith("application/pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", "replace") for name in sorted(packed.namelist()))
    return content.decode("utf-8", "replace")


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])")


def without_chance(text: str) -> str:
    return TOKEN.sub("token", UUID.sub("uuid", text))


@contextmanager
def noting(names: set[str]) -> Iterator[None]:
    """Note which names of a query are looked at meanwhile."""
    looked_up = {method: getattr(QueryDict, method) for method in ("get", "getlist", "__getitem__", "__contains__")}

    def noted(method: str) -> Any:
        def look(query: QueryDict, name: Any, *more: Any, **other: Any) -> Any:
            names.add(str(name))
            return looked_up[method](query, name, *more, **other)

        return look

    for method in looked_up:
        setattr(QueryDict, method, noted(method))
    try:
        yield
    finally:
        for method, original in looked_up.items():
            if method in QueryDict.__dict__:
                delattr(QueryDict, method)
            if getattr(QueryDict, method) is not original:
                setattr(QueryDict, method, original)


# Where to ask


def reads() -> Iterator[tuple[Address, str]]:
    """Every address of an organization that answers a GET, with the noun of the rows it names."""
    for name, address in sorted(ADDRESSES.items()):
        if address.is_of_organization and "GET" in TABLE[name].who:
            yield address, TABLE[name].noun


def paths_of(world: PartnerWorld, address: Address, rows: Iterable[Any]) -> list[str]:
    line, slug = TABLE[address.name], world.organization.slug
    if not line.noun:
        return [path_of(address, line, slug, {})]
    return [path_of(address, line, slug, names_of(row)) for row in rows]


def shown_paths(world: PartnerWorld) -> dict[str, str]:
    """By address to ask at, the name of its route: with the numbers of rows that were there before all hidden ones."""
    found = {}
    for address, noun in reads():
        rows = world.shown_rows(noun)[:MOST_ROWS] if noun else []
        found |= dict.fromkeys(paths_of(world, address, rows), address.name)
    for name in OUTSIDE:
        found[reverse(name)] = name
    found[reverse("calendar_feed", args=[world.feed])] = "calendar_feed"
    return found


def questions(world: PartnerWorld, name: str) -> list[str]:
    """What may be asked by this name of a query, of what is shown; nothing where links ask by it themselves."""
    cast = world.cast
    known: Mapping[str, list[Any]] = {
        "q": ["紹介", MARK],
        "cycle": [cast.cycle.pk],
        "team": [cast.sales.pk],
        "owner": [cast.manager.pk],
        "download": ["csv"],
        "page_size": [1],
        "kgi": [world.kgi.pk],
        "key_result": [world.objective.key_results.order_by("pk")[0].pk],
    }
    return [str(value) for value in known.get(name, [])]


def walk(world: PartnerWorld, client: Client, *, like: Walk | None = None) -> Walk:
    """Ask at every address, whole and in part, by every name a view looks at, and along the links of what came."""
    made = Walk()
    if like is not None:
        for key in like.answers:
            path, _, part = key.partition(" ")
            made.answers[key] = asked(client, path, in_part=bool(part))
        return made
    links: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for path, name in shown_paths(world).items():
        is_first = name not in made.first
        with noting(made.asked_names[name]):
            answer = made.answers[path] = asked(client, path)
            in_part = is_part_only(answer)
            if is_first and (in_part or answer.startswith("200")):
                made.first[name] = path
                if not ADDRESSES[name].is_api:
                    answer = made.answers[f"{path} part"] = asked(client, path, in_part=True)
        if name not in made.first:
            continue
        for each in made.asked_names[name] - SENT_ALONG if is_first else ():
            for value in questions(world, each):
                question = f"{path}?{urlencode({each: value})}"
                made.answers[f"{question} part" if in_part else question] = asked(client, question, in_part=in_part)
        for link in links_of(answer + made.answers[path], world):
            links[kind_of(link)].append(link)
    for found in links.values():
        for link in dict.fromkeys(found[:MOST_LINKS]):
            if link not in made.answers:
                made.answers[link] = asked(client, link)
    return made


def is_part_only(answer: str) -> bool:
    """Of a part of a page that leads to the whole one who asks for it alone."""
    return answer.startswith("302")


def links_of(answer: str, world: PartnerWorld) -> Iterator[str]:
    for written in re.findall(r'(?:href|hx-get|"next")(?:=|: ?)"([^"]+)"', answer):
        link = html.unescape(written).partition("#")[0].removeprefix("http://testserver")
        if f"/o/{world.organization.slug}/" in link and "?" in link:
            yield link


def kind_of(link: str) -> tuple[str, tuple[str, ...]]:
    """Links to the same page by the same names are of one kind."""
    split = urlsplit(link)
    try:
        name = resolve(split.path).view_name
    except Resolver404:
        name = split.path
    return name, tuple(
        sorted(f"{key}={value}" if not value.isdigit() else key for key, value in parse_qsl(split.query))
    )


def letters(world: PartnerWorld, told: Path) -> str:
    """All mails of a Friday morning to the partner: what is due, and what has to be told."""
    with taken_back(), override_settings(SITE_URL="https://okr.example"):
        told.write_text(FRIDAY)
        mail.outbox = []
        Heartbeat.objects.all().delete()
        remind()
        find_reminders()
        send_reminders()
        send_messages()
        address = world.partner.user.email
        written = [f"{one.subject}\n{one.body}\n{one.alternatives}" for one in mail.outbox if address in one.to]
        told.write_text(NOW)
    return re.sub(r"unsubscribe/[\w:-]+", "unsubscribe", without_chance("\n\n".join(sorted(written))))


# The world holds everything


def test_the_world_hides_a_row_of_every_table(seen, db):
    left = [model for model in every_table() if not model._meta.proxy and model._meta.label not in DERIVED]
    empty = []
    for model in left:
        rows = model._default_manager
        is_numbered = model._meta.pk is not None and not model._meta.pk.is_relation
        if not (rows.filter(pk__gte=HIDDEN) if is_numbered else rows.all()).exists():
            empty.append(model._meta.label)
    assert empty == [], "Let tests/partner_world.py hide rows of these tables, or say in DERIVED why not."


@pytest.mark.parametrize("noun", NOUNS)
def test_the_world_hides_rows_of_every_noun_that_addresses_name(seen, db, noun):
    assert seen.world.hidden_rows(noun)


def test_the_partner_sees_what_is_shared(seen):
    """Else nothing would be proved by what they do not see."""
    assert len([answer for answer in seen.before.answers.values() if answer.startswith("200")]) > 200
    said = "\n".join(seen.before.answers.values())
    for words in ("紹介で広がる", "静かに続く", "紹介者と親しい", "紹介の売上", "紹介率", "資料を作る", "単価は？"):
        assert words in said, words
    assert "1件" in seen.before.letters


def test_the_partner_gets_in_wherever_rows_of_theirs_are_shown(seen):
    """A new address about what is shared proves nothing while the world has no such row to show there."""
    closed = [
        address.name
        for address, noun in reads()
        if noun and TABLE[address.name].who["GET"] == SEE and is_for_partners(address.name)
        if address.name not in seen.before.first
    ]
    assert closed == [], "Let tests/partner_world.py show the partner rows for these addresses."


def is_for_partners(name: str) -> bool:
    """Whether partners see some of the rows, and others not."""
    return any("guest" in people.split() and people != EVERYBODY for people in TABLE[name].seen.values())


# By words


def test_nothing_a_partner_is_answered_tells_of_what_is_hidden(seen):
    leaks = [leak for walked in (seen.before, seen.after) for leak in leaks_in(walked.answers)]
    assert leaks == [], "\n".join(leaks)


def leaks_in(answers: Mapping[str, str]) -> Iterator[str]:
    for path, answer in answers.items():
        said = answer.replace(MARK, "") if MARK in path else answer  # what was asked may be said again
        found = LEAKED.search(said)
        if found:
            yield f"{path}: …{said[max(0, found.start() - 80) : found.end() + 40]!r}…"


def test_no_mail_to_a_partner_tells_of_what_is_hidden(seen):
    assert not LEAKED.search(seen.after.letters)


# By change


def test_nothing_a_partner_is_answered_changes_with_what_is_hidden(seen):
    wrong = [difference(path, answer, seen.after.answers[path]) for path, answer in seen.before.answers.items()]
    assert [words for words in wrong if words] == [], "\n".join(filter(None, wrong))


def difference(path: str, before: str, after: str) -> str:
    if before == after:
        return ""
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return f"{path}:\n  was {before[max(0, at - 60) : at + 60]!r}\n  now {after[max(0, at - 60) : at + 60]!r}"


def test_no_mail_to_a_partner_changes_with_what_is_hidden(seen):
    assert seen.after.letters == seen.before.letters


# By asking for it


def test_a_hidden_row_is_answered_like_one_that_does_not_exist(seen, db):
    """By every method of every address, also below rows that are shown and where shown rows hang from it."""
    client, wrong = browser_of(seen.world.partner), []
    nobodys: dict[tuple[str, str], str] = {}
    for name, address in sorted(ADDRESSES.items()):
        line = TABLE[name]
        if not address.is_of_organization or not line.noun:
            continue
        for turn, numbers in enumerate(hidden_numbers(seen.world, line.noun)):
            for method in line.who if turn == 0 else line.who.keys() & {"GET"}:
                path = path_of(address, line, seen.world.organization.slug, numbers)
                other = HIDDEN_NUMBER.sub(str(NOBODYS), path)
                if (method, other) not in nobodys:
                    nobodys[method, other] = asked(client, other, method).replace(str(NOBODYS), "number")
                said = HIDDEN_NUMBER.sub("number", asked(client, path, method))
                if said != nobodys[method, other]:
                    wrong.append(difference(f"{method} {path}", nobodys[method, other], said))
    assert wrong == [], "\n".join(wrong)


HIDDEN_NUMBER = re.compile(r"(?<!\d)7[78]\d{4}(?!\d)")


def hidden_numbers(world: PartnerWorld, noun: str) -> Iterator[dict[str, int]]:
    """By which numbers an address may name hidden rows: the newest of them first."""
    shown = names_of(world.shown_rows(noun)[0]) if world.shown_rows(noun) else {}
    for row in reversed(world.hidden_rows(noun)):
        own = names_of(row)
        yield own
        if shown and own["pk"] != own["parent"]:
            yield shown | {"pk": own["pk"]}


def test_asking_by_a_hidden_number_is_like_asking_by_no_rows(seen, db):
    """Whatever a view reads out of the query: a row that may not be seen is none."""
    client, wrong = browser_of(seen.world.partner), []
    counted = Counter(each for names in seen.before.asked_names.values() for each in names)
    for name, path in seen.before.first.items():
        in_part = is_part_only(seen.before.answers[path])
        plain = asked(client, path, in_part=in_part)
        for each in sorted(seen.before.asked_names[name] - SENT_ALONG):
            counted[each] -= 1
            if counted[each] >= MOST_ALIKE:  # one function reads it for them all
                continue
            for hidden, nothing in ((str(HIDDEN), str(NOBODYS)), (MARK, OTHER))[: 2 if each in WORDS else 1]:
                said = asked(client, f"{path}?{urlencode({each: hidden})}", in_part=in_part)
                if said == plain:  # it was not asked for rows by this name
                    continue
                other = asked(client, f"{path}?{urlencode({each: nothing})}", in_part=in_part)
                said, other = said.replace(hidden, "it"), other.replace(nothing, "it")
                if said != other:
                    wrong.append(difference(f"{path}?{each}={hidden}", other, said))
    assert wrong == [], "\n".join(wrong)


# By writing


def writes(world: PartnerWorld) -> Iterator[tuple[str, str, str]]:
    """Route, method and address of whatever a partner may be let in to write about what is shown."""
    for name, address in sorted(ADDRESSES.items()):
        line = TABLE[name]
        if not address.is_of_organization:
            continue
        rows = world.shown_rows(line.noun)[:1] if line.noun else []
        for path in paths_of(world, address, rows):
            yield from ((name, method, path) for method in line.who if method in {"POST", "PUT", "PATCH"})


def test_writing_the_number_of_a_hidden_row_is_like_writing_that_of_none(seen, db):
    """In every field: who writes something down learns nothing by what it may be about."""
    client, wrong = browser_of(seen.world.partner), []
    for name, method, path in writes(seen.world):
        names: set[str] = set()
        with noting(names):
            first = asked(client, path, method)
        if first.startswith(("403", "404", "405")):
            continue
        if path.startswith("/api/"):
            names = fields_of_api(method, ADDRESSES[name])
        fields = sorted(names - SENT_ALONG)
        pair = [written(client, path, method, dict.fromkeys(fields, str(each))) for each in (HIDDEN, NOBODYS)]
        # What was just written has a number as well.
        pair = [HIDDEN_NUMBER.sub("number", said) for said in pair]
        if pair[0] != pair[1]:
            wrong.append(difference(f"{method} {path} {fields} = {HIDDEN}", pair[1], pair[0]))
    assert wrong == [], "\n".join(wrong)


def written(client: Client, path: str, method: str, sent: dict[str, str]) -> str:
    with taken_back():
        if path.startswith("/api/"):
            body = {name: [int(value)] if name.endswith("s") else int(value) for name, value in sent.items()}
            answer = client.generic(method, path, json.dumps(body), content_type="application/json")
        else:
            answer = client.post(path, sent)
    assert answer.status_code < 500, f"{method} {path} {sent} failed."
    head = [str(answer.status_code), answer.get("Location", "")]
    return "\n".join([*head, without_chance(answer.content.decode())])


def fields_of_api(method: str, address: Address) -> set[str]:
    """What the document of the API says may be sent there."""
    whole = document()
    route = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address.route).replace("{pk}", "{id}")
    described = {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in whole["paths"].items()}
    operation = described.get(re.sub(r"\{\w+\}", "{}", route), {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = whole["components"]["schemas"].get(content.get("$ref", "").rpartition("/")[2], content)
    return set(schema.get("properties", ()))
