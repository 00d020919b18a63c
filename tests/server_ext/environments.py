"""Real environments for the tests of the comparison: a Python of its own with packages as pip leaves them there."""

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

from tests.service.waiting import until


@dataclass(frozen=True)
class Environment:
    """A virtual environment that also sees the packages of the tests' own."""

    directory: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.directory / "bin" / "python")

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        return next(self.directory.glob("lib/python*/site-packages"))

    def install(self, name: str, version: str, module: str, source: str = "") -> None:
        """Put a package there as pip does."""
        self._describe(name, version)
        write(self.packages / module / "__init__.py", source)

    def install_editable(self, name: str, version: str, module: str, project: Path) -> None:
        """Link a project as ``pip install --editable`` does: PEP 610, and a ``.pth`` file."""
        info = self._describe(name, version)
        write(info / "top_level.txt", f"{module}\n")
        told = {"url": project.as_uri(), "dir_info": {"editable": True}}
        write(info / "direct_url.json", json.dumps(told))
        write(self.packages / f"__editable__.{name}-{version}.pth", f"{project}\n")

    def _describe(self, name: str, version: str) -> Path:
        info = self.packages / f"{name.replace('-', '_')}-{version}.dist-info"
        write(info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return info


def write(path: Path, text: str) -> Path:
    """Write a file, and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def new_environment(directory: Path) -> Environment:
    """Make one."""
    venv.create(directory, with_pip=False, symlinks=True)
    made = Environment(directory)
    write(made.packages / "tests.pth", f"{get_path('purelib')}\n")
    return made


@contextmanager
def dask_cluster(environment: Environment, directory: Path, workers: int) -> Iterator[str]:
    """Run a scheduler and workers of that environment; return the scheduler's address."""
    found, running = directory / "scheduler.json", []
    common = ["--scheduler-file", str(found), "--no-dashboard"]
    commands = [["dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common]]
    commands += [["dask_worker", *common, "--no-nanny", "--nthreads", "1", "--name", f"w-{i}"] for i in range(workers)]
    environ = {**os.environ, "DASK_TEMPORARY_DIRECTORY": str(directory / "scratch")}
    try:
        for number, (module, *options) in enumerate(commands):
            place = directory / str(number)
            place.mkdir(parents=True)
            with (place / "log").open("w") as log:
                command = [environment.python, "-m", f"distributed.cli.{module}", *options]
                running.append(subprocess.Popen(command, cwd=place, env=environ, stdout=log, stderr=log))
            if number == 0:
                until(found.exists)
        yield str(json.loads(found.read_text())["address"])
    finally:
        for process in reversed(running):  # a worker whose scheduler is gone looks for it for a while
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
