"""A module that a data scientist writes beside the notebook: missing on the workers, sent, edited again."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import SLOW
from tests.support.windows import Windows, open_panel, run_cell

CLUSTER = """from dask_gateway import Gateway
cluster = Gateway().new_cluster()
cluster.scale(1)
client = cluster.get_client()
client.wait_for_workers(1)"""
WRITE = "from pathlib import Path; Path('mylib.py').write_text('def rate():\\n    return {}\\n')"
COUNT = "client.submit(mylib.rate, pure=False).result()"  # pure: Dask would answer with the failure it remembers


@pytest.fixture
def section(alice: Page) -> Locator:
    """The panel's section, with a cluster of one worker."""
    expect(alice.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)
    run_cell(alice, CLUSTER)
    found = open_panel(alice).get_by_role("region", name="Environment")
    expect(found).to_contain_text(re.compile("1 worker,|scheduler only,"))
    found.get_by_role("button", name="Compare again").click()  # a slow worker may have come after the first comparison
    expect(found).to_contain_text("1 worker,")
    return found


def _row(section: Locator, name: str) -> Locator:
    return section.get_by_role("row", name=re.compile(f"^{name}"))


def _theme(page: Page, name: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    for label in ("Theme", name):
        page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{label}$")).click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


def test_a_module_of_ones_own_is_followed_to_the_workers(people: Windows, alice: Page, section: Locator) -> None:
    """It is missing on the worker, equal once sent, and told again after an edit; Python and packages are equal."""
    expect(section).to_contain_text(re.compile(r"\d+ packages equal, Python 3\.\d+\.\d+ and Linux \S+ too\."))

    run_cell(alice, WRITE.format(1))
    run_cell(alice, "import mylib")  # the panel hears of the run, and asks by itself

    mylib = _row(section, "mylib")
    expect(mylib).to_contain_text("Medium: your tasks will not find it")
    expect(mylib.get_by_role("cell").nth(1)).to_have_text("missing")
    python = _row(section, "Python").get_by_role("cell")
    assert python.nth(0).inner_text() == python.nth(1).inner_text()
    assert "ModuleNotFoundError: No module named 'mylib'" in run_cell(alice, COUNT)  # what it warned of

    mylib.get_by_role("button", name="mylib").press("Enter")
    expect(mylib).to_contain_text('Send yours with client.upload_file("mylib.py"), then compare again.')
    run_cell(alice, "_ = client.upload_file('mylib.py')")
    section.get_by_role("button", name="Compare again").click()
    expect(section).to_contain_text("packages equal")
    assert run_cell(alice, COUNT).strip() == "1"

    run_cell(alice, WRITE.format(22))
    section.get_by_role("button", name="Compare again").click()
    expect(mylib).to_contain_text("Medium: your edit of less than a minute ago is not there")
    expect(mylib.get_by_role("cell").nth(0)).to_have_text("edited")
    expect(mylib.get_by_role("cell").nth(1)).to_have_text(re.compile("^[0-9a-f]{5}$"))
    section.scroll_into_view_if_needed()
    people.picture(alice, "panel-environment-light")
    _theme(alice, "JupyterLab Dark")
    people.picture(alice, "panel-environment-dark")
    _theme(alice, "JupyterLab Light")

    run_cell(alice, "cluster.shutdown()")
    expect(section).to_contain_text("No cluster is running.")
