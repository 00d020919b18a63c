"""The machine that executes the documentation can say no."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.example import SybilFailure

from tests.docs.blocks import NOTEBOOK, begin_page, end_page, matches, merge, parsers

POLICY = """\
apiVersion: gatehouse/v1
prices:
  - {from: 2026-01-01, core_hour: 0.040}
profiles:
  small: {kind: server, cores: 1, memory: 2 GiB}
groups:
  research: {match: [/research], profiles: [small]}
"""


@pytest.fixture
def execute(tmp_path: Path) -> Callable[[str], None]:
    """Execute a page."""

    def run(text: str) -> None:
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        document: Document = Sybil(parsers=parsers(), pattern="*.md", path=str(tmp_path)).parse(page)
        begin_page(document.namespace)
        try:
            for example in document.examples():
                example.evaluate()
        finally:
            end_page(document.namespace)

    return run


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n\n"


GOOD = {
    "python": _block("python", "c.Spawner.cmd = ['x']") + _block("python", "assert c.Spawner.cmd"),
    "whole policy": _block("yaml", POLICY),
    "fragment": _block("yaml", POLICY) + _block("yaml", "groups: {research: {quota: {cores: 64}}}"),
    "announced mistake": _block("yaml", f"# with a mistake\n{POLICY}nonsense: 1"),
    "console": _block("yaml", POLICY)
    + _block("console", "$ gatehouse policy check policy.yaml\npolicy.yaml is good: ..."),
    "other command": _block("console", "$ rm -rf /nothing\nthis is not run"),
    "other language": _block("text", "not python ("),
}
BAD = {
    "python that raises": _block("python", "raise SystemError"),
    "python that does not compile": _block("python", "configure_hub("),
    "policy with a mistake": _block("yaml", f"{POLICY}nonsense: 1"),
    "fragment that does not fit": _block("yaml", POLICY) + _block("yaml", "groups: {research: {profiles: [large]}}"),
    "announced mistake that is none": _block("yaml", f"# with a mistake\n{POLICY}"),
    "console with other output": _block("yaml", POLICY)
    + _block("console", "$ gatehouse policy check policy.yaml\nfine"),
    "console without output": _block("yaml", POLICY) + _block("console", "$ gatehouse policy check policy.yaml"),
    "second command": _block("yaml", POLICY)
    + _block("console", "$ gatehouse policy check policy.yaml\n...\n$ gatehouse policy check nothing.yaml\npolicy ..."),
    "cell that is not in the notebook": _block("ipython", "cluster.scale(3)"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_block_passes(execute: Callable[[str], None], name: str) -> None:
    """Blocks that hold what they say pass."""
    execute(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_block_fails(execute: Callable[[str], None], name: str) -> None:
    """Blocks that do not hold what they say fail."""
    with pytest.raises((SybilFailure, SystemError, SyntaxError)):
        execute(BAD[name])


def test_a_page_has_a_directory_of_its_own(execute: Callable[[str], None]) -> None:
    """Code of a page runs where the page's policy is, and its secrets end with the block."""
    execute(
        _block("yaml", POLICY)
        + _block(
            "python", "import os\nfrom pathlib import Path\nassert Path('policy.yaml').read_text().startswith('api')"
        )
        + _block("python", "assert os.environ['GATEHOUSE_TOKEN']")
    )


def test_merging_lays_one_policy_over_another() -> None:
    """Mappings are merged key by key; lists and plain values are replaced."""
    base = {"groups": {"research": {"profiles": ["small"], "match": ["/r"]}}, "currency": "USD"}
    change = {"groups": {"research": {"profiles": ["large"]}, "gpu": {}}}
    assert merge(base, change) == {
        "groups": {"research": {"profiles": ["large"], "match": ["/r"]}, "gpu": {}},
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [("a ... c", "a b\nb c", True), ("a.c", "abc", False), ("a", "a b", False), ("a\n", "a", True), ("", "x", False)],
)
def test_three_dots_stand_for_anything(expected: str, printed: str, same: bool) -> None:  # noqa: FBT001 - a table
    """Everything but ``...`` is compared letter by letter."""
    assert matches(expected, printed) is same


def test_the_notebook_is_where_cells_are_looked_for() -> None:
    """The demo's notebook is there."""
    assert NOTEBOOK.exists()
