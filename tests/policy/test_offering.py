"""People see what they may start, with price and room, and what they must wait for."""

from decimal import Decimal

from hub_ext.contract.account import Balance
from hub_ext.contract.identity import Identity
from hub_ext.contract.offers import Offers
from hub_ext.contract.reasons import Reason
from hub_ext.policy.admission import Standing
from hub_ext.policy.offering import offers
from hub_ext.policy.resolving import resolve
from tests.policy.samples import GIB, NOW, alice, policy, standing


def offered(held: dict[str, Standing], identity: Identity | None = None) -> Offers:
    """Return what a person in these groups is offered."""
    rules, who = policy(), identity or alice("/research", "/gpu")
    balances = {
        name: Balance(
            group=name,
            title=rules.group_title(name),
            month="2026-11",
            spent=one.spent,
            mine=one.person_spent,
            burn_rate=Decimal(0),
            my_burn_rate=Decimal(0),
        )
        for name, one in held.items()
    }
    return offers(rules, resolve(rules, who), held, balances, now=NOW)


def test_groups_and_profiles_keep_their_order() -> None:
    """Groups stand in policy order, profiles in the group's order."""
    told = offered({"research": standing(), "gpu": standing()})
    assert [(group.title, [profile.name for profile in group.profiles]) for group in told.groups] == [
        ("Research", ["small", "large", "standard", "wide"]),
        ("GPU", ["gpu-notebook", "small"]),
    ]


def test_server_offer_has_shape_and_price() -> None:
    """A server is offered with its shape, its price per hour and its idle time."""
    small = offered({"research": standing(), "gpu": standing()}).groups[0].profiles[0]
    assert (small.title, small.shape.memory, small.idle_seconds) == ("Small notebook", 2 * GIB, 3600)
    assert (small.price_per_hour, small.available) == (Decimal("0.05"), True)


def test_cluster_offer_has_both_prices() -> None:
    """A cluster is offered with the price of a worker, and that of the scheduler beside it."""
    wide = offered({"research": standing(), "gpu": standing()}).groups[0].profiles[3]
    assert (wide.shape.cores, wide.workers_max) == (Decimal(3), 8)
    assert (wide.price_per_hour, wide.scheduler_price_per_hour) == (Decimal("0.14"), Decimal("0.05"))
    assert (wide.no_client_seconds, wide.stops_with_server) == (0, True)


def test_offer_that_must_wait_says_why() -> None:
    """A profile that could not start now is offered all the same, with its reason."""
    told = offered({"research": standing({"carol": 62}), "gpu": standing()})
    small, large, *_ = told.groups[0].profiles
    assert small.available
    assert (large.available, large.reason) == (False, Reason.quota_exceeded)
    assert large.message.startswith(
        "Not now: Research has 2 of its 64 cores left, and Large notebook needs 4 (carol 62)."
    )


def test_cores_are_told_beside_quota() -> None:
    """The group's cores are told as used, of how many, and how many of them are mine."""
    cores = offered({"research": standing({"carol": 5, "alice": 2}), "gpu": standing()}).groups[0].cores
    assert (cores.used, cores.quota, cores.mine) == (Decimal(7), Decimal(64), Decimal(2))


def test_person_without_group_is_offered_nothing() -> None:
    """Who is in no group gets nothing but whom to ask, and the titles of what would let them in."""
    told = offered({}, Identity(name="carol", groups=("/vpn",)))
    assert (told.groups, told.admitted, told.contact) == ((), False, "#data-platform")
    assert told.group_titles == ("Research", "GPU", "Analysts", "Production")


def test_administrator_is_admitted_without_group() -> None:
    """Who only has rights is admitted, and offered nothing to start."""
    told = offered({}, Identity(name="adam", groups=("/platform-admins",)))
    assert (told.groups, told.admitted, told.may) == ((), True, ("read", "policy"))
