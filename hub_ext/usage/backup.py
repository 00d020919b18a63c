"""A copy of the whole ledger in one file, while the service runs, and read again before it counts."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from hub_ext import __version__
from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage import schema
from hub_ext.usage.archive import Manifest, Told, Writer, opened, silent
from hub_ext.usage.copying import lines, shapes
from hub_ext.usage.database import Database


def back_up(database: Database, target: Path, *, replace: bool = False, told: Told = silent) -> Manifest:
    """Write a backup: the whole ledger as it is at one moment, whatever is written meanwhile.

    The file appears under its name only when it is on disk and was read again.

    Args:
        database: at whatever revision.
        target: the file.
        replace: whether to take the place of a file that is there.
        told: of progress.

    Raises:
        InvalidRequest: there is no ledger, the file is there already, or it cannot be written.
        Unavailable: the database does not answer.
    """
    if target.exists() and not replace:
        raise InvalidRequest(f"{target} is there already. Name another file, or replace it with --force.")
    with _appearing(target) as file:
        manifest = _written(database, file, told)
        file.flush()
        os.fsync(file.fileno())
        with opened(Path(file.name)) as archive:
            archive.check(told)
    return manifest


def _written(database: Database, file: IO[bytes], told: Told) -> Manifest:
    now = datetime.now(UTC)
    with database.read() as connection, Writer(file, told) as writer:
        database.take_time(connection)
        revision = schema.revision_of(connection)
        if revision is None:
            raise InvalidRequest("This database holds no ledger. Name the service's database with --database.")
        for shape in shapes(connection):
            writer.add(shape, lines(connection, shape))
        return writer.finish(revision=revision, version=__version__, database=database.kind, written_at=now)


@contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """Open a file beside the target, for its owner only; rename it into place if all went well, or remove it."""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            try:
                yield file
                Path(file.name).replace(target)
            except BaseException:
                Path(file.name).unlink()
                raise
        sync(target.parent)
    except OSError as error:
        raise InvalidRequest(f"{target} cannot be written: {error.strerror or error}.") from error


def sync(path: Path) -> None:
    """Bring a file, or what a folder lists, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
