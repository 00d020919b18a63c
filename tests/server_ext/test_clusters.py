"""Through a real gateway, as the person: the comparison of packages, and the stop."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hub_ext.contract.environment import EnvironmentComparison, Severity, Verdict
from hub_ext.contract.reasons import Reason
from tests.server_ext import programs
from tests.server_ext.environments import write
from tests.server_ext.programs import Program, until


def _compare(lab: Program, cluster: str, kernel: str) -> EnvironmentComparison:
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", {"kernel": kernel, "fresh": True})
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


def test_the_first_worker_is_waited_for(lab: Program, gateway: Program) -> None:
    """Where workers have started, a comparison that comes before the first has reached its scheduler takes it in."""
    name = programs.new_cluster(gateway, workers=1)
    answer = lab.call(f"gatehouse/clusters/{name}/environment", "POST", {"has_workers": True})
    lab.call(f"gatehouse/clusters/{name}/stop", "POST")
    assert EnvironmentComparison.model_validate_json(answer.text).workers == 1


def test_a_module_beside_the_notebook_is_missing_on_the_workers(lab: Program, cluster: str, directory: Path) -> None:
    """What its cells import is looked for in the directory in which its kernel starts."""
    _workers(lab, cluster)
    write(directory / "deep" / "own_module.py", "import yaml\n")
    asked = {"notebook": "deep/a.ipynb", "sources": ["import own_module, numpy", "def ("], "fresh": True}
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", asked)
    found = EnvironmentComparison.model_validate_json(answer.text)
    (row,) = found.differences
    assert (row.name, row.verdict, row.severity) == ("own_module", Verdict.missing, Severity.imported)
    assert (row.differing, found.imports, found.unread) == (2, 3, 1)
    beside = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", {**asked, "notebook": "a.ipynb"})
    assert EnvironmentComparison.model_validate_json(beside.text).differences == ()


@pytest.mark.parametrize(
    "asked",
    [{"notebook": "../../etc/a.ipynb"}, {"sources": "import a"}, {"run": "this"}, {"kernel": "x" * 300}],
    ids=["out of the files", "no list", "another key", "a long name"],
)
def test_a_request_of_another_shape_is_refused(lab: Program, cluster: str, asked: dict[str, object]) -> None:
    """Nothing is compared, and the answer says what to send."""
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", asked)
    assert answer.status == 422
    assert answer.json["error"]["reason"] == Reason.invalid_request


def test_an_answer_is_kept_for_a_moment(lab: Program, cluster: str) -> None:
    """Two panels that look at once cost one comparison."""
    path = f"gatehouse/clusters/{cluster}/environment"
    assert lab.call(path, "POST", {}).text == lab.call(path, "POST", {}).text


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
    answer = lab.call(f"gatehouse/clusters/{cluster}/environment", "POST", {"kernel": kernel})
    assert answer.status == status
    assert words in answer.json["error"]["message"]


def test_a_cluster_that_is_not_there_is_not_found(lab: Program) -> None:
    """The gateway's 404 becomes a sentence."""
    answer = lab.call(f"gatehouse/clusters/{'0' * 32}/environment", "POST")
    assert answer.status == 404
    assert "You have no cluster" in answer.json["error"]["message"]


def test_stopping_what_is_gone_is_done(lab: Program) -> None:
    """A second stop, or one that comes too late, is no error: the gateway answers it like the first."""
    assert lab.call(f"gatehouse/clusters/{'0' * 32}/stop", "POST").status == 204


@pytest.mark.parametrize("path", ["environment", "stop"])
def test_a_server_without_a_gateway_says_so(bare_lab: Program, path: str) -> None:
    """Without DASK_GATEWAY__ADDRESS the answer names it."""
    answer = bare_lab.call(f"gatehouse/clusters/abc/{path}", "POST")
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
    answer = lab.call(f"gatehouse/clusters/{name}/environment", "POST")
    assert answer.status in {404, 409}
    assert answer.json["error"]["reason"] == Reason.not_found
