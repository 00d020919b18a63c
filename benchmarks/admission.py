"""How long ``cluster.scale(1000)`` waits for its grant, and whether anybody gets more than there is.

50 groups with two clusters each; a group's quota has room for one and a half. 8 processes play the gateway and ask, one
call after the other each, for a thousand workers and for none in turns. Measured at the caller: HTTP, the token, the
decision, the commit. PostgreSQL with two replicas of the service, and beside it SQLite with one; a real hub.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import percentile, tell
from tests.support.crowd import Call, Crowd, Watcher
from tests.support.hub import Hub, running_hub
from tests.support.postgres import running_postgres
from tests.support.service import running_service

GROUPS, WRITERS, CALLS = 50, 8, 1600
QUOTA = 1500

_HEAD = """
apiVersion: gatehouse/v1
currency: USD
prices:
  - {from: 2020-01-01, core_hour: 1, gib_hour: 0}
profiles:
  standard:
    kind: cluster
    title: Standard workers
    scheduler: {cores: 1, memory: 1 GiB}
    worker: {cores: 1, memory: 1 GiB}
    workers: {max: 1000}
groups:
"""
_GROUP = "  g{n}: {{title: G{n}, match: [/g{n}], profiles: [standard], quota: {{cores: {quota}}}}}\n"


def _clusters(crowd: Crowd) -> None:
    """Admit and bind cluster ``c0`` to ``c99``, two in each group."""
    asked: list[Call] = []
    for number in range(2 * GROUPS):
        identity = {"name": f"p{number}", "groups": [f"/g{number % GROUPS}"]}
        request = {"id": f"r{number}", "identity": identity, "kind": "cluster", "profile": "standard"}
        asked.append(("POST", "api/v1/admissions", request))
    bound: list[Call] = []
    for number, answer in enumerate(_all_answered(crowd.call(asked))):
        update = {"state": "bound", "ref": f"c{number}", "at": datetime.now(UTC).isoformat()}
        bound.append(("PUT", f"api/v1/leases/{answer['json']['lease']['id']}", update))
    _all_answered(crowd.call(bound))


def _wishes() -> list[Call]:
    """Return the calls; the order spreads a group's two clusters over different writers at the same time."""
    calls: list[Call] = []
    for number in range(CALLS):
        turn, cluster = divmod(number, 2 * GROUPS)
        of = cluster // 2 + GROUPS * (cluster % 2)
        wanted = 1000 if (turn + cluster // 2) % 4 else 0
        calls.append(("PUT", f"api/v1/clusters/c{of}/demand", {"wanted": wanted, "running": 0}))
    return calls


def _all_answered(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    failed = [answer for answer in answers if answer["status"] != 200]  # noqa: PLR2004 - HTTP
    if failed:
        raise SystemExit(f"{len(failed)} of {len(answers)} calls failed, the first with {failed[0]}")
    return answers


def measure(hub: Hub, base: Path, url: str, *, replicas: int) -> tuple[Sequence[float], int]:
    """Return the seconds of every call that asked for a thousand workers, and how many cores were over-granted."""
    policy = base / "policy.yaml"
    policy.write_text(_HEAD + "".join(_GROUP.format(n=n, quota=QUOTA) for n in range(GROUPS)))
    with ExitStack() as stack:
        services = [
            stack.enter_context(running_service(hub, base / f"{n}", policy, database=url, token_cache_seconds=15))
            for n in range(replicas)
        ]
        urls = [service.url for service in services]
        crowd = Crowd(urls, hub.tokens["dask-gateway"], processes=WRITERS, at_once=1)
        _clusters(crowd)
        wishes = _wishes()
        with Watcher(url).watching() as watcher:
            answers = _all_answered(crowd.call(wishes))
    seconds = [answer["seconds"] for answer, (_, _, body) in zip(answers, wishes, strict=True) if body["wanted"]]
    return seconds, sum(max(0, most - QUOTA) for most in watcher.most.values())


def main() -> None:
    """Measure on both databases and tell the figures."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        base = Path(name)
        hub = stack.enter_context(running_hub(base))
        postgres = stack.enter_context(running_postgres())
        for part in ("sqlite", "postgresql"):
            (base / part).mkdir()
        lite, lite_over = measure(hub, base / "sqlite", f"sqlite:///{base}/ledger.sqlite", replicas=1)
        seconds, over = measure(hub, base / "postgresql", postgres.new(), replicas=2)
    p99, lite_p99 = percentile(seconds, 0.99) * 1000, percentile(lite, 0.99) * 1000
    beside = f"SQLite, one service: {lite_p99:.1f} ms"
    tell("admission_scale_1000_p99_ms", p99, "ms", target=100, compared_with=beside)
    tell("over_grants", over + lite_over, "cores", target=0, compared_with="PostgreSQL and SQLite together")


if __name__ == "__main__":
    main()
