"""Where messages of the example company went. It calls nobody: its channel is paused and has no address."""

from __future__ import annotations

from datetime import timedelta

from dashboards.demo.company import Company, key
from people.models import Channel, ChannelKind, Delivery, Topic

# Days from the Monday of the last digest, oldest first.
SENT = (
    (Topic.DIGEST, -7, "08:00", 2),
    (Topic.MEETING, -6, "11:05", 1),
    (Topic.OBSTACLE, -3, "14:20", 1),
    (Topic.DIGEST, 0, "08:00", 1),
)
PAUSED_DAYS_AGO = 2


def make_channels(company: Company) -> None:
    """One channel of a team, paused since the day before yesterday, with what went there before.

    What the story's other acts would have sent is forgotten: it was news long ago.
    """
    today, by = company.days.today, company.people["fujiwara"]
    Delivery.objects.filter(organization=company.organization).delete()
    monday = today - timedelta(days=today.weekday() if today.weekday() > PAUSED_DAYS_AGO else today.weekday() + 7)
    made_at = company.at(today - timedelta(days=33), "16:40")
    with company.by("fujiwara", made_at):
        channel = Channel.objects.create(
            organization=company.organization,
            team=company.teams["sales"],
            kind=ChannelKind.SLACK,
            name="#法人営業-okr",
            language="ja",
            topics=[Topic.OBSTACLE, Topic.MEETING, Topic.DIGEST],
            created_by=by,
            created_at=made_at,
            last_sent_at=company.at(monday, "08:00", 1),
            submission_key=key("channel", "sales"),
        )
        Delivery.objects.bulk_create(
            Delivery(
                organization=company.organization,
                channel=channel,
                topic=topic,
                occasion=f"example:{number}",
                created_at=company.at(monday + timedelta(days=days), at),
                try_at=company.at(monday + timedelta(days=days), at),
                sent_at=company.at(monday + timedelta(days=days), at, minutes),
            )
            for number, (topic, days, at, minutes) in enumerate(SENT)
        )
    with company.by("fujiwara", company.at(today - timedelta(days=PAUSED_DAYS_AGO), "18:10")):
        channel.is_on, channel.version = False, 2
        channel.save(update_fields=["is_on", "version"])
