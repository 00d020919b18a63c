"""Through a real gateway, as the person: the comparison of packages, and the stop."""

import sys
from importlib.metadata import version

import pytest

from hub_ext.contract.environment import EnvironmentComparison, Verdict
from hub_ext.contract.reasons import Reason
from tests.server_ext import programs
from tests.server_ext.programs import Program, until


def _compare(lab: Program, cluster: str, kernel: str) -> EnvironmentComparison:
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment?kernel={kernel}&fresh=1")
    assert answer.status == 200, answer.text
    return EnvironmentComparison.model_validate_json(answer.text)


def _workers(lab: Program, cluster: str) -> EnvironmentComparison:
    """Return a comparison once both workers have come."""

    def ready() -> EnvironmentComparison | None:
        found = _compare(lab, cluster, "python3")
        return found if found.workers == 2 else None

    return until("both workers are there", ready)


def test_the_same_environment_is_equal(lab: Program, cluster: str) -> None:
    """Kernel, scheduler and two workers of one environment have no difference."""
    found = _workers(lab, cluster)
    assert found.differences == ()
    assert found.python.verdict is Verdict.same
    assert found.python.kernel == ".".join(map(str, sys.version_info[:3]))
    assert found.same > 50


def test_what_the_kernel_has_alone_is_found(lab: Program, cluster: str) -> None:
    """Another version is different, and a package that only the kernel has is missing."""
    _workers(lab, cluster)
    found = _compare(lab, cluster, "differs")
    rows = {row.name: (row.verdict, row.kernel, row.workers) for row in found.differences}
    assert rows == {
        "tornado": (Verdict.different, "0.1", (version("tornado"),)),
        "only-here": (Verdict.missing, "3.0", (None,)),
    }
    assert found.kernel_title == "Differs"


def test_an_answer_is_kept_for_a_moment(lab: Program, cluster: str) -> None:
    """Two panels that look at once cost one comparison."""
    path = f"gatehouse/clusters/{cluster}/environment?kernel=python3"
    assert lab.call(path).text == lab.call(path).text


@pytest.mark.parametrize(
    ("kernel", "status", "words"),
    [
        ("nobody", 404, "no kernel named 'nobody'"),
        ("r", 422, "R is no Python kernel"),
        ("gone", 503, "The Python of Gone does not start"),
    ],
)
def test_a_kernel_that_cannot_be_asked_says_why(
    lab: Program, cluster: str, kernel: str, status: int, words: str
) -> None:
    """Each refusal names the kernel and what to do."""
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment?kernel={kernel}")
    assert answer.status == status
    assert words in answer.json["error"]["message"]


def test_a_cluster_that_is_not_there_is_not_found(lab: Program) -> None:
    """The gateway's 404 becomes a sentence."""
    answer = lab.call(f"gatehouse/clusters/{'0' * 32}/environment")
    assert answer.status == 404
    assert "You have no cluster" in answer.json["error"]["message"]


def test_stopping_what_is_gone_is_done(lab: Program) -> None:
    """A second stop, or one that comes too late, is no error: the gateway answers it like the first."""
    assert lab.call(f"gatehouse/clusters/{'0' * 32}/stop", "POST").status == 204


@pytest.mark.parametrize(("verb", "path"), [("GET", "environment"), ("POST", "stop")])
def test_a_server_without_a_gateway_says_so(bare_lab: Program, verb: str, path: str) -> None:
    """Without DASK_GATEWAY__ADDRESS the answer names it."""
    answer = bare_lab.call(f"gatehouse/clusters/abc/{path}", verb)
    assert answer.status == 404
    assert "DASK_GATEWAY__ADDRESS" in answer.json["error"]["message"]


def test_a_stop_stops(lab: Program, gateway: Program) -> None:
    """The gateway ends the cluster; afterwards its packages cannot be read, and the answer says so."""
    name = programs.new_cluster(gateway, workers=0)
    assert lab.call(f"gatehouse/clusters/{name}/stop", "POST").status == 204
    until(
        "the cluster has stopped",
        lambda: gateway.call(f"/api/v1/clusters/{name}").json["status"] in {"STOPPED", "FAILED"},
    )
    answer = lab.call(f"gatehouse/clusters/{name}/environment")
    assert answer.status in {404, 409}
    assert answer.json["error"]["reason"] == Reason.not_found
