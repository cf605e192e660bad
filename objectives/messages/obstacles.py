"""What somebody is told of an obstacle that has risen to them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from objectives.models import Obstacle
from objectives.sentences.coaching import age_words
from people.links import address
from people.models import Delivery
from people.posts import Post, PostLine


def write_obstacle(delivery: Delivery) -> Post | None:
    """What is in the way, of whom and for how long; None once it is out of the way."""
    rows = Obstacle.objects.filter(organization=delivery.organization_id, pk=delivery.about.get("obstacle")).standing()
    obstacle = rows.select_related("key_result__objective__team", "owner__user", "raised_by__user").first()
    if obstacle is None:
        return None
    days = (delivery.organization.today - obstacle.raised_on).days
    slug = delivery.organization.slug
    return Post(
        subject=_("%(organization)s: an obstacle waits for help") % {"organization": delivery.organization.name},
        paragraphs=(
            _("Something has been in the way %(since)s and waits for help. A question or an offer is a start.")
            % {"since": age_words(days)},
        ),
        lines=(
            PostLine(
                text=obstacle.text[:300],
                detail=_("%(team)s, %(key_result)s. %(name)s is to clear it.")
                % {
                    "team": obstacle.key_result.objective.team.name,
                    "key_result": obstacle.key_result.title,
                    "name": obstacle.owner.user.name,
                },
                link=address("obstacle", slug, obstacle.pk),
            ),
        ),
        link=address("obstacle", slug, obstacle.pk),
        link_label=_("Answer with help"),
        footer=_("Sent because an obstacle that nobody helps with rises: after a week to the manager, later further."),
    )
