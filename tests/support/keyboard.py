"""A page without a mouse: where the focus is, and how to get on by Tab."""

from playwright.sync_api import Locator, Page, expect

_FOCUSED = """
() => {
    const element = document.activeElement;
    const words = element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText;
    return element === document.body ? '' : (words.trim() || element.tagName.toLowerCase());
}
"""
FURTHEST = 60
"""More Tabs than any part of the page takes."""


def focused(page: Page) -> str:
    """Return the name of what has the focus; empty: nothing has it."""
    return str(page.evaluate(_FOCUSED))


def tab_to(page: Page, wanted: Locator) -> list[str]:
    """Press Tab until an element has the focus; return the names of all that had it on the way."""
    expect(wanted).to_be_visible()
    passed: list[str] = []
    while len(passed) < FURTHEST:
        page.keyboard.press("Tab")
        passed.append(focused(page))
        if wanted.evaluate("element => element === document.activeElement"):
            return passed
    raise AssertionError(f"Tab does not lead there, only to {passed}")
