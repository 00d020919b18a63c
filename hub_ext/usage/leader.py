"""Which of several replicas does what must be done once: lapse reservations, end what is idle or too old.

The leader holds an advisory lock of PostgreSQL on a connection of its own. When the leader ends, however it ends, the
server takes the lock back, and the next replica that asks gets it. On SQLite there is one service, which always leads.

For a moment after its connection broke, a former leader may still be at work beside the new one. That is harmless:
what a leader does may be done twice.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from hub_ext.usage.database import Database
from hub_ext.usage.locks import key_of


class Leader:
    """This replica's candidacy.

    Args:
        database: the one database of all replicas.
        hangs_after: seconds in which a leader has to ask again; the server takes the lock from one that does not,
            because it hangs with its connection open.
    """

    def __init__(self, database: Database, hangs_after: float = 30.0) -> None:
        self._database = database
        self._hangs_after = hangs_after
        self._seat: Connection | None = None

    def leads(self) -> bool:
        """Say whether this replica leads now; become the leader if nobody is. A database that is away has none."""
        if self._database.is_sqlite:
            return True
        try:
            return self._holds() if self._seat is not None else self._takes()
        except SQLAlchemyError:
            self.resign()
            return False

    def resign(self) -> None:
        """Let another replica lead."""
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.close()

    def _takes(self) -> bool:
        seat = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        seat.detach()  # never back to the pool: closing it gives the lock back
        self._seat = seat
        limit = f"{round(self._hangs_after * 1000)}ms"
        seat.execute(text("SELECT set_config('idle_session_timeout', :limit, false)"), {"limit": limit})
        if self._ask(seat, "SELECT pg_try_advisory_lock(:key)", key=key_of("leader")):
            return True
        self.resign()
        return False

    def _holds(self) -> bool:
        """The lock lives as long as the connection, so it is enough that this one answers."""
        return self._seat is not None and self._ask(self._seat, "SELECT true")

    @staticmethod
    def _ask(seat: Connection, query: str, **values: int) -> bool:
        return bool(seat.execute(text(query), values).scalar_one())
