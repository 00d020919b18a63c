"""What two hundred open panels cost the usage service in processor time.

200 people in 20 groups, each with a cluster and an open stream of their account, on a real hub. Four times a second a
gateway tells of a cluster whose wish has changed, so each panel gets a new account about once in 50 seconds. The
same calls with no panel open stand beside it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import psutil

from benchmarks.figures import tell
from tests.support.hub import Hub, running_hub
from tests.support.service import Service, running_service

PANELS, GROUPS, SECONDS, CHANGES_PER_SECOND = 200, 20, 60, 4

_HEAD = """
apiVersion: gatehouse/v1
currency: USD
prices:
  - {from: 2020-01-01, core_hour: 0.04, gib_hour: 0.005}
profiles:
  standard:
    kind: cluster
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 2 GiB}
    workers: {max: 100}
groups:
"""
_GROUP = "  g{n}: {{match: [/g{n}], profiles: [standard], quota: {{cores: 1000}}, budget: {{monthly: 100000}}}}\n"


def _people(hub: Hub) -> list[str]:
    """Make the people with their groups; return their tokens."""
    names = [f"p{n}" for n in range(PANELS)]
    hub.call("POST", "users", {"usernames": names})
    for group in range(GROUPS):
        path = f"groups/{quote(f'/g{group}', safe='')}"
        hub.call("POST", path)
        hub.call("POST", f"{path}/users", {"users": names[group::GROUPS]})
    return [hub.token(name) for name in names]


def _clusters(service: Service) -> None:
    for n in range(PANELS):
        identity = {"name": f"p{n}", "groups": [f"/g{n % GROUPS}"]}
        request = {"id": f"r{n}", "identity": identity, "kind": "cluster", "profile": "standard"}
        lease = service.door("POST", "api/v1/admissions", request).json["lease"]["id"]
        update = {"state": "bound", "ref": f"c{n}", "at": datetime.now(UTC).isoformat()}
        service.door("PUT", f"api/v1/leases/{lease}", update)


class _Heard:
    """Counts the accounts that were sent, and says when everybody has the first."""

    def __init__(self, panels: int) -> None:
        self.accounts = 0
        self.everybody = asyncio.Event()
        self._panels = panels
        if not panels:
            self.everybody.set()

    def account(self) -> None:
        """Count one."""
        self.accounts += 1
        if self.accounts >= self._panels:
            self.everybody.set()


async def _change(session: aiohttp.ClientSession, service: Service) -> None:
    """Let clusters ask for another number of workers, one after the other, for ever."""
    for n in count():
        body = {"wanted": 1 + n // PANELS % 2, "running": 0}
        async with session.put(f"{service.url}api/v1/clusters/c{n % PANELS}/demand", json=body) as answer:
            answer.raise_for_status()
        await asyncio.sleep(1 / CHANGES_PER_SECOND)


@asynccontextmanager
async def _panels(service: Service, tokens: list[str], heard: _Heard) -> AsyncIterator[None]:
    """Hold one stream for each token."""

    async def look(session: aiohttp.ClientSession, token: str) -> None:
        async with session.get(f"{service.url}api/v1/stream", headers={"Authorization": f"token {token}"}) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"event: account"):
                    heard.account()

    limits = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=limits, connector=aiohttp.TCPConnector(limit=0)) as session:
        tasks = [asyncio.create_task(look(session, token)) for token in tokens]
        await heard.everybody.wait()
        yield
        failed = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if failed:
        raise SystemExit(f"{len(failed)} of {len(tokens)} streams ended")


async def _percent(service: Service, tokens: list[str]) -> tuple[float, int]:
    """Return the service's processor time in percent of one core, and how many accounts were sent."""
    process, heard = psutil.Process(service.process.pid), _Heard(len(tokens))
    door = {"Authorization": f"token {service.hub.tokens['dask-gateway']}"}
    async with _panels(service, tokens, heard), aiohttp.ClientSession(headers=door) as session:
        changes = asyncio.create_task(_change(session, service))
        await asyncio.sleep(5)
        before, used = heard.accounts, sum(process.cpu_times()[:2])
        await asyncio.sleep(SECONDS)
        used, sent = sum(process.cpu_times()[:2]) - used, heard.accounts - before
        if changes.done():
            changes.result()
        changes.cancel()
    return 100 * used / SECONDS, sent


def measure(**options: Any) -> None:
    """Measure without and with panels, and tell the figure."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        base = Path(name)
        hub = stack.enter_context(running_hub(base))
        policy = base / "policy.yaml"
        policy.write_text(_HEAD + "".join(_GROUP.format(n=n) for n in range(GROUPS)))
        usual: dict[str, Any] = {"policy_check_seconds": 5, "token_cache_seconds": 15, **options}
        service = stack.enter_context(running_service(hub, base / "service", policy, **usual))
        tokens = _people(hub)
        _clusters(service)
        without, _ = asyncio.run(_percent(service, []))
        with_panels, sent = asyncio.run(_percent(service, tokens))
    beside = f"{without:.1f} % with no panel; {sent} accounts sent in {SECONDS} s"
    tell("service_cpu_percent_200_panels", with_panels, "% of a core", target=25, compared_with=beside)
