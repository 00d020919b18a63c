"""A demo for each file of the panel's tests, with the windows of its people."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browsing import chromium
from tests.support.stack import running_demo
from tests.support.windows import Windows


@contextmanager
def everybody(place: Path, browser: Browser) -> Iterator[Windows]:
    """Start a demo in a directory, with windows for its people; screenshots go where GATEHOUSE_SCREENSHOTS says."""
    wanted = os.environ.get("GATEHOUSE_SCREENSHOTS")
    with running_demo(place / "data", place / "output.txt") as stack:
        windows = Windows(stack, browser, Path(wanted) if wanted else None)
        yield windows
        for window in windows.windows.values():
            window.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser: one for all of the panel's tests."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Windows]:
    """Everybody on a demo of this file's own: what another file started or was refused is not in sight."""
    with everybody(tmp_path_factory.mktemp("panel"), browser) as windows:
        yield windows


@pytest.fixture(scope="module")
def alice(people: Windows) -> Page:
    """Alice in Lab with a notebook and the panel open."""
    people.log_in("alice")
    return people.lab("alice")
