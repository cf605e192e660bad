"""Warnings as the page shows them: words, and a way to each row they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import queries
from dashboards.sentences import Worry, pattern_words
from objectives.models import Cycle
from people.models import Membership

# Three can be taken in; what is more waits folded.
SHOWN_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Way:
    """Where a warning leads: to a row, or to a list of them."""

    name: str
    address: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorryRow:
    code: str
    words: Worry
    ways: tuple[Way, ...]


def worry_rows(patterns: Sequence[queries.Pattern], membership: Membership, cycle: Cycle) -> list[WorryRow]:
    return [
        WorryRow(pattern.sign.code, pattern_words(pattern), tuple(ways_of(pattern, membership, cycle)))
        for pattern in patterns
    ]


def ways_of(pattern: queries.Pattern, membership: Membership, cycle: Cycle) -> list[Way]:
    slug = membership.organization.slug
    goals = f"{reverse('objectives', args=[slug])}?cycle={cycle.pk}"
    if pattern.key_results:
        return [
            Way(
                row.title,
                f"{reverse('objective', args=[slug, row.objective_id])}?key_result={row.pk}",
                row.objective.team.name,
            )
            for row in pattern.key_results
        ]
    if pattern.teams:
        counted = [
            (pk, name, ngettext("%(count)s objective", "%(count)s objectives", count) % {"count": count})
            for pk, name, count in pattern.teams
        ]
        return [Way(name, f"{goals}&team={pk}", note) for pk, name, note in counted]
    match pattern.sign.code:
        case "kgi_flat" if pattern.kgi:
            return [Way(pattern.kgi.kgi.name, reverse("kgi", args=[slug, pattern.kgi.kgi.pk]))]
        case "too_easy":
            return [Way(_("See the objectives above the band"), f"{goals}&zone=above")]
        case "too_ambitious":
            return [Way(_("See the objectives below the band"), f"{goals}&zone=below")]
        case "unlinked":
            return [Way(_("Open the daily log"), reverse("activities", args=[slug]))]
    return [Way(_("Who is silent"), f"{reverse('company', args=[slug])}?cycle={cycle.pk}#silent")]
