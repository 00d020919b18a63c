"""Before its cohort every answer says what is quota and what is borrowed, what binds, and who holds the rest."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest

from hub_ext.contract.admission import Decision, Demand
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.policy.admission import Growth, Holdings, Standing, decide, grow
from hub_ext.policy.document import Policy
from hub_ext.policy.reading import read_policy
from hub_ext.policy.resolving import resolve
from hub_ext.policy.sharing import PATIENCE, Claim, Cohort, cohort_of, members, relatives
from tests.policy.samples import NOW, TEXT, alice, lease, request

SHARED = (
    TEXT.replace(
        "quota: {cores: 64, memory: 512 GiB, clusters: 20, servers: 60}", "cohort: company\n    quota: {cores: 64}"
    )
    .replace("per_user: {cores: 40, clusters: 2, servers: 2}\n    ", "borrowing_limit: {cores: 76}\n    ")
    .replace("quota: {cores: 16}", "cohort: company\n    quota: {cores: 16}")
    .replace("match: [/production]", "match: [/production]\n    cohort: company\n    quota: {cores: 100}")
    .replace("groups:\n", "cohorts:\n  company: {nominal_quota: {cores: 20}}\ngroups:\n", 1)
)


@cache
def shared_policy() -> Policy:
    """Return the sample policy; Research (64, 76 more), Analysts (16) and Production (100) share, with a pool of 20."""
    return read_policy(SHARED)


def claim(group: str, workers: int, wish: int, *, lease: str = "", waited: float | None = None) -> Claim:
    """Return another cluster's claim, of workers with one core."""
    since = None if waited is None else NOW - timedelta(seconds=waited)
    return Claim(lease or f"of-{group}", group, Decimal(1), workers, wish, NOW - timedelta(hours=1), since)


def standing(*claims: Claim, mine: int = 1, others: int = 0, **fixed: int) -> Standing:
    """Return how Research stands: alice holds ``mine`` cores beside her cluster, carol ``others``."""
    rules = shared_policy()
    held = {"research": Decimal(mine + others)} | {name: Decimal(cores) for name, cores in fixed.items()}
    return Standing(
        group=Holdings(Shape(cores=Decimal(mine + others))),
        person=Holdings(Shape(cores=Decimal(mine))),
        holders=(("alice", Decimal(mine)), ("carol", Decimal(others))),
        cohort=Cohort(members(rules, "company"), Decimal(20), held, claims),
    )


def grown(wanted: int, held: Standing, *, before: int = 0) -> Growth:
    """Return the grant for alice's cluster."""
    return grow(shared_policy(), lease(workers=before), Demand(wanted=wanted, running=0), held, now=NOW)


# id: (wanted, standing, workers before, granted, reason, sentence)
TRIMMED: dict[str, tuple[int, Standing, int, int, Reason, str]] = {
    "borrowing limit": (
        200,
        standing(others=28),
        0,
        111,
        Reason.borrowing_limit,
        (
            "Grown to 111 of 200 workers: 64 quota + 76 borrowed, the most that Research may borrow "
            "(carol 28, you 112). The other 89 start as soon as there is room."
        ),
    ),
    "cohort full": (
        200,
        standing(claim("production", 90, 90), analysts=12),
        0,
        97,
        Reason.cohort_full,
        (
            "Grown to 97 of 200 workers: 64 quota + 34 borrowed (you 98); the rest waits for other groups' capacity "
            "(Production 90, Analysts 12). The other 103 start as soon as there is room."
        ),
    ),
    "reclaimed": (
        140,
        standing(claim("production", 52, 100, waited=60), mine=0, analysts=8),
        140,
        92,
        Reason.reclaimed,
        "Shrinking to 92 of 140 workers: Production took back 48 borrowed cores; your results are kept.",
    ),
    "nothing left to borrow": (
        10,
        standing(claim("production", 90, 100, waited=60), others=99, analysts=11),
        0,
        0,
        Reason.cohort_full,
        (
            "None of 10 workers yet: 64 quota + 36 borrowed (carol 99, you 1); the rest waits for other groups' "
            "capacity (Production 90, Analysts 11). The other 10 start as soon as there is room."
        ),
    ),
    "others borrow my quota": (
        60,
        standing(claim("production", 160, 200), mine=4),
        20,
        36,
        Reason.cohort_full,
        (
            "Grown to 36 of 60 workers: other groups borrow what is left of Research's quota of 64 cores "
            "(Production 160). The other 24 start as soon as there is room."
        ),
    ),
}


@pytest.mark.parametrize(("wanted", "held", "before", "workers", "reason", "message"), TRIMMED.values(), ids=TRIMMED)
def test_grant_in_part_says_what_the_cohort_leaves(
    *, wanted: int, held: Standing, before: int, workers: int, reason: Reason, message: str
) -> None:
    """A grant in part names the quota's part, the borrowed part and who holds the rest."""
    answer = grown(wanted, held, before=before).grant
    assert (answer.workers, answer.reason, answer.message) == (workers, reason, message)
    assert [step.rule for step in answer.trace if not step.allows] == ["cohort.cores"]


def test_last_worker_is_reclaimed_without_a_promise() -> None:
    """Where no worker is left, nobody says that results are kept."""
    held = standing(claim("production", 61, 100, waited=60), others=136, mine=0, analysts=0)
    answer = grown(3, held, before=3).grant
    assert (answer.workers, answer.reason) == (0, Reason.reclaimed)
    assert answer.message == (
        "Shrinking to 0 of 3 workers: Production took back 3 borrowed cores; no worker is left to keep results."
    )


def test_waiting_lender_is_told_when_and_noted() -> None:
    """Within its quota a group waits: the answer says until when, and the wish is to be remembered."""
    growth = grown(60, standing(claim("production", 160, 200), mine=4))
    assert (growth.wish, growth.waits) == (60, True)
    assert growth.grant.retry_at == NOW + PATIENCE


def test_who_borrows_does_not_wait() -> None:
    """Above its quota a group has no right to more, so it never makes others give back."""
    growth = grown(200, standing(claim("production", 90, 90)))
    assert (growth.grant.workers, growth.wish, growth.waits) == (109, 200, False)
    assert growth.grant.retry_at is None


def test_wish_is_what_other_bounds_leave() -> None:
    """A cluster wants no more of the cohort than the profile, the limits and the budgets leave room for."""
    assert grown(5000, standing()).wish == 1000


def test_grant_before_the_cohort_is_stable() -> None:
    """Asked again with what was granted, the answer and its sentence stay the same."""
    held = standing(claim("production", 90, 90), analysts=12)
    first = grown(200, held).grant
    assert grown(200, held, before=first.workers).grant == first


def decided(profile: str, held: Standing) -> Decision:
    """Return the decision on alice's server, charged to Research."""
    rules = shared_policy()
    entitlement = resolve(rules, alice())
    return decide(rules, entitlement, request(profile), {"research": held}, decision_id="d-1", now=NOW)


def test_a_server_may_be_borrowed_for() -> None:
    """Above its quota a group starts servers with what others leave idle."""
    assert decided("large", standing(others=100)).allowed


# id: (standing, reason, sentence)
REFUSALS: dict[str, tuple[Standing, Reason, str]] = {
    "borrowing limit": (
        standing(others=137),
        Reason.borrowing_limit,
        (
            "Not started: Research holds 64 quota + 74 borrowed of its quota of 64 cores, 76 more may be borrowed, "
            "and Large notebook needs 4 (carol 137, you 1). Stop something of yours, or ask #data-platform."
        ),
    ),
    "cohort full": (
        standing(others=97, production=100),
        Reason.cohort_full,
        (
            "Not started: Research holds 64 quota + 34 borrowed of the cohort's cores (carol 97, you 1), "
            "Large notebook needs 4, and the rest is in use (Production 100). "
            "Stop something of yours, or ask #data-platform."
        ),
    ),
    "others wait for it": (
        standing(claim("production", 50, 100), others=97),
        Reason.cohort_full,
        (
            "Not started: Research holds 64 quota + 34 borrowed of the cohort's cores (carol 97, you 1), "
            "Large notebook needs 4, and the rest is in use or wanted by those who lend it (Production 50). "
            "Stop something of yours, or ask #data-platform."
        ),
    ),
    "others borrow it": (
        standing(mine=9, production=190),
        Reason.cohort_full,
        (
            "Not started: Research has 55 of its 64 cores left, but other groups borrow them (Production 190), "
            "and Large notebook needs 4. Stop something of yours, or ask #data-platform."
        ),
    ),
}


@pytest.mark.parametrize(("held", "reason", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusal_names_what_the_cohort_lacks(held: Standing, reason: Reason, message: str) -> None:
    """A refusal says what is quota and what is borrowed, and who holds the rest."""
    decision = decided("large", held)
    assert (decision.allowed, decision.reason, decision.message) == (False, reason, message)


def test_without_borrowing_the_quota_is_full() -> None:
    """A group that may borrow nothing reads of its quota, as one without a cohort does."""
    held = standing(others=63)
    assert held.cohort is not None
    alone = {**held.cohort.members, "research": replace(held.cohort.members["research"], borrowing=Decimal(0))}
    answer = grown(3, replace(held, cohort=replace(held.cohort, members=alone))).grant
    assert (answer.workers, answer.reason) == (0, Reason.quota_exceeded)
    assert "Research's quota of 64 cores is full (carol 63, you 1)." in answer.message


def test_members_are_read_from_the_policy() -> None:
    """A group of the cohort with a quota of cores is a member; one without shares with nobody."""
    rules = shared_policy()
    found = members(rules, "company")
    assert {name: tuple(map(str, (each.nominal, each.lendable, each.most))) for name, each in found.items()} == {
        "research": ("64", "64", "140"),
        "analysts": ("16", "16", "None"),
        "production": ("100", "100", "None"),
    }
    assert (cohort_of(rules, "gpu"), cohort_of(rules, "gone")) == (None, None)
    assert relatives(rules, ["gpu", "analysts"]) == ["gpu", "analysts", "research", "production"]


@pytest.mark.parametrize(
    ("line", "lendable"), [("lending_limit: {cores: 10}", 10), ("reserved: true", 0)], ids=["limit", "reserved"]
)
def test_lending_is_limited_by_the_policy(line: str, lendable: int) -> None:
    """A lending limit lends so much, and ``reserved`` nothing."""
    text = SHARED.replace("match: [/production]", f"match: [/production]\n    {line}")
    assert members(read_policy(text), "company")["production"].lendable == lendable
