"""A migrated ledger of its own for each test: every test of this room runs on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_ext.usage.database import Database
from tests.support.postgres import Postgres


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite ledger."""
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def postgresql(postgres: Postgres) -> Iterator[Database]:
    """A fresh PostgreSQL ledger."""
    database = Database(postgres.migrated())
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh ledger, on each of the two databases."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def fresh(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Callable[[], str]:
    """Return addresses of empty databases, of the same kind as the ledger."""
    if database.is_sqlite:
        numbers = iter(range(99))
        return lambda: f"sqlite:///{tmp_path}/fresh{next(numbers)}.sqlite"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new
