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

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hub_ext import clock
from hub_ext.contract.errors import Unavailable
from hub_ext.usage import schema
from hub_ext.usage.locks import key_of
from hub_ext.usage.trying import Conflict

__all__ = ["Connection", "Database"]

DATABASE_AWAY = "The usage database is not answering. What runs goes on; nothing new can start until it is back."
CONFLICT = "The same thing was changed by somebody else at the same moment, and nothing was done. Repeat."

_ONCE_MORE = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock. Source: PostgreSQL, appendix A."""

_PATIENCE = 10
"""Seconds: who waits longer for a lock waits for a process that hangs."""

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
    "lock_timeout": f"{_PATIENCE}s",
    "statement_timeout": "60s",
    "plan_cache_mode": "force_custom_plan",  # a plan that was made while a table was small reads all of it for ever
    "idle_in_transaction_session_timeout": "30s",  # the locks of a replica that hangs are given back
    "tcp_keepalives_idle": "30",  # and those of one whose machine is gone
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_POSTGRESQL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 10,  # with the default of 100 connections: four replicas
    "pool_timeout": 10,
    "connect_args": {**NETWORK, "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items())},
}

_Opening = tuple[TextClause, Mapping[str, Any]]
"""The first statement of a transaction."""
_BEGIN: _Opening = (text("BEGIN"), {})
_BEGIN_WRITING: _Opening = (text("BEGIN IMMEDIATE"), {})
_FIRST: _Opening = (text("SELECT 1"), {})  # the driver begins by itself
_LOCK = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up one SQLite connection: WAL, and transactions begun by us, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # safe against a kill of the process; WAL keeps commits whole
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_PATIENCE * 1000}")
    cursor.close()


def _forbid_writing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


class Database:
    """One database, by its SQLAlchemy address: ``sqlite:////var/lib/gatehouse/ledger.sqlite`` or ``postgresql+psycopg://``.

    Args:
        url: the address.
        read_only: make nothing, and let nothing be written; for programs that read beside the service.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(parsed, **({} if self.is_sqlite else _POSTGRESQL))
        self._reader, self._writer = self.engine, self.engine
        self._turn = Lock()
        if self.is_sqlite:
            if parsed.database and not read_only:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine, "connect", _prepare_sqlite)
            if read_only:
                event.listen(self.engine, "connect", _forbid_writing)
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
            InvalidRequest: a later version has brought the schema further than this version knows.
        """
        with _told_as_unavailable(), self.engine.connect() as connection:
            self.take_time(connection)
            if not self.is_sqlite:
                connection.execute(_LOCK, {"keys": _keys(["migrations"])})
            schema.upgrade(connection, revision)
            connection.commit()

    def now(self) -> datetime:
        """Return the time of the database's machine; with SQLite that is ours.

        Raises:
            Unavailable: the database does not answer.
        """
        if self.is_sqlite:
            return clock.now()
        with self.read() as connection:
            moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)

    def current(self) -> bool:
        """Say whether the schema is this version's.

        Raises:
            Unavailable: the database does not answer.
        """
        with self.read() as connection:
            return schema.revision_of(connection) == schema.revisions()[-1]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, from one snapshot.

        Raises:
            Unavailable: the database does not answer.
        """
        with _told_as_unavailable(), _begun(self._reader, _BEGIN if self.is_sqlite else _FIRST) as connection:
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
            with self._my_turn(), _told_as_unavailable(), _begun(self._writer, _BEGIN_WRITING) as connection:
                yield connection
            return
        opening = (_LOCK, {"keys": _keys(names)}) if names else _FIRST
        with _told_as_unavailable(), _begun(self._writer, opening) as connection:
            yield connection

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Let the writers of this process come one after the other, and none of them wait for ever."""
        if not self._turn.acquire(timeout=_PATIENCE):
            raise Unavailable(DATABASE_AWAY)
        try:
            yield
        finally:
            self._turn.release()

    def take_time(self, connection: Connection) -> None:
        """Let this transaction last as long as it needs: it copies or counts the whole ledger."""
        if not self.is_sqlite:
            limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
            connection.execute(text("; ".join(f"SET LOCAL {limit} = 0" for limit in limits)))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _keys(names: Iterable[str]) -> list[int]:
    """Return the numbers of locks, each once, in the one order."""
    return sorted({key_of(name) for name in names})


@contextmanager
def _begun(engine: Engine, opening: _Opening) -> Iterator[Connection]:
    """A transaction, committed at the end of the block unless that fails."""
    with _opened(engine, opening) as connection:
        yield connection
        connection.commit()


def _opened(engine: Engine, opening: _Opening) -> Connection:
    """Return a connection that has answered the first statement of a transaction.

    One that was kept may be of a server that has been started anew since. The first statement tells, as a ping of its
    own would; nothing was done by then, so it is sent again on a new connection.
    """
    try:
        return _answering(engine, opening)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _answering(engine, opening)


def _answering(engine: Engine, opening: _Opening) -> Connection:
    connection = engine.connect()
    try:
        connection.execute(*opening)
    except BaseException:
        connection.close()
        raise
    return connection


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
