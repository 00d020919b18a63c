"""One cluster alone: its lines, newest first, with time and level where they have any; and the service's history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub_ext.contract.history import ClusterHistory
from hub_ext.contract.logs import ClusterLogs, KeptLogs, LogLevel, LogTail
from server_ext.logs import lines_of, newest_first
from tests.server_ext.programs import Program
from tests.support.panel_service import history

SAMPLE = Path(__file__).parents[1] / "support" / "cluster_page" / "logs.json"
AT = datetime(2026, 11, 21, 14, 4, 12, 250_000, tzinfo=UTC)
"""15:04:12.25 where the clock is an hour ahead of UTC."""


def line(text: str) -> tuple[object, object, str]:
    """Return time, level and text of a line."""
    [found] = lines_of("scheduler", text, 3600)
    return found.at, found.level, found.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21 15:04:12,250 - distributed.core - INFO - Starting - now", (AT, LogLevel.info, "Starting - now")),
        ("2026-11-21 15:04:12,250 - distributed - ERROR - ", (AT, LogLevel.error, "")),
        ("2026-11-21 15:04:12,250 - distributed.core - LOUD - x", None),
        ("2026-13-41 15:04:12,250 - distributed.core - INFO - x", None),
        ('  File "x.py", line 3', None),
        ("\x1b[31mred\x1b[0m", (None, None, "red")),
        ("x" * 9_000, (None, None, "x" * 4_000)),
    ],
    ids=["a line", "without a text", "an unknown level", "no such day", "a traceback", "colours", "a long one"],
)
def test_a_line(text: str, expected: tuple[object, object, str] | None) -> None:
    """What does not look like distributed's is told as it is."""
    assert line(text) == (expected or (None, None, text))


def test_the_newest_come_first_and_a_printed_line_stays_where_it_was() -> None:
    """Lines of several processes are told in the order of time; what has no time follows what was before it."""
    at = "2026-11-21 15:04:1{}".format
    tails = (
        LogTail(source="a", text=f"early\n{at(1)} - a - INFO - one\nprinted\n{at(5)} - a - INFO - five\n"),
        LogTail(source="b", text=f"{at(3)} - b - INFO - three\r\n\n{at(9)} - b - INFO - nine\n"),
    )
    kept = KeptLogs(cluster="c", kept_days=7, utc_offset=0, sources=(), tails=tails)
    found = newest_first(kept, AT, 5)
    assert [one.text for one in found.lines] == ["nine", "five", "three", "printed", "one"]
    assert found.left_out == 1


def test_the_panels_sample_is_what_is_sent() -> None:
    """The sample that the panel's own tests read is one of these messages."""
    assert ClusterLogs.model_validate_json(SAMPLE.read_text(encoding="utf-8")).left_out == 3


def test_the_lines_of_all_processes(lab: Program) -> None:
    """From a real gateway, as the person."""
    answer = lab.call("gatehouse/clusters/cluster-of-alice/logs")
    assert answer.status == 200, answer.text
    found = ClusterLogs.model_validate_json(answer.text)
    assert [(one.source, one.level, one.text) for one in found.lines] == [
        ("worker-w1", None, "hello"),
        ("worker-w1", LogLevel.warning, "Event loop was unresponsive"),
        ("scheduler", LogLevel.info, "Receive client connection"),
    ]
    assert found.lines[-1].at == AT
    assert datetime.now(UTC) - found.as_of < timedelta(minutes=5)


def test_the_lines_of_one_process_and_how_many(lab: Program) -> None:
    """The list of processes stays whole."""
    answer = lab.call("gatehouse/clusters/cluster-of-alice/logs?source=scheduler")
    found = ClusterLogs.model_validate_json(answer.text)
    assert {one.source for one in found.lines} == {"scheduler"}
    assert [one.name for one in found.sources] == ["scheduler", "worker-w1"]
    fewer = ClusterLogs.model_validate_json(lab.call("gatehouse/clusters/cluster-of-alice/logs?lines=2").text)
    assert (len(fewer.lines), fewer.left_out) == (2, 1)


@pytest.mark.parametrize("path", ["cluster-of-bob/logs", "nothing/logs", "cluster-of-alice/logs?source=../owner"])
def test_what_is_not_there_or_not_mine_is_not_found(lab: Program, path: str) -> None:
    """The same sentence for all of them."""
    answer = lab.call(f"gatehouse/clusters/{path}")
    assert answer.status == 404
    assert "There are no logs of the cluster" in answer.json["error"]["message"]


@pytest.mark.parametrize("lines", ["0", "-5", "x", "2001", "9" * 99])
def test_a_wrong_number_of_lines_is_refused(lab: Program, lines: str) -> None:
    """With its bounds."""
    answer = lab.call(f"gatehouse/clusters/cluster-of-alice/logs?lines={lines}")
    assert (answer.status, answer.json["error"]["reason"]) == (422, "invalid_request")
    assert "from 2 to 2000" in answer.json["error"]["message"]


def test_a_server_without_a_gateway_says_so(bare_lab: Program) -> None:
    """Without DASK_GATEWAY__ADDRESS the answer names it."""
    answer = bare_lab.call("gatehouse/clusters/abc/logs")
    assert answer.status == 404
    assert "DASK_GATEWAY__ADDRESS" in answer.json["error"]["message"]


def test_the_history_is_the_services(lab: Program, service: Program) -> None:
    """Passed on as it is; and so is its refusal."""
    assert service.url
    name = history().cluster.id
    found = ClusterHistory.model_validate_json(lab.call(f"gatehouse/clusters/{name}/history").text)
    assert found == history()
    refused = lab.call("gatehouse/clusters/other/history")
    assert (refused.status, refused.json["error"]["message"]) == (404, "You have no cluster other.")
