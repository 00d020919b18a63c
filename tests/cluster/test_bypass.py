"""What people try past the form: every way in is refused, with its reason and without a trace."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from hub_ext.contract.usage import EventType
from tests.cluster.gateway import Gateway, environment_of, pid_in, until
from tests.cluster.lab import Lab
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub


@pytest.fixture(scope="module")
def cluster(gateway: Gateway, hub: Hub, desk: StandIn) -> Iterator[str]:
    """A running cluster of alice's with one worker."""
    name = gateway.create(hub.token("alice"))
    gateway.scale(name, 1, hub.token("alice"))
    lease = desk.lease_of(name)
    assert lease is not None
    until("a worker", lambda: len(desk.units(lease.id)) == 2)
    yield name
    gateway.delete(name, hub.token("alice"))


@pytest.fixture(scope="module")
def stolen(cluster: str, desk: StandIn) -> str:
    """The token that user code finds in its scheduler's environment."""
    lease = desk.lease_of(cluster)
    assert lease is not None
    started = desk.event(f"{lease.id}-scheduler", EventType.started)
    assert started is not None
    return environment_of(pid_in(started.detail))["DASK_GATEWAY_API_TOKEN"]


CREATES = [
    pytest.param("alice", {"profile": "secret"}, 409, "profile_not_offered", id="another group's profile"),
    pytest.param("bob", {"profile": "standard"}, 409, "profile_not_offered", id="profile, from a group without any"),
    pytest.param("alice", {"profile": "tiny-notebook"}, 409, "profile_not_offered", id="a server's profile"),
    pytest.param("alice", {"charge_to": "vault"}, 409, "profile_not_offered", id="charged to another group"),
    pytest.param("dan", {"charge_to": "gpu"}, 409, "profile_not_offered", id="charged to a colleague's group"),
    pytest.param("alice", {"profile": "highmem", "charge_to": "gpu"}, 409, "profile_not_offered", id="no such pair"),
    pytest.param("carol", {}, 409, "no_group", id="no group"),
    pytest.param("alice", {"profile": True}, 422, "", id="a boolean profile"),
    pytest.param("alice", {"profile": None}, 422, "", id="a null profile"),
    pytest.param("alice", {"name": 7}, 422, "", id="a number as name"),
    pytest.param("alice", {"name": "x" * 10_000}, 422, "invalid_request", id="a huge name"),
    pytest.param("alice", {"name": "a\nSet-Cookie: x"}, 422, "invalid_request", id="a name of two lines"),
    pytest.param("alice", {"worker_cores": 64}, 422, "", id="more cores"),
    pytest.param("alice", {"worker_memory": float("nan")}, 422, "", id="NaN memory"),
    pytest.param("alice", {"cluster_max_workers": 10**9}, 422, "", id="a huge bound"),
    pytest.param("alice", {"idle_timeout": 0}, 422, "", id="no idle stop"),
    pytest.param("alice", {"lease_id": "d-1"}, 422, "", id="somebody's lease"),
    pytest.param("alice", {"environment": {"LD_PRELOAD": "x"}}, 422, "", id="environment"),
    pytest.param("alice", {"scheduler_cmd": ["sh"]}, 422, "", id="another command"),
    pytest.param("alice", ["standard"], 422, "invalid_request", id="a list"),
]


@pytest.mark.parametrize(("person", "options", "status", "reason"), CREATES)
def test_a_forged_create_is_refused(lab: Lab, person: str, options: Any, status: int, reason: str) -> None:
    """A raw request gets no more than the form: refused, and nothing is reserved."""
    held = set(lab.desk.leases)
    token = lab.hub.token(person)
    answer = lab.gateway.call("POST", "/api/v1/clusters/", {"cluster_options": options}, token=token)
    assert answer.status == status, answer
    assert reason in answer.body["error"]
    assert set(lab.desk.leases) == held


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null"])
def test_a_broken_body_starts_nothing(gateway: Gateway, hub: Hub, desk: StandIn, body: bytes) -> None:
    """A body that is no object is refused in one sentence and starts nothing."""
    held = set(desk.leases)
    answer = gateway.call("POST", "/api/v1/clusters/", body, token=hub.token("alice"))
    assert answer.status == 422
    assert answer.body["error"].endswith("[invalid_request]")
    assert set(desk.leases) == held


FOREIGN = [
    pytest.param(("GET", "", None), id="get"),
    pytest.param(("DELETE", "", None), id="stop"),
    pytest.param(("POST", "/scale", {"count": 9}), id="scale"),
    pytest.param(("POST", "/adapt", {"minimum": 9, "maximum": 9}), id="adapt"),
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("person", ["bob", "dan", "carol"])
def test_another_persons_cluster_is_out_of_reach(
    gateway: Gateway, hub: Hub, cluster: str, person: str, foreign: tuple[str, str, Any]
) -> None:
    """Knowing a cluster's id opens nothing, also within one group."""
    method, path, body = foreign
    answer = gateway.call(method, f"/api/v1/clusters/{cluster}{path}", body, token=hub.token(person))
    assert answer.status == 403
    assert "tls_key" not in str(answer.body)
    assert gateway.status(cluster, hub.token("alice")) == "RUNNING"


@pytest.mark.parametrize("foreign", [*FOREIGN, pytest.param(("POST", "/heartbeat", {}), id="heartbeat")])
@pytest.mark.parametrize("token", ["none", "invented", "narrow"])
def test_without_a_good_token_nothing_is_in_reach(
    gateway: Gateway, hub: Hub, cluster: str, token: str, foreign: tuple[str, str, Any]
) -> None:
    """No token, an invented one, or one for other things: none of them touches a cluster."""
    method, path, body = foreign
    tokens = {"none": None, "invented": "0" * 32, "narrow": hub.token("alice", "access:servers!user")}
    answer = gateway.call(method, f"/api/v1/clusters/{cluster}{path}", body, token=tokens[token])
    assert answer.status in {401, 403}
    assert gateway.status(cluster, hub.token("alice")) == "RUNNING"


def test_an_operator_sees_and_scales_but_gets_no_keys(gateway: Gateway, hub: Hub, cluster: str) -> None:
    """An operator may look at and scale anybody's cluster; its TLS keys are its owner's alone."""
    path = f"/api/v1/clusters/{cluster}"
    owned = gateway.call("GET", path, token=hub.token("alice")).body
    assert owned["tls_key"].startswith("-----BEGIN")
    for query in ("", "?wait"):
        seen = gateway.call("GET", path + query, token=hub.token("adam")).body
        assert (seen["status"], seen["tls_key"], seen["tls_cert"]) == ("RUNNING", None, None)
    assert gateway.scale(cluster, 1, hub.token("adam")).body == {"ok": True, "msg": None}
    assert gateway.call("GET", "/api/v1/clusters/", token=hub.token("adam")).body == {}


def test_an_operators_narrow_token_is_no_operators(gateway: Gateway, hub: Hub, cluster: str) -> None:
    """The right is the token's, not the person's."""
    narrow = hub.token("adam", "access:services!service=dask-gateway")
    assert gateway.call("DELETE", f"/api/v1/clusters/{cluster}", token=narrow).status == 403


@pytest.mark.parametrize("count", [True, -1, 1.5, float("nan"), float("inf"), "3", None, 10**7, [1]])
def test_a_scale_to_no_number_is_refused(gateway: Gateway, hub: Hub, cluster: str, count: Any) -> None:
    """The owner, too, can only ask for a number of workers."""
    answer = gateway.scale(cluster, count, hub.token("alice"))
    assert answer.status == 422
    assert answer.body["error"].endswith("[invalid_request]")


@pytest.mark.parametrize(
    "bounds",
    [
        {"minimum": float("nan")},
        {"maximum": "9"},
        {"maximum": True},
        {"minimum": -1},
        {"active": "yes"},
        {"maximum": 1e9},
    ],
)
def test_adaptive_bounds_that_are_none_are_refused(gateway: Gateway, hub: Hub, cluster: str, bounds: Any) -> None:
    """NaN passes every comparison by failing it; here it does not pass."""
    assert gateway.call("POST", f"/api/v1/clusters/{cluster}/adapt", bounds, token=hub.token("alice")).status == 422


def forged(**changes: Any) -> dict[str, Any]:
    """Return a heartbeat as user code would forge it."""
    return {
        "scheduler_address": "tls://127.0.0.1:35001",
        "dashboard_address": "http://127.0.0.1:35002",
        "api_address": "http://127.0.0.1:35003",
        "count": 1,
        "active_workers": [],
        "closing_workers": [],
        "closed_workers": [],
        **changes,
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"count": True}, id="boolean"),
        pytest.param({"count": float("nan")}, id="NaN"),
        pytest.param({"count": -5}, id="negative"),
        pytest.param({"count": "99"}, id="text"),
        pytest.param({"count": 10**9}, id="huge"),
        pytest.param({"dashboard_address": "http://169.254.169.254:8080"}, id="metadata service"),
        pytest.param({"dashboard_address": "http://127.0.0.1:22"}, id="ssh"),
        pytest.param({"api_address": "http://internal.example:8080"}, id="internal host"),
        pytest.param({"scheduler_address": "tcp://127.0.0.1:35001"}, id="without TLS"),
        pytest.param({"active_workers": "abc"}, id="names that are no list"),
    ],
)
def test_a_forged_heartbeat_is_refused_as_a_whole(
    gateway: Gateway, desk: StandIn, cluster: str, stolen: str, changes: Any
) -> None:
    """The cluster's own token does not make a lie true: refused, and nobody is even asked."""
    asked = len([x for x in desk.demands if x[0] == cluster and x[1].wanted > 1])
    answer = gateway.call("POST", f"/api/v1/clusters/{cluster}/heartbeat", forged(**changes), header=f"token {stolen}")
    assert answer.status == 422
    assert len([x for x in desk.demands if x[0] == cluster and x[1].wanted > 1]) == asked


def test_a_forged_count_gets_no_more_than_the_grant(gateway: Gateway, desk: StandIn, cluster: str, stolen: str) -> None:
    """A scheduler that claims to want 99 workers gets what its group has room for."""
    lease = desk.lease_of(cluster)
    assert lease is not None
    desk.cap = 2
    workers = [unit.rpartition("-")[2] for unit in desk.units(lease.id) if not unit.endswith("-scheduler")]
    for _ in range(5):
        heartbeat = forged(count=99, active_workers=workers)
        answer = gateway.call("POST", f"/api/v1/clusters/{cluster}/heartbeat", heartbeat, header=f"token {stolen}")
        assert answer.status in {200, 500}, answer  # 500: it contradicts what the true scheduler has just said
    time.sleep(1)
    assert len(desk.units(lease.id)) <= 3 + 1


def test_one_clusters_token_opens_no_other(gateway: Gateway, hub: Hub, desk: StandIn, stolen: str) -> None:
    """A cluster's token reports for that cluster only, and is no person's."""
    assert gateway.call("GET", "/api/v1/options", header=f"token {stolen}").status == 401
    other = gateway.create(hub.token("dan"))
    answer = gateway.call("POST", f"/api/v1/clusters/{other}/heartbeat", forged(), header=f"token {stolen}")
    assert answer.status == 401
    assert gateway.call("DELETE", f"/api/v1/clusters/{other}", header=f"token {stolen}").status == 401
    gateway.delete(other, hub.token("adam"))
    lease = desk.lease_of(other)
    until("adam stops it", lambda: lease and desk.leases[lease.id].state == "released")
