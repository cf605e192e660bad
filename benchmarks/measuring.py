"""Time a thing and its floor alternately, and compare the medians."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django
from django.db import connection


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "okrplanner.settings")
    django.setup()


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def compare(name: str, act: Callable[[], object], floor: Callable[[], object], rounds: int = 7) -> float:
    """Print and answer the ratio of the medians; both run in turn, so that a noisy machine disturbs them alike."""
    act()
    floor()
    pairs = [(seconds(act), seconds(floor)) for _ in range(rounds)]
    own, least = (median(side) for side in zip(*pairs, strict=True))
    print(f"| {name} | {own * 1000:,.1f} ms | {least * 1000:,.1f} ms | {own / least:,.1f} |")
    return own / least


def head() -> None:
    print("| what | median | floor | ratio |")
    print("|---|---:|---:|---:|")


def database_seconds() -> float | None:
    """What the connection's process of PostgreSQL has taken of a processor; None where it is on another machine."""
    connection.ensure_connection()
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        return int(told.read_text().split()[0]) / 1e9
    except OSError:
        return None


def processor(act: Callable[[], object], rounds: int = 15) -> tuple[float, float]:
    """Medians in ms of what an act takes of a processor: this process's own, and its database's."""
    act()
    spent = []
    for _round in range(rounds):
        own, theirs = time.process_time(), database_seconds()
        act()
        spent.append((time.process_time() - own, (database_seconds() or 0.0) - (theirs or 0.0)))
    own, theirs = (median(side) * 1000 for side in zip(*spent, strict=True))
    return own, theirs
