"""A start is decided once, by the first rule that binds, and the sentence says which and who holds the rest."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.admission import Decision, Kind, LeaseState
from hub_ext.contract.reasons import Reason
from hub_ext.contract.shape import Shape
from hub_ext.policy.admission import RESERVED_FOR, Holdings, Standing, decide
from hub_ext.policy.resolving import resolve
from tests.policy.samples import GIB, NOW, alice, policy, request, standing

GROUPS = ("research", "gpu", "analysts", "production")


def decided(
    profile: str,
    held: Standing,
    *,
    groups: tuple[str, ...] = ("/research",),
    charge_to: str | None = None,
    kind: Kind = Kind.server,
) -> Decision:
    """Return the decision on alice's request, every one of her groups standing the same."""
    rules = policy()
    return decide(
        rules,
        resolve(rules, alice(*groups)),
        request(profile, charge_to=charge_to, kind=kind),
        dict.fromkeys(GROUPS, held),
        decision_id="d-1",
        now=NOW,
    )


# id: (profile, SSO groups, standing, reason, sentence)
REFUSALS = {
    "quota-full": (
        "large",
        ("/research",),
        standing({"carol": 24, "dan": 16, "alice": 24}),
        Reason.quota_exceeded,
        (
            "Not started: Research has used all 64 cores of its quota (carol 24, dan 16, you 24). "
            "Stop something of yours, or ask #data-platform."
        ),
    ),
    "quota-nearly-full": (
        "large",
        ("/research",),
        standing({"carol": 62}),
        Reason.quota_exceeded,
        (
            "Not started: Research has 2 of its 64 cores left, and Large notebook needs 4 (carol 62). "
            "Try again when one of them stops something, or ask #data-platform."
        ),
    ),
    "quota-of-many": (
        "small",
        ("/research",),
        standing({"a": 20, "b": 14, "c": 11, "d": 9, "e": 6, "f": 4}),
        Reason.quota_exceeded,
        (
            "Not started: Research has used all 64 cores of its quota (a 20, b 14, c 11, d 9, 2 others 10). "
            "Try again when one of them stops something, or ask #data-platform."
        ),
    ),
    "quota-memory": (
        "large",
        ("/research",),
        standing({"carol": 8, "alice": 1}, memory=500),
        Reason.quota_exceeded,
        (
            "Not started: Research has 12 GiB of its 512 GiB of memory left, and Large notebook needs 16 GiB "
            "(in use by carol and you). Stop something of yours, or ask #data-platform."
        ),
    ),
    "quota-gpu": (
        "gpu-notebook",
        ("/gpu",),
        standing({"bob": 4, "carol": 4}, gpus=2),
        Reason.quota_exceeded,
        (
            "Not started: GPU has used all 2 L4 of its quota (in use by bob and carol). "
            "Try again when one of them stops something, or ask #data-platform."
        ),
    ),
    "user-servers": (
        "small",
        ("/research",),
        standing({"alice": 2}, servers=2),
        Reason.user_limit,
        (
            "Not started: you hold 2 of the 2 servers that one person in Research may hold. "
            "Stop something of yours, then try again."
        ),
    ),
    "user-cores": (
        "large",
        ("/research",),
        standing({"alice": 38}),
        Reason.user_limit,
        (
            "Not started: you hold 38 of the 40 cores that one person in Research may hold, "
            "and Large notebook needs 4. Stop something of yours, then try again."
        ),
    ),
    "budget": (
        "small",
        ("/analysts",),
        standing(spent="400"),
        Reason.budget_exhausted,
        (
            "Not started: Analysts' budget of $400 for November is used up. "
            "The next begins on 1 December, 00:00 UTC; ask #data-platform to raise it."
        ),
    ),
    "budget-of-user": (
        "small",
        ("/research",),
        standing(spent="600", mine="500.00"),
        Reason.budget_exhausted,
        (
            "Not started: your budget of $500 in Research for November is used up. "
            "The next begins on 1 December, 00:00 UTC; ask #data-platform to raise it."
        ),
    ),
    "budget-reserve": (
        "small",
        ("/analysts",),
        standing(spent="399.996"),
        Reason.budget_reserve,
        (
            "Not started: what is left of Analysts' budget of $400 for November (less than $0.01) does not cover "
            "five minutes of Small notebook at $0.05/h. Choose something smaller, or ask #data-platform."
        ),
    ),
    "no-group": (
        "small",
        ("/contractors", "/vpn"),
        standing(),
        Reason.no_group,
        (
            "Not started: none of your groups (/contractors, /vpn) is in the policy. "
            "Ask #data-platform to be added to a group."
        ),
    ),
    "not-offered": (
        "gpu-notebook",
        ("/research", "/analysts"),
        standing(),
        Reason.profile_not_offered,
        (
            "Not started: Notebook with one L4 is not offered to Research or Analysts. "
            "Choose a profile that is offered to you, or ask #data-platform."
        ),
    ),
    "unknown-profile": (
        "huge",
        ("/research",),
        standing(),
        Reason.profile_not_offered,
        (
            "Not started: Huge is not offered to Research. "
            "Choose a profile that is offered to you, or ask #data-platform."
        ),
    ),
    "wrong-kind": (
        "standard",
        ("/research",),
        standing(),
        Reason.profile_not_offered,
        (
            "Not started: Standard workers starts a cluster, and a server was asked for. "
            "Choose a profile that is offered to you, or ask #data-platform."
        ),
    ),
}


@pytest.mark.parametrize(("profile", "groups", "held", "reason", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusal_says_why(profile: str, groups: tuple[str, ...], held: Standing, reason: Reason, message: str) -> None:
    """A refusal names the rule that binds, who holds the rest and the next step."""
    decision = decided(profile, held, groups=groups)
    assert (decision.allowed, decision.reason, decision.lease) == (False, reason, None)
    assert decision.message == message
    assert not all(step.allows for step in decision.trace)


@pytest.mark.parametrize(
    ("charge_to", "words"),
    [("gpu", "you are not in GPU"), ("analysts", "you are not in Analysts"), ("nowhere", "you are not in Nowhere")],
)
def test_only_own_groups_are_charged(charge_to: str, words: str) -> None:
    """A group that the person is not in cannot be charged, whether it exists or not."""
    decision = decided("small", standing(), charge_to=charge_to)
    assert (decision.reason, words in decision.message) == (Reason.profile_not_offered, True)


def test_charged_group_must_offer() -> None:
    """A group of the person that does not offer the profile cannot be charged for it."""
    decision = decided("large", standing(), groups=("/research", "/gpu"), charge_to="gpu")
    assert decision.reason is Reason.profile_not_offered
    assert decision.message.startswith("Not started: GPU does not offer Large notebook.")


def test_first_group_is_charged() -> None:
    """Without a choice the first group by policy order that offers the profile is charged."""
    decision = decided("small", standing(), groups=("/gpu", "/research"))
    assert decision.lease is not None
    assert decision.lease.group == "research"


def test_chosen_group_is_charged() -> None:
    """The chosen group is charged, and the sentence says so with the price."""
    decision = decided("small", standing(), groups=("/gpu", "/research"), charge_to="gpu")
    assert decision.lease is not None
    assert decision.lease.group == "gpu"
    assert decision.message == "Small notebook starts for $0.05/h, charged to GPU."


def test_refusal_names_another_group_that_fits() -> None:
    """Where another of the person's groups has room, the refusal says so."""
    decision = decided("small", standing({"alice": 2}, servers=2), groups=("/research", "/gpu"))
    assert decision.message.endswith("It fits if you charge it to GPU.")


def test_server_lease_holds_the_server() -> None:
    """An allowed server is a reserved lease of its shape, that lapses when nobody binds it."""
    lease = decided("small", standing()).lease
    assert lease is not None
    assert (lease.id, lease.state, lease.user) == ("d-1", LeaseState.reserved, "alice")
    assert lease.base == Shape(cores=Decimal(1), memory=2 * GIB)
    assert (lease.worker, lease.workers_max, lease.idle_seconds) == (None, 0, 3600)
    assert lease.expires_at == NOW + RESERVED_FOR


def test_cluster_is_admitted_with_its_scheduler() -> None:
    """A cluster begins with its scheduler and no worker; workers come by grant."""
    decision = decided("standard", standing(), kind=Kind.cluster)
    assert decision.lease is not None
    assert decision.lease.base == Shape(cores=Decimal(1), memory=2 * GIB)
    assert (decision.lease.workers, decision.lease.workers_max) == (0, 1000)
    assert decision.message == (
        "Standard workers: the scheduler starts for $0.05/h, each worker for $0.05/h, charged to Research."
    )


def test_warn_never_refuses() -> None:
    """A budget that only warns lets everything start, and says how far it is overdrawn."""
    decision = decided("standard", standing(spent="25"), groups=("/production",), kind=Kind.cluster)
    assert decision.allowed
    assert decision.message.endswith("250 % of Production's budget of $10 for November is spent.")


@pytest.mark.parametrize(("spent", "warned"), [("199.99", False), ("200", True), ("330", True)])
def test_warning_level_is_told(spent: str, *, warned: bool) -> None:
    """From a warning level on, the answer says how far the budget is used."""
    decision = decided("small", standing(spent=spent), groups=("/analysts",))
    assert decision.allowed
    assert ("of Analysts' budget of $400 for November is spent." in decision.message) is warned


@pytest.mark.parametrize(("mine", "allowed"), [("499.98", True), ("499.980001", False)])
def test_reserve_is_five_minutes(mine: str, *, allowed: bool) -> None:
    """What costs $0.24 an hour starts while $0.02, five minutes of it, are left."""
    assert decided("large", standing(spent=mine, mine=mine)).allowed is allowed


def test_exhausted_budget_says_when() -> None:
    """Where a budget is used up, the answer carries the first of the next month."""
    decision = decided("small", standing(spent="400"), groups=("/analysts",))
    assert decision.retry_at == datetime(2026, 12, 1, tzinfo=UTC)


def test_trace_tells_every_rule() -> None:
    """The trace holds every rule that was looked at, in order, with its figures."""
    trace = decided("small", standing({"carol": 64}, spent="5000")).trace
    assert [(step.rule, step.allows) for step in trace] == [
        ("profile", True),
        ("per_user.servers", True),
        ("per_user.cores", True),
        ("quota.servers", True),
        ("quota.cores", False),
        ("quota.memory", True),
        ("budget.per_user", True),
        ("budget.monthly", False),
    ]
    assert trace[4].detail == "64 of 64 cores in use, 1 for one more"


@pytest.mark.parametrize(
    "held",
    [
        Standing(spent=Decimal("NaN")),
        Standing(spent=Decimal(-1)),
        Standing(person_spent=Decimal("Infinity")),
        Standing(person=Holdings(servers=-1)),
        Standing(group=Holdings(Shape.model_construct(cores=Decimal("NaN"), memory=0, gpus={}))),
        Standing(group=Holdings(Shape.model_construct(cores=Decimal(0), memory=0, gpus={"l4": -1}))),
    ],
    ids=["nan-money", "negative-money", "infinite-money", "negative-servers", "nan-cores", "negative-gpus"],
)
def test_unsound_figures_are_refused(held: Standing) -> None:
    """A figure that is no finite, positive number refuses the start: it would pass a naive comparison."""
    decision = decided("small", held)
    assert (decision.allowed, decision.reason) == (False, Reason.invalid_request)


cores = st.integers(min_value=0, max_value=80)
money = st.decimals(min_value=0, max_value=600, places=3)


@given(alice_holds=cores, carol_holds=cores, memory=st.integers(0, 600), servers=st.integers(0, 3), mine=money)
def test_decision_is_deterministic_and_within_bounds(
    alice_holds: int, carol_holds: int, memory: int, servers: int, mine: Decimal
) -> None:
    """The same question gets the same answer, and what is allowed is within every bound."""
    held = standing(
        {"alice": alice_holds, "carol": carol_holds}, memory=memory, servers=servers, spent=str(mine), mine=str(mine)
    )
    decision = decided("large", held)
    assert decision == decided("large", held)
    within = (
        alice_holds + 4 <= 40
        and alice_holds + carol_holds + 4 <= 64
        and memory + 16 <= 512
        and servers + 1 <= 2
        and mine + Decimal("0.24") / 12 <= 500
    )
    assert decision.allowed is within
