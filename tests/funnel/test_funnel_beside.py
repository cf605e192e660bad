"""What stands beside the funnel's numbers: last year, the industry, the weights of the months, the drawing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.formulas.planning import stage_window, weekly_volumes
from funnel.formulas.shape import width
from funnel.models import KGI, KPI, Funnel
from tests.funnel.plans import make_kgi, plan_funnel, typed

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
BESIDE = {
    "revenue_last_year": "6,000万", "unit_price_last_year": "100万", "win_rate_last_year": "15",
    "deal_rate_last_year": "8", "win_rate_reference": "10", "win_rate_source": "業界団体の調査2025",
}  # fmt: skip


def url(cast, kgi):
    return cast.url(f"kgis/{kgi.pk}/funnel/")


@pytest.mark.parametrize(
    ("name", "text", "value", "said"),
    [
        ("revenue_challenge", "昨年の150%", 90_000_000, "= 9,000万円"),
        ("revenue_challenge", "150% of last year", 90_000_000, "= 9,000万円"),
        ("unit_price_challenge", "2x", 2_000_000, "= 200万円"),
        ("win_rate_challenge", "業界平均の3倍", Decimal("0.3"), "= 30%"),
        ("win_rate_challenge", "3× the industry", Decimal("0.3"), "= 30%"),
    ],
)
def test_a_target_said_as_a_multiple_is_resolved_where_it_is_typed(cast, sign_in, name, text, value, said):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    answer = client.post(url(cast, kgi), typed(**BESIDE | {name: text}), headers=HTMX)
    assert answer.status_code == 200
    key, column = name.rsplit("_", 1)
    slot = answer.text.split(f'id="meant-{key}-{column}"')[1].split("</div>")[0]
    assert said in slot
    assert client.post(url(cast, kgi), typed(**BESIDE | {name: text, "save": "1"})).status_code == 302
    saved = KGI.objects.get().challenge_value if key == "revenue" else kgi.kpis.get(key=key).challenge
    assert saved == value


def test_a_multiple_of_what_nobody_wrote_asks_for_it(cast, sign_in):
    client = sign_in(cast.manager, language="en")
    answer = client.post(url(cast, make_kgi(cast)), typed(cv_rate_challenge="3× the industry"), headers=HTMX)
    assert answer.status_code == 422
    slot = answer.text.split('id="wrong-cv_rate"')[1].split("</div>")[0]
    assert "Type the industry average first" in slot


def test_facts_beside_the_numbers_are_kept_with_their_source_and_compared(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    for _time in range(2):
        assert client.post(url(cast, kgi), typed(**BESIDE, save="1")).status_code == 302
    kgi = KGI.objects.get()
    rate = kgi.kpis.get(key="win_rate")
    assert (kgi.last_year_value, rate.last_year, rate.reference) == (60_000_000, Decimal("0.15"), Decimal("0.1"))
    assert rate.reference_source == "業界団体の調査2025"
    assert (Funnel.objects.get().version, rate.version) == (1, 1)
    page = client.get(url(cast, kgi))
    before = {row.key: row.last_year.value for row in page.context["rows"] if not row.is_found}
    assert (before["orders"], before["deals"], before["cvs"]) == (60, 400, 5000)
    assert 'value="業界団体の調査2025"' in page.text


def test_a_plan_without_the_facts_leaves_them_as_they_are(cast):
    kgi = make_kgi(cast, last_year_value=Decimal(5), monthly_weights=[Decimal(1)] * 11 + [Decimal(2)])
    plan_funnel(kgi)
    kgi.refresh_from_db()
    assert kgi.last_year_value == 5
    assert kgi.monthly_weights[-1] == 2


@pytest.mark.parametrize(
    ("changes", "slot", "sentence"),
    [
        ({"win_rate_last_year": "140"}, "wrong-win_rate", "A rate lies between 0% and 100%."),
        ({"revenue_reference": "たくさん"}, "wrong-revenue", "This is not a number."),
        ({"win_rate_source": "長" * 201}, "wrong-win_rate", "200"),
        ({"weight_3": "-1"}, "wrong-weights", "Type a weight from 0 to 99,999"),
        ({f"weight_{month}": "0" for month in range(1, 13)}, "wrong-weights", "At least one month"),
    ],
)
def test_a_wrong_fact_is_a_sentence_in_its_place(cast, sign_in, changes, slot, sentence):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    answer = client.post(url(cast, kgi), typed(**changes), headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{slot}"')[1].split("</div>")[0]
    assert client.post(url(cast, kgi), typed(**changes, save="1")).status_code == 422
    assert not Funnel.objects.exists()


# Weeks


@settings(max_examples=40)
@given(
    st.fractions(0, 10**6, max_denominator=100),
    st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(lambda weights: weights[3] + weights[4] > 0),
    st.integers(0, 90),
)
def test_weeks_sum_to_the_whole_volume_and_lie_in_the_stages_window(volume, weights, days):
    period = date(2026, 4, 10), date(2026, 5, 24)
    weeks = weekly_volumes({"deals": volume}, {"deals": days}, *period, weights)
    assert sum(week.volumes["deals"] for week in weeks) == ceil(volume)
    begin, end = stage_window("deals", {"deals": days}, *period)
    assert all(begin <= week.end and week.begin <= end for week in weeks if week.volumes["deals"])
    assert all(after.begin - before.begin == timedelta(7) for before, after in pairwise(weeks))


def test_months_that_weigh_more_ask_for_more_in_their_weeks(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager)
    sent = typed(weight_12="5", deal_to_order_days="30", save="1")
    assert client.post(url(cast, kgi), sent).status_code == 302
    assert KGI.objects.get().monthly_weights == [1] * 11 + [5]
    page = client.get(url(cast, kgi))
    found = page.context["weeks"]
    # Orders of December come from deals thirty days before.
    assert date(2026, 11, 1) <= found.busiest.begin <= date(2026, 12, 1)
    assert sum(week.volumes["deals"] for week in found.rows) == 417
    file = client.get(url(cast, kgi), {"weeks": "csv"})
    assert file["Content-Type"].startswith("text/csv")
    lines = file.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == len(found.rows) + 1
    assert sum(int(line.split(",")[3]) for line in lines[1:]) == 417
    assert client.post(url(cast, kgi), sent | {"weight_12": "", "version": "1", "kgi_version": "2"}).status_code == 302
    assert KGI.objects.get().monthly_weights is None


def test_a_long_period_shows_a_year_of_weeks_from_this_one(cast, sign_in):
    kgi = make_kgi(cast, period_end=date(2036, 3, 31))
    rows = sign_in(cast.manager).get(url(cast, kgi)).context["weeks"].rows
    assert len(rows) == 53
    assert rows[0].begin == date(2026, 5, 18)


# The drawing


@settings(max_examples=50)
@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_larger_volume_is_never_drawn_narrower(one, other):
    largest = max(one, other)
    assert (width(one, largest) <= width(other, largest)) == (one <= other) or width(one, largest) == width(
        other, largest
    )
    assert 0 < width(min(one, other), largest) <= width(largest, largest) == 1


def test_the_funnel_is_drawn_with_both_columns_and_says_them_aloud(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    now = {
        "revenue_current": "5000万", "unit_price_current": "120万", "win_rate_current": "20",
        "deal_rate_current": "10", "cv_rate_current": "1",
    }  # fmt: skip
    answer = client.post(url(cast, kgi), typed(**now), headers=HTMX)
    shape = answer.context["shape"]
    assert [level.key for level in shape.levels] == [
        "visits", "cv_rate", "cvs", "deal_rate", "deals", "win_rate", "orders",
    ]  # fmt: skip
    assert {level.ratio for level in shape.levels if not level.is_rate} == {Fraction(2)}
    assert "416,667 visits, of which 1% become 4,167 CVs" in shape.spoken
    assert 'id="shape" hx-swap-oob="innerHTML"' in answer.text
    empty = client.post(url(cast, kgi), {"unknown": "visits", "was": "visits"}, headers=HTMX)
    assert "the funnel is drawn here" in empty.text


def test_a_tree_without_a_funnel_opens_its_page_without_a_reproach(cast, sign_in):
    kgi, client = make_kgi(cast), sign_in(cast.manager, language="en")
    KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True, challenge=Decimal("0.2"))
    page = client.get(url(cast, kgi))
    assert 'class="error"' not in page.text
    assert 'value="20"' in page.text
