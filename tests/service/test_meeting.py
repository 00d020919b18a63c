"""The desk when equal requests meet: one decision, whoever is asked and however often."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hub_ext.contract.admission import Decision, Kind, Request
from hub_ext.contract.identity import Identity
from hub_ext.service.desk import Desk
from hub_ext.service.locking import locks
from hub_ext.service.policy_store import PolicyStore
from hub_ext.usage import decisions
from hub_ext.usage.database import Database
from tests.support.postgres import Postgres

CROWD = PolicyStore(Path(__file__).parent / "crowd.yaml")
CHANGED = PolicyStore(Path(__file__).parent / "policy.yaml")
"""As another replica has it, which has already read a changed policy."""


def _request(number: int) -> Request:
    return Request(id=f"r{number}", identity=Identity(name="alice", groups=("/g0",)), kind=Kind.server, profile="small")


def _ask_together(desks: list[Desk], request: Request) -> list[Decision]:
    ready = threading.Barrier(len(desks))

    def ask(desk: Desk) -> Decision:
        ready.wait()
        return desk.admit(request)

    with ThreadPoolExecutor(len(desks)) as threads:
        return list(threads.map(ask, desks))


def test_one_request_at_two_replicas_at_once_gets_one_decision(postgres: Postgres) -> None:
    """Twenty times, four desks of two replicas are asked the same at once: one decision each time, told to all.

    Also when one of the replicas has another policy already, and so locks other names: the request's id is unique.
    """
    url = postgres.migrated()
    databases = [Database(url), Database(url)]
    desks = [Desk(database, store) for database in databases for store in (CROWD, CHANGED)]
    for number in range(20):
        told = _ask_together(desks, _request(number))
        assert [decision.id for decision in told] == [told[0].id] * 4
    with databases[0].read() as connection:
        assert len(decisions.newest(connection)) == 20
    for database in databases:
        database.close()


def test_a_decision_locks_each_group_and_its_cohort() -> None:
    """Groups of one cohort meet at its lock; a group that the policy does not know is locked by its name."""
    policy = CROWD.policy
    shared = policy.groups["g0"].model_copy(update={"cohort": "science"})
    policy = policy.model_copy(update={"groups": {**policy.groups, "g0": shared}})

    assert locks(policy, ["g0", "g1", "gone"]) == {"group g0", "group g1", "group gone", "cohort science"}
