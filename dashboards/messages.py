"""What the weekly digest says: the numbers of the company dashboard, as a message."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dashboards import queries
from dashboards.sentences import (
    band_finding,
    before_finding,
    finding,
    landing_words,
    pattern_words,
    silence_finding,
)
from funnel.formulas.numbers import format_score
from objectives.models import Cycle
from people.formulas.rhythm import week_name
from people.links import address
from people.models import Delivery, Membership, Role
from people.posts import Post, PostLine

MOST_WARNINGS = 3
MOST_OBSTACLES = 3
MOST_TEAMS = 5


def write_digest(delivery: Delivery) -> Post | None:
    """The week in figures; None where no cycle runs, nothing is being worked on, or the week is over."""
    person, today = delivery.membership or seen_inside(delivery), delivery.organization.today
    if person is None or not delivery.occasion.endswith(week_name(today)):
        return None
    person.organization = delivery.organization
    cycle = Cycle.objects.visible_to(person).current_on(today)
    if cycle is None or cycle.is_closed or not cycle.start <= today <= cycle.end:
        return None
    seen = queries.overview(person, cycle, today)
    if seen.is_empty:
        return None
    return Post(
        subject=_("%(organization)s: the week in figures, %(day)s")
        % {"organization": delivery.organization.name, "day": day_words(today)},
        paragraphs=tuple(findings(seen)),
        lines=(
            *warning_lines(person, seen),
            *mover_lines(person, seen),
            *obstacle_lines(person, seen),
            *silent_lines(person, seen),
        ),
        link=address("company", delivery.organization.slug),
        link_label=_("Look at the company"),
        footer=_("No one is ranked here, and scores are not pay. When you get this is up to you: %(address)s")
        % {"address": address("profile", delivery.organization.slug)}
        if delivery.membership_id
        else _("No one is ranked here, and scores are not pay."),
    )


def seen_inside(delivery: Delivery) -> Membership | None:
    """Through whose eyes a channel reads: everybody inside sees the same."""
    return Membership.objects.colleagues().filter(organization=delivery.organization_id, role=Role.ADMIN).first()


def findings(seen: queries.Overview) -> Iterator[str]:
    """The KGIs with their forecasts, the objectives against the band now and four weeks ago, and who is heard."""
    said = finding(seen)
    yield from said
    for row in seen.kgis:
        if row.kgi.pk in seen.landings:
            yield landing_words(row, seen.landings[row.kgi.pk])
    against = band_finding(seen)
    if against not in said:
        yield against if against[-1] in ".。" else _("%(sentence)s.") % {"sentence": against}
    before = before_finding(seen.board)
    if before is not None:
        yield before
    yield _("%(sentence)s.") % {"sentence": silence_finding(seen.silence)}


def warning_lines(person: Membership, seen: queries.Overview) -> Iterator[PostLine]:
    place = f"{address('company', person.organization.slug)}#patterns"
    for pattern in seen.patterns[:MOST_WARNINGS]:
        words = pattern_words(pattern)
        yield PostLine(words.finding, words.remedy, place)


def mover_lines(person: Membership, seen: queries.Overview) -> Iterator[PostLine]:
    for mover in seen.movement.movers:
        told = {"landing": format_score(mover.landing), "delta": signed(mover.delta)}
        place = address("objective", person.organization.slug, mover.key_result.objective_id)
        yield PostLine(
            mover.key_result.title,
            _("moved: heading for %(landing)s, %(delta)s since last week") % told,
            f"{place}?key_result={mover.key_result.pk}",
        )


def obstacle_lines(person: Membership, seen: queries.Overview) -> Iterator[PostLine]:
    for waiting in seen.obstacles.shown[:MOST_OBSTACLES]:
        row = waiting.obstacle
        told = {"team": row.key_result.objective.team.name, "days": waiting.days}
        detail = ngettext(
            "in the way of %(team)s for %(days)s day", "in the way of %(team)s for %(days)s days", waiting.days
        )
        place = address("objective", person.organization.slug, row.key_result.objective_id)
        yield PostLine(" ".join(row.text.split())[:160], detail % told, f"{place}?key_result={row.key_result_id}")


def silent_lines(person: Membership, seen: queries.Overview) -> Iterator[PostLine]:
    """Teams and counts: who of them is silent is for their leads to ask."""
    for team in seen.silence.teams[:MOST_TEAMS]:
        told = {"overdue": team.overdue, "open": team.open}
        detail = (
            ngettext("%(overdue)s of %(open)s check-in overdue", "%(overdue)s of %(open)s check-ins overdue", team.open)
            if team.overdue
            else _("nothing heard for a week")
        )
        yield PostLine(team.name, detail % told, address("company", person.organization.slug))


def signed(value: float) -> str:
    return ("+" if value > 0 else "\N{MINUS SIGN}") + format_score(abs(value))


def day_words(day: date) -> str:
    return date_format(day, pgettext("format of a day", "j M"))
