"""A worker's time splits into starting, busy and idle as it was measured, and never into more than it lived."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.activity import UnitActivity
from hub_ext.pods.facts import Pod, read
from hub_ext.pods.measures import Measured
from hub_ext.pods.splitting import GAP, Splits, workers
from tests.pods.samples import at, container, pod, running

SECOND = 1_000_000
BUSY, IDLE = 0.9, 0.02
THRESHOLD = 0.1


def worker(name: str = "w1", since: float = 0, **changed: Any) -> Pod:
    """A worker that runs."""
    return read(pod(container(running(since)), name=name, uid=f"uid-{name}", scheduled=0, **changed))


def use(began: float, ended: float, cores: float, memory: int = 1) -> dict[str, Measured]:
    """What ``w1`` used."""
    return {"uid-w1": Measured(at(began), at(ended), cores, memory)}


def split(*looks: dict[str, Measured], kept: tuple[UnitActivity, float] | None = None) -> UnitActivity:
    """Return what is told of ``w1`` after these looks."""
    splits = Splits(THRESHOLD)
    splits.begin(worker(), None if kept is None else (kept[0], at(kept[1])))
    for used in looks:
        splits.look([worker()], used)
    ((told,),) = splits.grown().values()
    return told


def figures(told: UnitActivity) -> tuple[float, float, float, float]:
    """Return seconds busy, idle, starting, and of CPU."""
    return told.busy / SECOND, told.idle / SECOND, told.starting / SECOND, told.cpu / SECOND


def test_it_starts_then_each_measurement_says_what_it_did() -> None:
    """Until the first window begins it is starting; the CPU time is of the busy part; memory is the peak."""
    told = split(use(5, 20, BUSY, 300), use(20, 35, IDLE, 200), use(35, 50, 2.0, 100))
    assert figures(told) == (30, 15, 5, 15 * BUSY + 15 * 2)
    assert (told.unit, told.memory_peak) == ("l1-w1", 300)


def test_a_measurement_counts_since_the_last_one() -> None:
    """A window that is shorter than the time between two stands for all of it; one that repeats, for nothing."""
    assert figures(split(use(0, 15, BUSY), use(45, 60, IDLE), use(45, 60, IDLE), use(0, 15, BUSY)))[:3] == (15, 45, 0)


def test_what_nobody_measured_is_not_known() -> None:
    """After a silence the window alone counts; a service that begins late does not take the past for a start."""
    late = GAP.total_seconds() + 100
    assert figures(split(use(0, 15, BUSY), use(late, late + 15, IDLE)))[:3] == (15, 15, 0)
    assert figures(split(use(late, late + 15, IDLE)))[:3] == (0, 15, 0)


def test_another_replica_goes_on() -> None:
    """What was kept stays, and what its window has in common with it counts once."""
    kept = UnitActivity(unit="l1-w1", busy=15 * SECOND, idle=0, starting=0, cpu=SECOND, memory_peak=500)
    told = split(use(5, 20, BUSY), use(15, 30, IDLE), kept=(kept, 25))
    assert figures(told) == (15, 5, 0, 1)
    assert told.memory_peak == 500


def test_what_is_kept_is_not_told_again_and_what_has_ended_is_forgotten() -> None:
    """Figures that could not be kept stay, also of a worker that is gone."""
    splits, one, two = Splits(THRESHOLD), worker(), worker("w2")
    for each in (one, two):
        splits.begin(each, None)
    both = use(0, 15, BUSY) | {"uid-w2": Measured(at(0), at(15), IDLE, 1)}
    splits.look([one, two], both)
    assert {unit.unit for unit in splits.grown()["l1"]} == {"l1-w1", "l1-w2"}
    splits.kept(["l1-w2"])
    splits.look([], {})
    assert [unit.unit for unit in splits.grown()["l1"]] == ["l1-w1"]
    assert [each.unit for each in splits.unknown([one, two])] == ["l1-w2"]
    splits.kept(["l1-w1"])
    splits.look([], {})
    assert (splits.grown(), len(splits.unknown([one, two]))) == ({}, 2)


def test_only_running_workers_are_looked_at() -> None:
    """No scheduler, no server, nothing that waits."""
    waits = read(pod(container({"waiting": {"reason": "ContainerCreating"}}), scheduled=0))
    scheduler = read(pod(container(running(0)), unit="scheduler", scheduled=0))
    assert workers([waits, scheduler, worker()]) == [worker()]


@given(
    st.lists(st.tuples(st.floats(-30, 600), st.floats(0, 200), st.floats(0, 4), st.booleans()), max_size=12),
    st.floats(0, 60),
)
def test_the_parts_never_make_more_than_its_life(looks: list[tuple[float, float, float, bool]], born: float) -> None:
    """Whatever windows come in whatever order, and whenever another replica takes over."""
    one, splits, last, now = worker(since=born), Splits(THRESHOLD), None, born
    for ended, length, cores, moves in looks:
        if splits.unknown([one]):
            splits.begin(one, None if last is None else (last, at(now)))
        splits.look([one], use(ended - length, ended, cores))
        now = max(now, ended)
        for told in splits.grown().get("l1", []):
            assert told.busy + told.idle + told.starting <= timedelta(seconds=now - int(born)) // timedelta.resolution
            assert last is None or all(
                getattr(told, name) >= getattr(last, name) for name in ("busy", "idle", "starting", "cpu")
            )
            last = told
        splits.kept(["l1-w1"])
        if moves:
            splits = Splits(THRESHOLD)
