"""Where messages of the example company went. It calls nobody: its channel is paused and has no address."""

from __future__ import annotations

from datetime import timedelta

from dashboards.demo.company import Company, key
from people.models import Channel, ChannelKind, Delivery, Topic

SENT = (
    (Topic.DIGEST, 3, "08:00", 1, ""),
    (Topic.OBSTACLE, 5, "14:20", 1, ""),
    (Topic.DIGEST, 10, "08:00", 2, ""),
    (Topic.MEETING, 12, "11:05", 1, ""),
)
PAUSED_DAYS_AGO = 2


def make_channels(company: Company) -> None:
    """One channel of a team, paused since the day before yesterday, with what went there before.

    What the story's other acts would have sent is not sent now.
    """
    today, by = company.days.today, company.people["fujiwara"]
    waiting = Delivery.objects.unsettled().filter(organization=company.organization)
    waiting.update(cancelled_at=company.at(today, "00:00"))
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
            last_sent_at=company.at(today - timedelta(days=SENT[0][1]), SENT[0][2]),
            submission_key=key("channel", "sales"),
        )
        Delivery.objects.bulk_create(
            Delivery(
                organization=company.organization,
                channel=channel,
                topic=topic,
                occasion=f"example:{number}",
                created_at=company.at(today - timedelta(days=days), at),
                try_at=company.at(today - timedelta(days=days), at),
                sent_at=company.at(today - timedelta(days=days), at, minutes),
                failure=failure,
            )
            for number, (topic, days, at, minutes, failure) in enumerate(SENT)
        )
    with company.by("fujiwara", company.at(today - timedelta(days=PAUSED_DAYS_AGO), "18:10")):
        channel.is_on, channel.version = False, 2
        channel.save(update_fields=["is_on", "version"])
