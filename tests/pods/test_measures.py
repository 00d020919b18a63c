"""What the metrics API tells is read as Kubernetes and Go write it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub_ext.pods.measures import Measured, measured, quantity, window
from tests.pods.samples import at, stamp


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0", "0"), ("250m", "0.25"), ("1500000000n", "1.5"), ("90u", "0.00009"), ("2", "2"), ("1.5", "1.5")),
        *(("90Mi", "94371840"), ("123456Ki", "126418944"), ("1G", "1e9"), ("2e3", "2000"), ("3k", "3000")),
    ],
)
def test_quantities_are_read(text: str, number: str) -> None:
    """Cores, parts of one, bytes with either kind of thousand."""
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "n", "fast", "1.2.3m", "1 Mi", "1mi", "NaN", "Infinity"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    """A figure that cannot be read is no zero."""
    with pytest.raises(ValueError, match="no quantity"):
        quantity(text)


@pytest.mark.parametrize(("text", "seconds"), [("15s", 15), ("1m0s", 60), ("17.352s", 17.352), ("500ms", 0.5)])
def test_windows_are_read(text: str, seconds: float) -> None:
    """As Go writes durations."""
    assert window(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "s", "15 s", "15s.", "1d"])
def test_what_is_no_window_is_refused(text: str) -> None:
    """Nothing of it is left out."""
    with pytest.raises(ValueError, match="no duration"):
        window(text)


def _item(**changed: Any) -> dict[str, Any]:
    containers = [
        {"name": "main", "usage": {"cpu": "100m", "memory": "90Mi"}},
        {"name": "a-sidecar", "usage": {"cpu": "50000000n", "memory": "1024Ki"}},
    ]
    item = {"metadata": {"name": "w1"}, "timestamp": stamp(at(60)), "window": "15s", "containers": containers}
    return item | changed


def test_a_pod_counts_with_all_of_its_containers() -> None:
    """A helper container's use is the worker's; the time is the window before the timestamp."""
    assert measured([_item()]) == {"w1": Measured(at(45), at(60), 0.15, 91 * 2**20)}


@pytest.mark.parametrize(
    "item", [_item(timestamp="yesterday"), _item(window="long"), {"metadata": {"name": "w1"}}, _item(containers=[{}])]
)
def test_an_odd_item_is_refused(item: dict[str, Any]) -> None:
    """It is not taken for a worker that uses nothing."""
    with pytest.raises((ValueError, KeyError)):
        measured([item])
