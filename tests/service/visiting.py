"""Opening the pages in a browser, and reading their tables."""

from collections.abc import Callable

from playwright.sync_api import Page

Visit = Callable[..., Page]
"""Opens a page as a person."""


def column(page: Page, table: str, number: int) -> list[str]:
    """Return the texts of a column, without its head and foot."""
    page.get_by_role("table", name=table).locator("tbody tr").first.wait_for()
    return page.get_by_role("table", name=table).locator(f"tbody tr > :nth-child({number})").all_inner_texts()
