"""An SSO group has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub_ext.contract.identity import Identity, normalise_group


@pytest.mark.parametrize(
    ("sent", "spelled"),
    [
        ("Research", "/research"),
        ("/research", "/research"),
        ("/research/", "/research"),
        ("//Research//Geo ", "/research/geo"),
        ("/a/Admin", "/a/admin"),
        ("Straße", "/strasse"),
        ("data science", "/data science"),
    ],
)
def test_group_is_spelled(sent: str, spelled: str) -> None:
    """A group is its full path with a leading slash, case-folded, without empty parts."""
    assert normalise_group(sent) == spelled


@pytest.mark.parametrize("sent", ["", "/", "///", "  ", "/ /"])
def test_no_group(sent: str) -> None:
    """What holds no name is no group."""
    with pytest.raises(ValueError, match="needs a name"):
        normalise_group(sent)


@given(st.text(max_size=40))
def test_spelling_is_final(sent: str) -> None:
    """A spelled group, spelled again, stays as it is."""
    try:
        once = normalise_group(sent)
    except ValueError:
        return
    assert normalise_group(once) == once


def test_paths_stay_apart() -> None:
    """Equal last parts do not make equal groups."""
    assert normalise_group("/a/admin") != normalise_group("/b/admin")


def test_identity_spells_its_groups() -> None:
    """An identity's groups are spelled when it is made, in the order in which they were sent."""
    assert Identity(name="alice", groups=("GPU", "/Research/")).groups == ("/gpu", "/research")


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "a", "groups": ["/"]}, {"name": "a", "admin": True}], ids=repr
)
def test_no_identity(fields: dict[str, object]) -> None:
    """A nameless person, a nameless group and an unknown key are no identity."""
    with pytest.raises(ValidationError):
        Identity.model_validate(fields)
