"""What is tried on a small scale: the list of experiments, those running, those decided."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.http import QueryDict

from objectives.models import Cycle, Decision, Experiment
from objectives.models.lessons import ExperimentQuerySet
from people.access import read_id
from people.models import Membership, below

RUNNING, OVERDUE = "running", "overdue"
STATES = (RUNNING, OVERDUE, *(value for value in Decision.values if value))
MOST_OF_TEAM = 3


def with_names(rows: ExperimentQuerySet) -> ExperimentQuerySet:
    """Rows with all that a line about an experiment names."""
    return rows.select_related("team", "owner__user", "key_result", "kpi")


@dataclass(frozen=True)
class Wanted:
    """What a list of experiments is narrowed to; a team with all below it."""

    search: str = ""
    team: int | None = None
    state: str = ""
    whose: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted()


def wanted_from(asked: QueryDict) -> Wanted:
    """What the address asks for; what is not understood is left out."""
    state, whose = asked.get("state", ""), asked.get("whose", "")
    return Wanted(
        search=asked.get("q", "").replace("\0", "").strip()[:200],
        team=read_id(asked.get("team")),
        state=state if state in STATES else "",
        whose=whose if whose == "mine" else "",
    )


def experiments_wanted(membership: Membership, wanted: Wanted) -> ExperimentQuerySet:
    """The experiments of a list: those that run by the day they end, then those decided, the latest first."""
    rows = with_names(Experiment.objects.visible_to(membership))
    if wanted.team is not None:
        rows = rows.filter(team__in=below([wanted.team]))
    if wanted.whose == "mine":
        rows = rows.filter(owner=membership.pk)
    match wanted.state:
        case "":
            pass
        case state if state == RUNNING:
            rows = rows.running()
        case state if state == OVERDUE:
            rows = rows.running().filter(ends_on__lt=membership.organization.today)
        case _:
            rows = rows.filter(decision=wanted.state)
    for word in wanted.search.split():
        rows = rows.filter(holding(word))
    runs = Q(decision=Decision.OPEN)
    over = Case(When(runs, then=Value(0)), default=Value(1), output_field=IntegerField())
    ends = Case(When(runs, then=F("ends_on")))
    return rows.annotate(over=over, ends=ends).order_by("over", "ends", "-decided_on", "-pk")


def holding(word: str) -> Q:
    """In which of its words a word stands, in either width."""
    found = Q()
    for spelled in {word, unicodedata.normalize("NFKC", word)}:
        for name in ("title", "hypothesis", "sign", "result", "key_result__title"):
            found |= Q(**{f"{name}__icontains": spelled})
    return found


def counts_of(membership: Membership) -> tuple[int, int]:
    """How many experiments run, and how many of them are past their last day."""
    ends: list[date] = list(
        Experiment.objects.visible_to(membership).running().order_by().values_list("ends_on", flat=True)
    )
    return len(ends), sum(1 for day in ends if day < membership.organization.today)


def decided_by_team(membership: Membership, cycle: Cycle, teams: Iterable[int]) -> dict[int, list[Experiment]]:
    """The few experiments that were decided last within a cycle, by team."""
    found: dict[int, list[Experiment]] = defaultdict(list)
    rows = Experiment.objects.visible_to(membership).exclude(decision=Decision.OPEN)
    within = rows.filter(decided_on__range=(cycle.start, cycle.end), team__in=set(teams))
    for row in with_names(within).order_by("-decided_on", "-pk"):
        if len(found[row.team_id]) < MOST_OF_TEAM:
            found[row.team_id].append(row)
    return found
