"""Starts that were refused for want of shared cores, and wait."""

from datetime import timedelta

from hub_ext.contract.admission import Decision, Kind, Request
from hub_ext.contract.identity import Identity
from hub_ext.contract.reasons import Reason
from hub_ext.usage import decisions
from hub_ext.usage.database import Database
from hub_ext.usage.decisions import Waiting
from tests.usage.samples import NOON, at


def decide(database: Database, seconds: float, reason: Reason | None, user: str = "dan", profile: str = "small") -> str:
    """Write down a refusal with a reason, or a start without one; return its id."""
    id_ = f"{user}-{seconds}"
    request = Request(id=id_, identity=Identity(name=user), kind=Kind.server, profile=profile)
    decision = Decision(id=id_, allowed=reason is None, reason=reason, message="Why.")
    with database.write() as connection:
        decisions.keep(connection, request, decision, "research", at(seconds))
    return id_


def waiting(database: Database, since: float = 0) -> list[Waiting]:
    """Return who waits in Research."""
    with database.read() as connection:
        return decisions.waiting(connection, ["research"], at(since))


def test_a_row_of_refusals_waits_since_its_first(database: Database) -> None:
    """Whoever tries again keeps the place; what was refused too long ago is forgotten."""
    first, *_ = [decide(database, seconds, Reason.cohort_full) for seconds in (10, 20, 30)]
    assert waiting(database) == [Waiting(first, "dan", "research", "small", NOON + timedelta(seconds=10))]
    assert [one.decision for one in waiting(database, 15)] == ["dan-20"]


def test_only_a_want_of_shared_cores_waits(database: Database) -> None:
    """A refusal for any other reason takes nothing from anybody."""
    for seconds, reason in enumerate(set(Reason) - {Reason.cohort_full}):
        decide(database, seconds, reason, user=reason.value)
    assert waiting(database) == []


def test_a_start_ends_the_waiting_for_its_own_profile(database: Database) -> None:
    """Another person's start, and another profile's, do not."""
    decide(database, 1, Reason.cohort_full, profile="large")
    decide(database, 2, Reason.cohort_full)
    decide(database, 3, Reason.cohort_full, user="eve")
    decide(database, 4, None)
    assert [(one.user, one.profile) for one in waiting(database)] == [("dan", "large"), ("eve", "small")]
    again = decide(database, 5, Reason.cohort_full)
    assert waiting(database)[-1].decision == again
