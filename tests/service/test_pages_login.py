"""The pages behind a real hub: its login, its scopes, its XSRF tokens."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsing import chromium, watched
from tests.support.hub import Hub
from tests.support.service import Service, running_service


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def published(hub: Hub, policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service where the hub's proxy looks for it."""
    with running_service(hub, tmp_path_factory.mktemp("published"), policy, port=hub.service_port) as service:
        yield service


@pytest.fixture
def page(browser: Browser, hub: Hub, published: Service) -> Iterator[Page]:
    """A fresh browser window; afterwards it had no error and asked no other host."""
    assert published.process.poll() is None
    context = browser.new_context(base_url=hub.url)
    page = context.new_page()
    _wait_for_the_proxy(page)
    seen = watched(page, hub.url)
    yield page
    context.close()
    assert seen.errors == []
    assert seen.foreign == []


def _wait_for_the_proxy(page: Page) -> None:
    """Wait until the hub has told its proxy where the service is."""
    deadline = time.monotonic() + 60  # the hub looks for a service that is not there yet for 30 s
    while not page.request.get("/services/gatehouse/api/v1/health").ok:
        assert time.monotonic() < deadline, "the proxy does not know the service"
        page.wait_for_timeout(100)


def log_in(page: Page, name: str, path: str = "") -> None:
    """Open a page without a login and log in where the hub asks for it."""
    page.goto(f"/services/gatehouse/{path}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("any")
    page.get_by_role("button", name="Sign in").click()


def test_an_administrator_lands_on_the_page_asked_for(page: Page) -> None:
    """The hub's login leads back to the page that was asked for, and its figures arrive and stay fresh."""
    log_in(page, "adam", "groups")
    expect(page.get_by_role("table", name="Groups").get_by_role("row", name="Research")).to_be_visible()
    expect(page.get_by_role("navigation", name="Gatehouse").get_by_role("link", name="Ledger")).to_be_visible()
    with page.expect_response(lambda answer: "/api/v1/admin/overview" in answer.url) as again:
        page.wait_for_timeout(0)
    assert again.value.status == 200
    expect(page.locator("#gh-strip")).to_be_empty()


def test_a_person_without_the_scope_gets_their_own_account(page: Page) -> None:
    """Alice sees her account, and the hub's scopes keep an administrator's address from her."""
    log_in(page, "alice")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("table", name="Budgets").get_by_role("row", name="Research")).to_be_visible()
    expect(page.get_by_role("navigation", name="Gatehouse")).to_have_count(0)
    page.goto("/services/gatehouse/ledger")
    expect(page.get_by_text("Ledger is for administrators.")).to_be_visible()


def test_the_navbar_leads_back_to_the_hub(page: Page) -> None:
    """The hub's logo is shown, and its links lead to the hub."""
    log_in(page, "adam")
    logo = page.get_by_role("img", name="JupyterHub home")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="Token").click()
    expect(page).to_have_title("JupyterHub")
    assert page.url.endswith("/hub/token")
