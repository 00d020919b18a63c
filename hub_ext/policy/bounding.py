"""The most that a policy can ever give out at the same time: cores, memory, GPUs by model, and processes.

Every figure is an upper bound, from four kinds of bounds of which the smallest holds:

- the group's quota of the resource itself; in a cohort, what the cohort has or the borrowing limits allow (cores only);
- how many servers, schedulers and workers there can be, by the quotas of servers and clusters and by every other
  quota that they take a part of, times what each of them takes;
- another quota, if all of them take a part of it: 8 cores with at most 4 GiB for each are at most 32 GiB;
- where none of these is there, nothing bounds it: None.

``per_user`` bounds nothing here, since nobody knows how many people there are; nor does a budget, which bounds money.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from hub_ext.contract.shape import Shape
from hub_ext.policy.document import Group, Policy, Quota
from hub_ext.policy.profiles import ClusterProfile, Profile
from hub_ext.policy.sharing import cohort_of, members

_NOTHING = Fraction(0)


@dataclass(frozen=True)
class Most:
    """The most at the same time; None: nothing bounds it."""

    cores: Fraction | None = _NOTHING
    memory: Fraction | None = _NOTHING
    """Bytes."""
    gpus: Mapping[str, Fraction | None] = field(default_factory=dict)
    """By model."""
    processes: Fraction | None = _NOTHING
    """Servers, schedulers and workers."""


@dataclass(frozen=True)
class _Unit:
    """One kind of process that a group may start."""

    shape: Shape
    server: bool
    count: Fraction | None = None
    """How many there can be; None: nothing bounds it."""


_Part = Callable[[_Unit], Fraction]


def most(policy: Policy) -> Most:
    """Return the most that all groups together can hold."""
    each = {name: _group(policy, name) for name in policy.groups}
    alone = [held for name, held in each.items() if cohort_of(policy, name) is None]
    shared = [_cohort(policy, cohort, each) for cohort in policy.cohorts]
    models = dict.fromkeys(model for held in each.values() for model in held.gpus)
    return Most(
        cores=_sum(held.cores for held in (*alone, *shared)),
        memory=_sum(held.memory for held in each.values()),
        gpus={model: _sum(held.gpus.get(model, _NOTHING) for held in each.values()) for model in models},
        processes=_sum(held.processes for held in (*alone, *shared)),
    )


def unbounded(policy: Policy) -> dict[str, list[str]]:
    """Return which groups nothing bounds, by resource: ``cores``, ``memory``, ``pods`` or ``gpus.MODEL``."""
    found: dict[str, list[str]] = {}
    for name in policy.groups:
        held = _group(policy, name)
        told = {"cores": held.cores, "memory": held.memory, "pods": held.processes}
        for resource, value in (told | {f"gpus.{model}": count for model, count in held.gpus.items()}).items():
            if value is None:
                found.setdefault(resource, []).append(name)
    return found


def largest(policy: Policy) -> Shape:
    """Return the most cores and the most memory that one process of any profile gets; they may be two processes."""
    shapes = [unit.shape for profile in policy.profiles.values() for unit in _kinds(profile)]
    return Shape(cores=max(shape.cores for shape in shapes), memory=max(shape.memory for shape in shapes))


def _kinds(profile: Profile) -> tuple[_Unit, ...]:
    if isinstance(profile, ClusterProfile):
        return _Unit(profile.scheduler.shape, server=False), _Unit(profile.worker.shape, server=False)
    return (_Unit(profile.shape, server=True),)


def _cohort(policy: Policy, cohort: str, each: Mapping[str, Most]) -> Most:
    """Return cores and processes of a cohort: all nominals and the pool, or less where borrowing limits allow less."""
    inside = members(policy, cohort)
    whole = Fraction(_pool(policy, cohort) + sum(member.nominal for member in inside.values()))
    units = [unit for name in inside for offered in policy.groups[name].profiles for unit in _offered(policy, offered)]
    by_cores = _ratio(whole, units, _one, _cores)
    return Most(
        cores=_least(whole, _sum(each[name].cores for name in inside)),
        processes=_least(by_cores, _sum(each[name].processes for name in inside)),
    )


def _offered(policy: Policy, profile: str) -> tuple[_Unit, ...]:
    return _kinds(policy.profiles[profile])


def _group(policy: Policy, name: str) -> Most:
    rules = policy.groups[name]
    limits = list(_limits(rules, _core_quota(policy, name)))
    units = [unit for offered in rules.profiles for unit in _counted(policy.profiles[offered], rules.quota, limits)]
    models = dict.fromkeys(model for unit in units for model, count in unit.shape.gpus.items() if count)
    return Most(
        cores=_bound(units, _cores, limits),
        memory=_bound(units, _memory, limits),
        gpus={model: _bound(units, _gpus(model), limits) for model in models},
        processes=_bound(units, _one, limits),
    )


def _core_quota(policy: Policy, name: str) -> Fraction | None:
    """Return the most cores that one group may hold, with what it may borrow."""
    nominal, cohort = policy.groups[name].quota.cores, cohort_of(policy, name)
    if nominal is None or cohort is None:
        return None if nominal is None else Fraction(nominal)
    inside = members(policy, cohort)
    others = sum(member.lendable for other, member in inside.items() if other != name)
    limit = inside[name].most
    return _least(Fraction(nominal + _pool(policy, cohort) + others), None if limit is None else Fraction(limit))


def _pool(policy: Policy, cohort: str) -> Decimal:
    return policy.cohorts[cohort].nominal_quota.cores or Decimal(0)


def _limits(rules: Group, cores: Fraction | None) -> Iterator[tuple[Fraction, _Part]]:
    """Yield every quota that the group has, and what a process takes of it."""
    if cores is not None:
        yield cores, _cores
    if rules.quota.memory is not None:
        yield Fraction(rules.quota.memory), _memory
    if rules.quota.servers is not None:
        yield Fraction(rules.quota.servers), lambda unit: Fraction(unit.server)
    for model, count in rules.quota.gpus.items():
        yield Fraction(count), _gpus(model)


def _counted(profile: Profile, quota: Quota, limits: list[tuple[Fraction, _Part]]) -> Iterator[_Unit]:
    """Yield the profile's processes with how many there can be, by their count and by each quota that they take of."""
    kinds = _kinds(profile)
    allowed = quota.servers if kinds[0].server else quota.clusters
    count = _times(kinds[0], None if allowed is None else Fraction(allowed), limits)
    yield _Unit(kinds[0].shape, kinds[0].server, count)
    if isinstance(profile, ClusterProfile):
        workers = None if count is None else count * profile.workers.max
        yield _Unit(kinds[1].shape, server=False, count=_times(kinds[1], workers, limits))


def _times(unit: _Unit, count: Fraction | None, limits: list[tuple[Fraction, _Part]]) -> Fraction | None:
    for limit, part in limits:
        if part(unit) > 0:
            count = _least(Fraction(limit // part(unit)), count)
    return count


def _bound(units: list[_Unit], part: _Part, limits: list[tuple[Fraction, _Part]]) -> Fraction | None:
    """Return the least of what all processes together take, and of what each quota lets them take."""
    taking = [unit for unit in units if part(unit) > 0]
    least = _sum(None if unit.count is None else unit.count * part(unit) for unit in taking)
    for limit, other in limits:
        least = _least(least, _ratio(limit, taking, part, other))
    return least


def _ratio(limit: Fraction, units: list[_Unit], part: _Part, other: _Part) -> Fraction | None:
    """Return the most of one resource by a quota of another; None: some of the processes take nothing of that."""
    if any(other(unit) == 0 for unit in units):
        return None
    return max((limit * part(unit) / other(unit) for unit in units), default=_NOTHING)


def _cores(unit: _Unit) -> Fraction:
    return Fraction(unit.shape.cores)


def _memory(unit: _Unit) -> Fraction:
    return Fraction(unit.shape.memory)


def _one(_: _Unit) -> Fraction:
    return Fraction(1)


def _gpus(model: str) -> _Part:
    return lambda unit: Fraction(unit.shape.gpus.get(model, 0))


def _least(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _sum(values: Iterable[Fraction | None]) -> Fraction | None:
    total = _NOTHING
    for value in values:
        if value is None:
            return None
        total += value
    return total
