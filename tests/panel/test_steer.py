"""A data scientist steers a cluster from the panel: workers, adaptive scaling, restart, into the notebook, the end."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.service.waiting import until
from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel, run_cell

NAME = "steered"
MAKES = f"""
from dask_gateway import Gateway
cluster = Gateway().new_cluster(name="{NAME}", shutdown_on_close=False)
"""
PIDS = """
import os
client = cluster.get_client()
client.wait_for_workers({count})
print(sorted(client.run(os.getpid).values()))
"""


@pytest.fixture(scope="module")
def item(alice: Page) -> Iterator[Locator]:
    """The row of a cluster that alice has just made in her notebook; it appears by itself."""
    panel = open_panel(alice)
    expect(alice.locator(".jp-Notebook .jp-Cell").nth(4)).to_be_attached(timeout=SLOW)  # the last of the demo's
    kernel = alice.locator(".jp-Notebook-ExecutionIndicator")
    expect(kernel).to_have_attribute("data-status", "idle", timeout=SLOW)
    run_cell(alice, MAKES)
    found = panel.get_by_role("listitem").filter(has_text=NAME)
    expect(found).to_contain_text("running", timeout=SLOW)
    caret = found.get_by_role("button", name=f"Details of {NAME}")
    if caret.get_attribute("aria-expanded") == "false":
        caret.click()
    yield found
    stop = found.get_by_role("button", name="Stop", exact=True)
    if stop.count() and stop.get_attribute("aria-disabled") == "false":
        stop.click()
        alice.get_by_role("button", name=f"Stop {NAME}").click()
    expect(found).to_contain_text("stopped", timeout=SLOW)


def _slider(item: Locator) -> Locator:
    return item.get_by_role("slider", name=f"Workers of {NAME}")


def _count(item: Locator, which: str = "Workers") -> Locator:
    return item.get_by_role("spinbutton", name=f"{which} of {NAME}")


def _runs(item: Locator, count: int) -> None:
    """Wait until exactly so many workers run, and nothing else is wanted."""
    words = f"Workers: {count} run{'s' if count == 1 else ''}"
    expect(item.get_by_role("img", name=words, exact=True)).to_be_visible(timeout=SLOW)


def _account(people: Windows) -> dict[str, object]:
    """Return the cluster as the service tells it."""
    clusters = people.get("alice", "account")["json"]["clusters"]
    return next(view for view in clusters if view["name"] == NAME)


def _theme(page: Page, theme: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for entry in ("Theme", theme):
        page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


def test_the_slider_is_moved_by_keys_and_workers_come(item: Locator) -> None:
    """Two steps to the right are two workers, in the number beside it and in the cluster."""
    _slider(item).press("ArrowRight")
    _slider(item).press("ArrowRight")
    expect(_count(item)).to_have_value("2")
    _runs(item, 2)
    expect(_slider(item)).to_have_attribute("aria-valuetext", "2 workers")


def test_what_is_above_a_limit_waits_and_says_why(people: Windows, alice: Page, item: Locator) -> None:
    """The wish stands; what is granted of it runs, and the line below says what binds."""
    _slider(item).press("End")
    expect(item).to_contain_text(re.compile(r"4 of 20 workers.*\[user_limit\]", re.DOTALL), timeout=SLOW)
    expect(item.get_by_text("4 of 20 workers", exact=True)).to_be_visible(timeout=SLOW)
    expect(item.get_by_role("img", name=re.compile("Workers: .*16 wait"))).to_be_visible()
    expect(_count(item)).to_have_value("20")
    people.picture(alice, "panel-clusters")
    _theme(alice, "JupyterLab Dark")
    people.picture(alice, "panel-clusters-dark")
    _theme(alice, "JupyterLab Light")
    _count(item).fill("1")
    _count(item).press("Enter")
    _runs(item, 1)


def test_it_adapts_within_bounds_until_it_is_switched_off(people: Windows, item: Locator) -> None:
    """The service tells the bounds; the fewest come without work; afterwards a number is a number again."""
    switch = item.get_by_role("switch", name=f"Adapt {NAME} to its load")
    switch.click()
    _count(item, "Most workers").fill("3")
    _count(item, "Fewest workers").fill("2")
    _count(item, "Fewest workers").press("Enter")
    _runs(item, 2)
    until(lambda: (_account(people)["adaptive_minimum"], _account(people)["adaptive_maximum"]) == (2, 3))
    expect(_slider(item)).to_be_disabled()
    switch.click()
    expect(_slider(item)).to_be_enabled()
    until(lambda: _account(people)["adaptive_maximum"] is None)
    expect(switch).to_have_attribute("aria-checked", "false")


def test_a_restart_gives_other_processes_of_as_many_workers(alice: Page, item: Locator) -> None:
    """Of the workers' processes none is left, once the person has read what is lost and agreed."""
    before = run_cell(alice, PIDS.format(count=2))
    item.get_by_role("button", name="Restart workers").click()
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_contain_text("Results in worker memory are not saved")
    dialog.get_by_role("button", name="Restart workers").click()
    expect(alice.get_by_text(f"The workers of {NAME} have ended; new ones are starting.")).to_be_visible(timeout=SLOW)
    after = run_cell(alice, PIDS.format(count=2))
    assert len(_numbers(after)) == 2
    assert not _numbers(before) & _numbers(after)


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


def test_it_is_dragged_into_the_notebook(alice: Page, item: Locator) -> None:
    """A cell with the code that connects lands where it is dropped, and runs."""
    cells = alice.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    start = item.get_by_text(NAME, exact=True).bounding_box()
    cells.last.scroll_into_view_if_needed()
    end = cells.last.bounding_box()
    assert start is not None
    assert end is not None
    alice.mouse.move(start["x"] + 8, start["y"] + 8)
    alice.mouse.down()
    alice.mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    alice.mouse.move(end["x"] + 150, end["y"] + end["height"] / 2, steps=8)
    alice.mouse.up()
    expect(cells).to_have_count(before + 1)
    dropped = cells.filter(has_text="Gateway().connect(")
    dropped.locator(".jp-InputArea-editor").click()
    alice.keyboard.press("Control+Enter")
    expect(dropped.locator(".jp-OutputArea-output")).to_contain_text("Client", timeout=SLOW)


def test_the_notebook_in_front_is_connected_and_never_twice(alice: Page, item: Locator) -> None:
    """What has variables of these names is left alone; without them the code runs, unseen but told."""
    connect = item.get_by_role("button", name="Connect", exact=True)
    connect.click()
    expect(alice.get_by_text(f"is connected to {NAME} already; nothing was run.")).to_be_visible(timeout=SLOW)
    run_cell(alice, "cluster = client = 'mine'\nprint(cluster)")
    connect.click()
    alice.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    expect(alice.get_by_text("was left as it is.")).to_be_visible()
    run_cell(alice, "del cluster, client\nprint('gone')")
    connect.click()
    expect(alice.get_by_text(f"is connected: its variables cluster and client are {NAME}.")).to_be_visible(timeout=SLOW)
    assert "2" in run_cell(alice, "print(client.submit(lambda: 1 + 1).result())")


def test_it_is_stopped_from_the_panel(alice: Page, item: Locator) -> None:
    """A click, a word on what is lost, and it is over."""
    item.get_by_role("button", name="Stop", exact=True).click()
    alice.get_by_role("button", name=f"Stop {NAME}").click()
    expect(item).to_contain_text("stopped", timeout=SLOW)
    expect(item.get_by_role("slider")).to_have_count(0)
