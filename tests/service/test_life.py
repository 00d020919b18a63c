"""The service while it lives: streams, policy changes, stops, kills."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.service.test_doors import ask, bind, release
from tests.support.hub import Hub
from tests.support.service import Service, running_service


def _messages(service: Service, token: str) -> Iterator[tuple[str, Any]]:
    """Read the stream: (event, data) for each message."""
    address = urlsplit(service.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", f"{address.path}api/v1/stream", headers={"Authorization": f"token {token}"})
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    name = ""
    try:
        while line := answer.readline().decode().rstrip("\n"):
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
                answer.readline()
    finally:
        connection.close()


def test_a_stream_tells_the_account_at_once_and_at_every_change(service: Service) -> None:
    """An admission appears in the person's open stream without asking."""
    stream = _messages(service, service.hub.token("alice"))
    name, before = next(stream)
    lease = ask(service, "small").json["lease"]["id"]
    _, after = next(stream)

    assert name == "account"
    assert lease not in [server["lease"] for server in before["servers"]]
    assert [server["state"] for server in after["servers"] if server["lease"] == lease] == ["starting"]
    stream.close()  # type: ignore[attr-defined]  # a generator
    release(service, lease)


def test_a_stream_ends_when_the_login_does(service: Service) -> None:
    """A token that is revoked ends its stream with the reason, at the next change."""
    created = service.hub.call("POST", "users/alice/tokens", {})
    stream = _messages(service, created["token"])
    next(stream)
    service.hub.call("DELETE", f"users/alice/tokens/{created['id']}")
    time.sleep(1.1)  # the hub's word about a token is kept for a second here
    lease = ask(service, "small").json["lease"]["id"]
    told = list(stream)

    assert [(name, data["error"]["reason"]) for name, data in told] == [("error", "login_expired")]
    release(service, lease)


def test_a_changed_policy_is_taken_and_a_broken_one_is_not(service: Service, policy: Path) -> None:
    """A good change is in force within moments; mistakes keep the last good policy and are told to administrators."""
    good = policy.read_text()
    eve = {"identity": {"name": "eve", "groups": ["/new"]}}

    def offered() -> Any:
        return service.door("POST", "api/v1/offers", eve).json

    def overview() -> Any:
        return service.as_("adam", "GET", "api/v1/admin/overview").json

    assert offered()["groups"] == []
    policy.write_text(good.replace("match: [/analysts]", "match: [/analysts, /new]"))
    _until(lambda: offered()["groups"])
    policy.write_text(good + "\nsurprise: 1\n")
    _until(lambda: overview()["policy_mistakes"])

    assert "surprise" in overview()["policy_mistakes"][0]
    assert offered()["groups"]
    policy.write_text(good)
    _until(lambda: not overview()["policy_mistakes"])


def test_the_ledger_survives_a_kill(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """After kill -9 of the service every lease is there again."""
    with running_service(hub, tmp_path, policy) as service:
        lease = ask(service).json["lease"]["id"]
        bind(service, lease, "c-kill")
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
    with running_service(hub, tmp_path, policy) as service:
        clusters = service.as_("alice", "GET", "api/v1/account").json["clusters"]
        assert [(cluster["lease"], cluster["id"]) for cluster in clusters] == [(lease, "c-kill")]


class _Gateway(BaseHTTPRequestHandler):
    """A gateway that notes what it is asked to delete."""

    asked: list[tuple[str, str | None]] = []
    status = 204

    def do_DELETE(self) -> None:
        """Note it."""
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_an_administrator_stops_a_cluster_with_a_note(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """The gateway is asked to stop it; the owner reads who did and why; nothing more is granted."""
    _Gateway.asked.clear()
    gateway = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    with running_service(hub, tmp_path, policy, gateway_url=f"http://127.0.0.1:{gateway.server_port}") as service:
        lease = ask(service).json["lease"]["id"]
        bind(service, lease, "c-stop")
        stopped = service.as_("adam", "POST", "api/v1/admin/stop", {"lease": lease, "note": "Too many idle workers"})
        [cluster] = service.as_("alice", "GET", "api/v1/account").json["clusters"]
        grant = service.door("PUT", "api/v1/clusters/c-stop/demand", {"wanted": 5, "running": 0}).json

        assert stopped.status == 200
        assert _Gateway.asked == [("/api/v1/clusters/c-stop", f"jupyterhub {hub.tokens['gatehouse']}")]
        assert (cluster["state"], cluster["message"]) == ("stopping", "Stopped by adam: Too many idle workers")
        assert (grant["workers"], grant["reason"]) == (0, "blocked")
        assert service.as_("adam", "POST", "api/v1/admin/stop", {"lease": "none"}).status == 404
    gateway.shutdown()
    gateway.server_close()


def test_a_gateway_that_is_away_is_said_so(service: Service) -> None:
    """A stop that cannot be carried out says that nothing was stopped."""
    lease = ask(service).json["lease"]["id"]
    bind(service, lease, "c-away")
    answer = service.as_("adam", "POST", "api/v1/admin/stop", {"lease": lease})

    assert (answer.status, answer.json["error"]["reason"]) == (503, "service_unavailable")
    assert "nothing was stopped" in answer.json["error"]["message"]
    release(service, lease)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_text("currency: 5"), "mistake"),
    ],
    ids=["no policy", "wrong policy"],
)
def test_without_a_good_policy_it_does_not_start(hub: Hub, tmp_path: Path, break_it: Any, says: str) -> None:
    """A missing or wrong policy at the start ends the service with a clear text."""
    policy = tmp_path / "policy.yaml"
    policy.touch()
    break_it(policy)
    with pytest.raises(RuntimeError, match=says), running_service(hub, tmp_path, policy):
        pass


def _until(holds: Any, patience: float = 10) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)
