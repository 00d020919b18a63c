"""The comparison as a table of cases."""

from datetime import UTC, datetime

import pytest

from hub_ext.contract.environment import EnvironmentComparison, Verdict
from server_ext.environments.compare import Sides, Snapshot, compare, normalise, read_snapshot
from server_ext.environments.sources import snapshot_expression, snapshot_program


def _has(version: str | None) -> Snapshot:
    return Snapshot("3.11.7", {"pandas": version} if version else {})


def _compare(sides: Sides) -> EnvironmentComparison:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return compare(sides, cluster="abc", kernel="python3", kernel_title="Python 3", now=now)


@pytest.mark.parametrize(
    ("kernel", "scheduler", "workers", "verdict"),
    [
        pytest.param("1", "1", ("1", "1"), Verdict.same, id="one version everywhere"),
        pytest.param("1", "1", (), Verdict.same, id="no worker yet, the scheduler counts"),
        pytest.param("1", "1", ("2",), Verdict.different, id="other workers"),
        pytest.param("1", "2", ("1",), Verdict.different, id="another scheduler"),
        pytest.param("1", "1", ("1", "2"), Verdict.different, id="one other worker"),
        pytest.param("1", "1", ("1", None), Verdict.different, id="one worker without it"),
        pytest.param("1", None, (None, None), Verdict.missing, id="the cluster lacks it"),
        pytest.param(None, "1", ("1",), Verdict.missing, id="the kernel lacks it"),
    ],
)
def test_the_verdict_on_one_package(
    kernel: str | None, scheduler: str | None, workers: tuple[str | None, ...], verdict: Verdict
) -> None:
    """Same, different or missing, by what kernel, scheduler and workers have."""
    found = _compare(Sides(_has(kernel), _has(scheduler), tuple(_has(version) for version in workers)))
    verdicts = [row.verdict for row in found.differences] or [Verdict.same] * found.same
    assert verdicts == [verdict]


def test_each_version_of_the_workers_is_named_once() -> None:
    """A thousand workers of two kinds are two versions."""
    found = _compare(Sides(_has("1"), _has("1"), (_has("1"), _has("2"), _has("1"), _has(None))))
    assert found.differences[0].workers == ("1", "2", None)
    assert found.workers == 4


def test_different_versions_come_before_what_is_missing() -> None:
    """The rows that break a run come first, by name within each kind."""
    kernel = Snapshot("3.11.7", {"b": "1", "a": "1", "z": "1", "y": "1"})
    found = _compare(Sides(kernel, Snapshot("3.12.0", {"z": "2", "y": "2", "c": "1"})))
    assert [row.name for row in found.differences] == ["y", "z", "a", "b", "c"]
    assert found.python.verdict is Verdict.different


@pytest.mark.parametrize("name", ["Foo.Bar_baz", "foo-bar-baz", "FOO__BAR--BAZ"])
def test_a_package_has_one_spelling(name: str) -> None:
    """Names are compared as PEP 503 says."""
    assert normalise(name) == "foo-bar-baz"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"python": "3", "packages": 1}', "Traceback"])
def test_what_is_no_snapshot_is_refused(text: str) -> None:
    """An answer of another shape is a ValueError, never a half comparison."""
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one of them
        read_snapshot(text)


def test_the_snapshot_runs_without_our_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """As an expression and as a program, from its text alone, it says the same."""
    expression = eval(snapshot_expression(), {})  # noqa: S307 - our own text
    exec(snapshot_program(), {"__name__": "__main__"})  # noqa: S102 - our own text
    assert read_snapshot(expression) == read_snapshot(capsys.readouterr().out)
    assert "pytest" in read_snapshot(expression).packages
