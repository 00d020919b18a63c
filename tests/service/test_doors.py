"""The doors' API on the real service, on both databases: offers, admissions, leases, demand, events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.service import Answer, Service

pytestmark = pytest.mark.parametrize("ledger", ["sqlite", "postgresql"], indirect=True, scope="module")

ALICE = {"name": "alice", "groups": ["/research", "/gpu"]}


def ask(service: Service, profile: str = "standard", identity: Any = None, **more: Any) -> Answer:
    """Ask for an admission as a door does."""
    kind = "cluster" if profile == "standard" else "server"
    body = {"id": uuid4().hex, "identity": identity or ALICE, "kind": kind, "profile": profile, **more}
    return service.door("POST", "api/v1/admissions", body)


def bind(service: Service, lease: str, ref: str) -> None:
    """Tie a lease to what came to be."""
    now = datetime.now(UTC).isoformat()
    assert service.door("PUT", f"api/v1/leases/{lease}", {"state": "bound", "ref": ref, "at": now}).status == 200


def release(service: Service, lease: str) -> None:
    """Give a lease back."""
    now = datetime.now(UTC).isoformat()
    assert service.door("PUT", f"api/v1/leases/{lease}", {"state": "released", "at": now}).status == 200


def event(lease: str, unit: str, kind: str, type_: str, at: datetime) -> dict[str, str]:
    """An event as a door reports it."""
    at_ = at.isoformat()
    return {"id": f"{unit}-{type_}", "unit": unit, "kind": kind, "lease": lease, "type": type_, "at": at_}


def test_offers_name_what_a_person_may_start_with_its_price(service: Service) -> None:
    """Alice is offered Research's three profiles; the small one costs its core's price."""
    offers = service.door("POST", "api/v1/offers", {"identity": ALICE}).json
    [research] = offers["groups"]

    assert [profile["name"] for profile in research["profiles"]] == ["small", "large", "standard"]
    assert float(research["profiles"][0]["price_per_hour"]) == 3.6
    assert (offers["contact"], offers["group_titles"]) == ("#data-platform", ["Research", "Analysts"])


def test_asking_again_with_the_same_id_reserves_once(service: Service) -> None:
    """A repeated request gets the decision that it already got."""
    body = {"id": "the-same", "identity": ALICE, "kind": "server", "profile": "small"}
    first = service.door("POST", "api/v1/admissions", body).json
    again = service.door("POST", "api/v1/admissions", body).json

    assert first["allowed"]
    assert again == first
    release(service, first["lease"]["id"])


def test_a_full_quota_refuses_with_who_holds_the_rest(service: Service) -> None:
    """When Research's ten cores are taken, the next request is refused and names the holder."""
    held = [ask(service, "large", {"name": f"p{n}", "groups": ["/research"]}).json for n in range(2)]
    refused = ask(service, "large").json

    assert [decision["allowed"] for decision in held] == [True, True]
    assert (refused["allowed"], refused["reason"]) == (False, "quota_exceeded")
    assert "p0" in refused["message"]
    for decision in held:
        release(service, decision["lease"]["id"])
    again = ask(service, "large").json
    assert again["allowed"]
    release(service, again["lease"]["id"])


def test_a_cluster_is_granted_what_fits_and_grows_when_room_appears(service: Service) -> None:
    """Of twelve wanted workers nine fit beside the scheduler; with a server less there is room for one more."""
    server = ask(service, "small").json["lease"]
    cluster = ask(service).json["lease"]
    bind(service, cluster["id"], "c-grow")
    demand = {"wanted": 12, "running": 0}
    narrow = service.door("PUT", "api/v1/clusters/c-grow/demand", demand).json
    release(service, server["id"])
    wide = service.door("PUT", "api/v1/clusters/c-grow/demand", demand).json

    assert (narrow["workers"], narrow["reason"]) == (8, "quota_exceeded")
    assert wide["workers"] == 9
    release(service, cluster["id"])
    assert service.door("PUT", "api/v1/clusters/c-grow/demand", demand).json["workers"] == 0


def test_what_ran_is_what_is_paid(service: Service) -> None:
    """An hour of a one-core server at 3.60 an hour costs 3.60, also when its events come twice and backwards."""
    lease = ask(service, "small").json["lease"]["id"]
    bind(service, lease, "alice/")
    end = datetime.now(UTC)
    started = event(lease, lease, "server", "started", end - timedelta(hours=1))
    ended = event(lease, lease, "server", "ended", end)
    for events in ([ended], [started, ended], [started]):
        assert service.door("POST", "api/v1/events", {"events": events}).status == 200
    release(service, lease)
    [server] = [s for s in service.as_("alice", "GET", "api/v1/account").json["servers"] if s["lease"] == lease]

    assert (float(server["cost"]), server["state"]) == (3.6, "stopped")
    page = service.as_("adam", "GET", "api/v1/admin/ledger").json
    assert [row["unit"] for row in page["rows"]] == [lease]
    assert 0 < float(page["total"]) <= 3.6


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api/v1/admissions", b"not json"),
        ("api/v1/admissions", {"id": "x", "identity": ALICE, "kind": "server"}),
        ("api/v1/admissions", {"id": "x", "identity": ALICE, "kind": "server", "profile": "small", "more": 1}),
        ("api/v1/admissions", {"id": "", "identity": {"name": ""}, "kind": "plane", "profile": 3}),
        ("api/v1/events", {"events": [{"id": "x"}]}),
        ("api/v1/events", b'{"events": [{"at": NaN}]}'),
    ],
    ids=["not json", "field missing", "field unknown", "all wrong", "event without fields", "NaN"],
)
def test_a_malformed_request_is_explained(service: Service, path: str, body: Any) -> None:
    """Bad input gets 422 with one line that says where."""
    answer = service.door("POST", path, body)

    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
    assert answer.json["error"]["message"].startswith("The request is malformed")


@pytest.mark.parametrize(
    "demand",
    [
        {"wanted": -1, "running": 0},
        {"wanted": True, "running": 0},
        {"wanted": 1.5},
        {"wanted": "3", "running": 0},
        {"wanted": 10**9, "running": 0},
        {"wanted": 1, "running": -1},
        {"wanted": 1, "running": True},
        b'{"wanted": NaN, "running": 0}',
        b'{"wanted": Infinity, "running": 0}',
        b'{"wanted": 1e400, "running": 0}',
        {"wanted": 1, "running": 0, "asked_at": "2026-01-01T00:00:00"},
        [1],
    ],
    ids=str,
)
def test_a_forged_demand_is_refused(service: Service, demand: Any) -> None:
    """A number of workers that is none, or a time without its zone, never reaches a decision."""
    assert service.door("PUT", "api/v1/clusters/any/demand", demand).status == 422


def test_an_unknown_cluster_is_not_found(service: Service) -> None:
    """A demand for a cluster without a lease is answered with 404."""
    answer = service.door("PUT", "api/v1/clusters/none/demand", {"wanted": 1, "running": 0})
    assert (answer.status, answer.json["error"]["reason"]) == (404, "not_found")
