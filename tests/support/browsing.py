"""Debian's chromium, driven by playwright, with what a page must never do written down."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

SLOW = 180_000
"""Milliseconds that a busy machine may take to show something; a guard against hanging, not a measurement."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Watched:
    """A page, and what it did that no page should."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """What stood in the console as an error, but for answers with an error status; and what nobody caught."""
    foreign: list[str] = field(default_factory=list)
    """Requests to other hosts."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser and stop it afterwards."""
    expect.set_options(timeout=SLOW)
    with sync_playwright() as playwright:
        installed = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=installed, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def watched(page: Page, home: str) -> Watched:
    """Write down from now on what the page does.

    Args:
        page: a fresh page.
        home: an address at the only host that it may ask.
    """
    seen = Watched(page)
    host = urlsplit(home).netloc

    def request(address: str) -> None:
        if urlsplit(address).scheme in {"http", "https"} and urlsplit(address).netloc != host:
            seen.foreign.append(address)

    def console(kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):
            seen.errors.append(text)

    page.on("request", lambda asked: request(asked.url))
    page.on("console", lambda said: console(said.type, said.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    return seen
