"""Shapes add up, and cross a door unchanged."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub_ext.contract.shape import Shape

shapes = st.builds(
    Shape,
    cores=st.integers(0, 4000).map(lambda n: Decimal(n) / 8),
    memory=st.integers(0, 2**50),
    gpus=st.dictionaries(st.sampled_from(["l4", "a100", "h100"]), st.integers(1, 64)),
)


def test_shapes_add_up() -> None:
    """Cores, memory and each GPU model are added for themselves."""
    both = Shape(cores=Decimal("0.5"), memory=3, gpus={"l4": 1}) + Shape(cores=Decimal(2), gpus={"l4": 2, "a100": 1})
    assert both == Shape(cores=Decimal("2.5"), memory=3, gpus={"l4": 3, "a100": 1})


@given(shapes, shapes)
def test_order_does_not_matter(one: Shape, other: Shape) -> None:
    """Adding in another order gives the same shape."""
    assert one + other == other + one


@given(shapes, st.integers(1, 9))
def test_times_is_repeated_addition(one: Shape, count: int) -> None:
    """So many equal processes hold what they hold one by one."""
    assert one.times(count) == Shape.total([one] * count)


def test_total_of_none_is_nothing() -> None:
    """No shapes together hold nothing."""
    assert Shape.total([]) == Shape()


@given(shapes)
def test_shape_survives_json(one: Shape) -> None:
    """A shape crosses a door unchanged; cores as a number."""
    assert Shape.model_validate_json(one.model_dump_json()) == one
    assert isinstance(one.model_dump(mode="json")["cores"], float)


@pytest.mark.parametrize(
    "fields",
    [{"cores": -1}, {"cores": "NaN"}, {"cores": "Infinity"}, {"memory": -1}, {"memory": 1.5}, {"gpus": {"l4": -1}},
     {"gpus": {"l4": True}}, {"memory": True}],
    ids=repr,
)  # fmt: skip
def test_no_shape(fields: dict[str, object]) -> None:
    """What is negative, no number, or a truth value is no shape."""
    with pytest.raises(ValidationError):
        Shape.model_validate(fields)
