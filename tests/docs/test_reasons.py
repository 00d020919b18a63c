"""No reason code is left out: each is provoked by a test, or is known to be given by nobody yet."""

import ast
import re
from pathlib import Path

from hub_ext.contract.reasons import Reason
from tests.cluster.test_reasons_everywhere import GRANTS, STARTS
from tests.service.test_reasons_told import ENDINGS, ERRORS

ROOT = Path(__file__).parents[2]
ALONE = {"reclaimed", "budget_warning", "scheduler_ended", "no_panel"}
"""Provoked by a test of their own in ``tests/service/test_reasons_told.py``."""
ON_THE_PAGE = {"reload_failed"}
"""Drawn by the administrators' pages from ``Overview.policy_mistakes``: ``tests/service/test_pages.py``."""
ON_KUBERNETES = {"option_not_offered", "start_failed"}
"""Given to starts on Kubernetes: ``tests/kubernetes/test_spawn.py``, ``tests/kubernetes/test_clusters.py``."""
NOT_YET = {"package_blocked"}
"""Nothing gives it."""


def given() -> set[str]:
    """Return the codes that any code of ours names as ``Reason.x``."""
    files = [path for room in ("hub_ext", "server_ext") for path in (ROOT / room).rglob("*.py")]
    return {
        node.attr
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    }


def test_every_reason_is_provoked_or_known_to_be_silent() -> None:
    """The tables of the two tests hold every code but those that nobody gives yet."""
    provoked = {*STARTS, *GRANTS, *ENDINGS, *ERRORS, *ALONE, *ON_THE_PAGE, *ON_KUBERNETES}
    assert provoked | NOT_YET == {reason.value for reason in Reason}
    assert not provoked & NOT_YET


def test_what_nobody_gives_is_named_by_nobody() -> None:
    """When a silent code begins to be given, it has to be provoked; when one falls silent, it has to be listed."""
    silent = {reason.value for reason in Reason} - given()
    assert silent - {"budget_warning", *ON_THE_PAGE} == NOT_YET


def test_the_reference_says_which_codes_nobody_gives() -> None:
    """The page names the same ones."""
    page = (ROOT / "docs" / "reference" / "reasons.md").read_text()
    section = page.partition("## Not given yet")[2]
    assert set(re.findall(r"`(\w+)`", section)) == NOT_YET
