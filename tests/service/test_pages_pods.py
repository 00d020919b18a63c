"""What an administrator sees of Kubernetes: on the overview, and beside each interval."""

import csv
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from hub_ext.contract.account import PodWatch
from hub_ext.contract.reasons import Reason
from tests.service.visiting import Visit, column
from tests.support.page_figures import NOW
from tests.support.page_server import Program

HEARD = NOW - timedelta(seconds=20)


def test_overview_says_what_is_missing(visit: Visit, program: Program) -> None:
    """The worst first, each with what to do; the strip counts the pods."""
    watched = (
        PodWatch(
            namespace="jhub", heard_at=HEARD, pods=41, notices=("The namespace jhub has no ResourceQuota. Add it.",)
        ),
        PodWatch(namespace="dask", heard_at=HEARD, pods=1, problem="The service may not list pods in dask. Give it."),
    )
    program.overview = program.overview.model_copy(update={"kubernetes": watched})
    page = visit()
    expect(page.get_by_role("group", name="Health").get_by_text("42, heard")).to_be_visible()
    texts = page.locator(".gh-list li").all_inner_texts()
    found = [next(n for n, text in enumerate(texts) if part in text) for part in ("may not list", "no ResourceQuota")]
    assert found == sorted(found)
    assert "Give it." in texts[found[0]]


def test_images_without_a_panel_are_named_once_each(visit: Visit, program: Program) -> None:
    """However many servers run one; each row of them has the code, and the sentence under the pointer."""
    text = "The image registry/science:1 has no jupyterhub-gatehouse. Add the package to it."
    bare, every = {"reason": Reason.no_panel, "message": text}, program.servers.servers
    some = tuple(one.model_copy(update=bare if n < 3 else {}) for n, one in enumerate(every))
    program.servers = program.servers.model_copy(update={"servers": some})
    page = visit()
    entry = page.locator(".gh-list li", has_text="registry/science:1")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Add the package to it. 3 servers of it now. [no_panel]")
    page = visit("servers")
    expect(page.get_by_text("[no_panel]")).to_have_count(3)
    expect(page.get_by_title(text).first).to_be_visible()


def test_overview_without_kubernetes_says_nothing_of_it(visit: Visit) -> None:
    """One machine has no pods."""
    page = visit()
    expect(page.get_by_role("group", name="Health")).to_be_visible()
    expect(page.get_by_role("group", name="Health").get_by_text("Pods")).to_have_count(0)


def test_ledger_has_how_long_each_waited(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In one column, and in two of the file, empty where nothing is known."""
    page = visit("ledger")
    assert set(column(page, "Intervals", 11)) == {"35 s", "-"}
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    path = tmp_path_factory.mktemp("csv") / "ledger.csv"
    download.value.save_as(path)
    with path.open(newline="") as file:
        waits = {(row["pending_seconds"], row["pulling_seconds"]) for row in csv.DictReader(file)}
    assert waits == {("4", "31"), ("", "")}
