"""Whose a cluster is: which group is charged for it, and its lease.

The group never changes, so the ledger is asked once for each cluster. It says which locks a decision must take.
"""

from collections.abc import Sequence

from hub_ext.contract.admission import Kind
from hub_ext.contract.errors import NotFound
from hub_ext.usage import leases
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.leases import LeaseRecord

_MOST = 10_000
"""Clusters that are remembered; after that it begins anew."""


class Payers:
    """Remembers what the ledger said.

    Args:
        database: the ledger's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, str] = {}

    def of(self, cluster: str) -> str:
        """Return the group that is charged for a cluster.

        Raises:
            NotFound: no lease is bound to it.
        """
        group = self._known.get(cluster)
        if group is None:
            with self._database.read() as connection:
                group = lease_of(connection, cluster).lease.group
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[cluster] = group
        return group


def lease_of(connection: Connection, cluster: str, held: Sequence[LeaseRecord] = ()) -> LeaseRecord:
    """Return the newest lease of a cluster, also one that is released.

    Args:
        connection: a transaction.
        cluster: its name at the gateway.
        held: what its group is known to hold, oldest first; where the lease is among them, nothing is asked.

    Raises:
        NotFound: no lease is bound to it.
    """
    theirs = (one for one in reversed(held) if one.lease.kind is Kind.cluster and one.lease.ref == cluster)
    record = next(theirs, None) or leases.by_ref(connection, Kind.cluster, cluster)
    if record is None:
        raise NotFound(f"No lease is bound to cluster {cluster}.")
    return record
