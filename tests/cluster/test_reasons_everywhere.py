"""A reason reaches the person everywhere the same: real hub, service, gateway and notebook client.

Starts and grants are here; what ends, and what is answered as an error, is in ``tests/service/test_reasons_told.py``.
``tests/docs/test_reasons.py`` sees to it that no code is left out.
"""

import html
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub_ext.contract import paths
from hub_ext.contract.admission import Decision
from hub_ext.spawn.pages import refusal_html
from tests.cluster import notebook
from tests.cluster.gateway import Gateway, running_gateway
from tests.support.hub import Hub
from tests.support.metrics import counted
from tests.support.service import Service, running_service

PEOPLE = {"alice": ["/research", "/gpu"], "carol": ["/nobody"], "bob": ["/analysts"]}
POLICY = """
apiVersion: gatehouse/v1
prices: [{from: 2026-01-01, core_hour: 0.04}]
profiles:
  small: {kind: server, title: Small notebook, cores: 1, memory: 1 GiB}
  big: {kind: server, title: Big notebook, cores: 2, memory: 1 GiB}
  standard: &standard
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 8}
  dear: {<<: *standard, title: Dear workers, price: {worker_hour: 3600}}
cohorts: {edge: {}, rim: {}, borrowers: {}, sharers: {}, bursts: {}}
groups:
  # where nothing starts, each for another reason: the first three are filled by a big server
  full: {match: [/research], profiles: [small, standard, big], quota: {cores: 2}}
  mine: {match: [/research], profiles: [small, standard, big], per_user: {cores: 2}}
  edge:
    match: [/research]
    profiles: [small, standard, big]
    cohort: edge
    quota: {cores: 1}
    borrowing_limit: {cores: 1}
  edge-lender: {match: [/lenders], profiles: [small], cohort: edge, quota: {cores: 5}}
  rim: {match: [/research], profiles: [small, standard], cohort: rim, quota: {cores: 0.5}}
  rim-keeper: {match: [/lenders], profiles: [small], cohort: rim, quota: {cores: 5}, lending_limit: {cores: 0}}
  broke: {match: [/research], profiles: [small, standard], budget: {monthly: 0}}
  short: {match: [/research], profiles: [small, standard], budget: {monthly: 0.001}}
  # where a scheduler starts, and fewer workers than wanted
  two-cores: {match: [/gpu], profiles: [standard], quota: {cores: 2}}
  two-mine: {match: [/gpu], profiles: [standard], per_user: {cores: 2}}
  borrower: {match: [/gpu], profiles: [standard], cohort: borrowers, quota: {cores: 1}, borrowing_limit: {cores: 1}}
  lender: {match: [/lenders], profiles: [small], cohort: borrowers, quota: {cores: 5}}
  sharer: {match: [/gpu], profiles: [standard], cohort: sharers, quota: {cores: 1}}
  keeper: {match: [/lenders], profiles: [small], cohort: sharers, quota: {cores: 1}}
  saver:
    match: [/gpu]
    profiles: [standard]
    cohort: bursts
    quota: {cores: 1}
    burst: {core_minutes: 5}
  idler: {match: [/lenders], profiles: [small], cohort: bursts, quota: {cores: 60}}
  poor: {match: [/gpu], profiles: [dear], budget: {monthly: 1}}
  others: {match: [/analysts], profiles: [small]}
administrators:
  - {match: [/platform-admins], may: [read, operate]}
"""
STARTS = {
    "quota_exceeded": ("alice", "full", "standard"),
    "user_limit": ("alice", "mine", "standard"),
    "borrowing_limit": ("alice", "edge", "standard"),
    "cohort_full": ("alice", "rim", "standard"),
    "budget_exhausted": ("alice", "broke", "standard"),
    "budget_reserve": ("alice", "short", "standard"),
    "profile_not_offered": ("alice", "full", "dear"),
    "no_group": ("carol", None, "standard"),
}
"""Reason -> who asks, which group to charge, which profile."""
GRANTS = {
    "quota_exceeded": ("two-cores", "standard"),
    "user_limit": ("two-mine", "standard"),
    "borrowing_limit": ("borrower", "standard"),
    "cohort_full": ("sharer", "standard"),
    "credits_exhausted": ("saver", "standard"),
    "budget_reserve": ("poor", "dear"),
}
"""Reason -> which group to charge, which profile."""
SCALE = """
import warnings
cluster = Gateway().new_cluster(charge_to={group!r}, profile={profile!r}, shutdown_on_close=False)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    cluster.scale(5)
print(cluster.name)
print(*(str(one.message) for one in caught))
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Iterator[tuple[Service, Gateway]]:
    """Service and gateway, each told where the other is."""
    place = tmp_path_factory.mktemp("reasons")
    (place / "policy.yaml").write_text(POLICY)
    gateway = Gateway(place / "gw", hub.api_url, "", hub.tokens["dask-gateway"])
    with running_service(hub, place, place / "policy.yaml", gateway_url=gateway.url) as service:
        gateway.service_url = service.url
        for group in ("full", "mine", "edge"):
            assert ask(service, "alice", "big", group)["allowed"]
        with running_gateway(gateway):
            yield service, gateway


def ask(service: Service, who: str, profile: str, group: str | None) -> Any:
    """Ask for a server as the hub does."""
    identity = {"name": who, "groups": PEOPLE[who]}
    request = {"id": uuid4().hex, "identity": identity, "kind": "server", "profile": profile, "charge_to": group}
    return service.door("POST", paths.ADMISSIONS, request).json


def rows(service: Service, reason: str, kind: str) -> list[dict[str, Any]]:
    """Return what the page *Decisions* shows of a reason, newest first."""
    found = service.as_("adam", "GET", f"{paths.ADMIN}/decisions").json["decisions"]
    return [row for row in found if row["reason"] == reason and row["kind"] == kind]


@pytest.mark.parametrize("reason", STARTS)
def test_a_refused_start_says_the_same_everywhere(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path, reason: str
) -> None:
    """The exception in the notebook, the answer of the API, the hub's page, the row and the metric agree."""
    service, gateway = both
    who, group, profile = STARTS[reason]
    chosen = f"charge_to={group!r}, profile={profile!r}" if group else ""
    [raised] = notebook.run(gateway, hub.token(who), tmp_path, f"Gateway().new_cluster({chosen})")
    row = next(iter(rows(service, reason, "cluster")), {})
    assert raised.endswith(f"{row.get('message')} [{reason}]")
    assert (row["user"], row["allowed"]) == (who, False)
    assert counted(service, "gatehouse_decisions_total", kind="cluster", reason=reason) == 1

    asked = "nothing" if reason == "profile_not_offered" else "small"
    decision = Decision.model_validate(ask(service, who, asked, group))
    page = refusal_html(decision.refusal, offers=None, profile=asked, charge_to=group, now=datetime.now(UTC))
    shown = html.unescape(" ".join(page.split()))
    assert f"[{reason}]" in shown
    assert decision.message.removeprefix("Not started: ")[1:] in shown  # which begins with a capital there
    row = rows(service, reason, "server")[0]
    assert (row["id"], row["message"]) == (decision.id, decision.message)
    assert counted(service, "gatehouse_decisions_total", kind="server", reason=reason) == 1


@pytest.mark.parametrize("reason", GRANTS)
def test_a_grant_in_part_says_the_same_everywhere(
    both: tuple[Service, Gateway], hub: Hub, tmp_path: Path, reason: str
) -> None:
    """The warning in the notebook, the account that the panel shows, the row and the metric agree, once."""
    service, gateway = both
    before = counted(service, "gatehouse_decisions_total", kind="cluster", reason=reason)
    group, profile = GRANTS[reason]
    [shown] = notebook.run(gateway, hub.token("alice"), tmp_path, SCALE.format(group=group, profile=profile))
    name, warned = shown.split("\n")
    clusters = service.as_("alice", "GET", paths.ACCOUNT).json["clusters"]
    view = next(cluster for cluster in clusters if cluster["id"] == name)
    assert warned == f"{view['message']} [{view['reason']}]"
    assert view["reason"] == reason

    [row] = [row for row in rows(service, reason, "cluster") if row["allowed"]]
    assert (row["message"], row["group"]) == (view["message"], group)
    assert counted(service, "gatehouse_decisions_total", kind="cluster", reason=reason) == before + 1
    gateway.delete(name, hub.token("alice"))
