"""A closed month: what changes in it afterwards is kept as a correction, in the transaction that changes it."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.usage import Event, EventType, Source, UnitKind
from hub_ext.policy.document import Policy
from hub_ext.usage import corrections, leases, ledger
from hub_ext.usage.corrections import SETTLING, Span, differences
from hub_ext.usage.database import Database
from hub_ext.usage.leases import Pricing
from tests.usage.samples import NOON, cluster_lease

POLICY = Policy.model_validate(
    {
        "apiVersion": "gatehouse/v1",
        "currency": "EUR",
        "prices": [{"from": date(2026, 1, 1), "core_hour": "0.04", "gpu_hour": {"l4": "0.7"}, "spot_factor": "35%"}],
        "profiles": {"small": {"kind": "server", "cores": 1, "memory": "1 GiB"}},
        "groups": {"research": {"match": ["/research"], "profiles": ["small"]}},
    }
)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = NOVEMBER.replace(month=10)


def when(text: str) -> datetime:
    """Return an instant: ``10-31T23:00``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def happened(database: Database, type_: EventType, at: str, *, source: Source = Source.exact, now: datetime) -> None:
    """Report an event of the worker ``w1``."""
    event = Event(
        id=f"w1-{type_}-{at}", unit="w1", kind=UnitKind.worker, lease="l1", type=type_, at=when(at), source=source
    )
    with database.write() as connection:
        if leases.get(connection, "l1") is None:
            leases.add(connection, cluster_lease(), Pricing(), NOON)
        leases.hold(connection, ["l1"])
        ledger.record(connection, [event], now)


def close(database: Database, month: str = "2026-10", now: datetime = NOVEMBER + timedelta(days=2)) -> bool:
    """Close a month; say whether it was open."""
    with database.write() as connection:
        return corrections.close(connection, POLICY, month, author="rita", now=now)[1]


def kept(database: Database) -> list[tuple[str, datetime, datetime, bool, datetime]]:
    """Return every correction of the year."""
    with database.read() as connection:
        found = corrections.touching(connection, when("01-01T00:00"), when("12-31T00:00"))
    return [(one.month, one.since, one.until, one.added, one.at) for one in found]


def test_a_late_end_takes_time_off_a_closed_month(database: Database) -> None:
    """A worker ran on when October was closed; that it had ended on the 31st is a correction of the day it was told."""
    told = when("11-05T09:00")
    happened(database, EventType.started, "10-31T22:00", now=when("10-31T22:00"))
    assert close(database)
    happened(database, EventType.ended, "10-31T23:00", now=told)

    assert kept(database) == [("2026-10", when("10-31T23:00"), NOVEMBER, False, told)]


def test_a_better_known_end_adds_time(database: Database) -> None:
    """An estimated end is replaced by the exact one, which is later: the difference is added, October's part only."""
    told = when("11-05T09:00")
    happened(database, EventType.started, "10-31T22:00", now=when("10-31T22:00"))
    happened(database, EventType.ended, "10-31T23:00", source=Source.estimated, now=when("11-01T01:00"))
    close(database)
    happened(database, EventType.ended, "11-01T03:00", now=told)

    assert kept(database) == [("2026-10", when("10-31T23:00"), NOVEMBER, True, told)]


def test_an_unknown_unit_of_a_closed_month_is_added_whole(database: Database) -> None:
    """A unit that nobody had reported until October was closed is a correction from its start to its end."""
    told = when("11-05T09:00")
    close(database)
    happened(database, EventType.ended, "10-20T11:00", now=told)
    happened(database, EventType.started, "10-20T10:00", now=told)

    assert kept(database) == [("2026-10", when("10-20T10:00"), when("10-20T11:00"), True, told)]


def test_open_months_and_repetitions_leave_nothing(database: Database) -> None:
    """Without a closed month nothing is a correction, and neither is an event that comes twice."""
    happened(database, EventType.started, "10-31T22:00", now=when("10-31T22:00"))
    happened(database, EventType.ended, "10-31T23:00", now=when("11-02T00:00"))
    close(database)
    happened(database, EventType.ended, "10-31T23:00", now=when("11-05T00:00"))

    assert kept(database) == []


def test_a_month_is_closed_once_and_only_when_it_is_over(database: Database) -> None:
    """October closes an hour after its end at the earliest; the second closing keeps the first."""
    with pytest.raises(ValueError, match="2026-10 can be closed from 2026-11-01 01:00 UTC on"):
        close(database, now=NOVEMBER + SETTLING - timedelta(microseconds=1))
    assert close(database, now=NOVEMBER + SETTLING)
    assert not close(database)
    with database.read() as connection:
        told = POLICY.prices[0].model_copy(update={"currency": "EUR"})
        assert corrections.kept_prices(connection) == {"2026-10": (told,)}
        assert corrections.closed(connection, until=NOON) == ("2026-10",)
        assert corrections.closed(connection, until=OCTOBER) == ()
        assert corrections.closed(connection, since=NOVEMBER, until=NOON) == ()


def test_closing_waits_for_what_changes_an_interval(postgresql: Database) -> None:
    """On PostgreSQL a change that is not committed when October is closed is part of it; nothing falls between."""
    happened(postgresql, EventType.started, "10-31T22:00", now=when("10-31T22:00"))
    told = when("11-05T09:00")
    event = Event(id="e", unit="w1", kind=UnitKind.worker, lease="l1", type=EventType.ended, at=when("10-31T23:00"))
    closing = threading.Thread(target=close, args=[postgresql])
    with postgresql.write() as connection:
        leases.hold(connection, ["l1"])
        ledger.record(connection, [event], told)
        closing.start()
        closing.join(0.5)
        assert closing.is_alive()
    closing.join(20)

    assert (closing.is_alive(), kept(postgresql)) == (False, [])
    with postgresql.read() as connection:
        assert corrections.closed(connection, until=NOON) == ("2026-10",)


instants = st.none() | st.integers(0, 120).map(lambda days: when("09-01T00:00") + timedelta(days=days))
spans = st.tuples(instants, instants).filter(lambda s: s[0] is None or s[1] is None or s[0] <= s[1])


def _days(span: Span, first: datetime, last: datetime) -> set[int]:
    """Return the days in ``[first, last)`` that a span of whole days covers."""
    start, end = span
    days = range((last - first).days)
    at = [first + timedelta(days=day) for day in days]
    return {day for day in days if start is not None and start <= at[day] and (end is None or at[day] < end)}


@given(old=spans, new=spans)
def test_old_and_corrections_give_new(old: Span, new: Span) -> None:
    """In a closed month, what was known and what was corrected is what is known now, day by day."""
    found = differences(old, new, ["2026-10"])
    days = _days(old, OCTOBER, NOVEMBER)
    for one in found:
        stretch = _days((one.since, one.until), OCTOBER, NOVEMBER)
        assert days.isdisjoint(stretch) if one.added else stretch <= days
        days = days | stretch if one.added else days - stretch

    assert days == _days(new, OCTOBER, NOVEMBER)
    assert all(OCTOBER <= one.since < one.until <= NOVEMBER for one in found)
