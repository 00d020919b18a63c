"""What the panel says when a login has ended, and that nothing in the tab is lost on the way to the next one."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.accessible import serious
from tests.support.windows import Windows, open_panel, run_cell, stop_server
from tests.support.windows import theme as choose_theme

_SHOW = """state => {
    Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
_REVOKE = """
async () => {
    const xsrf = window.jhdata.xsrf_token;
    const tokens = `${window.jhdata.base_url}api/users/alice/tokens`;
    const headers = {'X-XSRFToken': xsrf};
    const found = (await (await fetch(tokens, {headers})).json()).api_tokens;
    const own = found.filter(token => token.note === 'Server at /user/alice/');
    return Promise.all(own.map(async ({id}) => (await fetch(`${tokens}/${id}`, {method: 'DELETE', headers})).status));
}
"""


def _look_again(page: Page) -> None:
    """Leave the tab and come back to it, as one does who was in another."""
    page.evaluate(_SHOW, "hidden")
    page.evaluate(_SHOW, "visible")


def _footer(panel: Locator, words: str) -> None:
    expect(panel.locator("footer").get_by_role("status")).to_have_text(words)


@pytest.fixture
def written(alice: Page) -> str:
    """Something in the open notebook that was not saved."""
    assert run_cell(alice, "print('kept')").strip() == "kept"
    return "print('kept')"


@pytest.mark.parametrize(("ending", "theme"), [("logged out in another tab", "Light"), ("cookies gone", "Dark")])
def test_a_login_that_ended_is_renewed_beside_unsaved_work(
    people: Windows, alice: Page, written: str, ending: str, theme: str
) -> None:
    """The panel says so; the login is a tab of its own that closes itself, and this tab is live and saves its work."""
    panel = open_panel(alice)
    _footer(panel, "Usage service is live")
    choose_theme(alice, f"JupyterLab {theme}")  # Lab keeps it on the server: without a login there is no choosing
    alice.evaluate("window.notReloaded = true")
    if ending == "cookies gone":
        people.window("alice").clear_cookies()
    else:
        other = people.window("alice").new_page()
        other.goto(f"{people.stack.base_url}/hub/logout")
        other.close()
    _look_again(alice)

    _footer(panel, "Login has expired")
    told = panel.get_by_role("alert")
    expect(told).to_contain_text("Your login has expired.")
    expect(told).to_contain_text("Nothing was stopped. [login_expired]")
    expect(panel.get_by_role("region", name="Money")).to_contain_text("Spent, at")
    assert serious(alice, "#gatehouse-panel") == []
    people.picture(alice, f"panel-expired-{theme.lower()}")

    with alice.expect_popup() as opened:
        told.get_by_role("button", name="Log in again").click()
    with opened.value.expect_event("close"):
        opened.value.get_by_role("button", name="Sign in").or_(opened.value.get_by_role("link", name="Sign in")).click()
        if ending == "cookies gone":  # also those at the identity provider
            people.identify(opened.value, "alice")
    _footer(panel, "Usage service is live")
    expect(told).to_have_count(0)
    assert alice.evaluate("window.notReloaded") is True
    expect(alice.locator(".jp-Notebook .jp-Cell").last).to_contain_text(written)
    with alice.expect_response(re.compile(r"/user/alice/api/contents/First%20cluster\.ipynb")) as saved:
        alice.keyboard.press("Control+s")
    assert saved.value.status == 200


def test_a_server_whose_token_was_revoked_is_to_be_started_anew(people: Windows, alice: Page) -> None:
    """No login helps there: the panel says what does, leads to the hub, and is live on the next server."""
    panel = open_panel(alice)
    _footer(panel, "Usage service is live")
    hub = people.window("alice").new_page()
    hub.goto(f"{people.stack.base_url}/hub/token")
    assert hub.evaluate(_REVOKE) == [204]
    hub.close()

    _footer(panel, "Login has expired")
    told = panel.get_by_role("alert")
    expect(told).to_contain_text("This server's login has expired.")
    expect(told).to_contain_text("start the server at the hub")
    expect(told).to_contain_text("[login_expired]")
    assert serious(alice, "#gatehouse-panel") == []
    people.picture(alice, "panel-revoked")
    with alice.expect_popup() as opened:
        told.get_by_role("button", name="Open the hub").click()
    stop_server(opened.value)
    opened.value.close()
    _footer(open_panel(people.lab("alice")), "Usage service is live")
