"""A migrated ledger in a file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_ext.usage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite ledger."""
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    database.migrate()
    yield database
    database.close()
