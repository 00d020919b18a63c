"""What workers did with their time, as the gateways saw it. It splits what the ledger counts and changes none of it."""

from hub_ext import clock
from hub_ext.contract.activity import ClusterActivity
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
