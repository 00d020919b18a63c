"""What a person may start, group by group: what the spawn page, the gateway's options and the panel render.

A profile that could not start now is offered all the same, with its reason: people see what there is, and what to wait
for.
"""

from collections.abc import Mapping
from datetime import datetime

from hub_ext.contract.account import Balance, Holding
from hub_ext.contract.offers import GroupOffer, Offers, ProfileOffer
from hub_ext.policy.admission import Standing
from hub_ext.policy.choosing import options_for
from hub_ext.policy.document import Policy, Price
from hub_ext.policy.profiles import ClusterProfile
from hub_ext.policy.rates import base_rate, price_at, worker_rate
from hub_ext.policy.resolving import EntitledGroup, Entitlement
from hub_ext.policy.sharing import flows
from hub_ext.policy.weighing import Weighed, need_of, weigh


def offers(
    policy: Policy,
    entitlement: Entitlement,
    standings: Mapping[str, Standing],
    balances: Mapping[str, Balance],
    *,
    now: datetime,
) -> Offers:
    """Return everything that a person may start, by the group that would be charged.

    Args:
        policy: the policy in force.
        entitlement: of the person.
        standings: by group name, one for each of the person's groups.
        balances: the same groups' money of this month.
        now: the moment, aware; prices are those that hold at it.
    """
    user = entitlement.identity.name
    return Offers(
        identity=entitlement.identity,
        as_of=now,
        currency=policy.currency_at(now),
        groups=tuple(
            _group(policy, group, standings[group.name], balances[group.name], user=user, now=now)
            for group in entitlement.groups
        ),
        may=entitlement.may,
        leads=entitlement.leads,
        contact=policy.defaults.contact,
        group_titles=tuple(policy.group_title(name) for name in policy.groups),
    )


def _group(
    policy: Policy, group: EntitledGroup, standing: Standing, balance: Balance, *, user: str, now: datetime
) -> GroupOffer:
    price = price_at(policy.prices, now)
    flow = flows(standing.cohort).get(group.name) if standing.cohort else None
    return GroupOffer(
        group=group.name,
        title=group.title,
        balance=balance,
        cores=Holding(
            used=standing.group.shape.cores,
            quota=group.rules.quota.cores,
            mine=standing.person.shape.cores,
            borrowed=flow.borrowed if flow else None,
            lent=flow.lent if flow else None,
        ),
        profiles=tuple(
            _profile(policy, group.name, name, price, weigh(policy, group, name, standing, user=user, now=now))
            for name in group.profiles
        ),
    )


def _profile(policy: Policy, group: str, name: str, price: Price, weighed: Weighed) -> ProfileOffer:
    profile, obstacle = policy.profiles[name], weighed.obstacle
    cluster = profile if isinstance(profile, ClusterProfile) else None
    base = base_rate(profile, price)
    return ProfileOffer(
        name=name,
        kind=policy.kind_of(name),
        title=policy.profile_title(name),
        description=profile.description,
        shape=cluster.worker.shape if cluster else need_of(profile).shape,
        scheduler=cluster.scheduler.shape if cluster else None,
        workers_max=cluster.workers.max if cluster else 0,
        price_per_hour=worker_rate(cluster, price) if cluster else base,
        scheduler_price_per_hour=base if cluster else None,
        idle_seconds=int(profile.idle_default.total_seconds()),
        no_client_seconds=int(cluster.no_client.total_seconds()) if cluster and cluster.no_client else 0,
        stops_with_server=cluster.stops_with_server if cluster else False,
        lifetime_seconds=int(profile.lifetime_max.total_seconds()),
        options=options_for(policy, group, name),
        available=obstacle is None,
        reason=obstacle.reason if obstacle else None,
        message=f"Not now: {obstacle.text} {obstacle.remedy}" if obstacle else "",
        retry_at=obstacle.retry_at if obstacle else None,
    )
