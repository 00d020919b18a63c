"""The hint: who used how much, which other profile would have done, for how much less."""

from decimal import Decimal

import pytest

from hub_ext.contract.activity import UnitActivity
from hub_ext.contract.shape import Shape
from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost.rightsizing import hint
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy
from tests.cost.samples import at

GIB = 2**30
MINUTE = 60_000_000
NOW = at("30 00:00")
LARGE = Shape(cores=Decimal(4), memory=16 * GIB)


def policy(more: str = "") -> Policy:
    """Return one with workers of several sizes; one core hour is 0.10, one GiB hour 0.05."""
    return read_policy(
        f"""
apiVersion: gatehouse/v1
currency: USD
prices: [{{from: 2026-01-01, core_hour: 0.1, gib_hour: 0.05, gpu_hour: {{l4: 1}}, spot_factor: 0.5}}]
profiles:
  large: {{kind: cluster, title: Large workers, worker: {{cores: 4, memory: 16 GiB}}, workers: {{max: 10}}}}
  small: {{kind: cluster, title: Small workers, worker: {{cores: 2, memory: 8 GiB}}, workers: {{max: 10}}}}
  tiny: {{kind: cluster, title: Tiny workers, worker: {{cores: 1, memory: 2 GiB}}, workers: {{max: 10}}}}
  lean: {{kind: cluster, title: Lean workers, worker: {{cores: 4, memory: 15 GiB}}, workers: {{max: 10}}}}
  gpu:
    {{kind: cluster, title: GPU workers, worker: {{cores: 2, memory: 8 GiB, gpus: {{l4: 1}}}}, workers: {{max: 10}},
      price: {{worker_hour: 0.01}}}}
  spot:
    {{kind: cluster, title: Spot workers, worker: {{cores: 4, memory: 16 GiB}}, workers: {{max: 10}},
      spot: {{workers: yes}}}}
  note: {{kind: server, cores: 1, memory: 1 GiB}}
groups:
  research: {{match: [/research], profiles: [note, large, small, tiny, lean, gpu, spot]}}
  few: {{match: [/few], profiles: [large]}}
{more}
"""
    )


def worker(unit: str = "w", hours: int = 5, *, shape: Shape = LARGE) -> Interval:
    """Return a large worker: 1.20 an hour."""
    return Interval(
        unit=unit,
        kind=UnitKind.worker,
        lease="d-1",
        user="alice",
        group="research",
        profile="large",
        name="x",
        shape=shape,
        started_at=at("1 00:00"),
        ended_at=at(f"1 {hours:02}:00"),
    )


INTERRUPTIBLE = worker().model_copy(update={"profile": "spot", "spot": True})


def did(gib: float, cores: float = 1.0, *, minutes: float = 60, unit: str = "w") -> UnitActivity:
    """Return a worker that held so much and used so many cores while it computed for so long."""
    busy = int(minutes * MINUTE)
    return UnitActivity(unit=unit, busy=busy, idle=0, starting=0, cpu=int(busy * cores), memory_peak=int(gib * GIB))


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        pytest.param(did(5), ("31 %", "Small workers", "$3.00"), id="half the size does: 0.60 an hour less"),
        pytest.param(did(1), ("6 %", "Tiny workers", "$5.00"), id="the cheapest that does"),
        pytest.param(did(1, 1.5), ("6 %", "Small workers", "$3.00"), id="one core would have been slower"),
        pytest.param(did(6.2), None, id="8 GiB hold 6.2, but not a third more: 15 GiB save too little"),
        pytest.param(did(5, 2.5), None, id="more cores in use than small workers have"),
        pytest.param(did(5, minutes=4), None, id="looked at for too short a time"),
        pytest.param(did(0), None, id="memory is not known"),
        pytest.param(did(20), None, id="more than it paid for"),
    ],
)
def test_a_hint_is_told_where_it_is_safe_and_worth_it(
    activity: UnitActivity, expected: tuple[str, str, str] | None
) -> None:
    """Never another GPU, never interruptible machines."""
    found = hint(policy(), "research", [worker()], {"w": activity}, NOW)
    sentence = "You used {} of the memory you paid for; {} would have cost {} less."
    assert found == (sentence.format(*expected) if expected else "")


@pytest.mark.parametrize(
    ("group", "intervals", "activity"),
    [
        pytest.param("few", [worker()], [did(1)], id="no other profile"),
        pytest.param("gone", [worker()], [did(1)], id="the policy has no such group any more"),
        pytest.param("research", [], [], id="no worker"),
        pytest.param("research", [INTERRUPTIBLE], [did(1)], id="the others are not interruptible: another price"),
        pytest.param("research", [worker(), worker("v")], [did(1)], id="a worker that nobody looked at"),
        pytest.param("research", [worker(), worker("v")], [did(1), did(14, unit="v")], id="one worker needed it"),
    ],
)
def test_what_is_not_known_is_not_told(group: str, intervals: list[Interval], activity: list[UnitActivity]) -> None:
    """A wrong hint costs somebody their results."""
    assert hint(policy(), group, intervals, {one.unit: one for one in activity}, NOW) == ""


def test_a_few_cents_are_not_worth_a_sentence() -> None:
    """Six minutes of a large worker cost 12 cents, of a small one 6 less; five minutes: 5 less, which is not more."""
    short = worker()
    for minutes, told in ((6, True), (5, False)):
        one = short.model_copy(update={"ended_at": at(f"1 00:0{minutes}")})
        assert bool(hint(policy(), "research", [one], {"w": did(5, minutes=5)}, NOW)) is told
