"""What ends, what is taken back, what is warned of and what is answered as an error: the same words everywhere.

The counterpart for starts and grants is ``tests/cluster/test_reasons_everywhere.py``.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.service.noting_gateway import noting_gateway
from tests.service.test_doors import ALICE, ask, bind, event, release
from tests.service.test_enforcing import back_date
from tests.service.waiting import until
from tests.support.hub import Hub
from tests.support.metrics import counted
from tests.support.service import Answer, Service, running_service

POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2020-01-01, core_hour: 0.04}]
profiles:
  server: {kind: server, title: Notebook, cores: 1, memory: 1 GiB}
  plain: &plain
    kind: cluster
    title: Workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 20}
  aged: {<<: *plain, lifetime: {max: 1h}}
  unused: {<<: *plain, idle: {default: 20m}}
  alone: {<<: *plain, no_client: 10m}
  tied: {<<: *plain, stops_with_server: true}
  dear: {<<: *plain, price: {worker_hour: 3600}}
cohorts: {shared: {}}
groups:
  research: {match: [/research], profiles: [server, plain, aged, unused, alone, tied]}
  spent: {match: [/research], profiles: [dear], budget: {monthly: 3, on_exhausted: stop}}
  warned: {match: [/research], profiles: [dear], budget: {monthly: 1000000, warn_at: [0.000001]}}
  borrower: {match: [/research], profiles: [plain], cohort: shared, quota: {cores: 2}}
  lender: {match: [/research], profiles: [plain], cohort: shared, quota: {cores: 4}}
administrators:
  - {match: [/platform-admins], may: [read, operate]}
"""
ENDINGS = {
    "lifetime": ("aged", "research"),
    "idle": ("unused", "research"),
    "no_client": ("alone", "research"),
    "server_ended": ("tied", "research"),
    "budget_exhausted": ("dear", "spent"),
    "blocked": ("plain", "research"),
}
"""Reason -> the profile and group of a cluster that ends for it."""
ERRORS = ("login_expired", "forbidden", "not_found", "invalid_request", "capped", "service_unavailable")


@pytest.fixture(scope="module")
def told(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose owners of cores wait for a moment only, beside a gateway that stops what it is told to."""
    place = tmp_path_factory.mktemp("told")
    (place / "policy.yaml").write_text(POLICY)
    grace = "--GatehouseService.server_grace_seconds=0.1"
    with (
        noting_gateway() as gateway,
        running_service(
            hub, place, place / "policy.yaml", gateway_url=gateway.url, reclaim_seconds=0.1, options=[grace]
        ) as service,
    ):
        yield service


def start(service: Service, profile: str, group: str, ref: str, *, age: float = 0, workers: int = 0) -> str:
    """Admit, bind and start something so many seconds ago, and its workers now; return its lease."""
    kind = "server" if profile == "server" else "cluster"
    body = {"id": uuid4().hex, "identity": ALICE, "kind": kind, "profile": profile, "charge_to": group}
    lease: str = service.door("POST", "api/v1/admissions", body).json["lease"]["id"]
    bind(service, lease, ref)
    now = datetime.now(UTC)
    if age:
        back_date(service, lease, now - timedelta(seconds=age))
    base = "server" if kind == "server" else "scheduler"
    events = [event(lease, lease, base, "started", now - timedelta(seconds=age))]
    events += [event(lease, f"{lease}-{n}", "worker", "started", now) for n in range(workers)]
    assert service.door("POST", "api/v1/events", {"events": events}).status == 200
    return lease


def demand(service: Service, ref: str, wanted: int, *, unused: float = 0, alone: float = 0) -> Any:
    """Ask for workers as the gateway does; so many seconds ago the cluster last computed, and last had a client."""
    active_at, connected_at = (
        (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat() for seconds in (unused, alone)
    )
    body = {"wanted": wanted, "running": 0, "active_at": active_at, "connected_at": connected_at}
    return service.door("PUT", f"api/v1/clusters/{ref}/demand", body).json


def view(service: Service, lease: str) -> Any:
    """Return alice's cluster as she sees it."""
    return next(c for c in service.as_("alice", "GET", "api/v1/account").json["clusters"] if c["lease"] == lease)


def audit(service: Service) -> list[tuple[str, str]]:
    """Return target and text of what was written down, as it is in the ledger."""
    with closing(sqlite3.connect(service.directory / "ledger.sqlite")) as ledger:
        return ledger.execute("SELECT target, note FROM audit").fetchall()


def provoke_end(service: Service, reason: str) -> str:
    """Let a cluster end for a reason; return its lease."""
    profile, group = ENDINGS[reason]
    server = start(service, "server", "research", "alice/") if reason == "server_ended" else ""
    ref = f"c-{reason}"
    age = {"lifetime": 3601, "idle": 7200, "no_client": 7200}.get(reason, 0)
    lease = start(service, profile, group, ref, age=age, workers=1 if reason == "budget_exhausted" else 0)
    if reason == "idle":
        demand(service, ref, 1, unused=1201)
    if reason == "no_client":
        demand(service, ref, 1, alone=601)
    if server:
        release(service, server)
    if reason == "blocked":
        note = "The cores are needed elsewhere"
        assert service.as_("adam", "POST", "api/v1/admin/stop", {"lease": lease, "note": note}).status == 200
    return lease


@pytest.mark.parametrize("reason", ENDINGS)
def test_an_end_says_the_same_everywhere(told: Service, reason: str) -> None:
    """The account that the panel shows, the grant of the gateway, the audit log and the metric agree."""
    lease = provoke_end(told, reason)
    until(lambda: view(told, lease)["state"] == "stopping")
    shown = view(told, lease)
    assert shown["reason"] == reason

    grant = demand(told, f"c-{reason}", 2)
    assert (grant["workers"], grant["reason"], grant["message"]) == (0, reason, shown["message"])
    [note] = [note for target, note in audit(told) if target == f"cluster c-{reason} of alice"]
    if reason == "blocked":
        assert shown["message"] == f"Stopped by adam: {note}"
    else:
        assert note == f"{shown['message']} [{reason}]"
    assert counted(told, "gatehouse_endings_total", kind="cluster", reason=reason) == 1


def test_what_is_taken_back_says_the_same_everywhere(told: Service) -> None:
    """The grant that shrinks a borrower's cluster, its account, the row and the metric agree: [reclaimed]."""
    before = counted(told, "gatehouse_decisions_total", kind="cluster", reason="reclaimed")
    borrower = start(told, "plain", "borrower", "c-borrower")
    start(told, "plain", "lender", "c-lender")
    assert demand(told, "c-borrower", 4)["workers"] == 4

    def shrunk() -> bool:
        demand(told, "c-lender", 3)
        return bool(demand(told, "c-borrower", 4)["reason"] == "reclaimed")

    until(shrunk)
    shown = view(told, borrower)
    [row] = [
        row
        for row in told.as_("adam", "GET", "api/v1/admin/decisions").json["decisions"]
        if row["reason"] == "reclaimed"
    ]
    assert (shown["reason"], shown["message"]) == ("reclaimed", row["message"])
    assert counted(told, "gatehouse_decisions_total", kind="cluster", reason="reclaimed") == before + 1


def test_a_scheduler_that_ended_says_so_afterwards(told: Service) -> None:
    """What the gateway says of a cluster that ended by itself stays on the account; a stop keeps its own reason."""
    failed, blocked = (start(told, "plain", "research", f"c-{name}") for name in ("failed", "stopped"))
    assert told.as_("adam", "POST", "api/v1/admin/stop", {"lease": blocked, "note": "Maintenance"}).status == 200
    end = {"state": "released", "at": datetime.now(UTC).isoformat(), "reason": "scheduler_ended", "message": "It died."}
    for lease in (failed, blocked):
        assert told.door("PUT", f"api/v1/leases/{lease}", end).status == 200
    again = {**end, "message": "It died twice."}
    assert told.door("PUT", f"api/v1/leases/{failed}", again).status == 200
    shown = view(told, failed)
    assert (shown["state"], shown["reason"], shown["message"]) == ("stopped", "scheduler_ended", "It died.")
    assert view(told, blocked)["reason"] == "blocked"


def test_a_server_without_a_panel_says_so_while_it_runs(told: Service) -> None:
    """What the hub says of it is on its row; a restarted hub takes nothing back, a stop has its own reason."""
    person = {"name": "alice", "groups": ["/research"]}
    lease = ask(told, "server", person).json["lease"]["id"]
    at = {"state": "bound", "ref": "alice/", "at": datetime.now(UTC).isoformat()}
    for said in ({"reason": "no_panel", "message": "Its image has none."}, {}):
        assert told.door("PUT", f"api/v1/leases/{lease}", {**at, **said}).status == 200
        [shown] = [
            one for one in told.as_("adam", "GET", "api/v1/admin/servers").json["servers"] if one["lease"] == lease
        ]
        assert (shown["reason"], shown["message"]) == ("no_panel", "Its image has none.")
    assert told.as_("adam", "POST", "api/v1/admin/stop", {"lease": lease, "note": "Maintenance"}).status == 200
    assert told.door("PUT", f"api/v1/leases/{lease}", {**at, "reason": "no_panel", "message": "Late."}).status == 200
    [shown] = [one for one in told.as_("adam", "GET", "api/v1/admin/servers").json["servers"] if one["lease"] == lease]
    assert shown["reason"] == "blocked"


def test_heartbeats_of_the_same_cut_are_one_row(told: Service) -> None:
    """A cluster that asks again and again for the same is one row; a wish of twice as many is another."""
    lease = start(told, "plain", "research", "c-again")

    def rows() -> list[Any]:
        found = told.as_("adam", "GET", "api/v1/admin/decisions").json["decisions"]
        return [row for row in found if row["group"] == "research" and row["reason"] == "capped"]

    for wanted in (25, 25, 26, 25):
        assert demand(told, "c-again", wanted)["reason"] == "capped"
    [row] = rows()
    assert (row["allowed"], row["message"]) == (True, view(told, lease)["message"])
    demand(told, "c-again", 60)
    assert len(rows()) == 2


def test_a_warning_says_the_same_everywhere(told: Service) -> None:
    """A passed level is the same sentence on the account and on the overview, and a level in the metrics."""
    start(told, "dear", "warned", "c-warned", workers=1)

    def found(who: str, path: str) -> list[str]:
        warnings = told.as_(who, "GET", path).json["warnings"]
        return [one["message"] for one in warnings if one["group"] == "warned"]

    until(lambda: found("alice", "api/v1/account"))
    assert found("alice", "api/v1/account") == found("adam", "api/v1/admin/overview")
    assert counted(told, "gatehouse_group_budget_level_ratio", group="warned") == 0.000001


def provoke_error(service: Service, reason: str) -> Answer:
    """Let the API answer an error of a reason."""
    match reason:
        case "login_expired":
            return service.call("GET", "api/v1/account", token="made-up")
        case "forbidden":
            return service.as_("alice", "GET", "api/v1/admin/overview")
        case "not_found":
            return service.as_("alice", "POST", "api/v1/extend", {"lease": "none", "idle_seconds": 60})
        case "invalid_request":
            return service.as_("alice", "GET", "api/v1/quote")
    lease = ask(service).json["lease"]["id"]
    bind(service, lease, f"c-{reason}")
    if reason == "capped":
        answer = service.as_("alice", "POST", "api/v1/extend", {"lease": lease, "idle_seconds": 60})
    else:
        answer = service.as_("adam", "POST", "api/v1/admin/stop", {"lease": lease})  # there is no gateway
    release(service, lease)
    return answer


@pytest.mark.parametrize("reason", ERRORS)
def test_an_error_has_its_code_in_answer_and_metric(service: Service, reason: str) -> None:
    """The answer has the one shape with a sentence, and is counted by its reason."""
    before = counted(service, "gatehouse_errors_total", reason=reason)
    error = provoke_error(service, reason).json["error"]
    assert error["reason"] == reason
    assert error["message"].endswith(".")
    assert counted(service, "gatehouse_errors_total", reason=reason) == before + 1


def test_what_was_said_of_a_grant_ends_with_its_cluster(told: Service) -> None:
    """A cluster that waited for workers and was shut down by its owner has nothing to say of waiting any longer."""
    lease = start(told, "plain", "research", "c-over")
    assert demand(told, "c-over", 25)["reason"] == "capped"
    assert view(told, lease)["reason"] == "capped"
    end = {"state": "released", "at": datetime.now(UTC).isoformat()}
    assert told.door("PUT", f"api/v1/leases/{lease}", end).status == 200

    shown = view(told, lease)
    assert (shown["state"], shown["reason"], shown["message"]) == ("stopped", None, "")
