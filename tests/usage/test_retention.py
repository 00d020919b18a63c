"""Retention: what ended long ago goes with all that is known about it; what groups used stays, and stays right."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import and_, func, select

from hub_ext.contract.admission import Decision, Kind, Request
from hub_ext.contract.errors import NotFound
from hub_ext.contract.identity import Identity
from hub_ext.contract.usage import EventType
from hub_ext.usage import decisions, leases, ledger, removed, retention, rollups, topups
from hub_ext.usage.checking import repair, verify
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import Pricing
from hub_ext.usage.tables import metadata
from hub_ext.usage.topups import Passed
from tests.service.waiting import until
from tests.usage.samples import NOON, at, cluster_lease, event

_DAY = 86_400
_MINUTE = [(EventType.started, 0), (EventType.ended, 60)]
_ALWAYS = (date(2020, 1, 1), date(2030, 1, 1))
LIMIT = datetime(2026, 11, 22, tzinfo=UTC)
"""A day and a half after noon."""


def _lives(connection: Connection, name: str, begin: float, end: float, released: float | None = None) -> None:
    """Let a cluster with one worker run from when to when, in seconds after noon, and be released."""
    leases.add(connection, cluster_lease(name, user=f"user of {name}"), Pricing(), at(begin))
    life = [event(f"w{name}", kind, s, lease=name) for kind, s in ((EventType.started, begin), (EventType.ended, end))]
    ledger.record(connection, life, NOON)
    leases.release(connection, name, at(end if released is None else released))


def _remove_all(database: Database, limit: datetime = LIMIT) -> Mapping[str, int]:
    """Remove what there is, batch by batch; return how many rows of which table."""
    total: dict[str, int] = {}
    while True:
        with database.write() as connection:
            counts = retention.remove_some(connection, limit)
            if not counts:
                retention.tell(connection, LIMIT + timedelta(days=2))
                return total
        for table, count in counts.items():
            total[table] = total.get(table, 0) + count


def _sizes(connection: Connection) -> dict[str, int]:
    tables = metadata.sorted_tables
    return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def _of_groups(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(map(repr, rollups.ended(connection, *_ALWAYS)))


def test_what_ended_before_the_limit_goes_with_everything_about_it(database: Database) -> None:
    """Lease, events, interval and daily sums of the person go; the sums of the group stay as they were."""
    with database.write() as connection:
        _lives(connection, "old", 0, _DAY)
        _lives(connection, "new", 0, 2 * _DAY)
    before = _of_groups(database)
    removed_rows = _remove_all(database)
    with database.read() as connection:
        people = {one.user for one in rollups.ended(connection, *_ALWAYS, users=None) if one.user}
        known = [leases.get(connection, name) is not None for name in ("old", "new")]
        sizes = _sizes(connection)

    assert removed_rows == {"leases": 1, "intervals": 1, "events": 2}
    assert (people, known) == ({"user of new"}, [False, True])
    assert (sizes["events"], sizes["intervals"], sizes["lease_days"]) == (2, 1, 3)
    assert _of_groups(database) == before
    assert verify(database) == []


@pytest.mark.parametrize("what", ["runs", "is bound", "was released later", "ended later", "ends at the limit"])
def test_what_is_open_or_later_stays(database: Database, what: str) -> None:
    """A lease stays as a whole as long as anything of it is not over, however old the rest of it is."""
    with database.write() as connection:
        _lives(connection, "old", 0, 60)
        leases.add(connection, cluster_lease("kept"), Pricing(), NOON)
        ends = {"ended later": 2 * _DAY, "ends at the limit": 1.5 * _DAY}.get(what, 60)
        life = [(EventType.started, 0), (EventType.ended, ends)][: 1 if what == "runs" else 2]
        ledger.record(connection, [event("wkept", kind, second, lease="kept") for kind, second in life], NOON)
        ledger.record(connection, [event("wgone", kind, s, lease="kept") for kind, s in _MINUTE], NOON)
        if what != "is bound":
            leases.release(connection, "kept", at(2 * _DAY if what == "was released later" else 60))
    removed_rows = _remove_all(database)
    with database.read() as connection:
        assert leases.get(connection, "kept") is not None
        assert _sizes(connection)["intervals"] == 2
    assert removed_rows["leases"] == 1
    assert verify(database) == []


def test_decisions_levels_and_the_audit_log_go_too(database: Database) -> None:
    """By their own date; a decision whose lease is there stays, and so do top-ups."""
    with database.write() as connection:
        for name, second in (("d-old", 0), ("d-new", 2 * _DAY), ("kept", 0)):
            request = Request(id=f"r-{name}", identity=Identity(name="alice"), kind=Kind.server, profile="small")
            decisions.keep(connection, request, Decision(id=name, allowed=False, message="no"), "research", at(second))
        leases.add(connection, cluster_lease("kept"), Pricing(), NOON)
        for month in ("2026-09", "2026-10", "2026-11"):
            topups.pass_levels(connection, [Passed(month, "research", "", Decimal("0.8"), NOON)])
        for second in (0, 2 * _DAY):
            decisions.note(connection, actor="adam", action="stop", target="x", text="", now=at(second))
    gone = _remove_all(database)
    with database.read() as connection:
        left = {row.id for row in decisions.newest(connection)}
        months = [month for month in ("2026-09", "2026-10", "2026-11") if topups.passed(connection, month)]

    assert gone == {"decisions": 1, "warnings": 2, "audit": 1}
    assert (left, months) == ({"d-new", "kept"}, ["2026-11"])


def test_much_goes_in_small_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch has so many leases, and so many of their intervals; each leaves a ledger that adds up."""
    monkeypatch.setattr(retention, "_LEASES", 3)
    monkeypatch.setattr(retention, "_INTERVALS", 2)
    with database.write() as connection:
        for number in range(5):
            _lives(connection, f"l{number}", number, 60)
        leases.add(connection, cluster_lease("big"), Pricing(), NOON)
        for number in range(4):
            ledger.record(connection, [event(f"b{number}", kind, s, lease="big") for kind, s in _MINUTE], NOON)
        leases.release(connection, "big", at(61))
    before, batches = _of_groups(database), []
    while True:
        with database.write() as connection:
            counts = retention.remove_some(connection, LIMIT)
        assert verify(database) == []
        if not counts:
            break
        batches.append((counts["leases"], counts["intervals"]))

    assert batches == [(2, 2), (2, 2), (1, 1), (1, 4)]
    assert _of_groups(database) == before


def test_the_audit_log_says_once_what_was_removed(database: Database) -> None:
    """One line for each limit, with the sums of all batches."""
    with database.write() as connection:
        for number in range(3):
            _lives(connection, f"l{number}", number, 60)
    _remove_all(database)
    _remove_all(database)
    with database.read() as connection:
        lines = connection.execute(select(metadata.tables["audit"])).all()
        since = removed.kept_since(connection)

    assert [(line.actor, line.action, line.target, line.note) for line in lines] == [
        ("gatehouse", "remove", "what ended before 2026-11-22", "3 leases, 3 intervals, 6 events")
    ]
    assert since == LIMIT


def test_a_late_event_of_what_was_removed_changes_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """It makes no interval of half a life and no sum; the events that come with it are taken."""
    with database.write() as connection:
        _lives(connection, "old", 0, 60)
        leases.add(connection, cluster_lease("new"), Pricing(), NOON)
    _remove_all(database)
    before = _of_groups(database)
    late = [
        event("wold", EventType.ended, 30, lease="old", number=9),
        event("never", EventType.started, 5, lease="old"),
    ]
    with caplog.at_level(logging.WARNING), database.write() as connection:
        new = ledger.record(connection, [*late, event("wnew", EventType.started, 3 * _DAY, lease="new")], NOON)
    with database.read() as connection:
        assert _sizes(connection)["intervals"] == 1

    assert [one.unit for one in new] == ["wnew"]
    assert _of_groups(database) == before
    assert "2 events are passed over" in caplog.text


def test_an_event_of_a_lease_that_never_was_is_an_error_still(database: Database) -> None:
    """From after the limit nothing was removed, so an unknown lease is a mistake of the reporter."""
    with database.write() as connection:
        _lives(connection, "old", 0, 60)
    _remove_all(database)
    with pytest.raises(NotFound), database.write() as connection:
        ledger.record(connection, [event("w", EventType.started, 3 * _DAY, lease="unknown")], NOON)


def test_counting_anew_keeps_the_sums_of_what_was_removed(database: Database) -> None:
    """Sums of groups from before the limit cannot be counted any more: they stay; later ones are repaired."""
    with database.write() as connection:
        _lives(connection, "old", 0, 60)
        _lives(connection, "new", 0, 3 * _DAY)
    _remove_all(database)
    before = _of_groups(database)
    days = metadata.tables["group_days"]
    with database.write() as connection:
        connection.execute(days.update().where(days.c.day >= LIMIT.date()).values(ticks=5))
    assert len(verify(database)) == 2
    repair(database)

    assert verify(database) == []
    assert _of_groups(database) == before


def test_a_lease_that_is_being_reported_about_is_left_for_later(postgresql: Database) -> None:
    """Removing does not wait for who holds a lease, and removes nothing of it; the next batch does."""
    with postgresql.write() as connection:
        _lives(connection, "old", 0, 60)
    holding, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with postgresql.write() as connection:
            leases.hold(connection, ["old"])
            holding.set()
            let_go.wait(180)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert holding.wait(180)
        with postgresql.write() as connection:
            first = retention.remove_some(connection, LIMIT)
    finally:
        let_go.set()
        thread.join()
    assert first == {}
    assert _remove_all(postgresql)["leases"] == 1


def test_what_is_reported_at_the_last_moment_keeps_its_lease(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that is committed after the batch began to look, and before it held the lease, is not removed."""
    gate = func.pg_advisory_xact_lock(42).is_not(None)  # where the batch stands still, with its snapshot taken
    over = retention._over
    monkeypatch.setattr(retention, "_over", lambda limit: and_(gate, over(limit)))
    with postgresql.write() as connection:
        _lives(connection, "old", 0, 60)

    def remove() -> Mapping[str, int]:
        with postgresql.write() as connection:
            return retention.remove_some(connection, LIMIT)

    def somebody_waits() -> bool:
        with postgresql.read() as connection:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(connection.exec_driver_sql(waiting).scalar_one())

    with ThreadPoolExecutor(1) as thread:
        with postgresql.write() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(42)")
            removing = thread.submit(remove)
            until(somebody_waits)
            ledger.record(connection, [event("late", EventType.started, 10, lease="old")], NOON)
        assert removing.result(30) == {}
    assert verify(postgresql) == []


@pytest.mark.parametrize(
    ("days", "closed", "limit"),
    [
        pytest.param(1, None, datetime(2026, 11, 19, tzinfo=UTC), id="a midnight"),
        pytest.param(750, None, datetime(2024, 10, 31, tzinfo=UTC), id="two years and a bit"),
        pytest.param(1, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), id="not yet closed"),
        pytest.param(99, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 8, 13, tzinfo=UTC), id="closed long ago"),
    ],
)
def test_the_limit_is_a_midnight_and_not_after_the_last_closed_month(
    days: int, closed: datetime | None, limit: datetime
) -> None:
    """What may still be corrected is not removed."""
    assert retention.limit_of(NOON, days, closed) == limit
    assert retention.limit_of(NOON + timedelta(hours=11), days, closed) == limit
