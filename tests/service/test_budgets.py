"""Budgets that act while work runs, on the real service: a worker costs one dollar a second."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.service.noting_gateway import NotingGateway, noting_gateway
from tests.service.test_doors import ask, bind, event
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.service import Service, running_service

MONTH = "{monthly: 1000, on_exhausted: deny_new}"
DEAR = "workers: {max: 20}\n    price: {worker_hour: 3600}"
TOPUP = {"group": "research", "amount": "2000", "reason": "Deadline of the sales report"}


def poor(policy: Path, directory: Path, budget: str) -> Path:
    """Return the policy with dear workers and another budget for Research."""
    path = directory / "policy.yaml"
    path.write_text(policy.read_text().replace("workers: {max: 20}", DEAR).replace(MONTH, budget))
    return path


def running(service: Service, ref: str) -> tuple[str, datetime, datetime]:
    """Start a cluster with one worker now; return its lease, and when scheduler and worker started."""
    lease: str = ask(service).json["lease"]["id"]
    bind(service, lease, ref)
    first, second = datetime.now(UTC), datetime.now(UTC)
    told = [
        event(lease, lease, "scheduler", "started", first),
        event(lease, f"{lease}-w", "worker", "started", second),
    ]
    assert service.door("POST", "api/v1/events", {"events": told}).status == 200
    return lease, first, second


def cluster(service: Service, lease: str) -> Any:
    """Return alice's cluster as she sees it."""
    return next(c for c in service.as_("alice", "GET", "api/v1/account").json["clusters"] if c["lease"] == lease)


def demand(service: Service, ref: str, wanted: int) -> Any:
    """Ask for workers as the gateway does."""
    return service.door("PUT", f"api/v1/clusters/{ref}/demand", {"wanted": wanted, "running": 1}).json


def warning(service: Service, level: float) -> Any:
    """Return what alice is warned of at this level."""
    found = service.as_("alice", "GET", "api/v1/account").json["warnings"]
    return next((one for one in found if one["level"] == level), None)


def test_drain_warns_then_ends_after_the_grace_period(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """From the moment of exhaustion the owner reads when it ends; then the gateway is asked to stop it."""
    drain = poor(policy, tmp_path, "{monthly: 3, warn_at: [50%], on_exhausted: drain, grace: 3s}")
    with running_service(hub, tmp_path, drain, gateway_url=gateway.url) as service:
        lease, *_ = running(service, "c-drain")
        until(lambda: warning(service, 0.5))
        assert "budget of $3 for" in warning(service, 0.5)["message"]
        until(lambda: cluster(service, lease)["reason"] == "budget_exhausted")
        grant = demand(service, "c-drain", 4)

        assert gateway.asked == []
        assert "running work ends at" in cluster(service, lease)["message"]
        assert (grant["workers"], grant["reason"]) == (0, "budget_exhausted")
        assert "Save what is in worker memory. Ask #data-platform." in grant["message"]
        until(lambda: cluster(service, lease)["state"] == "stopping")
        assert [path for path, _ in gateway.asked] == ["/api/v1/clusters/c-drain"]
        assert "was used up at" in cluster(service, lease)["message"]


def test_a_top_up_before_the_end_lets_everything_go_on(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """The notice is gone, the warning is taken back, and the cluster grows again."""
    drain = poor(policy, tmp_path, "{monthly: 2, on_exhausted: drain, grace: 60s}")
    with running_service(hub, tmp_path, drain, gateway_url=gateway.url) as service:
        lease, *_ = running(service, "c-topup")
        demand(service, "c-topup", 3)
        until(lambda: "ends at" in cluster(service, lease)["message"])
        assert warning(service, 1.0)["message"] == cluster(service, lease)["message"]
        assert demand(service, "c-topup", 3)["workers"] == 0
        given = service.as_("adam", "POST", "api/v1/admin/topup", TOPUP)
        until(lambda: "ends at" not in cluster(service, lease)["message"])
        grant = demand(service, "c-topup", 3)
        account = service.as_("alice", "GET", "api/v1/account").json

        assert (given.status, given.json["author"]) == (200, "adam")
        assert (grant["workers"], grant["reason"]) == (3, None)
        assert [(b["budget"], b["topped_up"]) for b in account["balances"]] == [("2002", "2000")]
        assert account["warnings"] == []
        assert gateway.asked == []


def test_the_moment_of_exhaustion_survives_a_kill(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """It follows from the intervals: the same before and after kill -9, and the instant that can be told by hand."""
    drain = poor(policy, tmp_path, "{monthly: 2, on_exhausted: drain, grace: 1h}")
    with running_service(hub, tmp_path, drain, gateway_url=gateway.url) as service:
        lease, first, second = running(service, "c-kill")
        until(lambda: warning(service, 1.0))
        before, notice = warning(service, 1.0), cluster(service, lease)["message"]
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
    with running_service(hub, tmp_path, drain, gateway_url=gateway.url) as service:
        after = warning(service, 1.0)
        kept = cluster(service, lease)["message"]

    seconds = (2 - 0.001 * (second - first).total_seconds()) / 1.001  # the scheduler costs a thousandth of the worker
    by_hand = second + timedelta(seconds=seconds)
    assert before == after
    assert notice == kept != ""
    assert abs(datetime.fromisoformat(before["at"]) - by_hand) <= timedelta(microseconds=2)


def test_stop_ends_servers_and_clusters_at_once(hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway) -> None:
    """The hub stops the notebook server too, and says why to nobody but its owner."""
    stop = poor(policy, tmp_path, "{monthly: 2, on_exhausted: stop}")
    hub.call("POST", "users/dan/server")
    until(lambda: hub.call("GET", "users/dan")["servers"].get("", {}).get("ready"))
    with running_service(hub, tmp_path, stop, gateway_url=gateway.url) as service:
        server: str = ask(service, "small", {"name": "dan", "groups": ["/research"]}).json["lease"]["id"]
        bind(service, server, "dan/")
        lease, *_ = running(service, "c-stop-all")
        until(lambda: cluster(service, lease)["state"] == "stopping")
        until(lambda: not hub.call("GET", "users/dan")["servers"])
        [seen] = service.as_("dan", "GET", "api/v1/account").json["servers"]
        assert (seen["state"], seen["reason"]) == ("stopping", "budget_exhausted")
        assert "so this server was stopped" in seen["message"]


def test_a_lowered_budget_leaves_its_whole_grace(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """By the new amount it was used up long ago; people get the grace period from when they can read that."""
    rules = poor(policy, tmp_path, "{monthly: 1000000, on_exhausted: drain, grace: 30m}")
    with running_service(hub, tmp_path, rules, gateway_url=gateway.url) as service:
        lease: str = ask(service).json["lease"]["id"]
        bind(service, lease, "c-lowered")
        early = datetime.now(UTC) - timedelta(hours=2)
        units = {lease: "scheduler", f"{lease}-w": "worker"}
        told = [event(lease, unit, kind, "started", early) for unit, kind in units.items()]
        assert service.door("POST", "api/v1/events", {"events": told}).status == 200
        before = datetime.now(UTC)
        rules.write_text(rules.read_text().replace("monthly: 1000000", "monthly: 60"))
        until(lambda: "ends at" in cluster(service, lease)["message"])
        said = cluster(service, lease)["message"].partition("ends at ")[2].partition(" unless")[0]

        assert warning(service, 1.0)["message"] == cluster(service, lease)["message"]
        assert datetime.fromisoformat(warning(service, 1.0)["at"]) < before - timedelta(minutes=100)
        ends = {before + timedelta(minutes=minutes) for minutes in (30, 31, 32)}
        assert said[:9] in {f"{end:%H:%M} UTC" for end in ends}
        assert gateway.asked == []


def test_one_slow_stop_holds_up_no_other(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """A gateway that answers neither stop before both have been asked for is asked for both."""
    stop = poor(policy, tmp_path, "{monthly: 4, on_exhausted: stop}")
    with noting_gateway(together=2) as slow, running_service(hub, tmp_path, stop, gateway_url=slow.url) as service:
        leases = [running(service, name)[0] for name in ("c-one", "c-other")]
        until(lambda: all(cluster(service, lease)["state"] == "stopping" for lease in leases))
        assert sorted(path for path, _ in slow.asked) == ["/api/v1/clusters/c-one", "/api/v1/clusters/c-other"]


def test_a_persons_budget_ends_that_persons_work_alone(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """Alice's own budget is used up; what dan runs in the same group is told nothing."""
    own = poor(policy, tmp_path, "{monthly: 1000, per_user: 2, on_exhausted: drain, grace: 60s}")
    with running_service(hub, tmp_path, own, gateway_url=gateway.url) as service:
        server: str = ask(service, "small", {"name": "dan", "groups": ["/research"]}).json["lease"]["id"]
        bind(service, server, "dan/")
        lease, *_ = running(service, "c-own")
        until(lambda: "ends at" in cluster(service, lease)["message"])
        [dans] = service.as_("dan", "GET", "api/v1/account").json["servers"]

        assert cluster(service, lease)["message"].startswith("Your budget of $2 in Research for")
        assert (dans["reason"], dans["message"]) == (None, "")
        service.as_("adam", "POST", "api/v1/admin/topup", TOPUP | {"user": "alice"})
        until(lambda: "ends at" not in cluster(service, lease)["message"])
        balance = service.as_("alice", "GET", "api/v1/account").json["balances"][0]
        assert (balance["my_budget"], balance["my_topped_up"], balance["topped_up"]) == ("2002", "2000", "0")


def test_administrators_see_the_level_of_each_budget(
    hub: Hub, policy: Path, tmp_path: Path, gateway: NotingGateway
) -> None:
    """The overview names the highest level that is passed, and the metric tells it by group."""
    warn = poor(policy, tmp_path, "{monthly: 2, warn_at: [10%, 50%], on_exhausted: warn}")
    with running_service(hub, tmp_path, warn, gateway_url=gateway.url) as service:
        lease, *_ = running(service, "c-warn")
        until(lambda: warning(service, 1.0))
        overview = service.as_("adam", "GET", "api/v1/admin/overview").json
        metrics = Request(f"{service.url}metrics", headers={"Authorization": f"token {hub.token('adam')}"})  # noqa: S310 - our own service
        with urlopen(metrics, timeout=60) as answer:  # noqa: S310 - our own service
            text = answer.read().decode()

        assert [(one["group"], one["level"]) for one in overview["warnings"]] == [("research", 1.0)]
        assert 'gatehouse_group_budget_level_ratio{group="research"} 1.0' in text
        assert 'gatehouse_group_budget_level_ratio{group="analysts"}' not in text
        assert cluster(service, lease)["message"] == ""


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "NaN"},
        {"amount": "Infinity"},
        {"amount": True},
        {"amount": "1e30"},
        {"reason": "why not"},
        {"reason": "          "},
        {"group": "nobody"},
        {"group": "analysts"},
        {"user": "alice"},
        {"expires_at": "2026-01-01T00:00:00Z"},
        {"expires_at": "2036-01-01T00:00:00"},
        {"colour": "red"},
    ],
    ids=lambda change: " ".join(f"{key} {value}" for key, value in change.items()),
)
def test_a_top_up_that_makes_no_sense_is_refused(service: Service, change: dict[str, Any]) -> None:
    """Bad input gets 422 with a reason, and adds nothing."""
    answer = service.as_("adam", "POST", "api/v1/admin/topup", TOPUP | change)
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
    assert service.as_("adam", "GET", "api/v1/admin/topups").json["topups"] == []


def test_a_top_up_is_listed_with_who_and_why(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """Amount, reason, author and expiry are there for whoever asks later; another month has none."""
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    with running_service(hub, tmp_path, policy) as service:
        service.as_("adam", "POST", "api/v1/admin/topup", TOPUP | {"expires_at": later})
        [one] = service.as_("adam", "GET", "api/v1/admin/topups").json["topups"]
        other = service.as_("adam", "GET", "api/v1/admin/topups?month=2020-01").json["topups"]
        wrong = service.as_("adam", "GET", "api/v1/admin/topups?month=2020-13")

        assert (one["group"], one["amount"], one["author"], one["reason"]) == (
            "research",
            "2000",
            "adam",
            "Deadline of the sales report",
        )
        assert datetime.fromisoformat(one["expires_at"]) == datetime.fromisoformat(later)
        assert (other, wrong.status) == ([], 422)


def test_the_same_top_up_is_added_once(hub: Hub, policy: Path, tmp_path: Path) -> None:
    """Sent again with its id, because the answer was lost, it adds nothing; without an id every request adds."""
    with running_service(hub, tmp_path, policy) as service:
        named = TOPUP | {"id": "7f3a"}
        answers = [service.as_("adam", "POST", "api/v1/admin/topup", named).json for _ in range(2)]
        assert answers[0] == answers[1]
        assert len(service.as_("adam", "GET", "api/v1/admin/topups").json["topups"]) == 1
        for _ in range(2):
            service.as_("adam", "POST", "api/v1/admin/topup", TOPUP)
        assert len(service.as_("adam", "GET", "api/v1/admin/topups").json["topups"]) == 3


def test_a_quote_tells_price_grant_and_what_binds(service: Service) -> None:
    """Alice asks before she starts: twelve workers, of which nine fit beside the scheduler; nothing is reserved."""
    quote = service.as_("alice", "GET", "api/v1/quote?profile=standard&workers=12&charge_to=research").json
    assert (quote["granted"], quote["reason"], quote["group"]) == (9, "quota_exceeded", "research")
    assert (float(quote["price_per_hour"]), float(quote["granted_price_per_hour"])) == (46.8, 36.0)
    assert quote["budget_minutes"] == pytest.approx(1000 / 46.8 * 60, abs=0.1)
    assert service.as_("alice", "GET", "api/v1/account").json["clusters"] == []
    for wrong in ("", "?profile=nothing", "?profile=small&workers=2", "?profile=standard&workers=-1"):
        assert service.as_("alice", "GET", f"api/v1/quote{wrong}").status == 422
