"""How likely a goal is when its levers are known by their ranges."""

from math import erf, prod, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from funnel.formulas import simulation
from funnel.formulas.kpi_tree import Formula, Lever, Tree, TreeRefused
from funnel.formulas.simulation import Simulation, simulate


def ranged(key: str, low: float, likely: float | None, high: float, current: float | None = None) -> Lever:
    return Lever(key, {"current": current}, low=low, likely=likely, high=high)


def tree_of(text: str, *levers: Lever) -> Tree:
    return Tree("goal", [Formula("goal", text), *levers])


def shares(found: Simulation) -> dict[str, float]:
    return {driver.key: driver.share for driver in found.drivers}


def at_or_above(low: float, likely: float, high: float, target: float) -> float:
    """1 − the triangular distribution function."""
    if target <= low or target > high:
        return float(target <= low)
    if target <= likely:
        return 1 - (target - low) ** 2 / ((high - low) * (likely - low))
    return (high - target) ** 2 / ((high - low) * (high - likely))


# One lever: closed forms


@pytest.mark.parametrize("corners", [(60, 80, 120), (0, 0, 1), (0, 1, 1), (-5, -1, 3), (1e-9, 2e-9, 5e-9), (1, 2, 1e9)])
@pytest.mark.parametrize("samples", [1_000, 100_000])
def test_of_one_lever_everything_is_as_the_distribution_says(corners, samples):
    low, likely, high = corners
    targets = {f"{share}": low + share * (high - low) for share in (0, 0.1, 0.35, 0.5, 0.8, 1)}
    found = simulate(tree_of("a", ranged("a", *corners)), targets=targets, samples=samples, seed=1)
    width, near = high - low, 5 / samples
    assert found.mean == pytest.approx((low + likely + high) / 3, abs=near * width)
    variance = (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18
    assert found.sd == pytest.approx(sqrt(variance), rel=0.002)
    for name, target in targets.items():
        assert found.probability[name] == pytest.approx(at_or_above(*corners, target), abs=near)
    for quantile, reached in ((found.p10, 0.9), (found.p50, 0.5), (found.p90, 0.1)):
        assert at_or_above(*corners, quantile) == pytest.approx(reached, abs=near)
    assert shares(found) == {"a": 1}


def test_the_mean_of_a_product_is_that_of_independent_factors():
    levers = [ranged("a", 1, 2, 6), ranged("b", 10, 20, 30)]
    found = simulate(tree_of("a * b", *levers), targets={}, samples=50_000)
    assert found.mean == pytest.approx(3 * 20, rel=5e-4)


def test_the_sum_of_many_is_normal():
    levers = [ranged(f"k{at}", 0, 1, 2) for at in range(30)]
    sd = sqrt(30 / 6)
    targets = {str(z): 30 + z * sd for z in (-1, 0, 0.5, 1.5)}
    found = simulate(tree_of("+".join(lever.key for lever in levers), *levers), targets=targets, samples=60_000)
    assert (found.mean, found.sd) == (pytest.approx(30, abs=1e-3), pytest.approx(sd, rel=0.01))
    for z in targets:
        assert found.probability[z] == pytest.approx((1 - erf(float(z) / sqrt(2))) / 2, abs=0.006)
    assert found.p90 - found.p50 == pytest.approx(1.2816 * sd, rel=0.02)


def test_the_samples_are_far_less_noisy_than_plain_draws():
    """The mean of a sum of Latin hypercubes is nearly exact: plain draws would miss it by some 0.01."""
    levers = [ranged(key, 0, 0, 3) for key in "abcd"]
    means = [simulate(tree_of("a+b+c+d", *levers), targets={}, samples=20_000, seed=at).mean for at in range(5)]
    assert max(abs(mean - 4) for mean in means) < 2e-5


# What drives the spread


def test_in_a_sum_levers_drive_the_spread_as_their_variances_do():
    widths = {"a": 1, "b": 2, "c": 3}
    levers = [ranged(key, -width, 0, width) for key, width in widths.items()]
    found = simulate(tree_of("a + b - c", *levers), targets={}, samples=100_000)
    whole = sum(width**2 for width in widths.values())
    # Ranks bend a little where numbers do not.
    assert shares(found) == pytest.approx({key: width**2 / whole for key, width in widths.items()}, abs=0.02)
    assert [driver.key for driver in found.drivers] == ["c", "b", "a"]
    assert sum(shares(found).values()) == pytest.approx(1)


def test_levers_that_stay_or_lead_nowhere_drive_nothing():
    levers = [ranged("a", 1, 2, 3), Lever("fixed", {"current": 5}), ranged("idle", 0, 1, 9), ranged("b", 4, 4, 4)]
    found = simulate(tree_of("a * fixed * b", *levers), targets={}, samples=2_000)
    assert [(driver.key, driver.share) for driver in found.drivers] == [("a", 1), ("b", 0), ("fixed", 0), ("idle", 0)]
    assert found.mean == pytest.approx(2 * 5 * 4, rel=1e-3)


@pytest.mark.parametrize("block", [500, 8_192])
def test_drivers_are_the_squared_spearman_correlations(block, monkeypatch):
    monkeypatch.setattr("funnel.formulas.kpi_tree.LONGEST_ARRAY", block)
    drawn: dict[str, list[np.ndarray]] = {"a": [], "b": []}
    unwatched = simulation._Draw.next

    def watched(draw, size):
        sample = unwatched(draw, size)
        drawn["a" if draw.within.high == 2 else "b"].append(sample.values)
        return sample

    monkeypatch.setattr(simulation._Draw, "next", watched)
    tree = tree_of("a * a / b", ranged("a", 1, 1, 2), ranged("b", 1, 3, 4))
    found = simulate(tree, targets={}, samples=5_000)
    values = {key: np.concatenate(blocks) for key, blocks in drawn.items()}
    goals = tree.result(values)
    squares = {key: stats.spearmanr(of_lever, goals).statistic ** 2 for key, of_lever in values.items()}
    assert shares(found) == pytest.approx({key: one / sum(squares.values()) for key, one in squares.items()}, abs=0.01)


def test_equal_goals_share_their_ranks():
    numbers = np.random.default_rng(1).integers(0, 9, 400).astype(float)
    assert simulation._centred_ranks(numbers) == pytest.approx(stats.rankdata(numbers) - 200.5)


# Ranges


@pytest.mark.parametrize(
    ("lever", "mean"),
    [
        (Lever("a", {"current": 3}), 3),
        (Lever("a", {"current": 3}, low=1), 3),
        (Lever("a", {"current": 3}, likely=2, high=9), 3),
        (Lever("a", {"current": 3}, low=0, high=9), 4),  # densest at its current value
        (Lever("a", {"current": 30}, low=0, high=9), 4.5),  # which lies outside: in the middle
        (Lever("a", {}, low=0, high=9), 4.5),
        (Lever("a", {"current": 3}, low=0, likely=9, high=9), 6),
        (Lever("a", {"current": 3}, low=7, likely=7, high=7), 7),
        (Lever("a", {"current": 3}, low=7, high=7), 7),
    ],
)
def test_a_lever_lies_in_its_range_or_stays_at_its_current_value(lever, mean):
    assert simulate(tree_of("a", lever), targets={}, samples=20_000).mean == pytest.approx(mean, abs=1e-3)


def test_where_nothing_varies_the_goal_is_what_it_is():
    found = simulate(tree_of("a * b", Lever("a", {"current": 0.1}), Lever("b", {"current": 3})), targets={"a": 0.3})
    value = 0.1 * 3
    assert (found.mean, found.sd, found.p10, found.p90) == (value, 0, value, value)
    assert found.probability == {"a": 1}
    assert shares(found) == {"a": 0, "b": 0}
    assert (found.bins.edges, found.bins.counts) == ((value, value), (100_000,))


def test_a_target_that_is_met_exactly_is_reached():
    tree = tree_of("a - a + 5", ranged("a", 1, 2, 3))
    found = simulate(tree, targets={"met": 5, "missed": np.nextafter(5, 6)}, samples=999)
    assert found.probability == {"met": 1, "missed": 0}
    assert shares(found) == {"a": 0}


# The same question, the same answer


def test_the_same_seed_gives_the_same_answer_and_another_another():
    tree = tree_of("a * b", ranged("a", 1, 2, 6), ranged("b", 1, 2, 3))
    first = simulate(tree, targets={"x": 5}, samples=3_000, seed=4)
    assert simulate(tree, targets={"x": 5}, samples=3_000, seed=4) == first
    assert simulate(tree, targets={"x": 5}, samples=3_000, seed=5).mean != first.mean


def test_the_order_of_nodes_and_levers_beside_the_goal_change_nothing():
    nodes = [
        Formula("goal", "visits * rate - cost"),
        ranged("visits", 800, 1000, 1500),
        ranged("rate", 0.01, 0.02, 0.05),
        ranged("cost", 1, 2, 3),
    ]
    asked = {"targets": {"x": 20}, "samples": 30_000, "seed": 3}
    first = simulate(Tree("goal", nodes), **asked)
    assert simulate(Tree("goal", nodes[::-1]), **asked) == first
    beside = simulate(Tree("goal", [*nodes, ranged("idle", 0, 1, 2)]), **asked)
    assert (beside.mean, beside.probability, beside.bins) == (first.mean, first.probability, first.bins)


# How many samples


@pytest.mark.parametrize("samples", [1, 2, 3, 41, 8_192, 8_193, 20_000])
def test_any_number_of_samples_is_drawn(samples):
    found = simulate(tree_of("a * b", ranged("a", 1, 2, 3), ranged("b", 1, 2, 3)), targets={"x": 4}, samples=samples)
    assert sum(found.bins.counts) == found.samples == samples
    assert 1 <= found.p10 <= found.p50 <= found.p90 <= 9
    assert found.probability["x"] * samples == pytest.approx(round(found.probability["x"] * samples))
    assert sum(shares(found).values()) == pytest.approx(0 if samples == 1 else 1)


def test_a_million_samples_are_a_request():
    found = simulate(tree_of("a", ranged("a", 0, 0, 1)), targets={"x": 0.9}, samples=1_000_000)
    assert found.probability["x"] == pytest.approx(0.01, abs=2e-5)


def test_more_than_a_request_may_do_is_refused_with_what_is_possible():
    levers = [ranged(f"k{at}", 0, 1, 2) for at in range(100)]
    tree = tree_of("+".join(lever.key for lever in levers), *levers)
    with pytest.raises(TreeRefused) as refused:
        simulate(tree, targets={}, samples=200_001)
    assert (refused.value.code, refused.value.found) == ("too_many_samples", "200000")
    with pytest.raises(TreeRefused) as refused:
        simulate(tree_of("a", *levers[:1], ranged("a", 0, 1, 2)), targets={}, samples=1_000_001)
    assert refused.value.found == "1000000"


def test_a_tree_too_large_for_the_usual_samples_has_as_many_as_are_possible():
    levers = [ranged(f"k{at}", 0, 1, 2) for at in range(400)]
    sums = [Formula(f"s{at}", "+".join(lever.key for lever in levers[at * 200 : at * 200 + 200])) for at in range(2)]
    found = simulate(Tree("goal", [Formula("goal", "s0 + s1"), *sums, *levers]), targets={"middle": 400})
    assert found.samples == 50_000
    assert found.probability["middle"] == pytest.approx(0.5, abs=0.01)


def test_long_formulas_are_simulated_less_often():
    sums = [Formula(f"s{at}", "+".join(["a*a"] * 480)) for at in range(20)]
    tree = Tree("goal", [Formula("goal", "+".join(one.key for one in sums)), *sums, ranged("a", 0, 1, 2)])
    with pytest.raises(TreeRefused) as refused:
        simulate(tree, targets={}, samples=100_000)
    assert int(refused.value.found) * tree.size <= simulation.MOST_CALCULATED
    assert simulate(tree, targets={}, samples=1_000).mean == pytest.approx(9_600 * 7 / 6, rel=1e-4)


def test_no_samples_at_all_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="1 sample"):
        simulate(tree_of("a", ranged("a", 0, 1, 2)), targets={}, samples=0)


# What cannot be calculated


@pytest.mark.parametrize(
    ("text", "levers", "code", "key"),
    [
        ("a / (b - b)", [ranged("a", 1, 2, 3), ranged("b", 1, 2, 3)], "division_by_zero", "goal"),
        ("a * b * c * d", [ranged(key, 1e90, 1e95, 1e100) for key in "abcd"], "not_finite", "goal"),
        ("a * b", [ranged("a", 1, 2, 3), Lever("b", low=2)], "no_value", "b"),
    ],
)
def test_what_cannot_be_calculated_is_refused_with_the_node(text, levers, code, key):
    with pytest.raises(TreeRefused) as refused:
        simulate(tree_of(text, *levers), targets={}, samples=1_000)
    assert (refused.value.code, refused.value.key) == (code, key)


def test_numbers_as_large_as_the_engine_allows_are_simulated():
    found = simulate(tree_of("a * b", ranged("a", 0, 0, 1e100), ranged("b", 0, 0, 1e100)), targets={}, samples=5_000)
    assert found.mean == pytest.approx(1e200 / 9, rel=0.05)
    assert found.sd > 0


# The picture


def test_a_goal_that_explodes_near_a_division_by_zero_still_has_a_picture():
    found = simulate(tree_of("1 / a", ranged("a", 0, 1, 2)), targets={}, samples=100_000)
    assert found.bins.edges[-1] < 40
    assert sum(found.bins.counts) == 100_000
    assert max(found.bins.counts) < 60_000


LIMITS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted)


@settings(max_examples=50, deadline=None)
@given(ranges=st.lists(LIMITS, min_size=1, max_size=4), samples=st.integers(1, 300), seed=st.integers(-(2**63), 2**63))
def test_whatever_the_ranges_the_laws_of_probability_hold(ranges, samples, seed):
    levers = [ranged(f"k{at}", *corners) for at, corners in enumerate(ranges)]
    low, high = sum(corners[0] for corners in ranges), sum(corners[2] for corners in ranges)
    targets = {"low": low - 1, "middle": (low + high) / 2, "high": high + 1}
    found = simulate(tree_of("+".join(one.key for one in levers), *levers), targets=targets, samples=samples, seed=seed)
    assert found.probability["low"] == 1 >= found.probability["middle"] >= 0 == found.probability["high"]
    assert low - 1e-6 <= found.p10 <= found.p50 <= found.p90 <= high + 1e-6
    assert sum(found.bins.counts) == samples
    assert list(found.bins.edges) == sorted(found.bins.edges)
    assert sum(shares(found).values()) == pytest.approx(0) or sum(shares(found).values()) == pytest.approx(1)


def test_the_mean_of_a_funnel_is_the_product_of_its_means():
    corners = {
        "visits": (8e3, 1e4, 15e3),
        "lead": (0.01, 0.02, 0.05),
        "deal": (0.04, 0.05, 0.15),
        "win": (0.1, 0.2, 0.35),
    }
    levers = [ranged(key, *three) for key, three in corners.items()]
    found = simulate(tree_of("visits * lead * deal * win", *levers), targets={"now": 2}, samples=100_000)
    assert found.mean == pytest.approx(prod(sum(three) / 3 for three in corners.values()), rel=0.002)
    assert found.drivers[0].key == "lead"
