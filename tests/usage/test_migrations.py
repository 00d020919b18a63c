"""Every schema that there ever was is carried over to this version's, with every value in it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from hub_ext.contract.errors import InvalidRequest
from hub_ext.usage import leases, ledger
from hub_ext.usage.checking import differences
from hub_ext.usage.copying import lines, shapes
from hub_ext.usage.database import Connection, Database
from hub_ext.usage.schema import revision_of, revisions
from hub_ext.usage.tables import metadata
from tests.support.postgres import Postgres
from tests.usage.grown import SCHEMAS, grow, sample

DROPPED: frozenset[tuple[str, str]] = frozenset()
"""Tables and columns that a migration takes away on purpose."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty database of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/old.sqlite")
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        database = Database(postgres.new())
    yield database
    database.close()


def _content(connection: Connection, columns: dict[str, list[str]]) -> dict[str, Counter[str]]:
    """Return table -> rows, of these columns."""
    found = {shape.name: shape for shape in shapes(connection)}
    return {
        table: Counter(
            json.dumps([dict(zip(_names(found[table]), json.loads(line), strict=True))[name] for name in names])
            for line in lines(connection, found[table])
        )
        for table, names in columns.items()
    }


def _names(shape: Any) -> list[str]:
    return [name for name, _ in shape.columns]


@pytest.mark.parametrize("revision", revisions())
def test_a_ledger_of_each_schema_is_carried_over(empty: Database, revision: str) -> None:
    """Nothing is lost or changed, the schema is this version's, and the daily sums agree with the intervals."""
    grow(empty, revision)
    with empty.read() as connection:
        assert revision_of(connection) == revision
        columns = {
            shape.name: [name for name in _names(shape) if (shape.name, name) not in DROPPED]
            for shape in shapes(connection)
        }
        before = _content(connection, columns)
    empty.migrate()
    with empty.read() as connection:
        after = _content(connection, columns)
        told = list(differences(connection))
        changes = compare_metadata(MigrationContext.configure(connection), metadata)

    added = {"rates", "lease_days", "group_days"}  # sums that a migration counts
    assert {name: rows for name, rows in after.items() if name not in added} == {
        name: rows for name, rows in before.items() if name not in added
    }
    assert all(before[name] <= after[name] for name in added & before.keys())
    assert (told, changes) == ([], [])


def test_what_ran_under_the_first_schema_is_read_by_this_version(empty: Database) -> None:
    """A cluster wishes the workers that it has; it is bound, its scheduler runs, and nothing is known of its use."""
    grow(empty, "0001")
    empty.migrate()
    with empty.read() as connection:
        [record] = leases.active(connection)
        [running] = ledger.running(connection)

    assert (record.lease.id, record.lease.workers, record.wish) == ("l-0001-cluster", 3, 3)
    assert (record.waiting_since, record.active_at, record.lease.stops_with_server) == (None, None, False)
    assert (running.unit, running.name) == ("u-0001-scheduler", 'Ärger "1"')


def test_samples_fill_every_column(tmp_path: Path) -> None:
    """A column that no sample fills would be carried over untested: add it to the sample of its revision."""
    database = Database(f"sqlite:///{tmp_path}/grown.sqlite")
    grow(database, revisions()[-1])
    with database.read() as connection:
        missing = [
            f"{shape.name}.{name} is filled by no sample: fill it in tests/usage/schemas/"
            for shape in shapes(connection)
            for index, (name, _) in enumerate(shape.columns)
            if not any(json.loads(line)[index] is not None for line in lines(connection, shape))
        ]
    database.close()
    assert missing == []


def test_each_revision_has_a_sample() -> None:
    """A revision without one fails here with what to add; so does a sample without its revision."""
    assert {path.stem for path in SCHEMAS.glob("*.sql")} - set(revisions()) == set()
    assert [revision for revision in revisions() if not sample(revision).strip()] == []


def test_a_schema_of_a_later_version_is_refused_in_one_sentence(database: Database) -> None:
    """After a rollback the service says what it cannot do with the ledger, and leaves it as it is."""
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InvalidRequest, match=r"A later version .* the schema 9999"):
        database.migrate()
    with database.read() as connection:
        assert revision_of(connection) == "9999"
