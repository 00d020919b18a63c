"""The database: engine, transactions and schema.

SQLite in WAL mode is the embedded default, PostgreSQL the production database. A transaction that decides takes its
locks first, so that check and reserve cannot be torn apart:

- SQLite has one writer: ``BEGIN IMMEDIATE`` is the lock on everything.
- PostgreSQL locks by name what is decided about, each group and its cohort, with ``pg_advisory_xact_lock`` on a stable
  hash of the name. Names come from the policy file and go with it, so rows to lock would have to be kept in step with
  it; an advisory lock needs no row, ends with its transaction however that ends, and two names with the same hash only
  wait for each other. Locks are taken in the order of their numbers and before any row is touched, so two decisions
  never wait for each other in a circle.

A transaction waits for its locks and then reads, statement by statement, what is committed (``READ COMMITTED``): what
it sees is at least as new as the lock. A snapshot would be as old as the wait.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hub_ext.contract.errors import Unavailable
from hub_ext.usage import schema
from hub_ext.usage.locks import key_of
from hub_ext.usage.trying import Conflict

__all__ = ["Connection", "Database"]

DATABASE_AWAY = "The usage database is not answering. What runs goes on; nothing new can start until it is back."
CONFLICT = "The same thing was changed by somebody else at the same moment, and nothing was done. Repeat."

_ONCE_MORE = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock. Source: PostgreSQL, appendix A."""

NETWORK: Mapping[str, Any] = {
    "application_name": "gatehouse",
    "connect_timeout": 5,
    "keepalives_idle": 30,  # a server whose machine is gone is noticed within a minute
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How a connection to PostgreSQL is made. Source: PostgreSQL, "Parameter Key Words" of libpq."""

_SESSION = {
    "lock_timeout": "10s",  # who waits longer waits for a replica that hangs
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",  # the locks of a replica that hangs are given back
    "tcp_keepalives_idle": "30",  # and those of one whose machine is gone
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_POSTGRESQL: dict[str, Any] = {
    "pool_pre_ping": True,
    "pool_size": 10,
    "max_overflow": 10,  # with the default of 100 connections: four replicas
    "pool_timeout": 10,
    "connect_args": {**NETWORK, "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items())},
}


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
        self.engine: Engine = create_engine(parsed, **({} if self.is_sqlite else _POSTGRESQL))
        self._reader, self._writer = self.engine, self.engine
        self._turn = Lock()
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writer = self.engine.execution_options(isolation_level="READ COMMITTED")

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema to this version's, or to an earlier revision's that lies ahead.

        Of replicas that start together one does it and the others wait.

        Raises:
            Unavailable: the database does not answer.
        """
        with _told_as_unavailable(), self.engine.connect() as connection:
            self.take_time(connection)
            self.lock(connection, "migrations")
            schema.upgrade(connection, revision)
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, from one snapshot.

        Raises:
            Unavailable: the database does not answer.
        """
        with _told_as_unavailable(), self._reader.begin() as connection:
            if self.is_sqlite:
                connection.execute(text("BEGIN"))
            yield connection

    @contextmanager
    def write(self, *names: str) -> Iterator[Connection]:
        """A transaction that holds the locks of these names from its start; on SQLite, the one write lock.

        Args:
            names: what is decided about, such as ``cohort science``. A transaction that only gives back, or notes
                what happened, needs none.

        Raises:
            Unavailable: the database does not answer.
            Conflict: somebody else was quicker; :func:`hub_ext.usage.trying.repeated` repeats the whole transaction.
        """
        if self.is_sqlite:
            with self._turn, _told_as_unavailable(), self._writer.begin() as connection:
                connection.execute(text("BEGIN IMMEDIATE"))
                yield connection
            return
        with _told_as_unavailable(), self._writer.begin() as connection:
            self.lock(connection, *names)
            yield connection

    def lock(self, connection: Connection, *names: str) -> None:
        """Take the locks of these names, each once, in the one order; in one round trip.

        For a transaction that must read first to know what it decides about. It may not have written or locked
        anything yet, and must read again what it has read.
        """
        keys = sorted({key_of(name) for name in names})
        if keys and not self.is_sqlite:
            query = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
            connection.execute(query, {"keys": keys})

    def take_time(self, connection: Connection) -> None:
        """Let this transaction last as long as it needs: it copies or counts the whole ledger."""
        if not self.is_sqlite:
            limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
            connection.execute(text("; ".join(f"SET LOCAL {limit} = 0" for limit in limits)))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    """Turn the database's own errors into ours; a defect, such as wrong SQL, stays what it is."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(DATABASE_AWAY) from error
    except IntegrityError as error:
        raise Conflict(CONFLICT) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _ONCE_MORE:
            raise Conflict(CONFLICT) from error
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            raise Unavailable(DATABASE_AWAY) from error
        raise
