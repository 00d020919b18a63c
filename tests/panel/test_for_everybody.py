"""The panel for everybody: by keyboard alone, in every theme, for who hears it, and narrow."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.accessible import serious
from tests.support.browsing import SLOW
from tests.support.keyboard import focused, tab_to
from tests.support.windows import Windows, command, open_panel
from tests.support.windows import theme as choose_theme

NAME = "everybody"
THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")
IN_PALETTE = {
    "Charge to": "Choose the Group to Charge",
    "New cluster": "New Cluster",
    "Daily costs": "Show Daily Costs",
    NAME: "Open a Cluster: Workers, Logs, Decisions",
    "Logs": "Open a Cluster: Workers, Logs, Decisions",
    "Workers of": "Scale a Cluster",
    "Adapt ": "Adapt a Cluster to Its Load, or No Longer",
    "Fewest workers of": "Adapt a Cluster to Its Load, or No Longer",
    "Most workers of": "Adapt a Cluster to Its Load, or No Longer",
    "Keep ": "Keep a Server or Cluster Longer Without Use",
    "Dashboard": "Open the Dashboard of a Cluster",
    "Insert code": "Insert Code for a Cluster",
    "Connect": "Connect This Notebook to a Cluster",
    "Restart workers": "Restart the Workers of a Cluster",
    "Stop": "Stop a Cluster",
    "Compare": "Compare the Packages of Kernel and Workers",
    "Retry now": "Ask for the Figures Anew",
}
"""How the name of each of the panel's controls begins, and the command that does the same."""
NARROW = 260
"""Pixels of the narrowest panel that is drawn for."""
ONLY_LOOKS = re.compile("Details of|Clusters$|Environment$|Show |Hide ")
"""What opens and closes a part of the panel changes nothing else."""
_CONTROLS = """
panel => [...panel.querySelectorAll('button, a[href], select, input')].map(control => (
    control.getAttribute('aria-label') ?? (control.labels?.[0] ?? control).innerText
).trim())
"""
_TOO_WIDE = """
panel => [...panel.querySelectorAll('*')]
    .filter(part => part.scrollWidth > part.clientWidth + 4 && part.clientWidth > 0)  // a quiet button's padding
    .filter(part => getComputedStyle(part).textOverflow !== 'ellipsis' && getComputedStyle(part).display !== 'inline')
    .filter(part => getComputedStyle(part).clipPath === 'none' && part.tagName !== 'SELECT')
    .map(part => `${part.outerHTML.slice(0, 120)}: ${part.scrollWidth} in ${part.clientWidth}`)
"""


@pytest.fixture(scope="module")
def item(alice: Page) -> Locator:
    """Where the row of alice's cluster is, once it is started."""
    return open_panel(alice).get_by_role("listitem").filter(has_text=NAME)


def _here(page: Page, part: str) -> None:
    """Wait until the focus is in a part of the page."""
    expect(page.locator(f"{part}:focus, {part} :focus").first).to_be_attached()


def _control(item: Locator, role: str, name: str) -> Locator:
    return item.get_by_role(role, name=name, exact=True)


def test_a_cluster_is_started_and_steered_by_keyboard_alone(alice: Page, item: Locator) -> None:
    """From the palette into the panel, and through it in the order of the eye; the focus is never lost."""
    panel = open_panel(alice)
    command(alice, "Show Clusters and Cost")
    _here(alice, "#gatehouse-panel")
    new = panel.get_by_role("button", name="New cluster").first
    tab_to(alice, new)
    alice.keyboard.press("Enter")
    dialog = alice.get_by_role("dialog", name="New cluster")
    expect(dialog.get_by_role("spinbutton", name="Workers")).to_be_focused()
    alice.keyboard.press("Shift+Tab")
    expect(dialog.get_by_label("Name")).to_be_focused()
    alice.keyboard.type(NAME)
    alice.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(new).to_be_focused()
    expect(item.get_by_role("img", name="Workers: 2 run", exact=True)).to_be_visible(timeout=SLOW)

    caret = _control(item, "button", f"Details of {NAME}")
    tab_to(alice, caret)
    for key, state in (("Space", "false"), ("Enter", "true")):
        alice.keyboard.press(key)
        expect(caret).to_have_attribute("aria-expanded", state)
    order = tab_to(alice, _control(item, "button", "Stop"))
    assert [name for name in order[1:] if not name.startswith("Keep ")] == [
        f"Workers of {NAME}",
        f"Workers of {NAME}",
        f"Adapt {NAME} to its load",
        *("Dashboard", "Insert code", "Logs", "Connect", "Restart workers", "Stop"),
    ]
    alice.keyboard.press("Shift+Tab")
    _steer(alice, item, caret)


def _steer(page: Page, item: Locator, caret: Locator) -> None:
    """Slider, number and switch, each by its own keys."""
    caret.focus()
    slider, count = _control(item, "slider", f"Workers of {NAME}"), _control(item, "spinbutton", f"Workers of {NAME}")
    tab_to(page, slider)
    for key, value in (("Home", "0"), ("PageUp", "10"), ("End", "20"), ("PageDown", "10"), ("ArrowLeft", "9")):
        page.keyboard.press(key)
        expect(slider).to_have_value(value)
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(count).to_be_focused()
    expect(item.get_by_role("img", name="Workers: 1 runs", exact=True)).to_be_visible(timeout=SLOW)
    page.keyboard.press("Tab")
    switch = _control(item, "switch", f"Adapt {NAME} to its load")
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Tab")
    expect(_control(item, "spinbutton", f"Fewest workers of {NAME}")).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(item.get_by_role("img", name="Workers: 2 run", exact=True)).to_be_visible(timeout=SLOW)


def test_the_keyboard_takes_the_cluster_into_the_notebook(alice: Page, item: Locator) -> None:
    """Insert code and Connect do what they say to the notebook in front, and the focus is somewhere afterwards."""
    cells = alice.locator(".jp-Notebook .jp-Cell").filter(has_text="Gateway().connect(")
    tab_to(alice, _control(item, "button", "Insert code"))
    alice.keyboard.press("Enter")
    expect(cells).to_have_count(1)
    assert focused(alice)
    _control(item, "button", "Logs").focus()
    tab_to(alice, _control(item, "button", "Connect"))
    alice.keyboard.press("Enter")
    expect(alice.get_by_text(f"is connected: its variables cluster and client are {NAME}.")).to_be_visible(timeout=SLOW)
    assert serious(alice, ".Toastify") == []
    assert focused(alice)


def test_every_action_of_the_panel_is_a_command_too(alice: Page, item: Locator) -> None:
    """No control without an entry in the palette; the carets, which only show more, need none."""
    expect(item).to_be_visible()
    panel = open_panel(alice)
    panel.get_by_role("button", name="Details of This server").click()
    names = panel.evaluate(_CONTROLS)
    panel.get_by_role("button", name="Details of This server").click()
    alice.keyboard.press("Control+Shift+C")
    listed = alice.locator("#modal-command-palette [data-command^='gatehouse:'] .lm-CommandPalette-itemLabel")
    expect(listed.first).to_be_attached()
    commands = set(listed.all_inner_texts())
    alice.keyboard.press("Escape")

    assert {"New cluster", "Stop", "Logs"} < set(names)
    assert [name for name in names if not ONLY_LOOKS.match(name) and _command_of(name) not in commands] == []


def _command_of(name: str) -> str | None:
    return next((does for begin, does in IN_PALETTE.items() if name.startswith(begin)), None)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_anywhere(people: Windows, alice: Page, item: Locator, theme: str) -> None:
    """The panel with a cluster open, dialog, notification, status bar, the cluster's page and its tabs, the costs."""
    expect(item.get_by_role("slider")).to_be_visible()
    choose_theme(alice, theme)
    found = {"panel": serious(alice, "#gatehouse-panel"), "status bar": serious(alice, ".gh-rate")}
    people.picture(alice, f"for-everybody-{theme.split(' ', 1)[1].lower().replace(' ', '-')}")
    command(alice, "New Cluster")
    expect(alice.get_by_role("status", name="Quote")).to_contain_text(re.compile("starts? now"))
    found["dialog"] = serious(alice, "dialog.gh-dialog")
    alice.keyboard.press("Escape")
    command(alice, "Open a Cluster: Workers")
    page = alice.locator(".gh-cluster-tab")
    for tab in ("Logs", "Workers", "Decisions"):
        page.get_by_role("tab", name=re.compile(f"^{tab}")).click()
        found[tab] = serious(alice, ".gh-cluster-tab")
    command(alice, "Show Daily Costs")
    expect(alice.locator(".gh-page-frame").get_by_role("table").first).to_be_visible()
    found["costs"] = serious(alice, ".gh-page-frame")
    command(alice, "Connect This Notebook")
    toast = alice.locator(".Toastify__toast").filter(has_text="connected")
    expect(toast.first).to_be_visible(timeout=SLOW)
    found["notification"] = serious(alice, ".Toastify")

    choose_theme(alice, THEMES[0])
    assert {part: what for part, what in found.items() if what} == {}


def test_a_narrow_panel_cuts_nothing_off(people: Windows, alice: Page, item: Locator) -> None:
    """In the narrow sidebar that Lab begins with everything wraps: nothing is wider than its place, but for dots."""
    panel = open_panel(alice)
    expect(item.get_by_role("slider")).to_be_visible()
    people.picture(alice, "for-everybody-narrow")
    assert panel.evaluate("panel => panel.clientWidth") <= NARROW
    assert panel.evaluate(_TOO_WIDE) == []


def test_the_page_and_the_end_of_a_cluster_by_keyboard_alone(alice: Page, item: Locator) -> None:
    """Logs opens its page with the focus in it; arrows change tabs; when Stop has gone, the focus is at its row."""
    command(alice, "Show Clusters and Cost")
    _here(alice, "#gatehouse-panel")
    tab_to(alice, _control(item, "button", "Logs"))
    alice.keyboard.press("Enter")
    _here(alice, ".gh-cluster-tab")
    tab_to(alice, alice.locator(".gh-cluster-tab [role=tab][aria-selected=true]"))
    alice.keyboard.press("Home")
    for key, tab in (("ArrowRight", "Workers"), ("ArrowRight", "Decisions"), ("ArrowRight", "Logs")):
        alice.keyboard.press(key)
        expect(alice.get_by_role("tab", name=re.compile(f"^{tab}"), selected=True)).to_be_focused()
    command(alice, "Show Clusters and Cost")
    _here(alice, "#gatehouse-panel")
    tab_to(alice, _control(item, "button", "Stop"))
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("dialog").get_by_role("button", name="Keep it")).to_be_focused()
    alice.keyboard.press("Tab")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("dialog")).to_have_count(0)
    expect(item).to_contain_text("stopped", timeout=SLOW)
    expect(_control(item, "button", f"Details of {NAME}")).to_be_focused()
