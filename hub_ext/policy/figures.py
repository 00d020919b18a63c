"""Mistakes between figures: bounds that contradict each other, and limits under which nobody could ever start."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hub_ext.contract.shape import Shape
from hub_ext.contract.units import format_cores, format_duration, format_size
from hub_ext.policy.document import Group, Policy, Quota
from hub_ext.policy.draft import AnyProfile, Draft
from hub_ext.policy.lines import Path, Source
from hub_ext.policy.profiles import ServerProfile

_IDLE_ORDER = (
    ("default", "min", "default", "raise default, or lower min"),
    ("default", "default", "max", "lower default, or raise max"),
    ("min", "min", "max", "lower min, or raise max"),
)


def check_figures(source: Source, draft: Draft) -> None:
    """Add every mistake of figures to the source's mistakes."""
    _price_dates(source, draft)
    for name, profile in draft.profiles.items():
        _times(source, ("profiles", name), profile)
    for name, rules in draft.groups.items():
        path: Path = ("groups", name)
        _budget(source, path, rules)
        _sharing(source, path, rules)
        _per_user(source, path, rules)
        for offered in dict.fromkeys(rules.profiles):
            if offered in draft.profiles:
                _startable(source, path, rules, offered, draft.profiles[offered])


def _price_dates(source: Source, draft: Draft) -> None:
    whole = str(draft.raw.get("currency", Policy.model_fields["currency"].default))
    for (_, before), (place, after) in pairwise(sorted(draft.prices.items())):
        if after.since == before.since:
            source.mistake(("prices", place, "from"), f"{after.since} stands twice; keep one entry for a date")
        elif after.since < before.since:
            text = f"{after.since} comes after {before.since}; sort the entries by date, oldest first"
            source.mistake(("prices", place, "from"), text)
        else:
            _price_currency(source, place, before.currency or whole, after.currency or whole, after.since)


def _price_currency(source: Source, place: int, before: str, after: str, since: date) -> None:
    """A budget and a report of a month have one currency, so it changes between two months."""
    if before != after and since.day != 1:
        text = f"{since} changes the currency from {before} to {after} within a month; let it begin on the first of one"
        source.mistake(("prices", place, "from"), text)


def _times(source: Source, path: Path, profile: AnyProfile) -> None:
    idle = profile.idle
    if idle:
        _longer_than_nothing(source, (*path, "idle", "default"), idle.default)
        for place, low, high, remedy in _IDLE_ORDER:
            less, more = getattr(idle, low), getattr(idle, high)
            if less is not None and more is not None and less > more:
                text = f"{low} ({_time(less)}) is more than {high} ({_time(more)}); {remedy}"
                source.mistake((*path, "idle", place), text)
    if profile.lifetime:
        _longer_than_nothing(source, (*path, "lifetime", "max"), profile.lifetime.max)
    no_client = None if isinstance(profile, ServerProfile) else profile.no_client
    if no_client is not None:
        _longer_than_nothing(source, (*path, "no_client"), no_client)


def _longer_than_nothing(source: Source, path: Path, value: timedelta) -> None:
    if value <= timedelta(0):
        source.mistake(path, "would stop everything at once; write a time such as 20m, or leave the block out")


def _time(value: timedelta) -> str:
    return format_duration(int(value.total_seconds()))


def _budget(source: Source, path: Path, rules: Group) -> None:
    budget = rules.budget
    if budget is None:
        return
    if budget.per_user is not None and budget.per_user > budget.monthly:
        text = f"{budget.per_user} is more than the group's own {budget.monthly}; lower it, or raise monthly"
        source.mistake((*path, "budget", "per_user"), text)
    if any(after <= before for before, after in pairwise(budget.warn_at)):
        source.mistake((*path, "budget", "warn_at"), "must ascend, each level once; write them as [50%, 80%, 95%]")


def _sharing(source: Source, path: Path, rules: Group) -> None:
    for key in ("borrowing_limit", "lending_limit", "burst"):
        if getattr(rules, key) is not None and rules.cohort is None:
            source.mistake((*path, key), "has no effect without a cohort to share with; add cohort: or remove this")
    if rules.burst is not None and rules.cohort is not None and rules.quota.cores is None:
        text = "there is no quota.cores below which credits could be saved; add one, or remove burst"
        source.mistake((*path, "burst"), text)
    if rules.lending_limit is None:
        return
    if rules.reserved and rules.lending_limit.cores > 0:
        source.mistake((*path, "lending_limit"), "contradicts reserved: true, which never lends; remove one of them")
    elif rules.quota.cores is not None and rules.lending_limit.cores > rules.quota.cores:
        text = f"lends more than the quota of {format_cores(rules.quota.cores)}; lower it, or raise quota.cores"
        source.mistake((*path, "lending_limit", "cores"), text)


def _reach(rules: Group) -> Quota:
    """Return what the group can hold at the most: its quota, and in cores also what it may borrow."""
    if rules.cohort is None or rules.quota.cores is None:
        return rules.quota
    borrowed = rules.borrowing_limit
    cores = rules.quota.cores + borrowed.cores if borrowed else None
    return rules.quota.model_copy(update={"cores": cores})


def _figures(quota: Quota) -> dict[Path, Decimal | int]:
    named = {(key,): getattr(quota, key) for key in ("cores", "memory", "servers", "clusters")}
    found: dict[Path, Decimal | int] = {path: value for path, value in named.items() if value is not None}
    return found | {("gpus", model): count for model, count in quota.gpus.items()}


def _per_user(source: Source, path: Path, rules: Group) -> None:
    group = _figures(_reach(rules))
    for key, value in _figures(rules.per_user).items():
        if key in group and value > group[key]:
            text = f"{_amount(key, value)} for one person is more than {_amount(key, group[key])} for the whole group"
            remedy = f"lower it, or raise quota.{'.'.join(map(str, key))}"
            source.mistake((*path, "per_user", *key), f"{text}; {remedy}")


def _startable(source: Source, path: Path, rules: Group, name: str, profile: AnyProfile) -> None:
    """Find the figures that are too small for one server, or for a scheduler and one worker."""
    needs = _needs(profile)
    for key, quota in (("quota", _reach(rules)), ("per_user", rules.per_user)):
        for resource, bound in _figures(quota).items():
            need = needs.get(resource, 0)
            if need > bound:
                what = "" if isinstance(profile, ServerProfile) else " with one worker"
                text = f"{_amount(resource, bound)} is less than the {_amount(resource, need)} of profile {name}{what}"
                remedy = "nobody could ever start it; raise this, or do not offer the profile"
                source.mistake((*path, key, *resource), f"{text}: {remedy}")


def _needs(profile: AnyProfile) -> dict[Path, Decimal | int]:
    if isinstance(profile, ServerProfile):
        return _flat(profile.shape) | {("servers",): 1}
    return _flat(profile.scheduler.shape + profile.worker.shape) | {("clusters",): 1}


def _flat(shape: Shape) -> dict[Path, Decimal | int]:
    needs: dict[Path, Decimal | int] = {("cores",): shape.cores, ("memory",): shape.memory}
    return needs | {("gpus", model): count for model, count in shape.gpus.items()}


def _amount(resource: Path, value: Decimal | int) -> str:
    match resource[0]:
        case "cores":
            return format_cores(Decimal(value))
        case "memory":
            return format_size(int(value))
        case "gpus":
            return f"{value} {resource[1]}"
        case noun:
            return f"{value} {noun if value != 1 else str(noun).removesuffix('s')}"
