"""Two replicas of the service on one database: what people see does not depend on which one answers."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service.test_doors import ALICE, ask, bind, release
from tests.service.test_life import _messages
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.postgres import Postgres
from tests.support.service import Service, running_service


@pytest.fixture(scope="module")
def replicas(
    hub: Hub, policy: Path, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Service]]:
    """Two services."""
    base, url = tmp_path_factory.mktemp("replicas"), postgres.new()
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(running_service(hub, base / name, policy, database=url)) for name in ("one", "two")
        )
        yield one, two


def test_what_one_replica_changes_reaches_the_stream_of_the_other(replicas: tuple[Service, Service]) -> None:
    """Alice watches at the second; her server is admitted at the first, and appears without her asking."""
    first, second = replicas
    stream = _messages(second, second.hub.token("alice"))
    next(stream)
    time.sleep(0.3)  # what the second replica has heard at its own start is over
    lease = ask(first, "small").json["lease"]["id"]
    told = (server["lease"] for _, account in stream for server in account["servers"])

    assert lease in told
    stream.close()  # type: ignore[attr-defined]  # a generator
    release(first, lease)


def test_the_same_request_at_both_replicas_reserves_once(replicas: tuple[Service, Service]) -> None:
    """A door that asks the other replica with the same id gets the decision that there already is."""
    body = {"id": "asked-twice", "identity": ALICE, "kind": "server", "profile": "small"}
    first, second = (replica.door("POST", "api/v1/admissions", body).json for replica in replicas)

    assert first["allowed"]
    assert first == second
    release(replicas[0], first["lease"]["id"])


def test_a_cluster_is_known_to_both(replicas: tuple[Service, Service]) -> None:
    """Admitted and bound at the first, granted by the second, released at the first: the second sees each step."""
    first, second = replicas
    lease = ask(first).json["lease"]["id"]
    bind(first, lease, "c-both")
    demand = {"wanted": 12, "running": 0}
    granted = second.door("PUT", "api/v1/clusters/c-both/demand", demand).json["workers"]
    release(first, lease)

    assert (granted, second.door("PUT", "api/v1/clusters/c-both/demand", demand).json["workers"]) == (9, 0)


def test_both_take_a_changed_policy(replicas: tuple[Service, Service], policy: Path) -> None:
    """Each replica reads the policy file by itself, whoever leads."""
    good = policy.read_text()
    policy.write_text(good.replace("match: [/analysts]", "match: [/analysts, /new]"))
    eve = {"identity": {"name": "eve", "groups": ["/new"]}}
    until(lambda: all(replica.door("POST", "api/v1/offers", eve).json["groups"] for replica in replicas))
    policy.write_text(good)
