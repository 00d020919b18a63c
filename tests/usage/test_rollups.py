"""The daily sums: always those of the intervals that have ended, however they came to be."""

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_ext.contract.quantities import Quantity
from hub_ext.contract.usage import Event, EventType, Source
from hub_ext.cost.quantities import going_on, quantities, rate_of
from hub_ext.usage import leases, ledger, rollups
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.folding import by_day
from hub_ext.usage.leases import Pricing
from hub_ext.usage.trying import repeated
from tests.usage.samples import NOON, at, cluster_lease, event

_TICK = timedelta(microseconds=1)
_ALWAYS = (date(2020, 1, 1), date(2030, 1, 1))
_Sums = dict[tuple[str, str, date, str], int]


def _leases(connection: Connection) -> None:
    """Two clusters of one group, and one of another; the last has a price of its own."""
    leases.add(connection, cluster_lease("l1"), Pricing(), NOON)
    leases.add(connection, cluster_lease("l2", user="bob"), Pricing(worker=Decimal("0.10")), NOON)
    leases.add(connection, cluster_lease("l3", group="gpu"), Pricing(worker=Decimal("0.1")), NOON)


def _key(one: Quantity) -> tuple[str, str, date, str]:
    return one.group, one.user, one.day, rollups.rate_id(one.rate)


def _told(connection: Connection) -> tuple[_Sums, _Sums]:
    """Return the sums by person, and those by group, as they are read."""
    found = [one for one in rollups.ended(connection, *_ALWAYS, users=None) if one.ticks]
    people = {_key(one): one.ticks for one in found if one.user}
    groups = {_key(one): one.ticks for one in found if not one.user}
    return people, groups


def _counted(connection: Connection) -> tuple[_Sums, _Sums]:
    """Return the same, from the intervals."""
    people: _Sums = defaultdict(int)
    groups: _Sums = defaultdict(int)
    for one in ledger.overlapping(connection, at(-(10**7)), at(10**7)):
        rate = rollups.rate_id(rate_of(one))
        for day, ticks in by_day(one.started_at, one.ended_at).items() if one.ended_at else ():
            people[one.group, one.user, day, rate] += ticks
            groups[one.group, "", day, rate] += ticks
    return people, groups


_HAPPENED = st.builds(
    lambda unit, type_, seconds, source, number: event(
        unit, type_, seconds, source=source, lease=f"l{unit[1]}", number=number
    ),
    unit=st.sampled_from(["w1a", "w1b", "w2a", "w3a"]),
    type_=st.sampled_from(list(EventType)),
    seconds=st.integers(-200_000, 200_000),
    source=st.sampled_from(list(Source)),
    number=st.integers(0, 3),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(_HAPPENED, min_size=1, max_size=6), max_size=6))
def test_sums_are_those_of_the_intervals(batches: list[list[Event]], tmp_path_factory: object) -> None:
    """Whatever is reported in whatever order, the sums are those of the ended intervals, and counting anew agrees."""
    base: Path = tmp_path_factory.mktemp("rollups")  # type: ignore[attr-defined]  # pytest's factory
    database = Database(f"sqlite:///{base}/ledger.sqlite")
    database.migrate()
    with database.write() as connection:
        _leases(connection)
        for batch in batches:
            ledger.record(connection, batch, NOON)
        told, counted = _told(connection), _counted(connection)
        rollups.rebuild(connection)
        again = _told(connection)
    database.close()

    assert told == counted
    assert again == counted


def test_a_better_known_end_corrects_the_sums(database: Database) -> None:
    """An estimated end is counted, and taken back when the exact one arrives."""
    with database.write() as connection:
        _leases(connection)
        ledger.record(connection, [event("w1", EventType.started, 0)], NOON)
        ledger.record(connection, [event("w1", EventType.ended, 90, source=Source.estimated)], NOON)
        [before] = rollups.ended(connection, *_ALWAYS, groups=["research"])
        ledger.record(connection, [event("w1", EventType.ended, 60)], NOON)
        [after] = rollups.ended(connection, *_ALWAYS, groups=["research"])

    assert (before.ticks * _TICK, after.ticks * _TICK) == (timedelta(seconds=90), timedelta(seconds=60))


def test_equal_prices_are_one_rate(database: Database) -> None:
    """0.10 and 0.1 are the same price; another group does not see it."""
    life = [(EventType.started, 0), (EventType.ended, 60)]
    with database.write() as connection:
        _leases(connection)
        ledger.record(connection, [event(f"w{n}", kind, s, lease=f"l{n}") for n in (2, 3) for kind, s in life], NOON)
        both = rollups.ended(connection, *_ALWAYS)

    assert len({rollups.rate_id(row.rate) for row in both}) == 1
    assert {row.group for row in both} == {"research", "gpu"}


def test_many_reporters_of_one_group_lose_nothing(database: Database) -> None:
    """Eight reporters add to the same day of one group at the same time."""
    with database.write() as connection:
        for number in range(8):
            leases.add(connection, cluster_lease(f"c{number}"), Pricing(), NOON)

    @repeated
    def report(number: int) -> None:
        lease = f"c{number % 8}"
        life = [(EventType.started, 0), (EventType.ended, 1)]
        with database.write() as connection:
            leases.hold(connection, {lease})
            ledger.record(connection, [event(f"u{number}", kind, s, lease=lease) for kind, s in life], NOON)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(report, range(64)))
    with database.read() as connection:
        [row] = rollups.ended(connection, *_ALWAYS)
    assert row.ticks * _TICK == timedelta(seconds=64)


@pytest.mark.parametrize("seconds", [0, -0.000001, 43_199.999999, 43_200, 1.5], ids=str)
def test_what_runs_is_summed_by_the_day_of_its_start(database: Database, seconds: float) -> None:
    """What the database counts of running units is what the intervals say."""
    starts = [("w1a", "l1", seconds), ("w1b", "l1", 7.25), ("w2a", "l2", seconds)]
    with database.write() as connection:
        _leases(connection)
        happened = [event(unit, EventType.started, at_, lease=lease) for unit, lease, at_ in starts]
        ledger.record(connection, [*happened, event("w3a", EventType.started, 0, lease="l3")], NOON)
        ledger.record(connection, [event("w3a", EventType.ended, 60, lease="l3")], NOON)
        until = at(200_000)
        told = rollups.going(connection, until, by_person=True)
        whole = rollups.going(connection, until)
        running = ledger.running(connection)

    def summed(parts: Iterable[Quantity], *, user: bool) -> _Sums:
        found: _Sums = defaultdict(int)
        for one in parts:
            found[one.group, one.user if user else "", one.day, rollups.rate_id(one.rate)] += one.ticks
        return found

    month = at(-40 * 86_400)
    assert summed(going_on(told, until=until), user=True) == summed(
        quantities(running, since=month, until=until), user=True
    )
    assert summed(going_on(whole, until=until), user=False) == summed(
        quantities(running, since=month, until=until), user=False
    )
    assert sum(one.count for one in whole) == len(running) == len(starts)


def test_sums_of_one_person_are_told_beside_the_groups(database: Database) -> None:
    """Only of those who were asked for; without anybody, the groups' alone."""
    life = [(EventType.started, 0), (EventType.ended, 60)]
    with database.write() as connection:
        _leases(connection)
        ledger.record(connection, [event(f"w{n}", kind, s, lease=f"l{n}") for n in (1, 2) for kind, s in life], NOON)
        told = {
            users: sorted({one.user for one in rollups.ended(connection, *_ALWAYS, users=users)})
            for users in ((), ("bob",), ("carol",))
        }

    assert told == {(): [""], ("bob",): ["", "bob"], ("carol",): [""]}
