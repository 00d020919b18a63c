"""A demo of their own for the panel's tests, with the windows of its people."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsing import chromium
from tests.support.stack import running_demo
from tests.support.windows import Windows


@pytest.fixture(scope="package")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """Everybody on a demo that only the panel's tests use; screenshots go where GATEHOUSE_SCREENSHOTS says."""
    wanted = os.environ.get("GATEHOUSE_SCREENSHOTS")
    place = tmp_path_factory.mktemp("panel")
    expect.set_options(timeout=30_000)
    with running_demo(place / "data", place / "output.txt") as stack, chromium() as browser:
        yield Windows(stack, browser, Path(wanted) if wanted else None)


@pytest.fixture(scope="module")
def alice(people: Windows) -> Page:
    """Alice in Lab as she finds it, with a notebook and the panel open; what other files left open is closed."""
    if "alice" not in people.pages:
        people.log_in("alice")
    return people.lab("alice")
