"""Every page an organization opens, against a trivial signed-in page and the page's facts by hand-written SQL.

`python -m benchmarks.pages [demo-2000 …]`; without names, every organization that `load_demo --scale` made. In one
process and without a network; each page in turn with its floor, so that a busy machine disturbs both alike. The times
are medians; beside them this process's own processor time, which no neighbour disturbs, but which leaves out
PostgreSQL's.
"""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from benchmarks.measuring import set_up

os.environ.setdefault("LOG_LEVEL", "WARNING")  # else a line for each request
set_up()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from benchmarks.floor import (  # noqa: E402
    ADDRESS,
    list_by_hand,
    nothing_by_hand,
    objective_by_hand,
    with_trivial_page,
)
from objectives.models import Cycle, Level, Objective  # noqa: E402
from people.models import Membership, Organization, Role  # noqa: E402

ROUNDS = 60
# As a browser asks: what an answer takes to be compressed belongs to it.
HEADERS = {"host": "localhost", "accept-encoding": "gzip", "accept-language": "ja"}
OTHERS = ("this-week/", "plan/alignment/", "plan/check/?team=all", "company/", "kgis/")


class Taken(NamedTuple):
    """Medians in seconds: by the clock, and of this process's processor."""

    clock: float
    processor: float


def taken(acts: list[Callable[[], object]], rounds: int = ROUNDS) -> list[Taken]:
    """What each act takes; all in turn, round after round."""
    seen: list[list[tuple[float, float]]] = [[] for _act in acts]
    for turn in range(rounds + 2):
        for act, times in zip(acts, seen, strict=True):
            clock, processor = time.perf_counter(), time.process_time()
            act()
            if turn >= 2:
                times.append((time.perf_counter() - clock, time.process_time() - processor))
    return [Taken(*(median(side) for side in zip(*times, strict=True))) for times in seen]


def signed_in(organization: Organization) -> Client:
    members = Membership.objects.active().filter(organization=organization).select_related("user")
    membership = members.filter(role=Role.MANAGER, user__email__contains="manager@").first() or members[0]
    client = Client(headers=HEADERS)
    client.force_login(membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    print(f"\n{organization.slug}, signed in as {membership.role}\n")
    return client


def fullest(cycle: Cycle) -> Objective:
    """One of a team with four key results, the one of the first of them about which most was said."""
    rows = Objective.objects.filter(cycle=cycle, level=Level.TEAM, dropped_at=None).order_by("pk")
    full = rows.annotate(parts=Count("key_results")).filter(parts=4)[:50]
    said = Objective.objects.filter(pk__in=[row.pk for row in full])
    return said.annotate(said=Count("key_results__check_ins")).order_by("-said", "pk")[0]


def measure(organization: Organization) -> None:
    client = signed_in(organization)
    cycle = Cycle.objects.filter(organization=organization).current_on(organization.today)
    assert cycle is not None
    objective = fullest(cycle)
    home = f"/o/{organization.slug}/"
    trivial = ADDRESS.format(slug=organization.slug)
    pages: dict[str, tuple[str, Callable[[], object]]] = {
        "objectives list, 50 rows": ("objectives/", list_by_hand(cycle)),
        "objective": (f"objectives/{objective.pk}/", objective_by_hand(objective)),
        **{page: (page, nothing_by_hand) for page in OTHERS},
    }
    print("| page | queries | compressed | median | floor | ratio | processor | floor | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, (address, by_hand) in pages.items():

        def page(address: str = address) -> bytes:
            answer = client.get(home + address)
            assert answer.status_code == 200, (address, answer.status_code)
            return answer.content

        def floor(by_hand: Callable[[], object] = by_hand) -> None:
            assert client.get(trivial).status_code == 200
            by_hand()

        weight = len(page()) if page()[:2] == b"\x1f\x8b" else len(gzip.compress(page()))
        with CaptureQueriesContext(connection) as captured:
            page()
        queries = len(captured)  # before the next request empties the log
        own, least = taken([page, floor], ROUNDS if by_hand is not nothing_by_hand else ROUNDS // 6)
        print(
            f"| {name} | {queries} | {weight / 1000:,.1f} kB "
            f"| {own.clock * 1000:,.1f} ms | {least.clock * 1000:,.1f} ms | {own.clock / least.clock:,.2f} "
            f"| {own.processor * 1000:,.1f} ms | {least.processor * 1000:,.1f} ms "
            f"| {own.processor / least.processor:,.2f} |",
            flush=True,
        )


def weigh(organization: Organization) -> None:
    """The heaviest pages of an organization, compressed, of all whose address needs no row's number."""
    client = signed_in(organization)
    (below,) = (each for each in get_resolver("okrplanner.urls").url_patterns if str(each.pattern) == "o/<slug:slug>/")
    paths = [str(route.pattern) for part in below.url_patterns for route in part.url_patterns]
    weights = {}
    for path in paths:
        answer = None if "<" in path else client.get(f"/o/{organization.slug}/{path}")
        if answer is not None and answer.status_code == 200 and not answer.streaming:
            weights[path] = len(answer.content)
    print("| page | compressed |\n|---|---:|")
    for path, weight in sorted(weights.items(), key=lambda item: -item[1])[:5]:
        print(f"| {path} | {weight / 1000:,.1f} kB |")


def of_each(*acts: Callable[[Organization], None]) -> None:
    """Whatever is measured, of the organizations named on the command line, else of all `load_demo --scale` made."""
    rows = Organization.objects.filter(slug__startswith="demo-").order_by("pk")
    if sys.argv[1:]:
        rows = rows.filter(slug__in=sys.argv[1:])
    with with_trivial_page():
        for organization in rows:
            for act in acts:
                act(organization)


if __name__ == "__main__":
    of_each(measure, weigh)
