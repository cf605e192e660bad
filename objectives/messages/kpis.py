"""What is said of a health KPI that has left its corridor."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from objectives.models import HealthKPI
from objectives.queries.health_kpis import HealthStanding, Read, health_standings
from objectives.sentences.health_kpis import amount_of, mark_of, outside_for, period_word
from people.models import Delivery
from people.posts import Post, PostLine


def write_kpi(delivery: Delivery) -> Post | None:
    """Which KPI is outside, by how much and for how long, why and what is done; None once it is inside again, retired,
    or what was read was taken back.
    """
    rows = HealthKPI.objects.standing().filter(organization=delivery.organization_id)
    rows = rows.filter(pk=delivery.about.get("health_kpi")).select_related("team", "owner__user", "organization")
    for standing in health_standings(rows, today=delivery.organization.today):
        if standing.is_outside and standing.last is not None:
            footer = (
                _("You get this because you look after this KPI or lead its team.") if delivery.membership_id else ""
            )
            return post_of(standing, standing.last, footer=footer)
    return None


def post_of(standing: HealthStanding, last: Read, *, footer: str) -> Post:
    kpi = standing.kpi
    path = reverse("health_kpi", args=[kpi.organization.slug, kpi.pk])
    told = {"name": kpi.name, "value": amount_of(kpi, last.value), "mark": mark_of(kpi)}
    why = [(_("Cause"), last.cause), (_("Counter-measure"), last.countermeasure)]
    return Post(
        subject=_("%(name)s is outside its corridor: %(value)s (mark %(mark)s)") % told,
        paragraphs=(
            _("%(team)s, %(period)s: %(how_long)s.")
            % {
                "team": kpi.team.name,
                "period": period_word(kpi, last.period_start),
                "how_long": outside_for(standing),
            },
            *([] if last.cause else [_("Nobody has written the cause yet. What happened, and what helps now?")]),
        ),
        lines=tuple(PostLine(label, said) for label, said in why if said),
        link=settings.SITE_URL.rstrip("/") + path,
        link_label=_("Look at the KPI"),
        footer=footer,
    )
