"""A kernel and a Dask cluster in two real environments that differ, compared as the extension does."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from distributed import Client
from distributed.core import rpc

from hub_ext.contract.environment import EnvironmentComparison, PackageComparison, Severity, Verdict
from server_ext.environments.checks import cluster_snapshots
from server_ext.environments.compare import Subject, compare
from server_ext.environments.content import names_to_find
from server_ext.environments.imports import imports_of
from server_ext.environments.kernels import Kernel, kernel_snapshot
from server_ext.environments.sides import Sides, read_snapshot
from server_ext.environments.snapshot import FILES, MODULES, snapshot
from tests.server_ext.environments import Environment, dask_cluster, new_environment, write

SECRET = "hunter2"
CELLS = ("import geo_tools, shopkit, os\nimport dask", "def f():\n    from mylib import join")


@dataclass(frozen=True)
class Place:
    """Two environments, a notebook's directory, and a cluster."""

    kernel: Environment
    cluster: Environment
    notebook: Path
    project: Path
    trap: Path
    """Is there once a module of theirs has run."""
    scheduler: str

    async def compare(self) -> EnvironmentComparison:
        """Compare as the extension does."""
        imports = imports_of(CELLS)
        kernel = Kernel("geo", "Geo", (self.kernel.python,), {})
        mine = await kernel_snapshot(kernel, imports.names, str(self.notebook), seconds=30)
        async with rpc(self.scheduler) as scheduler:
            theirs = await cluster_snapshots(scheduler, names_to_find(mine))
        return compare(Sides(mine, *theirs), Subject("abc", "geo", "Geo", datetime.now(UTC)), imports)

    async def rows(self) -> dict[str, PackageComparison]:
        """Return the differences by name."""
        return {row.name: row for row in (await self.compare()).differences}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A kernel with newer packages, an editable one and modules of the notebook's own; workers with older ones."""
    root = tmp_path_factory.mktemp("environments")
    kernel, cluster = new_environment(root / "kernel"), new_environment(root / "cluster")
    notebook, project, trap = root / "home", root / "shopkit", root / "was-imported"
    springs = f"from pathlib import Path\nPath({str(trap)!r}).touch()\n"
    kernel.install("geo-tools", "2.0", "geo_tools")
    cluster.install("geo-tools", "1.0", "geo_tools")
    kernel.install("numpy", "1.26.4", "numpy")
    kernel.install("only-here", "1.0", "only_here")
    kernel.install_editable("acme-shop", "1.0", "shopkit", project)
    write(project / "shopkit" / "__init__.py", f"{springs}VERSION = 2\n")
    cluster.install("acme-shop", "1.0", "shopkit", "VERSION = 1\n")
    write(notebook / "mylib.py", f"{springs}import helper\nPASSWORD = '{SECRET}'\n")
    write(notebook / "helper.py", springs)
    write(notebook / "unused.py", springs)
    with dask_cluster(cluster, root / "dask", workers=2) as scheduler:
        yield Place(kernel, cluster, notebook, project, trap, scheduler)


async def test_the_workers_lack_and_differ(place: Place) -> None:
    """Every kind of difference between two real environments is a row, and none of the rest is."""
    found = await place.compare()
    while found.workers < 2:
        found = await place.compare()
    rows = {row.name: (row.severity, row.verdict, row.effect) for row in found.differences}
    assert rows == {
        "numpy": (Severity.critical, Verdict.different, "pickles may break"),
        "geo-tools": (Severity.imported, Verdict.different, "your code may behave differently"),
        "acme-shop": (Severity.imported, Verdict.different, "your edit is not there"),
        "mylib": (Severity.imported, Verdict.missing, "your tasks will not find it"),
        "helper": (Severity.imported, Verdict.missing, "your tasks will not find it"),
        "only-here": (Severity.other, Verdict.missing, ""),
    }
    assert [row.name for row in found.differences] == [
        "numpy",
        "acme-shop",
        "geo-tools",
        "helper",
        "mylib",
        "only-here",
    ]
    assert (found.python.verdict, found.system.verdict) == (Verdict.same, Verdict.same)
    assert found.imports == 5  # geo-tools, acme-shop, dask, mylib, helper
    edited = next(row for row in found.differences if row.name == "acme-shop").edited_at
    changed = (place.project / "shopkit" / "__init__.py").stat().st_mtime
    assert edited == datetime.fromtimestamp(int(changed), UTC)


async def test_what_is_sent_to_the_workers_is_equal(place: Place) -> None:
    """The next step that a row names ends it: a file, and a zipped package; an edit after that is told again."""
    archive = shutil.make_archive(str(place.notebook / "shopkit"), "zip", place.project, "shopkit")
    async with Client(place.scheduler, asynchronous=True) as client:
        await client.upload_file(str(place.notebook / "helper.py"))
        await client.upload_file(str(place.notebook / "mylib.py"))
        await client.upload_file(archive)
    assert not {"mylib", "helper", "acme-shop"} & (await place.rows()).keys()

    write(place.notebook / "mylib.py", f"import helper\nPASSWORD = '{SECRET}!'\n")
    row = (await place.rows())["mylib"]
    assert (row.verdict, row.effect, row.differing) == (Verdict.different, "your edit is not there", 2)
    assert row.edited_at is not None


async def test_only_hashes_leave_the_kernel_and_nothing_is_imported(place: Place) -> None:
    """The answer holds no line of a source, and no module ran to give it."""
    place.trap.unlink(missing_ok=True)  # an upload imports what it brings
    kernel = Kernel("geo", "Geo", (place.kernel.python,), {})
    mine = await kernel_snapshot(kernel, ("mylib", "shopkit"), str(place.notebook), seconds=30)
    assert {"mylib", "helper", "shopkit"} <= mine.modules.keys()
    assert SECRET not in repr(mine)
    text = snapshot(["mylib", "helper"], str(place.notebook), follow=True)
    assert SECRET not in text
    await place.compare()
    assert not place.trap.exists()


def test_a_search_has_an_end(tmp_path: Path) -> None:
    """A module of too many files is read in part and says so; of too many modules only the first are read."""
    for number in range(FILES + 1):
        write(tmp_path / "big" / f"m{number}.py", "")
    names = [f"own{number}" for number in range(MODULES + 5)]
    for name in names:
        write(tmp_path / f"{name}.py", "")
    found = read_snapshot(snapshot(["big", *names], str(tmp_path), follow=True))
    assert found.modules["big"].cut
    assert len(found.modules) == MODULES


def test_a_directory_without_a_package_is_no_module_when_it_is_installed(tmp_path: Path) -> None:
    """A folder of data named like a package does not hide it: Python would not import it either."""
    (tmp_path / "pytest").mkdir()
    found = read_snapshot(snapshot(["pytest"], str(tmp_path), follow=True))
    assert found.modules == {}
    assert found.provides == {"pytest": ("pytest",)}


def test_a_package_has_the_name_under_which_it_is_installed() -> None:
    """``import yaml`` is PyYAML."""
    found = read_snapshot(snapshot(["yaml", "json", "nowhere"], follow=True))
    assert found.provides == {"yaml": ("pyyaml",), "nowhere": ("nowhere",)}
