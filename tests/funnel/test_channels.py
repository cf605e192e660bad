"""Channels that share a stage: what they bring together, and keeping them."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.channels import shortfall, spread, total, weighted_mean
from funnel.models import Funnel, FunnelChannel
from funnel.services import ChannelPlan, save_channels
from objectives.services.teams import close_team, merge_team
from people.refusals import Refusal
from people.services.teams import create_team
from tests.funnel.plans import make_kgi, plan_funnel, share, typed

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
VOLUMES = st.lists(st.one_of(st.none(), st.integers(0, 10**9)), min_size=1, max_size=12)


# Formulas


@settings(max_examples=50)
@given(VOLUMES, st.fractions(0, 10**9, max_denominator=1000))
def test_what_is_spread_sums_to_the_need_and_keeps_the_order_of_the_channels(volumes, need):
    parts = spread(volumes, need)
    assert sum(parts) == ceil(need)
    assert shortfall(need, total(parts)) == 0
    ranked = sorted(zip([volume or 0 for volume in volumes], parts, strict=True), key=lambda pair: pair[0])
    assert all(after >= before - 1 for (_one, before), (_other, after) in pairwise(ranked))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 10**6), st.fractions(0, 1, max_denominator=100)), min_size=1, max_size=8))
def test_the_weighted_mean_passes_on_as_much_as_the_channels_do(parts):
    mean = weighted_mean(parts)
    assert min(rate for _volume, rate in parts) <= mean <= max(rate for _volume, rate in parts)
    assert mean * total(volume for volume, _rate in parts) == sum(volume * rate for volume, rate in parts)


# Saving


def plan(name="検索", **fields):
    return ChannelPlan(**{"stage": "cvs", "name": name, "volumes": {"challenge": Decimal(2400)}} | fields)


def names(kgi):
    return list(FunnelChannel.objects.filter(funnel__kgi=kgi).values_list("name", flat=True))


def test_channels_are_added_changed_and_taken_away_at_one_version_each(cast):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    two = [plan(rates={"challenge": Decimal("0.35")}), plan("展示会", team_id=cast.sales.pk)]
    for _time in range(2):
        assert save_channels(kgi, two).version == 2
    first, second = FunnelChannel.objects.filter(funnel__kgi=kgi)
    assert (first.challenge_rate, second.team, second.position) == (Decimal("0.35"), cast.sales, 1)
    # Two names that change places, and one that goes.
    swapped = [plan("展示会", id=first.pk), plan("紹介", id=second.pk)]
    assert save_channels(kgi, swapped, expected_version=2).version == 3
    assert names(kgi) == ["展示会", "紹介"]
    with pytest.raises(Refusal) as refused:
        save_channels(kgi, [], expected_version=2)
    assert refused.value.code == "stale"
    assert save_channels(kgi, [], expected_version=3).version == 4
    assert names(kgi) == []


@pytest.mark.parametrize(
    ("channels", "place", "code"),
    [
        ([plan(), plan("  ")], ("1", "name"), "name_missing"),
        ([plan(), plan()], ("1", "name"), "named_twice"),
        ([plan(stage="orders")], ("0", "stage"), "out_of_range"),
        ([plan(volumes={"current": Decimal(-1)})], ("0", "volume_current"), "out_of_range"),
        ([plan(rates={"must_hit": Decimal("1.1")})], ("0", "rate_must_hit"), "out_of_range"),
        ([plan(team_id=2**31 - 1)], ("0", "team"), "team"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(cast, channels, place, code):
    kgi = make_kgi(cast)
    plan_funnel(kgi)
    with pytest.raises(Refusal) as refused:
        save_channels(kgi, channels)
    assert refused.value.code == code
    assert refused.value.fields["channels"][place[0]][place[1]]
    assert names(kgi) == []


def test_channels_go_with_their_team_and_outlive_it(cast):
    kgi, team = make_kgi(cast), create_team(cast.organization, name="展示会チーム")
    plan_funnel(kgi)
    save_channels(kgi, [plan(team_id=team.pk)])
    merge_team(team, into=cast.sales, by=cast.admin)
    channel = FunnelChannel.objects.get(funnel__kgi=kgi)
    assert channel.team == cast.sales
    assert Funnel.objects.get(kgi=kgi).version == 3
    other = create_team(cast.organization, name="紹介チーム")
    save_channels(kgi, [plan(team_id=other.pk)])
    close_team(other, by=cast.admin)
    # It stays with the closed team, but no new one is given to it.
    assert save_channels(kgi, [plan(team_id=other.pk, volumes={"challenge": Decimal(7)})])
    save_channels(kgi, [])
    with pytest.raises(Refusal) as refused:
        save_channels(kgi, [plan(team_id=other.pk)])
    assert refused.value.code == "team_closed"


# The page


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/funnel/")


def sent(*channels, **changes):
    """The page with channels, each a mapping of what is typed into its row."""
    rows = {f"channel-{number}-{name}": text for number, row in enumerate(channels) for name, text in row.items()}
    return typed(**changes) | rows | {"channels": str(len(channels))}


SEARCH = {"stage": "cvs", "name": "検索", "volume_challenge": "2,400", "rate_challenge": "8"}
FAIR = {"stage": "cvs", "name": "展示会", "volume_challenge": "1,500", "rate_challenge": "14"}


def test_the_sum_of_the_channels_is_said_against_the_need_while_one_types(cast, sign_in):
    kgi = make_kgi(cast)
    answer = sign_in(cast.manager).post(url(cast, kgi), sent(SEARCH, FAIR), headers=HTMX)
    assert answer.status_code == 200
    assert "チャネルを合わせるとCVは3,900件。必要な4,167件に267件足りません" in answer.text
    assert "10.3%" in answer.text
    assert [row.share for row in answer.context["channels"]] == [Fraction(24, 39), Fraction(15, 39)]
    # 2,400 CVs × 8% × 20% × 1.2 million yen.
    assert answer.context["channels"][0].worth == Decimal("46080000")
    assert "<input" not in answer.text
    assert not FunnelChannel.objects.exists()


def test_what_is_missing_is_spread_and_a_mean_rate_taken_over_by_a_click(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    headers = HTMX | {"HX-Target": "ledger"}
    answer = client.post(url(cast, kgi), sent(SEARCH, FAIR) | {"act": "spread:cvs:challenge"}, headers=headers)
    data = answer.context["table"].data
    assert [data[f"channel-{number}-volume_challenge"] for number in (0, 1)] == ["2,564", "1,603"]
    assert 'value="2,564"' in answer.text
    answer = client.post(url(cast, kgi), sent(SEARCH, FAIR) | {"act": "take:cvs:challenge"}, headers=headers)
    form = answer.context["form"]
    assert form.answers["challenge"].deal_rate == Fraction(2400 * 8 + 1500 * 14, 390_000)
    assert 'name="deal_rate_challenge"' in answer.text
    answer = client.post(url(cast, kgi), sent(SEARCH) | {"act": "add"}, headers=headers)
    assert 'name="channel-1-name"' in answer.text
    without_script = client.post(url(cast, kgi), sent(SEARCH) | {"act": "add"})
    assert 'name="channel-1-name"' in without_script.text
    assert "<html" in without_script.text
    assert not Funnel.objects.exists()


def test_the_page_saves_its_channels_with_the_funnel_once(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    row = SEARCH | {"team": str(cast.sales.pk)}
    for _time in range(2):
        assert client.post(url(cast, kgi), sent(row, {"stage": "visits"}, save="1")).status_code == 302
    channel = FunnelChannel.objects.get()
    assert (channel.name, channel.team, channel.challenge_volume, channel.challenge_rate) == (
        "検索", cast.sales, 2400, Decimal("0.08"),
    )  # fmt: skip
    assert Funnel.objects.get().version == 1
    assert 'value="2,400"' in client.get(url(cast, kgi)).text
    gone = row | {"id": str(channel.pk), "remove": "on"}
    assert client.post(url(cast, kgi), sent(gone, save="1", version="1")).status_code == 302
    assert not FunnelChannel.objects.exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (SEARCH | {"name": ""}, "Name the medium or department in a few words."),
        (SEARCH | {"volume_current": "-4"}, "Type a number of 0 or more."),
        (SEARCH | {"rate_current": "140"}, "A rate lies between 0% and 100%."),
        (SEARCH | {"team": "999999"}, "Choose a team of this organization."),
        (FAIR, "This stage already has a channel of this name."),
    ],
)
def test_a_mistake_stands_beside_its_channel_and_nothing_is_saved(cast, sign_in, row, sentence):
    kgi = make_kgi(cast)
    answer = sign_in(cast.manager, language="en").post(url(cast, kgi), sent(FAIR, row, save="1"))
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="wrong-channel-1"')[1].split("</div>")[0]
    assert 'value="1,500"' in answer.text
    assert not Funnel.objects.exists()


def test_channels_of_a_shared_funnel_are_seen_by_its_partner_without_the_teams(cast, sign_in):
    kgi = make_kgi(cast)
    share(kgi, cast.partner)
    plan_funnel(kgi)
    save_channels(kgi, [plan(team_id=cast.sales.pk)])
    answer = sign_in(cast.partner).get(url(cast, kgi))
    assert 'value="検索"' in answer.text
    assert cast.sales.name not in answer.text


def test_channels_cost_no_query_each(cast, sign_in, django_assert_max_num_queries):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    rows = [SEARCH | {"name": f"媒体{number}"} for number in range(20)]
    client.post(url(cast, kgi), sent(*rows), headers=HTMX)
    with django_assert_max_num_queries(8):
        client.post(url(cast, kgi), sent(*rows), headers=HTMX)
