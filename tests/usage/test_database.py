"""The database: schema and transactions."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub_ext.contract.errors import Unavailable
from hub_ext.usage.database import Database
from hub_ext.usage.tables import metadata


def test_the_migrations_give_the_tables_of_this_version(database: Database) -> None:
    """Alembic finds nothing to add, drop or change after the last migration."""
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    """A second start finds the schema as it is."""
    database.migrate()
    with database.read() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar_one() == "0001"


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


def test_wrong_sql_stays_a_defect(postgresql: Database) -> None:
    """A server that answers is not away: our own mistake is not told as an outage. SQLite's driver cannot tell."""
    with pytest.raises(DBAPIError), postgresql.read() as connection:
        connection.execute(text("select nothing from nowhere where and"))
