"""Ledgers as earlier versions left them: each revision of the schema with rows that its version could have written.

``schemas/NNNN.sql`` holds what revision NNNN brought. A ledger of a revision has the rows of all revisions until then,
written at theirs, as in an installation that took every version.
"""

from pathlib import Path

from sqlalchemy import Connection, text

from hub_ext.usage.database import Database
from hub_ext.usage.schema import revisions

SCHEMAS = Path(__file__).parent / "schemas"


def grow(database: Database, revision: str) -> None:
    """Bring an empty database to a revision, version by version, each leaving its rows."""
    for one in revisions()[: revisions().index(revision) + 1]:
        database.migrate(one)
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            _run(connection, sample(one))


def sample(revision: str) -> str:
    """Return the statements that fill what a revision brought."""
    file = SCHEMAS / f"{revision}.sql"
    assert file.exists(), (
        f"Revision {revision} has no sample. Add tests/usage/schemas/{revision}.sql: INSERT statements for both "
        "databases that fill every table and column that it brings, with rows named after it. See its neighbours."
    )
    return file.read_text(encoding="utf-8")


def _run(connection: Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if "INSERT" in statement:
            escaped = statement if connection.dialect.name == "sqlite" else statement.replace("%", "%%")
            connection.exec_driver_sql(escaped)
