"""Where burst credits bind, an answer says so, what ends, and when there can be more."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from hub_ext.contract.admission import Decision, Grant
from hub_ext.contract.funds import Quote
from hub_ext.contract.reasons import Reason
from hub_ext.policy.admission import Standing, decide
from hub_ext.policy.credits import Credits, Terms
from hub_ext.policy.quoting import quote
from hub_ext.policy.resolving import resolve
from tests.policy.samples import NOW, alice, request
from tests.policy.test_borrowing import claim, grown, shared_policy, standing
from tests.policy.test_quoting import balance

LATER = "They fill while less than the quota of 64 cores is in use"


def saved(held: Standing, core_minutes: int, *, cap: int = 5000, overdraft: bool = False) -> Standing:
    """Return the standing with burst credits for Research."""
    assert held.cohort is not None
    members = dict(held.cohort.members)
    terms = Terms(Decimal(64), Decimal(cap * 60), overdraft=overdraft)
    members["research"] = replace(members["research"], credits=Credits(Decimal(core_minutes * 60), terms))
    return replace(held, cohort=replace(held.cohort, members=members))


# id: (wanted, standing, workers before, granted, sentence, minutes until it may go on)
ANSWERS: dict[str, tuple[int, Standing, int, int, str, float | None]] = {
    "too few for all": (
        100,
        saved(standing(), 100),
        0,
        83,
        (
            "Grown to 83 of 100 workers: 64 quota + 20 borrowed (you 84), and Research's burst credits carry no more "
            "for five minutes."
        ),
        None,
    ),
    "too few for one": (
        100,
        saved(standing(), 3),
        0,
        63,
        (
            "Grown to 63 of 100 workers: 64 quota (you 64), and Research's burst credits do not carry 1 more for five "
            f"minutes. {LATER}, and carry more after 60 s at the earliest."
        ),
        2 / 64,
    ),
    "used up": (
        100,
        saved(standing(), 0),
        63,
        63,
        (
            f"Grown to 63 of 100 workers: 64 quota (you 64); Research's burst credits are used up. {LATER}, and carry "
            "more after 60 s at the earliest."
        ),
        5 / 64,
    ),
    "the burst ends": (
        100,
        saved(standing(), 0),
        100,
        63,
        (
            "Shrinking to 63 of 100 workers: Research's burst credits are used up, so 37 borrowed cores go back; your "
            f"results are kept. {LATER}, and carry more after 60 s at the earliest."
        ),
        5 / 64,
    ),
    "to the last worker": (
        3,
        saved(standing(mine=64), 0),
        1,
        0,
        (
            "Shrinking to 0 of 3 workers: Research's burst credits are used up, so 1 borrowed core goes back; no "
            f"worker is left to keep results. {LATER}, and carry more after 60 s at the earliest."
        ),
        5 / 64,
    ),
    "a debt is paid first": (
        100,
        saved(standing(), -3835, overdraft=True),
        63,
        63,
        (
            "Grown to 63 of 100 workers: 64 quota (you 64); Research's burst credits are overdrawn: what runs goes on, "
            f"and nothing more is borrowed. {LATER}, and carry more after 1 h at the earliest."
        ),
        60,
    ),
    "overdraft goes on": (
        120,
        saved(standing(), -50, overdraft=True),
        100,
        100,
        (
            "Grown to 100 of 120 workers: 64 quota + 37 borrowed (you 101); Research's burst credits are overdrawn: "
            f"what runs goes on, and nothing more is borrowed. {LATER}."
        ),
        None,
    ),
    "a cap that never carries one": (
        100,
        saved(standing(), 0, cap=4),
        63,
        63,
        f"Grown to 63 of 100 workers: 64 quota (you 64); Research's burst credits are used up. {LATER}.",
        None,
    ),
}


@pytest.mark.parametrize(
    ("wanted", "held", "before", "workers", "message", "wait"), ANSWERS.values(), ids=list(ANSWERS)
)
def test_grant_says_what_the_credits_leave(
    *, wanted: int, held: Standing, before: int, workers: int, message: str, wait: float | None
) -> None:
    """The sentence has fact, cause and when it goes on; the credits stand in the trace, and are what binds there."""
    answer = grown(wanted, held, before=before).grant
    assert (answer.workers, answer.reason, answer.message) == (workers, Reason.credits_exhausted, message)
    assert answer.retry_at == (None if wait is None else NOW + timedelta(minutes=wait))
    assert [step.rule for step in answer.trace if not step.allows] == ["credits"]


def test_a_burst_that_is_carried_says_nothing() -> None:
    """With enough credits all is granted; the trace tells them."""
    answer = grown(100, saved(standing(), 500)).grant
    assert (answer.workers, answer.message) == (100, "")
    assert _credits_step(answer) == "500 of 5,000 core-minutes, 37 borrowed, at most 100 now"


def test_without_burst_the_trace_has_no_credits() -> None:
    """A group that needs none reads nothing of them."""
    assert "credits" not in [step.rule for step in grown(100, standing()).grant.trace]


def test_the_same_wish_gets_the_same_answer_while_credits_drain() -> None:
    """From heartbeat to heartbeat neither number nor sentence change until nothing is left."""
    answers = {
        (g.workers, g.message) for g in (grown(120, saved(standing(), left), before=100).grant for left in (9, 1))
    }
    assert len(answers) == 1


def test_reclaim_is_told_before_credits() -> None:
    """While something is left, who loses workers to an owner reads who took them."""
    held = saved(standing(claim("production", 52, 100, waited=60), mine=0, analysts=8), 30)
    answer = grown(140, held, before=140).grant
    assert (answer.workers, answer.reason) == (92, Reason.reclaimed)


def test_the_end_of_a_burst_is_told_before_reclaim() -> None:
    """With nothing left all of the burst ends, although Production takes something back, from Analysts."""
    others = (claim("production", 52, 100, waited=60), claim("analysts", 60, 60))
    answer = grown(140, saved(standing(*others, mine=0), 0), before=88).grant
    assert (answer.workers, answer.reason) == (64, Reason.credits_exhausted)


def test_the_borrowing_limit_is_told_before_credits() -> None:
    """Where the credits carry no less than the limit, the limit is the cause: 380 core-minutes for 76 cores."""
    answers = [grown(200, saved(standing(), left)).grant for left in (380, 379)]
    assert [answer.reason for answer in answers] == [Reason.borrowing_limit, Reason.credits_exhausted]


def test_a_full_cohort_is_told_before_credits() -> None:
    """Where the credits would carry more than the cohort has, the cohort is the cause."""
    answer = grown(200, saved(standing(claim("production", 90, 90), analysts=12), 5000)).grant
    assert answer.reason is Reason.cohort_full


def _credits_step(answer: Grant | Decision) -> str:
    return next(step.detail for step in answer.trace if step.rule == "credits")


def test_a_start_that_is_not_carried_is_refused_with_when() -> None:
    """A server above the quota needs credits for five minutes."""
    policy = shared_policy()
    everybody = {name: Standing() for name in policy.groups} | {"research": saved(standing(others=63), 3)}
    entitlement = resolve(policy, alice())
    refused = decide(policy, entitlement, request("small"), everybody, decision_id="d", now=NOW)
    assert (refused.allowed, refused.reason) == (False, Reason.credits_exhausted)
    assert refused.message == (
        "Not started: Research holds 64 quota (carol 63, you 1), Small notebook needs 1, and Research's burst credits "
        f"do not carry 1 more for five minutes. {LATER}, and carry more after 60 s at the earliest. "
        "Stop something of yours, or ask #data-platform."
    )
    assert refused.retry_at == NOW + timedelta(seconds=2 * 60 / 64)
    everybody["research"] = saved(standing(others=63), 5)
    assert decide(policy, entitlement, request("small"), everybody, decision_id="d", now=NOW).allowed


def quoted(held: Standing, workers: int) -> Quote:
    """Return alice's quote for Standard workers."""
    policy, money = shared_policy(), balance()
    entitlement, standings = resolve(policy, alice()), {"research": held}
    figures = (standings, {"research": money})
    return quote(policy, entitlement, "standard", *figures, workers=workers, charge_to="research", now=NOW)


def test_a_quote_tells_how_long_the_credits_last() -> None:
    """With 1 core held, 100 workers and their scheduler are 38 above the quota: 500 core-minutes last 13.2 minutes."""
    assert quoted(saved(standing(), 500), 100).credits_minutes == 13.2
    assert quoted(saved(standing(), -5, overdraft=True), 100).credits_minutes == 0
    assert quoted(saved(standing(), 500), 62).credits_minutes is None
    assert quoted(standing(), 100).credits_minutes is None


def test_a_quote_counts_the_scheduler() -> None:
    """Of 200 workers as many are quoted as the cohort leaves beside the scheduler: 140 less it and what is held."""
    assert (quoted(standing(), 200).granted, quoted(standing(), 200).reason) == (138, Reason.borrowing_limit)


def test_a_quote_tells_what_is_borrowed() -> None:
    """Of 138 workers beside the scheduler and one held core, 62 are within the quota of 64; more is for the others."""
    found = quoted(saved(standing(), 500), 200)
    assert (found.granted, found.borrowed) == (138, 76)
    assert found.granted_credits_minutes is not None
    assert found.credits_minutes is not None
    assert found.granted_credits_minutes > found.credits_minutes
    within = quoted(saved(standing(), 500), 60)
    assert (within.granted, within.borrowed, within.granted_credits_minutes) == (60, 0, None)
