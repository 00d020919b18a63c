"""The comparison as a table of cases."""

import ast
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.environment import EnvironmentComparison, Severity, Verdict
from server_ext.environments.compare import Subject, compare
from server_ext.environments.imports import Imports
from server_ext.environments.sides import Module, Sides, Snapshot, normalise, read_snapshot
from server_ext.environments.snapshot import imported_names
from server_ext.environments.sources import snapshot_expression, snapshot_program, snapshot_source


def _has(version: str | None) -> Snapshot:
    return Snapshot("3.11.7", {"pandas": version} if version else {})


def _compare(sides: Sides, imports: Imports | None = None) -> EnvironmentComparison:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return compare(sides, Subject("abc", "python3", "Python 3", now), imports)


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


def test_the_worst_comes_first() -> None:
    """By severity, then different before missing, then by name; Python and the system have rows of their own."""
    kernel = Snapshot(
        "3.11.7",
        {"b": "1", "a": "1", "z": "1", "y": "1", "numpy": "2.0", "geo": "1"},
        provides={"geo": ("geo",), "y": ("y",)},
    )
    scheduler = Snapshot("3.12.0", {"z": "2", "y": "2", "c": "1", "numpy": "1.26"})
    found = _compare(Sides(kernel, scheduler), Imports(("geo", "y"), unread=1))
    assert [row.name for row in found.differences] == ["numpy", "y", "geo", "z", "a", "b", "c"]
    assert (found.python.verdict, found.python.severity) == (Verdict.different, Severity.critical)
    assert (found.imports, found.unread) == (2, 1)


def test_the_workers_that_differ_are_counted_and_one_is_named() -> None:
    """One of three has another version: the sentence says how many, and which is one."""
    workers = tuple(Snapshot("3.11.7", {"pandas": v}, name=f"w-{v}") for v in ("2.3.1", "2.2.3", "2.3.1"))
    found = _compare(Sides(_has("2.3.1"), _has("2.3.1"), workers)).differences[0]
    assert (found.differing, found.example, found.workers) == (1, "w-2.2.3", ("2.3.1", "2.2.3"))
    assert "2.3.1 in the kernel and 2.2.3 on 1 of 3 workers, such as w-2.2.3:" in found.why
    assert found.why.endswith("start the cluster anew, then compare again.")  # another kernel would not help


def _own(digest: str | None, changed: int = 0, *, cut: bool = False, **more: Any) -> Snapshot:
    return Snapshot("3.11.7", modules={"mylib": Module(digest, changed, cut)}, **more)


def test_a_module_is_compared_by_its_source() -> None:
    """Where the hashes differ it is an edit that is not there, with its time; where they agree it counts as equal."""
    kernel, other = _own("a" * 64, 1000), _own("b" * 64, 900)
    edited = _compare(Sides(kernel, other, (other,)), Imports(("mylib",))).differences[0]
    assert (edited.kernel, edited.workers, edited.severity) == ("aaaaa", ("bbbbb",), Severity.imported)
    assert edited.edited_at == datetime.fromtimestamp(1000, UTC)
    assert 'client.upload_file("mylib.py")' in edited.why
    equal = _compare(Sides(kernel, kernel, (kernel,)), Imports(("mylib",)))
    assert (equal.same, equal.differences) == (1, ())


def test_a_module_that_the_workers_lack_is_no_edit() -> None:
    """Nothing there is older than the kernel's: the row says that tasks will not find it."""
    bare = Snapshot("3.11.7")
    row = _compare(Sides(_own("a" * 64, 1000), bare, (bare, bare)), Imports(("mylib",))).differences[0]
    assert (row.verdict, row.effect, row.edited_at) == (Verdict.missing, "your tasks will not find it", None)


def test_what_could_not_be_read_is_never_equal() -> None:
    """Two sources that nobody read are not the same, and one of which a part was read is named."""
    unread = _own(None)
    row = _compare(Sides(unread, unread, (unread,)), Imports(("mylib",))).differences[0]
    assert (row.verdict, row.effect, row.differing) == (Verdict.different, "could not be compared", 1)
    cut = _own("a" * 64, cut=True)
    assert _compare(Sides(cut, cut), Imports(("mylib",))).partly_read == ("mylib",)


def test_a_package_that_is_edited_in_place_is_one_row() -> None:
    """Its version is the same, its source is not; the row has its name, and other versions stand before the hashes."""
    editable: dict[str, Any] = {
        "packages": {"mylib": "1.0"},
        "editable": {"mylib": ("mylib",)},
        "provides": {"mylib": ("mylib",)},
    }
    kernel = _own("a" * 64, 1000, **editable)
    same, newer = (_own("b" * 64, packages={"mylib": version}) for version in ("1.0", "1.1"))
    (row,) = _compare(Sides(kernel, same), Imports(("mylib",))).differences
    assert (row.name, row.kernel, row.scheduler, row.severity) == ("mylib", "aaaaa", "bbbbb", Severity.imported)
    (row,) = _compare(Sides(kernel, newer), Imports(("mylib",))).differences
    assert (row.kernel, row.scheduler) == ("1.0 aaaaa", "1.1 bbbbb")


VERSIONS = st.dictionaries(
    st.sampled_from(["numpy", "dask", "a", "b", "c"]), st.sampled_from(["1.0", "1.0.1", "2", "x"])
)
SNAPSHOTS = st.builds(
    Snapshot,
    python=st.sampled_from(["3.11.7", "3.11.2", "3.12.0", "3.11.7 PyPy"]),
    packages=VERSIONS,
    provides=st.dictionaries(st.sampled_from(["a", "numpy"]), st.just(("a", "numpy"))),
    modules=st.dictionaries(
        st.sampled_from(["m", "n"]),
        st.builds(Module, st.sampled_from(["a" * 64, "b" * 64, None]), st.integers(0, 9), st.booleans()),
    ),
)


@given(st.builds(Sides, SNAPSHOTS, SNAPSHOTS, st.lists(SNAPSHOTS, max_size=3).map(tuple)))
def test_every_difference_is_told_once_and_judged(sides: Sides) -> None:
    """Whatever is found: each name is one row or one of the same, sorted by severity, and each row says why."""
    found = _compare(sides, Imports(("a", "numpy", "m")))
    names = {name for side in sides.everywhere for name in side.packages} | set(sides.kernel.modules)
    assert found.same + len(found.differences) == len(names)
    assert len({row.name for row in found.differences}) == len(found.differences)
    ranks = [list(Severity).index(row.severity) for row in found.differences]
    assert ranks == sorted(ranks)
    for row in (*found.differences, found.python, found.system):
        told = row.verdict is not Verdict.same
        assert bool(row.why) == told
        assert row.differing <= len(sides.workers)
        assert (row.example is not None) == (row.differing > 0)


@given(SNAPSHOTS.filter(lambda found: all(module.digest for module in found.modules.values())), st.integers(0, 3))
def test_what_is_the_same_everywhere_is_no_difference(found: Snapshot, workers: int) -> None:
    """A cluster that is like its kernel has no row."""
    answer = _compare(Sides(found, found, (found,) * workers), Imports(("a",)))
    assert answer.differences == ()
    assert answer.python.effect == answer.system.effect == ""


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
    """As an expression and as a program, from its text alone, it finds the same packages."""
    expression = eval(snapshot_expression(), {})  # noqa: S307 - our own text
    exec(snapshot_program(), {"__name__": "__main__"})  # noqa: S102 - our own text
    program = read_snapshot(capsys.readouterr().out)
    found = read_snapshot(expression)
    assert (found.python, found.packages, found.system) == (program.python, program.packages, program.system)
    assert "pytest" in found.packages


def test_the_snapshot_is_python_3_8() -> None:
    """Its text has no grammar that a kernel of Python 3.8 does not read, and imports the standard library only."""
    tree = ast.parse(snapshot_source(), feature_version=(3, 8))
    assert set(imported_names(tree)) <= sys.stdlib_module_names
