"""Fixtures that every room may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.postgres import Postgres, running_postgres
from tests.support.stack import stack

__all__ = ["stack"]

APART = {Path(__file__).with_name(name) for name in ("chaos", "demo", "flow", "kubernetes", "packaging", "panel")}
"""What takes long and has a verb of its own: ``make test-whole``, ``make test-kubernetes``."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the tests with a verb of their own, unless they are named."""
    if collection_path not in APART:
        return None
    named = [Path(str(config.invocation_params.dir), argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(collection_path in (path, *path.parents) for path in named) else True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL for the whole run."""
    with running_postgres() as postgres:
        yield postgres


# A deadline measures the machine, not the code: properties are checked however busy it is. Every run tries other
# examples, so fifty each time find as much as a hundred in half as many runs.
settings.register_profile("gatehouse", deadline=None, max_examples=50)
settings.load_profile("gatehouse")
