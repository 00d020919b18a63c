"""The day's stage: the real demo, a real browser with one window per person, and a witness of every process."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.flow.witness import Witness
from tests.support.browsing import chromium
from tests.support.stack import Stack

SLOW = 60_000
"""Milliseconds that a start may take on a busy machine."""


@dataclass
class Day:
    """Everything the people of the day share."""

    stack: Stack
    browser: Browser
    witness: Witness
    pictures: Path | None
    windows: dict[str, BrowserContext] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def window(self, name: str) -> BrowserContext:
        """Return the person's own window, with their own cookies."""
        if name not in self.windows:
            self.windows[name] = self.browser.new_context(viewport={"width": 1280, "height": 860})
        return self.windows[name]

    def page(self, name: str) -> Page:
        """Return the person's page."""
        if name not in self.pages:
            self.pages[name] = self.window(name).new_page()
        return self.pages[name]

    def log_in(self, name: str) -> Page:
        """Log in at the identity provider, as a person does."""
        page = self.page(name)
        page.goto(f"{self.stack.base_url}/hub/")
        page.get_by_role("link", name="Sign in").or_(page.get_by_role("button", name="Sign in")).click()
        page.locator("input[name=login]").fill(name)
        page.keyboard.press("Enter")
        page.locator("input[name=password]").fill(self.stack.people[name].password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.stack.base_url}/**")
        return page

    def picture(self, page: Page, name: str) -> None:
        """Keep a screenshot for the docs, where they are wanted."""
        if self.pictures is not None:
            page.screenshot(path=self.pictures / f"{name}.png")

    def get(self, name: str, path: str) -> Any:
        """Ask the service's API with the person's own login."""
        page = self.window(name).new_page()
        page.goto(f"{self.stack.base_url}/services/gatehouse/")
        answer = page.evaluate(
            """async path => {
                const xsrf = document.cookie.match(/_xsrf=([^;]*)/);
                const meta = document.querySelector('meta[name=xsrf-token],meta[name=gh-xsrf]');
                const token = (meta && meta.content) || (xsrf && xsrf[1]) || '';
                const answer = await fetch(path, {headers: {'X-XSRFToken': token}});
                return {status: answer.status, json: await answer.json()};
            }""",
            f"/services/gatehouse/api/v1/{path}",
        )
        page.close()
        return answer


@pytest.fixture(scope="package")
def day(stack: Stack) -> Iterator[Day]:
    """The day begins; screenshots go where GATEHOUSE_SCREENSHOTS says."""
    wanted = os.environ.get("GATEHOUSE_SCREENSHOTS")
    expect.set_options(timeout=30_000)
    witness = Witness(str(stack.data.root))
    witness.start()
    with chromium() as browser:
        yield Day(stack, browser, witness, Path(wanted) if wanted else None)
