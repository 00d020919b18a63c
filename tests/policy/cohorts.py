"""Cohorts to plan for: a short way to write them, and a strategy that draws any."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from hub_ext.policy.credits import Credits, Terms
from hub_ext.policy.sharing import PATIENCE, Claim, Cohort, Member, Table
from tests.policy.samples import NOW

LONG_AGO = NOW - PATIENCE
"""Since when a lender waits whose patience is at its end."""


def member(nominal: int, *, lends: int | None = None, borrows: int | None = None, **more: object) -> Member:
    """Return a member; without more words it lends everything and borrows whatever there is.

    ``credits`` is a balance in core-minutes of at most 5,000, ``overdraft`` its mode; ``usage`` is decayed usage.
    """
    weight, reserved = Decimal(str(more.get("weight", 1))), bool(more.get("reserved", False))
    balance, usage = more.get("credits"), float(str(more.get("usage", 0)))
    terms = Terms(Decimal(nominal), Decimal(5000 * 60), bool(more.get("overdraft", False)))
    saved = None if balance is None else Credits(Decimal(str(balance)) * 60, terms)
    lendable = 0 if reserved else nominal if lends is None else lends
    borrowing = None if borrows is None else Decimal(borrows)
    return Member("", Decimal(nominal), Decimal(lendable), borrowing, weight, reserved, saved, usage)


def claim(lease: str, workers: int, wish: int, *, cores: int = 1, age: int = 60, waits: bool = False) -> Claim:
    """Return a cluster's claim; ``lease`` is ``group`` or ``group-number``, ``age`` is in minutes."""
    return Claim(
        lease=lease,
        group=lease.partition("-")[0],
        cores=Decimal(cores),
        workers=workers,
        wish=wish,
        requested_at=NOW - timedelta(minutes=age),
        waiting_since=LONG_AGO if waits else None,
    )


def cohort(
    members: Mapping[str, Member], *claims: Claim, pool: int = 0, fixed: Mapping[str, int] | None = None
) -> Cohort:
    """Return a cohort."""
    held = {name: Decimal(cores) for name, cores in (fixed or {}).items()}
    return Cohort(members, Decimal(pool), held, claims)


def total(state: Cohort, workers: Mapping[str, int]) -> dict[str, Decimal]:
    """Return what each group holds with these workers."""
    used = {name: state.fixed.get(name, Decimal(0)) for name in state.members}
    for each in state.claims:
        used[each.group] += workers[each.lease] * each.cores
    return used


@st.composite
def cohorts(draw: st.DrawFn, *, largest: int = 4, bursts: bool = False) -> Cohort:
    """Draw a cohort of two to four groups, whose clusters hold no more than they may; ``bursts``: some need credits."""
    cores = st.integers(1, largest)
    members = {name: draw(_members(bursts=bursts)) for name in draw(st.sampled_from(["ab", "abc", "abcd"]))}
    pool = draw(st.sampled_from([0, 0, 5, 20]))
    clusters = draw(st.lists(st.tuples(st.sampled_from(sorted(members)), cores, st.integers(0, 90)), max_size=7))
    claims = tuple(
        claim(f"{group}-{number}", 0, 0, cores=size, age=age) for number, (group, size, age) in enumerate(clusters)
    )
    fixed = {name: draw(st.integers(0, int(each.guaranteed + each.lendable) // 2)) for name, each in members.items()}
    return _filled(draw, cohort(members, *claims, pool=pool, fixed=fixed))


@st.composite
def _members(draw: st.DrawFn, *, bursts: bool) -> Member:
    nominal = draw(st.integers(0, 30))
    return member(
        nominal,
        lends=draw(st.integers(0, nominal)),
        borrows=draw(st.none() | st.integers(0, 40)),
        weight=draw(st.sampled_from(["0.5", "1", "1.5", "3"])),
        reserved=draw(st.booleans()),
        usage=draw(st.sampled_from([0, 0, 10, 5000])),
        credits=draw(st.sampled_from([None, -30, 0, 1, 20, 100, 5000])) if bursts else None,
        overdraft=draw(st.booleans()),
    )


def _without_credits(members: Mapping[str, Member]) -> dict[str, Member]:
    return {name: replace(each, credits=None) for name, each in members.items()}


def _filled(draw: st.DrawFn, empty: Cohort) -> Cohort:
    """Grant each cluster something of what is free, and let some of those who may wait."""
    table, claims = Table(replace(empty, members=_without_credits(empty.members))), []
    for each in empty.claims:
        workers = draw(st.integers(0, int(table.room(each.group) // each.cores)))
        table.take(each.group, workers * each.cores)
        wish = workers + draw(st.sampled_from([0, 0, 1, 5, 40]))
        waits = LONG_AGO if draw(st.booleans()) else None
        claims.append(Claim(each.lease, each.group, each.cores, workers, wish, each.requested_at, waits))
    return Cohort(empty.members, empty.pool, empty.fixed, tuple(claims))
