"""Servers that run without a lease: which of them may be ended, and which have been.

What was started before this service first looked at the hub is somebody's work from before Gatehouse, and is left
alone. The moment of that first look is the audit log's, so it outlives the service.
"""

from collections.abc import Mapping
from datetime import datetime

from hub_ext import clock
from hub_ext.service.hub_api import HubServer
from hub_ext.usage import decisions, ledger
from hub_ext.usage.database import Database
from hub_ext.usage.trying import repeated

_FIRST_LOOK = "first look"


class Strangers:
    """Knows what may be ended.

    Args:
        database: the ledger's database, migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._since: datetime | None = None

    def to_end(self, found: tuple[str, ...], servers: Mapping[str, HubServer]) -> list[str]:
        """Return which of these servers may be ended.

        Args:
            found: servers without a lease, as ``user/server``, that were seen so often enough.
            servers: what the hub says of each server.
        """
        since = self.since()
        late = [ref for ref in found if (started := servers[ref].started_at) is not None and started > since]
        if not late:
            return []
        # The door told of its start, but too late for its reservation: it is paid for, and nobody got around anything.
        with self._database.read() as connection:
            paid = ledger.running_servers(connection)
        return [ref for ref in late if ref not in paid]

    @repeated
    def since(self) -> datetime:
        """Return when a service with this ledger first looked at the hub; that is now, if none did."""
        if self._since is None:
            with self._database.write() as connection:
                self._since = decisions.first_noted(connection, _FIRST_LOOK)
                if self._since is None:
                    self._since = clock.now()
                    text = "Servers that were started before and have no lease are left alone."
                    decisions.note(
                        connection, actor="gatehouse", action=_FIRST_LOOK, target="hub", text=text, now=self._since
                    )
        return self._since

    @repeated
    def ended(self, ref: str) -> None:
        """Note that a server was ended."""
        with self._database.write() as connection:
            user, _, name = ref.partition("/")
            target = f"server {name or '(default)'} of {user}"
            text = "It ran without a lease: it counted against no quota and nobody paid for it."
            decisions.note(
                connection, actor="gatehouse", action="end stranger", target=target, text=text, now=clock.now()
            )
