"""Several replicas on one database: who leads, and what they tell each other."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from hub_ext.usage.channel import EVERYBODY, Channel
from hub_ext.usage.database import Database
from hub_ext.usage.leader import Leader


@pytest.fixture
def other(postgresql: Database) -> Iterator[Database]:
    """The same ledger, as another replica sees it."""
    database = Database(postgresql.engine.url.render_as_string(hide_password=False))
    yield database
    database.close()


def _cut(database: Database, query: str) -> None:
    """End the server's side of every other connection whose last query was like this."""
    with database.read() as connection:
        ended = connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid() and query like :query"
            ),
            {"query": f"%{query}%"},
        ).all()
    assert ended


def test_one_replica_leads_until_it_resigns(postgresql: Database, other: Database) -> None:
    """The first that asks leads, and goes on leading; the second takes over when the first resigns."""
    first, second = Leader(postgresql), Leader(other)
    before = [first.leads(), second.leads(), first.leads()]
    first.resign()
    after = [second.leads(), first.leads()]
    second.resign()

    assert (before, after) == ([True, False, True], [True, False])


def test_a_leader_whose_connection_broke_leads_no_longer(postgresql: Database, other: Database) -> None:
    """What the server forgot, the leader does not claim; the next one that asks leads."""
    first, second = Leader(postgresql), Leader(other)
    assert first.leads()
    _cut(other, "pg_try_advisory_lock")

    assert (first.leads(), second.leads(), first.leads()) == (False, True, False)
    second.resign()


def test_nobody_leads_a_database_that_is_away() -> None:
    """Without the database nothing that must be done once can be done."""
    assert not Leader(Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")).leads()


def test_the_one_service_on_sqlite_leads(sqlite: Database) -> None:
    """There is nobody else."""
    assert Leader(sqlite).leads()


async def test_a_replica_hears_of_what_others_changed_and_not_of_its_own(postgresql: Database, other: Database) -> None:
    """Alice's change is heard at the other replica; after a broken connection it hears of everybody, then goes on."""
    here, there = Channel(postgresql), Channel(other)
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(here.listen(heard.put_nowait))

    async def hears() -> str:
        return await asyncio.wait_for(heard.get(), 10)

    assert await hears() == EVERYBODY
    await asyncio.to_thread(here.tell, ["bob"])
    await asyncio.to_thread(there.tell, ["alice", "name with spaces"])
    assert {await hears(), await hears()} == {"alice", "name with spaces"}
    await asyncio.to_thread(_cut, other, "LISTEN")
    assert await hears() == EVERYBODY
    await asyncio.to_thread(there.tell, ["dan"])
    assert await hears() == "dan"
    listening.cancel()
