"""The day's stage: the real demo, a real browser with one window per person, and a witness of every process."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.flow.witness import Witness
from tests.support.browsing import chromium
from tests.support.stack import Stack
from tests.support.windows import Windows


@dataclass
class Day(Windows):
    """Everything the people of the day share."""

    witness: Witness = field(kw_only=True)
    notes: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="package")
def day(stack: Stack) -> Iterator[Day]:
    """The day begins; screenshots go where GATEHOUSE_SCREENSHOTS says."""
    wanted = os.environ.get("GATEHOUSE_SCREENSHOTS")
    witness = Witness(str(stack.data.root))
    witness.start()
    with chromium() as browser:
        yield Day(stack, browser, Path(wanted) if wanted else None, witness=witness)
