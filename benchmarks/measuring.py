"""Time a thing and its floor alternately, and compare the medians."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median

import django


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
