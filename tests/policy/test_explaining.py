"""A policy can be explained for a set of groups, to people and to programs."""

import json
from pathlib import Path

import pytest

from hub_ext.policy.explaining import explain, explanation_text
from hub_ext.policy.reading import read_policy
from hub_ext.policy.resolving import resolve
from tests.policy.samples import NOW, alice, policy


def test_text_tells_profiles_limits_and_money() -> None:
    """The text has one line for each profile, and the quota, the person's limits and the budget."""
    rules = policy()
    lines = explanation_text(rules, resolve(rules, alice()), now=NOW).splitlines()
    assert lines[0] == "A person in /research"
    assert "Research (research), charged unless another is chosen" in lines
    assert "  server   Small notebook (small): 1 core + 2 GiB, $0.05/h, stops after idle 1 h" in lines
    assert (
        "  cluster  Wide workers (wide): up to 8 workers of 3 cores + 4 GiB at $0.14/h each, scheduler $0.05/h" in lines
    )
    assert "  quota    64 cores, 512 GiB of memory, 60 servers, 20 clusters" in lines
    assert "  person   40 cores, 2 servers, 2 clusters" in lines
    assert lines[-1].startswith("  budget   $5,000 a month, $500 per person; warns at 80 %; when used up: nothing new")


def test_text_tells_what_has_no_bound() -> None:
    """What is not bounded is said to be so."""
    rules = policy()
    lines = explanation_text(rules, resolve(rules, alice("/gpu")), now=NOW).splitlines()
    assert lines[-3:] == ["  quota    2 L4", "  person   unbounded", "  budget   none"]


@pytest.mark.parametrize(
    ("group", "line"),
    [
        ("/no", "cohort company: lends up to 48 cores, borrows up to 1000 cores"),
        ("/production", "cohort company: lends nothing, borrows what there is"),
    ],
)
def test_text_tells_what_is_shared(group: str, line: str) -> None:
    """The text says with whom a group shares its cores, and how far."""
    rules = read_policy((Path(__file__).parent.parent / "policies" / "full.yaml").read_text())
    assert f"  shares   {line}" in explanation_text(rules, resolve(rules, alice(group)), now=NOW).splitlines()


def test_text_tells_a_refusal() -> None:
    """Groups that the policy does not name are told to be refused."""
    rules = policy()
    assert "is refused at login" in explanation_text(rules, resolve(rules, alice("/vpn")), now=NOW)


def test_text_tells_rights() -> None:
    """The rights of an administrator are told."""
    rules = policy()
    text = explanation_text(rules, resolve(rules, alice("/platform-admins")), now=NOW)
    assert text.endswith("Rights as an administrator: read, policy")


def test_data_is_json() -> None:
    """The data survives JSON, with money as exact text and memory in bytes."""
    rules = policy()
    data = explain(rules, resolve(rules, alice("/research", "/gpu")), now=NOW)
    assert json.loads(json.dumps(data)) == data
    assert (data["charged_by_default"], [group["name"] for group in data["may_charge"]]) == (
        "research",
        ["research", "gpu"],
    )
    small = data["may_charge"][0]["profiles"][0]
    assert (small["price_per_hour"], small["shape"]["memory"]) == ("0.050", 2 * 2**30)
    assert data["may_charge"][0]["quota"]["cores"] == 64.0
