"""The ledger: events in any order give the same intervals."""

from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_ext.contract.errors import NotFound
from hub_ext.contract.usage import EventType, Interval, Source
from hub_ext.usage import leases, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, at, cluster_lease, event

LIFE = (
    event("w1", EventType.started, 0),
    event("w1", EventType.alive, 30),
    event("w1", EventType.ended, 59, source=Source.reconciled),
    event("w1", EventType.ended, 60),
)


def _tell(database: Database, *happened: object) -> list[Interval]:
    with database.write() as connection:
        if leases.get(connection, "l1") is None:
            leases.add(connection, cluster_lease(), Pricing(worker=Decimal("0.22")), NOON)
        for one in happened:
            ledger.record(connection, [one], NOON)  # type: ignore[list-item]  # the caller passes events
        return ledger.overlapping(connection, at(-3600), at(3600))


def test_an_interval_runs_from_start_to_end_with_what_it_is_priced_by(database: Database) -> None:
    """A worker's interval carries owner, group, shape and its profile's own price."""
    [interval] = _tell(database, *LIFE)

    assert (at(0), at(60), Source.exact) == (interval.started_at, interval.ended_at, Source.exact)
    assert ("alice", "research", Decimal(2), Decimal("0.22")) == (
        interval.user,
        interval.group,
        interval.shape.cores,
        interval.unit_price_per_hour,
    )


@pytest.mark.parametrize("order", list(permutations(LIFE)), ids=lambda order: "-".join(e.type[0] for e in order))
def test_any_order_gives_the_same_interval(database: Database, order: tuple[object, ...]) -> None:
    """Every order of four events, and a repetition of each, gives the interval of the exact end."""
    [interval] = _tell(database, *order, *order)

    assert (at(0), at(60)) == (interval.started_at, interval.ended_at)


def test_an_event_is_taken_once(database: Database) -> None:
    """The second report of an event says that it was known."""
    with database.write() as connection:
        leases.add(connection, cluster_lease(), Pricing(), NOON)
        first = ledger.record(connection, [LIFE[0], LIFE[0]], NOON)
        second = ledger.record(connection, [LIFE[0]], NOON)

    assert (first, second) == ([LIFE[0]], [])


def test_an_end_without_a_start_waits_for_it(database: Database) -> None:
    """An interval is told only once its start is known."""
    assert _tell(database, LIFE[3]) == []
    assert len(_tell(database, LIFE[0])) == 1


def test_an_unknown_lease_is_refused(database: Database) -> None:
    """Nobody can be charged for a unit without a lease."""
    with pytest.raises(NotFound, match="No lease nobody"), database.write() as connection:
        ledger.record(connection, [event("w9", EventType.started, 0, lease="nobody")], NOON)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [(-10, 0, 0), (-10, 1, 1), (59, 100, 1), (60, 100, 0)],
    ids=["ends before the start", "touches the start", "touches the end", "begins at the end"],
)
def test_a_window_is_half_open(database: Database, since: float, until: float, found: int) -> None:
    """An interval belongs to a window that it really overlaps."""
    _tell(database, *LIFE)
    with database.read() as connection:
        assert found == len(ledger.overlapping(connection, at(since), at(until)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_duplicates_and_order_never_change_the_ledger(data: st.DataObject, tmp_path_factory: object) -> None:
    """Any sequence that holds each event at least once gives the ledger of the plain sequence."""
    base: Path = tmp_path_factory.mktemp("ledger")  # type: ignore[attr-defined]  # pytest's factory
    story = [event(f"w{n}", kind, n + shift) for n in range(3) for kind, shift in _HAPPENED]
    shuffled = data.draw(st.permutations(story + data.draw(st.lists(st.sampled_from(story), max_size=6))))
    ledgers = []
    for name, events in (("plain", story), ("shuffled", shuffled)):
        database = Database(f"sqlite:///{base}/{name}.sqlite")
        database.migrate()
        ledgers.append(_tell(database, *events))
        database.close()

    assert ledgers[0] == ledgers[1]


_HAPPENED = ((EventType.started, 0), (EventType.ended, 5))
