"""A cluster is kept at its grant and still knows what it wants."""

import pytest

from hub_ext.cluster.steering import Steering


def beat(steering: Steering, count: int, *, granted: int, active: int) -> tuple[int, object]:
    """Handle one heartbeat; return the workers to run and what the scheduler is told."""
    steering.wanted(count)
    return steering.settle(granted, active)


def test_a_wish_that_is_granted_needs_no_order() -> None:
    """A scheduler that gets what it wants is told nothing."""
    assert beat(Steering(), 4, granted=4, active=0) == (4, None)


def test_growing_waits_without_an_order() -> None:
    """A wish beyond the grant stands in the scheduler and grows with the grant."""
    steering = Steering()
    assert beat(steering, 40, granted=12, active=0) == (12, None)
    assert beat(steering, 40, granted=12, active=12) == (12, None)
    assert beat(steering, 40, granted=20, active=12) == (20, None)


def test_shrinking_tells_the_scheduler_and_remembers_the_wish() -> None:
    """A grant below what runs is told; the smaller number that comes back is not taken for a wish."""
    steering = Steering()
    assert beat(steering, 40, granted=12, active=12) == (12, None)
    assert beat(steering, 40, granted=5, active=12) == (5, {"op": "scale", "count": 5})
    assert beat(steering, 5, granted=5, active=5) == (5, None)
    assert steering.wish == 40


def test_a_shrunk_cluster_grows_again() -> None:
    """When room appears the scheduler is told the larger number, and at last its own wish."""
    steering = Steering()
    beat(steering, 40, granted=5, active=12)
    assert beat(steering, 5, granted=9, active=5) == (9, {"op": "scale", "count": 9})
    assert beat(steering, 9, granted=64, active=9) == (40, {"op": "scale", "count": 40})
    assert beat(steering, 40, granted=64, active=40) == (40, None)


def test_a_person_who_wants_less_gets_less() -> None:
    """A smaller wish of the person's own ends what they were told."""
    steering = Steering()
    beat(steering, 40, granted=5, active=12)
    assert beat(steering, 2, granted=5, active=5) == (2, None)
    assert beat(steering, 2, granted=64, active=2) == (2, None)


def test_a_scheduler_that_ignores_the_order_hears_it_again() -> None:
    """An order that did not arrive is repeated with the next heartbeat."""
    steering = Steering()
    beat(steering, 40, granted=5, active=12)
    assert beat(steering, 40, granted=5, active=12) == (5, {"op": "scale", "count": 5})


def test_scaling_anew_forgets_what_was_told() -> None:
    """A number that the person asks for is their wish, also when it is the one that was told."""
    steering = Steering()
    beat(steering, 40, granted=5, active=12)
    steering.asked({"op": "scale", "count": 5})
    assert beat(steering, 5, granted=64, active=5) == (5, None)
    beat(steering, 40, granted=5, active=12)
    steering.asked({"op": "adapt", "minimum": 0, "maximum": 50})
    assert beat(steering, 5, granted=64, active=5) == (5, None)


def test_adaptive_scaling_stays_on_while_it_is_bounded() -> None:
    """An adaptive cluster is bounded, not switched to a fixed size, and gets its own bounds back."""
    steering = Steering()
    steering.asked({"op": "adapt", "minimum": 2, "maximum": 50, "active": True})
    assert beat(steering, 30, granted=4, active=30) == (4, {"op": "adapt", "minimum": 2, "maximum": 4, "active": True})
    assert beat(steering, 30, granted=4, active=30) == (4, None)
    assert beat(steering, 4, granted=60, active=4) == (30, {"op": "adapt", "minimum": 2, "maximum": 50, "active": True})


def test_adaptive_scaling_that_ends_is_a_fixed_size_again() -> None:
    """After ``adapt(active=False)`` an order is a plain number."""
    steering = Steering()
    steering.asked({"op": "adapt", "minimum": 2, "maximum": 50, "active": True})
    steering.asked({"op": "adapt", "active": False})
    assert beat(steering, 30, granted=4, active=30) == (4, {"op": "scale", "count": 4})


def test_the_bounds_are_told_as_numbers_while_it_adapts() -> None:
    """What the person left open is nothing and the most there can be; a fixed size has no bounds."""
    steering = Steering()
    assert steering.bounds(12) == (None, None)
    steering.asked({"op": "adapt", "minimum": None, "maximum": None, "active": True})
    assert steering.bounds(12) == (0, 12)
    steering.asked({"op": "adapt", "minimum": 2, "maximum": 5})
    assert Steering.again(steering.note).bounds(12) == (2, 5)
    steering.asked({"op": "scale", "count": 3})
    assert steering.bounds(12) == (None, None)


def test_workers_of_the_start_are_wanted_before_the_scheduler_knows() -> None:
    """A new scheduler wants none; it is told the wish that came with its cluster until it has heard."""
    steering = Steering.begin(4)
    assert beat(steering, 0, granted=4, active=0) == (4, {"op": "scale", "count": 4})
    assert beat(steering, 0, granted=4, active=0) == (4, {"op": "scale", "count": 4})
    assert beat(steering, 4, granted=4, active=0) == (4, None)
    assert beat(steering, 0, granted=4, active=4) == (0, None)


def test_workers_of_the_start_that_are_granted_in_part_come_later() -> None:
    """What does not fit at the start stays wished for, also where nothing fits at first."""
    steering = Steering.begin(10)
    assert beat(steering, 0, granted=0, active=0) == (0, None)
    assert beat(steering, 0, granted=3, active=0) == (3, {"op": "scale", "count": 3})
    assert beat(steering, 3, granted=3, active=3) == (3, None)
    assert beat(steering, 3, granted=12, active=3) == (10, {"op": "scale", "count": 10})
    assert steering.wish == 10


def test_the_next_gateway_knows_the_workers_of_the_start() -> None:
    """A wish of which no scheduler has heard outlives the gateway that took it."""
    steering = Steering.again(Steering.begin(4).note)
    assert beat(steering, 0, granted=4, active=0) == (4, {"op": "scale", "count": 4})


@pytest.mark.parametrize(
    "asked",
    [{"op": "scale", "count": 0}, {"op": "adapt", "minimum": 0, "maximum": 8, "active": True}],
    ids=["scale", "adapt"],
)
def test_scaling_ends_the_wish_of_the_start(asked: dict[str, object]) -> None:
    """A person who scales, or lets the cluster adapt, before the first workers have come gets that instead."""
    steering = Steering.begin(4)
    steering.asked(asked)
    assert beat(steering, 0, granted=4, active=0) == (0, None)
