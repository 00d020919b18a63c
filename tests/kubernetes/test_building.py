"""What keeps Kubernetes from being built is told in one sentence."""

import os
from pathlib import Path

import pytest

from tests.kubernetes.building import CannotBuild, built


@pytest.mark.parametrize(
    ("go", "told"),
    [
        pytest.param(None, r"`go` was not found: install Go 1\.24 or newer, or let KUBECONFIG name", id="no go"),
        pytest.param("echo go1.19.8", r"this machine's is go1\.19\.8: install Go 1\.24 or newer", id="old go"),
        pytest.param(
            'if [ "$1" = env ]; then echo go1.26.1; else echo "dial tcp: no route" >&2; exit 1; fi',
            r"go build k8s\.io/kubernetes/cmd/kubectl failed with 'dial tcp: no route': look into .*/kubectl\.log",
            id="no modules",
        ),
    ],
)
def test_cannot_build(go: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Go, with an old one, or without modules, one sentence says what to do, and nothing is kept as built."""
    if go is not None:
        (tmp_path / "go").write_text(f"#!/bin/sh\n{go}\n", encoding="utf-8")
        (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) if go is None else f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(CannotBuild, match=told):
        built(["kubectl"])

    assert not list(tmp_path.glob("cache/gatehouse/*/kubectl"))
