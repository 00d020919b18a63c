"""What a set of SSO groups may do, as data and as text: ``gatehouse policy explain``."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub_ext.contract.shape import Shape
from hub_ext.contract.units import format_cores, format_duration, format_rate, format_size
from hub_ext.policy.document import Group, Policy, Quota
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.rates import base_rate, price_at, worker_rate
from hub_ext.policy.resolving import EntitledGroup, Entitlement
from hub_ext.policy.sharing import cohort_of, members
from hub_ext.policy.weighing import need_of
from hub_ext.policy.wording import amount, money


def explain(policy: Policy, entitlement: Entitlement, *, now: datetime) -> dict[str, Any]:
    """Return what the person may do as plain data, ready for JSON.

    Cores are numbers, memory is bytes, money is text with the exact amount, times are seconds.

    Args:
        policy: the policy.
        entitlement: of the person.
        now: prices are those that hold at this instant.
    """
    return {
        "groups": list(entitlement.identity.groups),
        "currency": policy.currency_at(now),
        "charged_by_default": entitlement.groups[0].name if entitlement.groups else None,
        "may_charge": [_group(policy, group, now) for group in entitlement.groups],
        "may": list(entitlement.may),
        "contact": policy.defaults.contact,
    }


def _group(policy: Policy, group: EntitledGroup, now: datetime) -> dict[str, Any]:
    rules = group.rules
    return {
        "name": group.name,
        "title": group.title,
        "profiles": [_profile(policy, name, now) for name in group.profiles],
        "quota": _quota(rules.quota),
        "per_user": _quota(rules.per_user),
        "budget": _budget(rules),
        "cohort": rules.cohort,
        "data": list(rules.data),
    }


def _profile(policy: Policy, name: str, now: datetime) -> dict[str, Any]:
    profile, price = policy.profiles[name], price_at(policy.prices, now)
    told = {
        "name": name,
        "title": policy.profile_title(name),
        "kind": profile.kind,
        "idle_seconds": int(profile.idle_default.total_seconds()),
        "lifetime_seconds": int(profile.lifetime_max.total_seconds()),
    }
    base = {"shape": _shape(need_of(profile).shape), "price_per_hour": f"{base_rate(profile, price):f}"}
    if not isinstance(profile, ClusterProfile):
        return told | base
    worker = {"shape": _shape(profile.worker.shape), "price_per_hour": f"{worker_rate(profile, price):f}"}
    return told | {"scheduler": base, "worker": worker, "workers_max": profile.workers.max}


def _shape(shape: Shape) -> dict[str, Any]:
    return shape.model_dump(mode="json")


def _quota(quota: Quota) -> dict[str, Any]:
    return quota.model_dump(mode="json", exclude_none=True, exclude={"cores"}) | (
        {} if quota.cores is None else {"cores": float(quota.cores)}
    )


def _budget(rules: Group) -> dict[str, Any] | None:
    budget = rules.budget
    if budget is None:
        return None
    return {
        "monthly": f"{budget.monthly:f}",
        "per_user": None if budget.per_user is None else f"{budget.per_user:f}",
        "warn_at": [float(share) for share in budget.warn_at],
        "on_exhausted": budget.on_exhausted,
        "grace_seconds": int(budget.grace.total_seconds()),
    }


def explanation_text(policy: Policy, entitlement: Entitlement, *, now: datetime) -> str:
    """Return the same as text for a terminal."""
    return "\n".join(_lines(policy, entitlement, now))


def _lines(policy: Policy, entitlement: Entitlement, now: datetime) -> Iterator[str]:
    who = ", ".join(entitlement.identity.groups) or "no group"
    yield f"A person in {who}"
    if not entitlement.groups and not entitlement.may:
        yield f"  is refused at login, and told to ask {policy.defaults.contact}: no group of the policy matches"
    for place, group in enumerate(entitlement.groups):
        yield ""
        yield f"{group.title} ({group.name})" + (", charged unless another is chosen" if place == 0 else "")
        yield from _offered(policy, group, now)
        yield from _limited(policy, group, policy.currency_at(now))
    if entitlement.may:
        yield ""
        yield f"Rights as an administrator: {', '.join(entitlement.may)}"


def _offered(policy: Policy, group: EntitledGroup, now: datetime) -> Iterator[str]:
    price = price_at(policy.prices, now)
    for name in group.profiles:
        profile = policy.profiles[name]
        base = format_rate(base_rate(profile, price), policy.currency_of(price))
        times = [
            f"{word} {format_duration(int(span.total_seconds()))}"
            for word, span in (("stops after idle", profile.idle_default), ("lives at most", profile.lifetime_max))
            if span
        ]
        if isinstance(profile, ClusterProfile):
            each = format_rate(worker_rate(profile, price), policy.currency_of(price))
            most = f"up to {profile.workers.max:,} workers"
            facts = [f"{most} of {_size(profile.worker.shape)} at {each} each", f"scheduler {base}", *times]
        else:
            facts = [_size(profile.shape), base, *times]
        yield f"  {profile.kind:<8} {policy.profile_title(name)} ({name}): {', '.join(facts)}"
    if not group.profiles:
        yield "  offers no profile"


def _size(shape: Shape) -> str:
    gpus = [f"{count} {model.upper()}" for model, count in shape.gpus.items() if count]
    return " + ".join([format_cores(shape.cores), format_size(shape.memory), *gpus])


def _limited(policy: Policy, group: EntitledGroup, currency: str) -> Iterator[str]:
    rules = group.rules
    yield f"  quota    {_quota_text(rules.quota)}"
    yield from _shared(policy, group.name)
    yield f"  person   {_quota_text(rules.per_user)}"
    budget = rules.budget
    if budget is None:
        yield "  budget   none"
        return
    person = "" if budget.per_user is None else f", {money(budget.per_user, currency)} per person"
    levels = ", ".join(f"{share * 100:f}".rstrip("0").rstrip(".") + " %" for share in budget.warn_at)
    warns = f"; warns at {levels}" if levels else ""
    whole = f"{money(budget.monthly, currency)} a month"
    then = _EXHAUSTED[budget.on_exhausted].format(grace=format_duration(int(budget.grace.total_seconds())))
    yield f"  budget   {whole}{person}{warns}; when used up: {then}"


def _shared(policy: Policy, group: str) -> Iterator[str]:
    """Say with whom the group shares its cores, if it does."""
    cohort = cohort_of(policy, group)
    if cohort is None:
        return
    member = members(policy, cohort)[group]
    lends = f"up to {format_cores(member.lendable)}" if member.lendable else "nothing"
    limit = member.borrowing
    borrows = "what there is" if limit is None else f"up to {format_cores(limit)}" if limit else "nothing"
    yield f"  shares   cohort {cohort}: lends {lends}, borrows {borrows}"


_EXHAUSTED = {
    "warn": "a warning, nothing else",
    "deny_new": "nothing new starts, what runs goes on",
    "drain": "nothing new starts, what runs ends after {grace}",
    "stop": "nothing new starts, what runs ends at once",
}


def _quota_text(quota: Quota) -> str:
    figures = [
        amount(name, Decimal(value))
        for name in ("cores", "memory", "servers", "clusters")
        if (value := getattr(quota, name)) is not None
    ]
    figures += [amount(f"gpus.{model}", Decimal(count)) for model, count in quota.gpus.items()]
    return ", ".join(figures) or "unbounded"
