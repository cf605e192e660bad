"""The forecast against plain baselines, on courses it was not tuned on: it earns its place or is replaced."""

from statistics import mean

import pytest

from benchmarks.forecasts import example, simulated
from benchmarks.forecasts.judging import SHARES, WithItsErrors, by_model, plainly, quality, stays, straight

FEW = 4


@pytest.fixture(scope="module")
def held_out():
    return list(simulated.histories(FEW, held_out=True, seed=77))


def told(teller, histories):
    found = (teller(history, share) for history in histories for share in SHARES)
    return [row for row in found if row is not None]


def test_it_is_better_than_both_baselines_and_no_worse_than_what_they_learn_from_their_errors(held_out):
    learning = list(simulated.histories(FEW, held_out=False, seed=4))
    model = quality(told(by_model, held_out))
    for plain in (stays, straight):
        assert mean(model.brier) < 0.8 * mean(quality(told(plainly(plain), held_out)).brier)
        fair = quality(told(WithItsErrors(plain, learning), held_out))
        assert mean(model.brier) < 1.02 * mean(fair.brier)
        assert model.pinball < fair.pinball
        assert model.width < fair.width


def test_four_of_five_ends_lie_inside_the_range(held_out):
    assert 0.74 < quality(told(by_model, held_out)).coverage < 0.86


def test_it_reads_the_example_companys_quarter_better_than_a_straight_line():
    histories = list(example.histories())
    model, line = (quality(told(teller, histories)) for teller in (by_model, plainly(straight)))
    assert mean(model.brier) < 0.75 * mean(line.brier)
    assert model.coverage > 0.8
