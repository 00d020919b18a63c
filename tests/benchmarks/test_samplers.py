"""The sampler that the ledger is compared with: its rule, told by hand."""

import pytest

from benchmarks.samplers import billed, error_percent


@pytest.mark.parametrize(
    ("life", "phase", "seconds"),
    [
        ((10, 40), 0, 0),
        ((10, 70), 0, 60),
        ((0, 60), 0, 60),
        ((0, 61), 0, 60),
        ((0, 121), 0, 120),
        ((10, 200), 0, 120),
        ((10, 200), 15, 180),
    ],
    ids=[
        "between two samples: nothing",
        "one sample: one resolution",
        "an end at a sample is not seen",
        "two samples are one resolution",
        "three samples are two",
        "three of a longer life",
        "another phase sees one more",
    ],
)
def test_a_sampler_bills_from_its_first_to_its_last_sample(
    life: tuple[float, float], phase: float, seconds: float
) -> None:
    """At one sample a minute."""
    assert billed(life, 60, phase) == seconds


def test_the_error_is_the_mean_over_all_phases() -> None:
    """A life of 30 s is seen by half of the phases, and then billed twice over: 100 % wrong either way."""
    assert error_percent([(1000, 1030)], 60) == pytest.approx(100)


def test_long_lives_are_sampled_well() -> None:
    """A day at one sample a minute loses about half a minute, or one: less than a tenth of a percent."""
    assert error_percent([(17, 17 + 86_400)], 60) < 0.1
