"""From claims to groups and a name."""

from typing import Any

import pytest

from hub_ext.identity.claims import claim_at, groups_from, name_from

NESTED = {"realm_access": {"roles": ["a"]}, "https://example.org/groups": ["b"], "a.b": ["whole"], "a": {"b": ["step"]}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("realm_access.roles", ["a"], id="dots step into a claim"),
        pytest.param("https://example.org/groups", ["b"], id="a name with dots is a name"),
        pytest.param("a.b", ["whole"], id="the whole name wins"),
        pytest.param(["a", "b"], ["step"], id="a list says each step"),
        pytest.param("realm_access.groups", None, id="absent inside"),
        pytest.param("groups", None, id="absent"),
        pytest.param("a.b.c", None, id="a list has no claims inside"),
    ],
)
def test_a_claim_path_names_one_value(path: str | list[str], value: Any) -> None:
    """A path is a claim, a claim inside a claim, or a list of both."""
    assert claim_at(NESTED, path) == value


@pytest.mark.parametrize(
    ("value", "groups"),
    [
        pytest.param(
            ["/Research", "research/", " gpu "], ("/research", "/gpu"), id="one spelling, each once, in order"
        ),
        pytest.param(["/a/admin", "/b/admin"], ("/a/admin", "/b/admin"), id="full paths stay apart"),
        pytest.param("analysts", ("/analysts",), id="a single string is one group"),
        pytest.param(["", "///", 7, None, {"name": "x"}, "ok"], ("/ok",), id="what is no name is left out"),
        pytest.param(["x" * 255], (), id="longer than the hub keeps"),
        pytest.param({"research": True}, (), id="an object is no list"),
        pytest.param(12, (), id="a number is no list"),
        pytest.param(None, (), id="null"),
    ],
)
def test_groups_come_in_their_one_spelling(value: Any, groups: tuple[str, ...]) -> None:
    """Whatever the provider sends becomes clean group names or nothing."""
    assert groups_from({"groups": value}, "groups") == groups


def test_an_absent_claim_is_no_groups() -> None:
    """Providers leave the claim out for a person in no group."""
    assert groups_from({"sub": "carol"}, "groups") == ()


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        pytest.param({"preferred_username": "alice", "sub": "1"}, "alice", id="the first"),
        pytest.param({"sub": "f81d"}, "f81d", id="the fallback"),
        pytest.param({"preferred_username": "  ", "sub": "f81d"}, "f81d", id="blank is none"),
        pytest.param({"preferred_username": 7}, None, id="a number is no name"),
    ],
)
def test_the_name_is_the_first_claim_that_holds_one(claims: dict[str, Any], name: str | None) -> None:
    """A fallback stands in where the provider sends no name."""
    assert name_from(claims, "preferred_username", "sub") == name


def test_an_empty_fallback_is_no_claim() -> None:
    """Without a fallback, a login without a name has none."""
    assert name_from({"": "x", "sub": "1"}, "preferred_username", "") is None
