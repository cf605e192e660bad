"""Writing the channels that share the stages of a funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from funnel.models import KGI, Funnel, FunnelChannel, Stage
from funnel.services.changes import COLUMNS
from people.refusals import Refusal, stale

MOST_CHANNELS = 40
LONGEST_NAME = 120


@dataclass(frozen=True)
class ChannelPlan:
    """A channel as it is to stand: whole or broken volumes of 0 or more, rates 0–1, under the names of `COLUMNS`.

    `id` is that of the row it changes, None for a new one.
    """

    stage: str
    name: str
    team_id: int | None = None
    volumes: Mapping[str, Decimal | None] = field(default_factory=dict)
    rates: Mapping[str, Decimal | None] = field(default_factory=dict)
    id: int | None = None

    def values(self) -> dict[str, Any]:
        """The columns of the row."""
        numbers = {f"{column}_volume": self.volumes.get(column) for column in COLUMNS}
        numbers |= {f"{column}_rate": self.rates.get(column) for column in COLUMNS}
        return {"stage": self.stage, "name": self.name, "team_id": self.team_id} | numbers


@transaction.atomic
def save_channels(kgi: KGI, channels: Sequence[ChannelPlan], *, expected_version: int | None = None) -> Funnel:
    """Let a funnel have these channels, in this order, and no others. Saving the same again changes nothing.

    A channel is known by its stage and name, else by its `id`: so a repeated new one is the one that stands. Its
    history stays when it is taken away. `expected_version` is the funnel's.

    Raises `Refusal`: `stale`, `no_funnel`, and beside the field (`channels`, by the row's number) `name_missing`,
    `named_twice`, `out_of_range`, `team`, `too_many`.
    """
    hold_teams(kgi, channels)
    kgi = KGI.objects.select_for_update(no_key=True).get(pk=kgi.pk)
    funnel = Funnel.objects.filter(kgi=kgi).first()
    if funnel is None:
        raise Refusal("no_funnel", _("Save the funnel first: channels share one of its stages."))
    change = ChannelChange.of(funnel, channels)
    if change:
        if expected_version is not None and funnel.version != expected_version:
            raise stale()
        funnel.version += 1
        funnel.save(update_fields=["version"])
        change.write()
    return funnel


def hold_teams(kgi: KGI, channels: Sequence[ChannelPlan]) -> None:
    """Keep the teams named from being closed or merged meanwhile, before the KGI itself is held.

    A channel that stays with its closed team may; one that is new there may not.
    """
    chosen = {channel.team_id for channel in channels if channel.team_id is not None}
    if not chosen:
        return
    with connection.cursor() as cursor:
        # All at once and in one order: who merges one of them holds it before its channels.
        cursor.execute(
            "SELECT id, name, closed_on FROM people_team WHERE organization_id = %s AND id = ANY(%s) "
            "ORDER BY id FOR SHARE",
            [kgi.organization_id, sorted(chosen)],
        )
        ours = {pk: (name, closed_on) for pk, name, closed_on in cursor.fetchall()}
    held = set(FunnelChannel.objects.filter(funnel__kgi=kgi, team__in=chosen).values_list("team", flat=True))
    for number, channel in enumerate(channels):
        if channel.team_id is None:
            continue
        if channel.team_id not in ours:
            raise refusal(number, "team", "team", _("Choose a team of this organization."))
        name, closed_on = ours[channel.team_id]
        if closed_on is not None and channel.team_id not in held:
            sentence = _("“%(team)s” is closed. Choose another team.") % {"team": name}
            raise refusal(number, "team", "team_closed", sentence)


def refusal(number: int, name: str, code: str, sentence: str) -> Refusal:
    """A refusal beside the field of a row."""
    return Refusal(code, sentence, {"channels": {str(number): {name: [sentence]}}})


@dataclass(frozen=True)
class ChannelChange:
    """What must be written so that a funnel's channels are as planned; false where they are."""

    gone: Sequence[FunnelChannel]
    written: Sequence[FunnelChannel]

    @classmethod
    def of(cls, funnel: Funnel, channels: Sequence[ChannelPlan]) -> ChannelChange:
        refuse_impossible(channels)
        standing = {row.pk: row for row in funnel.channels.all()} if funnel.pk else {}
        named = {(row.stage, row.name): row for row in standing.values()}
        taken = {row.pk for channel in channels if (row := named.get((channel.stage, channel.name)))}
        rows, written = [], []
        for position, channel in enumerate(channels):
            row = named.get((channel.stage, channel.name))
            if row is None and channel.id in standing and channel.id not in taken:
                row = standing[channel.id]
                taken.add(row.pk)
            row = row or FunnelChannel(funnel=funnel)
            values = channel.values() | {"position": position}
            if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                written.append(row)
            rows.append(row.pk)
        return cls([row for pk, row in standing.items() if pk not in rows], written)

    def __bool__(self) -> bool:
        return bool(self.gone or self.written)

    def write(self) -> None:
        """Those that go make room for their names first."""
        for row in self.gone:
            row.delete()
        for row in self.written:
            row.save()


def refuse_impossible(channels: Sequence[ChannelPlan]) -> None:
    if len(channels) > MOST_CHANNELS:
        sentence = _("A funnel has %(most)s channels at most.") % {"most": MOST_CHANNELS}
        raise Refusal.of_field("channels", "too_many", sentence)
    seen: set[tuple[str, str]] = set()
    for number, channel in enumerate(channels):
        if not channel.name.strip() or len(channel.name) > LONGEST_NAME or "\x00" in channel.name:
            raise refusal(number, "name", "name_missing", _("Name the medium or department in a few words."))
        if channel.stage not in Stage.values:
            raise refusal(number, "stage", "out_of_range", _("Choose a stage of the funnel."))
        if (channel.stage, channel.name) in seen:
            raise refusal(number, "name", "named_twice", _("This stage already has a channel of this name."))
        seen.add((channel.stage, channel.name))
        for column in COLUMNS:
            volume, rate = channel.volumes.get(column), channel.rates.get(column)
            if volume is not None and volume < 0:
                raise refusal(number, f"volume_{column}", "out_of_range", _("Type a number of 0 or more."))
            if rate is not None and not 0 <= rate <= 1:
                raise refusal(number, f"rate_{column}", "out_of_range", _("A rate lies between 0% and 100%."))
