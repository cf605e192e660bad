"""Departments on their way through the cycle."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import figures, queries
from dashboards.presenters.carrying import band_of
from dashboards.sentences import standing
from objectives.formulas.pace import elapsed_share
from objectives.models import Cycle
from objectives.queries.bars import weeks_in
from people.models import Membership


def departments_figure(
    request: HttpRequest, departments: Sequence[queries.Department], membership: Membership, cycle: Cycle
) -> figures.Figure:
    slug = membership.organization.slug
    panels = [
        figures.Panel(
            name=row.name,
            address=f"{reverse('objectives', args=[slug])}?cycle={cycle.pk}&team={row.pk}",
            scores=row.scores,
            paces=row.paces,
            landing=row.landing,
            zone=row.zone,
            verdict=_("Heading for %(standing)s") % {"standing": standing(row.zone, row.landing)},
        )
        for row in departments
    ]
    weeks = weeks_in(cycle)
    return figures.departments(
        panels,
        band_of(membership),
        weeks=weeks,
        now=weeks * elapsed_share(cycle.span, membership.organization.today),
        closed=cycle.is_closed,
        week_label=_("Week {week}"),
    )
