"""Which reported values look like a slip, and what was likely meant."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.formulas.doubts import doubt
from objectives.formulas.scoring import Measure

VISITS = Measure("reach", Decimal(1200), Decimal(4800))
RATE = Measure("reach", Decimal(15), Decimal(25))
DAYS = Measure("reach", Decimal(45), Decimal(30))
RANK = Measure("reach", Decimal(12), Decimal(3))
PROFIT = Measure("reach", Decimal(-20), Decimal(30))
ORDERS = Measure("cumulative", target_value=Decimal(60))
SALES = Measure("cumulative", target_value=Decimal(30_000_000))
POSTS = Measure("quota", quota=Decimal(20), period="month")
STAY = Measure("keep", target_value=Decimal(95), limit="min")
ERRORS = Measure("keep", target_value=Decimal(1), limit="max")
LEAD_DAYS = Measure("average", Decimal(40), Decimal(30))
ACCOUNTS = Measure("coverage", population=Decimal(50))
AMOUNTS = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=6)


@pytest.mark.parametrize(
    ("measure", "value", "earlier", "code", "meant"),
    [
        (VISITS, "29100", ["2910"], "tenfold", "2910"),
        (VISITS, "290", ["2910"], "tenth", "2900"),
        (VISITS, "302", ["2500", "2910"], "tenth", "3020"),
        (VISITS, "30200000", ["2500", "2910"], "tenfold", "3020"),
        (Measure("reach", Decimal(0), Decimal(4800)), "1300", ["100", "110", "120"], "tenfold", "130"),
        (RATE, "0.19", ["18"], "tenth", "19"),
        (RATE, "1900", ["18"], "tenfold", "19"),
        (DAYS, "390", ["40"], "tenfold", "39"),
        (DAYS, "3.9", ["40"], "tenth", "39"),
        (RANK, "90", ["9"], "tenfold", "9"),
        (PROFIT, "-28", ["24", "26"], "sign", "28"),
        (ORDERS, "50", ["4", "5"], "tenfold", "5"),
        (ORDERS, "15", ["3", "4", "5"], "total", "3"),
        (ORDERS, "-2", ["3"], "negative", "2"),
        (SALES, "302", ["2500000", "2900000"], "tenth", "3020000"),
        (SALES, "30200000", ["2500000", "2900000"], "tenfold", "3020000"),
        (POSTS, "50", ["4", "5"], "tenfold", "5"),
        (STAY, "9.6", ["96"], "tenth", "96"),
        (STAY, "0.96", [], "tenth", "96"),
        (STAY, "960", ["96", "97"], "tenfold", "96"),
        (ERRORS, "70", ["0.6"], "tenfold", "0.7"),
        (LEAD_DAYS, "340", ["36", "35"], "tenfold", "34"),
        (ACCOUNTS, "240", ["20"], "beyond", "24"),
        (ACCOUNTS, "3", ["20"], "less", "23"),
    ],
)
def test_a_slip_is_asked_about_with_what_was_likely_meant(measure, value, earlier, code, meant):
    found = doubt(measure, Decimal(value), [Decimal(one) for one in earlier])
    assert found is not None
    assert (found.code, found.meant) == (code, Decimal(meant))


@pytest.mark.parametrize(
    ("measure", "value", "earlier", "code"),
    [
        (VISITS, "4900", ["1300", "1350"], "step"),
        (ACCOUNTS, "51", ["20"], "beyond"),
        (ACCOUNTS, "44", ["45"], "less"),
        (ORDERS, "61", ["8"], "beyond"),
        (ORDERS, "121", [], "beyond"),
    ],
)
def test_what_no_slip_explains_is_asked_about_without_a_guess(measure, value, earlier, code):
    found = doubt(measure, Decimal(value), [Decimal(one) for one in earlier])
    assert found is not None
    assert (found.code, found.meant) == (code, None)


@pytest.mark.parametrize(
    ("measure", "value", "earlier"),
    [
        (VISITS, "3020", ["2910"]),
        (VISITS, "1900", []),
        (VISITS, "2700", ["2800", "2910"]),
        (RANK, "7", ["9"]),
        (RANK, "1", ["7"]),
        (PROFIT, "-3", ["2", "-1"]),
        (PROFIT, "4", ["-6", "-1"]),
        (ACCOUNTS, "50", ["44"]),
        (ORDERS, "6", ["3", "2"]),
        (ORDERS, "0", ["3", "2"]),
        (ORDERS, "12", ["8"]),
        (POSTS, "3", ["2"]),
        (POSTS, "12", []),
        (STAY, "94", ["96"]),
        (STAY, "94", []),
        (ERRORS, "0.5", ["0"]),
        (ERRORS, "1.4", ["0.6", "0.8"]),
        (LEAD_DAYS, "33", ["36", "35"]),
        (Measure("reach", measure_first=True), "800", []),
        (Measure("milestone"), "3", ["1"]),
    ],
)
def test_what_may_well_be_so_is_not_asked_about(measure, value, earlier):
    assert doubt(measure, Decimal(value), [Decimal(one) for one in earlier]) is None


def test_the_month_so_far_typed_as_what_was_added_to_a_quota_is_asked_about():
    earlier = [Decimal(20), Decimal(3), Decimal(4), Decimal(5)]
    found = doubt(POSTS, Decimal(15), [Decimal(4), *earlier[1:]], so_far=Decimal(12))
    assert found is not None
    assert (found.code, found.against, found.meant) == ("total", 12, 3)


@given(
    AMOUNTS,
    st.lists(AMOUNTS, max_size=8),
    AMOUNTS,
    AMOUNTS,
    st.sampled_from(["reach", "cumulative", "average", "keep", "quota", "coverage"]),
)
def test_no_value_makes_the_doubt_fail_and_what_was_meant_is_never_what_was_typed(value, earlier, start, target, kind):
    measure = Measure(kind, start, target, limit="min", quota=target, period="month", population=target)
    found = doubt(measure, value, earlier, start)
    assert found is None or found.meant != value
