"""The index that says how fair a division is, and that it tells a fair division from a rigged one."""

import pytest

from benchmarks.appetites import WEIGHTS, Wish, trace
from benchmarks.fairness import fair_shares, jain_index
from benchmarks.sharing import FirstCome, Ours, satisfaction


@pytest.mark.parametrize(
    ("values", "index"),
    [([3, 3, 3], 1), ([1, 0, 0, 0], 0.25), ([1, 1, 0, 0], 0.5), ([1, 2, 3], 36 / 42), ([], 1), ([0, 0], 1)],
    ids=["all the same", "one has all", "half of them share", "by hand", "nobody", "nothing"],
)
def test_the_index_is_the_share_of_those_who_are_served_alike(values: list[float], index: float) -> None:
    """From 1/n, where one has everything, to 1."""
    assert jain_index(values) == pytest.approx(index)


@pytest.mark.parametrize(
    ("demands", "weights", "shares"),
    [
        ({"a": 9, "b": 9}, {"a": 1, "b": 1}, {"a": 5, "b": 5}),
        ({"a": 2, "b": 9}, {"a": 1, "b": 1}, {"a": 2, "b": 8}),
        ({"a": 9, "b": 9, "c": 1}, {"a": 2, "b": 1, "c": 7}, {"a": 6, "b": 3, "c": 1}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}),
        ({}, {}, {}),
    ],
    ids=["equals", "one wants less", "weights", "there is enough", "nobody"],
)
def test_nobody_has_more_than_is_fair(
    demands: dict[str, float], weights: dict[str, float], shares: dict[str, float]
) -> None:
    """Of ten cores: a small wish is met, and the rest goes by weight to those who want more."""
    assert fair_shares(10, demands, weights) == pytest.approx(shares)


def test_a_rigged_sharing_is_told_from_a_fair_one() -> None:
    """Of ten who want everything the first keeps all of it, or all get their part."""
    wishes = [Wish(f"{group}-all", group, "small", 1000, 0, 240) for group in WEIGHTS]
    rigged = jain_index(list(satisfaction(wishes, FirstCome(), seconds=240).values()))
    fair = satisfaction(wishes, Ours(), seconds=240)

    assert rigged == pytest.approx(1 / len(WEIGHTS))
    assert jain_index(list(fair.values())) > 4 * rigged  # a minute of the four is the owners' patience


def test_a_seed_gives_the_same_trace_again() -> None:
    """Two runs measure the same hour."""
    assert trace(1) == trace(1)
    assert trace(1) != trace(2)
