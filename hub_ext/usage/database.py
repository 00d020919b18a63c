"""The database: engine, transactions and schema.

SQLite in WAL mode is the embedded default, PostgreSQL the production database. A transaction that decides takes the
write lock first (``BEGIN IMMEDIATE`` on SQLite), so that check and reserve cannot be torn apart.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from hub_ext.contract.errors import Unavailable

__all__ = ["Connection", "Database"]

MIGRATIONS = Path(__file__).parent / "migrations"

DATABASE_AWAY = "The usage database is not answering. What runs goes on; nothing new can start until it is back."


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up one SQLite connection: WAL, and transactions begun by us, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # safe against a kill of the process; WAL keeps commits whole
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


class Database:
    """One database, by its SQLAlchemy address: ``sqlite:////var/lib/gatehouse/ledger.sqlite`` or ``postgresql+psycopg://``."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(parsed, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine, "connect", _prepare_sqlite)

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to this version's, or to an earlier revision's that lies ahead."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, from one snapshot.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start.

        Raises:
            Unavailable: the database does not answer.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            with self.engine.begin() as connection:
                if self.is_sqlite:
                    connection.execute(text(begin))
                yield connection
        except OperationalError as error:
            raise Unavailable(DATABASE_AWAY) from error

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
