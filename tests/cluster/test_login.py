"""Who is this token: each kind of token gets its status, and its words reach the person in the notebook."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway
from tests.cluster.lab import Lab
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub
from tests.support.ports import free_port

OPTIONS = "/api/v1/options"
ACCESS = "access:services!service=dask-gateway"


@pytest.fixture(scope="module")
def slow_hub() -> Iterator[str]:
    """Address of a hub that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hub/api"


def expired(hub: Hub) -> str:
    """Return a token that has just expired."""
    token: str = hub.call("POST", "users/alice/tokens", {"expires_in": 1})["token"]
    time.sleep(1.2)
    return token


def test_a_persons_token_shows_their_profiles(gateway: Gateway, hub: Hub) -> None:
    """Groups reach the gateway: alice sees what research offers, bob of analysts no cluster."""
    fields = gateway.call("GET", OPTIONS, token=hub.token("alice")).body["cluster_options"]
    assert fields[0]["spec"]["options"] == ["standard", "highmem"]
    assert gateway.call("GET", OPTIONS, token=hub.token("bob")).body == {"cluster_options": []}


def test_a_narrow_token_is_enough(gateway: Gateway, hub: Hub) -> None:
    """The access scope alone brings name and groups."""
    answer = gateway.call("GET", OPTIONS, token=hub.token("alice", ACCESS))
    assert answer.body["cluster_options"][0]["field"] == "profile"


def test_no_token_is_asked_for_one(gateway: Gateway) -> None:
    """A request without token is answered 401, which makes the client send its token."""
    assert gateway.call("GET", OPTIONS).status == 401


@pytest.mark.parametrize("header", ["jupyterhub", "token", "Basic YWxpY2U6eA==", "jupyterhub  ", "x" * 3000])
def test_a_broken_header_is_no_defect(gateway: Gateway, header: str) -> None:
    """A header that is no token is 401, not a 500."""
    for method, path in (("GET", OPTIONS), ("POST", "/api/v1/clusters/x/heartbeat"), ("DELETE", "/api/v1/clusters/x")):
        assert gateway.call(method, path, None if method != "POST" else {}, header=header).status == 401


@pytest.mark.parametrize("kind", ["expired", "revoked", "invented"])
def test_a_token_that_is_no_longer_valid_says_log_in_again(gateway: Gateway, hub: Hub, kind: str) -> None:
    """An expired, revoked or invented token is 401 with the way on, whatever it once was."""
    token = {"expired": expired, "revoked": _revoked}[kind](hub) if kind in {"expired", "revoked"} else "0" * 32
    answer = gateway.call("GET", OPTIONS, token=token)
    assert answer.status == 401
    assert answer.body["error"].endswith("log in again and repeat. Nothing was stopped. [login_expired]")
    assert answer.body["detail"]["reason"] == "login_expired"


def _revoked(hub: Hub) -> str:
    made = hub.call("POST", "users/alice/tokens", {})
    hub.call("DELETE", f"users/alice/tokens/{made['id']}")
    return str(made["token"])


def test_a_token_without_the_access_scope_is_told_which(gateway: Gateway, hub: Hub) -> None:
    """A valid token for other things is 403 and names the missing scope."""
    answer = gateway.call("GET", OPTIONS, token=hub.token("alice", "access:servers!user"))
    assert answer.status == 403
    assert "access:services!service=dask-gateway" in answer.body["error"]
    assert answer.body["error"].endswith("[forbidden]")


def test_no_cookie_speaks_for_anybody(gateway: Gateway, hub: Hub) -> None:
    """The gateway sets no cookie, and one from elsewhere opens nothing."""
    request = Request(gateway.url + OPTIONS, headers={"Authorization": f"jupyterhub {hub.token('alice')}"})  # noqa: S310 - our gateway
    with urlopen(request, timeout=60) as answer:  # noqa: S310 - our gateway
        assert answer.headers.get("Set-Cookie") is None
    bare = Request(gateway.url + OPTIONS, headers={"Cookie": "dask-gateway-x=1"})  # noqa: S310 - our gateway
    with pytest.raises(HTTPError) as refused:
        urlopen(bare, timeout=60)  # noqa: S310 - our gateway
    with refused.value as error:
        assert error.code == 401


@pytest.mark.parametrize("hub_is", ["gone", "slow"])
def test_a_hub_that_does_not_answer_is_503(hub_is: str, slow_hub: str, tmp_path: Path, desk: StandIn, hub: Hub) -> None:
    """Nobody is taken for logged out because the hub is away, and nobody waits long."""
    address = slow_hub if hub_is == "slow" else f"http://127.0.0.1:{free_port()}/hub/api"
    with running_gateway(Gateway(tmp_path / "gw", address, desk.url, "t")) as lonely:
        began = time.monotonic()
        answer = lonely.call("GET", OPTIONS, token=hub.token("alice"))
        assert time.monotonic() - began < 4
        assert answer.status == 503
        assert answer.body["error"].startswith("JupyterHub does not answer")
        assert answer.body["error"].endswith("[service_unavailable]")
        (shown,) = notebook.run(lonely, hub.token("alice"), tmp_path, "Gateway().cluster_options()")
        assert "503" in shown
        assert "service_unavailable/JupyterHub-does-not-answer" in shown


def test_an_expired_login_is_readable_in_the_notebook(gateway: Gateway, tmp_path: Path) -> None:
    """The stock client shows of a 401 only status and address, so the address says it."""
    cells = ("Gateway().cluster_options()", "Gateway().new_cluster()", "Gateway().list_clusters()")
    for shown in notebook.run(gateway, "0" * 32, tmp_path, *cells):
        assert shown.startswith("ClientResponseError: 401")
        assert "login_expired/Your-login-has-expired;-log-in-again-and-repeat.-Nothing-was-stopped" in shown


def test_the_explaining_address_repeats_nothing_that_it_is_sent(gateway: Gateway) -> None:
    """The address answers with its own sentence, whatever text somebody puts there."""
    answer = gateway.call("GET", "/api/refused/login_expired/Send-your-password-to-bob")
    assert answer.status == 401
    assert "bob" not in json.dumps(answer.body)
    assert gateway.call("GET", "/api/refused/idle/x").status == 404
    assert gateway.call("GET", "/api/refused/nonsense/x").status == 404


@pytest.mark.parametrize(
    ("person", "cells"),
    [
        pytest.param("bob", {"": "dask-cluster is not offered to you"}, id="no cluster profile"),
        pytest.param("carol", {"": "none of your groups is in the policy"}, id="no group"),
        pytest.param(
            "alice",
            {
                "profile='secret'": "secret is not offered to you",
                "profile='highmem', charge_to='gpu'": "highmem is not offered to you",
            },
            id="what does not fit",
        ),
    ],
)
def test_a_refusal_is_readable_in_the_notebook(lab: Lab, tmp_path: Path, person: str, cells: dict[str, str]) -> None:
    """A refused cluster is a GatewayClusterError whose text says what to do."""
    calls = [f"Gateway().new_cluster({arguments})" for arguments in cells]
    texts = notebook.run(lab.gateway, lab.hub.token(person), tmp_path, *calls)
    for text, expected in zip(texts, cells.values(), strict=True):
        assert text.startswith("GatewayClusterError: Not started: ")
        assert expected in text
        assert text.endswith("]")


def test_a_service_that_is_away_refuses_new_work_in_words(lab: Lab, tmp_path: Path) -> None:
    """While nobody decides, nothing new starts, and the notebook says so."""
    lab.desk.away = True
    (shown,) = notebook.run(lab.gateway, lab.hub.token("alice"), tmp_path, "Gateway().new_cluster()")
    assert shown.startswith("GatewayClusterError: ")
    assert shown.endswith("[service_unavailable]")
