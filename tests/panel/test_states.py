"""What the panel says of itself, and that it comes back by itself."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub_ext.demo.sweep import MARK
from hub_ext.processes import tagged
from tests.support.accessible import serious
from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel
from tests.support.windows import theme as choose_theme

_FETCH = """
async path => {
    const [, token] = document.cookie.match(/_xsrf=([^;]*)/) ?? [];
    const answer = await fetch(path, {headers: {'X-XSRFToken': token ?? ''}});
    return [answer.status, await answer.text()];
}
"""
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")


def _service(people: Windows) -> int:
    """Return the process id of the usage service."""
    for pid in tagged(MARK, people.stack.stack_id):
        if b"/gatehouse\0service\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("the demo runs no usage service")


@pytest.fixture
def bob(people: Windows) -> Iterator[Page]:
    """Bob in Lab, at the same time as Alice; he never has a cluster."""
    if "bob" not in people.pages:
        people.log_in("bob")
    yield people.lab("bob")
    people.page("bob").goto(f"{people.stack.base_url}/hub/home")


def test_the_panel_is_live_and_empty(bob: Page) -> None:
    """Before anything is started it is live, and says how a cluster is made."""
    panel = open_panel(bob)

    expect(panel).to_contain_text("Usage service is live")
    expect(panel).to_contain_text("No clusters")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_any_theme(alice: Page, theme: str) -> None:
    """Names, roles, contrast: in light, dark and high contrast."""
    open_panel(alice)
    choose_theme(alice, theme)

    assert serious(alice, "#gatehouse-panel") == []
    choose_theme(alice, THEMES[0])


def test_a_killed_service_comes_back_without_a_reload(alice: Page, people: Windows) -> None:
    """While it is away the panel says so and keeps its figures; when it answers, it is live again on the same page."""
    panel = open_panel(alice)
    alice.evaluate("window.notReloaded = true")
    expect(panel).to_contain_text("Usage service is live")
    os.kill(_service(people), signal.SIGKILL)

    expect(panel.get_by_role("alert")).to_contain_text("Usage service is not answering; what runs goes on.")
    expect(panel.get_by_role("region", name="Money")).to_contain_text("$")
    expect(panel.get_by_role("alert")).to_have_count(0, timeout=SLOW)
    expect(panel).to_contain_text("Usage service is live")
    assert alice.evaluate("window.notReloaded") is True


def test_a_hidden_tab_holds_no_stream_and_catches_up(alice: Page) -> None:
    """A tab that nobody sees asks nothing; seen again, it is live at once."""
    panel = open_panel(alice)
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url) if "/gatehouse/" in request.url else None)
    show = """state => {
        Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    alice.evaluate(show, "hidden")
    alice.wait_for_timeout(3_000)
    while_hidden = list(asked)
    with alice.expect_request(re.compile("/gatehouse/stream")):
        alice.evaluate(show, "visible")

    assert while_hidden == []
    expect(panel).to_contain_text("Usage service is live")


def test_two_tabs_say_the_same(alice: Page, people: Windows) -> None:
    """What is chosen in one tab is an action at the server, so the other tab shows its effect too."""
    other = people.window("alice").new_page()
    other.goto(f"{people.stack.base_url}/user/alice/lab/workspaces/second")
    first, second = open_panel(alice), open_panel(other)
    for one in (first, second):
        expect(one).to_contain_text("Usage service is live")
    first.get_by_role("button", name="Details of This server").click()
    first.get_by_role("button", name=re.compile("2 h")).click()

    kept = second.get_by_role("button", name="Details of This server")
    kept.click()
    expect(second.get_by_role("list", name="Servers")).to_contain_text("2 h")
    other.close()


def test_two_people_never_see_each_other(alice: Page, bob: Page) -> None:
    """Both look at once: each panel, and all that its page was sent, tells of one person alone."""
    sent: list[str] = []
    bob.on("response", lambda answer: sent.append(answer.url) if "/user/alice" in answer.url else None)
    theirs, his = open_panel(alice), open_panel(bob)
    expect(theirs).to_contain_text("Research")
    expect(his).to_contain_text("Analysts")

    assert "Research" not in his.inner_text()
    assert "Analysts" not in theirs.inner_text()
    assert sent == []
    status, account = bob.evaluate(_FETCH, "/user/bob/gatehouse/account")
    assert (status, '"name":"bob"' in account, "alice" in account) == (200, True, False)
    status, refused = bob.evaluate(_FETCH, "/user/alice/gatehouse/account")
    assert (status in {401, 403, 404}, "balances" in refused) == (True, False)
