"""What the panel says of itself."""

from playwright.sync_api import Page, expect

from tests.support.windows import open_panel


def test_the_panel_is_live_and_empty(alice: Page) -> None:
    """Before anything is started it is live, and says how a cluster is made."""
    panel = open_panel(alice)

    expect(panel).to_contain_text("Usage service is live")
    expect(panel).to_contain_text("No clusters")
