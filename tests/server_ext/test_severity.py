"""How bad a difference is, as a table of cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_ext.contract.environment import Severity, Verdict
from server_ext.environments.severity import CONNECTION, MISSING, PICKLES, PYTHON, SYSTEM, Difference, judge, release

CRITICAL, IMPORTED, OTHER = Severity.critical, Severity.imported, Severity.other


def _difference(
    name: str, kernel: str | None, other: str, *, imported: bool = False, module: bool = False
) -> Difference:
    return Difference(name, Verdict.different, kernel, (other,), "on all 2 workers", imported=imported, module=module)


@pytest.mark.parametrize(
    ("name", "kernel", "other", "imported", "expected"),
    [
        pytest.param(PYTHON, "3.11.7", "3.12.1", False, (CRITICAL, "functions cannot be sent"), id="python minor"),
        pytest.param(PYTHON, "3.11.7", "3.11.7 PyPy", False, (CRITICAL, "functions cannot be sent"), id="pypy"),
        pytest.param(
            PYTHON, "3.11.7", "3.11.2", False, (OTHER, "only the bug-fix release differs"), id="python bug fix"
        ),
        pytest.param(SYSTEM, "Linux x86_64", "Linux aarch64", False, (OTHER, "compiled code may differ"), id="machine"),
        pytest.param(
            "distributed", "2026.7.0", "2026.7.1", False, (CRITICAL, "the connection may break"), id="dask day"
        ),
        pytest.param(
            "tornado", "6.5.1", "6.5.2", True, (IMPORTED, "your code may behave differently"), id="tornado fix"
        ),
        pytest.param("tornado", "6.5", "6.4", False, (CRITICAL, "the connection may break"), id="tornado minor"),
        pytest.param(
            "dask", None, "2026.7.0", False, (CRITICAL, "the kernel cannot connect"), id="kernel without dask"
        ),
        pytest.param("pandas", "2.3.1", "2.2.3", True, (CRITICAL, "pickles may break"), id="pandas minor"),
        pytest.param("pandas", "2.2.1", "2.2.3", True, (IMPORTED, "your code may behave differently"), id="pandas fix"),
        pytest.param("pandas", "2.2.1", "2.2.3", False, (OTHER, ""), id="pandas fix, not imported"),
        pytest.param("numpy", "2.1", MISSING, False, (CRITICAL, "your data cannot be read there"), id="numpy missing"),
        pytest.param("numpy", None, "2.1", False, (OTHER, ""), id="the kernel sends no array"),
        pytest.param(
            "geo", None, "1.0", True, (IMPORTED, "your notebook cannot import it"), id="kernel lacks an import"
        ),
        pytest.param(
            "geo", "1.0", MISSING, True, (IMPORTED, "your tasks will not find it"), id="workers lack an import"
        ),
        pytest.param("geo", "1.0", MISSING, False, (OTHER, ""), id="workers lack what is not imported"),
    ],
)
def test_the_severity_of_a_package(
    name: str,
    kernel: str | None,
    other: str,
    imported: bool,  # noqa: FBT001 - a column
    expected: tuple[Severity, str],
) -> None:
    """By what it carries, which part of the version differs, and whether the notebook imports it."""
    found = judge(_difference(name, kernel, other, imported=imported))
    assert (found.severity, found.effect) == expected


def test_a_module_of_ones_own_is_never_critical() -> None:
    """A file named numpy.py beside the notebook is a file, whatever its name."""
    found = judge(_difference("numpy", "a81c2", "1f3c9", imported=True, module=True))
    assert (found.severity, found.effect) == (IMPORTED, "your edit is not there")


def test_the_sentence_has_fact_cause_and_next_step() -> None:
    """All three, in this order, and nothing to look up."""
    assert judge(_difference("mylib", "a81c2", MISSING, imported=True, module=True)).why == (
        "The source of mylib is a81c2 in the kernel and missing on all 2 workers: a task that imports it fails there. "
        'Send yours with client.upload_file("mylib.py"), then compare again.'
    )
    assert judge(_difference("pandas", "2.3.1", "2.2.3")).why == (
        "pandas is 2.3.1 in the kernel and 2.2.3 on all 2 workers: what one pickles the other may not be able to read. "
        "Choose a kernel with the workers' version, or install that one for the kernel and restart it."
    )


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("2.3.1", (2, 3, 1)), ("2", (2, 0, 0)), ("1!2.3rc1", (2, 3, 0)), ("v4.5.6.7+local", (4, 5, 6)), ("x", ("x",))],
)
def test_the_numbers_of_a_version(version: str, numbers: tuple[int | str, ...]) -> None:
    """PEP 440 as far as it matters here; what has no number is only equal to itself."""
    assert release(version, 3) == numbers


@given(
    st.sampled_from([*CONNECTION, *PICKLES, PYTHON, SYSTEM, "geo"]),
    st.none() | st.text(max_size=20),
    st.text(max_size=20),
    st.booleans(),
    st.booleans(),
)
def test_every_difference_has_a_severity_and_a_sentence(
    name: str,
    kernel: str | None,
    other: str,
    imported: bool,  # noqa: FBT001 - a column
    module: bool,  # noqa: FBT001 - as above
) -> None:
    """Whatever a version looks like; and an import never makes a difference smaller."""
    found = judge(_difference(name, kernel, other, imported=imported, module=module))
    unseen = judge(_difference(name, kernel, other, imported=False, module=module))
    assert found.why.count(": ") >= 1
    assert list(Severity).index(found.severity) <= list(Severity).index(unseen.severity)


@given(st.sampled_from([*CONNECTION, *PICKLES]), st.tuples(*[st.integers(0, 30)] * 3), st.integers(0, 2))
def test_a_number_that_matters_is_critical(name: str, version: tuple[int, int, int], place: int) -> None:
    """For each package of the table: critical exactly where one of its first numbers differs."""
    other = tuple(number + (index == place) for index, number in enumerate(version))
    found = judge(_difference(name, ".".join(map(str, version)), ".".join(map(str, other))))
    numbers = {**CONNECTION, **PICKLES}[name]
    assert (found.severity is CRITICAL) == (place < numbers)
