import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from notesearch.core.calibration import HIGHEST, LOWEST, enough_words, floor, shifted


@given(st.lists(st.floats(-1, 1, width=32), max_size=60))
def test_the_floor_stays_in_its_range(best):
    assert LOWEST <= floor(np.array(best, np.float32)) <= HIGHEST


def test_an_empty_library_has_the_lowest_floor():
    assert floor(np.zeros(0, np.float32)) == LOWEST


def test_the_floor_lies_above_what_most_probes_reach():
    best = np.random.default_rng(1).normal(0.25, 0.04, 200).astype(np.float32)
    assert np.mean(best < floor(best)) > 0.9


def test_probes_that_are_on_topic_hardly_move_the_floor():
    best = np.random.default_rng(2).normal(0.25, 0.04, 100).astype(np.float32)
    mixed = best.copy()
    mixed[:30] = 0.8
    assert floor(mixed) - floor(best) < 0.1
    assert floor(mixed) < HIGHEST


def test_the_order_of_the_probes_does_not_matter():
    best = np.random.default_rng(3).uniform(0.1, 0.6, 50).astype(np.float32)
    assert floor(best) == floor(best[::-1])


def test_a_strict_floor_asks_for_more_and_a_loose_one_for_less():
    assert shifted(0.4, "loose") < shifted(0.4, "normal") == 0.4 < shifted(0.4, "strict")
    assert enough_words("loose") < enough_words("normal") < enough_words("strict") <= 1
