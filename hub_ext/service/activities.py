"""What workers did with their time, as gateways and the pods' watcher saw it.

It splits what the ledger counts and changes none of it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from hub_ext import clock
from hub_ext.contract.activity import ClusterActivity, UnitActivity
from hub_ext.contract.admission import Kind
from hub_ext.contract.errors import NotFound
from hub_ext.usage import activity, leases, minutes
from hub_ext.usage.database import Database
from hub_ext.usage.trying import repeated


class Activities:
    """Keeps reports.

    Args:
        database: the ledger's database, migrated.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @repeated
    def take(self, cluster: str, told: ClusterActivity) -> str:
        """Keep what has grown, also of a cluster that has just ended; return whose it is.

        Raises:
            NotFound: no lease was ever bound to this cluster.
        """
        now = clock.now()
        with self.database.write() as connection:
            record = leases.by_ref(connection, Kind.cluster, cluster)
            if record is None:
                raise NotFound(f"No lease is bound to the cluster {cluster}.")
            activity.keep(connection, record.lease.id, told.units, now)
            minutes.note_activity(connection, record.lease.id, now)
            return record.lease.user

    @repeated
    def of_pods(self, told: Mapping[str, Sequence[UnitActivity]], now: datetime) -> set[str]:
        """Keep what has grown, by lease; return whose it is. What is of no lease is not kept.

        Raises:
            Unavailable: the database does not answer.
        """
        with self.database.write() as connection:
            owners = leases.several(connection, told)
            for lease in sorted(owners):
                activity.keep(connection, lease, told[lease], now)
                minutes.note_activity(connection, lease, now)
            return {record.lease.user for record in owners.values()}

    def kept(self, ids: Collection[str]) -> dict[str, tuple[UnitActivity, datetime]]:
        """Return unit -> what is known of it and when that was kept, for all units of these leases.

        Raises:
            Unavailable: the database does not answer.
        """
        with self.database.read() as connection:
            return activity.reported(connection, sorted(ids))
