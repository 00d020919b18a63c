"""Alice starts clusters from the panel: by mouse, by keyboard, too large, and one too many."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel

RUNS = re.compile("starting|running|stopping")
POST = """async ([path, body]) => {
    const xsrf = (document.cookie.match(/_xsrf=([^;]*)/) || [])[1] || '';
    const answer = await fetch(path, {method: 'POST', body: JSON.stringify(body), headers: {'X-XSRFToken': xsrf}});
    return answer.status;
}"""
"""A request of the panel's own kind, as from another tab."""


@pytest.fixture
def panel(people: Windows, alice: Page) -> Iterator[Locator]:
    """Alice's panel; what she runs afterwards is stopped."""
    found = open_panel(alice)
    yield found
    alice.keyboard.press("Escape")
    for cluster in people.get("alice", "account")["json"]["clusters"]:
        if cluster["state"] != "stopped":
            assert alice.evaluate(POST, [f"{_own(people)}/clusters/{cluster['id']}/stop", {}]) == 204
    states = found.get_by_role("list", name="Clusters").locator(".gh-state")
    expect(states.filter(has_text=RUNS)).to_have_count(0, timeout=SLOW)


def _own(people: Windows) -> str:
    return f"{people.stack.base_url}/user/alice/gatehouse"


def test_alice_starts_a_cluster_by_mouse(alice: Page, panel: Locator) -> None:
    """Two workers with a click on New and one on Start: the price before, the running cluster afterwards."""
    panel.get_by_role("button", name="New cluster").last.click()
    dialog = alice.get_by_role("dialog", name="New cluster")
    expect(dialog.get_by_role("radio", name="Standard workers")).to_be_checked()
    dialog.get_by_label("Name").fill("sales-join")
    expect(dialog.get_by_role("spinbutton", name="Workers")).to_have_value("2")
    quote = dialog.get_by_role("status", name="Quote")
    expect(quote).to_contain_text("All 2 workers start now")
    expect(quote).to_contain_text("It stops after 20 min without use, after 10 min with nobody connected")
    dialog.get_by_role("button", name="Start for $1.35/h").click()

    expect(dialog).to_be_hidden()
    expect(panel.get_by_role("list", name="Clusters")).to_contain_text("sales-join")
    expect(panel.get_by_text("2 workers", exact=True)).to_be_visible(timeout=SLOW)


def test_alice_starts_a_cluster_by_keyboard(people: Windows, alice: Page, panel: Locator) -> None:
    """From New to a running cluster without a mouse; Escape before it starts nothing, and the focus comes back."""
    new = panel.get_by_role("button", name="New cluster").first
    new.focus()
    alice.keyboard.press("Enter")
    dialog = alice.get_by_role("dialog", name="New cluster")
    expect(dialog.get_by_role("spinbutton", name="Workers")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(new).to_be_focused()

    _ask_for_twenty(alice, dialog)
    _pictures(people, alice, dialog)
    alice.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(new).to_be_focused()
    expect(panel.get_by_text("4 of 20 workers", exact=True)).to_be_visible(timeout=SLOW)
    expect(panel).to_contain_text("[user_limit]")


def _ask_for_twenty(page: Page, dialog: Locator) -> None:
    """Open the dialog from New, which has the focus, and ask for more than fits."""
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("spinbutton", name="Workers")).to_be_focused()
    page.keyboard.type("20")
    expect(dialog.get_by_role("status", name="Quote")).to_contain_text("4 of 20 workers start now, the other 16 wait")
    expect(dialog.get_by_role("img", name="4 within the quota, 16 waiting")).to_be_visible()


def _pictures(people: Windows, page: Page, dialog: Locator) -> None:
    """Take one in each theme, where they are wanted; the dialog is as before."""
    if people.pictures is None:
        return
    for theme, name in (("Dark", "panel-new-cluster-dark"), ("Light", "panel-new-cluster")):
        page.keyboard.press("Escape")
        page.get_by_role("menuitem", name="Settings", exact=True).click()
        page.locator(".lm-Menu-item", has_text="Theme").first.hover()
        page.locator(".lm-Menu-item", has_text=re.compile(f"^JupyterLab {theme}$")).click()
        expect(page.locator(f"body[data-jp-theme-light={'true' if theme == 'Light' else 'false'}]")).to_have_count(1)
        open_panel(page).get_by_role("button", name="New cluster").first.focus()
        _ask_for_twenty(page, dialog)
        people.picture(page, name)


def test_a_start_that_is_refused_says_why_in_the_dialog(people: Windows, alice: Page, panel: Locator) -> None:
    """Somebody took the last place meanwhile: the gateway's sentence and its code, and the dialog stays."""
    panel.get_by_role("button", name="New cluster").last.click()
    dialog = alice.get_by_role("dialog", name="New cluster")
    expect(dialog.get_by_role("status", name="Quote")).to_contain_text("All 2 workers start now")
    body = {"options": {"profile": "standard", "name": "in between"}, "workers": 0}
    assert [alice.evaluate(POST, [f"{_own(people)}/clusters", body]) for _ in range(2)] == [200, 200]

    alice.keyboard.press("Enter")
    refusal = dialog.get_by_role("alert")
    expect(refusal).to_contain_text("Not started: you hold 2 of the 2 clusters")
    expect(refusal).to_contain_text("[user_limit]")
    expect(dialog.get_by_role("spinbutton", name="Workers")).to_be_focused()
    expect(dialog.get_by_role("status", name="Quote")).to_contain_text("This would not start now")
    alice.keyboard.press("Escape")

    panel.get_by_role("button", name="New cluster").first.click()
    card = dialog.get_by_role("radio", name="Standard workers")
    expect(card).to_be_disabled()
    expect(dialog).to_contain_text("[user_limit]")
