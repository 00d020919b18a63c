"""A person's month by server and cluster, day by day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.usage import Interval, UnitKind
from hub_ext.cost import budgets, daily
from hub_ext.cost.daily import Line
from hub_ext.cost.quantities import Quantity, quantities
from tests.cost.samples import PRICES, at, interval, rates, spending
from tests.policy.samples import policy

NOW = at("12 15:04:12.000007")
FIRST, DAYS = date(2026, 11, 1), 12


def of_lease(
    lease: str, start: str, end: str | None = None, *, group: str = "research", server: bool = False
) -> Interval:
    """Return a unit of a server or cluster."""
    kind = UnitKind.server if server else UnitKind.worker
    return interval(start, end, group=group).model_copy(update={"lease": lease, "kind": kind})


def lines(ran: list[Interval], most: int = 20) -> tuple[Line, ...]:
    """Return the month's lines."""
    used = (
        Quantity(one.day, one.group, one.user, unit.lease, one.rate, one.ticks)
        for unit in ran
        for one in quantities([unit], since=at("1 00:00"), until=NOW)
    )
    return daily.lines(rates(), used, first=FIRST, days=DAYS, most=most)


def test_each_server_and_cluster_has_its_days() -> None:
    """A cluster over midnight has two days, the dearest is first, and what cost nothing is left out."""
    found = lines(
        [
            of_lease("c-1", "1 22:00", "2 01:00"),
            of_lease("s-1", "3 00:00", "3 10:00", server=True),
            of_lease("old", "2026-10-30T00:00", "2026-10-31T00:00"),
        ]
    )
    assert [(line.lease, line.kind, line.cost) for line in found] == [
        ("s-1", "server", Decimal("0.40")),
        ("c-1", "cluster", Decimal("0.12")),
    ]
    assert found[1].daily == (Decimal("0.08"), Decimal("0.04"), *[Decimal(0)] * 10)


def test_the_rest_is_summed_up_by_group_and_kind() -> None:
    """With room for one line the others are one line for each group and kind, with how many they are."""
    ran = [of_lease(f"c-{n}", "1 00:00", f"1 0{n}:00") for n in range(1, 5)]
    ran += [of_lease("s-1", "1 00:00", "1 01:00", server=True), of_lease("g-1", "1 00:00", "1 01:00", group="gpu")]
    found = lines(ran, most=1)
    assert [(line.lease, line.group, line.kind, line.count, line.cost) for line in found] == [
        ("c-4", "research", "cluster", 1, Decimal("0.16")),
        ("", "gpu", "cluster", 1, Decimal("0.04")),
        ("", "research", "cluster", 3, Decimal("0.24")),
        ("", "research", "server", 1, Decimal("0.04")),
    ]


def test_nothing_ran() -> None:
    """Without use there are no lines, and the total is zero."""
    assert lines([]) == ()
    assert daily.total(()) == 0


MOMENTS = st.integers(0, 12 * 86_400_000_000).map(lambda ticks: at("1 00:00") + timedelta(microseconds=ticks))


@given(
    st.lists(st.tuples(MOMENTS, MOMENTS | st.none(), st.sampled_from("abcdefgh"), st.booleans()), max_size=12),
    st.integers(0, 5),
)
def test_lines_add_up_to_what_the_account_says(
    units: list[tuple[datetime, datetime | None, str, bool]], most: int
) -> None:
    """Whatever ran and however little room there is, a group's lines are the balance's ``mine`` to the last digit."""
    ran = [
        interval(start, end, group="research" if lease < "e" else "gpu").model_copy(
            update={"lease": lease, "kind": UnitKind.server if server else UnitKind.worker, "unit": f"{n}"}
        )
        for n, (start, end, lease, server) in enumerate(units)
    ]
    found = lines(ran, most)
    rules = policy().model_copy(update={"prices": PRICES})
    for group in ("research", "gpu"):
        mine = spending([one for one in ran if one.group == group], since=at("1 00:00"), until=NOW)
        told = budgets.balance(rules, group, mine, mine, user="alice")
        assert daily.total(line for line in found if line.group == group) == told.mine
    assert sum(bool(line.lease) for line in found) <= most
    assert all(len(line.daily) == DAYS for line in found)
