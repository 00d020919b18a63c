"""The revisions of the schema: which there are, which one a database has, and bringing it to another."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from hub_ext.contract.errors import InvalidRequest

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


@cache
def revisions() -> tuple[str, ...]:
    """Return every revision that this version knows, the oldest first."""
    newest_first = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return tuple(reversed([script.revision for script in newest_first]))


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database; None: it has no schema of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a revision that lies ahead, in the transaction that the caller has begun, if it has.

    Raises:
        InvalidRequest: a later version has brought it further than this version knows.
    """
    there = revision_of(connection)
    if there is not None and there not in revisions():
        raise InvalidRequest(
            f"A later version of Gatehouse has brought the database to the schema {there}, which this version does not "
            "know. Start that version again, or restore a backup from before it into an empty database."
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def expect(connection: Connection) -> None:
    """Make sure that a database has this version's schema.

    Raises:
        InvalidRequest: it has another one, or none.
    """
    revision, ours = revision_of(connection), revisions()[-1]
    if revision is None:
        raise InvalidRequest("This database holds no ledger. Name the service's database with --database.")
    if revision != ours:
        raise InvalidRequest(
            f"The database has the schema {revision}, and this version's is {ours}. "
            "Use the version of the service, or start the service of this version first."
        )
