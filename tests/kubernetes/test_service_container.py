"""The service as its Deployment starts it: these arguments, this environment, these probes, beside a real hub."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import yaml

from tests.kubernetes.installing import VALUES
from tests.service.waiting import until
from tests.support.hub import running_hub
from tests.support.ports import free_port
from tests.support.postgres import Postgres


def test_the_container_starts_and_its_probes_answer(postgres: Postgres, tmp_path: Path) -> None:
    """With what the manifest gives it the service starts on PostgreSQL, and readiness and liveness find it well."""
    deployment = next(yaml.safe_load_all((VALUES / "manifests" / "service.yaml").read_text(encoding="utf-8")))
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    port = free_port()
    (tmp_path / "cookie").write_bytes(b"0" * 32)
    with running_hub(tmp_path) as hub:
        known = {
            "GATEHOUSE_DATABASE_URL": postgres.new(),
            "JUPYTERHUB_API_TOKEN": hub.tokens["gatehouse"],
            "JUPYTERHUB_API_URL": hub.api_url,
            "POD_NAMESPACE": "gatehouse",
        }
        environment = {entry["name"]: entry.get("value", "") for entry in container["env"]} | known
        assert set(known) <= {entry["name"] for entry in container["env"]}
        here = {
            "0.0.0.0": "127.0.0.1",
            "8010": str(port),
            "/etc/gatehouse/policy": str(VALUES / "manifests"),
            "/etc/gatehouse/cookie/secret": str(tmp_path / "cookie"),
            "$(POD_NAMESPACE)": "gatehouse",
        }
        words = container["args"]
        for there, instead in here.items():
            words = [word.replace(there, instead) for word in words]
        log = tmp_path / "service.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "hub_ext.cli.main", "service", *words],
                cwd=tmp_path,
                env={"KUBERNETES_SERVICE_HOST": "10.0.0.1", **_kept(), **environment},
                stdout=sink,
                stderr=sink,
            )
        try:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                path = container[probe]["httpGet"]["path"]
                until(lambda path=path: _status(port, path) == 200 or process.poll() is not None, 60)  # type: ignore[misc]
                assert process.poll() is None, log.read_text()[-2000:]
            assert _status(port, "/services/gatehouse/metrics") in {401, 403}
        finally:
            process.terminate()
            assert process.wait(30) == 0


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}


def _status(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except (URLError, OSError):
        return 0
