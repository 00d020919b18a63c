"""The wheel: it holds everything, and a person without node and without root runs the demo from it."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tornado.httpclient import AsyncHTTPClient

from hub_ext import __version__
from hub_ext.contract.account import Health
from hub_ext.contract.paths import HEALTH, SERVICE_NAME
from tests.support.ports import free_port
from tests.support.stack import STOP_WITHIN, demo_command, wait_until_up

ROOT = Path(__file__).parents[2]
NOBODY_SPECIAL = 12345
"""A uid without an account: no name, no home, no rights."""

NEEDED = {
    "the built JupyterLab extension": "server_ext/labextension/package.json",
    "the panel in German": "server_ext/locale/de_DE/LC_MESSAGES/jupyterlab_gatehouse.json",
    "the identity room's pages": "hub_ext/identity/templates/no_group.html",
    "the hub's pages": "hub_ext/wiring/templates/spawn.html",
    "the admin page": "hub_ext/service/static/api.js",
    "the ledger's migrations": "hub_ext/usage/migrations/versions/0001_first_schema.py",
    "the sample policy": "hub_ext/demo/policy.yaml",
    "the identity provider's pins": "hub_ext/demo/idp-requirements.txt",
    "the welcome notebook": "hub_ext/demo/First cluster.ipynb",
    "the hub's configuration": "hub_ext/demo/hub_config.py",
}
SHARED = {
    "JupyterLab finds the extension": "share/jupyter/labextensions/jupyterlab-gatehouse/package.json",
    "jupyter-server finds its part": "etc/jupyter/jupyter_server_config.d/gatehouse.json",
}


@dataclass(frozen=True)
class Dist:
    """What a release publishes."""

    wheel: Path
    sdist: Path

    @property
    def in_wheel(self) -> set[str]:
        """The files in the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    @property
    def in_sdist(self) -> set[str]:
        """The files in the sdist, without its own top folder."""
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Dist:
    """The sdist, and the wheel that is built from it, as ``make build`` makes them."""
    place = tmp_path_factory.mktemp("dist")
    subprocess.run((sys.executable, "-m", "build", "--outdir", str(place), str(ROOT)), check=True, capture_output=True)
    return Dist(next(place.glob("*.whl")), next(place.glob("*.tar.gz")))


@pytest.mark.parametrize("path", [pytest.param(path, id=what) for what, path in NEEDED.items()])
def test_wheel_and_sdist_hold_everything(dist: Dist, path: str) -> None:
    """What is needed at run time is in the wheel and in the sdist."""
    assert path in dist.in_wheel
    assert path in dist.in_sdist


@pytest.mark.parametrize("path", [pytest.param(path, id=what) for what, path in SHARED.items()])
def test_jupyter_finds_its_parts(dist: Dist, path: str) -> None:
    """The wheel puts files where Jupyter looks for them."""
    assert any(name.endswith(f".data/data/{path}") for name in dist.in_wheel)


def test_every_source_file_is_in_the_wheel(dist: Dist) -> None:
    """No file of the packages is left out."""
    kept = {
        path.relative_to(ROOT).as_posix()
        for package in ("hub_ext", "server_ext")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert not kept - dist.in_wheel


def test_the_sdist_holds_no_environment(dist: Dist) -> None:
    """What was installed or built to work on it stays at home."""
    tops = {name.partition("/")[0] for name in dist.in_sdist}
    assert not tops & {"node_modules", ".venv", ".yarn", ".gatehouse", "dist", "build"}


@dataclass(frozen=True)
class Installation:
    """The wheel, installed where an ordinary user may run it."""

    place: Path
    python: Path
    environment: dict[str, str]
    uid: int


@pytest.fixture(scope="module")
def installation(dist: Dist) -> Iterator[Installation]:
    """A fresh environment with the wheel in it, of Debian's Python where there is one."""
    place = Path(tempfile.mkdtemp(prefix="gatehouse-wheel-"))  # pytest's own folders are closed to other users
    try:
        place.chmod(0o755)
        virtualenv = place / "env"
        subprocess.run((sys.executable, "-m", "virtualenv", "-q", "-p", _base_python(), str(virtualenv)), check=True)
        pip = (str(virtualenv / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check")
        subprocess.run((*pip, "-c", str(ROOT / "constraints.txt"), f"{dist.wheel}[demo]"), check=True)
        home = place / "home"
        home.mkdir()
        uid = NOBODY_SPECIAL if os.geteuid() == 0 and _is_open(virtualenv / "bin" / "python") else os.geteuid()
        os.chown(home, uid, -1)
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "VIRTUAL_ENV"))}
        environment = outer | {"PATH": str(virtualenv / "bin"), "HOME": str(home)}
        yield Installation(place, virtualenv / "bin" / "python", environment, uid)
    finally:
        shutil.rmtree(place)


def _base_python() -> str:
    """Return Debian's Python if it is new enough: it is what an unprivileged user has."""
    debian = Path("/usr/bin/python3")
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    if debian.exists() and subprocess.run((str(debian), "-c", check), check=False).returncode == 0:
        return str(debian)
    return sys.executable


def _is_open(program: Path) -> bool:
    """Say whether other users may run a program: not if it really lies in somebody's home."""
    return all(part.stat().st_mode & 0o001 for part in (program.resolve(), *program.resolve().parents))


@pytest.fixture
def demo(installation: Installation) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The demo of that installation, up, as its user; and its address."""
    port = free_port()
    output = installation.place / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            demo_command(installation.place / "home" / "data", port, installation.python),
            cwd=installation.place / "home",
            env=installation.environment,
            user=installation.uid,
            group=installation.uid,
            extra_groups=() if installation.uid != os.geteuid() else None,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_up(process, output)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def test_the_wheel_runs_the_demo(installation: Installation, demo: tuple[subprocess.Popen[bytes], str]) -> None:
    """The installed wheel runs the demo without node, as a user without an account, and leaves no process."""
    process, base = demo
    assert shutil.which("node", path=installation.environment["PATH"]) is None
    answer = await AsyncHTTPClient().fetch(f"{base}/services/{SERVICE_NAME}/{HEALTH}")
    health = Health.model_validate_json(answer.body)
    assert (health.status, health.version) == ("ok", __version__)
    assert {psutil.Process(process.pid).uids().real} == {installation.uid}
    process.send_signal(signal.SIGINT)
    assert process.wait(STOP_WITHIN) == 0
    assert not _processes_from(installation.place)


def _processes_from(place: Path) -> list[str]:
    """Return what runs from an installation: its programs, and the identity provider's below its home."""
    lines = (process.info["cmdline"] or () for process in psutil.process_iter(["cmdline"]))
    return [" ".join(line) for line in lines if any(str(place) in word for word in line)]
