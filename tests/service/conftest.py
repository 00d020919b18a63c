"""A real hub for the whole run, and a service with an empty ledger for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.noting_gateway import NotingGateway, noting_gateway
from tests.support.hub import Hub, running_hub
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.service import Service, running_service

POLICY = Path(__file__).parent / "policy.yaml"


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub."""
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the policy that a test may change."""
    path = tmp_path_factory.mktemp("policy") / "policy.yaml"
    path.write_text(POLICY.read_text())
    return path


@pytest.fixture(scope="module")
def ledger(request: pytest.FixtureRequest) -> str:
    """The address of the ledger: an SQLite file of the service's own, unless the module asks for PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new()


@pytest.fixture(scope="module")
def service(hub: Hub, policy: Path, ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service."""
    nobody = f"http://127.0.0.1:{free_port()}"
    directory = tmp_path_factory.mktemp("service")
    with running_service(hub, directory, policy, gateway_url=nobody, database=ledger) as service:
        yield service


@pytest.fixture
def gateway() -> Iterator[NotingGateway]:
    """A gateway that notes what it is asked to stop."""
    with noting_gateway() as gateway:
        yield gateway
