"""How bad a difference is, and in which words it is said. Pure.

*Critical* can break the connection, or what is sent over it; *imported* is a difference in what the notebook imports;
*other* is the rest. A judgement about versions is a rule of thumb: the table below says which parts of a version
matter for which package, and where that is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hub_ext.contract.environment import Severity, Verdict

EXACT, MINOR = 3, 2
"""How many numbers of a version must be equal."""

CONNECTION: Mapping[str, int] = MappingProxyType(
    {
        # Required packages in ``distributed/versions.py``, which warns when any two of them differ. The protocol of
        # dask and distributed is not kept between releases: their calendar versions are released in pairs.
        "dask": EXACT,
        "distributed": EXACT,
        "dask-expr": EXACT,
        "msgpack": MINOR,  # frames every message: ``distributed/protocol/core.py``
        "tornado": MINOR,  # carries it: ``distributed/comm/tcp.py``
    }
)
"""What client, scheduler and workers talk with."""

PICKLES: Mapping[str, int] = MappingProxyType(
    {
        "cloudpickle": MINOR,  # required in ``distributed/versions.py``: writes every function that is sent
        "toolz": MINOR,  # required there: its curried and composed functions are parts of task graphs
        "numpy": MINOR,  # optional there: arrays name their private modules, which NumPy 2 renamed
        "pandas": MINOR,  # optional there: pickles are read by the same or a later version (``pandas.read_pickle``)
        "pyarrow": MINOR,  # tables, and the strings of dask.dataframe since 2023.7.1
        "polars": MINOR,  # lazy frames: "serialized format is not stable across Polars versions" (LazyFrame.serialize)
        "scipy": MINOR,  # sparse matrices name their private modules
        "scikit-learn": MINOR,  # "not supported" across versions: its page on model persistence
        "lz4": MINOR,  # optional there: what a worker spilled or sent compressed
        "numba": MINOR,  # sends compiled functions with their types
    }
)
"""What is pickled, or does it."""

PYTHON, SYSTEM = "Python", "System"


MISSING = ""
"""In the place of a version: not there."""


@dataclass(frozen=True)
class Difference:
    """One row that differs, as far as its severity and words depend on it."""

    name: str
    verdict: Verdict
    kernel: str | None
    others: tuple[str, ...]
    """Versions of the cluster that are not the kernel's, each once."""
    where: str
    """Who has them, such as ``on 2 of 3 workers (w-1 is one)``."""
    imported: bool
    module: bool = False
    """It was compared by its sources."""
    package: bool = False
    """It is installed as an editable package, and not a file beside the notebook."""
    partial: bool = False
    """Scheduler and workers are not of one kind: some have what the kernel has."""
    unread: bool = False
    """Somewhere its source could not be read."""


@dataclass(frozen=True)
class Judgement:
    """The severity of a difference with its words."""

    severity: Severity
    effect: str
    why: str


def judge(difference: Difference) -> Judgement:
    """Return how bad a difference is, what may happen, and one sentence with fact, cause and next step."""
    severity = _severity(difference)
    effect, cause = _effect(difference, severity)
    return Judgement(severity, effect, f"{_fact(difference)}: {cause}. {_next_step(difference)}")


def _severity(difference: Difference) -> Severity:
    if _breaks(difference):
        return Severity.critical
    return Severity.imported if difference.imported else Severity.other


def _breaks(difference: Difference) -> bool:
    if difference.name == PYTHON:
        return any(_python(other) != _python(difference.kernel or "") for other in difference.others)
    numbers = CONNECTION.get(difference.name) or PICKLES.get(difference.name)
    if numbers is None or difference.module:
        return False
    if difference.kernel is None:
        return difference.name in CONNECTION  # what the kernel lacks it does not send
    mine = release(difference.kernel, numbers)
    return any(release(other, numbers) != mine for other in difference.others)


def release(version: str, numbers: int) -> tuple[int | str, ...]:
    """Return the first numbers of a version, by PEP 440 without its epoch: what is not there counts as 0.

    A version without numbers is only equal to itself.
    """
    found = re.match(r"(?:\d+!)?v?(\d+(?:\.\d+)*)", version.strip(), re.ASCII)
    if found is None:
        return (version,)
    return (*map(int, found[1].split(".")[:numbers]), 0, 0, 0)[:numbers]


def _python(version: str) -> tuple[str, tuple[int | str, ...]]:
    """Implementation and minor version: what bytecode depends on."""
    number, _, implementation = version.partition(" ")
    return implementation, release(number, MINOR)


def _effect(difference: Difference, severity: Severity) -> tuple[str, str]:
    """Return what may happen, in a few words, and because of what."""
    if difference.name in {PYTHON, SYSTEM}:
        return _of_machines(difference, severity)
    if difference.unread:
        return "could not be compared", "it is not a file, too slow to read, or not yours to read"
    if difference.kernel is None:
        return _kernel_lacks(severity)
    if severity is Severity.critical:
        return _critical(difference)
    return _of_code(difference, severity)


def _of_machines(difference: Difference, severity: Severity) -> tuple[str, str]:
    if difference.name == SYSTEM:
        return "compiled code may differ", "paths and compiled code of one may not be there on the other"
    if severity is Severity.critical:
        return "functions cannot be sent", "functions travel as bytecode, which only the same minor version runs"
    return "only the bug-fix release differs", "its bytecode is the same"


def _of_code(difference: Difference, severity: Severity) -> tuple[str, str]:
    if MISSING in difference.others and (severity is Severity.imported or difference.module):
        return "your tasks will not find it", "a task that imports it fails there"
    if difference.module:
        return "your edit is not there", "tasks run the other source"
    if severity is Severity.imported:
        return "your code may behave differently", "your notebook imports one and its tasks the other"
    return "", "no import of it was seen in the notebook in front"


def _kernel_lacks(severity: Severity) -> tuple[str, str]:
    if severity is Severity.critical:
        return "the kernel cannot connect", "a client is made of it"
    if severity is Severity.imported:
        return "your notebook cannot import it", "only tasks can"
    return "", "no import of it was seen in the notebook in front"


def _critical(difference: Difference) -> tuple[str, str]:
    if difference.name in CONNECTION:
        return "the connection may break", "client, scheduler and workers talk with it"
    if MISSING in difference.others:
        return "your data cannot be read there", "what the kernel pickles with it needs it again to be read"
    return "pickles may break", "what one pickles the other may not be able to read"


def _fact(difference: Difference) -> str:
    subject = f"The source of {difference.name}" if difference.module else difference.name
    others = " or ".join(other or "missing" for other in difference.others)
    return f"{subject} is {difference.kernel or 'missing'} in the kernel and {others} {difference.where}"


def _next_step(difference: Difference) -> str:
    name = difference.name
    if difference.module:
        file = f"{name}.zip" if difference.package else f"{name}.py"
        zipped = ", zipped," if difference.package else ""
        return f'Send yours{zipped} with client.upload_file("{file}"), then compare again.'
    if difference.partial:
        return "Scheduler and workers are not of one environment: start the cluster anew, then compare again."
    if name in (PYTHON, SYSTEM):
        return "Choose a kernel with what the workers have, or ask for workers with what the kernel has."
    if difference.kernel is None:
        return "Install it for the kernel where you need it, then compare again."
    if MISSING in difference.others:
        return f"Ask for {name} {difference.kernel} in the workers' environment, or choose a kernel that has theirs."
    return "Choose a kernel with the workers' version, or install that one for the kernel and restart it."
