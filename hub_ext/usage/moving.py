"""A ledger moves to another database: a backup that is restored at once, and a look whether anything was missed."""

import tempfile
from pathlib import Path

from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage.archive import Manifest, Told, silent
from hub_ext.usage.backup import back_up
from hub_ext.usage.copying import shapes, tally
from hub_ext.usage.database import Database
from hub_ext.usage.opening import address
from hub_ext.usage.restoring import restore


def move(source: Database, url: str, *, told: Told = silent) -> Manifest:
    """Copy a ledger into an empty database. The source stays as it is.

    Args:
        source: the ledger; its service is stopped.
        url: address of the empty database.
        told: of progress.

    Raises:
        InvalidRequest: the other database is not empty, or the ledger was written to meanwhile.
        Unavailable: a database does not answer.
    """
    address(url)
    with tempfile.TemporaryDirectory(prefix="gatehouse-move-") as directory:
        file = Path(directory) / "ledger.backup"
        manifest = back_up(source, file, told=told)
        restore(file, url, told=told)
    kept = {entry.name: entry for entry in manifest.tables}
    with source.read() as connection:
        source.take_time(connection)
        for shape in shapes(connection):
            told(f"comparing {shape.name}", kept[shape.name].rows)
            if not kept[shape.name].agrees(tally(connection, shape)):
                raise InvalidRequest(
                    f"The ledger was written to while it was moved: {shape.name} is not what it was. "
                    "Stop the service, remove the new database, and move again."
                )
    return manifest
