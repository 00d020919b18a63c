"""How a worker's time splits: by hand, and whatever is seen."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.cluster import split_file
from hub_ext.cluster.activity import Activity
from hub_ext.cluster.splitting import Seen, Splits
from hub_ext.contract.activity import UnitActivity

SECOND = 1_000_000


def splits() -> Splits:
    """Return the splits of a gateway that has just been started; a tenth of a core is the threshold."""
    return Splits(Activity(0.1).computes)


def seen(cpu: float = 0.0, *, listed: bool = True, memory: int = 0, unit: str = "l-w", born: float = 100.0) -> Seen:
    """Return a worker that started a hundred seconds after the boot."""
    return Seen(unit=unit, cluster="c", born=born, cpu=cpu, memory=memory, listed=listed)


def only(told: Splits) -> UnitActivity:
    """Return what is to be reported of the one worker."""
    (units,) = told.to_report().values()
    (unit,) = units
    return unit


@pytest.mark.parametrize(
    ("looks", "starting", "busy", "idle", "cpu"),
    [
        pytest.param([(105, 2.0, False)], 5, 0, 0, 0, id="its scheduler does not have it: importing is no work"),
        pytest.param([(105, 2.0, False), (110, 6.0, False)], 10, 0, 0, 0, id="nor later"),
        pytest.param([(105, 2.0, False), (110, 6.0, True)], 10, 0, 0, 0, id="it came within this look"),
        pytest.param([(105, 2.0, True), (110, 6.0, True)], 5, 5, 0, 4, id="then it computes"),
        pytest.param([(105, 2.0, True), (110, 2.4, True)], 5, 0, 5, 0, id="a heartbeat's worth is idle"),
        pytest.param([(105, 2.0, True), (110, 2.5, True)], 5, 5, 0, 0.5, id="the threshold"),
        pytest.param(
            [(105, 2.0, True), (110, 2.0, False), (115, 2.0, False)], 5, 0, 10, 0, id="a scheduler that takes it back"
        ),
        pytest.param([(105, 2.0, True), (110, 0.0, True), (115, 9.0, True)], 5, 5, 5, 7, id="CPU time is never less"),
        pytest.param([(105, 2.0, True), (105, 9.0, True)], 5, 0, 0, 7, id="two looks at once"),
        pytest.param([(105, 2.0, True), (705, 302.0, True)], 5, 600, 0, 300, id="a gateway was away"),
    ],
)
def test_time_splits_into_starting_busy_and_idle(
    looks: list[tuple[float, float, bool]], starting: float, busy: float, idle: float, cpu: float
) -> None:
    """The worker started at second 100; looks are at a second since boot, with CPU seconds so far."""
    told = splits()
    for at, used, listed in looks:
        told.look([seen(used, listed=listed)], at)
    found = only(told)
    assert (found.starting, found.busy, found.idle) == (starting * SECOND, busy * SECOND, idle * SECOND)
    assert found.cpu == cpu * SECOND


def test_the_highest_memory_counts() -> None:
    """Memory that was given back was held all the same."""
    told = splits()
    for at, memory in ((105, 10), (110, 300), (115, 20)):
        told.look([seen(memory=memory)], at)
    assert only(told).memory_peak == 300


LOOKS = st.lists(
    st.tuples(
        st.floats(-5, 60),
        st.floats(-1, 100),
        st.booleans(),
        st.integers(0, 2**40),
    ),
    max_size=12,
)


@given(LOOKS)
def test_no_figure_falls_and_none_is_more_than_the_worker_lived(looks: list[tuple[float, float, bool, int]]) -> None:
    """Also where clocks, CPU times and schedulers jump about."""
    told, now, cpu, last = splits(), 100.0, 0.0, (0, 0, 0, 0, 0)
    furthest = now
    for step, used, listed, memory in looks:
        now, cpu = now + step, cpu + used
        furthest = max(furthest, now)
        told.look([seen(cpu, listed=listed, memory=memory)], now)
        unit = only(told)
        figures = (unit.busy, unit.idle, unit.starting, unit.cpu, unit.memory_peak)
        assert all(new >= old for new, old in zip(figures, last, strict=True))
        assert unit.busy + unit.idle + unit.starting <= (furthest - 100.0) * SECOND + 1
        last = figures


def test_what_has_not_grown_is_not_told_again_and_what_ended_is_forgotten_once_it_was_told() -> None:
    """A report that does not arrive loses nothing."""
    told = splits()
    told.look([seen(1.0)], 105)
    told.reported([only(told)])
    assert told.to_report() == {}
    told.look([seen(9.0)], 110)
    told.look([], 115)
    assert only(told).busy == 5 * SECOND  # not arrived
    told.reported([only(told)])
    assert told.to_report() == {}
    assert told.dump() == {}


def test_a_worker_that_ended_with_nothing_left_to_tell_is_forgotten() -> None:
    """Its last look was reported while it lived."""
    told = splits()
    told.look([seen(1.0)], 105)
    told.reported([only(told)])
    told.look([], 110)
    assert told.dump() == {}


def test_the_next_gateway_goes_on(tmp_path: Path) -> None:
    """What was kept is known again, and the time between counts by what was used in it."""
    path, told = tmp_path / "activity.json", splits()
    told.look([seen(1.0)], 105)
    told.look([seen(9.0)], 110)
    split_file.keep(path, told.dump())
    again = splits()
    split_file.load(path, again)
    assert only(again) == only(told)
    again.look([seen(9.1)], 130)
    assert (only(again).busy, only(again).idle) == (5 * SECOND, 20 * SECOND)


@pytest.mark.parametrize(
    "told",
    [None, b"", b"\xff", b"[]", b"{}", b'{"boot": 1}', {"units": 5}, {"units": {"u": {"no": 1}}}, {"boot": "earlier"}],
    ids=repr,
)
def test_a_file_that_is_broken_or_of_an_earlier_boot_says_nothing(tmp_path: Path, told: Any) -> None:
    """Counting begins anew, and the gateway starts."""
    path = tmp_path / "activity.json"
    one = splits()
    one.look([seen()], 105)
    split_file.keep(path, one.dump())
    if isinstance(told, dict):
        path.write_text(json.dumps(json.loads(path.read_text()) | told))
    elif told is None:
        path.unlink()
    else:
        path.write_bytes(told)
    again = splits()
    split_file.load(path, again)
    assert again.to_report() == {}
