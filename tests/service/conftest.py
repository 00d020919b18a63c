"""A real hub for the whole run, a service with an empty ledger for each module; and the pages in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.service.noting_gateway import NotingGateway, noting_gateway
from tests.service.visiting import Visit
from tests.support.browsing import chromium, watched
from tests.support.hub import Hub, running_hub
from tests.support.page_server import Program, running_pages
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def program() -> Iterator[Program]:
    """The pages, and the figures that they ask for."""
    with running_pages(Program()) as program:
        yield program


@pytest.fixture
def visit(browser: Browser, program: Program) -> Iterator[Visit]:
    """Open a page as a person; afterwards no page had an error or asked another host."""
    seen = []
    contexts = []

    def go(path: str = "", who: str = "adam", **options: object) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        context.add_cookies([{"name": "who", "value": who, "url": program.url}])
        contexts.append(context)
        page = context.new_page()
        seen.append(watched(page, program.url))
        page.goto(program.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [one.errors for one in seen] == [[] for _ in seen]
    assert [one.foreign for one in seen] == [[] for _ in seen]
