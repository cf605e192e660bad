"""Search over the whole organization: as one types in the dialog of every page, and as a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from objectives.access import choose_cycle
from objectives.formulas.bar import Bar
from objectives.models import Cycle, ObjectiveState
from objectives.models.shares import read_branch_once
from objectives.queries.bars import key_result_bar, objective_bar
from objectives.search import KINDS, MOST, OF_CYCLES, Found, Wish, find
from people.access import get_membership
from people.models import Membership, Organization, SearchKind
from people.search import LONGEST, Marked, Marks, Query

AT_ONCE = 5
ON_A_PAGE = 20
NAMES = {
    "objective": SearchKind.OBJECTIVE,
    "key-result": SearchKind.KEY_RESULT,
    "kgi": SearchKind.KGI,
    "kpi": SearchKind.KPI,
    "person": SearchKind.PERSON,
    "lesson": SearchKind.LESSON,
    "experiment": SearchKind.EXPERIMENT,
    "check-in": SearchKind.CHECK_IN,
    "obstacle": SearchKind.OBSTACLE,
    "action": SearchKind.ACTION,
    "minutes": SearchKind.MINUTES,
}
NOT_FOR_PARTNERS = {SearchKind.PERSON, SearchKind.LESSON, SearchKind.EXPERIMENT, SearchKind.MINUTES}
TITLES = {
    SearchKind.OBJECTIVE: gettext_lazy("Objectives"),
    SearchKind.KEY_RESULT: gettext_lazy("Key results"),
    SearchKind.KGI: "KGI",
    SearchKind.KPI: "KPI",
    SearchKind.PERSON: gettext_lazy("People"),
    SearchKind.LESSON: gettext_lazy("Lessons"),
    SearchKind.EXPERIMENT: gettext_lazy("Experiments"),
    SearchKind.CHECK_IN: gettext_lazy("Check-ins"),
    SearchKind.OBSTACLE: gettext_lazy("Obstacles"),
    SearchKind.ACTION: gettext_lazy("Actions"),
    SearchKind.MINUTES: pgettext_lazy("of meetings", "Minutes"),
}


@dataclass
class Result:
    """One row as it is listed: where it leads, its title, what stands under it, and a part of the text that answers."""

    address: str
    title: str
    below: list[str]
    texts: tuple[str, ...] = ()
    day: date | None = None
    bar: Bar | None = None
    intent: str = ""
    badge: str = ""
    marked: SafeString = field(default_factory=SafeString)
    excerpt: SafeString = field(default_factory=SafeString)


@dataclass(frozen=True)
class Group:
    """The results of one kind; `is_more` where there are more than were counted."""

    name: str
    title: str
    count: int
    is_more: bool
    results: list[Result]


@require_safe
def search(request: HttpRequest, slug: str) -> HttpResponse:
    membership = get_membership(request, slug)
    if membership.is_partner:
        read_branch_once(membership)
    current = choose_cycle(request, membership)
    typed = request.GET.get("q", "")[:LONGEST]
    query = Query.of(typed)
    offered = {name: kind for name, kind in NAMES.items() if not membership.is_partner or kind not in NOT_FOR_PARTNERS}
    kind = offered.get(request.GET.get("kind", ""))
    cycle = current if request.GET.get("cycle") else None
    wish = Wish(query, [kind] if kind else KINDS, cycle, current)
    number = Paginator(range(MOST), ON_A_PAGE).get_page(request.GET.get("page")).number if kind else 1
    many = ON_A_PAGE if kind else AT_ONCE
    found = find(membership, wish, first=(number - 1) * many, many=many)
    groups = groups_of(found, membership, query)
    shown: dict[str, Any] = {
        "organization": membership.organization,
        "typed": typed,
        "query": query,
        "groups": groups,
        "count": sum(group.count for group in groups),
        "is_more": any(group.is_more for group in groups),
        "kind": request.GET.get("kind", "") if kind else "",
        "chosen": cycle,
        "address": reverse("search", args=[slug]),
        "asked": urlencode({"q": typed, **({"cycle": cycle.pk} if cycle else {})}),
        "everywhere": urlencode({"q": typed}),
        "page": Paginator(range(found[0].count), ON_A_PAGE).get_page(number) if kind and found else None,
    }
    if request.htmx:  # type: ignore[attr-defined]
        # Without the request: a fragment needs nothing of the frame, and each letter typed asks for one.
        return HttpResponse(render_to_string("objectives/_search_results.html", shown))
    shown |= {
        "kinds": [(name, TITLES[kind]) for name, kind in offered.items() if not cycle or kind in OF_CYCLES],
        "all_cycles": Cycle.objects.visible_to(membership),
    }
    return render(request, "objectives/search.html", shown)


def groups_of(found: list[Found], membership: Membership, query: Query) -> list[Group]:
    names = {kind: name for name, kind in NAMES.items()}
    groups = [
        Group(
            names[each.kind],
            str(TITLES[each.kind]),
            each.count,
            each.is_more,
            [RESULTS[each.kind](row, membership) for row in each.rows],
        )
        for each in found
    ]
    results = [result for group in groups for result in group.results]
    marks = Marks(query, (text for result in results for text in (result.title, *result.texts)))
    for result in results:
        result.marked = html_of(marks.of(result.title))
        excerpts = (marks.excerpt(text) for text in result.texts)
        result.excerpt = html_of(next(filter(None, excerpts), []))
    return groups


def html_of(parts: Marked) -> SafeString:
    """Escaped, with what answers marked."""
    return mark_safe(  # noqa: S308 (every part is escaped)
        "".join(f"<mark>{escape(text)}</mark>" if answers else str(escape(text)) for text, answers in parts)
    )


def objective_result(row: Any, membership: Membership) -> Result:
    return Result(
        address_of("objective", membership.organization, row.pk),
        row.title,
        [row.team.name, row.cycle.name, row.owner.user.name],
        (row.why,),
        bar=objective_bar(row, membership.organization),
        intent=row.kind,
        badge="" if row.state in {ObjectiveState.ACTIVE, ObjectiveState.CLOSED} else row.get_state_display(),
    )


def key_result_result(row: Any, membership: Membership) -> Result:
    address = address_of("objective", membership.organization, row.objective_id)
    return Result(
        f"{address}?key_result={row.pk}",
        row.title,
        [row.objective.title, row.objective.team.name, row.objective.cycle.name],
        (row.measured_how,),
        bar=key_result_bar(row, membership.organization, membership.organization.today),
        intent=row.intent,
    )


def kgi_result(row: Any, membership: Membership) -> Result:
    return Result(
        address_of("kgi", membership.organization, row.pk),
        row.name,
        [row.owner.user.name] if row.owner else [],
        (row.why, row.picture, row.factors_likely, row.factors_hard),
        badge=_("Draft") if row.is_draft else "",
    )


def kpi_result(row: Any, membership: Membership) -> Result:
    return Result(
        address_of("kgi", membership.organization, row.kgi_id), row.name, [row.kgi.name], (row.definition, row.source)
    )


def person_result(row: Any, membership: Membership) -> Result:
    """Leads to what the person has taken on; a partner, who has no plan to look at, to this week."""
    address = reverse("this_week", args=[membership.organization.slug])
    if not membership.is_partner:
        address = f"{reverse('plan', args=[membership.organization.slug])}?{urlencode({'q': row.user.name})}"
    teams = _(", ").join(team.name for team in row.teams.all() if team.closed_on is None)
    return Result(
        address,
        row.user.name,
        [part for part in (teams, row.get_role_display()) if part],
        (row.user.reading, row.user.email),
    )


def check_in_result(row: Any, membership: Membership) -> Result:
    address = address_of("objective", membership.organization, row.key_result.objective_id)
    return Result(
        f"{address}?key_result={row.key_result_id}#log",
        row.key_result.title,
        [row.author.user.name],
        (row.going_well, row.obstacle, row.next_step),
        day=row.date,
    )


def obstacle_result(row: Any, membership: Membership) -> Result:
    """Solved ones too: what helped once may help again."""
    return Result(
        address_of("obstacle", membership.organization, row.pk),
        row.text,
        [row.key_result.title, row.key_result.objective.team.name, row.owner.user.name],
        (row.solution,),
        day=row.raised_on,
        badge=row.get_state_display(),
    )


def action_result(row: Any, membership: Membership) -> Result:
    for_what = row.key_result.title if row.key_result else row.team.name
    return Result(
        address_of("edit_action", membership.organization, row.pk),
        row.title,
        [row.owner.user.name, for_what],
        (row.expected_effect,),
        day=row.due_on,
        badge="" if row.is_open else row.get_state_display(),
    )


def lesson_result(row: Any, membership: Membership) -> Result:
    return Result(
        address_of("lesson", membership.organization, row.pk),
        row.text,
        [part for part in (row.team.name, row.cycle.name if row.cycle else "", row.about) if part],
        (row.advice, row.about),
    )


def experiment_result(row: Any, membership: Membership) -> Result:
    return Result(
        address_of("experiment", membership.organization, row.pk),
        row.title,
        [row.team.name, row.owner.user.name],
        (row.result, row.hypothesis, row.sign),
        day=row.ends_on,
        badge=row.get_decision_display(),
    )


def minutes_result(row: Any, membership: Membership) -> Result:
    """Leads to the meeting in which the line was written."""
    return Result(
        f"{address_of('meeting', membership.organization, row.meeting_id)}#line-{row.pk}",
        row.text,
        [row.meeting.team.name, row.get_kind_display()],
        day=row.meeting.date,
    )


def address_of(name: str, organization: Organization, pk: int) -> str:
    return reverse(name, args=[organization.slug, pk])


RESULTS: Mapping[SearchKind, Callable[[Any, Membership], Result]] = {
    SearchKind.OBJECTIVE: objective_result,
    SearchKind.KEY_RESULT: key_result_result,
    SearchKind.KGI: kgi_result,
    SearchKind.KPI: kpi_result,
    SearchKind.PERSON: person_result,
    SearchKind.CHECK_IN: check_in_result,
    SearchKind.OBSTACLE: obstacle_result,
    SearchKind.ACTION: action_result,
    SearchKind.LESSON: lesson_result,
    SearchKind.EXPERIMENT: experiment_result,
    SearchKind.MINUTES: minutes_result,
}
