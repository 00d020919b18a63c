"""How far a budget is overdrawn before what runs has ended, in money.

Nothing is simulated: a real hub, service and gateway, two groups with the same budget and the same trace, at once. Each
starts a cluster with two workers at a dollar a second. Then a server of the group that ran until now is reported, as
from an outbox that was away, and leaves money for half a minute: a start must be paid for five minutes in advance, so
only what others spend can end a budget that soon. Where ``on_exhausted`` is ``stop``, the service asks the gateway to
stop the cluster, and the processes end; the overshoot is what the ledger has then, above the budget. ``drain`` with no
grace takes the same way.

Beside it the group whose policy is ``deny_new``, at half a minute after that: it is refused anything new, and what runs
goes on. The target is the burn rate times the horizon of five minutes.

It needs a month that is older than a quarter of an hour. As every benchmark that starts clusters it leaves nothing.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.figures import tell
from hub_ext.policy.horizon import HORIZON
from tests.cluster.gateway import Gateway, running_gateway
from tests.support.hub import Hub, running_hub
from tests.support.service import Service, running_service

BUDGET, LEFT = Decimal(800), 30
"""Dollars a month; seconds that are left when the other server has been reported."""
WORKERS = 2
PEOPLE = {"research": "alice", "analysts": "bob"}
"""The first group's policy is ``stop``, the other's ``deny_new``."""

_GROUP = "{{match: [/{name}], profiles: [dear, notebook], budget: {{monthly: {budget}, on_exhausted: {rule}}}}}"
POLICY = f"""
apiVersion: gatehouse/v1
currency: USD
prices: [{{from: 2020-01-01, core_hour: 36, gib_hour: 0}}]
profiles:
  dear:
    kind: cluster
    title: Dear workers
    scheduler: {{cores: 1, memory: 1 GiB}}
    worker: {{cores: 1, memory: 1 GiB}}
    workers: {{max: {WORKERS}}}
    price: {{worker_hour: 3600}}
  notebook: {{kind: server, title: Notebook, cores: 1, memory: 1 GiB, price: {{hour: {BUDGET * 6}}}}}
groups:
  research: {_GROUP.format(name="research", budget=BUDGET, rule="stop")}
  analysts: {_GROUP.format(name="analysts", budget=BUDGET, rule="deny_new")}
"""


def _until(what: str, ready: Callable[[], bool], within: float = 120) -> None:
    deadline = time.monotonic() + within
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {within:.0f} s: {what}")
        time.sleep(0.2)


def _balance(service: Service, group: str) -> dict[str, Any]:
    balances = service.as_(PEOPLE[group], "GET", "api/v1/account").json["balances"]
    found: dict[str, Any] = next(one for one in balances if one["group"] == group)
    return found


def _burns(service: Service, group: str) -> Decimal:
    """Return dollars per second."""
    return Decimal(_balance(service, group)["burn_rate"]) / 3600


def _over(service: Service, group: str) -> Decimal:
    return Decimal(_balance(service, group)["spent"]) - BUDGET


def _start(service: Service, gateway: Gateway, hub: Hub) -> None:
    """Start everybody's cluster and wait until all workers are paid for."""
    names = {group: gateway.create(hub.token(person)) for group, person in PEOPLE.items()}
    for group, name in names.items():
        gateway.scale(name, WORKERS, hub.token(PEOPLE[group]))
    for group in PEOPLE:
        _until(f"workers of {group}", lambda group=group: _burns(service, group) > WORKERS)  # type: ignore[misc]


def _spend(service: Service, group: str) -> None:
    """Report a server that ran until now and leaves money for :data:`LEFT` seconds of what runs."""
    identity = {"name": PEOPLE[group], "groups": [f"/{group}"]}
    request = {"id": uuid4().hex, "identity": identity, "kind": "server", "profile": "notebook"}
    answer = service.door("POST", "api/v1/admissions", request).json
    if not answer["allowed"]:
        raise SystemExit(answer["message"])
    lease, now = answer["lease"]["id"], datetime.now(UTC)
    costs = -_over(service, group) - LEFT * _burns(service, group)
    began = now - timedelta(hours=float(costs / (BUDGET * 6)))
    about = {"unit": lease, "kind": "server", "lease": lease}
    told = [
        {"id": f"{lease}-{type_}", "type": type_, "at": at.isoformat(), **about}
        for type_, at in (("started", began), ("ended", now))
    ]
    service.door("POST", "api/v1/events", {"events": told})
    service.door("PUT", f"api/v1/leases/{lease}", {"state": "released", "at": now.isoformat()})


def measure(hub: Hub, base: Path) -> dict[str, Decimal]:
    """Return dollars: ``over`` and ``burn`` (a second) where it is stopped; ``denied`` where only new work is."""
    (base / "policy.yaml").write_text(POLICY)
    gateway = Gateway(base / "gateway", hub.api_url, "", hub.tokens["dask-gateway"], heartbeat=5, nanny=True)
    with ExitStack() as stack:
        service = stack.enter_context(
            running_service(
                hub,
                base / "service",
                base / "policy.yaml",
                gateway_url=gateway.url,
                policy_check_seconds=5,  # the product's own, not the tests'
            )
        )
        gateway.service_url = service.url
        stack.enter_context(running_gateway(gateway))
        _start(service, gateway, hub)
        for group in PEOPLE:
            _spend(service, group)
        burn = _burns(service, "research")
        _until("the budget is used up", lambda: _over(service, "research") >= 0)
        _until("everything has ended", lambda: _burns(service, "research") == 0)
        over = _over(service, "research")
        _until("half a minute more", lambda: _over(service, "analysts") > over + LEFT * burn)
        return {"over": over, "burn": burn, "denied": _over(service, "analysts")}


def main() -> None:
    """Measure and tell the figure."""
    with tempfile.TemporaryDirectory() as name, running_hub(Path(name)) as hub:
        found = measure(hub, Path(name))
    target = found["burn"] * int(HORIZON.total_seconds())
    seconds = found["over"] / found["burn"]
    beside = (
        f"deny_new on the same trace: {found['denied']:.2f} USD {LEFT} s later, and {found['burn']:.2f} USD more each "
        f"second; here everything had ended {seconds:.1f} s after the budget's end"
    )
    tell("budget_overshoot", float(found["over"]), "USD", target=float(target), compared_with=beside)


if __name__ == "__main__":
    main()
