"""Every reason code is documented, and every documented code exists."""

import re
from pathlib import Path

import pytest

from hub_ext.contract.reasons import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "reasons.md").read_text(encoding="utf-8")


def test_page_lists_the_codes_in_order() -> None:
    """The reference lists exactly the codes that there are, in their order."""
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [reason.value for reason in Reason]


@pytest.mark.parametrize("reason", Reason)
def test_code_is_its_own_name(reason: Reason) -> None:
    """A code is spelled the same in Python and in JSON."""
    assert reason.name == reason.value
