"""The database: schema and transactions."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub_ext.contract.errors import Unavailable
from hub_ext.usage import leases
from hub_ext.usage.database import Database
from hub_ext.usage.schema import revisions
from hub_ext.usage.tables import metadata

_OLD_LEASE = """
insert into leases values (
    'l1', 'bound', 'cluster', 'alice', 'research', 'standard', '', 'c-1', 1000, 1, '{}', 1000, 1, '{}', 3, 10, 5, 3,
    0, 0, null, null, 0, '', '', 0, '2026-11-20 12:00:00', null, null
)
"""


def test_the_migrations_give_the_tables_of_this_version(database: Database) -> None:
    """Alembic finds nothing to add, drop or change after the last migration."""
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A second start finds the schema as it is."""
    database.migrate()
    with database.read() as connection:
        [version] = connection.execute(text("select version_num from alembic_version")).scalars()
    assert version == revisions()[-1]


def test_a_ledger_of_the_first_schema_is_carried_over(tmp_path: Path) -> None:
    """What ran under the first schema is read by this version, with the workers that it has as its wish."""
    database = Database(f"sqlite:///{tmp_path}/old.sqlite")
    database.migrate("0001")
    columns = "cores, memory, gpus, spot, source"
    with database.write() as connection:
        connection.execute(text(_OLD_LEASE))
        connection.execute(
            text(
                f"insert into intervals (unit, kind, lease, user, 'group', profile, name, ref, {columns}) "  # noqa: S608 - constant
                "values ('w', 'worker', 'l1', 'alice', 'research', 'standard', '', 'c-1', 1000, 1, '{}', 0, 'exact')"
            )
        )
    database.migrate()
    with database.read() as connection:
        [record] = leases.active(connection)

    assert (record.lease.id, record.lease.workers, record.wish, record.waiting_since) == ("l1", 3, 3, None)
    database.close()


def test_sqlite_keeps_a_write_ahead_log(sqlite: Database) -> None:
    """Readers do not wait for the writer."""
    with sqlite.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """What was written before an error is gone."""

    def fail_after_writing() -> None:
        with database.write() as connection:
            connection.execute(text("insert into audit values (1, '2026-11-20', 'a', 'b', 'c', 'd')"))
            raise KeyError("the failure")

    with pytest.raises(KeyError):
        fail_after_writing()
    with database.read() as connection:
        assert connection.execute(text("select count(*) from audit")).scalar_one() == 0


@pytest.mark.parametrize(
    "url",
    ["sqlite:////proc/nowhere.sqlite", "postgresql+psycopg://nobody@127.0.0.1:9/nowhere"],
    ids=["sqlite", "postgresql"],
)
def test_a_database_that_does_not_answer_is_unavailable(url: str) -> None:
    """A path that cannot be opened, or a server that is not there, becomes one clear error, not a trace."""
    database = Database(url)
    with pytest.raises(Unavailable, match="database is not answering"), database.read():
        pass
    with pytest.raises(Unavailable, match="database is not answering"):
        database.migrate()


def test_a_broken_connection_is_unavailable_and_the_next_one_works(postgresql: Database) -> None:
    """A connection that the server ends in the middle becomes one clear error; the pool then makes a new one."""

    def cut_in_the_middle() -> None:
        with postgresql.write("group a") as connection:
            connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable, match="database is not answering"):
        cut_in_the_middle()
    with postgresql.write("group a") as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1


@pytest.mark.parametrize("names", [None, (), ("group a",)], ids=["reading", "noting", "deciding"])
def test_connections_that_the_server_ended_meanwhile_are_not_noticed(
    postgresql: Database, names: tuple[str, ...] | None
) -> None:
    """After a restart of the server every kept connection is dead; the next transaction takes a new one by itself."""
    with postgresql.read() as one, postgresql.read() as two:  # two that are kept
        kept = {connection.execute(text("select pg_backend_pid()")).scalar_one() for connection in (one, two)}
    end = text("select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid = any(:kept)")
    ending = Database(postgresql.engine.url.render_as_string(hide_password=False))
    with ending.read() as connection:
        assert connection.execute(end, {"kept": list(kept)}).scalars().all() == [True, True]
    ending.close()
    with postgresql.read() if names is None else postgresql.write(*names) as connection:
        assert connection.execute(text("select pg_backend_pid()")).scalar_one() not in kept


def test_wrong_sql_stays_a_defect(postgresql: Database) -> None:
    """A server that answers is not away: our own mistake is not told as an outage. SQLite's driver cannot tell."""
    with pytest.raises(DBAPIError), postgresql.read() as connection:
        connection.execute(text("select nothing from nowhere where and"))
