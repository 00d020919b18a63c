"""What schedulers and workers write is kept, bounded, for its owner alone, and for some days after the end."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from hub_ext.cluster.log_files import LogFiles
from hub_ext.contract.logs import MOST_BYTES, KeptLogs
from hub_ext.contract.usage import UnitKind
from tests.cluster.gateway import Answer, Gateway, running_gateway, until
from tests.cluster.lab import Lab
from tests.cluster.stand_in import StandIn
from tests.support.hub import Hub

BOUND = 2**18
ENDS_AT_ONCE = """
c.GatehouseLocalClusterConfig.scheduler_cmd = ["sh", "-c", "echo no module named lost >&2; exit 3"]
"""


def logs(gateway: Gateway, name: str, token: str, query: str = "") -> Answer:
    """Ask a gateway for the logs of a cluster."""
    return gateway.call("GET", f"/api/v1/clusters/{name}/logs{query}", token=token)


def kept(answer: Answer) -> KeptLogs:
    """Return what it answered."""
    assert answer.status == 200, answer
    return KeptLogs.model_validate(answer.body)


def text(found: KeptLogs, source: str) -> str:
    """Return the text of one process."""
    return next(tail.text for tail in found.tails if tail.source == source)


@pytest.fixture(scope="module")
def ended(hub: Hub, gateway: Gateway, desk: StandIn) -> tuple[str, KeptLogs, KeptLogs]:
    """A cluster of dan's that is over, with its logs as they were while it ran, and afterwards."""
    dan = hub.token("dan")
    desk.cap = 12
    name = gateway.create(dan)
    gateway.scale(name, 1, dan)

    def started() -> KeptLogs | None:
        found = kept(logs(gateway, name, dan))
        return found if any("Registered to" in tail.text for tail in found.tails) else None

    before = until("its worker has written", started, 30)
    gateway.delete(name, dan)
    until("stopped", lambda: gateway.status(name, dan) == "STOPPED")
    return name, before, kept(logs(gateway, name, dan))


def test_logs_are_there_while_it_runs_and_after_its_end(ended: tuple[str, KeptLogs, KeptLogs]) -> None:
    """Scheduler and worker are told apart, and whether they run; nothing is lost by the end."""
    _, before, after = ended
    for found, running in ((before, True), (after, False)):
        assert [(one.kind, one.running) for one in found.sources] == [
            (UnitKind.scheduler, running),
            (UnitKind.worker, running),
        ]
    assert "distributed.scheduler - INFO" in text(after, "scheduler")
    worker = after.sources[1].name
    assert worker.startswith("worker-")
    assert text(after, worker).startswith(text(before, worker).rstrip())
    assert after.kept_days == 7


def test_only_its_owner_reads_them(lab: Lab, ended: tuple[str, KeptLogs, KeptLogs]) -> None:
    """Somebody else, an operator among them, is told what they are told of a cluster that never was."""
    name = ended[0]
    for user in ("alice", "adam"):
        refused = logs(lab.gateway, name, lab.hub.token(user))
        never = logs(lab.gateway, "0" * 32, lab.hub.token(user))
        assert (refused.status, refused.body["detail"]["reason"]) == (404, "not_found")
        assert refused.body["error"].replace(name, "") == never.body["error"].replace("0" * 32, "")
    assert lab.gateway.call("GET", f"/api/v1/clusters/{name}/logs").status == 401


def test_files_are_the_gateways_alone(gateway: Gateway, ended: tuple[str, KeptLogs, KeptLogs]) -> None:
    """No other account of the machine reads them."""
    folder = gateway.directory / "data" / "logs" / ended[0]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("source", ["../owner", "owner", "..", "scheduler.log", "/etc/passwd", "worker-\0"])
def test_a_source_is_no_path(lab: Lab, ended: tuple[str, KeptLogs, KeptLogs], source: str) -> None:
    """Only what is listed can be asked for."""
    answer = logs(lab.gateway, ended[0], lab.hub.token("dan"), f"?source={quote(source, safe='')}")
    assert answer.status == 404
    assert "Ask without a source" in answer.body["error"]


@pytest.mark.parametrize("name", ["..", ".", "../logs", "x/../../gateway.key", "/etc", "x\n", "é", "-x"])
def test_a_name_is_no_path(lab: Lab, tmp_path: Path, name: str) -> None:
    """What is no cluster's name reaches no file: by the route, and by the files' own door."""
    for level in (tmp_path, tmp_path / "logs", tmp_path / "logs" / "x"):
        level.mkdir(exist_ok=True)
        (level / "owner").write_text("dan")
        (level / "scheduler.log").write_text("secret")
    files = LogFiles(tmp_path / "logs")
    assert (files.owner(name), files.written(name)) == (None, [])
    answer = logs(lab.gateway, quote(name, safe=""), lab.hub.token("dan"))
    assert answer.status in {404, 405}


@pytest.mark.parametrize("tail", ["-1", "x", "1e3", "0", str(MOST_BYTES + 1), "9" * 400, "\u0663000"])
def test_a_tail_is_a_number_of_bytes(lab: Lab, ended: tuple[str, KeptLogs, KeptLogs], tail: str) -> None:
    """Another one is refused, with the bounds."""
    answer = logs(lab.gateway, ended[0], lab.hub.token("dan"), f"?tail={quote(tail)}")
    assert (answer.status, answer.body["detail"]["reason"]) == (422, "invalid_request")


def test_a_failed_start_keeps_the_schedulers_log_until_its_days_are_over(
    tmp_path: Path, hub: Hub, desk: StandIn
) -> None:
    """Its owner reads why; the next gateway still has it, and removes it when it is too old."""
    dan = hub.token("dan")
    gateway = Gateway(tmp_path / "gateway", hub.api_url, desk.url, hub.tokens["dask-gateway"], more=ENDS_AT_ONCE)
    with running_gateway(gateway):
        name = gateway.call("POST", "/api/v1/clusters/", {"cluster_options": {}}, token=dan).body["name"]
        until("failed", lambda: gateway.status(name, dan) == "FAILED")
        assert text(kept(logs(gateway, name, dan)), "scheduler") == "no module named lost\n"
        gateway.kill()
        gateway.start()
        assert [one.running for one in kept(logs(gateway, name, dan)).sources] == [False]
        gateway.kill()
        gateway.more += "c.GatehouseLocalBackend.logs_days = 0.0\n"
        gateway.start()
        until("swept", lambda: not (gateway.directory / "data" / "logs" / name).exists())
        assert logs(gateway, name, dan).body.get("sources", []) == []


def write(files: LogFiles, source: str, program: str) -> subprocess.Popen[bytes]:
    """Start a program that writes to a log."""
    descriptor = files.create("c1", source)
    try:
        return subprocess.Popen([sys.executable, "-u", "-c", program], stdout=descriptor)
    finally:
        os.close(descriptor)


def test_a_log_is_bounded_while_its_process_writes_on(tmp_path: Path) -> None:
    """Beginning and end stay, whole; the middle takes no disk, and a line says how much is missing."""
    files = LogFiles(tmp_path)
    files.claim("c1", "dan")
    program = "for n in range(40_000): print(f'line {n:06} ' + 'x' * 88)"
    with write(files, "worker-w1", program) as process:
        while process.poll() is None:
            files.bound("c1", BOUND)
    files.bound("c1", BOUND)
    path = tmp_path / "c1" / "worker-w1.log"
    [written] = files.written("c1")
    assert written.size == path.stat().st_size == 40_000 * 101
    assert path.stat().st_blocks * 512 <= BOUND
    lines = files.tail("c1", "worker-w1", 32_768).splitlines()
    assert lines[0].startswith("line 000000 ")
    assert lines[-1].startswith("line 039999 ")
    shown = [line for line in lines if line.startswith("line ")]
    missing = next(line for line in lines if line not in shown and line)
    left_out = 40_000 * 101 - sum(len(line) + 1 for line in shown)
    assert abs(int(missing.split()[1]) - left_out) <= 1
    assert {len(line) for line in shown} == {100}
    everything = files.tail("c1", "worker-w1", MOST_BYTES)
    assert "\0" not in everything
    assert {len(line) for line in everything.splitlines() if line.startswith("line ")} == {100}


def test_what_is_too_old_goes_and_what_lives_stays(tmp_path: Path) -> None:
    """By the last line written, not by the start; beyond a number the oldest go first."""
    files = LogFiles(tmp_path)
    for name in ("old", "older", "young", "living"):
        files.claim(name, "dan")
    ages: dict[str, Any] = {"older": 9, "old": 8, "living": 30}
    for name, days in ages.items():
        at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        for path in (tmp_path / name / "owner", tmp_path / name):
            os.utime(path, (at, at))
    week = datetime.now(UTC) - timedelta(days=7)
    assert files.prune(week - timedelta(days=30), living={"living"}, most=2) == ["older"]
    assert files.prune(week, living={"living"}, most=9) == ["old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["living", "young"]
