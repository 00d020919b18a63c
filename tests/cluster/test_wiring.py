"""One call configures a gateway; its secrets are files of their owner."""

import base64
from pathlib import Path

import pytest
from dask_gateway_server.backends.db_base import DBBackendBase
from traitlets.config import Config

from hub_ext.wiring.gateway import KEYS, configure_gateway, encryption_keys


def configured(tmp_path: Path) -> Config:
    """Return the configuration for a gateway below ``tmp_path``."""
    c = Config()
    configure_gateway(
        c,
        public_address="127.0.0.1:1001",
        private_address="127.0.0.1:1002",
        proxy_tcp_address="127.0.0.1:1003",
        hub_api_url="http://127.0.0.1:1004/hub/api",
        service_url="http://127.0.0.1:1005/services/gatehouse/",
        token="t",
        data_dir=tmp_path / "gateway",
    )
    return c


def test_the_key_is_made_once_and_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of 32 bytes is made with mode 600 and is the same at the next start."""
    monkeypatch.delenv(KEYS, raising=False)
    first = encryption_keys(tmp_path / "key")
    assert encryption_keys(tmp_path / "key") == first
    assert len(base64.urlsafe_b64decode(first[0])) == 32
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_keys_of_the_environment_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several keys may be told while one is replaced; then no file is made."""
    monkeypatch.setenv(KEYS, "new; old")
    assert encryption_keys(tmp_path / "key") == ["new", "old"]
    assert not (tmp_path / "key").exists()


def test_clusters_outlive_the_gateway(tmp_path: Path) -> None:
    """State is in a file and a stop of the gateway stops no cluster."""
    c = configured(tmp_path)
    backend = DBBackendBase(config=c, gateway_address="127.0.0.1:1002")
    assert backend.db_url == f"sqlite:///{tmp_path}/gateway/gateway.sqlite"
    assert backend.stop_clusters_on_shutdown is False
    assert len(backend.db_encrypt_keys) == 1


def test_a_grant_follows_within_five_seconds(tmp_path: Path) -> None:
    """Schedulers report every five seconds, and a silence of some beats is forgiven."""
    backend = DBBackendBase(config=configured(tmp_path), gateway_address="127.0.0.1:1002")
    assert backend.cluster_heartbeat_period == 5
    assert backend.cluster_heartbeat_timeout >= 4 * backend.cluster_heartbeat_period


def test_the_directory_is_private(tmp_path: Path) -> None:
    """Only the gateway's account reads its database, key and logs."""
    configured(tmp_path)
    assert (tmp_path / "gateway").stat().st_mode & 0o777 == 0o700
