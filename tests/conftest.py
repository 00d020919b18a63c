"""Fixtures that every room may ask for."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.postgres import Postgres, running_postgres
from tests.support.stack import stack

__all__ = ["stack"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL for the whole run."""
    with running_postgres() as postgres:
        yield postgres


# A deadline measures the machine, not the code: properties are checked however busy it is. Every run tries other
# examples, so fifty each time find as much as a hundred in half as many runs.
settings.register_profile("gatehouse", deadline=None, max_examples=50)
settings.load_profile("gatehouse")
