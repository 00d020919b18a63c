"""What a person is told of what Gatehouse did: fewer workers, a start that was refused, a cluster that was ended."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.panel.test_cost import ask, cluster_of, policy_with, toast
from tests.service.waiting import until
from tests.support.accessible import serious
from tests.support.windows import Windows, command, run_cell
from tests.support.windows import theme as choose_theme

NAME = "wide-join"
IDLE = 10
"""Seconds without use after which the cluster is to stop."""
STARTS = f"""
from dask_gateway import Gateway
cluster = Gateway().new_cluster(name="{NAME}", shutdown_on_close=False)
cluster.scale(3)
client = cluster.get_client()
client.wait_for_workers(3)
"""
ONE_MORE = """
try:
    Gateway().new_cluster(name="one-more")
except Exception as error:
    print(error)
"""


@pytest.fixture(scope="module")
def cluster(people: Windows, alice: Page) -> Iterator[Any]:
    """A cluster of alice's with three workers that compute nothing; the panel is closed while they run."""
    run_cell(alice, STARTS)
    until(lambda: (cluster_of(people) or {}).get("running") == 3)
    known = cluster_of(people)
    alice.locator(".jp-SideBar .lm-TabBar-tab[title^='File Browser']").click()
    yield known
    if cluster_of(people) is not None:
        ask(alice, f"clusters/{known['id']}/stop", {})
        until(lambda: cluster_of(people) is None)


def _read(page: Page, words: str) -> Locator:
    """Return the notification with these words; it stays for as long as the mouse is over it."""
    found = toast(page, words)
    found.hover()
    expect(found).to_be_in_viewport(ratio=1)
    return found


def _shows_the_cluster(page: Page, notice: Locator) -> None:
    """Press the notification's action: the cluster's own page comes to the front."""
    notice.get_by_role("button", name="Show cluster").click()
    tab = page.locator(".gh-cluster-tab")
    expect(tab).to_be_visible()
    expect(tab.get_by_role("heading", name=NAME)).to_be_visible()
    command(page, "Close Tab")
    expect(tab).to_have_count(0)


@pytest.mark.usefixtures("cluster")
def test_a_refused_start_is_told_and_leads_to_another(people: Windows, alice: Page) -> None:
    """The notebook's error and the notification say the same; its action opens the dialog that shows what does fit."""
    with policy_with(people, "per_user: {cores: 6, memory: 12 GiB, clusters: 2", "per_user: {clusters: 1"):
        until(lambda: people.get("alice", "quote?profile=standard")["json"]["reason"] == "user_limit")
        refusal = run_cell(alice, ONE_MORE)
        assert refusal.strip().endswith("[user_limit]")
        notice = _read(alice, "one-more did not start")
        expect(notice).to_contain_text("You hold 1 of the 1 cluster that one person in Research may hold. [user_limit]")
        assert serious(alice, ".Toastify__toast") == []
        people.picture(alice, "panel-notice-refused")
        notice.get_by_role("button", name="New cluster").click()
        dialog = alice.get_by_role("dialog", name="New cluster")
        expect(dialog).to_contain_text("[user_limit]")
        people.picture(alice, "panel-notice-refused-dialog")
        alice.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


@pytest.mark.usefixtures("cluster")
def test_workers_that_are_taken_away_are_told_in_the_dark_theme(people: Windows, alice: Page) -> None:
    """A lower limit takes two of three: the notification names cluster, number and reason, and shows the cluster."""
    choose_theme(alice, "JupyterLab Dark")
    with policy_with(people, "per_user: {cores: 6", "per_user: {cores: 3"):
        notice = _read(alice, f"Shrinking {NAME} to 1 worker")
        expect(notice).to_contain_text(re.compile(r"You hold 3 of the 3 cores .*\[user_limit\]"))
        people.picture(alice, "panel-notice-cut-dark")
        _shows_the_cluster(alice, notice)
        until(lambda: cluster_of(people)["running"] == 1)
    choose_theme(alice, "JupyterLab Light")


def test_a_cluster_that_gatehouse_ended_is_told_with_its_cost(people: Windows, alice: Page, cluster: Any) -> None:
    """It stays until it is read, says why and what it cost, and the page that it opens is that of the ended cluster."""
    with policy_with(people, "min: 5m, max: 2h", "min: 10s, max: 2h"):
        until(lambda: ask(alice, "extend", {"lease": cluster["lease"], "idle_seconds": IDLE}) == 200)
        notice = _read(alice, f"{NAME} was stopped; it cost $")
    expect(notice).to_contain_text(re.compile(r"was not used for 10 s.*\[idle\]"))
    expect(toast(alice, f"{NAME} stops at")).to_have_count(0)
    people.picture(alice, "panel-notice-ended")
    _shows_the_cluster(alice, notice)
