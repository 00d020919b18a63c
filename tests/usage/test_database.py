"""The database: schema and transactions."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

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
        assert connection.execute(text("select version_num from alembic_version")).scalar_one() == "0003"


def test_sqlite_keeps_a_write_ahead_log(database: Database) -> None:
    """Readers do not wait for the writer."""
    with database.read() as connection:
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


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    """A path that cannot be opened becomes one clear error, not a trace."""
    database = Database("sqlite:////proc/nowhere.sqlite")
    with pytest.raises(Unavailable, match="database is not answering"), database.read():
        pass
