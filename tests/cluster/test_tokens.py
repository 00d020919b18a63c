"""What the hub said about a token is remembered for that token alone, and briefly."""

from dataclasses import dataclass

import pytest

from hub_ext.cluster.tokens import TokenCache
from hub_ext.cluster.user import GatehouseUser
from hub_ext.contract.paths import SCOPE_OPERATE


class Clock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class SomeCluster:
    """All that a permission looks at."""

    username: str


def test_two_tokens_of_one_person_are_two_identities() -> None:
    """A narrow token is never taken for a wide one of the same person."""
    cache = TokenCache(15, 10, Clock().read)
    cache.put("wide", GatehouseUser("adam", scopes=[SCOPE_OPERATE]))
    cache.put("narrow", GatehouseUser("adam"))
    assert [cache.get(token).is_operator for token in ("wide", "narrow")] == [True, False]  # type: ignore[union-attr]
    assert cache.get("another") is None


def test_an_answer_lapses() -> None:
    """An answer is used for its age and then no more."""
    clock = Clock()
    cache = TokenCache(15, 10, clock.read)
    cache.put("t", GatehouseUser("alice"))
    clock.now = 14.9
    assert cache.get("t") is not None
    clock.now = 15.0
    assert cache.get("t") is None
    assert len(cache) == 0


def test_a_newer_answer_replaces_an_older_one() -> None:
    """Groups and age are those of the newest answer."""
    clock = Clock()
    cache = TokenCache(15, 10, clock.read)
    cache.put("t", GatehouseUser("alice", ["/research"]))
    clock.now = 10
    cache.put("t", GatehouseUser("alice", ["/gpu"]))
    clock.now = 20
    user = cache.get("t")
    assert user is not None
    assert user.identity.groups == ("/gpu",)


def test_the_cache_is_bounded() -> None:
    """Whoever sends thousands of tokens does not fill the gateway's memory."""
    cache = TokenCache(15, 3, Clock().read)
    for number in range(10):
        cache.put(str(number), GatehouseUser("alice"))
    assert len(cache) == 3
    assert cache.get("9") is not None
    assert cache.get("0") is None


def test_an_age_of_zero_remembers_nothing() -> None:
    """With an age of zero every request asks the hub."""
    cache = TokenCache(0, 10, Clock().read)
    cache.put("t", GatehouseUser("alice"))
    assert cache.get("t") is None


def test_groups_come_in_one_spelling() -> None:
    """Groups are normalised, kept in the hub's order, each once, and a nameless one is dropped."""
    user = GatehouseUser("alice", ["Research", "/gpu/", "/research", "/", ""])
    assert user.identity.groups == ("/research", "/gpu")
    assert user.groups == {"/research", "/gpu"}


@pytest.mark.parametrize(
    ("name", "scopes", "allowed", "noted"),
    [
        pytest.param("alice", [], True, False, id="owner"),
        pytest.param("alice", [SCOPE_OPERATE], True, False, id="owner who is an operator"),
        pytest.param("adam", [SCOPE_OPERATE], True, True, id="operator"),
        pytest.param("bob", [], False, False, id="somebody else"),
        pytest.param("bob", ["admin:users", "admin-ui"], False, False, id="hub administrator"),
    ],
)
def test_who_may_touch_a_cluster(name: str, scopes: list[str], allowed: bool, noted: bool) -> None:  # noqa: FBT001 - a table
    """Only the owner and an operator may, and acting as an operator is noted on the request alone."""
    known = GatehouseUser(name, scopes=scopes)
    asking = known.for_request()
    assert asking.has_permissions(SomeCluster("alice")) is allowed
    assert asking.acted_as_operator is noted
    assert known.acted_as_operator is False
