"""One Jupyter server with everything behind it, for the whole room."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server_ext import programs
from tests.server_ext.programs import Program
from tests.support.panel_service import TOKEN


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of all programs of this room."""
    return tmp_path_factory.mktemp("server_ext")


@pytest.fixture(scope="session")
def running_service(directory: Path) -> Iterator[Program]:
    """The stand-in for the usage service."""
    with programs.panel_service(directory) as found:
        yield found


@pytest.fixture
def service(running_service: Program) -> Program:
    """The same, saying what it says normally."""
    running_service.call("/control?scenario=normal", "POST")
    return running_service


@pytest.fixture(scope="session")
def gateway(directory: Path) -> Iterator[Program]:
    """A real Dask Gateway."""
    with programs.gateway(directory) as found:
        yield found


@pytest.fixture(scope="session")
def cluster(gateway: Program) -> str:
    """Name of a running cluster of alice with two workers."""
    return programs.new_cluster(gateway, workers=2)


@pytest.fixture(scope="session")
def kernels(directory: Path) -> Path:
    """A Jupyter path with kernels of our own: one whose packages differ, one that is gone, one that is not Python."""
    packages = directory / "packages"
    for name, version in {"tornado": "0.1", "only-here": "3.0"}.items():
        info = packages / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    start = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specs: dict[str, dict[str, Any]] = {
        "differs": {"argv": [sys.executable, *start], "env": {"PYTHONPATH": str(packages)}, "language": "python"},
        "gone": {"argv": ["/nowhere/python", *start], "language": "python"},
        "r": {"argv": ["R", "--slave"], "language": "R"},
    }
    for name, spec in specs.items():
        place = directory / "jupyter" / "kernels" / name
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps({"display_name": name.capitalize(), **spec}))
    return directory / "jupyter"


@pytest.fixture(scope="session")
def lab(directory: Path, running_service: Program, gateway: Program, kernels: Path) -> Iterator[Program]:
    """A Jupyter server as the hub would start it for alice."""
    tcp = gateway.headers["X-Tcp"]
    with programs.jupyter_server(
        directory,
        GATEHOUSE_URL=f"{running_service.url}/services/gatehouse/",
        JUPYTERHUB_API_TOKEN=TOKEN,
        DASK_GATEWAY__ADDRESS=gateway.url,
        DASK_GATEWAY__PROXY_ADDRESS=f"gateway://127.0.0.1:{tcp}",
        DASK_GATEWAY__AUTH__TYPE="basic",
        DASK_GATEWAY__AUTH__KWARGS='{"username": "alice"}',
        JUPYTER_PATH=str(kernels),
    ) as found:
        yield found


@pytest.fixture(scope="session")
def bare_lab(directory: Path) -> Iterator[Program]:
    """A Jupyter server that somebody started without a hub."""
    with programs.jupyter_server(directory) as found:
        yield found
