"""A cluster is granted the most workers that every bound leaves room for, and told which one binds."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.admission import Demand, Grant, Lease
from hub_ext.contract.errors import InvalidRequest
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.policy.admission import Holdings, Standing, grant
from tests.policy.samples import GIB, NOW, lease, policy, standing


def granted(wanted: int, held: Standing, cluster: Lease | None = None) -> Grant:
    """Return the grant for a wish."""
    return grant(policy(), cluster or lease(), Demand(wanted=wanted, running=0), held, now=NOW)


# id: (wanted, standing, lease, granted, reason, sentence)
TRIMMED = {
    "quota": (
        40,
        standing({"carol": 28, "dan": 16, "alice": 8}),
        lease(workers=12),
        12,
        Reason.quota_exceeded,
        (
            "Grown to 12 of 40 workers: Research's quota of 64 cores is full (carol 28, dan 16, you 20). "
            "The other 28 start as soon as there is room."
        ),
    ),
    "quota-before-the-first": (
        3,
        standing({"carol": 63, "alice": 1}),
        lease(),
        0,
        Reason.quota_exceeded,
        (
            "None of 3 workers yet: Research's quota of 64 cores is full (carol 63, you 1). "
            "The other 3 start as soon as there is room."
        ),
    ),
    "quota-lowered": (
        10,
        standing({"carol": 59}),
        lease(workers=9),
        5,
        Reason.quota_exceeded,
        (
            "Shrinking to 5 of 10 workers: Research's quota of 64 cores is full (carol 59, you 5). "
            "The other 5 start as soon as there is room."
        ),
    ),
    "quota-odd": (
        8,
        standing({"carol": 57, "alice": 1}),
        lease(profile="wide", most=8),
        2,
        Reason.quota_exceeded,
        (
            "Grown to 2 of 8 workers: Research's quota of 64 cores is full (carol 57, you 7). "
            "The other 6 start as soon as there is room."
        ),
    ),
    "quota-leftover": (
        8,
        standing({"carol": 56, "alice": 1}),
        lease(profile="wide", most=8),
        2,
        Reason.quota_exceeded,
        (
            "Grown to 2 of 8 workers: Research's quota of 64 cores has 1 left, and a worker needs 3 (carol 56, you 7). "
            "The other 6 start as soon as there is room."
        ),
    ),
    "memory": (
        8,
        standing({"carol": 1, "alice": 1}, memory=508),
        lease(),
        2,
        Reason.quota_exceeded,
        (
            "Grown to 2 of 8 workers: Research's quota of 512 GiB of memory is full (in use by carol and you). "
            "The other 6 start as soon as there is room."
        ),
    ),
    "user": (
        41,
        standing({"alice": 2}),
        lease(),
        38,
        Reason.user_limit,
        (
            "Grown to 38 of 41 workers: you hold 40 of the 40 cores that one person in Research may hold. "
            "The other 3 start as soon as there is room."
        ),
    ),
    "profile": (
        20,
        standing(),
        lease(profile="wide", most=8),
        8,
        Reason.capped,
        "Grown to 8 of 20 workers: one cluster of Wide workers has at most 8.",
    ),
    "cap": (
        20,
        standing(),
        lease(most=3),
        3,
        Reason.capped,
        "Grown to 3 of 20 workers: one cluster of Standard workers has at most 3.",
    ),
    "budget": (
        9,
        standing(spent="5000"),
        lease(workers=4),
        4,
        Reason.budget_exhausted,
        "Staying at 4 of 9 workers: Research's budget of $5,000 for November is used up.",
    ),
    "reserve": (
        9,
        standing(spent="1", mine="499.99"),
        lease(workers=4),
        6,
        Reason.budget_reserve,
        (
            "Grown to 6 of 9 workers: what is left of your budget of $500 in Research for November ($0.01) "
            "does not cover five minutes of another worker at $0.05/h."
        ),
    ),
    "profile-gone": (
        9,
        standing(),
        lease(profile="gone", workers=4),
        4,
        Reason.profile_not_offered,
        "Staying at 4 of 9 workers: Research no longer offers Gone; what runs goes on, nothing is added.",
    ),
    "group-gone": (
        9,
        standing(),
        lease(group="marketing", workers=4),
        4,
        Reason.profile_not_offered,
        "Staying at 4 of 9 workers: Marketing no longer offers Standard workers; what runs goes on, nothing is added.",
    ),
}


@pytest.mark.parametrize(("wanted", "held", "cluster", "workers", "reason", "message"), TRIMMED.values(), ids=TRIMMED)
def test_grant_in_part_says_why(
    *, wanted: int, held: Standing, cluster: Lease, workers: int, reason: Reason, message: str
) -> None:
    """A grant in part names the bound that binds and who holds the rest."""
    answer = granted(wanted, held, cluster)
    assert (answer.workers, answer.reason, answer.message) == (workers, reason, message)
    assert any(not step.allows for step in answer.trace)


def test_full_grant_needs_no_words() -> None:
    """A wish that fits is granted without a reason, at the price of scheduler and workers together."""
    answer = granted(7, standing({"alice": 1}))
    assert (answer.workers, answer.reason, answer.message) == (7, None, "")
    assert answer.price_per_hour == Decimal("0.40")
    assert all(step.allows for step in answer.trace)


def test_nothing_wanted_is_granted() -> None:
    """A wish of zero is granted, whatever is full."""
    answer = granted(0, standing({"carol": 64}, spent="9999"))
    assert (answer.workers, answer.reason) == (0, None)


def test_warning_budget_does_not_bind() -> None:
    """A budget that only warns lets a cluster grow."""
    assert granted(9, standing(spent="99"), lease(group="production")).workers == 9


def test_running_workers_outlive_the_budget() -> None:
    """A used-up budget takes no running worker away by the grant; the budget's own rule ends them."""
    assert granted(4, standing(spent="6000"), lease(workers=4)).reason is None


def test_grant_is_stable() -> None:
    """Asked again with what was granted, the answer and its sentence stay the same."""
    held = standing({"carol": 28, "dan": 16, "alice": 8})
    first = granted(40, held)
    assert granted(40, held, lease(workers=first.workers)) == first


def test_server_has_no_workers() -> None:
    """A lease of a server cannot be granted workers."""
    with pytest.raises(InvalidRequest, match="only clusters have workers"):
        granted(1, standing(), lease().model_copy(update={"worker": None}))


@pytest.mark.parametrize("wanted", [True, -1, float("nan"), Decimal("NaN"), "3"], ids=repr)
def test_unsound_wish_is_refused(wanted: Any) -> None:
    """A wish that is no whole, positive number never becomes a grant."""
    with pytest.raises(InvalidRequest):
        grant(policy(), lease(), Demand.model_construct(wanted=wanted, running=0), standing(), now=NOW)


def test_unsound_ledger_is_refused() -> None:
    """A figure of the ledger that is no number never becomes a grant."""
    with pytest.raises(InvalidRequest):
        granted(1, Standing(spent=Decimal("NaN")))


cores = st.decimals(min_value=0, max_value=80, places=2)


@given(
    wanted=st.integers(0, 2000),
    mine=cores,
    others=cores,
    memory=st.integers(0, 600),
    before=st.integers(0, 50),
    spent=st.decimals(min_value=0, max_value=520, places=3),
    profile=st.sampled_from(["standard", "wide"]),
    most=st.integers(0, 60),
)
def test_grant_is_the_most_within_every_bound(
    *,
    wanted: int,
    mine: Decimal,
    others: Decimal,
    memory: int,
    before: int,
    spent: Decimal,
    profile: str,
    most: int,
) -> None:
    """A grant never exceeds the wish, the profile, a limit, the quota or the budget; and one more worker would."""
    cluster = lease(profile=profile, workers=before, most=most)
    held = Standing(
        group=Holdings(Shape(cores=mine + others, memory=memory * GIB)),
        person=Holdings(Shape(cores=mine)),
        spent=spent,
        person_spent=spent,
        holders=(("alice", mine), ("carol", others)),
    )
    answer = granted(wanted, held, cluster)
    assert cluster.worker is not None
    each, rate = cluster.worker, Decimal("0.05") if profile == "standard" else Decimal("0.14")

    def fits(workers: int) -> bool:
        added = max(0, workers - before)
        return (
            workers <= min(wanted, most, 1000 if profile == "standard" else 8)
            and mine + workers * each.cores <= 40
            and mine + others + workers * each.cores <= 64
            and memory * GIB + workers * each.memory <= 512 * GIB
            and (added == 0 or spent + added * rate / 12 <= 500)
        )

    assert answer.workers == 0 or fits(answer.workers)
    assert not fits(answer.workers + 1)
    assert (answer.reason is None) is (answer.workers == wanted)
    assert (answer.message == "") is (answer.workers == wanted)
