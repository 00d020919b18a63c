"""A backup becomes a ledger: at the revision that it was written at, compared, and then brought to this version's.

All or nothing. PostgreSQL does it in one transaction, SQLite in a file that gets its name when everything is in it.
"""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, inspect, text
from sqlalchemy.exc import DataError, IntegrityError

from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage import schema
from hub_ext.usage.archive import Archive, Manifest, TableEntry, Told, opened, silent
from hub_ext.usage.backup import sync
from hub_ext.usage.checking import differences
from hub_ext.usage.copying import fill, shapes, tally
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.opening import address

_LEFT_OVER = ("", "-wal", "-journal")
"""What belongs to an SQLite file: a log without its file would be taken for that of the next one."""


def restore(source: Path, url: str, *, told: Told = silent) -> Manifest:
    """Restore a backup into an empty database.

    Args:
        source: the backup.
        url: address of the database.
        told: of progress.

    Raises:
        InvalidRequest: the file is damaged or of a later version, or the database is not empty.
        Unavailable: the database does not answer.
    """
    with opened(source) as archive:
        revision = archive.manifest.schema_revision
        if revision not in schema.revisions():
            raise InvalidRequest(
                f"{source} has the schema {revision}, which this version does not know. "
                f"Use Gatehouse {archive.manifest.gatehouse}, which wrote it, or a later one."
            )
        parsed = address(url)
        if parsed.get_backend_name() == "sqlite":
            _into_file(archive, parsed, told)
        else:
            _into(Database(url), archive, told)
        return archive.manifest


def _into_file(archive: Archive, parsed: URL, told: Told) -> None:
    target = Path(str(parsed.database))
    for path in (target.with_name(target.name + suffix) for suffix in _LEFT_OVER):
        if path.exists() and path.stat().st_size:
            raise InvalidRequest(f"{path} is there already. Restore into a new file, or move this one away.")
    beside = target.with_name(f"{target.name}.restoring")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        _into(Database(parsed.set(database=str(beside)).render_as_string()), archive, told)
        sync(beside)
        beside.rename(target)
        sync(target.parent)
    except OSError as error:
        raise InvalidRequest(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                beside.with_name(beside.name + suffix).unlink(missing_ok=True)


def _into(database: Database, archive: Archive, told: Told) -> None:
    try:
        with database.write("migrations") as connection:
            database.take_time(connection)
            there = inspect(connection).get_table_names()
            if there:
                raise InvalidRequest(
                    f"The database is not empty: it has {', '.join(sorted(there)[:3])}. Restore into a new database."
                )
            _fill(connection, archive, told)
            schema.upgrade(connection)
            told("comparing the daily sums", 0)
            for difference in differences(connection):
                raise InvalidRequest(f"{archive.path} does not agree with itself: {difference}. Nothing was restored.")
    finally:
        database.close()


def _fill(connection: Connection, archive: Archive, told: Told) -> None:
    """Put every row back, at the backup's own revision, and compare."""
    schema.upgrade(connection, archive.manifest.schema_revision)
    if sorted(shape.name for shape in shapes(connection)) != sorted(entry.name for entry in archive.manifest.tables):
        raise InvalidRequest(f"{archive.path} holds other tables than the schema that it names. Use another copy.")
    for entry in archive.manifest.tables:
        _fill_table(connection, archive, entry, told)
    for shape in shapes(connection):
        [entry] = [entry for entry in archive.manifest.tables if entry.name == shape.name]
        told(f"comparing {shape.name}", entry.rows)
        if not entry.agrees(tally(connection, shape)):
            raise InvalidRequest(f"{shape.name} differs from {archive.path} after it was restored. Nothing was kept.")


def _fill_table(connection: Connection, archive: Archive, entry: TableEntry, told: Told) -> None:
    try:
        fill(connection, entry.shape, archive.rows(entry, told))
    except (DataError, IntegrityError) as error:
        fact = str(error.orig).splitlines()[0]
        raise InvalidRequest(
            f"A row of {entry.name} does not fit into this database: {fact}. Nothing was kept."
        ) from error
    if connection.dialect.name == "postgresql":
        for column in inspect(connection).get_pk_constraint(entry.name)["constrained_columns"]:
            _count_on(connection, entry.name, column)


def _count_on(connection: Connection, table: str, column: str) -> None:
    """Let a column that numbers its rows by itself go on after the highest number."""
    quote = connection.dialect.identifier_preparer.quote
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": quote(table), "column": column}
    ).scalar_one()
    if sequence:
        highest = f"SELECT setval(:sequence, max({quote(column)})) FROM {quote(table)}"  # noqa: S608 - names of ours
        connection.execute(text(highest), {"sequence": sequence})
