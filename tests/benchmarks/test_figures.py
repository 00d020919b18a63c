"""How benchmarks tell their figures. What they measure is no test's business."""

import json

import pytest

from benchmarks.figures import percentile, tell


def test_a_figure_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, value, unit, target and what it is compared with, in this order."""
    tell("over_grants", 0, "cores", target=0, compared_with="both databases")
    tell("admission_scale_1000_p99_ms", 12.34567, "ms", target=100)
    first, second = capsys.readouterr().out.splitlines()

    assert first == (
        '{"name": "over_grants", "value": 0, "unit": "cores", "target": 0, "compared_with": "both databases"}'
    )
    assert (json.loads(second)["value"], json.loads(second)["compared_with"]) == (12.346, None)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [(range(1, 101), 0.99, 99), (range(1, 101), 1, 100), ([7], 0.99, 7), ([3, 1, 2], 0.5, 2)],
    ids=["p99 of a hundred", "the largest", "of one", "the median, unsorted"],
)
def test_a_percentile_is_a_value_that_was_measured(values: list[float], share: float, found: float) -> None:
    """Nearest rank: no figure is made up between two measurements."""
    assert percentile(values, share) == found
