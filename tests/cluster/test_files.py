"""Run as root or not, the gateway changes the owner of nothing but a new cluster's own directory."""

import getpass
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dask_gateway_server.backends.local import LocalBackend
from traitlets.config import Config

from hub_ext.cluster.accounts import home_of
from hub_ext.cluster.local import GatehouseLocalBackend


@pytest.fixture
def chowned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every path whose owner somebody tried to change; nothing is changed."""
    paths: list[str] = []

    def recorder(path: Any, *_: Any, **__: Any) -> None:
        paths.append(os.fspath(path))

    for name in ("chown", "lchown", "fchown"):
        monkeypatch.setattr(os, name, recorder)
    return paths


def a_cluster() -> Any:
    """Return as much of a cluster as its directory needs."""
    return SimpleNamespace(
        name="c" * 32,
        username=getpass.getuser(),
        tls_cert=b"certificate",
        tls_key=b"key",
        token="token",
        config=SimpleNamespace(environment={}, lease_id="d-1"),
        state={},
    )


def backend(tmp_path: Path, run_as: str, cls: Any = GatehouseLocalBackend) -> Any:
    """Return a backend that keeps its clusters below ``tmp_path``."""
    config = Config()
    config.LocalBackend.clusters_directory = str(tmp_path / "clusters")
    config.GatehouseLocalBackend.run_as = run_as
    config.Backend.api_url = "http://127.0.0.1:1/api"
    return cls(config=config, gateway_address="127.0.0.1:1")


def test_the_recorder_sees_the_stock_defect(tmp_path: Path, chowned: list[str]) -> None:
    """The stock backend would give ``/`` away: the reason for this file, and the proof that it would be seen."""
    backend(tmp_path, "gateway", LocalBackend).setup_working_directory(a_cluster())
    assert "/" in chowned


def test_nothing_changes_its_owner_by_default(tmp_path: Path, chowned: list[str]) -> None:
    """Where everything runs as the gateway there is nothing to give away."""
    backend(tmp_path, "gateway").setup_working_directory(a_cluster())
    assert chowned == []


def test_an_owner_gets_their_clusters_directory_and_nothing_else(tmp_path: Path, chowned: list[str]) -> None:
    """Directory, certificate and key change hands; ``/`` and everything outside does not."""
    workdir = Path(backend(tmp_path, "owner").setup_working_directory(a_cluster()))
    expected = {workdir, workdir / ".certs", workdir / ".certs/dask.crt", workdir / ".certs/dask.pem"}
    assert {Path(path) for path in chowned} == expected


def test_a_clusters_directory_is_private(tmp_path: Path) -> None:
    """Nobody else reads a cluster's key."""
    workdir = Path(backend(tmp_path, "gateway").setup_working_directory(a_cluster()))
    assert workdir.stat().st_mode & 0o777 == 0o700
    assert (workdir / ".certs/dask.pem").stat().st_mode & 0o777 == 0o600


def test_logs_are_outside_of_the_clusters_directory(tmp_path: Path) -> None:
    """Logs outlive the directory, which goes with its cluster."""
    ours = backend(tmp_path, "gateway")
    workdir = ours.setup_working_directory(a_cluster())
    assert ours.get_logs_directory(workdir) == str(tmp_path / "logs" / ("c" * 32))
    assert Path(ours.get_logs_directory(workdir)).is_dir()


def test_the_environment_holds_what_dask_needs_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster gets a home and scratch space of its own, and none of the gateway's secrets."""
    monkeypatch.setenv("DASK_GATEWAY_ENCRYPT_KEYS", "secret")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    ours, cluster = backend(tmp_path, "gateway"), a_cluster()
    cluster.state = {"workdir": str(tmp_path / "clusters/x")}
    env = ours.get_env(cluster)
    assert Path(env["HOME"]).is_dir()
    assert env["DASK_TEMPORARY_DIRECTORY"] == str(tmp_path / "clusters/x/scratch")
    assert "secret" not in env.values()
    assert env["PYTHONUNBUFFERED"] == "1"  # what a task prints is in the log at once


@pytest.mark.parametrize("name", ["..", ".", "../root", "a/b", "/etc"])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    """A person whose name looks like a path is not at home elsewhere."""
    (tmp_path / "homes").mkdir()
    (tmp_path / "root").mkdir()
    assert str(home_of(name, f"{tmp_path}/homes/{{username}}", "gateway")).startswith(str(tmp_path)) is False


def test_a_worker_is_at_home_where_the_notebook_is(tmp_path: Path) -> None:
    """The template leads to the person's notebook directory, where it exists."""
    (tmp_path / "alice").mkdir()
    assert home_of("alice", f"{tmp_path}/{{username}}", "gateway") == str(tmp_path / "alice")
    assert home_of("bob", f"{tmp_path}/{{username}}", "gateway") != str(tmp_path / "bob")
