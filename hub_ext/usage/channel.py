"""How replicas tell each other whose account changed: ``NOTIFY`` and ``LISTEN`` of PostgreSQL.

Told after the commit, in one statement for all that gathered: a ``NOTIFY`` inside a deciding transaction would line up
all commits behind one lock of the server. What a replica that is killed had not yet told is seen with the person's
next change.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from uuid import uuid4

import psycopg
from sqlalchemy import text

from hub_ext.usage.database import NETWORK, Database

log = logging.getLogger(__name__)

EVERYBODY = ""
"""In place of a person: everybody's account may have changed."""
_NAME = "gatehouse_changes"
_RETRY = 1.0


class Channel:
    """One replica's end of it.

    Args:
        database: the one database of all replicas. With SQLite there is only one, and nobody to tell.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._me = uuid4().hex

    def tell(self, users: Iterable[str]) -> None:
        """Tell the other replicas whose account changed.

        Raises:
            Unavailable: the database does not answer.
        """
        messages = [f"{self._me} {user}" for user in users]
        query = text("SELECT pg_notify(:name, message) FROM unnest(CAST(:messages AS text[])) AS message")
        with self._database.write() as connection:
            connection.execute(query, {"name": _NAME, "messages": messages})

    async def listen(self, heard: Callable[[str], None]) -> None:
        """Call back with every person whom another replica tells of, until cancelled.

        After each new connection that is everybody, for what was missed meanwhile.
        """
        while True:
            try:
                await self._listen(heard)
            except psycopg.Error as error:
                log.warning("Changes of other replicas are not heard; trying again: %s", error)
            await asyncio.sleep(_RETRY)

    async def _listen(self, heard: Callable[[str], None]) -> None:
        engine = self._database.engine
        args, options = engine.dialect.create_connect_args(engine.url)
        options.update(NETWORK)
        async with await psycopg.AsyncConnection.connect(*args, **options, autocommit=True) as connection:
            await connection.execute(f"LISTEN {_NAME}")
            heard(EVERYBODY)
            async for notice in connection.notifies():
                replica, _, user = notice.payload.partition(" ")
                if replica != self._me:
                    heard(user)
